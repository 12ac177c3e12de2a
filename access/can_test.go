package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

// told returns an answer as lines of text.
func told(a Answer) string {
	var b strings.Builder
	say := func(v Verdict, when string) {
		b.WriteString(string(v))
		if when != "" {
			b.WriteString(": " + when)
		}
		b.WriteByte('\n')
	}
	say(a.Verdict, a.When)
	for _, c := range a.Calls {
		fmt.Fprintf(&b, "  on %s ", c.On)
		say(c.Verdict, c.When)
		for _, l := range c.Legs {
			fmt.Fprintf(&b, "    %s %s", l.Leg, l.Verdict)
			if len(l.Allowed) > 0 {
				fmt.Fprintf(&b, " of %s", strings.Join(l.Allowed, ", "))
			}
			b.WriteByte('\n')
			for _, c := range l.Chains {
				fmt.Fprintf(&b, "      %s\n", c)
			}
			if l.Reason != "" {
				fmt.Fprintf(&b, "      %s\n", l.Reason)
			}
		}
	}
	for _, by := range a.AssumedBy {
		fmt.Fprintf(&b, "  by %s %s\n", by, by.When)
	}
	for _, n := range a.Notes {
		fmt.Fprintf(&b, "  note: %s\n", n)
	}
	return strings.ReplaceAll(b.String(), " \n", "\n")
}

