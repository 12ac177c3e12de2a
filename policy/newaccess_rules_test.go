package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

const (
	included  = policy.Included
	widened   = policy.Widened
	undecided = policy.Undecided
)

// rule is a pair of documents: of statements in JSON, with single quotes.
type rule struct {
	candidate, reference string
	want                 policy.InclusionVerdict
}

func (r rule) check(t *testing.T) {
	t.Helper()
	document := func(statements string) policy.Policies {
		version := policy.Version2012
		if old, ok := strings.CutPrefix(statements, "old "); ok {
			version, statements = policy.Version2008, old
		}
		return identity(parse(t, `{'Version':'`+version+`','Statement':[`+statements+`]}`))
	}
	got := checkInclusion(t, document(r.candidate), document(r.reference), r.want)
	if t.Failed() {
		t.Logf("candidate %s\nreference %s\n%v %+v", r.candidate, r.reference, got, got.Witness)
	}
}

func allow(more string) string { return `{'Effect':'Allow','Action':'ssm:SendCommand',` + more + `}` }

func deny(more string) string { return `{'Effect':'Deny','Action':'ssm:SendCommand',` + more + `}` }

func when(condition string) string {
	return allow(`'Resource':'*','Condition':{` + condition + `}`)
}

func unless(condition string) string {
	return deny(`'Resource':'*','Condition':{` + condition + `}`)
}
func on(resources string) string { return allow(`'Resource':[` + resources + `]`) }

const all = `{'Effect':'Allow','Action':'*','Resource':'*'}`

