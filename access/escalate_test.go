package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

// escalated returns escalations as lines of text, and fails the test if one of
// them gains what is not gained.
func escalated(t *testing.T, a *Account) string {
	t.Helper()
	var b strings.Builder
	for _, e := range a.Escalations(policy.Budget{}) {
		gains := "?"
		if e.Gains != nil {
			gains = e.Gains.Action + " on " + e.Gains.Resource
			confirm(t, a, e)
		}
		if _, ok := LookupEscalation(e.Code); !ok || e.Fix == "" || e.Text == "" {
			t.Errorf("%s has no rule, no fix or no text: %+v", e.Code, e)
		}
		fmt.Fprintf(&b, "%s %s: %s: %s\n", e.Severity, e.Code, strings.Join(e.Path, " -> "), gains)
	}
	return b.String()
}

// confirm checks that the one who is acted as may do what is gained, and who
// gains may not, as things are.
func confirm(t *testing.T, a *Account, e Escalation) {
	t.Helper()
	if e.Code == escalateGuardTag || e.Code == escalateDocument {
		return // the request is of another world, or of another principal's doing
	}
	everyone := newPeople(a)
	who := e.Who
	if len(e.Members) > 0 {
		who = userID(e.Members[0])
	}
	for _, s := range everyone.list {
		allowed := s.effective.Policies.Decide(*e.Gains).Verdict == policy.Allowed
		switch {
		case s.principal.ARN == e.Gains.Principal && !allowed:
			t.Errorf("%s: %s may not %s", e.Text, e.Gains.Principal, e.Gains.Action)
		case s.principal.ID == who && allowed:
			t.Errorf("%s: %s may do that anyway", e.Text, who)
		}
	}
}

