package policy

import (
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A box is what one statement speaks of: some actions and, of a request for
// one of them, what must all hold.
type box struct {
	topic int   // of the prover: the actions
	atoms []int // of the prover, sorted; none if nothing more is asked
}

// An atom is what a statement asks of one dimension of a request, its resource
// or a condition key, for each form that it can come in.
type atom struct {
	dimension int
	absent    bool       // holds if it is not there
	one       constraint // on the value, if it has one
	many      quantified // on the values, if it has many
}

// A constraint is what the answer to a question must be.
type constraint struct {
	question int // of the prover
	yes      bool
}

// quantified is a constraint on all of some texts, or on at least one.
type quantified struct {
	all bool
	constraint
}

func (c constraint) not() constraint { return constraint{c.question, !c.yes} }

// not returns what holds exactly when a does not.
func (a atom) not() atom {
	return atom{a.dimension, !a.absent, a.one.not(), quantified{!a.many.all, a.many.not()}}
}

// The question, the dimension and the atoms that every prover has.
const (
	anything = 0 // the question that is true of every text
	resource = 0 // the dimension
	always   = 0 // the atom that holds
	never    = 1 // the atom that does not
)

// box compiles a statement. It reports false if there is no request that it
// speaks of.
func (p *prover) box(s Statement, version string) (*box, bool) {
	list := s.Action
	if list == nil {
		list = s.NotAction
	}
	if list == nil {
		return nil, false
	}
	b := &box{topic: p.topic(list, s.Action == nil)}
	variables := version == Version2012
	if s.Resource != nil {
		b.atoms = append(b.atoms, p.resourceAtom(s.Resource, variables, true))
	}
	if s.Resource == nil && s.NotResource != nil {
		b.atoms = append(b.atoms, p.resourceAtom(s.NotResource, variables, false))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Condition)) {
		keys := s.Condition[name]
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			b.atoms = append(b.atoms, p.conditionAtom(name, key, keys[key], variables))
		}
	}
	slices.Sort(b.atoms)
	b.atoms = slices.Compact(b.atoms)
	if slices.Contains(b.atoms, never) {
		return nil, false
	}
	b.atoms = slices.DeleteFunc(b.atoms, func(a int) bool { return a == always })
	return b, true
}

// resourceAtom returns the atom of Resource, or of NotResource.
func (p *prover) resourceAtom(patterns []string, variables, among bool) int {
	t, name, all := resourceQuestion(patterns, variables)
	if all || len(patterns) == 0 {
		if all == among {
			return always
		}
		return never
	}
	c := constraint{p.question(t, name), among}
	return p.atom(atom{resource, !among, c, quantified{true, c}})
}

// conditionAtom returns the atom of one key under one operator.
func (p *prover) conditionAtom(name, key string, values []string, variables bool) int {
	o, ok := match.ParseOperator(name)
	if !ok {
		return never
	}
	d := p.dimension(key)
	if o.Set != match.Single {
		p.testedAsList(d)
	}
	if o.Base == match.Null {
		var absent, present bool
		for _, value := range values {
			is, ok := match.Boolean(value)
			absent, present = absent || ok && is, present || ok && !is
		}
		c := constraint{anything, present}
		return p.atom(atom{d, absent, c, quantified{true, c}})
	}
	t, id := valueQuestion(o, values, variables)
	c := constraint{p.question(t, id), true}
	a := atom{dimension: d, absent: o.IfExists || o.Set == match.ForAll || o.Negated && o.Set == match.Single, one: c}
	switch o.Set {
	case match.ForAll:
		a.many = quantified{true, c}
	case match.ForSome:
		a.many = quantified{false, c}
	default:
		a.many = quantified{true, constraint{anything, false}}
	}
	return p.atom(a)
}

// atom returns the number of an atom, the same for equal atoms.
func (p *prover) atom(a atom) int {
	everything := quantified{true, constraint{anything, true}}
	switch {
	case a.absent && a.one == everything.constraint && a.many == everything:
		return always
	case !a.absent && a.one == everything.not() && a.many.constraint == everything.not():
		return never
	}
	if i, ok := p.atomIndex[a]; ok {
		return i
	}
	p.atoms = append(p.atoms, a)
	p.atomIndex[a] = len(p.atoms) - 1
	return len(p.atoms) - 1
}

// question returns the number of a question, the same for those of one name.
func (p *prover) question(t question, name string) int {
	if i, ok := p.questionIndex[name]; ok {
		return i
	}
	for _, key := range t.variables {
		p.dimensions[p.dimension(key)].variable = true
	}
	p.questions = append(p.questions, t)
	p.questionIndex[name] = len(p.questions) - 1
	return len(p.questions) - 1
}
