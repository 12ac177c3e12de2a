package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// addRoles adds what principals come to by roles.
func (p *Passage) addRoles(classes [][]*member) {
	var own, assuming []stepSet
	for _, class := range classes {
		own, assuming = append(own, p.bearing(class[0])), append(assuming, class[0].steps(p.aboutAssuming, true))
	}
	for _, role := range p.members {
		if role.id.Kind != roleKind {
			continue
		}
		gives := p.bearing(role)
		itself := stepSet{} // who may assume it
		itself.add(role.exists.step, role.exists.open[0] != role.exists.open[1] || role.trust[0] != role.trust[1] || len(role.retold()) > 0)
		p.addOutsiders(role, gives, itself)
		for i, class := range classes {
			// Where nothing changes who may assume it, what the role may do is
			// judged by itself, but for rights that one gives and another takes.
			if len(itself)+len(assuming[i]) == 0 && (len(gives) == 0 || len(own[i]) == 0) {
				continue
			}
			steps := own[i].and(gives, itself, assuming[i])
			if len(steps) < 2 {
				continue
			}
			for _, alike := range p.trustees(class, role) {
				p.add(alike, steps, func(m *member, at state) []Breach { return p.judgeRole(role, m, at) }, role.trust[:]...)
			}
		}
	}
}

// aboutAssuming translates a text to what it says of assuming roles, which is
// nothing if there is no such statement.
func (p *Passage) aboutAssuming(n int) int {
	n = p.texts.about(n, assumeAction)
	if n != none && p.texts.at(n).silent() {
		return none
	}
	return n
}

// silent reports whether a text has no statements.
func (t text) silent() bool { return len(t.allows)+len(t.denies) == 0 }

// trustees returns those of a class who might come to assume a role, of whom
// its trust policies say the same together.
func (p *Passage) trustees(class []*member, role *member) [][]*member {
	var groups [][]*member
	at := map[string]int{}
	for _, m := range class {
		if m == role {
			continue
		}
		var said [2]trusts
		may := false
		for side, n := range role.trust {
			if n == none {
				continue
			}
			said[side] = p.trusts(n, m.principal(side).ARN, len(m.bounds) > 0)
			may = may || p.allows(said[side].level) && (p.allows(said[side].identity) || p.reaches(m, role))
		}
		if !may {
			continue
		}
		key := fmt.Sprint(said)
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], m)
	}
	return groups
}

// allows reports whether a statement of the texts allows.
func (p *Passage) allows(layer []int) bool {
	return slices.ContainsFunc(layer, func(n int) bool { return len(p.texts.at(n).allows) > 0 })
}

// reaches reports whether a policy of a member might allow to assume a role,
// whatever its conditions.
func (p *Passage) reaches(m, role *member) bool {
	arn := role.principal(afterSide).ARN
	return slices.ContainsFunc(m.own, func(h hold) bool {
		return slices.ContainsFunc(h.text[:], func(n int) bool {
			if n == none {
				return false
			}
			t := p.texts.at(n)
			return t.unknown != "" || slices.ContainsFunc(t.document.Statements, func(s policy.Statement) bool {
				return s.Effect == "Allow" && s.Covers(assumeAction) && (s.Resource == nil ||
					slices.ContainsFunc(s.Resource, func(r string) bool { return strings.Contains(r, "${") || policy.MatchARN(r, arn) }))
			})
		})
	})
}

// Trusts are what a trust policy says of a principal, as further layers, and
// what it adds to the others: see policy.Policies.Trusted.
type trusts struct{ identity, boundary, level []int }

// A trustKey is of whom a trust policy says something.
type trustKey struct {
	trust   int
	arn     string
	bounded bool
}

