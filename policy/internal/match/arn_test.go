package match

import (
	"testing"

	"pgregory.net/rapid"
)

func TestARN(t *testing.T) {
	t.Parallel()
	const instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-1"
	tests := map[string]struct {
		pattern, arn string
		want         bool
	}{
		"the same":                           {instance, instance, true},
		"everything":                         {"*", instance, true},
		"everything, in more stars":          {"**", instance, true},
		"everything, of no resource":         {"*", "*", true},
		"an ARN is not no resource":          {instance, "*", false},
		"all stars is not no resource":       {"arn:*:*:*:*:*", "*", false},
		"nothing":                            {"", instance, false},
		"a star a field":                     {"arn:*:*:*:*:*", instance, true},
		"a star in a field":                  {"arn:aws:ec2:us-*-1:*3333:instance/*", instance, true},
		"? in a field":                       {"arn:???:ec2:us-east-?:111122223333:instance/i-?", instance, true},
		"a star over a colon":                {"arn:aws:ec2:*:instance/i-1", instance, false},
		"a star over colons in the middle":   {"arn:aws:*:instance/i-1", instance, false},
		"a field empty":                      {"arn:aws:ec2::111122223333:instance/i-1", instance, false},
		"a star matches an empty field":      {"arn:aws:ssm:*:*:document/A", "arn:aws:ssm:us-east-1::document/A", true},
		"another account":                    {"arn:aws:ssm:*:1:document/A", "arn:aws:ssm:us-east-1::document/A", false},
		"fields left out":                    {"arn:aws:ec2:us-east-1:*", instance, true},
		"more fields left out":               {"arn:aws:ec2", instance, true},
		"the service left out":               {"arn:aws:ssm", instance, false},
		"no ARN":                             {"instance/i-1", instance, false},
		"case counts in the resource":        {"arn:aws:ec2:us-east-1:111122223333:instance/I-1", instance, false},
		"case counts in the fields":          {"arn:aws:EC2:us-east-1:111122223333:instance/i-1", instance, false},
		"a star over slashes":                {"arn:aws:ssm:*:*:parameter/*", "arn:aws:ssm:r:1:parameter/a/b/c", true},
		"a star over colons in the resource": {"arn:aws:ssm:*:*:automation-definition/*", "arn:aws:ssm:r:1:automation-definition/a:1", true},
		"a resource with colons":             {"arn:aws:rds:*:*:db:x*", "arn:aws:rds:r:1:db:xyz", true},
		"a lone star as resource":            {"arn:aws:ec2:us-east-1:111122223333:*", instance, true},
		"a star in the type":                 {"arn:aws:ec2:us-east-1:111122223333:inst*/i-1", instance, false},
		"? in the type":                      {"arn:aws:ec2:us-east-1:111122223333:instanc?/i-1", instance, false},
		"a star for the type":                {"arn:aws:ec2:us-east-1:111122223333:*/i-1", instance, false},
		"a star for the type, with a colon":  {"arn:aws:rds:r:1:*:x", "arn:aws:rds:r:1:db:x", false},
		"a star without a type":              {"arn:aws:ec2:us-east-1:111122223333:inst*", instance, true},
		"as AWS has it for security groups":  {"arn:aws:ec2:*:*:security-group*/*", "arn:aws:ec2:r:1:security-group-rule/sgr-1", true},
		"as AWS has it for scopes":           {"arn:aws:wafv2:*:*:*/webacl/*/*", "arn:aws:wafv2:r:1:regional/webacl/a/b", true},
		"any type, any name":                 {"arn:aws:ec2:*:*:*/*", instance, true},
		"a bucket is no type":                {"arn:aws:s3:::*/secret", "arn:aws:s3:::bucket/secret", true},
		"an API is no type":                  {"arn:aws:execute-api:*:*:*/prod/GET/x", "arn:aws:execute-api:r:1:a1/prod/GET/x", true},
		"variables are plain here":           {"arn:aws:ssm:*:*:session/${aws:username}-*", "arn:aws:ssm:r:1:session/bob-1", false},
		"a request that is no ARN":           {"arn:aws:ec2:us-east-1:*", "instance/i-1", false},
		"a request of few fields":            {"arn:aws:ec2", "arn:aws:ec2", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Resource(test.pattern, test.arn); got != test.want {
				t.Errorf("Resource(%q, %q) = %v, want %v", test.pattern, test.arn, got, test.want)
			}
			if got := ParseARN(test.pattern, false).Match(test.arn, nil); got != test.want {
				t.Errorf("ParseARN(%q).Match(%q) = %v, want %v", test.pattern, test.arn, got, test.want)
			}
		})
	}
}

