package planner_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ssmctl/ssmctl/planner"
)

// A walk goes through the states of a secured plan. It shares nothing with the
// planner: sets of steps are bits.
type walk struct {
	*turn
	edits []edit   // by the steps as they are now
	waits []uint32 // by step: those it waits for
	all   []uint32 // by step: those it waits for, through others too
}

func newWalk(t *turn) *walk {
	w := &walk{turn: t}
	for _, step := range t.plan.Steps {
		w.edits = append(w.edits, t.edits[slices.IndexFunc(t.edits, func(e edit) bool { return e.String() == step.ID().Name })])
		var waits, all uint32
		for _, i := range step.Waits {
			waits |= 1 << i
			all |= 1<<i | w.all[i]
		}
		w.waits, w.all = append(w.waits, waits), append(w.all, all)
	}
	return w
}

// wrong returns what is wrong when exactly those steps are done.
func (w *walk) wrong(done uint32) []planner.Breach {
	state := w.before
	for i, e := range w.edits {
		if done>>i&1 == 1 {
			e.apply(&state, &w.after)
		}
	}
	return w.wrongIn(&state)
}

func (w *walk) wrongIn(state *world) []planner.Breach {
	var all []planner.Breach
	for u := range users {
		all = w.breaches(all, u, state)
	}
	return all
}

// everywhere calls look for each state that can be met while steps run at once.
func (w *walk) everywhere(look func([]planner.Breach)) {
	var from func(step int, done uint32, state world)
	from = func(step int, done uint32, state world) {
		if step == len(w.edits) {
			look(w.wrongIn(&state))
			return
		}
		from(step+1, done, state)
		if w.waits[step]&^done == 0 {
			w.edits[step].apply(&state, &w.after)
			from(step+1, done|1<<step, state)
		}
	}
	from(0, 0, w.before)
}

// visible reports whether exactly those steps can be seen at some time: what
// a step that pauses waits for is seen before that step is, and before
// whatever waits for it.
func (w *walk) visible(seen uint32) bool {
	for b, step := range w.plan.Steps {
		if step.Pause && w.all[b]&^seen != 0 && seen&w.from(b) != 0 {
			return false
		}
	}
	return true
}

// from returns a step and those that wait for it, through others too.
func (w *walk) from(step int) uint32 {
	steps := uint32(1) << step
	for i, all := range w.all {
		if all>>step&1 == 1 {
			steps |= 1 << i
		}
	}
	return steps
}

// run carries the plan out at random, with changes that are seen late and in
// any order. When it fails, as half of the runs do, it undoes what it did, and
// that too is seen late. It calls look with what is seen at each moment.
func (w *walk) run(r *rand.Rand, look func(seen uint32)) {
	n := len(w.edits)
	var done, seen uint32
	spread := func(which uint32) {
		for _, i := range r.Perm(n) {
			if which>>i&1 == 1 && (seen^done)>>i&1 == 1 {
				seen ^= 1 << i
				look(seen)
			}
		}
	}
	pick := func(ready func(step int) bool) int {
		var all []int
		for i := range n {
			if ready(i) {
				all = append(all, i)
			}
		}
		return all[r.IntN(len(all))]
	}
	fail := r.IntN(2*n + 1)
	for range min(n, fail) {
		i := pick(func(i int) bool { return done>>i&1 == 0 && w.waits[i]&^done == 0 })
		if w.plan.Steps[i].Pause {
			spread(w.all[i])
		}
		done |= 1 << i
		spread(r.Uint32() & r.Uint32())
	}
	for fail < n && done != 0 {
		i := pick(func(i int) bool { return done>>i&1 == 1 && done&w.from(i) == 1<<i })
		for j, s := range w.plan.Steps {
			if s.Pause && w.waits[j]>>i&1 == 1 {
				spread(w.from(j))
			}
		}
		done &^= 1 << i
		spread(r.Uint32() & r.Uint32())
	}
}

