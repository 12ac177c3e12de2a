package planner_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A whim is a Watch that finds fault at random, though always the same.
type whim struct {
	seed    uint64
	share   uint64 // one in so many states
	parties []planner.Party
}

func drawWhim(t *rapid.T, p *planner.Plan) *whim {
	w := &whim{seed: rapid.Uint64().Draw(t, "seed"), share: rapid.Uint64Range(1, 20).Draw(t, "share")}
	if len(p.Steps) < 2 {
		return w
	}
	for range rapid.IntRange(0, 3).Draw(t, "parties") {
		steps := rapid.SliceOfNDistinct(rapid.IntRange(0, len(p.Steps)-1), 2, 12, rapid.ID[int]).Draw(t, "steps")
		slices.Sort(steps)
		w.parties = append(w.parties, planner.Party{Principals: []resource.ID{{Kind: "user", Name: fmt.Sprint(len(w.parties))}}, Steps: steps})
	}
	return w
}

func (w *whim) Parties() []planner.Party { return w.parties }

func (w *whim) Judge(party int, done []bool) []planner.Breach {
	h := w.seed + uint64(party)
	for _, d := range done {
		h *= 0x9e3779b97f4a7c15
		if d {
			h++
		}
		h ^= h >> 29
	}
	if h%w.share != 0 || !slices.Contains(done, true) || !slices.Contains(done, false) {
		return nil
	}
	return []planner.Breach{{Principal: w.parties[party].Principals[0], Effect: planner.Loss, Text: fmt.Sprint(h % 3)}}
}

// Whatever is asked of an order, the same gives the same, what loses something
// does not come before what could have come first, and nothing is lost of what
// steps waited for.
func TestSecureKeepsThePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := input(t, objects(t, "want"), objects(t, "live"))
		var plans [2]*planner.Plan
		var left [2][]planner.Breach
		var w *whim
		for i := range plans {
			p, err := planner.Make(in)
			if err != nil {
				t.Fatal(err)
			}
			if w == nil {
				w = drawWhim(t, p)
			}
			plans[i], left[i] = p, p.Secure(w, nil)
		}
		if d := cmp.Diff(plans[0], plans[1]) + cmp.Diff(left[0], left[1]); d != "" {
			t.Fatalf("the second time (-first +second):\n%s", d)
		}
		before, err := planner.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		was, is := waitsByName(before), waitsByName(plans[0])
		if len(was) != len(is) {
			t.Fatalf("%d steps have become %d", len(was), len(is))
		}
		for step, waits := range was {
			for w := range waits {
				if !is[step][w] {
					t.Errorf("%s waits no more for %s", step, w)
				}
			}
		}
		steps := plans[0].Steps
		for i := 1; i < len(steps); i++ {
			if steps[i-1].Loss.What != "" && steps[i].Loss.What == "" && !slices.Contains(steps[i].Waits, i-1) {
				t.Errorf("step %d loses something before step %d for no reason: %v", i-1, i, describe(plans[0]))
			}
		}
	})
}

// waitsByName returns what each step waits for, through others too.
func waitsByName(p *planner.Plan) map[string]map[string]bool {
	name := func(i int) string { return fmt.Sprint(p.Steps[i].Change) } // an ID may have two steps
	all := map[string]map[string]bool{}
	for i, s := range p.Steps {
		waits := map[string]bool{}
		for _, w := range s.Waits {
			waits[name(w)] = true
			maps.Copy(waits, all[name(w)])
		}
		all[name(i)] = waits
	}
	return all
}
