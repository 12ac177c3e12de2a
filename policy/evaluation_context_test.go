package policy_test

import (
	"encoding/json"
	"maps"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	type keys = map[string]string
	own := func(more keys) keys {
		all := keys{"aws:PrincipalAccount": home, "aws:PrincipalIsAWSService": "false", "aws:ResourceAccount": home}
		maps.Copy(all, more)
		return all
	}
	tests := map[string]struct {
		principal, account string
		want               keys
	}{
		"a user":      {bob, "", own(keys{"aws:PrincipalArn": bob, "aws:PrincipalType": "User", "aws:username": "bob"})},
		"a role":      {oncall, "", own(keys{"aws:PrincipalArn": oncall, "aws:PrincipalType": "AssumedRole"})},
		"a session":   {ana, "", own(keys{"aws:PrincipalArn": "arn:aws:iam::111122223333:role/OnCall", "aws:PrincipalType": "AssumedRole"})},
		"a federated": {fed, "", own(keys{"aws:PrincipalArn": fed, "aws:PrincipalType": "FederatedUser"})},
		"root":        {rootARN, "", own(keys{"aws:PrincipalArn": rootARN, "aws:PrincipalType": "Account"})},
		"an account":  {home, "", own(keys{"aws:PrincipalArn": rootARN, "aws:PrincipalType": "Account"})},
		"elsewhere":   {"arn:aws-cn:sts::111122223333:assumed-role/R/s", "", own(keys{"aws:PrincipalArn": "arn:aws-cn:iam::111122223333:role/R", "aws:PrincipalType": "AssumedRole"})},
		"abroad":      {bob, abroad, own(keys{"aws:PrincipalArn": bob, "aws:PrincipalType": "User", "aws:username": "bob", "aws:ResourceAccount": abroad})},
		"a service":   {"ec2.amazonaws.com", home, keys{"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": "ec2.amazonaws.com", "aws:ResourceAccount": home}},
		"a provider":  {"arn:aws:iam::111122223333:saml-provider/corp.example", "", keys{}},
		"nobody":      {"", "", keys{}},
	}
	all := []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:username", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName", "aws:ResourceAccount", "aws:userid", "aws:PrincipalTag/x"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := policy.Request{Principal: test.principal, Account: test.account}
			got := keys{}
			for _, key := range all {
				if v, ok := r.Lookup(key); ok {
					if v.IsMany() || len(v.List()) != 1 {
						t.Errorf("%s is %v", key, v)
					}
					got[key] = v.List()[0]
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What is given wins over what is derived; keys have no case.
func TestLookupGiven(t *testing.T) {
	t.Parallel()
	r := policy.Request{Principal: ana, Context: policy.Context{
		"AWS:principalARN": policy.One(oncall),
		"aws:TagKeys":      policy.Many("a"),
		"aws:tagkeys":      policy.Many("b"),
		"aws:CalledVia":    policy.Many(),
		"aws:username":     {},
	}}
	for key, want := range map[string]policy.Value{
		"aws:PrincipalArn": policy.One(oncall),
		"aws:TAGKEYS":      policy.Many("a"), // the first of the two in order
		"aws:tagkeys":      policy.Many("b"),
		"aws:CalledVia":    {}, // of no value, so it is not there
		"aws:username":     {},
	} {
		got, ok := r.Lookup(key)
		if ok != !want.Equal(policy.Value{}) || ok && !got.Equal(want) {
			t.Errorf("%s is %v, %v, want %v", key, got, ok, want)
		}
	}
}

func TestValueJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		value policy.Value
		text  string
	}{
		`"a"`:             {policy.One("a"), `"a"`},
		`5`:               {policy.One("5"), `"5"`},
		`1e400`:           {policy.One("1e400"), `"1e400"`},
		`true`:            {policy.One("true"), `"true"`},
		`["a",1,false]`:   {policy.Many("a", "1", "false"), `["a","1","false"]`},
		`[]`:              {policy.Many(), `[]`},
		`["a"]`:           {policy.Many("a"), `["a"]`},
		`null`:            {policy.Value{}, `null`},
		`{}`:              {},
		`[["a"]]`:         {},
		`["a",null]`:      {},
		`[{"a":"b"},"c"]`: {},
	} {
		var got policy.Value
		err := json.Unmarshal([]byte(text), &got)
		if want.text == "" {
			if err == nil {
				t.Errorf("%s is read as %v", text, got)
			}
			continue
		}
		if err != nil || !got.Equal(want.value) {
			t.Errorf("%s is read as %v, %v, want %v", text, got, err, want.value)
		}
		if out, err := json.Marshal(got); string(out) != want.text || err != nil {
			t.Errorf("%s is written as %s, %v, want %s", text, out, err, want.text)
		}
	}
}

func TestDecideMissing(t *testing.T) {
	t.Parallel()
	const start = "ssm:StartSession"
	allow := policy.Allow(start).On("*")
	deny := policy.Deny(start).On("*")
	tests := map[string]struct {
		statement policy.Statement
		want      policy.Verdict
		missing   []string
	}{
		"none":                               {allow, policy.Allowed, nil},
		"a key":                              {allow.If("Bool", "AWS:multifactorauthpresent", "true"), policy.ImplicitDeny, []string{"aws:MultiFactorAuthPresent"}},
		"a tag keeps its case":               {allow.If("StringEquals", "SSM:resourcetag/Env", "x"), policy.ImplicitDeny, []string{"ssm:resourceTag/Env"}},
		"a key of nobody's":                  {allow.If("StringEquals", "My:Key", "x"), policy.ImplicitDeny, []string{"my:key"}},
		"two keys":                           {allow.If("Bool", "aws:SecureTransport", "true").If("Bool", "aws:MultiFactorAuthPresent", "true"), policy.ImplicitDeny, []string{"aws:MultiFactorAuthPresent", "aws:SecureTransport"}},
		"a key twice":                        {allow.If("StringLike", "ssm:resourceTag/env", "x").If("StringEquals", "ssm:resourceTag/Env", "x"), policy.ImplicitDeny, []string{"ssm:resourceTag/Env"}},
		"a key that holds all the same":      {allow.If("BoolIfExists", "aws:MultiFactorAuthPresent", "true"), policy.Allowed, []string{"aws:MultiFactorAuthPresent"}},
		"a key of a deny":                    {deny.If("BoolIfExists", "aws:MultiFactorAuthPresent", "false"), policy.ExplicitDeny, []string{"aws:MultiFactorAuthPresent"}},
		"a key that must not be there":       {allow.If("Null", "aws:TokenIssueTime", "true"), policy.Allowed, []string{"aws:TokenIssueTime"}},
		"a key that could not help":          {allow.If("Bool", "aws:MultiFactorAuthPresent", "true").If("StringEquals", "aws:username", "eve"), policy.ImplicitDeny, nil},
		"a key under no operator":            {allow.If("StringIs", "aws:MultiFactorAuthPresent", "true"), policy.ImplicitDeny, nil},
		"a key beside no operator":           {allow.If("Bool", "aws:MultiFactorAuthPresent", "true").If("StringIs", "aws:username", "bob"), policy.ImplicitDeny, nil},
		"a key of another action":            {policy.Allow("ssm:SendCommand").On("*").If("Bool", "aws:MultiFactorAuthPresent", "true"), policy.ImplicitDeny, nil},
		"a key of another resource":          {policy.Allow(start).On("arn:aws:ssm:*:*:document/*").If("Bool", "aws:MultiFactorAuthPresent", "true"), policy.ImplicitDeny, nil},
		"a variable":                         {allow.If("StringEquals", "aws:username", "${aws:PrincipalTag/Team}"), policy.ImplicitDeny, []string{"aws:PrincipalTag/Team"}},
		"a variable and its key":             {allow.If("StringEquals", "ssm:resourceTag/Team", "${aws:PrincipalTag/Team}"), policy.ImplicitDeny, []string{"aws:PrincipalTag/Team", "ssm:resourceTag/Team"}},
		"a variable with a default":          {allow.If("StringEquals", "aws:username", "${aws:PrincipalTag/Name, 'bob'}"), policy.Allowed, []string{"aws:PrincipalTag/Name"}},
		"a variable of the resource":         {policy.Allow(start).On("arn:aws:ec2:*:*:instance/${aws:PrincipalTag/Node}"), policy.ImplicitDeny, []string{"aws:PrincipalTag/Node"}},
		"a variable of another resource":     {policy.Allow(start).On("arn:aws:ssm:*:*:document/${aws:PrincipalTag/Node}"), policy.ImplicitDeny, nil},
		"a variable of many values":          {allow.If("StringEquals", "aws:username", "${aws:TagKeys}"), policy.ImplicitDeny, nil},
		"a variable before a resource found": {policy.Allow(start).On("arn:aws:ec2:*:*:instance/${aws:PrincipalTag/Node}", "*"), policy.Allowed, nil},
		"a variable after a resource found":  {policy.Allow(start).On("*", "arn:aws:ec2:*:*:instance/${aws:PrincipalTag/Node}"), policy.Allowed, nil},
		"a resource found by a default":      {policy.Allow(start).On("arn:aws:ec2:*:*:instance/${aws:PrincipalTag/Node, 'i-1'}"), policy.Allowed, []string{"aws:PrincipalTag/Node"}},
		"a negated variable":                 {allow.If("StringNotEquals", "aws:username", "${aws:PrincipalTag/Team}"), policy.Allowed, []string{"aws:PrincipalTag/Team"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := policy.Policies{Identity: docs(policy.New(test.statement))}.Decide(policy.Request{
				Principal: bob, Action: start, Resource: "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
				Context: policy.Context{"aws:TagKeys": policy.Many("bob")},
			})
			if got.Verdict != test.want {
				t.Errorf("%s, want %s", got.Verdict, test.want)
			}
			if diff := cmp.Diff(test.missing, got.Missing); diff != "" {
				t.Errorf("missing (-want +got)\n%s", diff)
			}
		})
	}
}

// Variables are of one version of the language only.
func TestDecideVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]policy.Verdict{policy.Version2012: policy.Allowed, policy.Version2008: policy.ImplicitDeny, "": policy.ImplicitDeny} {
		for name, s := range map[string]policy.Statement{
			"in a resource":  policy.Allow("ssm:TerminateSession").On("arn:aws:ssm:*:*:session/${aws:username}-*"),
			"in a condition": policy.Allow("ssm:TerminateSession").On("*").If("StringEquals", "aws:username", "${aws:username}"),
		} {
			p := policy.Policies{Identity: docs(policy.Document{Version: version, Statements: []policy.Statement{s}})}
			got := p.Decide(policy.Request{Principal: bob, Action: "ssm:TerminateSession", Resource: "arn:aws:ssm:us-east-1:111122223333:session/bob-1"})
			if got.Verdict != want {
				t.Errorf("a variable %s of version %q: %s, want %s", name, version, got.Verdict, want)
			}
		}
	}
}

