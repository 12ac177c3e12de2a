package check

import (
	"slices"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/resource"
)

// A way is how one user or role fares along a plan: what bears on it only
// changes with the few steps that touch it, taken in the plan's order. The
// other steps may be done at any time that their waits allow.
type way struct {
	stops    []stop // the first is before the plan, the last after it; one if nothing touches the principal
	touching []int  // the steps that do, ascending
	leads    [][]bool
	follows  [][]bool // for each of touching, which steps come before it, and which after it, in any run
}

// A stop is the principal once some of the steps that touch it are done.
type stop struct {
	party
	done int // how many of them
}

// way returns how a user or role fares. Without Input.At the stops between the
// first and the last are not known.
func (r *run) way(who resource.ID) way {
	w := way{stops: []stop{{party: partyOf(r.before, who)}}}
	bears := r.bearing(who)
	for i, s := range r.Plan.Steps {
		if bears[s.ID()] {
			w.touching = append(w.touching, i)
		}
	}
	for n, t := range w.touching {
		w.leads = append(w.leads, r.leading(t))
		w.follows = append(w.follows, r.following(t))
		switch {
		case n == len(w.touching)-1:
			w.stops = append(w.stops, stop{partyOf(r.after, who), n + 1})
		case r.At != nil:
			w.stops = append(w.stops, stop{partyOf(r.upTo(t), who), n + 1})
		}
	}
	return w
}

func (w way) first() party { return w.stops[0].party }
func (w way) last() party  { return w.stops[len(w.stops)-1].party }

// between returns the stops that are neither before nor after the plan.
func (w way) between() []stop {
	if len(w.stops) < 3 {
		return nil
	}
	return w.stops[1 : len(w.stops)-1]
}

// doing reports whether a step may be begun at the stop.
func (w way) doing(i int, s stop) bool {
	for n, t := range w.touching {
		if n < s.done && (i == t || w.leads[n][i]) || n >= s.done && w.follows[n][i] {
			return false
		}
	}
	return true
}

// undoing reports whether a step may be undone at the stop.
func (w way) undoing(i int, s stop) bool {
	for n, t := range w.touching {
		if n < s.done && w.leads[n][i] || n >= s.done && (i == t || w.follows[n][i]) {
			return false
		}
	}
	return true
}

// bearing returns the objects, of before and after the plan, that say what a
// user or role may do.
func (r *run) bearing(who resource.ID) map[resource.ID]bool {
	all, holders := map[resource.ID]bool{who: true}, map[resource.ID]bool{who: true}
	sides := []*access.Account{r.Before, r.After}
	for _, a := range sides {
		for _, m := range a.Members {
			if who.Kind == "user" && m.User == who.Name {
				all[m.From], holders[resource.ID{Kind: "group", Name: m.Group}] = true, true
			}
		}
	}
	for _, a := range sides {
		for _, g := range a.Grants {
			if holders[g.To] {
				all[g.From], all[a.Policies[g.ARN].From] = true, true
			}
		}
		for _, b := range a.Bounds {
			if b.Of == who {
				all[b.From], all[a.Policies[b.ARN].From] = true, true
			}
		}
	}
	return all
}

// upTo returns who holds what once the plan is done up to a step.
func (r *run) upTo(step int) *access.Holdings {
	if h, known := r.reached[step]; known {
		return h
	}
	done := make([]int, step+1)
	for i := range done {
		done[i] = i
	}
	h := r.At(done).Holdings()
	r.reached[step] = h
	return h
}

// leading returns which steps are done before the step begins, in any run.
func (r *run) leading(step int) []bool {
	all := make([]bool, len(r.Plan.Steps))
	all[step] = true
	for i := step; i >= 0; i-- {
		if all[i] {
			for _, w := range r.Plan.Steps[i].Waits {
				all[w] = true
			}
		}
	}
	all[step] = false
	return all
}

// following returns which steps begin only when the step is done.
func (r *run) following(step int) []bool {
	all := make([]bool, len(r.Plan.Steps))
	all[step] = true
	for i := step + 1; i < len(all); i++ {
		all[i] = slices.ContainsFunc(r.Plan.Steps[i].Waits, func(w int) bool { return all[w] })
	}
	all[step] = false
	return all
}
