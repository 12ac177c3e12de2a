package access

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A passageWorld says what random plans are made of.
type passageWorld struct {
	plans, states int
	users, roles  int
	nodes         int
	conditions    bool // on who asks, with MFA or not, and variables
	unknown       bool // policies whose texts are not known
}

// A passageMaker draws plans.
type passageMaker struct {
	*rand.Rand
	passageWorld
}

func choose[T any](m passageMaker, from ...T) T { return from[m.IntN(len(from))] }

func (m passageMaker) chance(percent int) bool { return m.IntN(100) < percent }

// The requests that are tried: of every kind that the statements can tell apart.
var (
	triedActions   = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
	triedResources = []string{"arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::u0", "arn:aws:s3:::u1", "arn:aws:s3:::x", "arn:aws:s3:::web", "arn:aws:s3:::other"}
)

func (m passageMaker) statement() policy.Statement {
	if m.roles > 0 && m.chance(25) {
		s := policy.Allow(assumeAction).On(choose(m, "*", iamARN("role/r0"), iamARN("role/r1")))
		if m.chance(25) {
			s.Effect = "Deny"
		}
		return s
	}
	if m.nodes > 0 && m.chance(50) {
		s := policy.Allow(choose(m, "ssm:SendCommand", "ssm:*", "ec2:StartInstances")).On("*")
		if m.chance(30) {
			s.Effect = "Deny"
		}
		switch m.IntN(4) {
		case 0:
		case 1:
			s = s.If(choose(m, "StringEquals", "StringNotEquals"), "ssm:resourceTag/App", choose(m, "web", "db"))
		case 2:
			s = s.If(choose(m, "StringEquals", "StringNotEqualsIfExists"), "aws:ResourceTag/App", choose(m, "web", "db"))
		case 3:
			s = s.If("StringEquals", "aws:ResourceTag/App", "${aws:PrincipalTag/team}")
		}
		return s
	}
	s := policy.Allow(choose(m, "s3:GetObject", "s3:PutObject", "s3:*")).On(choose(m, "*", "*", triedResources[0], triedResources[1]))
	if m.chance(30) {
		s.Effect = "Deny"
	}
	if m.conditions && m.chance(50) {
		switch m.IntN(5) {
		case 0:
			s = s.If(choose(m, "StringEquals", "StringNotEquals"), "aws:PrincipalTag/team", choose(m, "x", "y"))
		case 1:
			s = s.If("StringEquals", "aws:username", choose(m, "u0", "u1"))
		case 2:
			s = s.If("Bool", "aws:MultiFactorAuthPresent", "true")
		case 3:
			s = s.On("arn:aws:s3:::${aws:username}")
		case 4:
			s = s.On("arn:aws:s3:::${aws:PrincipalTag/team}")
		}
	}
	return s
}

func (m passageMaker) document() policy.Document {
	var statements []policy.Statement
	for range 1 + m.IntN(2) {
		statements = append(statements, m.statement())
	}
	return policy.New(statements...)
}

func (m passageMaker) trust() policy.Statement {
	s := policy.Allow(assumeAction).By(choose(m,
		policy.Principals{AWS: []string{iamARN("root")}},
		policy.Principals{AWS: []string{iamARN("user/u0")}},
		policy.Principals{AWS: []string{iamARN("user/u1"), iamARN("role/r0")}},
		policy.Principals{Service: []string{"ec2.amazonaws.com"}},
		policy.Principals{AWS: []string{"arn:aws:iam::999999999999:root"}},
	))
	if m.chance(10) {
		s.Effect = "Deny"
	}
	return s
}

func (m passageMaker) teams() map[string]string {
	if !m.conditions && m.nodes == 0 {
		return nil
	}
	return choose(m, nil, map[string]string{"team": "x"}, map[string]string{"Team": "web"})
}

// plan draws an account and what becomes of it. What is of a managed policy
// that does not exist does not either.
func (m passageMaker) plan() (before, after *Account) {
	const stay = 60 // percent of what does not change
	accounts := [2]*builder{newAccount(), newAccount()}
	each := func(present int, put func(b *builder), again func(b *builder)) {
		is := [2]bool{m.chance(present), m.chance(present)}
		if m.chance(stay) {
			is[1] = is[0]
		}
		if is[0] {
			put(accounts[0])
		}
		if is[1] {
			again(accounts[1])
		}
	}
	principal := func(b *builder, id resource.ID, tags map[string]string, trust []policy.Statement) {
		if id.Kind == userKind {
			b.user(id.Name)
		} else {
			b.role(id.Name, trust...)
		}
		b.tags(tags)
	}
	var ids []resource.ID
	for i := range m.users {
		ids = append(ids, userID(fmt.Sprint("u", i)))
	}
	for i := range m.roles {
		ids = append(ids, roleID(fmt.Sprint("r", i)))
	}
	for _, id := range ids {
		tags, trust := m.teams(), []policy.Statement{m.trust(), m.trust()}
		tags2, trust2 := tags, trust
		if m.chance(30) {
			tags2, trust2 = m.teams(), []policy.Statement{m.trust()}
		}
		each(90, func(b *builder) { principal(b, id, tags, trust) }, func(b *builder) { principal(b, id, tags2, trust2) })
	}
	for i := range 3 {
		name := fmt.Sprint("p", i)
		d := m.document()
		e := d
		if m.chance(40) {
			e = m.document()
		}
		unread := m.unknown && m.chance(50)
		put := func(b *builder, d policy.Document) {
			b.policy(name, d.Statements...)
			if unread {
				p := b.Policies[iamARN("policy/"+name)]
				p.Unread, p.Document = "not read", policy.Document{}
				b.Policies[p.ARN] = p
			}
		}
		each(90, func(b *builder) { put(b, d) }, func(b *builder) { put(b, e) })
	}
	holders := append(slices.Clone(ids), groupID("g0"), groupID("g1"))
	for _, holder := range holders {
		for i := range 3 {
			attach := func(b *builder) {
				if name := fmt.Sprint("p", i); b.Policies[iamARN("policy/"+name)].ARN != "" {
					b.attach(name, holder)
				}
			}
			each(30, attach, attach)
		}
		d, e := m.document(), m.document()
		if m.chance(60) {
			e = d
		}
		each(25, func(b *builder) { b.inline("own", holder, d.Statements...) }, func(b *builder) { b.inline("own", holder, e.Statements...) })
	}
	for _, id := range ids {
		i, j := m.IntN(3), m.IntN(3)
		bound := func(i int) func(*builder) {
			return func(b *builder) {
				if name := fmt.Sprint("p", i); b.Policies[iamARN("policy/"+name)].ARN != "" {
					b.bound(name, id)
				}
			}
		}
		each(20, bound(i), bound(j))
		if id.Kind == userKind {
			for _, g := range []string{"g0", "g1"} {
				join := func(b *builder) {
					b.Members = append(b.Members, Member{Group: g, User: id.Name, From: resource.ID{Kind: "membership", Name: g + "/" + id.Name}})
				}
				each(40, join, join)
			}
		}
	}
	for i := range m.nodes {
		app := func() map[string]string {
			return choose(m, nil, map[string]string{"App": "web"}, map[string]string{"app": "db"})
		}
		tags := app()
		tags2 := tags
		if m.chance(60) {
			tags2 = app()
		}
		id := fmt.Sprint("i-", i)
		each(90, func(b *builder) { b.node(id, "", "", tags) }, func(b *builder) { b.node(id, "", "", tags2) })
	}
	return &accounts[0].Account, &accounts[1].Account
}