func TestNewAccessActions(t *testing.T) {
	t.Parallel()
	actions := func(s string) string { return `{'Effect':'Allow','Action':[` + s + `],'Resource':'*'}` }
	notActions := func(s string) string { return `{'Effect':'Allow','NotAction':[` + s + `],'Resource':'*'}` }
	for name, test := range map[string]rule{
		"case":                                 {actions(`'SSM:sendcommand'`), actions(`'ssm:SendCommand'`), included},
		"wildcard over all that is documented": {actions(`'ssm:SendC*'`), actions(`'ssm:SendCommand'`), included},
		"one that is not documented":           {actions(`'ssm:SendCommands'`), actions(`'ssm:SendCommand'`), widened},
		"pattern of none that is documented":   {actions(`'ssm:Zzz*'`), actions(`'ssm:SendCommand'`), widened},
		"its subset":                           {actions(`'ssm:Zzz*y'`), actions(`'ssm:Zzz*'`), included},
		"its superset":                         {actions(`'ssm:Zzz*'`), actions(`'ssm:Zzz*y'`), widened},
		"service that is not documented":       {actions(`'foo:Get*'`), actions(`'foo:*'`), included},
		"patterns that overlap":                {actions(`'foo:Get*'`), actions(`'foo:*t*'`), included},
		"their overlap alone":                  {actions(`'foo:Get*'`), actions(`'foo:*Item'`), widened},
		"question mark":                        {actions(`'foo:A?'`), actions(`'foo:A*'`), included},
		"star is more than question mark":      {actions(`'foo:A*'`), actions(`'foo:A?'`), widened},
		"white space":                          {actions(`'ssm:SendCommand '`), actions(`'ssm:GetDocument'`), included},
		"NotAction":                            {notActions(`'iam:*'`), notActions(`'iam:PassRole'`), included},
		"less NotAction":                       {notActions(`'iam:PassRole'`), notActions(`'iam:*'`), widened},
		"NotAction with an invalid action":     {all, notActions(`'iam'`), included},
		"all but all":                          {all, notActions(`'*'`), widened},
		"all services":                         {all, actions(`'ssm:*'`), widened},
		"what nobody can be denied":            {actions(`'sts:GetCallerIdentity'`), actions(`'ssm:SendCommand'`), included},
		"allow all, deny some":                 {all + `,{'Effect':'Deny','Action':'ssm:*','Resource':'*'}`, notActions(`'ssm:*'`), included},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}

func TestNewAccessResources(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]rule{
		"equal":                              {on(`'arn:aws:s3:::a/*'`), on(`'arn:aws:s3:::a/*'`), included},
		"list in pattern":                    {on(`'arn:aws:s3:::a/b','arn:aws:s3:::a/c'`), on(`'arn:aws:s3:::a/*'`), included},
		"star in two halves":                 {on(`'arn:aws:s3:::*'`), on(`'arn:aws:s3:::a*','arn:aws:s3:::b*'`), widened},
		"the empty text":                     {on(`'arn:aws:s3:::*'`), on(`'arn:aws:s3:::?*'`), widened},
		"field does not match a colon":       {on(`'arn:aws:ssm:*:document/a'`), on(`'arn:aws:ssm:*:*:document/a'`), widened},
		"sixth field does":                   {on(`'arn:aws:s3:::a:b'`), on(`'arn:aws:s3:::*'`), included},
		"fewer fields":                       {on(`'arn:aws:s3:::a'`), on(`'arn:aws:s3'`), included},
		"fewer fields are all":               {on(`'arn:aws:s3'`), on(`'arn:aws:s3:*'`), included},
		"no ARN":                             {on(`'bucket'`), on(`'arn:aws:s3:::x'`), included},
		"star is also no resource":           {on(`'*'`), on(`'arn:*:*:*:*:*'`), widened},
		"many stars are one":                 {on(`'*'`), on(`'***'`), included},
		"all but all":                        {allow(`'NotResource':'*'`), on(`'arn:aws:s3:::x'`), included},
		"NotResource":                        {allow(`'NotResource':'arn:aws:s3:::a*'`), allow(`'NotResource':'arn:aws:s3:::ab'`), included},
		"less NotResource":                   {allow(`'NotResource':'arn:aws:s3:::ab'`), allow(`'NotResource':'arn:aws:s3:::a*'`), widened},
		"NotResource is also no resource":    {allow(`'NotResource':'arn:aws:s3:::a*'`), on(`'arn:*:*:*:*:*'`), widened},
		"case counts":                        {on(`'arn:aws:s3:::A'`), on(`'arn:aws:s3:::a'`), widened},
		"deny cuts out":                      {on(`'*'`) + `,` + deny(`'NotResource':'arn:aws:s3:::a*'`), on(`'arn:aws:s3:::a*'`), included},
		"deny of one leaves the others":      {on(`'arn:aws:s3:::a*'`), on(`'arn:aws:s3:::a*'`) + `,` + deny(`'Resource':'arn:aws:s3:::ab'`), widened},
		"wildcard in the resource type":      {on(`'arn:aws:ec2:us-east-1:*:inst*/i-1'`), on(`'arn:aws:ec2:us-east-1:*:x'`), widened},
		"that is a plain character":          {on(`'arn:aws:ec2:us-east-1:*:instance/i-1'`), on(`'arn:aws:ec2:us-east-1:*:inst*/i-1'`), widened},
		"stars that cover each other's gaps": {on(`'arn:aws:s3:::*a*b*'`), on(`'arn:aws:s3:::*a*','arn:aws:s3:::*b*'`), included},
		"stars in another order":             {on(`'arn:aws:s3:::*a*','arn:aws:s3:::*b*'`), on(`'arn:aws:s3:::*a*b*'`), widened},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}

func TestNewAccessConditions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]rule{
		"key not there is unlike":      {when(`'StringNotEquals':{'a:k':'x'}`), when(`'StringLike':{'a:k':'*'}`), widened},
		"key there":                    {when(`'StringNotEquals':{'a:k':'x'},'Null':{'a:k':'false'}`), when(`'StringLike':{'a:k':'*'}`), included},
		"IfExists":                     {when(`'StringEqualsIfExists':{'a:k':'x'}`), when(`'StringEquals':{'a:k':'x'}`), widened},
		"IfExists in two":              {when(`'StringEqualsIfExists':{'a:k':'x'}`), when(`'StringEquals':{'a:k':'x'}`) + `,` + when(`'Null':{'a:k':'true'}`), included},
		"case of a key":                {when(`'StringEquals':{'aws:ResourceTag/Env':'x'}`), when(`'StringEquals':{'AWS:resourcetag/env':'x'}`), included},
		"case of a value":              {when(`'StringEquals':{'a:k':'X'}`), when(`'StringEqualsIgnoreCase':{'a:k':'x'}`), included},
		"ignored case is more":         {when(`'StringEqualsIgnoreCase':{'a:k':'x'}`), when(`'StringEquals':{'a:k':['x','X']}`), included},
		"of one letter":                {when(`'StringEqualsIgnoreCase':{'a:k':'xy'}`), when(`'StringEquals':{'a:k':['xy','XY']}`), widened},
		"equals takes no wildcard":     {when(`'StringEquals':{'a:k':'x*'}`), when(`'StringEquals':{'a:k':'xy'}`), widened},
		"like takes it":                {when(`'StringEquals':{'a:k':'x*'}`), when(`'StringLike':{'a:k':'x*'}`), included},
		"no value":                     {when(`'StringEquals':{'a:k':[]}`), unless(`'Bool':{'a:k':'x'}`), included},
		"unknown operator":             {when(`'StringIs':{'a:k':'x'}`), unless(`'Bool':{'a:k':'x'}`), included},
		"Null either way":              {when(`'Null':{'a:k':['true','false']}`), on(`'*'`), included},
		"Null of no value":             {when(`'Null':{'a:k':'maybe'}`), unless(`'Bool':{'a:k':'x'}`), included},
		"two keys are apart":           {when(`'StringEquals':{'a:k':'x'}`), when(`'StringEquals':{'a:j':'x'}`), widened},
		"more keys":                    {when(`'StringEquals':{'a:k':'x','a:j':'y'}`), when(`'StringEquals':{'a:k':'x'}`), included},
		"deny of the contrary":         {on(`'*'`) + `,` + unless(`'StringNotEquals':{'a:k':'x'}`), when(`'StringEquals':{'a:k':'x'}`), included},
		"deny that misses the absent":  {on(`'*'`) + `,` + unless(`'StringNotEqualsIfExists':{'a:k':'x'},'Null':{'a:k':'false'}`), when(`'StringEquals':{'a:k':'x'}`), widened},
		"MFA by Bool":                  {on(`'*'`) + `,` + unless(`'Bool':{'aws:MultiFactorAuthPresent':'false'}`), when(`'Bool':{'aws:MultiFactorAuthPresent':'true'}`), widened},
		"MFA by BoolIfExists":          {on(`'*'`) + `,` + unless(`'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}`), when(`'Bool':{'aws:MultiFactorAuthPresent':'true'}`), widened},
		"Bool has a third":             {when(`'Null':{'a:k':'false'}`), when(`'Bool':{'a:k':['true','false']}`), widened},
		"Bool in any case":             {when(`'Bool':{'a:k':'TRUE'}`), when(`'Bool':{'a:k':'true'}`), included},
		"numbers":                      {when(`'NumericLessThan':{'a:k':5}`), when(`'NumericLessThanEquals':{'a:k':'5.0'}`), included},
		"numbers, the edge":            {when(`'NumericLessThanEquals':{'a:k':5}`), when(`'NumericLessThan':{'a:k':5}`), widened},
		"numbers have no next":         {when(`'NumericGreaterThan':{'a:k':1},'NumericLessThan':{'a:k':2}`), when(`'NumericEquals':{'a:k':1.5}`), widened},
		"numbers, all cases":           {when(`'NumericNotEquals':{'a:k':5},'Null':{'a:k':'false'}`), when(`'NumericLessThan':{'a:k':5}`) + `,` + when(`'NumericGreaterThan':{'a:k':5}`), included},
		"no number":                    {when(`'Null':{'a:k':'false'}`), when(`'NumericLessThan':{'a:k':5}`) + `,` + when(`'NumericGreaterThanEquals':{'a:k':5}`), widened},
		"spelling of a number":         {when(`'NumericEquals':{'a:k':5}`), when(`'StringEquals':{'a:k':'5'}`), widened},
		"number as text":               {when(`'StringEquals':{'a:k':'5.00'}`), when(`'NumericEquals':{'a:k':'5'}`), included},
		"text and number":              {when(`'StringLike':{'a:k':'7*'}`), when(`'NumericLessThan':{'a:k':'5'}`), widened},
		"dates":                        {when(`'DateLessThan':{'aws:CurrentTime':'2026-01-01T00:00:00Z'}`), when(`'DateLessThan':{'aws:CurrentTime':'2026-01-01T01:00:00+01:00'}`), included},
		"dates, a second":              {when(`'DateLessThanEquals':{'aws:CurrentTime':'2026-01-01T00:00:01Z'}`), when(`'DateLessThanEquals':{'aws:CurrentTime':'2026-01-01'}`), widened},
		"dates, between":               {when(`'DateGreaterThan':{'a:k':'2026-01-01'},'DateLessThan':{'a:k':'2026-01-02'}`), when(`'DateEquals':{'a:k':['2026-01-01','2026-01-02']}`), widened},
		"network in network":           {when(`'IpAddress':{'aws:SourceIp':'10.1.0.0/16'}`), when(`'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}`), included},
		"two halves":                   {when(`'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}`), when(`'IpAddress':{'aws:SourceIp':['10.0.0.0/9','10.128.0.0/9']}`), included},
		"one address less":             {when(`'IpAddress':{'aws:SourceIp':'10.0.0.0/30'}`), when(`'IpAddress':{'aws:SourceIp':['10.0.0.0','10.0.0.1','10.0.0.3']}`), widened},
		"IPv6":                         {when(`'IpAddress':{'aws:SourceIp':'2001:db8:1::/48'}`), when(`'IpAddress':{'aws:SourceIp':'2001:db8::/32'}`), included},
		"IPv6 is not in IPv4":          {when(`'NotIpAddress':{'aws:SourceIp':'0.0.0.0/0'},'Null':{'aws:SourceIp':'false'}`), when(`'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}`), widened},
		"outside of a network":         {when(`'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'}`), when(`'NotIpAddress':{'aws:SourceIp':'10.1.0.0/16'}`), included},
		"bytes":                        {when(`'BinaryEquals':{'a:k':'YQ=='}`), when(`'BinaryEquals':{'a:k':['YWI=','YQ==']}`), included},
		"other bytes":                  {when(`'BinaryEquals':{'a:k':'YWI='}`), when(`'BinaryEquals':{'a:k':'YQ=='}`), widened},
		"ARN field by field":           {when(`'ArnLike':{'a:k':'arn:aws:iam::1:role/x'}`), when(`'ArnLike':{'a:k':'arn:aws:iam::*:role/*'}`), included},
		"ARN as text":                  {when(`'StringLike':{'a:k':'arn:aws:iam::*:role/x'}`), when(`'ArnLike':{'a:k':'arn:aws:iam::*:role/x'}`), widened},
		"ArnEquals is ArnLike":         {when(`'ArnEquals':{'a:k':'arn:aws:iam::*:role/x'}`), when(`'ArnLike':{'a:k':'arn:aws:iam::*:role/x'}`), included},
		"ArnNotLike":                   {when(`'ArnNotLike':{'a:k':'arn:aws:iam::*:role/*'}`), when(`'ArnNotLike':{'a:k':'arn:aws:iam::*:role/x'}`), included},
		"what is no ARN":               {when(`'StringNotLike':{'a:k':'arn:aws:iam::*:role/*'}`), when(`'ArnNotLike':{'a:k':'arn:aws:iam::*:role/*'}`), widened},
		"neither like nor unlike":      {when(`'StringNotLike':{'a:k':['*e*','*t*','']},'Null':{'a:k':'false'}`) + `,` + unless(`'ArnNotLike':{'a:k':'arn:aws:iam::*:role/*'}`), when(`'ArnLike':{'a:k':'arn:aws:iam::*:role/*'}`), widened},
		"all of them and another":      {when(`'ForAllValues:StringLike':{'aws:TagKeys':'x*'},'ForAnyValue:StringEquals':{'aws:TagKeys':'y'}`), unless(`'Bool':{'a:k':'x'}`), included},
		"ForAllValues without any":     {when(`'ForAllValues:StringEquals':{'aws:TagKeys':'x'}`), when(`'ForAnyValue:StringEquals':{'aws:TagKeys':'x'}`), widened},
		"ForAllValues with some":       {when(`'ForAllValues:StringEquals':{'aws:TagKeys':'x'},'Null':{'aws:TagKeys':'false'}`), when(`'ForAnyValue:StringEquals':{'aws:TagKeys':'x'}`), included},
		"ForAnyValue has others":       {when(`'ForAnyValue:StringEquals':{'aws:TagKeys':'x'}`), when(`'ForAllValues:StringEquals':{'aws:TagKeys':'x'}`), widened},
		"ForAnyValue of fewer":         {when(`'ForAnyValue:StringEquals':{'aws:TagKeys':'x'}`), when(`'ForAnyValue:StringLike':{'aws:TagKeys':['x*','y']}`), included},
		"two of many values":           {when(`'ForAnyValue:StringEquals':{'aws:TagKeys':'x'},'ForAnyValue:StringLike':{'aws:TagKeys':'y'}`), when(`'ForAllValues:StringEquals':{'aws:TagKeys':['x','y']}`), widened},
		"all of them twice":            {when(`'ForAllValues:StringLike':{'aws:TagKeys':'x*'},'ForAllValues:StringNotEquals':{'aws:TagKeys':'xy'}`), when(`'ForAllValues:StringLike':{'aws:TagKeys':'x*'}`), included},
		"a list is no single value":    {when(`'ForAnyValue:StringEquals':{'aws:TagKeys':'x'}`), when(`'StringEquals':{'aws:TagKeys':'x'}`), widened},
		"a single value is no list":    {when(`'ForAnyValue:StringEquals':{'aws:SourceVpce':'x'}`), when(`'StringEquals':{'aws:SourceVpce':'x'}`), included},
		"user has a name":              {when(`'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:user/*'}`), when(`'Null':{'aws:username':'false'}`), included},
		"role has none":                {when(`'StringEquals':{'aws:PrincipalType':'AssumedRole'}`), when(`'Null':{'aws:username':'true'}`), included},
		"user is no role":              {when(`'StringEquals':{'aws:PrincipalType':'User'},'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:role/*'}`), unless(`'Bool':{'a:k':'x'}`), included},
		"everybody has an account":     {on(`'*'`), when(`'StringLike':{'aws:PrincipalAccount':'*'}`), included},
		"of one account":               {when(`'StringNotEquals':{'aws:PrincipalAccount':'111122223333'}`), when(`'StringEquals':{'aws:PrincipalAccount':'111122223333'}`), widened},
		"account of the resource":      {on(`'*'`), when(`'StringEquals':{'aws:ResourceAccount':'111122223333'}`), widened},
		"name and ARN":                 {when(`'ArnEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:user/bob'}`), when(`'StringEquals':{'aws:username':'bob'}`), undecided},
		"text and number that collide": {when(`'StringLike':{'a:k':'*7*3*'},'NumericGreaterThan':{'a:k':1000}`), when(`'NumericEquals':{'a:k':5}`), undecided},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}

