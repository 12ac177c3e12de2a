package executor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Before the first thing that undoing could not bring back, all that was done
// is read back; once something was done that cannot be undone at all, a
// failure undoes nothing.
func TestPointOfNoReturn(t *testing.T) {
	t.Parallel()
	lossy := func(s planner.Step, final bool) planner.Step {
		s.Loss = resource.Loss{What: "its id", Final: final}
		return s
	}
	x := thing{Name: "x"}
	old, older := thing{Name: "old"}, thing{Name: "older"}
	exact := planner.Step{Change: resource.Change{After: x}}
	deleting := func(o thing, final bool) planner.Step {
		return lossy(planner.Step{Change: resource.Change{Before: o}}, final)
	}
	for name, tc := range map[string]struct {
		steps   []planner.Step
		set     func(a *account, cancel func())
		want    result
		stopped bool
		records []string // without the intents
	}{
		"it is passed once all has been read back": {
			steps:   []planner.Step{exact, deleting(old, false), deleting(older, true)},
			want:    result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{"create thing/x", "delete thing/old", "delete thing/older"}},
			records: []string{"done 0", "verified", "point of no return", "done 1", "done 2", "verified", "ended: applied"},
		},
		"nothing is read back if nothing was done before": {
			steps:   []planner.Step{deleting(old, false)},
			want:    result{Outcome: executor.Applied, Failed: -1, Done: []int{0}, Log: []string{"delete thing/old"}},
			records: []string{"point of no return", "done 0", "verified", "ended: applied"},
		},
		"it is not reached if what was done is not so any more": {
			steps: []planner.Step{exact, {Change: resource.Change{After: thing{Name: "y"}}}, deleting(old, false)},
			set: func(a *account, _ func()) {
				a.onCall = func(call int, _ resource.Change) {
					if call == 2 {
						a.set(x.ID(), thing{Name: "x", A: "foreign"})
					}
				}
			},
			want: result{Outcome: executor.Partial, Failed: 0, Done: []int{0, 1}, Undone: []int{1}, Left: map[string]string{
				"thing/x": "someone else changed it meanwhile, so it was left as it is",
			}, Log: []string{"create thing/x", "create thing/y", "delete thing/y"}},
			records: []string{"done 0", "done 1", "rollback", "undone 1", "conflict 0", "ended: partial"},
		},
		"it is not reached if what was done cannot be read back": {
			steps: []planner.Step{exact, deleting(old, false)},
			set: func(a *account, _ func()) {
				a.readErr = func(n int) error {
					if n == 2 {
						return &resource.Failure{Class: resource.Refused, Call: "read", Err: errors.New("AccessDenied")}
					}
					return nil
				}
			},
			want:    result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}},
			records: []string{"done 0", "rollback", "undone 0", "ended: rolled back"},
		},
		"it is not reached if the run is cancelled while all is read back": {
			steps: []planner.Step{exact, deleting(old, false)},
			set: func(a *account, cancel func()) {
				a.readErr = func(n int) error {
					if n == 2 {
						cancel()
					}
					return nil
				}
			},
			want:    result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}},
			records: []string{"done 0", "rollback", "undone 0", "ended: rolled back"},
		},
		"what can be made again is, with another id": {
			steps: []planner.Step{exact, deleting(old, false), deleting(older, false)},
			set:   func(a *account, _ func()) { refuseOn("thing/older", "delete")(a) },
			want: result{Outcome: executor.RolledBack, Failed: 2, Done: []int{0, 1}, Undone: []int{1, 0}, New: []string{"thing/old"}, Log: []string{
				"create thing/x", "delete thing/old", "create thing/old", "delete thing/x",
			}},
			records: []string{"done 0", "verified", "point of no return", "done 1", "failed 2", "rollback", "undone 1", "undone 0", "ended: rolled back"},
		},
		"something final that did not happen holds nothing": {
			steps:   []planner.Step{exact, deleting(old, true)},
			set:     func(a *account, _ func()) { refuseOn("thing/old", "delete")(a) },
			want:    result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}},
			records: []string{"done 0", "verified", "point of no return", "failed 1", "rollback", "undone 0", "ended: rolled back"},
		},
		"something final that was there already holds nothing": {
			steps:   []planner.Step{exact, deleting(thing{Name: "gone"}, true), deleting(old, true)},
			set:     func(a *account, _ func()) { refuseOn("thing/old", "delete")(a) },
			want:    result{Outcome: executor.RolledBack, Failed: 2, Done: []int{0, 1}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}},
			records: []string{"done 0", "verified", "point of no return", "found 1", "failed 2", "rollback", "undone 0", "ended: rolled back"},
		},
		"something final that was done holds everything": {
			steps: []planner.Step{exact, deleting(old, true), deleting(older, true)},
			set:   func(a *account, _ func()) { refuseOn("thing/older", "delete")(a) },
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Left: map[string]string{
				"thing/x":   "changed, and kept as it is",
				"thing/old": "changed, and kept as it is",
			}, Log: []string{"create thing/x", "delete thing/old"}},
			stopped: true,
			records: []string{"done 0", "verified", "point of no return", "done 1", "failed 2", "held", "ended: partial"},
		},
		"something final that may have been done holds everything": {
			steps: []planner.Step{exact, deleting(old, true)},
			set: func(a *account, _ func()) {
				a.fault = func(_ int, c resource.Change) fault {
					return map[bool]fault{true: lostBefore}[c.ID() == old.ID()]
				}
			},
			want: result{Outcome: executor.Partial, Failed: 1, Done: []int{0}, Left: map[string]string{
				"thing/x":   "changed, and kept as it is",
				"thing/old": "may have been changed, and kept as it is: delete: connection reset",
			}, Log: []string{"create thing/x"}},
			stopped: true,
			records: []string{"done 0", "verified", "point of no return", "unknown 1", "held", "ended: partial"},
		},
		"so does an interruption": {
			steps: []planner.Step{exact, deleting(old, true), deleting(older, true)},
			set: func(a *account, cancel func()) {
				a.onCall = func(call int, _ resource.Change) {
					if call == 2 {
						cancel()
					}
				}
			},
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0, 1}, Left: map[string]string{
				"thing/x":   "changed, and kept as it is",
				"thing/old": "changed, and kept as it is",
			}, Log: []string{"create thing/x", "delete thing/old"}},
			stopped: true,
			records: []string{"done 0", "verified", "point of no return", "done 1", "held", "ended: partial"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				a, p, disk := newAccount(old, older), &planner.Plan{Steps: tc.steps}, &journal.Memory{}
				if tc.set != nil {
					tc.set(a, cancel)
				}
				e := executor.Executor{Account: a, Journal: record(t, disk, p)}
				r := e.Run(ctx, p)
				if d := cmp.Diff(tc.want, resultOf(r, a)); d != "" {
					t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
				}
				if (r.Stopped != nil) != tc.stopped {
					t.Errorf("stopped by %v", r.Stopped)
				}
				var records []string
				for _, line := range story(t, disk) {
					if !strings.Contains(line, "intent") {
						records = append(records, line)
					}
				}
				if d := cmp.Diff(tc.records, records); d != "" {
					t.Errorf("records (-want +got):\n%s", d)
				}
			})
		})
	}
}

