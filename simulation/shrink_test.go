package simulation

import (
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/resource"
)

// shrink looks for a smaller plan and fewer faults that violate the property
// all the same.
func shrink(w *world, s scenario, property string) (*world, scenario) {
	violates := func(w *world, s scenario) bool {
		t := w.play(s, false)
		return t.property == property && t.excuse == ""
	}
	s = fewerFaults(w, s, violates)
	for smaller := true; smaller; {
		smaller = false
		for _, id := range changedBy(w) {
			lesser := w.without(id)
			if lesser == nil {
				continue
			}
			if moved, ok := moveFaults(lesser, s, violates); ok {
				w, s, smaller = lesser, moved, true
				break
			}
		}
	}
	return w, fewerFaults(w, s, violates)
}

// fewerFaults drops what is not needed of a scenario.
func fewerFaults(w *world, s scenario, violates func(*world, scenario) bool) scenario {
	for i := 0; i < len(s.faults); {
		fewer := s
		fewer.faults = slices.Delete(slices.Clone(s.faults), i, i+1)
		if violates(w, fewer) {
			s = fewer
		} else {
			i++
		}
	}
	for _, simpler := range []func(*scenario){
		func(s *scenario) { s.undo = false }, func(s *scenario) { s.keep = false }, func(s *scenario) { s.finish = false },
	} {
		fewer := s
		simpler(&fewer)
		if violates(w, fewer) {
			s = fewer
		}
	}
	return s
}

// changedBy returns the objects that w's start and goal have not in common.
func changedBy(w *world) []resource.ID {
	all := maps.Clone(w.start)
	maps.Copy(all, w.goal)
	return slices.SortedFunc(maps.Keys(all), resource.ID.Compare)
}

// without returns a world that leaves an object as it is, or that lacks one
// which neither start nor goal changes; nil if there is none.
func (w *world) without(id resource.ID) *world {
	start, goal := maps.Clone(w.start), maps.Clone(w.goal)
	switch {
	case id.Name == theirName:
		return nil
	case same(start[id], goal[id]):
		remove(start, id)
		remove(goal, id)
	case start[id] == nil:
		remove(goal, id)
	default:
		goal[id] = start[id]
	}
	for _, o := range goal {
		if slices.ContainsFunc(o.Needs(), func(n resource.ID) bool { return goal[n] == nil }) {
			return nil
		}
	}
	lesser := tryWorld(w.seed, start, goal, 1)
	if lesser == nil {
		return nil
	}
	lesser.account.lag, lesser.account.spread = w.account.lag, w.account.spread
	lesser.wrap = w.wrap
	return lesser
}

// moveFaults looks for places where the faults violate in a smaller world: at
// most two at once.
func moveFaults(w *world, s scenario, violates func(*world, scenario) bool) (scenario, bool) {
	if len(s.faults) == 0 || len(s.faults) > 2 {
		return s, violates(w, s)
	}
	limits := make([]int, 2)
	for i := range limits {
		if i < len(s.faults) {
			limits[i] = s.faults[i].at
		}
	}
	for a := range limits[0] {
		for b := range max(1, limits[1]) {
			moved := s
			moved.faults = slices.Clone(s.faults)
			moved.faults[0].at = limits[0] - a
			if len(moved.faults) == 2 {
				moved.faults[1].at = limits[1] - b
			}
			if violates(w, moved) {
				return moved, true
			}
		}
	}
	return s, false
}
