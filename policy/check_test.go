package policy_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

// checkMarked demands that Check finds just one problem, at the mark § in the
// text, or none if there is no mark.
func checkMarked(t *testing.T, text string, use policy.Use, want string) {
	t.Helper()
	before, after, marked := strings.Cut(text, "§")
	if marked {
		line := before[strings.LastIndex(before, "\n")+1:]
		want = fmt.Sprintf("%d:%d: %s", strings.Count(before, "\n")+1, utf8.RuneCountInString(line)+1, want)
	}
	if diff := cmp.Diff(want, parse(t, before+after).Check(use).Error()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCheckIdentity(t *testing.T) {
	t.Parallel()
	const allow = `'Effect':'Allow','Action':'ssm:SendCommand'`
	tests := map[string]struct{ text, want string }{
		"fine":                         {one(`'Resource':'*','Sid':'Abc1'`), ``},
		"fine with every element":      {`{'Version':'2012-10-17','Statement':{'Effect':'Deny','NotAction':['*','s3:Get*'],'NotResource':['arn:aws:s3:::b/${aws:username}/é','*'],'Condition':{'ForAllValues:StringEquals':{'aws:TagKeys':['a','']}}}}`, ``},
		"Version missing":              {`§{'Statement':[{` + allow + `,'Resource':'*'}]}`, `Version: Version is missing, so IAM takes 2008-10-17, in which ${...} is plain text; write 2012-10-17`},
		"Id":                           {`{'Version':'2012-10-17','Id':§'x','Statement':[{` + allow + `,'Resource':'*'}]}`, `Id: Id is only for policies of resources; remove it`},
		"Principal":                    {one(`'Resource':'*','Principal':§{'AWS':'*'}`), `Statement[0].Principal: Principal has no place here: it speaks of whoever has the policy; who may assume a role is for its trust policy; remove it`},
		"NotPrincipal":                 {one(`'Resource':'*','NotPrincipal':§{'AWS':'*'}`), `Statement[0].NotPrincipal: NotPrincipal has no place here: it speaks of whoever has the policy; use a condition on aws:PrincipalArn; remove it`},
		"no Resource":                  {`{'Version':'2012-10-17','Statement':[§{` + allow + `}]}`, `Statement[0]: Resource is missing; say on what, or write "*"`},
		"Sid syntax":                   {one(`'Resource':'*','Sid':§'Run command'`), `Statement[0].Sid: a Sid has only letters A to Z and digits, unlike "Run command"; leave out all others`},
		"Sid twice":                    {two(`'Resource':'*','Sid':'A'`, `'Resource':'*','Sid':§'A'`), `Statement[1].Sid: two statements have the Sid "A"; rename or remove one of them`},
		"no action":                    {`{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':§[],'Resource':'*'}}`, `Statement.Action: the list is empty; name an action`},
		"empty action":                 {`{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':§'','Resource':'*'}}`, `Statement.Action: an action is empty; name one, such as ssm:SendCommand`},
		"blank in an action":           {`{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':['a:b',§'ssm: ListCommands '],'Resource':'*'}}`, `Statement.Action[1]: "ssm: ListCommands " holds white space, so it matches no action; write ssm:ListCommands`},
		"action without service":       {`{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':§'SendCommand','Resource':'*'}}`, `Statement.Action: "SendCommand" is not an action; write service:Action, such as ssm:SendCommand; wildcards only after the colon`},
		"wildcard in the service":      {`{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':§'ss*:Get','Resource':'*'}}`, `Statement.Action: "ss*:Get" is not an action; write service:Action, such as ssm:SendCommand; wildcards only after the colon`},
		"two actions in one":           {`{'Version':'2012-10-17','Statement':{'Effect':'Allow','NotAction':§'a:b,a:c','Resource':'*'}}`, `Statement.NotAction: "a:b,a:c" is not an action; write service:Action, such as ssm:SendCommand; wildcards only after the colon`},
		"no resource":                  {one(`'Resource':§[]`), `Statement[0].Resource: the list is empty; say on what, or write "*"`},
		"empty resource":               {one(`'Resource':['*',§'']`), `Statement[0].Resource[1]: a resource is empty; write its ARN, or "*"`},
		"resource that is no ARN":      {one(`'Resource':§'my-document'`), `Statement[0].Resource: "my-document" is not an ARN: it wants arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; write all six parts, or "*" alone`},
		"resource of too few parts":    {one(`'NotResource':§'arn:aws:ssm:*'`), `Statement[0].NotResource: "arn:aws:ssm:*" is not an ARN: it wants arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; write all six parts, or "*" alone`},
		"resource ends in a blank":     {one(`'Resource':§'arn:aws:s3:::b '`), `Statement[0].Resource: "arn:aws:s3:::b " begins or ends in white space; write arn:aws:s3:::b`},
		"resource names nothing":       {one(`'Resource':§'arn:aws:ssm:us-east-1:111122223333:document/'`), `Statement[0].Resource: "arn:aws:ssm:us-east-1:111122223333:document/" names nothing: ARNs of Systems Manager have a region and end in a name; write both, or * for all`},
		"letter IAM cannot take":       {one(`'Resource':'*','Condition':{'StringEquals':{'aws:ResourceTag/Team':['x',§'開発']}}`), `Statement[0].Condition.StringEquals["aws:ResourceTag/Team"][1]: "開発" holds '開', and IAM takes no character beyond U+00FF in a policy; leave it out, or match it by a wildcard where the element takes one`},
		"control character":            {one(`'Resource':§'arn:aws:s3:::b\u0000'`), `Statement[0].Resource: "arn:aws:s3:::b\x00" holds '\x00', and IAM takes no character beyond U+00FF in a policy; leave it out, or match it by a wildcard where the element takes one`},
		"unknown operator":             {one(`'Resource':'*','Condition':{'StringMatches':§{'a:b':'c'}}`), `Statement[0].Condition.StringMatches: IAM has no condition operator "StringMatches"; write one such as StringEquals, StringLike, ArnLike or Bool`},
		"operator of an odd set":       {one(`'Resource':'*','Condition':{'ForEveryValue:StringLike':§{'a:b':'c'}}`), `Statement[0].Condition["ForEveryValue:StringLike"]: IAM has no condition operator "ForEveryValue:StringLike"; write one such as StringEquals, StringLike, ArnLike or Bool`},
		"Null has no IfExists":         {one(`'Resource':'*','Condition':{'NullIfExists':§{'a:b':'c'}}`), `Statement[0].Condition.NullIfExists: IAM has no condition operator "NullIfExists"; write one such as StringEquals, StringLike, ArnLike or Bool`},
		"operator of two sets":         {one(`'Resource':'*','Condition':{'ForAllValues:ForAnyValue:StringLike':§{'a:b':'c'}}`), `Statement[0].Condition["ForAllValues:ForAnyValue:StringLike"]: IAM has no condition operator "ForAllValues:ForAnyValue:StringLike"; write one such as StringEquals, StringLike, ArnLike or Bool`},
		"operator in other case":       {one(`'Resource':'*','Condition':{'bool':{'secure':§true}}`), `Statement[0].Condition.bool.secure: "secure" is not a condition key; write service:key, such as aws:SourceAccount`},
		"first letter IAM cannot take": {one(`'Resource':§'arn:aws:s3:::Ā'`), `Statement[0].Resource: "arn:aws:s3:::Ā" holds 'Ā', and IAM takes no character beyond U+00FF in a policy; leave it out, or match it by a wildcard where the element takes one`},
		"resource of nothing":          {one(`'Resource':§'arn:aws:ssm:us-east-1:111122223333:'`), `Statement[0].Resource: "arn:aws:ssm:us-east-1:111122223333:" names nothing: ARNs of Systems Manager have a region and end in a name; write both, or * for all`},
		"condition key":                {one(`'Resource':'*','Condition':{'Bool':{'MultiFactorAuthPresent':§true}}`), `Statement[0].Condition.Bool.MultiFactorAuthPresent: "MultiFactorAuthPresent" is not a condition key; write service:key, such as aws:SourceAccount`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkMarked(t, test.text, policy.ForIdentity, test.want)
		})
	}
}

func TestCheckTrust(t *testing.T) {
	t.Parallel()
	trust := func(rest string) string {
		return `{'Version':'2012-10-17','Statement':[{'Effect':'Allow',` + rest + `}]}`
	}
	by := func(principal string) string { return trust(`'Action':'sts:AssumeRole','Principal':` + principal) }
	const (
		aws       = `write an account id of 12 digits, the ARN of a user or a role, or "*"`
		service   = `write its full name, such as ec2.amazonaws.com or ssm.amazonaws.com`
		federated = `write the ARN of a SAML or OIDC provider in IAM`
	)
	tests := map[string]struct{ text, want string }{
		"fine": {by(`{'AWS':['*','111122223333','arn:aws-cn:iam::111122223333:root','arn:aws:iam::111122223333:user/a/b@c','arn:aws:sts::111122223333:assumed-role/r/s'],
			'Service':['ec2.amazonaws.com','ec2.amazonaws.com.cn'],'Federated':['arn:aws:iam::111122223333:saml-provider/p','arn:aws:iam::111122223333:oidc-provider/h/p','accounts.google.com']}`), ``},
		"fine with other actions":  {trust(`'Action':['sts:AssumeRole','STS:TagSession'],'Principal':{'Service':'ec2.amazonaws.com'},'Sid':''`), ``},
		"nobody":                   {`{'Version':'2012-10-17','Statement':[§{'Effect':'Allow','Action':'sts:AssumeRole'}]}`, `Statement[0]: Principal is missing: the statement trusts nobody; name who may assume the role, such as {"Service": "ec2.amazonaws.com"}`},
		"Resource":                 {trust(`'Action':'sts:AssumeRole','Principal':{'AWS':'*'},'Resource':§'*'`), `Statement[0].Resource: Resource has no place here: a trust policy speaks of the role that has it; remove it`},
		"another action":           {trust(`'Action':['sts:AssumeRole',§'ssm:*'],'Principal':{'AWS':'*'}`), `Statement[0].Action[1]: a trust policy cannot speak of ssm:*: only of assuming the role; write sts:AssumeRole or one of its relatives`},
		"anyone":                   {by(`§'*'`), `Statement[0].Principal: IAM takes no Principal "*" in a trust policy; write {"AWS": "*"} if everybody in AWS is meant, with a condition that says who`},
		"no principals":            {by(`§{}`), `Statement[0].Principal: the list of principals is empty; name one, such as {"Service": "ec2.amazonaws.com"}`},
		"empty list":               {by(`§{'AWS':[]}`), `Statement[0].Principal: the list of principals is empty; name one, such as {"Service": "ec2.amazonaws.com"}`},
		"deleted role":             {by(`{'AWS':§'AROAEXAMPLEEXAMPLEEXA'}`), `Statement[0].Principal.AWS: "AROAEXAMPLEEXAMPLEEXA" is what is left of a user or role that was deleted; a new one of the same name is another; ` + aws},
		"wildcard in an ARN":       {by(`{'AWS':§'arn:aws:iam::111122223333:user/*'}`), `Statement[0].Principal.AWS: "arn:aws:iam::111122223333:user/*" holds a wildcard, which no principal may; ` + aws},
		"group":                    {by(`{'AWS':§'arn:aws:iam::111122223333:group/g'}`), `Statement[0].Principal.AWS: "arn:aws:iam::111122223333:group/g" is no principal; ` + aws},
		"account of eleven digits": {by(`{'AWS':[§'11112222333']}`), `Statement[0].Principal.AWS[0]: "11112222333" is no principal; ` + aws},
		"empty principal":          {by(`{'AWS':§''}`), `Statement[0].Principal.AWS: a principal is empty; ` + aws},
		"short service":            {by(`{'Service':§'ec2'}`), `Statement[0].Principal.Service: "ec2" is not a service; ` + service},
		"federated":                {by(`{'Federated':§'https://example.com'}`), `Statement[0].Principal.Federated: "https://example.com" is no identity provider; ` + federated},
		"canonical user":           {by(`{'CanonicalUser':§'79a5'}`), `Statement[0].Principal.CanonicalUser: "79a5" is a name that only S3 knows; write the account's id under AWS`},
		"NotPrincipal":             {trust(`'Action':'sts:AssumeRole','NotPrincipal':{'Service':§'ec2'}`), `Statement[0].NotPrincipal.Service: "ec2" is not a service; ` + service},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkMarked(t, test.text, policy.ForTrust, test.want)
		})
	}
}

