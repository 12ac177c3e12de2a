package planner

import (
	"slices"

	"github.com/ssmctl/ssmctl/resource"
)

// An Order is what is known of the order of a plan's steps: how everybody's
// access fares while they are under way. The zero Order is that of a plan at
// which nobody has looked.
type Order struct {
	Safe     bool     // in every state on the way access lies between what it is before and what it is after
	Breaches []Breach // where it does not, accepted or not, in the order of their principals
	Pauses   int      // how many pauses a run makes one after another, at the most
}

// A Verdict is an Order in a word.
type Verdict string

// The verdicts.
const (
	OrderSafe      Verdict = "safe"      // no state on the way breaches anybody's access
	OrderTransient Verdict = "transient" // some state does
	OrderUnchecked Verdict = "unchecked" // nobody looked
)

// Verdict returns o in a word.
func (o Order) Verdict() Verdict {
	switch {
	case o.Safe:
		return OrderSafe
	case len(o.Breaches) > 0:
		return OrderTransient
	}
	return OrderUnchecked
}

// Secure sees to it that on the way nobody holds a right that they hold
// neither before nor after, nor lacks one that they hold both before and
// after: not after any step, not while several run at once, and not in a
// rollback. It lets steps wait for others, on top of what they wait for
// already, lets a step pause where safety hangs on what it waits for being
// visible everywhere, since AWS spreads changes in any order, and sorts p.Steps
// anew. It says in p.Order what it found; to be called once in a plan's life.
//
// Where no order is safe, or none was found within a bounded search, it takes
// the least bad: first of all nobody is to have too much, then nobody too
// little, and those in allow count for less than all others. It returns what
// breaches remain, save those of the principals in allow.
//
// The same plan, Watch and allow give the same result. Of a party that depends
// on more than ten steps not every state can be looked at: its steps run ten at
// a time, with a pause between.
func (p *Plan) Secure(w Watch, allow []resource.ID) []Breach {
	accepted := make(map[resource.ID]bool, len(allow))
	for _, id := range allow {
		accepted[id] = true
	}
	waits := make([][]int, len(p.Steps))
	for i, s := range p.Steps {
		waits[i] = s.Waits
	}
	var parties []*party
	for i, given := range w.Parties() {
		done := make([]bool, len(given.Steps))
		parties = append(parties, newParty(given.Steps, ancestors(waits, given.Steps), accepted, func(state set) []Breach {
			if n := state.len(); n == 0 || n == len(done) {
				return nil // what it is before, or after
			}
			for n := range done {
				done[n] = state.has(n)
			}
			return w.Judge(i, done)
		}))
	}
	var found []Breach
	for _, c := range components(parties, waits) {
		way := c.search()
		breaches := c.breaches(p.Steps, way)
		for step, more := range c.waits(way, len(breaches) > 0) {
			waits[step] = slices.Sorted(slices.Values(slices.Concat(waits[step], more)))
		}
		found = append(found, breaches...)
	}
	p.arrange(waits, parties)
	p.pause(parties)
	slices.SortStableFunc(found, compareBreaches)
	found = slices.CompactFunc(found, func(a, b Breach) bool { return compareBreaches(a, b) == 0 })
	p.Order = Order{Safe: len(found) == 0, Breaches: found, Pauses: p.pauses()}
	return slices.DeleteFunc(slices.Clone(found), func(b Breach) bool { return accepted[b.Principal] })
}

// arrange sorts the steps by what they are to wait for, those that lose
// something as late as the others allow, and tells the parties where their
// steps are now.
func (p *Plan) arrange(waits [][]int, parties []*party) {
	stages := make([]int, len(p.Steps))
	for i, s := range p.Steps {
		stages[i] = stageOf(s.Loss)
	}
	order, _ := linear(waits, stages)
	index := make([]int, len(order)) // by the old one
	for i, old := range order {
		index[old] = i
	}
	steps := make([]Step, len(order))
	for i, old := range order {
		steps[i] = p.Steps[old]
		steps[i].Waits = nil
		for _, w := range waits[old] {
			steps[i].Waits = append(steps[i].Waits, index[w])
		}
		slices.Sort(steps[i].Waits)
	}
	p.Steps = steps
	for _, x := range parties {
		for _, part := range append(x.parts, x) {
			for i, old := range part.steps {
				part.steps[i] = index[old]
			}
		}
	}
}

// pauses returns how many pauses a run makes one after another, at the most.
func (p *Plan) pauses() int {
	return pausesInTurn(len(p.Steps), func(step int) ([]int, bool) { return p.Steps[step].Waits, p.Steps[step].Pause })
}

// pausesInTurn returns how many of n steps pause one after another in the
// chain that has the most, given what each waits for and whether it pauses.
func pausesInTurn(n int, step func(int) (waits []int, pause bool)) int {
	most, inTurn := 0, make([]int, n)
	for i := range n {
		waits, pause := step(i)
		for _, w := range waits {
			inTurn[i] = max(inTurn[i], inTurn[w])
		}
		if pause {
			inTurn[i]++
		}
		most = max(most, inTurn[i])
	}
	return most
}
