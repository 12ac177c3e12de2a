package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		statement policy.Statement
		want      bool
	}{
		"the action":                 {policy.Allow("ssm:GetDocument"), true},
		"one of several":             {policy.Allow("ec2:*", "SSM:get*"), true},
		"none of several":            {policy.Allow("ec2:*", "ssm:List*"), false},
		"none at all":                {policy.Allow(), false},
		"all but another":            {policy.Statement{NotAction: []string{"ssm:List*"}}, true},
		"all but it":                 {policy.Statement{NotAction: []string{"ssm:List*", "ssm:Get*"}}, false},
		"all but a mistake":          {policy.Statement{NotAction: []string{"ssm:GetDocument "}}, true},
		"all but nothing":            {policy.Statement{NotAction: []string{}}, true},
		"a statement without either": {policy.Statement{}, false},
	}
	for name, test := range tests {
		if got := test.statement.Covers("ssm:GetDocument"); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestMatchARN(t *testing.T) {
	t.Parallel()
	const instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-1"
	for pattern, want := range map[string]bool{
		instance: true, "*": true, "arn:aws:ec2:*:*:instance/*": true, "arn:aws:ec2:*": true,
		"arn:aws:ssm:*:*:*": false, "arn:aws:*:instance/i-1": false, "arn:aws:ec2:*:*:inst*/i-1": false, "arn:aws:ec2:*:*:inst*/*": true,
	} {
		if got := policy.MatchARN(pattern, instance); got != want {
			t.Errorf("%s matches %s: %v, want %v", pattern, instance, got, want)
		}
	}
	if policy.MatchARN("arn:*", "*") || !policy.MatchARN("*", "*") {
		t.Error("* as a resource is matched by * alone")
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	const session = "arn:aws:ssm:us-east-1:111122223333:session/bob-1"
	tests := map[string]struct {
		statement policy.Statement
		want      bool
		missing   []string
	}{
		"it":                       {policy.Statement{Resource: []string{session}}, true, nil},
		"one of several":           {policy.Statement{Resource: []string{"arn:aws:s3:::b", "arn:aws:ssm:*:*:session/*"}}, true, nil},
		"another":                  {policy.Statement{Resource: []string{session + "2"}}, false, nil},
		"all but another":          {policy.Statement{NotResource: []string{"arn:aws:s3:::b"}}, true, nil},
		"all but it":               {policy.Statement{NotResource: []string{"arn:aws:s3:::b", "*"}}, false, nil},
		"nothing is said":          {policy.Statement{}, true, nil},
		"a variable":               {policy.Statement{Resource: []string{"arn:aws:ssm:*:*:session/${aws:username}-*"}}, true, nil},
		"all but a variable":       {policy.Statement{NotResource: []string{"arn:aws:ssm:*:*:session/${aws:username}-*"}}, false, nil},
		"no variable":              {policy.Statement{Resource: []string{"arn:aws:ssm:*:*:session/${aws:userid}-*"}}, false, []string{"aws:userid"}},
		"all but no variable":      {policy.Statement{NotResource: []string{"arn:aws:ssm:*:*:session/${aws:userid}-*"}}, true, []string{"aws:userid"}},
		"a variable in vain":       {policy.Statement{Resource: []string{"arn:aws:s3:::${aws:userid}"}}, false, nil},
		"a variable twice":         {policy.Statement{Resource: []string{"arn:aws:ssm:*:*:session/${aws:userid}-*", "arn:aws:ssm:*:*:session/${AWS:userid}${aws:userid}"}}, false, []string{"aws:userid"}},
		"a variable of an account": {policy.Statement{Resource: []string{"arn:aws:ssm:*:${aws:PrincipalAccount}:session/*"}}, false, nil},
	}
	for name, test := range tests {
		got, missing := test.statement.Reaches(session, policy.Version2012, policy.Request{Principal: bob}.Lookup)
		if got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if diff := cmp.Diff(test.missing, missing); diff != "" {
			t.Errorf("%s: missing (-want +got)\n%s", name, diff)
		}
	}
}

// How values compare is tested with package match; here is that each operator
// gets there.
func TestTestCondition(t *testing.T) {
	t.Parallel()
	context := policy.Context{
		"text": policy.One("Prod"), "arn": policy.One(oncall), "number": policy.One("10"), "date": policy.One("2026-11-23T12:00:00Z"),
		"bool": policy.One("true"), "binary": policy.One("QQ=="), "ip": policy.One("203.0.113.7"), "list": policy.Many("a", "b"),
	}
	type values = []string
	tests := []struct {
		operator, key string
		values        values
		want          bool
	}{
		{"StringEquals", "text", values{"Prod"}, true},
		{"StringEquals", "TEXT", values{"Prod"}, true},
		{"StringEquals", "text", values{"prod"}, false},
		{"StringNotEquals", "text", values{"prod"}, true},
		{"StringEqualsIgnoreCase", "text", values{"prod"}, true},
		{"StringNotEqualsIgnoreCase", "text", values{"prod"}, false},
		{"StringLike", "text", values{"P*"}, true},
		{"StringNotLike", "text", values{"P*"}, false},
		{"ArnLike", "arn", values{"arn:aws:iam::*:role/ops/*"}, true},
		{"ArnEquals", "arn", values{"arn:aws:iam::*:role/ops/*"}, true},
		{"ArnNotLike", "arn", values{"arn:aws:iam::*:role/ops/*"}, false},
		{"ArnNotEquals", "arn", values{"arn:aws:iam::*:role/dev/*"}, true},
		{"NumericEquals", "number", values{"10.0"}, true},
		{"NumericNotEquals", "number", values{"10.0"}, false},
		{"NumericLessThan", "number", values{"11"}, true},
		{"NumericLessThanEquals", "number", values{"9"}, false},
		{"NumericGreaterThan", "number", values{"9"}, true},
		{"NumericGreaterThanEquals", "number", values{"11"}, false},
		{"DateEquals", "date", values{"2026-11-23T13:00:00+01:00"}, true},
		{"DateNotEquals", "date", values{"2026-11-23T12:00:00Z"}, false},
		{"DateLessThan", "date", values{"2026-11-24"}, true},
		{"DateLessThanEquals", "date", values{"2026-11-23"}, false},
		{"DateGreaterThan", "date", values{"2026-11-23"}, true},
		{"DateGreaterThanEquals", "date", values{"2026-11-24"}, false},
		{"Bool", "bool", values{"TRUE"}, true},
		{"Bool", "bool", values{"false"}, false},
		{"BinaryEquals", "binary", values{"QQ=="}, true},
		{"IpAddress", "ip", values{"203.0.113.0/24"}, true},
		{"NotIpAddress", "ip", values{"203.0.113.0/24"}, false},
		{"Null", "ip", values{"false"}, true},
		{"Null", "nothing", values{"true"}, true},
		{"ForAllValues:StringEquals", "list", values{"a", "b"}, true},
		{"ForAllValues:StringEquals", "list", values{"a"}, false},
		{"ForAllValues:StringEquals", "nothing", values{"a"}, true},
		{"ForAnyValue:StringEquals", "list", values{"a"}, true},
		{"ForAnyValue:StringEquals", "nothing", values{"a"}, false},
		{"ForAnyValue:StringEqualsIfExists", "nothing", values{"a"}, true},
		{"StringEquals", "list", values{"a", "b"}, false},
		{"StringEquals", "nothing", values{"a"}, false},
		{"StringNotEquals", "nothing", values{"a"}, true},
		{"StringEqualsIfExists", "nothing", values{"a"}, true},
		{"StringIs", "text", values{"Prod"}, false},
		{"StringIsNotIfExists", "nothing", values{"a"}, false},
	}
	for _, test := range tests {
		got, _ := policy.TestCondition(test.operator, test.key, test.values, policy.Version2012, policy.Request{Context: context}.Lookup)
		if got != test.want {
			t.Errorf("%s %s %q: %v, want %v", test.operator, test.key, test.values, got, test.want)
		}
	}
}
