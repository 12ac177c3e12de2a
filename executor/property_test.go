package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// An apply reaches what is desired, and then there is nothing left to do.
//
// Fault 15: stale reads after create, update and delete.
func TestApplyReachesTheGoal(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		r := w.run.Run(t.Context(), w.plan)
		if r.Outcome != executor.Applied || r.Cause != nil || r.Failed != -1 || len(r.Done) != len(w.plan.Steps) {
			t.Fatalf("report of an undisturbed apply: %+v", r)
		}
		if d := cmp.Diff(w.after, w.snapshot()); d != "" {
			t.Fatalf("not what was desired (-want +got):\n%s", d)
		}
		if again := plan(t, w.account, w.goal); len(again.Steps) != 0 {
			t.Fatalf("after the apply there is more to do: %v", again.Steps)
		}
	})
}

// Whatever goes wrong once, the account ends as desired or as it was, and the
// report says which.
//
// Faults 1, 2, 3, 4, 9, 14, 16: each at any call.
func TestOneFaultAnywhere(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		at := rapid.IntRange(1, 12).Draw(t, "at")
		what := rapid.SampledFrom([]fault{refused, throttled, busy, notYet, unsent, lostBefore, lostAfter, plainError, panics}).Draw(t, "fault")
		w.fault = func(call int, _ resource.Change) fault {
			if call == at {
				return what
			}
			return none
		}
		r := w.run.Run(t.Context(), w.plan)
		want := w.after
		switch r.Outcome {
		case executor.Applied:
		case executor.RolledBack:
			if what != refused {
				t.Fatalf("%s is no reason to give up: %v", what, r.Cause)
			}
			want = w.before
		default:
			t.Fatalf("outcome %q after one fault: %v, left %v", r.Outcome, r.Cause, r.Left)
		}
		if d := cmp.Diff(want, w.snapshot()); d != "" {
			t.Fatalf("outcome %q, but (-want +got):\n%s", r.Outcome, d)
		}
	})
}

// However much goes wrong, the report tells the truth.
func TestManyFaults(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		faults := rapid.MapOfN(
			rapid.IntRange(1, 30),
			rapid.SampledFrom([]fault{refused, refused, throttled, lostBefore, lostAfter, plainError, panics}),
			1, 8).Draw(t, "faults")
		w.fault = func(call int, _ resource.Change) fault { return faults[call] }
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stop := rapid.IntRange(0, 40).Draw(t, "cancelled at")
		w.onCall = func(call int, _ resource.Change) {
			if call == stop {
				cancel()
			}
		}
		var events []executor.Event
		w.run.OnEvent = func(e executor.Event) { events = append(events, e) }
		r := w.run.Run(ctx, w.plan)
		truthful(t, w, r)
		wellFormed(t, w, r, events)
	})
}

// What somebody else changes while a plan is under way survives it, and the
// report does not pretend otherwise.
//
// Faults 22, 25: foreign changes on later and on earlier steps.
func TestForeignChangesSurvive(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.run.Parallel, w.lag = 1, 0 // between a read and its write nobody can tell
		var things []resource.ID
		for _, s := range w.plan.Steps {
			if s.ID().Kind == "thing" {
				things = append(things, s.ID())
			}
		}
		if len(things) == 0 {
			t.Skip("nothing to change")
		}
		victim := rapid.SampledFrom(things).Draw(t, "victim")
		at := rapid.IntRange(1, 10).Draw(t, "at")
		failAt := rapid.IntRange(1, 20).Draw(t, "fail at")
		w.fault = func(call int, _ resource.Change) fault {
			if call == failAt {
				return refused
			}
			return none
		}
		changed := false
		w.onCall = func(call int, c resource.Change) {
			if o, ok := w.objects[victim].(thing); call >= at && !changed && ok && c.ID() != victim {
				o.A = "foreign"
				w.set(victim, o)
				changed = true
			}
		}
		r := w.run.Run(t.Context(), w.plan)
		o, ok := w.objects[victim].(thing)
		if !changed {
			return
		}
		if !ok || o.A != "foreign" {
			t.Fatalf("%s was changed by someone else and is now %v; outcome %s, cause %v, left %v", victim, w.objects[victim], r.Outcome, r.Cause, r.Left)
		}
		if r.Outcome == executor.Applied {
			t.Fatalf("said to be applied, though %s is not as desired", victim)
		}
		// What the foreign change holds up must be reported as left.
		left := map[string]bool{victim.String(): true}
		for _, l := range r.Left {
			left[l.ID.String()] = true
		}
		for id, was := range w.before {
			if now := w.snapshot()[id]; now != was && !left[id] {
				t.Fatalf("%s was %s, is %s, and the report does not say so", id, was, now)
			}
		}
	})
}

// However many steps run at once, the result is the same.
func TestParallelismDoesNotMatter(t *testing.T) {
	check(t, func(t *rapid.T) {
		live, goal := objects(t, "live", false), state(t, objects(t, "goal", true)...)
		var want map[string]string
		for parallel := range 9 {
			a := newAccount(live...)
			a.latency = time.Second
			e := executor.Executor{Account: a, Parallel: parallel}
			if r := e.Run(t.Context(), plan(t, a, goal)); r.Outcome != executor.Applied {
				t.Fatalf("with %d at once: %v", parallel, r.Cause)
			}
			if parallel == 0 {
				want = a.snapshot()
			}
			if d := cmp.Diff(want, a.snapshot()); d != "" {
				t.Fatalf("with %d at once (-one +many):\n%s", parallel, d)
			}
		}
	})
}

// With ten at once and calls of equal length, an apply takes little longer
// than the longest chain or a tenth of the calls, whichever is more.
func TestTenAtOnce(t *testing.T) {
	check(t, func(t *rapid.T) {
		// As in accounts: a few deep chains, many shallow fans.
		var p planner.Plan
		chain := []int{}
		for i := range rapid.IntRange(100, 400).Draw(t, "steps") {
			s := planner.Step{Change: resource.Change{After: tie{"from", fmt.Sprint(i)}}}
			depth := 1
			for range rapid.IntRange(0, 3).Draw(t, "waits") {
				if i > 0 {
					w := rapid.IntRange(max(0, i-60), i-1).Draw(t, "for")
					s.Waits = append(s.Waits, w)
					depth = max(depth, chain[w]+1)
				}
			}
			slices.Sort(s.Waits)
			s.Waits = slices.Compact(s.Waits)
			chain = append(chain, depth)
			p.Steps = append(p.Steps, s)
		}
		a := &lenient{newAccount()}
		a.latency = time.Second
		start := time.Now()
		e := executor.Executor{Account: a, Parallel: 10}
		if r := e.Run(t.Context(), &p); r.Outcome != executor.Applied {
			t.Fatal(r.Cause)
		}
		least := max(float64(slices.Max(chain)), float64(len(p.Steps))/10)
		if took := time.Since(start).Seconds(); took > 1.3*least {
			t.Fatalf("%d steps, longest chain %d: took %v s, at least %v s", len(p.Steps), slices.Max(chain), took, least)
		}
	})
}

// lenient is an account where nothing needs anything.
type lenient struct{ *account }

func (l *lenient) Write(_ context.Context, c resource.Change) error {
	if c.After == nil {
		return errors.New("not to be deleted")
	}
	time.Sleep(l.latency)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set(c.ID(), c.After)
	return nil
}