func TestARNVariables(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern, arn string
		want         bool
	}{
		"in the resource":                 {"arn:aws:ssm:*:*:session/${aws:username}-*", "arn:aws:ssm:r:1:session/bob-1", true},
		"another's":                       {"arn:aws:ssm:*:*:session/${aws:username}-*", "arn:aws:ssm:r:1:session/eve-1", false},
		"unknown":                         {"arn:aws:ssm:*:*:session/${no}*", "arn:aws:ssm:r:1:session/x", false},
		"a default":                       {"arn:aws:ssm:*:*:session/${no, 'x'}", "arn:aws:ssm:r:1:session/x", true},
		"before the fifth colon":          {"arn:aws:ssm:${no, 'r'}:1:session/x", "arn:aws:ssm:r:1:session/x", false},
		"as the type":                     {"arn:aws:x:r:1:${aws:username}/*", "arn:aws:x:r:1:bob/y", true},
		"before the type's end":           {"arn:aws:x:r:1:t${aws:username}/y*", "arn:aws:x:r:1:tbob/yz", true},
		"with a star in the type":         {"arn:aws:sqs:r:1:*${aws:username}", "arn:aws:sqs:r:1:q-bob", true},
		"with a star in the type, exact":  {"arn:aws:x:r:1:*${aws:username}/y", "arn:aws:x:r:1:tbob/y", false},
		"a default with a star":           {"arn:aws:x:r:1:${no, '*'}/y", "arn:aws:x:r:1:t/y", false},
		"a default with a star, as it is": {"arn:aws:x:r:1:${no, '*'}/y", "arn:aws:x:r:1:*/y", true},
		"an escaped star":                 {"arn:aws:ssm:r:1:parameter/a/${*}", "arn:aws:ssm:r:1:parameter/a/b", false},
		"an escaped star, as it is":       {"arn:aws:ssm:r:1:parameter/a/${*}", "arn:aws:ssm:r:1:parameter/a/*", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ParseARN(test.pattern, true).Match(test.arn, known); got != test.want {
				t.Errorf("ParseARN(%q).Match(%q) = %v, want %v", test.pattern, test.arn, got, test.want)
			}
		})
	}
}

// A variable of the resource is not looked up for what the first fields rule out.
func TestARNLooksUpNoVariableInVain(t *testing.T) {
	t.Parallel()
	ParseARN("arn:aws:ssm:r:1:session/${aws:username}", true).Match("arn:aws:ssm:r:2:session/bob", func(key string) (string, bool) {
		t.Errorf("%s was looked up", key)
		return "", false
	})
}

// Making the pattern first makes no difference.
func TestResourceIsParseARN(t *testing.T) {
	t.Parallel()
	field := rapid.SampledFrom([]string{"*", "a", "a*", "?", "", "s3"})
	last := rapid.StringMatching(`[ab*?:/$\{\}]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) string {
			s := "arn"
			for range rapid.IntRange(0, 5).Draw(t, label+" fields") {
				s += ":" + field.Draw(t, label)
			}
			return s + last.Draw(t, label+" end")
		}
		pattern, arn := draw("pattern"), draw("arn")
		want := ParseARN(pattern, false).Match(arn, nil)
		if got := Resource(pattern, arn); got != want {
			t.Fatalf("Resource(%q, %q) = %v, but ParseARN matches: %v", pattern, arn, got, want)
		}
	})
}