// trusts returns what a trust policy says of a principal. It remembers that.
func (p *Passage) trusts(trust int, arn string, bounded bool) trusts {
	key := trustKey{trust, arn, bounded}
	p.mu.RLock()
	t, ok := p.trusted[key]
	p.mu.RUnlock()
	if ok {
		return t
	}
	d := p.texts.at(trust).document
	ps := policy.Policies{Resource: &d}
	if bounded {
		ps.Boundary = []policy.Document{{}}
	}
	ps = ps.Trusted(arn, p.place.Account)
	numbers := func(documents []policy.Document) []int { return apply(documents, p.texts.number) }
	t.identity = numbers(ps.Identity)
	if bounded {
		t.boundary = numbers(ps.Boundary[1:])
	}
	for _, level := range ps.SCPs {
		t.level = numbers(level)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trusted[key] = t
	return t
}

// assume returns whether a member may assume a role, as rights to do so.
func (p *Passage) assume(m, role *member, at state) rights {
	if side := at.side(role.exists.step); role.exists.open[side] && m.exists.open[at.side(m.exists.step)] {
		mine := m.rights(at, p.about).layers
		t := p.trusts(role.trust[side], m.principal(at.side(m.exists.step)).ARN, len(mine) > 1)
		layers := [][]int{slices.Concat(mine[0], t.identity), t.level}
		if len(mine) > 1 {
			layers = append(layers, slices.Concat(mine[1], t.boundary))
		}
		return newRights(layers...).with(p.texts, m.facts(at, m.tellings(p)[0]).and(role.asResource(side)))
	}
	return noRights
}

// about is what a text says of assuming roles. A boundary that says nothing of
// it stays one.
func (p *Passage) about(n int) int { return p.texts.about(n, assumeAction) }

// asResource returns what is known of a role that is assumed.
func (m *member) asResource(side int) facts {
	tags, _ := foldTags(m.sides[side].Tags)
	return facts{fmt.Sprint("assumed", tags), func(key string) (policy.Value, bool) {
		prefix, tag, ok := strings.Cut(strings.ToLower(key), tagKey)
		if value, there := tags[tag]; ok && there && (prefix == "aws" || prefix == "iam") {
			return policy.One(value), true
		}
		return policy.Value{}, ok
	}}
}

// judgeRole compares whether a principal may assume a role, and what it may do
// by itself or as the role.
func (p *Passage) judgeRole(role, m *member, at state) []Breach {
	assume := on(at, func(at state) rights { return p.assume(m, role, at) })
	pin := newRights([]int{p.texts.number(policy.New(policy.Allow(assumeAction).On(role.principal(afterSide).ARN)))})
	breaches := p.between(m.id, assume, "", pin)
	own := p.told(m, at, m.tellings(p)[0])
	return append(breaches, p.through(m.id, own, assume, p.told(role, at, role.tellings(p)[0]), pin, ", as "+role.id.String())...)
}

// through compares what somebody may do by itself or as a role. The role's
// rights count at an end if it may be assumed there whenever it may be at the
// state; and in the state, if whenever it may be at the ends in question.
func (p *Passage) through(who resource.ID, own, assume, gives [3]rights, pin rights, more string) []Breach {
	can := func(i int) bool { return !p.beyond([]rights{pin, assume[i]}, nil).none() }
	var breaches []Breach
	if can(1) {
		ends := []rights{own[0], own[2]}
		for _, end := range []int{0, 2} {
			if p.beyond([]rights{pin, assume[1]}, []rights{assume[end]}).none() {
				ends = append(ends, gives[end])
			}
		}
		breaches = breach(who, Gain, p.beyond([]rights{gives[1]}, ends), more)
	}
	for _, by := range [][2]bool{{false, true}, {true, false}, {true, true}} { // the role, at each end
		had, when := []rights{own[0], own[2]}, []rights{pin}
		possible := true
		for i, end := range []int{0, 2} {
			if by[i] {
				possible = possible && can(end)
				had[i], when = gives[end], append(when, assume[end])
			}
		}
		if !possible {
			continue
		}
		now := []rights{own[1]}
		if p.beyond(when, []rights{assume[1]}).none() {
			now = append(now, gives[1])
		}
		breaches = append(breaches, breach(who, Loss, p.beyond(had, now), more)...)
	}
	return breaches
}
