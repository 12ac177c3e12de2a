package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// judgements returns what is wrong when the named objects are done, of all
// parties, as "user/amy gain".
func judgements(p *Passage, steps []resource.ID, done ...string) (breaches []Breach) {
	for i, party := range p.Parties() {
		breaches = append(breaches, p.Judge(i, apply(party.Steps, func(step int) bool { return slices.Contains(done, steps[step].String()) }))...)
	}
	return breaches
}

// Statements of the cases.
var (
	onAny     = policy.Allow("ssm:SendCommand").On("*")
	allOfSSM  = policy.Allow("ssm:*").On("*")
	neverProd = policy.Deny("ssm:SendCommand").On("arn:aws:ec2:*:*:instance/i-prod*")
	lookUp    = policy.Allow("ssm:Describe*").On("*")
	onDB      = policy.Allow("ssm:SendCommand").On("*").If("StringEquals", "ssm:resourceTag/App", "db")
	onWeb     = policy.Allow("ssm:SendCommand").On("*").If("StringEquals", "ssm:resourceTag/App", "web")
	ofTeam    = policy.Allow("s3:GetObject").On("*").If("StringEquals", "aws:PrincipalTag/team", "blue")
	ofRed     = policy.Allow("s3:GetObject").On("*").If("StringEquals", "aws:PrincipalTag/team", "red")
)

