package kind_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/spec"
)

// More than IAM takes is reported where it is asked for, before AWS is.
func TestQuotas(t *testing.T) {
	t.Parallel()
	restrictions, names := "restrictions:\n", []string{}
	for n := range 24 {
		names = append(names, fmt.Sprintf("r%d", n))
		restrictions += fmt.Sprintf("  r%d: {documents: [AWS-RunPatchBaseline], instances: all}\n", n)
	}
	full := func(n int) string { // so many policies
		return "access: {actions: read-only}, restrictions: [" + strings.Join(names[:n-1], ", ") + "]"
	}
	trust := func(accounts int) string {
		var all []string
		for n := range accounts {
			all = append(all, fmt.Sprintf("%q", fmt.Sprint(100000000000+n)))
		}
		return "type: people, trust: {accounts: [" + strings.Join(all, ", ") + "]}"
	}
	inline := func(size int) string {
		return `inline: {big: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "ssm:Get*", Resource: "arn:aws:ssm:*:*:parameter/` + strings.Repeat("x", size) + `"}}}`
	}
	tests := map[string]struct{ sections, want string }{
		"ten policies on a group":     {restrictions + "groups: {a: {" + full(10) + "}}", ""},
		"eleven on a group":           {restrictions + "groups: {a: {" + full(10) + ", policies: [SecurityAudit]}}", "test.yaml:30:10: 11 managed policies on group/a; IAM attaches at most 10 to one"},
		"one of ten named twice":      {restrictions + "groups: {a: {" + full(10) + ", policies: [AmazonSSMReadOnlyAccess]}}", ""},
		"twenty on a user":            {restrictions + "users: {a: {" + full(20) + "}}", ""},
		"twenty-one on a user":        {restrictions + "users: {a: {" + full(21) + "}}", "test.yaml:30:9: 21 managed policies on user/a; IAM attaches at most 20 to one"},
		"twenty-five on a role":       {restrictions + "roles: {a: {type: people, trust: {accounts: [\"111111111111\"]}, " + full(25) + "}}", ""},
		"twenty-six on a role":        {restrictions + "roles: {a: {" + full(25) + "}}", "test.yaml:30:9: 26 managed policies on role/a; IAM attaches at most 25 to one"},
		"a long trust policy":         {"roles: {a: {" + trust(300) + "}}", ""},
		"a trust policy for nobody":   {"roles: {a: {" + trust(600) + "}}", "characters; IAM takes 8192 at most"},
		"a user's inline policy":      {"users: {a: {" + inline(1800) + "}}", ""},
		"a user's large inline":       {"users: {a: {" + inline(2000) + "}}", "test.yaml:5:13: the inline policies of user/a have "},
		"a group may have more":       {"groups: {a: {" + inline(4800) + "}}", ""},
		"a group's large inline":      {"groups: {a: {" + inline(5100) + "}}", "test.yaml:5:14: the inline policies of group/a have "},
		"a role may have most":        {"roles: {a: {" + inline(10000) + "}}", ""},
		"a role's large inline":       {"roles: {a: {" + inline(10200) + "}}", "test.yaml:5:13: the inline policies of role/a have "},
		"a name for no policy":        {`users: {a: {inline: {"look at": {Version: 2012-10-17, Statement: {Effect: Allow, Action: "ssm:Get*", Resource: "*"}}}}}`, `test.yaml:5:22: "look at" is not a name for a policy`},
		"ten groups a user":           {strings.Replace(elevenGroups(), "  g10: {members: [alice]}\n", "", 1), ""},
		"a tag key of AWS's":          {"users: {a: {tags: {\"aws:x\": y}}}", "keys that begin with aws: are AWS's own"},
		"an entry named like an id":   {"roles: {a: {type: instance}}\ninstances: {i-1234567890abcdef0: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro}, role: a}}", "looks like the id of an instance"},
		"tags that differ by case":    {"defaults: {tags: {team: a}}\nusers: {a: {tags: {Team: b}}}", `tags "Team" and "team" are one and the same to IAM`},
		"a policy that AWS lacks":     {"users: {a: {policies: [AmazonSSMFulAccess]}}", `AWS has no managed policy "AmazonSSMFulAccess"`},
		"a policy of another account": {`users: {a: {policies: ["arn:aws:iam::210987654321:policy/x"]}}`, "is a policy of account 210987654321"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := spec.Load("test.yaml", []byte(head+tt.sections+"\n"), kind.Sections())
			got := ""
			if err != nil {
				got = err.Error()
			} else if found := kind.Check(loaded.Desired); len(found) > 0 {
				got = found[0].Text
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
