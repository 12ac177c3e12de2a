package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// populate puts the members together from two snapshots.
func (p *Passage) populate(before, after *Account) {
	b := blend{
		Passage: p, accounts: [2]*Account{before, after},
		grants: map[resource.ID][]*hold{}, bounds: map[resource.ID][]*hold{}, groups: map[string][]*membership{},
		grantAt: map[grantKey]*hold{}, memberAt: map[Member]*membership{}, managed: map[string]hold{},
	}
	for side, a := range b.accounts {
		for _, who := range a.Principals {
			b.addPrincipal(who, side)
		}
		for _, m := range a.Members {
			b.addMember(m, side)
		}
		for _, g := range a.Grants {
			b.addGrant(b.grants, g, false, side)
		}
		for _, bound := range a.Bounds {
			b.addGrant(b.bounds, Grant{To: bound.Of, ARN: bound.ARN, From: bound.From}, true, side)
		}
	}
	slices.SortFunc(p.members, func(m, n *member) int { return m.id.Compare(n.id) })
	for _, m := range p.members {
		b.finish(m)
	}
}

// A blend is both snapshots in one.
type blend struct {
	*Passage
	accounts [2]*Account

	grants, bounds map[resource.ID][]*hold  // by who holds them
	groups         map[string][]*membership // by user
	grantAt        map[grantKey]*hold
	memberAt       map[Member]*membership
	managed        map[string]hold // what a managed policy says, by ARN
}

// A membership is that a user is in a group.
type membership struct {
	group string
	gate
}

// A grantKey tells grants apart.
type grantKey struct {
	to, from  resource.ID
	arn, name string
	bound     bool
}

func (b *blend) addPrincipal(who Principal, side int) {
	m, ok := b.byID[who.ID]
	if !ok {
		m = &member{id: who.ID, exists: gate{step: b.stepOf(who.ID)}, trust: [2]int{none, none}}
		b.byID[who.ID] = m
		b.Passage.members = append(b.Passage.members, m)
	}
	m.exists.open[side] = true
	m.sides[side] = who
	if who.ID.Kind == roleKind {
		m.trust[side] = b.texts.number(who.Trust)
	}
}

func (b *blend) addMember(m Member, side int) {
	in, ok := b.memberAt[m]
	if !ok {
		in = &membership{m.Group, gate{step: b.stepOf(m.From)}}
		b.memberAt[m] = in
		b.groups[m.User] = append(b.groups[m.User], in)
	}
	in.open[side] = true
}

func (b *blend) addGrant(to map[resource.ID][]*hold, g Grant, bound bool, side int) {
	key := grantKey{to: g.To, from: g.From, arn: g.ARN, bound: bound}
	if g.Document != nil {
		key.arn, key.name = "", g.Name
	}
	h, ok := b.grantAt[key]
	if !ok {
		h = &hold{step: b.stepOf(g.From), text: [2]int{none, none}}
		if g.Document == nil {
			*h = b.says(g.ARN)
			h.gates = []gate{{step: b.stepOf(g.From)}}
		}
		b.grantAt[key] = h
		to[g.To] = append(to[g.To], h)
	}
	if g.Document != nil {
		h.text[side] = b.texts.number(*g.Document)
	} else {
		h.gates[0].open[side] = true
	}
}

// says returns what a managed policy says on each side: nothing if the plan
// makes or deletes it and it is not there on that one, and what nobody knows if
// its text was not read.
func (b *blend) says(arn string) hold {
	if h, ok := b.managed[arn]; ok {
		return h
	}
	h := hold{step: noStep}
	there := [2]bool{}
	for side, a := range b.accounts {
		m, ok := a.Policies[arn]
		there[side] = ok
		switch {
		case !ok:
			h.text[side] = none
		case m.Unread != "":
			h.text[side] = b.texts.unknown(arn)
		default:
			h.text[side] = b.texts.number(m.Document)
		}
		if ok && m.From != (resource.ID{}) {
			h.step = b.stepOf(m.From)
		}
	}
	if h.step == noStep && !there[beforeSide] {
		h.text[beforeSide] = b.texts.unknown(arn)
	}
	b.managed[arn] = h
	return h
}

// finish gives a member what bears on it.
func (b *blend) finish(m *member) {
	if m.exists.step == noStep {
		m.exists.open[afterSide], m.sides[afterSide], m.trust[afterSide] = m.exists.open[beforeSide], m.sides[beforeSide], m.trust[beforeSide]
	}
	for _, h := range b.grants[m.id] {
		m.own = append(m.own, h.settled())
	}
	for _, h := range b.bounds[m.id] {
		m.bounds = append(m.bounds, h.settled())
	}
	if m.id.Kind == userKind {
		for _, in := range b.groups[m.id.Name] {
			for _, h := range b.grants[resource.ID{Kind: groupKind, Name: in.group}] {
				h := h.settled()
				h.gates = append(h.gates, in.settled())
				m.own = append(m.own, h)
			}
		}
	}
	// What is never there bears on nobody.
	m.own = slices.DeleteFunc(m.own, hold.shut)
	m.bounds = slices.DeleteFunc(m.bounds, hold.shut)

	lines := []string{m.id.Kind, fmt.Sprint(m.exists)}
	for _, h := range m.own {
		lines = append(lines, "own "+fmt.Sprint(h))
	}
	for _, h := range m.bounds {
		lines = append(lines, "bound "+fmt.Sprint(h))
	}
	m.class = strings.Join(set(lines), "\n")
}

// settled returns the gate, which stays as it is before if no step moves it.
func (g gate) settled() gate {
	if g.step == noStep {
		g.open[afterSide] = g.open[beforeSide]
	}
	return g
}

// settled returns the hold with its gates settled.
func (h hold) settled() hold {
	h.gates = apply(h.gates, gate.settled)
	return h
}

// shut reports whether a gate is closed on both sides.
func (h hold) shut() bool {
	return slices.ContainsFunc(h.gates, func(g gate) bool { return g.open == [2]bool{} })
}

// classes returns the members on whom the same bears by the same steps
// together, in the order of their IDs.
func (p *Passage) classes() [][]*member {
	var classes [][]*member
	at := map[string]int{}
	for _, m := range p.members {
		i, ok := at[m.class]
		if !ok {
			i = len(classes)
			at[m.class] = i
			classes = append(classes, nil)
		}
		classes[i] = append(classes[i], m)
	}
	return classes
}
