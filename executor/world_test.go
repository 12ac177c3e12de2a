package executor_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// check checks a property under a fake clock.
func check(t *testing.T, property func(*rapid.T)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Under a fake clock a test must not be asked for its deadline, which
		// rapid only asks of a *testing.T.
		rapid.Check(struct{ rapid.TB }{t}, property)
	})
}

// objects draws a state: things that need earlier ones, ties among them, a
// cover, and, if asked to, bells that follow things.
func objects(t *rapid.T, label string, bells bool) []resource.Object {
	var all []resource.Object
	names := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 6, rapid.ID[int]).Draw(t, label)
	slices.Sort(names)
	value := rapid.SampledFrom([]string{"", "x", "y"})
	for i, n := range names {
		o := thing{Name: fmt.Sprint(n), A: value.Draw(t, "A"), B: value.Draw(t, "B")}
		if i > 0 && rapid.Bool().Draw(t, "needs") {
			o.On = []resource.ID{thingID(fmt.Sprint(names[rapid.IntRange(0, i-1).Draw(t, "on")]))}
		}
		all = append(all, o)
		for _, to := range names {
			if to != n && rapid.IntRange(0, 2).Draw(t, "tie") == 0 {
				all = append(all, tie{fmt.Sprint(n), fmt.Sprint(to)})
			}
		}
		if bells && rapid.Bool().Draw(t, "bell") {
			all = append(all, bell{fmt.Sprint(n), []resource.ID{o.ID()}})
		}
	}
	if rapid.Bool().Draw(t, "cover") {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID[string]).Draw(t, "covers")
		slices.Sort(names)
		all = append(all, cover{names})
	}
	return all
}

