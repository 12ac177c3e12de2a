package policy_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

func TestTrust(t *testing.T) {
	t.Parallel()
	china := policy.Place{Partition: "aws-cn", Account: "123456789012", Region: "cn-north-1"}
	tests := map[string]struct {
		trust policy.Trust
		at    policy.Place
	}{
		"guide":    {policy.Trust{Services: []string{"ec2", "ssm"}}, here}, // the services that its JSON block has lost
		"services": {policy.Trust{Services: []string{"ssm", "ec2.amazonaws.com.cn", "ec2.amazonaws.com.cn"}}, china},
		"people": {policy.Trust{
			Accounts: []string{"111122223333", "123456789012"}, Principals: []string{"arn:aws:iam::123456789012:role/ops/deploy"},
			MFA: true, ExternalID: "a-1",
		}, here},
		"saml":        {policy.Trust{SAML: "corp"}, here},
		"saml_china":  {policy.Trust{SAML: "arn:aws-cn:iam::444455556666:saml-provider/corp"}, china},
		"saml_gov":    {policy.Trust{SAML: "corp"}, policy.Place{Partition: "aws-us-gov", Account: "123456789012", Region: "us-gov-west-1"}},
		"oidc":        {policy.Trust{OIDC: &policy.OIDC{Provider: "token.actions.githubusercontent.com", Subject: []string{"repo:acme/web:environment:prod"}}}, here},
		"oidc_like":   {policy.Trust{OIDC: &policy.OIDC{Provider: "oidc.eks.us-east-1.amazonaws.com/id/ABC", Subject: []string{"system:serviceaccount:a:b", "system:serviceaccount:c:*"}, Audience: "sts"}}, here},
		"everything":  {policy.Trust{Services: []string{"ec2"}, Accounts: []string{"111122223333"}, SAML: "corp", OIDC: &policy.OIDC{Provider: "gitlab.com", Subject: []string{"project_path:acme/web:*"}}}, here},
		"statement":   {policy.Trust{Statement: []json.RawMessage{quotes(`{'Effect':'Allow','Action':['sts:AssumeRole','sts:TagSession'],'Principal':{'AWS':'111122223333'},'Condition':{'StringLike':{'sts:RoleSessionName':'${aws:username}'}}}`)}}, here},
		"not_by_this": {policy.Trust{Services: []string{"ec2"}, Statement: []json.RawMessage{quotes(`{'Effect':'Deny','Action':'sts:*','Principal':{'AWS':'*'}}`)}}, here},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := test.trust.Compile(test.at)
			golden(t, "testdata/trust/"+name+".golden", d, err, policy.ForTrust)
		})
	}
}