// A run that was held at the point of no return is finished once the cause is
// mended; or undone as far as it can be.
func TestPastThePointOfNoReturn(t *testing.T) {
	t.Parallel()
	p := &planner.Plan{Steps: []planner.Step{
		{Change: resource.Change{After: thing{Name: "x"}}},
		{Change: resource.Change{Before: thing{Name: "old"}}, Loss: resource.Loss{What: "the machine itself", Final: true}},
		{Change: resource.Change{Before: thing{Name: "older"}}, Loss: resource.Loss{What: "the machine itself", Final: true}},
	}}
	for name, tc := range map[string]struct {
		recover func(*executor.Executor, context.Context, *planner.Plan, journal.History) *executor.Report
		want    result
	}{
		"finish": {(*executor.Executor).Finish, result{
			Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2},
			Log: []string{"create thing/x", "delete thing/old", "delete thing/older"},
		}},
		"undo": {(*executor.Executor).Undo, result{
			Outcome: executor.Partial, Failed: -1, Done: []int{0, 1}, Undone: []int{0},
			Left: map[string]string{"thing/old": "this cannot be undone: the machine itself"},
			Log:  []string{"create thing/x", "delete thing/old", "delete thing/x"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, disk := newAccount(thing{Name: "old"}, thing{Name: "older"}), &journal.Memory{}
				refuseOn("thing/older", "delete")(a)
				e := executor.Executor{Account: a, Journal: record(t, disk, p)}
				if r := e.Run(t.Context(), p); r.Stopped == nil {
					t.Fatalf("%s: %v", r.Outcome, r.Cause)
				}
				a.fault = nil
				var h journal.History
				e.Journal, h = resume(t, disk.Crash(nil))
				r := tc.recover(&e, t.Context(), p, h)
				if d := cmp.Diff(tc.want, resultOf(r, a)); d != "" {
					t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
				}
			})
		})
	}
}

// What a process was at when it was interrupted past the point of no return is
// not missed when another reads back what was done before.
func TestInterruptedPastThePointOfNoReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wide, narrow := cover{[]string{"a", "b"}}, cover{[]string{"b"}}
		p := &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{Before: cover{[]string{"a"}}, After: wide}},
			{Change: resource.Change{Before: thing{Name: "old"}}, Waits: []int{0}, Loss: resource.Loss{What: "its id"}},
			{Change: resource.Change{Before: wide, After: narrow}, Waits: []int{1}},
		}}
		disk, a := &journal.Memory{}, newAccount(narrow)
		write(t, disk, p, "intent: 0", "done: 0", "verified", "point of no return", "intent: 1", "done: 1", "intent: 2")
		j, h := resume(t, disk)
		e := executor.Executor{Account: a, Journal: j}
		if r := e.Finish(t.Context(), p, h); r.Outcome != executor.Applied || a.calls > 0 {
			t.Errorf("%s after %d calls, cause %v", r.Outcome, a.calls, r.Cause)
		}
	})
}