func TestNewAccessVariables(t *testing.T) {
	t.Parallel()
	home := func(s string) string { return on(`'arn:aws:s3:::home/` + s + `'`) }
	tag := func(operator, value string) string { return when(`'` + operator + `':{'a:k':'` + value + `'}`) }
	for name, test := range map[string]rule{
		"same on both sides":   {home(`${aws:username}/*`), home(`${aws:username}/*`), included},
		"same in any case":     {home(`${aws:username}/*`), home(`${AWS:UserName}/*`), included},
		"star takes all":       {home(`${aws:username}`), home(`*`), included},
		"star is more":         {home(`*`), home(`${aws:username}`), widened},
		"another variable":     {home(`${aws:username}`), home(`${aws:PrincipalTag/name}`), widened},
		"pinned":               {when(`'StringEquals':{'aws:username':'bob'}`), when(`'StringEquals':{'aws:username':['${aws:username}','x']}`), included},
		"pinned in a resource": {allow(`'Resource':'arn:aws:s3:::home/bob','Condition':{'StringEquals':{'aws:username':'bob'}}`), home(`${aws:username}`), included},
		"pinned to another":    {allow(`'Resource':'arn:aws:s3:::home/eve','Condition':{'StringEquals':{'aws:username':'bob'}}`), home(`${aws:username}`), widened},
		"pinned to one of two": {allow(`'Resource':['arn:aws:s3:::home/bob','arn:aws:s3:::home/eve'],'Condition':{'StringEquals':{'aws:username':['bob','eve']}}`), home(`${aws:username}`), widened},
		"pinned twice": {
			allow("'Resource':['arn:aws:s3:::home/a','arn:aws:s3:::home/b'],'Condition':{'StringEquals':{'a:u':'a','a:v':'b'}}") + "," +
				allow("'Resource':['arn:aws:s3:::home/a','arn:aws:s3:::home/b'],'Condition':{'StringEquals':{'a:u':'c','a:v':'a'}}"),
			home("${a:u}','arn:aws:s3:::home/${a:v}"), widened,
		},
		"two values, the second new":   {allow(`'Resource':'arn:aws:s3:::home/${aws:username}','Condition':{'StringEquals':{'aws:username':['bob','eve']}}`), home(`bob`), widened},
		"two values, both covered":     {allow(`'Resource':'arn:aws:s3:::home/${aws:username}','Condition':{'StringEquals':{'aws:username':['bob','eve']}}`), home(`bob','arn:aws:s3:::home/eve`), included},
		"split in two":                 {on(`'arn:aws:s3:::a/${aws:username}','arn:aws:ssm:::b'`), on(`'arn:aws:s3:::a/${aws:username}'`) + `,` + on(`'arn:aws:ssm:::b'`), included},
		"one of its values, or others": {allow(`'Resource':'arn:aws:s3:::home/${aws:username}','Condition':{'StringLike':{'aws:username':['bob','j*']}}`), home(`bob`), widened},
		"exception that it can be":     {home(`${aws:username}`), home(`*`) + `,` + deny(`'Resource':'arn:aws:s3:::home/admin'`), widened},
		"exception for a path":         {home(`${aws:username}/*`), home(`*`) + `,` + deny(`'Resource':'arn:aws:s3:::home/admin/*'`), widened},
		"nobody has no name":           {home(`${aws:username}`), when(`'Null':{'aws:username':'false'}`), included},
		"default":                      {home(`${a:k, \u0027x\u0027}`), home(`${a:k}','arn:aws:s3:::home/x`), included},
		"default is more":              {home(`${a:k, \u0027x\u0027}`), home(`${a:k}`), widened},
		"substituted text is literal":  {allow(`'Resource':'arn:aws:s3:::home/ab','Condition':{'StringEquals':{'aws:username':'a*'}}`), home(`${aws:username}`), widened},
		"escaped star":                 {home(`${*}`), home(`?`), included},
		"star is not it":               {home(`*`), home(`${*}`), widened},
		"old version knows none":       {`old ` + home(`${aws:username}`), `old ` + home(`${aws:username}`), included},
		"old is not new":               {`old ` + home(`${aws:username}`), home(`${aws:username}`), widened},
		"first fields know none":       {on(`'arn:aws:ssm:us-east-1:${aws:PrincipalAccount}:document/a'`), on(`'arn:aws:ssm:us-east-1:*:document/a'`), widened},
		"not like itself":              {tag(`StringNotEquals`, `${a:j}`), tag(`StringNotEquals`, `${a:j}`), included},
		"not like what is not there":   {tag(`StringNotEquals`, `${a:j}`), when(`'Null':{'a:j':'false'}`), widened},
		"case of the unknown":          {tag(`StringEqualsIgnoreCase`, `${a:j}`), tag(`StringEquals`, `${a:j}`), widened},
		"case does not count":          {tag(`StringEquals`, `${a:j}`), tag(`StringEqualsIgnoreCase`, `${a:j}`), included},
		"ARN of an account":            {tag(`ArnLike`, `arn:aws:iam::${a:j}:role/x`), tag(`ArnLike`, `arn:aws:iam::*:role/x`), included},
		"colons in it":                 {tag(`StringLike`, `arn:aws:iam::${a:j}:role/x`), tag(`ArnLike`, `arn:aws:iam::*:role/x`), undecided},
		"own tag":                      {when(`'StringEquals':{'aws:ResourceTag/team':'${aws:PrincipalTag/team}'}`), when(`'StringLike':{'aws:ResourceTag/team':'*'}`), included},
		"own tag is not any":           {when(`'StringLike':{'aws:ResourceTag/team':'*'}`), when(`'StringEquals':{'aws:ResourceTag/team':'${aws:PrincipalTag/team}'}`), widened},
		"only some":                    {home(`${aws:username}`), home(`jo*`), widened},
		"list is no variable":          {home(`${aws:TagKeys}`), home(`nobody`), widened},
		"longer than anybody's":        {home(`${aws:username}`), home(`?*`), undecided},
		"negated ARN of what is there": {tag(`ArnNotLike`, `arn:aws:iam::${a:j}:role/x`), tag(`ArnNotLike`, `arn:aws:iam::${a:j}:role/x`), included},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}

func TestNewAccessLayers(t *testing.T) {
	t.Parallel()
	documents := func(statements ...string) (d []policy.Document) {
		for _, s := range statements {
			d = append(d, parse(t, `{'Version':'2012-10-17','Statement':[`+s+`]}`))
		}
		return d
	}
	a, b, ab := on(`'arn:aws:s3:::a*'`), on(`'arn:aws:s3:::*b'`), on(`'arn:aws:s3:::a*b'`)
	for name, test := range map[string]struct {
		candidate, reference policy.Policies
		want                 policy.InclusionVerdict
	}{
		"boundary cuts":                  {policy.Policies{Identity: documents(a), Boundary: documents(b)}, identity(documents(b)...), included},
		"both of them":                   {policy.Policies{Identity: documents(all), Boundary: documents(all)}, identity(documents(all)...), included},
		"intersection":                   {policy.Policies{Identity: documents(a), Boundary: documents(b)}, identity(documents(ab)...), included},
		"boundary taken away":            {identity(documents(a)...), policy.Policies{Identity: documents(a), Boundary: documents(b)}, widened},
		"session":                        {policy.Policies{Identity: documents(all), Session: documents(a)}, identity(documents(a)...), included},
		"level of SCPs":                  {policy.Policies{Identity: documents(all), SCPs: [][]policy.Document{documents(all), documents(a)}}, identity(documents(a)...), included},
		"level that allows nothing":      {policy.Policies{Identity: documents(all), SCPs: [][]policy.Document{nil}}, policy.Policies{}, included},
		"SCP of the reference":           {identity(documents(a)...), policy.Policies{Identity: documents(a), SCPs: [][]policy.Document{documents(all), documents(all)}}, included},
		"deny in a boundary":             {policy.Policies{Identity: documents(all), Boundary: documents(all, deny(`'Resource':'*'`))}, identity(documents(all, `{'Effect':'Deny','Action':'ssm:SendCommand','Resource':'*'}`)...), included},
		"deny that only reference has":   {identity(documents(a)...), identity(documents(a, deny(`'Resource':'arn:aws:s3:::ab'`))...), widened},
		"no policy":                      {policy.Policies{}, policy.Policies{}, included},
		"nothing is more than no policy": {identity(documents(a)...), policy.Policies{}, widened},
		"two documents are a union":      {identity(documents(a, b)...), identity(documents(a + `,` + b)...), included},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkInclusion(t, test.candidate, test.reference, test.want)
		})
	}
}