func TestCan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		q    Question
		want string
	}{
		"a document that is not granted": {
			Question{Who: userID("amy"), Action: "send-command", With: "AWS-RunShellScript", On: "web-1"}, `
no
  on web-1 no
    node allow
      user/amy -> group/web -> policy/deploy-web Statement[2] (RunNodes)
    document implicit-deny
      user/amy -> group/web -> policy/deploy-web Statement[1] (RunDocuments)
      group/web -> deploy-web allows only AWS-RunPatchBaseline, acme-deploy
`,
		},
		"a document that is": {
			Question{Who: userID("amy"), Action: "ssm:SendCommand", With: "acme-deploy", On: web1}, `
yes
  on web-1 yes
    node allow
      user/amy -> group/web -> policy/deploy-web Statement[2] (RunNodes)
    document allow
      user/amy -> group/web -> policy/deploy-web Statement[1] (RunDocuments)
`,
		},
		"any document": {
			Question{Who: userID("amy"), Action: "SendCommand", On: "web-1"}, `
yes
  on web-1 yes
    node allow
      user/amy -> group/web -> policy/deploy-web Statement[2] (RunNodes)
    document allow of acme-deploy, AWS-RunPatchBaseline
      user/amy -> group/web -> policy/deploy-web Statement[1] (RunDocuments)
`,
		},
		"a node with another tag": {
			Question{Who: userID("amy"), Action: "send-command", With: "acme-deploy", On: "db-1"}, `
no
  on db-1 no
    node implicit-deny
      user/amy -> group/web -> policy/deploy-web Statement[2] (RunNodes)
      group/web -> deploy-web allows it only tagged App=web
    document allow
      user/amy -> group/web -> policy/deploy-web Statement[1] (RunDocuments)
`,
		},
		"a node outside of EC2": {
			Question{Who: userID("amy"), Action: "start-session", On: "plant-1"}, `
no
  on plant-1 no
    node implicit-deny
      no policy allows ssm:StartSession
`,
		},
		"nodes of a tag": {
			Question{Who: userID("amy"), Action: "start-session", On: "tag:Env=prod"}, `
depends: on web-1, not on db-1
  on web-1 yes
    node allow
      user/amy -> group/web -> policy/shell-web Statement[0]
  on db-1 no
    node implicit-deny
      user/amy -> group/web -> policy/shell-web Statement[0]
      group/web -> shell-web allows it only tagged App=web
`,
		},
		"a session with a document of AWS": {
			Question{Who: userID("amy"), Action: "start-session", On: "web-1", With: "AWS-StartPortForwardingSession"}, `
no
  on web-1 no
    node allow
      user/amy -> group/web -> policy/shell-web Statement[0]
    document implicit-deny
      user/amy -> group/web -> policy/shell-web Statement[1]
      group/web -> shell-web allows only SSM-SessionManagerRunShell
`,
		},
		"own sessions": {
			Question{Who: userID("amy"), Action: "terminate-session"}, `
yes
  on  yes
    session allow of arn:aws:ssm:us-east-1:123456789012:session/amy-example
      user/amy -> group/web -> policy/shell-web Statement[2]
`,
		},
		"another's session": {
			Question{Who: userID("amy"), Action: "terminate-session", On: "ben-0123456789abcdef0"}, `
no
  on ben-0123456789abcdef0 no
    session implicit-deny
      user/amy -> group/web -> policy/shell-web Statement[2]
      group/web -> shell-web allows only amy-*
`,
		},
		"a parameter": {
			Question{Who: userID("amy"), Action: "get-parameter", On: "/web/db/password"}, `
yes
  on /web/db/password yes
    parameter allow
      user/amy -> group/web -> policy/shell-web Statement[3]
`,
		},
		"another parameter": {
			Question{Who: userID("amy"), Action: "get-parameter", On: "/payroll"}, `
no
  on /payroll no
    parameter implicit-deny
      user/amy -> group/web -> policy/shell-web Statement[3]
      group/web -> shell-web allows only /web/*
`,
		},
		"an action without resources": {
			Question{Who: userID("amy"), Action: "list-commands"}, `
yes
  on  yes
    * allow
      user/amy -> group/web -> policy/deploy-web Statement[0] (Follow)
`,
		},
		"nothing at all": {
			Question{Who: userID("amy"), Action: "update-document", With: "acme-deploy"}, `
no
  on acme-deploy no
    document implicit-deny
      no policy allows ssm:UpdateDocument
`,
		},
		"through a policy of AWS": {
			Question{Who: userID("wes"), Action: "add-tags-to-resource", On: "plant-1"}, `
yes
  on plant-1 yes
    resource allow
      user/wes -> group/platform -> AmazonSSMFullAccess Statement[0]
`,
		},
		"an automation": {
			Question{Who: userID("wes"), Action: "start-automation-execution", With: "AWS-RestartEC2Instance"}, `
yes
  on AWS-RestartEC2Instance yes
    document allow
      user/wes -> group/platform -> AmazonSSMFullAccess Statement[0]
    automation-execution allow
      user/wes -> group/platform -> AmazonSSMFullAccess Statement[0]
`,
		},
		"a role, only with MFA": {
			Question{Who: roleID("oncall"), Action: "start-session", On: "db-1"}, `
depends: only with MFA
  on db-1 depends: only with MFA
    node allow
      role/oncall -> policy/prod-breakglass Statement[0] (Shell)
  by user/dan
  by user/zoe
`,
		},
		"the same with MFA": {
			Question{Who: roleID("oncall"), Action: "start-session", On: "db-1", Context: policy.Context{"aws:multifactorauthpresent": policy.One("true")}}, `
yes
  on db-1 yes
    node allow
      role/oncall -> policy/prod-breakglass Statement[0] (Shell)
  by user/dan
  by user/zoe
`,
		},
		"the same without": {
			Question{Who: roleID("oncall"), Action: "start-session", On: "db-1", Context: policy.Context{"aws:MultiFactorAuthPresent": policy.One("false")}}, `
no
  on db-1 no
    node implicit-deny
      role/oncall -> policy/prod-breakglass Statement[0] (Shell)
      prod-breakglass allows it only with MFA
  by user/dan
  by user/zoe
`,
		},
		"a role of the pipeline": {
			Question{Who: roleID("ci"), Action: "send-command", With: "acme-deploy", On: "web-2"}, `
yes
  on web-2 yes
    node allow
      role/ci -> policy/deploy-web Statement[2] (RunNodes)
    document allow
      role/ci -> policy/deploy-web Statement[1] (RunDocuments)
  by arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := told(mustAsk(t, acme(), test.q))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("Can(%+v) (-want +got):\n%s", test.q, diff)
			}
		})
	}
}

// Circumstances, boundaries, denies and texts that are not known.
func TestCanElsewhere(t *testing.T) {
	t.Parallel()
	start := func() policy.Statement { return policy.Allow("ssm:StartSession").On("*") }
	one := func(statements ...policy.Statement) *builder {
		return newAccount().user("eve").node(web1, "web-1", "", nil).inline("p", userID("eve"), statements...)
	}
	for name, test := range map[string]struct {
		b    *builder
		q    Question
		want string
	}{
		"until a day": {
			b: one(start().If("DateLessThan", "aws:CurrentTime", "2027-04-01T00:00:00Z")),
			want: `
depends: until 2027-03-31
  on web-1 depends: until 2027-03-31
    node allow
      user/eve -> inline/p Statement[0]
`,
		},
		"from an address": {
			b: one(start().If("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
			want: `
depends: only from 203.0.113.0/24
  on web-1 depends: only from 203.0.113.0/24
    node allow
      user/eve -> inline/p Statement[0]
`,
		},
		"a deny without MFA": {
			b: one(start(), policy.Deny("*").On("*").If("BoolIfExists", "aws:MultiFactorAuthPresent", "false").As("MFA")),
			want: `
depends: only with MFA
  on web-1 depends: only with MFA
    node allow
      user/eve -> inline/p Statement[0]
`,
		},
		"two ways, one of them unconditional": {
			b: one(start().If("Bool", "aws:MultiFactorAuthPresent", "true"), start()),
			want: `
yes
  on web-1 yes
    node allow
      user/eve -> inline/p Statement[1]
`,
		},
		"a deny": {
			b: one(start(), policy.Deny("ssm:Start*").On(nodeARN("*")).As("Fence")),
			want: `
no
  on web-1 no
    node explicit-deny
      user/eve -> inline/p Statement[1] (Fence)
      p denies it
`,
		},
		"a boundary that allows no such thing": {
			b: one(start()).policy("edge", policy.Allow("s3:*").On("*")).bound("edge", userID("eve")),
			want: `
no
  on web-1 no
    node implicit-deny
      the boundary edge keeps it from that: it allows no ssm:StartSession
`,
		},
		"a boundary that allows it elsewhere": {
			b: one(start()).policy("edge", policy.Allow("ssm:*").On(nodeARN(db1))).bound("edge", userID("eve")),
			want: `
no
  on web-1 no
    node implicit-deny
      user/eve -> boundary policy/edge Statement[0]
      the boundary edge keeps it from that: edge allows only i-0bbb0000000000001
`,
		},
		"a deny in a boundary": {
			b: one(start()).policy("edge", policy.Allow("*").On("*"), policy.Deny("ssm:*").On("*")).bound("edge", userID("eve")),
			want: `
no
  on web-1 no
    node explicit-deny
      user/eve -> boundary policy/edge Statement[1]
      edge denies it
`,
		},
		"a policy that is not known": {
			b: func() *builder {
				b := newAccount().user("eve").node(web1, "web-1", "", nil)
				b.Policies[iamARN("policy/dark")] = Managed{Name: "dark", ARN: iamARN("policy/dark"), Unread: "not allowed to read it"}
				return b.attach("dark", userID("eve"))
			}(),
			want: `
unknown
  on web-1 unknown
    node implicit-deny
      no policy allows ssm:StartSession
  note: the policy dark is left out: not allowed to read it
`,
		},
		"denied, whatever is not known": {
			b: func() *builder {
				b := one(policy.Deny("*").On("*"))
				b.Policies[iamARN("policy/dark")] = Managed{Name: "dark", ARN: iamARN("policy/dark"), Unread: "not allowed to read it"}
				return b.attach("dark", userID("eve"))
			}(),
			want: `
no
  on web-1 no
    node explicit-deny
      user/eve -> inline/p Statement[0]
      p denies it
  note: the policy dark is left out: not allowed to read it
`,
		},
		"a shell whose document is not granted": {
			b: one(policy.Allow("ssm:StartSession").On(nodeARN("*"))),
			want: `
yes
  on web-1 yes
    node allow
      user/eve -> inline/p Statement[0]
  note: ssm:StartSession is not granted on SSM-SessionManagerRunShell, which AWS asks for by its newer documentation: without it the default shell may be refused
`,
		},
		"a node that is not there, by its ARN": {
			b: one(start().If("StringEquals", "aws:ResourceTag/App", "web"), policy.Allow("ssm:StartSession").On(documentARN("SSM-SessionManagerRunShell"))),
			q: Question{On: nodeARN(db1)},
			want: `
depends: only if it is tagged App=web
  on arn:aws:ec2:us-east-1:123456789012:instance/i-0bbb0000000000001 depends: only if it is tagged App=web
    node allow
      user/eve -> inline/p Statement[0]
`,
		},
		"a command from an address": {
			b: one(policy.Allow("ssm:SendCommand").On("*").If("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
			q: Question{Action: "send-command", With: "AWS-RunShellScript"},
			want: `
depends: only from 203.0.113.0/24
  on web-1 depends: only from 203.0.113.0/24
    node allow
      user/eve -> inline/p Statement[0]
    document allow
      user/eve -> inline/p Statement[0]
  note: Systems Manager checks a command again, by itself, and then aws:SourceIp and the like are not there: allow it too if aws:ViaAWSService is true, or commands may fail (Systems Manager User Guide, "Setting up Run Command")
`,
		},
		"a command from an address, and by the service": {
			b: one(policy.Allow("ssm:SendCommand").On("*").If("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
				policy.Allow("ssm:SendCommand").On("*").If("Bool", "aws:ViaAWSService", "true")),
			q: Question{Action: "send-command", With: "AWS-RunShellScript"},
			want: `
depends: only from 203.0.113.0/24
  on web-1 depends: only from 203.0.113.0/24
    node allow
      user/eve -> inline/p Statement[0]
    document allow
      user/eve -> inline/p Statement[0]
`,
		},
		"a document of AWS's that the account does not list": {
			b: one(policy.Allow("ssm:SendCommand").On(nodeARN("*"), "arn:aws:ssm:us-east-1::document/AWS-Run*")),
			q: Question{Action: "send-command", With: "AWS-RunRemoteScript"},
			want: `
yes
  on web-1 yes
    node allow
      user/eve -> inline/p Statement[0]
    document allow
      user/eve -> inline/p Statement[0]
`,
		},
		"the policy that comes nearest, not all of them": {
			b: one(policy.Allow("ssm:GetParameter").On("arn:aws:ssm:us-east-1:"+account+":parameter/a/*"), policy.Allow("ssm:GetParameter").On("arn:aws:ssm:eu-west-1:"+account+":parameter/b")).
				inline("q", userID("eve"), policy.Allow("ssm:GetParameter").On("arn:aws:ssm:us-east-1:"+account+":parameter/c")),
			q: Question{Action: "get-parameter", On: "/d"},
			want: `
no
  on /d no
    parameter implicit-deny
      user/eve -> inline/p Statement[0]
      user/eve -> inline/p Statement[1]
      p allows only /a/*, arn:aws:ssm:eu-west-1:123456789012:parameter/b
`,
		},
		"an account without nodes": {
			b: newAccount().user("eve").inline("p", userID("eve"), start()),
			want: `
no
  note: the account has no nodes that it could be done on
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := test.q
			q.Who = userID("eve")
			if q.Action == "" {
				q.Action = "start-session"
			}
			got := told(mustAsk(t, &test.b.Account, q))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("Can(%+v) (-want +got):\n%s", q, diff)
			}
		})
	}
}

func TestCanRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		q    Question
		want string
	}{
		"an action that is not":      {Question{Who: userID("amy"), Action: "send-comand"}, `AWS has no action "send-comand"; did you mean ssm:SendCommand?`},
		"one of no service":          {Question{Who: userID("amy"), Action: "smm:SendCommand"}, `AWS has no service "smm"; an action is written such as ssm:SendCommand`},
		"no action":                  {Question{Who: userID("amy"), Action: " "}, `" " is not an action; name one, such as ssm:SendCommand or send-command`},
		"a group":                    {Question{Who: groupID("web"), Action: "send-command"}, "group/web is a group; ask about one of its members"},
		"another case":               {Question{Who: userID("Amy"), Action: "send-command"}, "the account has no user/Amy; did you mean user/amy?"},
		"nobody":                     {Question{Who: userID("max"), Action: "send-command"}, "the account has no user/max; name a user or a role, such as user/alice"},
		"a node that is not":         {Question{Who: userID("amy"), Action: "send-command", On: "web-3"}, `no node has the id or the name "web-3"; name one of db-1, plant-1, web-1, web-2, or write tag:Key=Value`},
		"a tag that none has":        {Question{Who: userID("amy"), Action: "send-command", On: "tag:App=mail"}, "no node has the tag App=mail"},
		"a tag without a value":      {Question{Who: userID("amy"), Action: "send-command", On: "tag:App"}, `"tag:App" names no tag; write tag:Key=Value`},
		"a document for nothing":     {Question{Who: userID("amy"), Action: "get-parameter", With: "acme-deploy"}, "ssm:GetParameter takes no document; ask without one"},
		"a document that can not be": {Question{Who: userID("amy"), Action: "send-command", With: "a b"}, `"a b" cannot be the name of a document; give 3 to 128 letters, digits, - _ and ., or an ARN`},
		"a resource for nothing":     {Question{Who: userID("amy"), Action: "list-commands", On: "web-1"}, `ssm:ListCommands is on no resource: whoever may do it, may do it everywhere; ask without "web-1"`},
		"two documents":              {Question{Who: userID("amy"), Action: "get-document", On: "acme-deploy", With: "acme-restart"}, "ssm:GetDocument is on a document and nothing else; ask about acme-deploy or about acme-restart"},
		"a resource of which type":   {Question{Who: userID("amy"), Action: "remove-tags-from-resource", On: "x"}, `ssm:RemoveTagsFromResource is on association, automation-execution, cloud-connector, document, instance and 7 more: write which of them "x" is, such as association/x, or give its ARN`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := acme().Can(test.q); err == nil || err.Error() != test.want {
				t.Errorf("Can(%+v):\n got %v\nwant %s", test.q, err, test.want)
			}
		})
	}
}

func TestResolveAction(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ssm:SendCommand":    "ssm:SendCommand",
		"SSM:sendcommand":    "ssm:SendCommand",
		"ssm:send-command":   "ssm:SendCommand",
		"send_command":       "ssm:SendCommand",
		"SendCommand":        "ssm:SendCommand",
		" start-session ":    "ssm:StartSession",
		"open-data-channel":  "ssmmessages:OpenDataChannel",
		"describe-instances": "ec2:DescribeInstances",
		"pass-role":          "iam:PassRole",
		"assume-role":        "sts:AssumeRole",
		"get-object":         "s3:GetObject",
		"get-secret-value":   "secretsmanager:GetSecretValue",
	} {
		if got, err := ResolveAction(name); got != want || err != nil {
			t.Errorf("ResolveAction(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
	// An action that several services have, none of them near.
	if got, err := ResolveAction("list-projects"); err == nil || !strings.Contains(err.Error(), "services have an action") {
		t.Errorf("ResolveAction(list-projects) = %q, %v, want an error that lists them", got, err)
	}
}

// TestCanAgreesWithTheMatrix asks one by one what the matrix has in sets.
func TestCanAgreesWithTheMatrix(t *testing.T) {
	t.Parallel()
	a := acme()
	actions := []string{"ssm:SendCommand", "ssm:StartSession", "ssm:AddTagsToResource", "ssm:GetConnectionStatus"}
	m := NewMatrix(a, actions)
	yes := 0
	for _, p := range a.Principals {
		for _, action := range actions {
			reach := m.Reach(p.ID, action)
			for i, n := range a.Nodes {
				answer := mustAsk(t, a, Question{Who: p.ID, Action: action, On: n.ID})
				can := answer.Verdict == Yes || answer.Verdict == Depends
				if can {
					yes++
				}
				if can != slices.Contains(reach.Nodes, i) {
					t.Errorf("%s %s on %s: Can says %s, the matrix has %v", p.ID, action, n.Name, answer.Verdict, reach.Nodes)
				}
			}
		}
	}
	if yes < 20 {
		t.Errorf("only %d of the questions were answered with yes: the test shows nothing", yes)
	}
}

func TestAnswerJSON(t *testing.T) {
	t.Parallel()
	got, err := json.MarshalIndent(mustAsk(t, acme(), Question{Who: userID("amy"), Action: "start-session", On: "db-1"}), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
	"principal": "user/amy",
	"action": "ssm:StartSession",
	"verdict": "no",
	"allowed": 0,
	"calls": [
		{
			"on": "db-1",
			"arn": "arn:aws:ec2:us-east-1:123456789012:instance/i-0bbb0000000000001",
			"verdict": "no",
			"legs": [
				{
					"leg": "node",
					"target": {
						"leg": "node",
						"name": "db-1",
						"arn": "arn:aws:ec2:us-east-1:123456789012:instance/i-0bbb0000000000001"
					},
					"verdict": "implicit-deny",
					"chains": [
						{
							"principal": "user/amy",
							"group": "web",
							"policy": "shell-web",
							"arn": "arn:aws:iam::123456789012:policy/shell-web",
							"via": [
								"membership/web/amy",
								"attachment/group/web/shell-web",
								"policy/shell-web"
							],
							"layer": "identity",
							"statement": 0,
							"effect": "Allow",
							"text": "{\"Effect\":\"Allow\",\"Action\":\"ssm:StartSession\",\"Resource\":\"arn:aws:ec2:us-east-1:123456789012:instance/*\",\"Condition\":{\"BoolIfExists\":{\"ssm:SessionDocumentAccessCheck\":\"true\"},\"StringEquals\":{\"aws:ResourceTag/App\":\"web\"}}}"
						}
					],
					"reason": "group/web -\u003e shell-web allows it only tagged App=web"
				}
			]
		}
	]
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the answer's JSON (-want +got):\n%s", diff)
	}
}
