package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

func TestChain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		c           Chain
		long, short string
	}{
		"through a group": {
			Chain{Who: userID("amy"), Group: "web", Policy: "deploy-web", ARN: iamARN("policy/deploy-web"), Statement: 1, Sid: "RunDocuments"},
			"user/amy -> group/web -> policy/deploy-web Statement[1] (RunDocuments)", "group/web -> deploy-web",
		},
		"its own, of AWS": {
			Chain{Who: roleID("ops"), Policy: "AmazonSSMFullAccess", ARN: "arn:aws:iam::aws:policy/AmazonSSMFullAccess"},
			"role/ops -> AmazonSSMFullAccess Statement[0]", "AmazonSSMFullAccess",
		},
		"inline": {
			Chain{Who: roleID("ops"), Policy: "extra", Statement: 2},
			"role/ops -> inline/extra Statement[2]", "extra",
		},
		"a boundary": {
			Chain{Who: userID("eve"), Policy: "edge", ARN: iamARN("policy/edge"), Layer: policy.LayerBoundary},
			"user/eve -> boundary policy/edge Statement[0]", "edge",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.c.String() != test.long || test.c.Short() != test.short {
				t.Errorf("got %q and %q\nwant %q and %q", test.c.String(), test.c.Short(), test.long, test.short)
			}
		})
	}
}

// assumed returns the assumers of a role as text.
func assumed(b *builder, role string) string {
	var lines []string
	for _, a := range newPeople(&b.Account).assumers(roleID(role)) {
		lines = append(lines, strings.TrimSpace(a.String()+" "+a.When))
	}
	return strings.Join(lines, "\n")
}