func TestEscalations(t *testing.T) {
	t.Parallel()
	allow, deny := policy.Allow, policy.Deny
	shell := documentARN("SSM-SessionManagerRunShell")
	app := func(values ...string) policy.Statement {
		return allow("ssm:StartSession").On(nodeARN("*")).If("StringEquals", "aws:ResourceTag/App", values...)
	}
	// A node whose role reads a bucket, and someone with a right on it.
	node := func(statements ...policy.Statement) *builder {
		return newAccount().user("eve").inline("p", userID("eve"), statements...).
			role("backup", trustEC2).inline("b", roleID("backup"), allow("s3:GetObject").On("arn:aws:s3:::acme/*")).
			node(db1, "db-1", "backup", map[string]string{"App": "db"}).document("acme-deploy")
	}
	const reads = ": s3:GetObject on arn:aws:s3:::acme/example\n"
	for name, test := range map[string]struct {
		b    *builder
		want string
	}{
		"a shell": {
			node(allow("ssm:StartSession").On("*")),
			"high escalate-node-role: user/eve -> ssm:StartSession on db-1 -> role/backup" + reads,
		},
		"a shell with MFA": {
			node(allow("ssm:StartSession").On("*").If("Bool", "aws:MultiFactorAuthPresent", "true")),
			"high escalate-node-role: user/eve -> ssm:StartSession on db-1 only with MFA -> role/backup" + reads,
		},
		"a session, but no shell": {
			node(allow("ssm:StartSession").On(nodeARN("*")).If("BoolIfExists", "ssm:SessionDocumentAccessCheck", "true"),
				allow("ssm:StartSession").On(documentARN("AWS-StartPortForwardingSession"))),
			"",
		},
		"a shell, checked and allowed": {
			node(allow("ssm:StartSession").On(nodeARN("*"), shell).If("BoolIfExists", "ssm:SessionDocumentAccessCheck", "true")),
			"high escalate-node-role: user/eve -> ssm:StartSession on db-1 -> role/backup" + reads,
		},
		"any command": {
			node(allow("ssm:SendCommand").On("*")),
			"high escalate-node-role: user/eve -> ssm:SendCommand of AWS-RunShellScript on db-1 -> role/backup" + reads,
		},
		"one command of the account's": {
			node(allow("ssm:SendCommand").On(documentARN("acme-deploy"), nodeARN("*"))),
			"",
		},
		"a command that it can change": {
			node(allow("ssm:SendCommand", "ssm:UpdateDocument").On(documentARN("acme-deploy"), nodeARN("*"))),
			"high escalate-node-role: user/eve -> ssm:SendCommand of acme-deploy, which it can write, on db-1 -> role/backup" + reads,
		},
		"a command that it can make": {
			node(allow("ssm:SendCommand", "ssm:CreateDocument").On(documentARN("eve-*"), nodeARN("*"))),
			"high escalate-node-role: user/eve -> ssm:SendCommand of eve-example, which it can write, on db-1 -> role/backup" + reads,
		},
		"a command that it can make only under another name": {
			node(allow("ssm:SendCommand").On(documentARN("acme-*"), nodeARN("*")), allow("ssm:CreateDocument", "ssm:UpdateDocument").On(documentARN("eve-*"))),
			"",
		},
		"a document of anyone's": {
			node(allow("ssm:SendCommand").On("arn:aws:ssm:us-east-1:*:document/acme*", "arn:aws:ssm:us-east-1:*:document/example", nodeARN("*")), deny("ssm:SendCommand").On("arn:aws:ssm:*::document/*")),
			"high escalate-node-role: user/eve -> ssm:SendCommand of a document that another account shares on db-1 -> role/backup" + reads,
		},
		"the guide's document, of any account": {
			node(allow("ssm:SendCommand").On("arn:aws:ssm:us-east-1:*:document/acme-deploy", nodeARN(db1))),
			"high escalate-node-role: user/eve -> ssm:SendCommand of a document that another account shares on db-1 -> role/backup" + reads,
		},
		"an association": {
			node(allow("ssm:CreateAssociation").On("*")),
			"high escalate-node-role: user/eve -> ssm:CreateAssociation of AWS-RunShellScript on db-1 -> role/backup" + reads,
		},
		"another node": {
			node(allow("ssm:StartSession").On(nodeARN(web1), shell)),
			"",
		},
		"who may do it anyway": {
			node(allow("ssm:StartSession", "s3:*").On("*")),
			"",
		},
		"who is kept from it by a boundary": {
			node(allow("ssm:StartSession", "s3:*").On("*")).policy("edge", allow("ssm:*").On("*")).bound("edge", userID("eve")),
			"high escalate-node-role: user/eve -> ssm:StartSession on db-1 -> role/backup" + reads,
		},
		"an administrator": {
			node(allow("*").On("*")),
			"",
		},
		"a role that does what agents do": {
			newAccount().user("eve").inline("p", userID("eve"), allow("ssm:StartSession").On("*")).
				role("plain", trustEC2).inline("b", roleID("plain"), allow(agentActions...).On("*")).node(db1, "db-1", "plain", nil),
			"",
		},
		"a role that gives itself rights": {
			newAccount().user("eve").inline("p", userID("eve"), allow("ssm:StartSession").On("*")).
				role("boss", trustEC2).inline("b", roleID("boss"), allow("iam:PutRolePolicy", "s3:GetObject").On("*")).node(db1, "db-1", "boss", nil),
			"critical escalate-node-role: user/eve -> ssm:StartSession on db-1 -> role/boss: iam:PutRolePolicy on arn:aws:iam::123456789012:role/example\n",
		},
		"a role that looks": {
			newAccount().user("eve").inline("p", userID("eve"), allow("ssm:StartSession").On("*")).
				role("look", trustEC2).inline("b", roleID("look"), allow("ec2:DescribeInstances").On("*")).node(db1, "db-1", "look", nil),
			"medium escalate-node-role: user/eve -> ssm:StartSession on db-1 -> role/look: ec2:DescribeInstances on *\n",
		},
		"a node that reaches another": {
			node().role("hop", trustEC2).inline("b", roleID("hop"), allow("ssm:SendCommand").On("*")).node(web1, "web-1", "hop", nil),
			"high escalate-node-role: role/hop -> ssm:SendCommand of AWS-RunShellScript on db-1 -> role/backup" + reads,
		},
		"a whole group": {
			node().group("ops").user("ann", "ops").user("bob", "ops").inline("s", groupID("ops"), allow("ssm:StartSession").On("*")),
			"high escalate-node-role: group/ops -> ssm:StartSession on db-1 -> role/backup" + reads,
		},
		"a part of a group": {
			node().group("ops").user("ann", "ops").user("bob", "ops").inline("s", groupID("ops"), allow("ssm:StartSession").On("*")).
				inline("d", userID("bob"), deny("ssm:StartSession").On("*")),
			"high escalate-node-role: user/ann -> ssm:StartSession on db-1 -> role/backup" + reads,
		},

		"passing a role to an activation": {
			node(allow("ssm:CreateActivation", "iam:PassRole").On("*")).role("auto", trustSSM).inline("a", roleID("auto"), allow("s3:GetObject").On("arn:aws:s3:::acme/*")),
			"high escalate-pass-role: user/eve -> iam:PassRole on role/auto -> ssm:CreateActivation -> role/auto" + reads,
		},
		"passing a role to one runbook": {
			node(allow("ssm:StartAutomationExecution").On(documentARN("acme-deploy"), "arn:aws:ssm:*:*:automation-execution/*"), allow("iam:PassRole").On("*")).
				role("auto", trustSSM).inline("a", roleID("auto"), allow("s3:GetObject").On("*")),
			"",
		},
		"passing a role to any runbook": {
			node(allow("ssm:StartAutomationExecution", "iam:PassRole").On("*")).role("auto", trustSSM).inline("a", roleID("auto"), allow("s3:GetObject").On("arn:aws:s3:::acme/*")),
			"high escalate-pass-role: user/eve -> iam:PassRole on role/auto -> ssm:StartAutomationExecution of AWS-CreateStack -> role/auto" + reads,
		},
		"passing a role to a window": {
			node(allow("ssm:RegisterTaskWithMaintenanceWindow", "iam:PassRole").On("*")).role("auto", trustSSM).inline("a", roleID("auto"), allow("s3:GetObject").On("arn:aws:s3:::acme/*")),
			"high escalate-pass-role: user/eve -> iam:PassRole on role/auto -> ssm:RegisterTaskWithMaintenanceWindow -> role/auto" + reads,
		},
		"passing a role to another service": {
			node(allow("ssm:CreateActivation").On("*"), allow("iam:PassRole").On("*").If("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")).
				role("auto", trustSSM).inline("a", roleID("auto"), allow("s3:GetObject").On("*")),
			"",
		},
		"passing a role that another service has": {
			node(allow("ssm:CreateActivation", "iam:PassRole").On("*")),
			"",
		},
		"passing a role that trusts this account's alone": {
			node(allow("ssm:CreateActivation", "iam:PassRole").On("*")).
				role("auto", trustSSM.If("StringEquals", "aws:SourceAccount", account).If("ArnLike", "aws:SourceArn", "arn:aws:ssm:us-east-1:"+account+":*")).
				inline("a", roleID("auto"), allow("s3:GetObject").On("arn:aws:s3:::acme/*")),
			"high escalate-pass-role: user/eve -> iam:PassRole on role/auto -> ssm:CreateActivation -> role/auto" + reads,
		},

		"a profile on a node of one's own": {
			node(allow("ec2:AssociateIamInstanceProfile", "iam:PassRole").On("*"), allow("ssm:StartSession").On(nodeARN(web1), shell)).node(web1, "web-1", "", nil),
			"high escalate-profile: user/eve -> iam:PassRole on role/backup -> ec2:AssociateIamInstanceProfile and ssm:StartSession on web-1 -> role/backup" + reads,
		},
		"a profile on another's node": {
			node(allow("ec2:ReplaceIamInstanceProfileAssociation", "iam:PassRole").On("*"), allow("ssm:StartSession").On(nodeARN("i-9"), shell)).node(web1, "web-1", "", nil),
			"",
		},
		"a new machine": {
			node(allow("ec2:RunInstances", "iam:PassRole").On("*")),
			"high escalate-profile: user/eve -> iam:PassRole on role/backup -> ec2:RunInstances -> role/backup" + reads,
		},
		"a new machine without a role": {
			node(allow("ec2:RunInstances").On("*")),
			"",
		},

		"a document that others run": {
			node(allow("ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion").On("*")).
				user("amy").inline("run", userID("amy"), allow("ssm:SendCommand").On(documentARN("acme-deploy"), nodeARN("*"))),
			"high escalate-document: user/eve -> ssm:UpdateDocument of acme-deploy -> ssm:SendCommand on db-1 by user/amy: ssm:SendCommand on " + nodeARN(db1) + "\n",
		},
		"a runbook that others run": {
			node(allow("ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion").On("*")).
				user("amy").inline("run", userID("amy"), allow("ssm:StartAutomationExecution").On(documentARN("acme-deploy"), "arn:aws:ssm:us-east-1:"+account+":automation-execution/*"), allow("s3:GetObject").On("arn:aws:s3:::acme/*")),
			"high escalate-document: user/eve -> ssm:UpdateDocument of acme-deploy -> ssm:StartAutomationExecution by user/amy" + reads,
		},
		"a document that others run, its default version fixed": {
			node(allow("ssm:UpdateDocument").On("*")).
				user("amy").inline("run", userID("amy"), allow("ssm:SendCommand").On(documentARN("acme-deploy"), nodeARN("*"))),
			"",
		},
		"a document that all may run, but nobody is granted": {
			node(allow("ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion").On("*")).
				user("dan").inline("all", userID("dan"), allow("ssm:SendCommand").On(documentARN("*"), nodeARN(db1)), deny("ssm:SendCommand").On("arn:aws:ssm:*::document/*")).
				inline("own", userID("dan"), allow("s3:*").On("*")),
			"",
		},

		"the tag that guards": {
			node(app("web"), allow("ec2:CreateTags").On("*")),
			"high escalate-guard-tag: user/eve -> ec2:CreateTags of App=web on db-1 -> ssm:StartSession on db-1: ssm:StartSession on " + nodeARN(db1) + "\n",
		},
		"the tag that guards, of which values are denied": {
			node(app("web"), allow("ec2:CreateTags").On("*"), deny("ec2:CreateTags").On("*").If("ForAnyValue:StringEquals", "aws:TagKeys", "App")),
			"",
		},
		"another tag": {
			node(app("web"), allow("ec2:CreateTags").On("*").If("ForAllValues:StringEquals", "aws:TagKeys", "Name")),
			"",
		},
		"a tag, where a command does as much": {
			node(app("web"), allow("ec2:CreateTags", "ssm:SendCommand", "s3:*").On("*")),
			"",
		},
		"a tag whose absence guards": {
			node(allow("ssm:StartSession").On("*").If("Null", "aws:ResourceTag/App", "true"), allow("ec2:DeleteTags").On("*")),
			"high escalate-guard-tag: user/eve -> ec2:DeleteTags of App on db-1 -> ssm:StartSession on db-1: ssm:StartSession on " + nodeARN(db1) + "\n",
		},
		"a tag that another value opens": {
			node(allow("ssm:StartSession").On("*"), deny("ssm:StartSession").On("*").If("StringEquals", "aws:ResourceTag/App", "db"), allow("ec2:CreateTags").On("*")),
			"high escalate-guard-tag: user/eve -> ec2:CreateTags of App=other on db-1 -> ssm:StartSession on db-1: ssm:StartSession on " + nodeARN(db1) + "\n",
		},
		"the tag of a node outside of EC2": {
			newAccount().user("eve").node(plant1, "plant-1", "", nil).
				inline("p", userID("eve"), allow("ssm:SendCommand").On(nodeARN("mi-*")).If("StringEquals", "ssm:resourceTag/App", "web"),
					allow("ssm:SendCommand").On(documentARN("acme-deploy")), allow("ssm:AddTagsToResource").On("*")).document("acme-deploy"),
			"high escalate-guard-tag: user/eve -> ssm:AddTagsToResource of App=web on plant-1 -> ssm:SendCommand on plant-1: ssm:SendCommand on " + nodeARN(plant1) + "\n",
		},
		"a tag of the principal's": {
			node(allow("ssm:StartSession").On("*").If("StringEquals", "aws:ResourceTag/Team", "${aws:PrincipalTag/Team}"), allow("ec2:CreateTags").On("*")).
				user("tom").tags(map[string]string{"Team": "red"}).
				inline("q", userID("tom"), allow("ssm:StartSession").On("*").If("StringEquals", "aws:ResourceTag/Team", "${aws:PrincipalTag/Team}"), allow("ec2:CreateTags").On("*")),
			"high escalate-guard-tag: user/tom -> ec2:CreateTags of Team=red on db-1 -> ssm:StartSession on db-1: ssm:StartSession on " + nodeARN(db1) + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, escalated(t, &test.b.Account)); diff != "" {
				t.Errorf("Escalations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEscalationsAreInOrder(t *testing.T) {
	t.Parallel()
	a := acme()
	want := escalated(t, a)
	if diff := cmp.Diff(`high escalate-node-role: group/web -> ssm:StartSession on web-1 -> role/ssm-managed: ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/example
high escalate-node-role: role/oncall -> ssm:StartSession on db-1 only with MFA -> role/db-backup: s3:GetObject on arn:aws:s3:::acme-backup/example
high escalate-node-role: role/oncall -> ssm:StartSession on web-1 only with MFA -> role/ssm-managed: ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/example
high escalate-node-role: user/wes -> ssm:StartSession on db-1 -> role/db-backup: s3:GetObject on arn:aws:s3:::acme-backup/example
`, want); diff != "" {
		t.Errorf("Escalations (-want +got):\n%s", diff)
	}
	// The order of a snapshot's lists means nothing.
	slices.Reverse(a.Principals)
	slices.Reverse(a.Members)
	slices.Reverse(a.Grants)
	if diff := cmp.Diff(want, escalated(t, a)); diff != "" {
		t.Errorf("with the lists reversed (-before +after):\n%s", diff)
	}
	if e := a.Escalations(policy.Budget{})[0]; !slices.Equal(e.Members, []string{"amy", "ben"}) ||
		e.Text != "each of group/web can act as role/ssm-managed by ssm:StartSession on web-1, and so ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter/example" {
		t.Errorf("the first is of %q: %s", e.Members, e.Text)
	}
	if none := new(Account).Escalations(policy.Budget{}); none == nil || len(none) != 0 {
		t.Errorf("of an empty account: %#v, want an empty list", none)
	}
}

func TestEscalationThatIsNotSettled(t *testing.T) {
	t.Parallel()
	a := acme()
	found := a.Escalations(policy.Budget{Nodes: 1})
	i := slices.IndexFunc(found, func(e Escalation) bool { return e.Gains == nil })
	if i < 0 {
		t.Fatalf("with a budget of one step all is settled: %+v", found)
	}
	if e := found[i]; e.Severity != Medium || !strings.Contains(e.Text, "is not settled: ") {
		t.Errorf("%s: %s", e.Severity, e.Text)
	}
}

func TestEscalationRules(t *testing.T) {
	t.Parallel()
	rules := EscalationRules()
	if !slices.IsSortedFunc(rules, func(a, b EscalationRule) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("the rules are not sorted by code")
	}
	for _, r := range rules {
		if r.Title == "" || r.Explanation == "" || r.Fix == "" {
			t.Errorf("%s does not say all", r.Code)
		}
		if got, ok := LookupEscalation(r.Code); !ok || got != r {
			t.Errorf("LookupEscalation(%q) = %+v, %t", r.Code, got, ok)
		}
	}
	if _, ok := LookupEscalation("escalate"); ok {
		t.Error("there is a rule for part of a code")
	}
}