// passageCases are plans whose order matters, and states of them.
func passageCases() map[string]struct {
	before, after *builder
	states        map[string]string // what is done, by name, to what is wrong
} {
	b := newAccount
	amy, zoe, power := userID("amy"), userID("zoe"), roleID("power")
	call := policy.Allow("sts:AssumeRole").On(iamARN("role/power"))
	unread := func(b *builder) *builder {
		b.Policies[iamARN("policy/dark")] = Managed{Name: "dark", ARN: iamARN("policy/dark"), Unread: "not read"}
		return b
	}
	tagging := policy.Allow("sts:AssumeRole", "sts:TagSession").By(policy.Principals{AWS: []string{iamARN("root")}})
	return map[string]struct {
		before, after *builder
		states        map[string]string
	}{
		"one policy for another": {
			b().user("amy").policy("run", onAny).policy("all", allOfSSM).attach("run", amy),
			b().user("amy").policy("run", onAny).policy("all", allOfSSM).attach("all", amy),
			map[string]string{
				"attachment/user/amy/run": "user/amy loss: ssm:SendCommand on arn:aws:ssm:us-east-1:123456789012:document/example",
				"attachment/user/amy/all": "",
			},
		},
		"a right and what it is denied": {
			b().user("amy").policy("all", allOfSSM),
			b().user("amy").policy("all", allOfSSM).attach("all", amy).inline("fence", amy, neverProd),
			map[string]string{
				"attachment/user/amy/all": "user/amy gain: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-prodexample",
				"inline/user/amy/fence":   "",
			},
		},
		"out of a group that denies": {
			b().group("ops", "fenced").user("amy", "ops", "fenced").policy("all", allOfSSM).attach("all", groupID("ops")).inline("fence", groupID("fenced"), neverProd),
			b().group("ops", "fenced").user("amy").policy("all", allOfSSM).attach("all", groupID("ops")).inline("fence", groupID("fenced"), neverProd),
			map[string]string{
				"membership/fenced/amy": "user/amy gain: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-prodexample",
				"membership/ops/amy":    "",
			},
		},
		"a boundary for a narrower policy": {
			b().user("amy").policy("all", allOfSSM).policy("look", lookUp).attach("all", amy).bound("look", amy),
			b().user("amy").policy("all", allOfSSM).policy("look", lookUp).attach("look", amy),
			map[string]string{
				"boundary/user/amy":                                "user/amy gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example",
				"boundary/user/amy attachment/user/amy/look":       "user/amy gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example",
				"attachment/user/amy/all":                          "user/amy loss: ssm:DescribeActivations",
				"attachment/user/amy/look":                         "",
				"attachment/user/amy/look attachment/user/amy/all": "",
			},
		},
		"a policy attached that is narrowed": {
			b().user("amy").policy("p", allOfSSM),
			b().user("amy").policy("p", lookUp).attach("p", amy),
			map[string]string{
				"attachment/user/amy/p": "user/amy gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example",
				"policy/p":              "",
			},
		},
		"a role that comes to be trusted and narrowed": {
			b().user("zoe").policy("all", allOfSSM).role("power", trustEC2).attach("all", power).inline("call", zoe, call).inline("look", power, lookUp),
			b().user("zoe").policy("all", allOfSSM).role("power", trustAccount).inline("call", zoe, call).inline("look", power, lookUp),
			map[string]string{
				"role/power":                "user/zoe gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example, as role/power",
				"attachment/role/power/all": "",
			},
		},
		"a role called before it is narrowed": {
			b().user("zoe").policy("all", allOfSSM).role("power", trustAccount).attach("all", power).inline("look", power, lookUp),
			b().user("zoe").policy("all", allOfSSM).role("power", trustAccount).inline("call", zoe, call).inline("look", power, lookUp),
			map[string]string{
				"inline/user/zoe/call":      "user/zoe gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example, as role/power",
				"attachment/role/power/all": "",
			},
		},
		"who may assume a role, by both sides": {
			b().user("zoe").role("power", trustEC2).inline("call", zoe, call),
			b().user("zoe").role("power", trustAccount),
			map[string]string{
				"role/power":           "user/zoe gain: sts:AssumeRole on arn:aws:iam::123456789012:role/power",
				"inline/user/zoe/call": "",
			},
		},
		"a role for another service": {
			b().policy("all", allOfSSM).role("power", trustEC2).attach("all", power).inline("look", power, lookUp),
			b().policy("all", allOfSSM).role("power", trustSSM).inline("look", power, lookUp),
			map[string]string{
				"role/power":                "role/power gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example, as role/power assumed by ssm.amazonaws.com",
				"attachment/role/power/all": "",
			},
		},
		"a right that moves from a user to a role": {
			b().user("zoe").policy("run", onAny).role("power", trustAccount).inline("call", zoe, call).attach("run", zoe),
			b().user("zoe").policy("run", onAny).role("power", trustAccount).inline("call", zoe, call).attach("run", power),
			map[string]string{
				"attachment/user/zoe/run":   "user/zoe loss: ssm:SendCommand on arn:aws:ssm:us-east-1:123456789012:document/example, as role/power",
				"attachment/role/power/run": "",
			},
		},
		"a node that moves, and the policy with it": {
			b().user("amy").policy("db", onDB).policy("web", onWeb).attach("db", amy).node("i-1", "", "", map[string]string{"App": "db"}),
			b().user("amy").policy("db", onDB).policy("web", onWeb).attach("web", amy).node("i-1", "", "", map[string]string{"app": "web"}),
			map[string]string{
				"instance/i-1":           "user/amy loss: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-1",
				"attachment/user/amy/db": "user/amy loss: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-1",
				"attachment/user/amy/db attachment/user/amy/web": "user/amy loss: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-1",
				"attachment/user/amy/web":                        "",
				"attachment/user/amy/web instance/i-1":           "",
			},
		},
		"a node that comes into reach of what goes": {
			b().user("amy").policy("db", onDB).attach("db", amy).inline("look", amy, lookUp).node("i-1", "", "", nil),
			b().user("amy").policy("db", onDB).inline("look", amy, lookUp).node("i-1", "", "", map[string]string{"App": "db"}),
			map[string]string{
				"instance/i-1":           "user/amy gain: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-1",
				"attachment/user/amy/db": "",
			},
		},
		"a user who changes teams": {
			b().user("amy").tags(map[string]string{"team": "blue"}).inline("own", amy, ofTeam),
			b().user("amy").tags(map[string]string{"team": "red"}).inline("own", amy, ofRed),
			map[string]string{
				"user/amy":            "user/amy loss: s3:GetObject on arn:aws:s3:::example/example",
				"inline/user/amy/own": "user/amy loss: s3:GetObject on arn:aws:s3:::example/example",
			},
		},
		"a role that changes teams, whose sessions may be of any": {
			b().role("power", tagging).tags(map[string]string{"team": "blue"}).inline("own", power, ofTeam),
			b().role("power", tagging).tags(map[string]string{"team": "red"}).inline("own", power, ofTeam, ofRed),
			map[string]string{
				"role/power":            "role/power loss: s3:GetObject on arn:aws:s3:::example/example",
				"inline/role/power/own": "",
			},
		},
		"a role whose sessions may be of a team that it is not": {
			b().role("power", tagging).tags(map[string]string{"team": "green"}).policy("blue", ofTeam).attach("blue", power),
			b().role("power", tagging).tags(map[string]string{"team": "grey"}).policy("blue", ofTeam).inline("own", power, ofTeam),
			map[string]string{
				"attachment/role/power/blue": "role/power loss: s3:GetObject on arn:aws:s3:::example/example, with aws:PrincipalTag/team blue",
				"inline/role/power/own":      "",
			},
		},
		"a new user whose boundary comes last": {
			b().policy("all", allOfSSM).policy("look", lookUp),
			b().user("amy").policy("all", allOfSSM).policy("look", lookUp).attach("all", amy).bound("look", amy),
			map[string]string{
				"user/amy attachment/user/amy/all": "user/amy gain: ssm:AddTagsToResource on arn:aws:ecs:us-east-1:123456789012:task/example",
				"user/amy boundary/user/amy":       "",
				"user/amy":                         "",
			},
		},
		"a user who goes, and the fence first": {
			b().user("amy").policy("all", allOfSSM).attach("all", amy).inline("fence", amy, neverProd),
			b().policy("all", allOfSSM),
			map[string]string{
				"inline/user/amy/fence":   "user/amy gain: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-prodexample",
				"attachment/user/amy/all": "",
			},
		},
		"a policy that nobody knows": {
			unread(b().user("amy").policy("run", onAny).attach("dark", amy).inline("fence", amy, policy.Deny("ssm:StartSession").On("*"))),
			unread(b().user("amy").policy("run", onAny).attach("run", amy)),
			map[string]string{
				"attachment/user/amy/run":                          "",
				"inline/user/amy/fence":                            "user/amy gain: ssm:StartSession on arn:aws:ecs:us-east-1:123456789012:task/example, as far as can be known without the text of arn:aws:iam::123456789012:policy/dark",
				"attachment/user/amy/dark":                         "user/amy loss: ssm:SendCommand on arn:aws:ssm:us-east-1:123456789012:document/example, as far as can be known without the text of arn:aws:iam::123456789012:policy/dark",
				"attachment/user/amy/dark attachment/user/amy/run": "",
			},
		},
		"only for one of a group": {
			b().group("ops").user("amy", "ops").user("ben", "ops").policy("ben", onAny.If("StringEquals", "aws:username", "ben")),
			b().group("ops").user("amy", "ops").user("ben", "ops").policy("ben", onAny.If("StringEquals", "aws:username", "ben")).
				attach("ben", groupID("ops")).inline("fence", groupID("ops"), neverProd),
			map[string]string{
				"attachment/group/ops/ben": "user/ben gain: ssm:SendCommand on arn:aws:ec2:us-east-1:123456789012:instance/i-prodexample",
				"inline/group/ops/fence":   "",
			},
		},
		"in one group, with boundaries of their own": {
			b().group("ops").user("amy", "ops").user("ben", "ops").policy("run", onAny).policy("all", allOfSSM).policy("look", lookUp).
				bound("look", amy).bound("all", userID("ben")).attach("run", groupID("ops")),
			b().group("ops").user("amy", "ops").user("ben", "ops").policy("run", onAny).policy("all", allOfSSM).policy("look", lookUp).
				bound("look", amy).bound("all", userID("ben")).attach("all", groupID("ops")),
			map[string]string{
				"attachment/group/ops/run": "user/ben loss: ssm:SendCommand on arn:aws:ssm:us-east-1:123456789012:document/example",
				"attachment/group/ops/all": "",
			},
		},
		"only for another user": {
			b().user("amy").policy("bob", onAny.If("StringEquals", "aws:username", "bob")),
			b().user("amy").policy("bob", onAny.If("StringEquals", "aws:username", "bob")).attach("bob", amy).inline("fence", amy, neverProd),
			map[string]string{"attachment/user/amy/bob": "", "inline/user/amy/fence": ""},
		},
	}
}

// Fault 45: the textbook cases of what an order of steps does.
func TestPassage(t *testing.T) {
	t.Parallel()
	for name, test := range passageCases() {
		before, after := &test.before.Account, &test.after.Account
		steps := changedObjects(before, after)
		p := NewPassage(before, after, steps)
		for done, want := range test.states {
			t.Run(name+" with "+done, func(t *testing.T) {
				t.Parallel()
				for id := range strings.FieldsSeq(done) {
					if !slices.ContainsFunc(steps, func(s resource.ID) bool { return s.String() == id }) {
						t.Fatalf("%s is no step: %v", id, steps)
					}
				}
				var got []string
				for _, b := range judgements(p, steps, strings.Fields(done)...) {
					got = append(got, fmt.Sprintf("%s %s: %s", b.Principal, b.Effect, b.Text))
				}
				if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
}
