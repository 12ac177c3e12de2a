package planner

import (
	"cmp"
	"slices"
)

// A ruling is which steps of a component have to wait for which, on top of what
// they wait for already, so that an order's breaches, if it has any, are all
// there are.
type ruling struct {
	*component
	rank  []int      // by step: its place in the order
	parts [][]*party // by step: the small parties, and parts of others, that it is in
	fixed []set      // by step: those it waits for in any case
	added []set      // by step: those it waits for as long as that is of use
}

// waits returns what the steps of the plan have to wait for besides, so that
// however they run, nobody meets a state that costs anything unless the order
// way has it too; and those breaches that it has are as short there as can be.
func (c *component) waits(way []int, breaches bool) map[int][]int {
	n := len(way)
	r := ruling{component: c, rank: make([]int, n), parts: make([][]*party, n), fixed: make([]set, n), added: make([]set, n)}
	for i, step := range way {
		r.rank[step] = i
		r.fixed[step], r.added[step] = newSet(n), newSet(n)
		if breaches {
			for _, other := range way[:i] {
				r.fixed[step].add(other)
			}
		}
	}
	var small []*party
	for _, p := range c.parties {
		if p.small() {
			small = append(small, p)
		} else {
			r.split(p)
			small = append(small, p.parts...)
		}
	}
	for _, p := range small {
		for _, place := range p.places {
			r.parts[place] = append(r.parts[place], p)
		}
	}
	for _, p := range small {
		r.rule(p)
	}
	r.prune(way)
	return r.plainly(way)
}

// split divides p, and lets each part wait for the one before.
func (r *ruling) split(p *party) {
	order := make([]int, len(p.places))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(r.rank[p.places[a]], r.rank[p.places[b]]) })
	p.split(order)
	for i, part := range p.parts[1:] {
		for _, place := range part.places {
			for _, other := range p.parts[i].places {
				r.fixed[place].add(other)
			}
		}
	}
}

// rule adds what keeps p from its bad states. Step by step it picks the one
// that is best made to wait for all before it: a step that waits may have to
// pause, for however many others it waits.
func (r *ruling) rule(p *party) {
	p.bad = slices.DeleteFunc(p.bad, func(state set) bool { return r.inOrder(p, state) })
	before := r.beforeEach(p)
	inTurn := make([]set, len(p.places))
	for i, place := range p.places {
		inTurn[i] = newSet(len(p.places))
		for j, other := range p.places {
			if r.rank[other] < r.rank[place] {
				inTurn[i].add(j)
			}
		}
	}
	open := slices.DeleteFunc(slices.Clone(p.bad), func(state set) bool { return cut(before, state) })
	for len(open) > 0 {
		best, most := 0, 0
		for i := range p.places {
			n := 0
			for _, state := range open {
				if state.has(i) && !inTurn[i].within(state) {
					n++
				}
			}
			if n > most {
				best, most = i, n
			}
		}
		for j, other := range p.places {
			if inTurn[best].has(j) && !before[best].has(j) {
				r.added[p.places[best]].add(other)
			}
		}
		before[best] = inTurn[best]
		open = slices.DeleteFunc(open, func(state set) bool { return cut(before, state) })
	}
}

// inOrder reports whether p is in that state at some time if the steps are
// done in order, one by one.
func (r *ruling) inOrder(p *party, state set) bool {
	last := -1
	for i, place := range p.places {
		if state.has(i) {
			last = max(last, r.rank[place])
		}
	}
	for i, place := range p.places {
		if !state.has(i) && r.rank[place] < last {
			return false
		}
	}
	return true
}

// beforeEach returns what p's steps wait for among p's, in p's numbers, as far
// as each is told to itself.
func (r *ruling) beforeEach(p *party) []set {
	all := make([]set, len(p.places))
	for i, place := range p.places {
		all[i] = newSet(len(p.places))
		for j, other := range p.places {
			if r.before[place].has(other) || r.fixed[place].has(other) || r.added[place].has(other) {
				all[i].add(j)
			}
		}
	}
	return all
}

// prune drops what was added and is not needed: where there is a choice, the
// wait for the step that comes last.
func (r *ruling) prune(way []int) {
	for _, step := range way {
		for _, other := range slices.Backward(way[:r.rank[step]]) {
			if !r.added[step].has(other) {
				continue
			}
			r.added[step].remove(other)
			for _, p := range r.parts[step] {
				before := r.beforeEach(p)
				if slices.ContainsFunc(p.bad, func(state set) bool { return !cut(before, state) }) {
					r.added[step].add(other)
					break
				}
			}
		}
	}
}

// plainly returns what is to be waited for, by the plan's indexes, without
// what a step waits for anyway because another does.
func (r *ruling) plainly(way []int) map[int][]int {
	all := make([]set, len(way)) // what a step waits for, through others too
	waits := map[int][]int{}
	for _, step := range way {
		before := append(set{}, r.before[step]...)
		for other := range way {
			if before.has(other) {
				before.addAll(all[other])
			}
		}
		// The nearest first, for those bring what they wait for.
		for _, other := range slices.Backward(way[:r.rank[step]]) {
			if (r.fixed[step].has(other) || r.added[step].has(other)) && !before.has(other) {
				waits[r.steps[step]] = append(waits[r.steps[step]], r.steps[other])
				before.add(other)
				before.addAll(all[other])
			}
		}
		all[step] = before
	}
	return waits
}