// The guide's own documents: a policy in which blanks and empty ARNs grant
// nothing, and a trust policy without the names of the services.
func TestCheckGuide(t *testing.T) {
	t.Parallel()
	for file, test := range map[string]struct {
		use  policy.Use
		want []string
	}{
		"guide.json": {policy.ForIdentity, []string{
			`46:9: Statement[4].Resource[0]: "arn:aws:ssm:::automation-definition/" names nothing: ARNs of Systems Manager have a region and end in a name; write both, or * for all`,
			`50:17: Statement[5].Action: "ssm:DescribeAutomationExecutions " holds white space, so it matches no action; write ssm:DescribeAutomationExecutions`,
			`63:9: Statement[6].Resource[0]: "arn:aws:ssm:::automation-execution/" names nothing: ARNs of Systems Manager have a region and end in a name; write both, or * for all`,
		}},
		"guide_trust.json": {policy.ForTrust, []string{
			`9:11: Statement[0].Principal.Service[0]: a principal is empty; write its full name, such as ec2.amazonaws.com or ssm.amazonaws.com`,
			`10:11: Statement[0].Principal.Service[1]: a principal is empty; write its full name, such as ec2.amazonaws.com or ssm.amazonaws.com`,
		}},
	} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := policy.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, strings.Split(d.Check(test.use).Error(), "\n")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", file, diff)
		}
	}
}

// A document that was not parsed has no positions, and can lack what Parse asks for.
func TestCheckBuilt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		d    policy.Document
		want string
	}{
		"fine":          {policy.New(policy.Allow("a:b").On("*")), ``},
		"no statement":  {policy.New(), `Statement: there is no statement; add one, or remove the policy`},
		"zero":          {policy.Document{}, "Version: Version is missing, so IAM takes 2008-10-17, in which ${...} is plain text; write 2012-10-17\nStatement: there is no statement; add one, or remove the policy"},
		"two operators": {policy.New(policy.Allow("a:b").On("*").If("X", "a:k", "").If("Y", "a:k", "")), "Statement[0].Condition.X: IAM has no condition operator \"X\"; write one such as StringEquals, StringLike, ArnLike or Bool\nStatement[0].Condition.Y: IAM has no condition operator \"Y\"; write one such as StringEquals, StringLike, ArnLike or Bool"},
		"action":        {policy.New(policy.Allow("a").On("*")), `Statement[0].Action[0]: "a" is not an action; write service:Action, such as ssm:SendCommand; wildcards only after the colon`},
	} {
		if diff := cmp.Diff(test.want, test.d.Check(policy.ForIdentity).Error()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
