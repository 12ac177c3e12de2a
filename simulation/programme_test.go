package simulation

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
)

// A programme is what is done to one plan.
type programme struct {
	seed    uint64
	singles []scenario // those with one fault, and one without
	calls   int        // of the run without a fault
	disk    int        // writes to disk of that
}

// programmeOf works out a plan's programme by running it without a fault.
func programmeOf(w *world) programme {
	survey := w.play(scenario{}, false)
	g := programme{seed: w.seed, calls: len(survey.sorts), disk: len(survey.disk.sorts)}
	r := rand.New(rand.NewPCG(w.seed, 3))
	g.singles = append(g.singles, scenario{}, scenario{undo: true})
	add := func(f fault) {
		f.pick = r.Uint64()
		s := scenario{faults: []fault{f}}
		if slices.Contains(crashes, f.what) {
			g.singles = append(g.singles, s)
			s.finish = true
		}
		s.undo = r.IntN(8) == 0
		g.singles = append(g.singles, s)
		if f.what == refused {
			s.keep, s.finish = true, r.IntN(2) == 0
			g.singles = append(g.singles, s)
		}
	}
	for n, sort := range survey.sorts {
		for _, what := range callTroubles[sort] {
			add(fault{what: what, at: n + 1})
		}
	}
	for n, sort := range survey.disk.sorts {
		for _, what := range diskTroubles[sort] {
			add(fault{what: what, at: n + 1, disk: true})
		}
	}
	return g
}

// allTroubles is each trouble once, those of the disk apart.
var allTroubles, allDiskTroubles = func() (calls, disk []trouble) {
	for _, sort := range slices.Sorted(maps.Keys(callTroubles)) {
		calls = append(calls, callTroubles[sort]...)
	}
	for _, sort := range slices.Sorted(maps.Keys(diskTroubles)) {
		disk = append(disk, diskTroubles[sort]...)
	}
	slices.Sort(calls)
	slices.Sort(disk)
	return slices.Compact(calls), slices.Compact(disk)
}()

// scenario returns the nth run of the programme: one fault, then two or three.
func (g programme) scenario(n int) scenario {
	if n < len(g.singles) {
		return g.singles[n]
	}
	r := rand.New(rand.NewPCG(g.seed, uint64(n)))
	s := scenario{finish: r.IntN(2) == 0, keep: r.IntN(10) == 0, undo: r.IntN(4) == 0}
	for range 2 + r.IntN(2) {
		f := fault{pick: r.Uint64(), disk: r.IntN(4) == 0}
		if f.disk {
			f.what, f.at = allDiskTroubles[r.IntN(len(allDiskTroubles))], 1+r.IntN(2*g.disk+1)
		} else {
			f.what, f.at = allTroubles[r.IntN(len(allTroubles))], 1+r.IntN(2*g.calls+1)
		}
		s.faults = append(s.faults, f)
	}
	slices.SortFunc(s.faults, func(a, b fault) int { return cmp.Compare(a.at, b.at) })
	return s
}
