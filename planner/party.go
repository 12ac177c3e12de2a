package planner

import (
	"iter"
	"slices"

	"github.com/ssmctl/ssmctl/resource"
)

// maxSteps is how many steps a party may depend on for all of its states to
// be looked at, which are two to that power.
const maxSteps = 10

// A party is a Party in the making of an order. If it has too many steps it has
// parts, which are parties too: each has some of its steps, and runs when the
// parts before are done and visible everywhere. Steps go by their numbers in
// the party, and a state is the set of those that are done.
type party struct {
	steps    []int // the plan's, by number; Secure moves them
	judge    func(state set) []Breach
	accepted map[resource.ID]bool
	costs    map[string]cost // of the states that were asked about, by their keys
	before   []set           // by number: the steps of the party that are always done before it
	places   []int           // by number: the step's number in the component

	bad   []set    // if it is small: the states that can be met and cost something
	toGo  []cost   // if it is small and in a component: what the states after each cost at least
	parts []*party // if it is not, once its component has an order
}

// A cost says how bad a state is: how many gains and losses, first of those
// who must have none and then of those for whom they are accepted.
type cost [4]int32

func (c cost) plus(d cost) cost {
	for i := range c {
		c[i] += d[i]
	}
	return c
}

func (c cost) minus(d cost) cost {
	for i := range c {
		c[i] -= d[i]
	}
	return c
}

func (c cost) compare(d cost) int { return slices.Compare(c[:], d[:]) }

func newParty(steps []int, before []set, accepted map[resource.ID]bool, judge func(set) []Breach) *party {
	p := &party{steps: slices.Clone(steps), before: before, accepted: accepted, judge: judge, costs: map[string]cost{}}
	if p.small() {
		for state := range p.states() {
			if p.reachable(state) && p.cost(state) != (cost{}) {
				p.bad = append(p.bad, slices.Clone(state))
			}
		}
	}
	return p
}

// small reports whether all states can be looked at.
func (p *party) small() bool { return len(p.steps) <= maxSteps }

// states yields all states of a small party, always in the same set, those
// that come before others before them.
func (p *party) states() iter.Seq[set] {
	return func(yield func(set) bool) {
		state := newSet(len(p.steps))
		for word := range uint64(1) << len(p.steps) {
			if len(state) > 0 {
				state[0] = word
			}
			if !yield(state) {
				return
			}
		}
	}
}

// reachable reports whether a state can be met.
func (p *party) reachable(state set) bool { return !cut(p.before, state) }

// cut reports whether a state cannot be met when each step is done after those
// before it.
func cut(before []set, state set) bool {
	for i, b := range before {
		if state.has(i) && !b.within(state) {
			return true
		}
	}
	return false
}

// cost returns what a state costs, and asks only once.
func (p *party) cost(state set) cost {
	key := state.key()
	c, known := p.costs[key]
	if known {
		return c
	}
	for _, b := range p.judge(state) {
		i := 0
		if b.Effect == Loss {
			i = 1
		}
		if p.accepted[b.Principal] {
			i += 2
		}
		c[i]++
	}
	p.costs[key] = c
	return c
}

// state returns the state that p is in when those steps of its component are
// done.
func (p *party) state(done set) set {
	s := newSet(len(p.places))
	for i, place := range p.places {
		if done.has(place) {
			s.add(i)
		}
	}
	return s
}

// lookAhead works out what the states after each cost at least.
func (p *party) lookAhead() {
	all := make([]cost, 1<<len(p.steps))
	state, next := newSet(len(p.steps)), newSet(len(p.steps))
	for word := len(all) - 2; word >= 0; word-- { // the states after have been
		state[0] = uint64(word)
		if !p.reachable(state) {
			continue
		}
		first := true
		for i := range p.steps {
			if state.has(i) || !p.before[i].within(state) {
				continue
			}
			next[0] = state[0]
			next.add(i)
			if c := p.cost(next).plus(all[next[0]]); first || c.compare(all[word]) < 0 {
				all[word], first = c, false
			}
		}
	}
	p.toGo = all
}

// ahead returns the least that the states after this one cost p, as far as
// that is known.
func (p *party) ahead(state set) cost {
	if p.toGo == nil {
		return cost{}
	}
	return p.toGo[state[0]]
}

// split divides a party that is not small into parts that are, in the order in
// which its steps are given.
func (p *party) split(order []int) {
	base := newSet(len(p.steps))
	for numbers := range slices.Chunk(order, maxSteps) {
		done := slices.Clone(base)
		var steps, places []int
		before := make([]set, len(numbers))
		for i, n := range numbers {
			steps, places = append(steps, p.steps[n]), append(places, p.places[n])
			before[i] = newSet(len(numbers))
			for j, other := range numbers {
				if p.before[n].has(other) {
					before[i].add(j)
				}
			}
			base.add(n)
		}
		part := newParty(steps, before, p.accepted, func(state set) []Breach {
			all := slices.Clone(done)
			for i, n := range numbers {
				if state.has(i) {
					all.add(n)
				}
			}
			return p.judge(all)
		})
		part.places = places
		p.parts = append(p.parts, part)
	}
}

// ancestors returns, for each of the steps, which of them it waits for, through
// others too, by their numbers in steps. No step waits for a later one.
func ancestors(waits [][]int, steps []int) []set {
	if len(steps) == 0 {
		return nil
	}
	number := make(map[int]int, len(steps))
	for i, step := range steps {
		number[step] = i
	}
	first := slices.Min(steps)
	known := map[int]set{}
	var of func(step int) set
	of = func(step int) set {
		s, ok := known[step]
		if ok {
			return s
		}
		s = newSet(len(steps))
		for _, w := range waits[step] {
			if w < first {
				continue // and what that waits for is earlier still
			}
			s.addAll(of(w))
			if i, ok := number[w]; ok {
				s.add(i)
			}
		}
		known[step] = s
		return s
	}
	all := make([]set, len(steps))
	for i, step := range steps {
		all[i] = of(step)
	}
	return all
}
