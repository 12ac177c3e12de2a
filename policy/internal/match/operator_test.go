package match

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAction(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern, action string
		want            bool
	}{
		"the same":                     {"ssm:GetDocument", "ssm:GetDocument", true},
		"another case":                 {"SSM:getdocument", "ssm:GetDocument", true},
		"a request in another case":    {"ssm:GetDocument", "Ssm:GETDOCUMENT", true},
		"everything":                   {"*", "ssm:GetDocument", true},
		"everything, in more stars":    {"**", "ssm:GetDocument", true},
		"all of a service":             {"ssm:*", "ssm:GetDocument", true},
		"another service":              {"ec2:*", "ssm:GetDocument", false},
		"a longer service":             {"ss:*", "ssm:GetDocument", false},
		"a wildcard in the name":       {"ssm:g*t", "ssm:GetDocument", true},
		"? in the name":                {"ssm:GetDocumen?", "ssm:GetDocument", true},
		"? for nothing":                {"ssm:GetDocument?", "ssm:GetDocument", false},
		"a wildcard in the service":    {"s*:GetDocument", "ssm:GetDocument", false},
		"a wildcard in both services":  {"s*:GetDocument", "s*:GetDocument", false},
		"? in the service":             {"ss?:GetDocument", "ssm:GetDocument", false},
		"a star over the colon":        {"s*", "ssm:GetDocument", false},
		"a blank at the end":           {"ssm:GetDocument ", "ssm:GetDocument", false},
		"a blank at the end of a star": {"ssm:* ", "ssm:GetDocument", false},
		"a comma":                      {"ssm:Get*,ssm:List*", "ssm:GetDocument", false},
		"a comma that would match":     {"ssm:*,*", "ssm:a,b", false},
		"two colons":                   {"ssm:Get:*", "ssm:Get:x", false},
		"no name":                      {"ssm:", "ssm:", false},
		"no service":                   {":Get", ":Get", false},
		"empty":                        {"", "", false},
		"not an action":                {"ssm", "ssm", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Names(test.pattern, test.action); got != test.want {
				t.Errorf("Names(%q, %q) = %v, want %v", test.pattern, test.action, got, test.want)
			}
			if got := ParseAction(test.pattern).Match(test.action); got != test.want {
				t.Errorf("ParseAction(%q).Match(%q) = %v, want %v", test.pattern, test.action, got, test.want)
			}
		})
	}
}

func TestParseOperator(t *testing.T) {
	t.Parallel()
	tests := map[string]Operator{
		"StringEquals":                      {Base: StringEquals},
		"STRINGnotequals":                   {Base: StringEquals, Negated: true},
		"StringEqualsIgnoreCase":            {Base: StringEqualsIgnoreCase},
		"StringNotEqualsIgnoreCaseIfExists": {Base: StringEqualsIgnoreCase, Negated: true, IfExists: true},
		"StringLike":                        {Base: StringLike},
		"ForAllValues:StringLike":           {Base: StringLike, Set: ForAll},
		"foranyvalue:stringnotlikeifexists": {Base: StringLike, Negated: true, IfExists: true, Set: ForSome},
		"ArnEquals":                         {Base: ARNLike},
		"ArnNotLike":                        {Base: ARNLike, Negated: true},
		"NumericEquals":                     {Base: Numeric, Relation: Equal},
		"NumericNotEquals":                  {Base: Numeric, Relation: Equal, Negated: true},
		"NumericLessThan":                   {Base: Numeric, Relation: Less},
		"NumericLessThanEquals":             {Base: Numeric, Relation: LessEqual},
		"NumericGreaterThan":                {Base: Numeric, Relation: Greater},
		"NumericGreaterThanEquals":          {Base: Numeric, Relation: GreaterEqual},
		"DateNotEquals":                     {Base: Date, Relation: Equal, Negated: true},
		"DateLessThan":                      {Base: Date, Relation: Less},
		"DateGreaterThanEqualsIfExists":     {Base: Date, Relation: GreaterEqual, IfExists: true},
		"Bool":                              {Base: Bool},
		"BinaryEquals":                      {Base: Binary},
		"IpAddress":                         {Base: IPAddress},
		"NotIpAddress":                      {Base: IPAddress, Negated: true},
		"Null":                              {Base: Null},
		"ForAllValues:Null":                 {Base: Null},
		"NullIfExists":                      {Base: Null},
	}
	for name, want := range tests {
		got, ok := ParseOperator(name)
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("ParseOperator(%q) reports %v (-want +got)\n%s", name, ok, diff)
		}
	}
	for _, name := range strings.Split("|StringEqual|NotBool|BoolNotEquals|IfExists|ForSomeValues:StringEquals|ForAllValues:|ForAllValues:ForAnyValue:Bool|BinaryNotEquals|String Equals|StringEqualsIfExistsIfExists", "|") {
		if got, ok := ParseOperator(name); ok {
			t.Errorf("ParseOperator(%q) = %v, want none", name, got)
		}
	}
}