// possible reports whether the steps of a plan that is not yet secured have an
// order in which no breach that counts occurs.
func possible(t *turn, counts func(planner.Effect) bool) bool {
	w := newWalk(t)
	n := len(w.edits)
	reached := make([]bool, 1<<n)
	reached[0] = true
	for done := range uint32(1) << n {
		for i := range n {
			if next := done | 1<<i; reached[done] && w.waits[i]&^done == 0 && !reached[next] {
				reached[next] = !slices.ContainsFunc(w.wrong(next), func(b planner.Breach) bool { return counts(b.Effect) })
			}
		}
	}
	return reached[1<<n-1]
}

// Fault 45: every state that can be met while the steps of a plan run at once,
// fail and are undone, and every state that can be seen while AWS spreads the
// changes, lies between before and after. If one does not, the plan says so,
// and there was no order without.
func TestEveryStateIsSafe(t *testing.T) {
	t.Parallel()
	for size, plans := range map[string]int{"rewrite": 5_000, "edit": 16_000} {
		if testing.Short() {
			plans /= 10
		}
		for _, deny := range []float64{0, 0.25, 0.5} {
			t.Run(fmt.Sprintf("%s, %.0f %% denies", size, 100*deny), func(t *testing.T) {
				t.Parallel()
				const seed = 45
				r := rand.New(rand.NewPCG(seed, uint64(100*deny)))
				var steps, added, refused, pauses, inTurn int
				for n := range plans {
					before := drawWorld(r, deny)
					after := drawEdits(r, before)
					if size == "rewrite" {
						after = drawRewrite(r, before, deny)
					}
					x := newTurn(before, after)
					for _, s := range x.plan.Steps {
						added -= len(s.Waits)
					}
					if left := x.plan.Secure(x, nil); len(left) > 0 {
						refused++
					}
					for _, s := range x.plan.Steps {
						steps++
						added += len(s.Waits)
						if s.Pause {
							pauses++
						}
					}
					inTurn += x.plan.Order.Pauses
					if checkStates(t, newWalk(x), r, n%50 == 0); t.Failed() {
						t.Fatalf("plan %d of seed %d: %v", n, seed, describe(x.plan))
					}
				}
				all := float64(plans)
				t.Logf("%d plans of %.1f steps: %.3f %% refused, %.2f waits more, %.2f steps pause, %.2f in turn",
					plans, float64(steps)/all, 100*float64(refused)/all, float64(added)/all, float64(pauses)/all, float64(inTurn)/all)
				if 200*refused >= plans {
					t.Errorf("%d plans have no safe order", refused)
				}
			})
		}
	}
}

// checkStates walks the states of a secured plan; everything that can be seen
// only if asked to, since that is a lot.
func checkStates(t *testing.T, w *walk, r *rand.Rand, everything bool) {
	t.Helper()
	known := map[planner.Breach]bool{}
	for _, b := range w.plan.Order.Breaches {
		known[planner.Breach{Principal: b.Principal, Effect: b.Effect, Text: b.Text}] = true
	}
	if w.plan.Order.Safe != (len(known) == 0) {
		t.Errorf("safe is %t, with %d breaches", w.plan.Order.Safe, len(known))
	}
	expect := func(when string, found []planner.Breach) {
		for _, b := range found {
			if !known[b] {
				t.Errorf("%s: %s", when, b)
			}
		}
	}
	w.everywhere(func(found []planner.Breach) { expect("under way", found) })
	for range 2 {
		w.run(r, func(seen uint32) { expect("while it spreads", w.wrong(seen)) })
	}
	for seen := range uint32(1) << len(w.edits) {
		if everything && w.visible(seen) {
			expect("visible", w.wrong(seen))
		}
	}
	if w.plan.Order.Safe {
		return
	}
	again := newTurn(w.before, w.after)
	if possible(again, func(planner.Effect) bool { return true }) {
		t.Error("there is a safe order")
	}
	gains := slices.ContainsFunc(w.plan.Order.Breaches, func(b planner.Breach) bool { return b.Effect == planner.Gain })
	if gains && possible(again, func(e planner.Effect) bool { return e == planner.Gain }) {
		t.Error("there is an order in which nobody has too much")
	}
}