// An operator that AWS does not know makes a statement void, also a deny.
func TestDecideUnknownOperator(t *testing.T) {
	t.Parallel()
	p := policy.Policies{Identity: docs(yes, policy.New(policy.Deny("*").On("*").If("StringIsNot", "aws:username", "eve")))}
	if got := p.Decide(policy.Request{Principal: bob, Action: "s3:GetObject", Resource: object}); outcome(got) != "allow identity:0.0.0" {
		t.Errorf("%s", outcome(got))
	}
}

// Everything about a decision may be shared.
func TestDecideConcurrently(t *testing.T) {
	t.Parallel()
	p := policy.Policies{Identity: docs(policy.New(yes.Statements[0].If("StringLike", "aws:username", "${aws:username}*")))}
	r := policy.Request{Principal: bob, Action: "s3:GetObject", Resource: object, Context: policy.Context{"aws:TagKeys": policy.Many("a")}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := p.Decide(r); got.Verdict != policy.Allowed {
					t.Errorf("%s", outcome(got))
				}
			}
		})
	}
	wg.Wait()
}

func TestDecisionInWords(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal([]any{
		policy.LayerIdentity, policy.LayerBoundary, policy.LayerSCP, policy.LayerSession, policy.LayerResource, policy.Layer(5), policy.Layer(-1),
		policy.ImplicitDeny, policy.Allowed, policy.ExplicitDeny, policy.Verdict(3), policy.Verdict(-1),
	})
	want := `["identity","boundary","scp","session","resource","Layer(5)","Layer(-1)","implicit-deny","allow","explicit-deny","Verdict(3)","Verdict(-1)"]`
	if string(got) != want || err != nil {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}