func TestNewAccessUndecided(t *testing.T) {
	t.Parallel()
	trust := policy.New(policy.Allow("sts:AssumeRole"))
	some := policy.New(policy.Allow("ssm:*").On("arn:aws:s3:::*a*b*c*d*"))
	others := policy.New(policy.Allow("ssm:*").On("arn:aws:s3:::*a*c*", "arn:aws:s3:::*b*d*"))
	strange := policy.New(policy.Allow("ssm:*").On("arn:aws:s3:::\U0010F000"))
	for name, test := range map[string]struct {
		candidate, reference policy.Policies
		budget               int
		want                 string
	}{
		"resource policy":  {policy.Policies{Resource: &trust}, policy.Policies{}, 0, "resource policies"},
		"of the reference": {policy.Policies{}, policy.Policies{Resource: &trust}, 0, "resource policies"},
		"budget":           {identity(some), identity(others), 10, "budget"},
		"characters":       {identity(strange), identity(some), 0, "character"},
		"no nodes at all":  {identity(some), identity(some), -1, "budget"},
	} {
		got := policy.NewAccess(test.candidate, test.reference, policy.Budget{Nodes: test.budget})
		if got.Verdict != policy.Undecided || !strings.Contains(got.Reason, test.want) || got.Witness != nil {
			t.Errorf("%s: got %+v, want the reason %q", name, got, test.want)
		}
	}
}