func TestAssumers(t *testing.T) {
	t.Parallel()
	mayAssume := func(roles ...string) policy.Statement {
		return policy.Allow("sts:AssumeRole").On(apply(roles, func(r string) string { return iamARN("role/" + r) })...)
	}
	for name, test := range map[string]struct {
		b    *builder
		want string
	}{
		"the account, and who is allowed in it": {
			newAccount().user("ann").user("bob").role("r", trustAccount).inline("p", userID("ann"), mayAssume("r")),
			"user/ann",
		},
		"a user by name needs nothing more": {
			newAccount().user("ann").user("bob").role("r", trustARN(iamARN("user/ann"))),
			"user/ann",
		},
		"nobody without trust": {
			newAccount().user("ann").role("r", trustARN(iamARN("user/bob"))).inline("p", userID("ann"), policy.Allow("*").On("*")),
			"",
		},
		"a deny wins": {
			newAccount().user("ann").role("r", trustARN(iamARN("user/ann"))).inline("p", userID("ann"), policy.Deny("sts:*").On("*")),
			"",
		},
		"MFA, as the trust asks": {
			newAccount().user("ann").role("r", trustAccount.If("Bool", "aws:MultiFactorAuthPresent", "true")).inline("p", userID("ann"), mayAssume("r")),
			"user/ann only with MFA",
		},
		"two hops": {
			newAccount().user("ann").role("a", trustARN(iamARN("user/ann"))).role("r", trustAccount).inline("p", roleID("a"), mayAssume("r")),
			"role/a\nuser/ann -> role/a",
		},
		"hops add up their conditions": {
			newAccount().user("ann").role("a", trustARN(iamARN("user/ann")).If("Bool", "aws:MultiFactorAuthPresent", "true")).
				role("r", trustAccount).inline("p", roleID("a"), mayAssume("r").If("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
			"role/a only from 203.0.113.0/24\nuser/ann -> role/a only with MFA and only from 203.0.113.0/24",
		},
		"a loop ends": {
			newAccount().user("ann").role("a", trustAccount).role("r", trustAccount).
				inline("p", roleID("a"), mayAssume("r")).inline("q", roleID("r"), mayAssume("a")).inline("s", userID("ann"), mayAssume("a", "r")),
			"role/a\nuser/ann",
		},
		"four hops and no more": {
			newAccount().role("e", trustAccount).role("d", trustAccount).role("c", trustAccount).role("b", trustAccount).role("a", trustAccount).role("r", trustAccount).
				inline("p", roleID("e"), mayAssume("d")).inline("p", roleID("d"), mayAssume("c")).inline("p", roleID("c"), mayAssume("b")).
				inline("p", roleID("b"), mayAssume("a")).inline("p", roleID("a"), mayAssume("r")),
			"role/a\nrole/b -> role/a\nrole/c -> role/b -> role/a\nrole/d -> role/c -> role/b -> role/a",
		},
		"others, as the trust names them": {
			newAccount().role("r", trustEC2, trustARN("arn:aws:iam::210987654321:root", "*"), policy.Statement{
				Effect: "Allow", Action: []string{"sts:AssumeRoleWithSAML"}, Principal: &policy.Principals{Federated: []string{iamARN("saml-provider/corp")}},
			}),
			"anyone\narn:aws:iam::123456789012:saml-provider/corp\narn:aws:iam::210987654321:root\nec2.amazonaws.com",
		},
		"only services": {
			newAccount().user("ann").role("r", trustEC2).inline("p", userID("ann"), policy.Allow("*").On("*")),
			"ec2.amazonaws.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, assumed(test.b, "r")); diff != "" {
				t.Errorf("who can be role/r (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhoCan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		q    Question
		want string
	}{
		"open a session": {
			Question{Action: "start-session", On: "web-1"}, `
role/oncall depends | prod-breakglass | only with MFA
user/amy yes | group/web -> shell-web | none
user/ben yes | group/web -> shell-web | none
user/dan yes | group/admins -> AdministratorAccess | none
user/wes yes | group/platform -> AmazonSSMFullAccess | none
user/zoe depends | role/oncall -> prod-breakglass | only with MFA
`,
		},
		"on anything": {
			Question{Action: "start-session"}, `
role/oncall depends | prod-breakglass | only with MFA
user/amy yes | group/web -> shell-web | on 2 of 4 nodes
user/ben yes | group/web -> shell-web | on 2 of 4 nodes
user/dan yes | group/admins -> AdministratorAccess | none
user/wes yes | group/platform -> AmazonSSMFullAccess | none
user/zoe depends | role/oncall -> prod-breakglass | only with MFA
`,
		},
		"run something": {
			Question{Action: "send-command", On: "web-1"}, `
role/ci yes | deploy-web | only AWS-RunPatchBaseline, acme-deploy | arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com
user/amy yes | group/web -> deploy-web | only AWS-RunPatchBaseline, acme-deploy
user/ben yes | group/web -> deploy-web | only AWS-RunPatchBaseline, acme-deploy
user/dan yes | group/admins -> AdministratorAccess | none
user/wes yes | group/platform -> AmazonSSMFullAccess | none
`,
		},
		"run one document": {
			Question{Action: "send-command", On: "db-1", With: "acme-deploy"}, `
user/dan yes | group/admins -> AdministratorAccess | none
user/wes yes | group/platform -> AmazonSSMFullAccess | none
`,
		},
		"end sessions": {
			Question{Action: "terminate-session"}, `
user/amy yes | group/web -> shell-web | own sessions
user/ben yes | group/web -> shell-web | own sessions
user/dan yes | group/admins -> AdministratorAccess | none
user/wes yes | group/platform -> AmazonSSMFullAccess | none
`,
		},
		"read parameters": {
			Question{Action: "get-parameter"}, `
role/db-backup yes | AmazonSSMManagedInstanceCore | none | ec2.amazonaws.com
role/ssm-managed yes | AmazonSSMManagedInstanceCore | none | ec2.amazonaws.com
user/amy yes | group/web -> shell-web | only /web/*
user/ann yes | group/auditors -> AmazonSSMReadOnlyAccess | none
user/ben yes | group/web -> shell-web | only /web/*
user/dan yes | group/admins -> AdministratorAccess | none
user/wes yes | group/platform -> AmazonSSMFullAccess | none
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holders, err := acme().WhoCan(test.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), held(holders)); diff != "" {
				t.Errorf("WhoCan(%+v) (-want +got):\n%s", test.q, diff)
			}
		})
	}
}

// held returns holders as lines of text.
func held(holders []Holder) string {
	var b strings.Builder
	for _, h := range holders {
		limits := strings.Join(h.Limits, ", ")
		if limits == "" {
			limits = "none"
		}
		line := h.Who.String() + " " + string(h.Verdict) + " | " + h.Way() + " | " + limits
		if len(h.AssumedBy) > 0 {
			line += " | " + strings.Join(h.AssumedBy, ", ")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func TestWhoCanRefuses(t *testing.T) {
	t.Parallel()
	for _, q := range []Question{{Action: "send-comand"}, {Action: "start-session", On: "web-9"}} {
		if holders, err := acme().WhoCan(q); err == nil {
			t.Errorf("WhoCan(%+v) = %v, want an error", q, holders)
		}
	}
}

func TestWhoCanUnknown(t *testing.T) {
	t.Parallel()
	b := newAccount().user("eve").node(web1, "web-1", "", nil)
	b.Policies[iamARN("policy/dark")] = Managed{Name: "dark", ARN: iamARN("policy/dark"), Unread: "not allowed to read it"}
	b.attach("dark", userID("eve"))
	holders, err := b.WhoCan(Question{Action: "start-session"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("user/eve unknown |  | not all policies are known\n", held(holders)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestWhoCanOfMany asks about more nodes than are tried one by one.
func TestWhoCanOfMany(t *testing.T) {
	t.Parallel()
	b := newAccount().user("amy").user("dan").user("ann")
	for i := range 3 * mostTried {
		tags := map[string]string{"App": "web"}
		if i%3 == 0 {
			tags = nil
		}
		id := web1[:len(web1)-3] + string(rune('a'+i/26/26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		b.node(id, id, "", tags)
	}
	b.inline("p", userID("amy"), policy.Allow("ssm:StartSession").On("*").If("StringEquals", "aws:ResourceTag/App", "web")).
		inline("p", userID("dan"), policy.Allow("*").On("*")).
		inline("p", userID("ann"), policy.Allow("ssm:StartSession").On(nodeARN("i-9"), documentARN("SSM-SessionManagerRunShell")))
	for _, q := range []Question{{Action: "start-session"}, {Action: "start-session", On: "all"}} {
		holders, err := b.WhoCan(q)
		if err != nil {
			t.Fatal(err)
		}
		want := "user/amy yes | p | on 100 of 150 nodes\nuser/dan yes | p | none\n"
		if diff := cmp.Diff(want, held(holders)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", q, diff)
		}
	}
}

// A role that asks for nothing is had only as its trust policy asks.
func TestWhoCanByARole(t *testing.T) {
	t.Parallel()
	b := newAccount().user("ann").node(web1, "web-1", "", nil).
		role("r", trustARN(iamARN("user/ann")).If("Bool", "aws:MultiFactorAuthPresent", "true")).
		inline("p", roleID("r"), policy.Allow("ssm:StartSession").On("*"))
	holders, err := b.WhoCan(Question{Action: "start-session"})
	if err != nil {
		t.Fatal(err)
	}
	want := "role/r yes | p | none\nuser/ann depends | role/r -> p | only with MFA\n"
	if diff := cmp.Diff(want, held(holders)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Who can do it in part may do it all by a role.
func TestWhoCanMoreByARole(t *testing.T) {
	t.Parallel()
	b := newAccount().user("ann").user("dan").node(web1, "web-1", "", nil).node(web2, "web-2", "", nil).
		role("r", trustARN(iamARN("user/ann"), iamARN("user/dan"))).
		inline("p", roleID("r"), policy.Allow("ssm:StartSession").On("*")).
		inline("q", userID("ann"), policy.Allow("ssm:StartSession").On(nodeARN(web1))).
		inline("q", userID("dan"), policy.Allow("ssm:StartSession").On("*"))
	holders, err := b.WhoCan(Question{Action: "start-session"})
	if err != nil {
		t.Fatal(err)
	}
	want := "role/r yes | p | none\nuser/ann yes | q | on 1 of 2 nodes\nuser/ann yes | role/r -> p | none\nuser/dan yes | q | none\n"
	if diff := cmp.Diff(want, held(holders)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHolderOfTwoWays(t *testing.T) {
	t.Parallel()
	b := newAccount().group("a", "b").user("eve", "a", "b").node(web1, "web-1", "", nil)
	b.policy("shell", policy.Allow("ssm:StartSession").On("*")).attach("shell", groupID("a"), groupID("b"))
	holders, err := b.WhoCan(Question{Action: "start-session"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"group/a -> shell", "group/b -> shell"}
	if len(holders) != 1 || !slices.Equal(holders[0].Through, want) {
		t.Fatalf("got %+v, want one holder through %q: to take the right away, one has to know both", holders, want)
	}
	if via := holders[0].Chains[1].Via; !slices.Contains(via, resource.ID{Kind: "membership", Name: "b/eve"}) {
		t.Errorf("the second chain is %v, want one by membership/b/eve", via)
	}
}