func state(t interface{ Fatal(...any) }, objects ...resource.Object) *resource.State {
	s, err := resource.NewState(objects...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plan returns the plan that takes the account to the goal, owning all there.
func plan(t interface{ Fatal(...any) }, a *account, goal *resource.State) *planner.Plan {
	live := a.state()
	owned := map[resource.ID]bool{}
	for o := range live.All() {
		owned[o.ID()] = true
	}
	p, err := planner.Make(planner.Input{
		Desired:    &resource.Desired{State: goal},
		Live:       &resource.Live{State: live, Owned: owned},
		MaxDeletes: new(1000),
		Loss: func(c resource.Change) resource.Loss {
			if _, ok := c.Before.(thing); ok && c.After == nil {
				return resource.Loss{What: "its id"}
			}
			return resource.Loss{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A world is an account, where to take it, and the plan for that.
type world struct {
	*account
	before map[string]string
	after  map[string]string
	goal   *resource.State
	plan   *planner.Plan
	run    executor.Executor
}

func drawWorld(t *rapid.T) *world {
	w := &world{account: newAccount(objects(t, "live", false)...)}
	w.goal = state(t, objects(t, "goal", true)...)
	w.before = w.snapshot()
	var lasting []resource.Object
	for o := range w.goal.All() {
		if _, event := o.(resource.Event); !event {
			lasting = append(lasting, o)
		}
	}
	w.after = newAccount(lasting...).snapshot()
	w.plan = plan(t, w.account, w.goal)
	w.lag = time.Duration(rapid.IntRange(0, 4).Draw(t, "lag")) * time.Second
	w.run = executor.Executor{Account: w.account, Parallel: rapid.IntRange(1, 8).Draw(t, "parallel")}
	return w
}

// truthful checks that the account is as the report says.
func truthful(t *rapid.T, w *world, r *executor.Report) {
	now := w.snapshot()
	switch r.Outcome {
	case executor.Applied:
		if d := cmp.Diff(w.after, now); d != "" {
			t.Fatalf("said to be applied, but (-want +got):\n%s", d)
		}
	case executor.RolledBack:
		if d := cmp.Diff(w.before, now); d != "" {
			t.Fatalf("said to be rolled back, but (-want +got):\n%s", d)
		}
		if len(r.Left) > 0 || r.Cause == nil {
			t.Fatalf("said to be rolled back, but left %v, cause %v", r.Left, r.Cause)
		}
	case executor.NotStarted:
		if d := cmp.Diff(w.before, now); d != "" || !errors.Is(r.Cause, context.Canceled) {
			t.Fatalf("said not to be started: done %v, cause %v, account (-before +after):\n%s", r.Done, r.Cause, d)
		}
	case executor.Partial:
		if len(r.Left) == 0 {
			t.Fatal("said to be partial, but nothing is left")
		}
		left := map[string]bool{}
		for _, l := range r.Left {
			left[l.ID.String()] = true
			if l.Err == nil {
				t.Fatalf("%s is left for no reason", l.ID)
			}
		}
		ids := maps.Clone(w.before)
		maps.Copy(ids, now)
		for id := range ids {
			if w.before[id] != now[id] && !left[id] {
				t.Fatalf("%s was %q, is %q, and the report does not say so", id, w.before[id], now[id])
			}
			if w.before[id] == now[id] && left[id] {
				t.Fatalf("%s is %q as before, and the report says that it was left: %v", id, now[id], r.Left)
			}
		}
	default:
		t.Fatalf("outcome %q", r.Outcome)
	}
}

// wellFormed checks that the events are as the type says.
func wellFormed(t *rapid.T, w *world, r *executor.Report, events []executor.Event) {
	type key struct {
		step int
		undo bool
	}
	running := map[key]bool{}
	ended := map[key]int{}
	undos, verifying, rollback := -1, false, false
	var done []int
	for i, e := range events {
		k := key{e.Step, e.Undo}
		if i > 0 && e.Time.Before(events[i-1].Time) {
			t.Fatalf("event %d is earlier than the one before", i)
		}
		if e.Type == executor.StepStarted || e.Type == executor.StepEnded || e.Type == executor.StepRetried {
			want := w.plan.Steps[e.Step].Change
			if e.Undo {
				want = want.Inverse()
			}
			if !resource.Equal(e.Change.Before, want.Before) || !resource.Equal(e.Change.After, want.After) {
				t.Fatalf("event %d is about %v, want %v", i, e.Change, want)
			}
			if e.Undo != rollback {
				t.Fatalf("event %d: undo %t, in a rollback %t", i, e.Undo, rollback)
			}
		} else if e.Step != -1 || len(running) > 0 {
			t.Fatalf("event %d, %s, has step %d and comes while %v run", i, e.Type, e.Step, running)
		}
		switch e.Type {
		case executor.StepStarted:
			if running[k] || ended[k] > 0 {
				t.Fatalf("step %v is started twice", k)
			}
			running[k] = true
		case executor.StepRetried:
			if !running[k] || e.Attempt < 2 || e.Reason == "" {
				t.Fatalf("a retry out of place: %+v", e)
			}
		case executor.StepEnded:
			if !running[k] {
				t.Fatalf("step %v ends without having started", k)
			}
			delete(running, k)
			ended[k]++
			if !e.Undo && e.Err == nil {
				done = append(done, e.Step)
			}
			if e.Undo {
				undos--
			}
		case executor.RollbackStarted:
			rollback, undos = true, e.Steps
			if e.Err != r.Cause || r.Cause == nil {
				t.Fatalf("rollback for %v, cause %v", e.Err, r.Cause)
			}
		case executor.VerifyStarted:
			verifying = true
		case executor.VerifyEnded:
			if !verifying {
				t.Fatal("verification ends without having started")
			}
			verifying = false
		}
	}
	if len(running) > 0 || verifying {
		t.Fatalf("never ended: %v, verifying: %t", running, verifying)
	}
	if rollback && undos != 0 {
		t.Fatalf("a rollback was to have %d more undos", undos)
	}
	slices.Sort(done)
	if d := cmp.Diff(slices.Sorted(slices.Values(r.Done)), done); d != "" {
		t.Fatalf("done (-report +events):\n%s", d)
	}
}
