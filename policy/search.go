package policy

import (
	"slices"

	"github.com/ssmctl/ssmctl/policy/internal/language"
)

// A slot is what is demanded of one dimension.
type slot struct {
	absent, one, many bool         // the forms that are left
	single            []constraint // on the value, if it has one
	all               []constraint // on all values, if it has many
	some              []constraint // each on one of the values, if it has many
	touched           bool
	pinned            bool // the value can only be text
	text              string
	last              int // how many of single are known to be satisfied by value; -1 if there is none
	value             string
}

// An undo is what to put back.
type undo struct {
	atom      int
	dimension int
	slot      slot
}

// presence chooses of every key that a variable puts in whether it is there.
func (p *prover) presence(mine side, theirs []side, d int) bool {
	mentions := func(s side) bool { return s.mentions(p, d) }
	for d < len(p.dimensions) && !(p.dimensions[d].variable && (mentions(mine) || slices.ContainsFunc(theirs, mentions))) {
		d++
	}
	if d == len(p.dimensions) {
		return p.inside(mine, theirs, 0)
	}
	before := p.slots[d]
	defer func() { p.slots[d] = before }()
	for _, form := range []slot{
		{one: before.one, single: before.single, touched: true, last: -1},
		{absent: before.absent, touched: true, last: -1},
		{many: before.many, all: before.all, some: before.some, touched: true, last: -1},
	} {
		if p.slots[d] = form; p.possible(d) && p.presence(mine, theirs, d+1) {
			return true
		}
	}
	return false
}

// mentions reports whether a variable of that dimension is put in somewhere.
func (s side) mentions(p *prover, d int) bool {
	in := func(b *box) bool {
		return slices.ContainsFunc(b.atoms, func(a int) bool {
			return slices.Contains(p.questions[p.atoms[a].one.question].variables, p.dimensions[d].key)
		})
	}
	return slices.ContainsFunc(s.denies, in) || slices.ContainsFunc(s.layers, func(layer []*box) bool { return slices.ContainsFunc(layer, in) })
}

// inside chooses a box of every layer of those that must allow to be in, from
// the one given, and then how the others come to refuse.
func (p *prover) inside(mine side, theirs []side, layer int) bool {
	if layer < len(mine.layers) {
		for _, b := range mine.layers[layer] {
			if p.within(b, func() bool { return p.inside(mine, theirs, layer+1) }) {
				return true
			}
		}
		return false
	}
	return p.refused(mine.denies, theirs)
}

// refused chooses how each of the sides comes to refuse: by a layer of which
// no box allows, or by a box that denies. To be avoided are these boxes too.
func (p *prover) refused(avoid []*box, theirs []side) bool {
	if len(theirs) == 0 {
		return p.outside(avoid)
	}
	for _, allows := range theirs[0].layers {
		if !slices.ContainsFunc(allows, p.fulfilled) && p.refused(slices.Concat(avoid, allows), theirs[1:]) {
			return true
		}
	}
	for _, deny := range theirs[0].denies {
		if p.within(deny, func() bool { return p.refused(avoid, theirs[1:]) }) {
			return true
		}
	}
	return false
}

// fulfilled reports whether all of a box is assumed, so that nothing of it is
// left to break.
func (p *prover) fulfilled(b *box) bool {
	open, broken := p.open(b)
	return open == 0 && !broken
}

// within assumes all of a box, and goes on.
func (p *prover) within(b *box, goOn func() bool) bool {
	mark := len(p.trail)
	defer p.back(mark)
	for _, a := range b.atoms {
		if !p.assume(a, true) {
			return false
		}
	}
	return goOn()
}

// outside chooses an atom to break of every box, those with the least choice
// first, and then confirms that there is such a request.
func (p *prover) outside(boxes []*box) bool {
	var next *box
	least := 0
	p.steps -= len(boxes) / 32
	for _, b := range boxes {
		open, broken := p.open(b)
		if broken || next != nil && open >= least {
			continue
		}
		if open == 0 {
			return false
		}
		next, least = b, open
	}
	if next == nil {
		return p.confirm()
	}
	mark := len(p.trail)
	defer p.back(mark)
	for _, a := range next.atoms {
		if p.assigned[a] != 0 {
			continue
		}
		here := len(p.trail)
		if p.assume(a, false) && p.outside(boxes) {
			return true
		}
		p.back(here)
		// From here on it holds, so that no request is looked at twice.
		if !p.assume(a, true) {
			return false
		}
	}
	return false
}

// open returns how many atoms of a box could be broken yet, and whether one is.
func (p *prover) open(b *box) (n int, broken bool) {
	for _, a := range b.atoms {
		switch p.assigned[a] {
		case -1:
			return 0, true
		case 0:
			n++
		}
	}
	return n, false
}

// assume demands that an atom holds, or not, and reports whether that can be.
// Either way it is to be undone by back.
func (p *prover) assume(a int, holds bool) bool {
	if p.steps--; p.steps < 0 {
		return false
	}
	sign := int8(-1)
	if holds {
		sign = 1
	}
	if p.assigned[a] != 0 {
		return p.assigned[a] == sign
	}
	demand := p.atoms[a]
	if !holds {
		demand = demand.not()
	}
	d := demand.dimension
	p.trail = append(p.trail, undo{a, d, p.slots[d]})
	p.assigned[a] = sign
	s := &p.slots[d]
	s.demand(demand)
	if p.dimensions[d].variable && s.one && !s.pinned {
		s.text, s.pinned = p.only(demand.one)
		if s.pinned {
			return p.possibleAll(d)
		}
	}
	return p.possible(d)
}

// demand adds what an atom asks.
func (s *slot) demand(a atom) {
	s.touched = true
	s.absent = s.absent && a.absent
	s.single = append(slices.Clip(s.single), a.one)
	if a.many.all {
		s.all = append(slices.Clip(s.all), a.many.constraint)
	} else {
		s.some = append(slices.Clip(s.some), a.many.constraint)
	}
}

// back undoes what was assumed since the trail had that length.
func (p *prover) back(mark int) {
	for len(p.trail) > mark {
		u := p.trail[len(p.trail)-1]
		p.trail = p.trail[:len(p.trail)-1]
		p.assigned[u.atom], p.slots[u.dimension] = 0, u.slot
	}
}

// only returns the one text that satisfies a constraint, if there is but one
// and no variable is in it.
func (p *prover) only(c constraint) (string, bool) {
	t := &p.questions[c.question]
	if len(t.variables) > 0 || !t.isText() {
		return "", false
	}
	ways, ok := t.alternatives(c.yes, p.lookup)
	if !ok || len(ways) != 1 || len(ways[0].in) != 1 {
		return "", false
	}
	return ways[0].in[0].Word()
}

// lookup returns what a variable of that key is at present: its text, or the
// character that stands for it.
func (p *prover) lookup(key string) (string, bool) {
	d := p.dimensionIndex[fold(key)]
	switch s := &p.slots[d]; {
	case !s.one:
		return "", false
	case s.pinned:
		return s.text, true
	}
	return string(language.Unknown(d)), true
}