func TestServiceTrust(t *testing.T) {
	t.Parallel()
	d, err := policy.ServiceTrust(here, []string{"ssm"}, true)
	golden(t, "testdata/trust/this_account_only.golden", d, err, policy.ForTrust)

	d, err = policy.ServiceTrust(here, []string{"ec2", "ssm"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := (policy.Trust{Services: []string{"ssm", "ec2"}}).Compile(here); !d.Equal(want) {
		t.Errorf("got %s, want %s", d, want)
	}

	_, err = policy.ServiceTrust(here, []string{"ssm", "ec2"}, true)
	const want = `services: of the services, only ssm says for which account it acts with a role; write ssm alone, or give the conditions in a statement`
	if diff := cmp.Diff(want, message(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err = policy.ServiceTrust(here, nil, true); err == nil {
		t.Error("no services are no error")
	}
}

func TestTrustRefuses(t *testing.T) {
	t.Parallel()
	ec2 := []string{"ec2"}
	oidc := func(provider string, subject ...string) policy.Trust {
		return policy.Trust{OIDC: &policy.OIDC{Provider: provider, Subject: subject}}
	}
	raw := func(statements ...string) (t policy.Trust) {
		for _, s := range statements {
			t.Statement = append(t.Statement, quotes(s))
		}
		return t
	}
	const host = `write it without https:// and without a slash at the end, such as token.actions.githubusercontent.com`
	tests := map[string]struct {
		trust policy.Trust
		want  string
	}{
		"nobody":                {policy.Trust{}, `the role trusts nobody, so nobody could use it; name services, accounts, principals, saml, oidc or a statement`},
		"empty service":         {policy.Trust{Services: []string{"ec2", ""}}, `services[1]: "" is not a service; write its short name, such as ec2 or ssm, or the full one, such as ec2.amazonaws.com`},
		"service in capitals":   {policy.Trust{Services: []string{"EC2"}}, `services[0]: "EC2" is not a service; write its short name, such as ec2 or ssm, or the full one, such as ec2.amazonaws.com`},
		"account":               {policy.Trust{Accounts: []string{"12345"}}, `accounts[0]: "12345" is not an account id; write its 12 digits, in quotes`},
		"account as principal":  {policy.Trust{Principals: []string{"123456789012"}}, `principals[0]: "123456789012" is not the ARN of a user or a role; write one such as arn:aws:iam::123456789012:role/name; wildcards are not possible, whole accounts go under accounts`},
		"wildcard in principal": {policy.Trust{Principals: []string{"arn:aws:iam::123456789012:role/*"}}, `principals[0]: "arn:aws:iam::123456789012:role/*" is not the ARN of a user or a role; write one such as arn:aws:iam::123456789012:role/name; wildcards are not possible, whole accounts go under accounts`},
		"mfa for services":      {policy.Trust{Services: ec2, MFA: true}, `mfa: mfa applies to accounts and principals, and there are none; remove it, or name some`},
		"external id for none":  {policy.Trust{Services: ec2, ExternalID: "abc"}, `external_id: external_id applies to accounts and principals, and there are none; remove it, or name some`},
		"external id":           {policy.Trust{Accounts: []string{"123456789012"}, ExternalID: "a b"}, `external_id: "a b" cannot be an external id; use 2 to 1,224 characters of A-Z a-z 0-9 + = , . @ : / - _`},
		"external id too long":  {policy.Trust{Accounts: []string{"123456789012"}, ExternalID: strings.Repeat("a", 1225)}, `external_id: "` + strings.Repeat("a", 1225) + `" cannot be an external id; use 2 to 1,224 characters of A-Z a-z 0-9 + = , . @ : / - _`},
		"saml":                  {policy.Trust{SAML: "arn:aws:iam::123456789012:role/x"}, `saml: "arn:aws:iam::123456789012:role/x" is not a SAML provider; write its name, or an ARN such as arn:aws:iam::123456789012:saml-provider/name`},
		"oidc with https":       {oidc("https://gitlab.com", "x"), `oidc.provider: "https://gitlab.com" is not the host, or host and path, of an identity provider; ` + host},
		"oidc with a slash":     {oidc("gitlab.com/", "x"), `oidc.provider: "gitlab.com/" is not the host, or host and path, of an identity provider; ` + host},
		"oidc without a host":   {oidc("", "x"), `oidc.provider: "" is not the host, or host and path, of an identity provider; ` + host},
		"oidc without subject":  {oidc("gitlab.com"), `oidc.subject: no subject is named, so every user of the provider could assume the role; name subjects, such as repo:owner/name:ref:refs/heads/main`},
		"oidc for everybody":    {oidc("gitlab.com", "x", "**"), `oidc.subject[1]: "**" matches every user of the provider; name whom to trust, such as repo:owner/name:*`},
		"oidc empty subject":    {oidc("gitlab.com", ""), `oidc.subject[0]: "" matches every user of the provider; name whom to trust, such as repo:owner/name:*`},
		"oidc variable":         {oidc("gitlab.com", "a${b}"), `oidc.subject[0]: IAM would take ${ in "a${b}" for a variable; write the statement in full under statement`},
		"oidc beyond latin":     {oidc("gitlab.com", "開"), `oidc.subject[0]: "開" has characters that IAM takes in no policy; match them by ?`},
		"oidc audience":         {policy.Trust{OIDC: &policy.OIDC{Provider: "gitlab.com", Subject: []string{"x"}, Audience: "開"}}, `oidc.audience: "開" cannot stand in a policy; write the audience that the tokens carry`},
		"statement is no JSON":  {raw(`{'Effect':}`), `statement[0].Effect: expected a JSON value, found '}'`},
		"statements in one":     {raw(`{'Effect':'Allow','Action':'sts:AssumeRole','Principal':{'AWS':'*'}},{}`), `statement[0]: there is more after the end: ','; keep one JSON value`},
		"statement that escapes": {
			raw(`{'Effect':'Allow','Action':'sts:AssumeRole','Principal':{'AWS':'*'}}],'Id':['`),
			`statement[0]: there is more after the end: ']'; keep one JSON value`,
		},
		"statement's element": {raw(`{'Effect':'Allow','Actions':'x'}`), `statement[0].Actions: a statement has no element "Actions"; remove it; it may have Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition`},
		"statement's principal": {
			raw(`{'Effect':'Allow','Action':'sts:AssumeRole','Principal':{'Service':['ec2.amazonaws.com','']}}`),
			`statement[0].Principal.Service[1]: a principal is empty; write its full name, such as ec2.amazonaws.com or ssm.amazonaws.com`,
		},
		"all at once": {policy.Trust{Services: []string{""}, Accounts: []string{"1"}}, `services[0]: "" is not a service; write its short name, such as ec2 or ssm, or the full one, such as ec2.amazonaws.com` + "\n" +
			`accounts[0]: "1" is not an account id; write its 12 digits, in quotes`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.trust.Compile(here)
			if _, ok := errors.AsType[policy.Problems](err); !ok {
				t.Fatalf("error %v is not Problems", err)
			}
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSAMLElsewhere(t *testing.T) {
	t.Parallel()
	_, err := policy.Trust{SAML: "corp"}.Compile(policy.Place{Partition: "aws-iso", Account: "123456789012", Region: "us-iso-east-1"})
	const want = `saml: the sign-in address of partition aws-iso is not known to ssmctl; write the statement in full under statement`
	if diff := cmp.Diff(want, message(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at   policy.Place
		want string
	}{
		"none":      {policy.Place{}, `"" is not a partition; give one such as aws or aws-cn`},
		"partition": {policy.Place{Partition: "*", Account: "123456789012", Region: "us-east-1"}, `"*" is not a partition; give one such as aws or aws-cn`},
		"account":   {policy.Place{Partition: "aws", Account: "*", Region: "us-east-1"}, `"*" is not an account id; give its 12 digits`},
		"region":    {policy.Place{Partition: "aws", Account: "123456789012", Region: "*"}, `"*" is not a region; give one such as us-east-1`},
	} {
		_, trust := policy.Trust{Services: []string{"ec2"}}.Compile(test.at)
		_, restriction := policy.Restriction{Commands: policy.Commands{View: "any"}}.Compile(test.at)
		_, bucket := policy.BucketWrite(test.at, []string{"bucket"})
		for of, err := range map[string]error{"Trust": trust, "Restriction": restriction, "BucketWrite": bucket} {
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("%s, %s (-want +got)\n%s", name, of, diff)
			}
		}
	}
}

func TestAWSPrincipals(t *testing.T) {
	t.Parallel()
	d := parse(t, `{'Statement':[
		{'Effect':'Allow','Action':'sts:AssumeRole','Principal':{'AWS':['b','a'],'Service':'s'}},
		{'Effect':'Deny','Action':'sts:AssumeRole','NotPrincipal':{'AWS':['c','a']}},
		{'Effect':'Allow','Action':'sts:AssumeRole','Principal':'*'},
		{'Effect':'Allow','Action':'sts:AssumeRole'}]}`)
	if diff := cmp.Diff([]string{"a", "b", "c"}, d.AWSPrincipals()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
