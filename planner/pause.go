package planner

import "slices"

// pause marks the steps that pause. A state that cannot be met because a step
// waits for others is still seen while those are done but not yet visible; if
// it costs something, one of the steps in it, or one that they waited for, has
// to pause first. Which does is chosen so that few do.
func (p *Plan) pause(parties []*party) {
	waits := make([][]int, len(p.Steps))
	for i, s := range p.Steps {
		waits[i] = s.Waits
	}
	var lists [][]int // of steps, one of each of which has to pause
	for _, whole := range parties {
		parts := []*party{whole}
		if !whole.small() {
			parts = whole.parts
			for _, part := range parts[1:] {
				for _, step := range part.steps {
					lists = append(lists, []int{step})
				}
			}
		}
		for _, part := range parts {
			part.before = ancestors(waits, part.steps)
			lists = append(lists, part.mustPause()...)
		}
	}
	for _, step := range cover(lists, len(p.Steps)) {
		p.Steps[step].Pause = true
	}
}

// cover returns numbers below n, few of them, so that each of the lists has
// one. None of them could be left out.
func cover(lists [][]int, n int) []int {
	in := make([][]int, n)         // by number: the lists that it is in
	open := make([]int, n)         // by number: how many of those have none yet
	has := make([]int, len(lists)) // by list: how many it has
	for i, list := range lists {
		for _, x := range list {
			in[x] = append(in[x], i)
			open[x]++
		}
	}
	var chosen []int
	for left := len(lists); left > 0; {
		best := 0
		for x, n := range open {
			if n > open[best] {
				best = x
			}
		}
		chosen = append(chosen, best)
		for _, i := range in[best] {
			if has[i]++; has[i] == 1 {
				left--
				for _, x := range lists[i] {
					open[x]--
				}
			}
		}
	}
	return slices.DeleteFunc(chosen, func(x int) bool {
		for _, i := range in[x] {
			if has[i] == 1 {
				return false
			}
		}
		for _, i := range in[x] {
			has[i]--
		}
		return true
	})
}

// mustPause returns, for each state that costs something and cannot be met but
// be seen, the steps of which one has to pause so that it cannot be seen; each
// such choice once.
func (p *party) mustPause() [][]int {
	var all [][]int
	known := map[string]bool{}
	for state := range p.states() {
		if p.reachable(state) || p.cost(state) == (cost{}) {
			continue
		}
		may := p.mayPause(state)
		key := may.key()
		if known[key] {
			continue
		}
		known[key] = true
		var steps []int
		for i, step := range p.steps {
			if may.has(i) {
				steps = append(steps, step)
			}
		}
		all = append(all, steps)
	}
	return all
}

// mayPause returns the steps a pause of which keeps a state from being seen:
// those in it, and those that were waited for by some in it, of which
// something that they wait for is not in it.
func (p *party) mayPause(state set) set {
	reached := append(set{}, state...)
	for i, before := range p.before {
		if state.has(i) {
			reached.addAll(before)
		}
	}
	may := newSet(len(p.steps))
	for i, before := range p.before {
		if reached.has(i) && !before.within(state) {
			may.add(i)
		}
	}
	return may
}