// A witness is for people: actions and resources that there could be.
func TestNewAccessWitness(t *testing.T) {
	t.Parallel()
	user := "arn:aws:iam::111122223333:user/example"
	for name, test := range map[string]struct {
		candidate, reference string
		want                 policy.Request
	}{
		"of the action's type": {on(`'*'`), all + `,` + deny(`'Resource':'arn:aws:ec2:*:*:*'`), policy.Request{
			Principal: user, Action: "ssm:SendCommand", Resource: "arn:aws:ec2:us-east-1:111122223333:instance/example",
		}},
		"action without resources": {`{'Effect':'Allow','Action':'ssm:DescribeInstanceInformation','Resource':'*'}`, on(`'*'`), policy.Request{
			Principal: user, Action: "ssm:DescribeInstanceInformation", Resource: "*",
		}},
		"pattern": {on(`'arn:aws:ec2:us-*:*:instance/i-*'`), on(`'arn:aws:ec2:us-east-1:111122223333:instance/i-0a'`), policy.Request{
			Principal: user, Action: "ssm:SendCommand", Resource: "arn:aws:ec2:us-east-1:111122223333:instance/i-example",
		}},
		"tag": {when(`'StringLike':{'ssm:resourceTag/Env':'dev-*'}`), when(`'StringEquals':{'ssm:resourceTag/Env':'dev-eu'}`), policy.Request{
			Principal: user, Action: "ssm:SendCommand", Resource: "arn:aws:ssm:us-east-1:111122223333:document/example", Context: policy.Context{"ssm:resourceTag/Env": policy.One("dev-example")},
		}},
		"role": {when(`'Null':{'aws:username':'true'}`), when(`'Bool':{'a:k':'x'}`), policy.Request{
			Principal: "arn:aws:iam::111122223333:role/example", Action: "ssm:SendCommand", Resource: "arn:aws:ssm:us-east-1:111122223333:document/example",
		}},
		"user": {when(`'StringLike':{'aws:username':'bob*'}`), when(`'Bool':{'a:k':'x'}`), policy.Request{
			Principal: "arn:aws:iam::111122223333:user/bobexample", Action: "ssm:SendCommand", Resource: "arn:aws:ssm:us-east-1:111122223333:document/example",
		}},
		"its ARN": {when(`'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:role/Admin'}`), when(`'Bool':{'a:k':'x'}`), policy.Request{
			Principal: "arn:aws:iam::111122223333:role/Admin", Action: "ssm:SendCommand", Resource: "arn:aws:ssm:us-east-1:111122223333:document/example",
		}},
		"address": {when(`'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}`), when(`'Bool':{'a:k':'x'}`), policy.Request{
			Principal: user, Action: "ssm:SendCommand", Resource: "arn:aws:ssm:us-east-1:111122223333:document/example", Context: policy.Context{"aws:SourceIp": policy.One("203.0.113.0")},
		}},
		"action by pattern": {`{'Effect':'Allow','Action':'foo:Get*','Resource':'*'}`, on(`'*'`), policy.Request{
			Principal: user, Action: "foo:GetExample", Resource: "arn:aws:foo:us-east-1:111122223333:example",
		}},
		"any action": {all, `{'Effect':'Allow','Action':'ssm:*','Resource':'*'}`, policy.Request{
			Principal: user, Action: "s3:GetObject", Resource: "arn:aws:s3:::example/example",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := func(s string) policy.Policies {
				return identity(parse(t, `{'Version':'2012-10-17','Statement':[`+s+`]}`))
			}
			got := checkInclusion(t, document(test.candidate), document(test.reference), widened)
			if diff := cmp.Diff(&test.want, got.Witness); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
