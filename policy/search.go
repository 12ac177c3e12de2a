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
func (p *prover) presence(mine, theirs side, d int) bool {
	for d < len(p.dimensions) && !(p.dimensions[d].variable && (mine.mentions(p, d) || theirs.mentions(p, d))) {
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

// inside chooses a box of every layer of the candidate to be in, from the one
// given, and then how not to be allowed by the reference.
func (p *prover) inside(mine, theirs side, layer int) bool {
	if layer < len(mine.layers) {
		for _, b := range mine.layers[layer] {
			if p.within(b, func() bool { return p.inside(mine, theirs, layer+1) }) {
				return true
			}
		}
		return false
	}
	for _, allows := range theirs.layers {
		if p.outside(slices.Concat(mine.denies, allows)) {
			return true
		}
	}
	for _, deny := range theirs.denies {
		if p.within(deny, func() bool { return p.outside(mine.denies) }) {
			return true
		}
	}
	return false
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
