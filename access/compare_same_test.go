package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Accounts whose policies say the same in other words do not differ.
func TestCompareWords(t *testing.T) {
	t.Parallel()
	base := policy.New(
		policy.Allow("ssm:SendCommand", "ssm:StartSession").On(nodeARN("*"), documentARN("acme-deploy")).If("StringEquals", "aws:MultiFactorAuthPresent", "true").As("Run"),
		policy.Allow("ssm:GetParameter").On("arn:aws:ssm:*:*:parameter/web/*", "arn:aws:ssm:*:*:parameter/db/*"),
		policy.Deny("ssm:SendCommand").On(nodeARN(db1)),
	)
	mfa := func(s policy.Statement) policy.Statement {
		return s.If("StringEquals", "AWS:multifactorauthpresent", "true")
	}
	same := map[string]policy.Document{
		"order": policy.New(base.Statements[2], base.Statements[1], base.Statements[0]),
		"case of actions and keys": policy.New(
			mfa(policy.Allow("SSM:sendcommand", "ssm:STARTSESSION").On(nodeARN("*"), documentARN("acme-deploy"))),
			policy.Allow("ssm:getparameter").On("arn:aws:ssm:*:*:parameter/web/*", "arn:aws:ssm:*:*:parameter/db/*"),
			policy.Deny("ssm:SENDCommand").On(nodeARN(db1))),
		"split statements": policy.New(
			mfa(policy.Allow("ssm:SendCommand").On(nodeARN("*"))),
			mfa(policy.Allow("ssm:StartSession").On(nodeARN("*"))),
			mfa(policy.Allow("ssm:SendCommand", "ssm:StartSession").On(documentARN("acme-deploy"))),
			policy.Allow("ssm:GetParameter").On("arn:aws:ssm:*:*:parameter/web/*"),
			policy.Allow("ssm:GetParameter").On("arn:aws:ssm:*:*:parameter/db/*"),
			base.Statements[2]),
		"values that others cover": policy.New(
			mfa(policy.Allow("ssm:SendCommand", "ssm:SendC*", "ssm:StartSession").On(nodeARN("*"), nodeARN(web1), documentARN("acme-deploy"))),
			policy.Allow("ssm:GetParameter").On("arn:aws:ssm:*:*:parameter/web/*", "arn:aws:ssm:*:*:parameter/db/*", "arn:aws:ssm:*:*:parameter/web/x"),
			base.Statements[2], base.Statements[2]),
	}
	with := func(d policy.Document) *Account {
		return change(func(b *builder) { b.inline("p", userID("zoe"), d.Statements...) })
	}
	for name, d := range same {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff([]string{}, lines(Compare(with(base), with(d)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("two policies in place of one", func(t *testing.T) {
		t.Parallel()
		two := change(func(b *builder) {
			b.inline("p", userID("zoe"), base.Statements[0]).inline("q", userID("zoe"), base.Statements[1:]...)
		})
		if diff := cmp.Diff([]string{}, lines(Compare(with(base), two))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// The order in which an account was put together makes no difference, to the
// last byte.
func TestCompareOrder(t *testing.T) {
	t.Parallel()
	after := change(func(b *builder) {
		b.join("platform", "zoe").detach("deploy-web", groupID("web")).retag(db1, map[string]string{"App": "web"})
	})
	want := lines(Compare(acme(), after))
	if len(want) < 5 {
		t.Fatalf("only %d changes", len(want))
	}
	turned := *after
	turned.Principals, turned.Members, turned.Grants = slices.Clone(after.Principals), slices.Clone(after.Members), slices.Clone(after.Grants)
	slices.Reverse(turned.Principals)
	slices.Reverse(turned.Members)
	slices.Reverse(turned.Grants)
	if diff := cmp.Diff(want, lines(Compare(acme(), &turned))); diff != "" {
		t.Errorf("turned around (-want +got):\n%s", diff)
	}
}

// Back again is the same with gain and loss swapped.
func TestCompareBack(t *testing.T) {
	t.Parallel()
	after := change(func(b *builder) {
		b.join("platform", "zoe").attach("AmazonSSMReadOnlyAccess", groupID("web")).inline("x", userID("zoe"), policy.Deny("ssm:SendCommand").On(nodeARN(web1)))
	})
	told := func(changes []Change, effect string) []string {
		var all []string
		for _, c := range changes {
			if c.Effect == effect {
				all = append(all, line(c)[2:])
			}
		}
		return all
	}
	there, back := Compare(acme(), after), Compare(after, acme())
	for effect, other := range map[string]string{Gain: Loss, Loss: Gain} {
		if diff := cmp.Diff(told(there, effect), told(back, other)); diff != "" {
			t.Errorf("%s there, %s back (-there +back):\n%s", effect, other, diff)
		}
	}
}

// line returns a change in a line.
func line(c Change) string {
	var b strings.Builder
	b.WriteString(map[string]string{Gain: "+ ", Loss: "- "}[c.Effect] + c.Who.String())
	if len(c.Members) > 0 {
		fmt.Fprint(&b, " ", c.Members)
	}
	b.WriteString(": " + c.Rights)
	if c.On != nil {
		fmt.Fprintf(&b, " on %s (%d)", c.On.Text, c.On.Count)
	}
	if c.With != nil && !c.With.All {
		fmt.Fprintf(&b, " with (%d)", c.With.Count)
	}
	if len(c.Resources) > 0 {
		fmt.Fprint(&b, " ", c.Resources)
	}
	if c.When != "" {
		b.WriteString(" " + c.When)
	}
	if c.Unknown != "" {
		b.WriteString(" UNKNOWN")
	}
	fmt.Fprintf(&b, "; via %s; cause %s", names(c.Via), names(c.Cause))
	return b.String()
}

func names(ids []resource.ID) string {
	var all []string
	for _, id := range ids {
		all = append(all, id.String())
	}
	return strings.Join(all, " ")
}

func lines(changes []Change) []string {
	all := []string{}
	for _, c := range changes {
		all = append(all, line(c))
	}
	return all
}

// change returns acme's account after a change of it.
func change(edit func(b *builder)) *Account {
	a := acme()
	b := &builder{*a}
	b.Principals, b.Members, b.Grants = slices.Clone(b.Principals), slices.Clone(b.Members), slices.Clone(b.Grants)
	b.Nodes, b.Policies = slices.Clone(b.Nodes), maps.Clone(b.Policies)
	edit(b)
	return &b.Account
}

func (b *builder) leave(group, user string) *builder {
	b.Members = slices.DeleteFunc(b.Members, func(m Member) bool { return m.Group == group && m.User == user })
	return b
}

func (b *builder) join(group, user string) *builder {
	b.Members = append(b.Members, Member{Group: group, User: user, From: resource.ID{Kind: "membership", Name: group + "/" + user}})
	return b
}

func (b *builder) detach(name string, from resource.ID) *builder {
	b.Grants = slices.DeleteFunc(b.Grants, func(g Grant) bool { return g.To == from && g.Name == name })
	return b
}

func (b *builder) retag(id string, tags map[string]string) *builder {
	for i, n := range b.Nodes {
		if n.ID == id {
			b.Nodes[i].Tags = tags
		}
	}
	return b
}
