package executor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// What somebody changes before the plan is read back is a failure like any other.
func TestVerification(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.onCall = func(call int, _ resource.Change) {
			if call == 2 {
				a.set(thingID("x"), thing{Name: "x", A: "foreign"})
			}
		}
		e := executor.Executor{Account: a}
		start := time.Now()
		r := e.Run(t.Context(), &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "x"}}},
			{Change: resource.Change{After: thing{Name: "y"}}},
		}})
		want := result{Outcome: executor.Partial, Failed: 0, Done: []int{0, 1}, Undone: []int{1}, Left: map[string]string{
			"thing/x": "someone else changed it meanwhile, so it was left as it is",
		}, Log: []string{"create thing/x", "create thing/y", "delete thing/y"}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if cause := "verification: read back, not as it should be: thing/x"; r.Cause == nil || r.Cause.Error() != cause {
			t.Errorf("cause %v, want %s", r.Cause, cause)
		}
		if took := time.Since(start); took < 30*time.Second {
			t.Errorf("it was given up after %s, and may take 30 s to show", took)
		}
	})
}

// Fault 41: the first signal, at every moment.
func TestCancel(t *testing.T) {
	t.Parallel()
	why := errors.New("interrupted")
	for name, tc := range map[string]struct {
		at      int // call at which the context is cancelled; 0 for before the run
		read    int // read at which it is, instead
		fault   fault
		outcome executor.Outcome
		done    []int
		most    time.Duration
	}{
		"before the first step":        {0, 0, none, executor.NotStarted, nil, 0},
		"while the first is looked at": {0, 1, none, executor.NotStarted, nil, 0},
		"while the second is":          {0, 2, none, executor.RolledBack, []int{0}, time.Second},
		"in the first step":            {1, 0, none, executor.RolledBack, []int{0}, time.Second},
		"in the last step":             {3, 0, none, executor.Applied, []int{0, 1, 2}, time.Second},
		"while a step is tried again":  {2, 0, throttled, executor.RolledBack, []int{0}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				a := newAccount()
				if tc.at == 0 && tc.read == 0 {
					cancel(why)
				}
				a.readErr = func(read int) error {
					if read == tc.read {
						cancel(why)
					}
					return nil
				}
				a.onCall = func(call int, _ resource.Change) {
					if call == tc.at {
						cancel(why)
					}
				}
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "1" && c.After != nil {
						return tc.fault
					}
					return none
				}
				e := executor.Executor{Account: a}
				start := time.Now()
				r := e.Run(ctx, &planner.Plan{Steps: []planner.Step{
					{Change: resource.Change{After: thing{Name: "0"}}},
					{Change: resource.Change{After: thing{Name: "1"}}, Waits: []int{0}},
					{Change: resource.Change{After: thing{Name: "2"}}, Waits: []int{1}},
				}})
				if r.Outcome != tc.outcome || r.Failed != -1 || r.Cancelled != (r.Outcome != executor.Applied) || r.Stopped != nil {
					t.Errorf("outcome %s, failed %d, cancelled %t, stopped by %v, want %s, -1", r.Outcome, r.Failed, r.Cancelled, r.Stopped, tc.outcome)
				}
				if d := cmp.Diff(tc.done, r.Done); d != "" {
					t.Errorf("done (-want +got):\n%s", d)
				}
				if r.Outcome != executor.Applied && !errors.Is(r.Cause, why) {
					t.Errorf("cause %v, want %v", r.Cause, why)
				}
				if r.Outcome != executor.Applied && len(a.snapshot()) > 0 {
					t.Errorf("left in the account: %v", a.snapshot())
				}
				if took := time.Since(start); took > tc.most {
					t.Errorf("took %s, want at most %s", took, tc.most)
				}
			})
		})
	}
}

// After the context is cancelled nothing else begins, not even an event, which
// nobody looks at beforehand.
func TestCancelBeforeAnEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := newAccount()
		a.onCall = func(int, resource.Change) { cancel() }
		e := executor.Executor{Account: a}
		r := e.Run(ctx, &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "x"}}},
			{Change: resource.Change{After: bell{"x", []resource.ID{thingID("x")}}}, Waits: []int{0}},
		}})
		want := result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// Nothing that undoing cannot bring back is begun while another step, which
// does not depend on it, may still fail.
func TestNothingIsLostBeforeItMustBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(thing{Name: "old"})
		a.latency = time.Second
		a.fault = func(_ int, c resource.Change) fault {
			if c.ID().Name == "late" {
				return refused
			}
			return none
		}
		e := executor.Executor{Account: a, Parallel: 8}
		r := e.Run(t.Context(), &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "early"}}},
			{Change: resource.Change{After: thing{Name: "late"}}, Waits: []int{0}},
			{Change: resource.Change{Before: thing{Name: "old"}}, Loss: resource.Loss{What: "its id"}},
		}})
		want := result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/early", "delete thing/early"}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// When the account cannot be read any more, a rollback of many steps does not
// wait for each of them anew.
func TestUnreadableAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		cut := false
		a.readErr = func(int) error {
			if cut {
				return errors.New("no route to host")
			}
			return nil
		}
		var p planner.Plan
		for i := range 50 {
			p.Steps = append(p.Steps, planner.Step{Change: resource.Change{After: thing{Name: strings.Repeat("x", i+1)}}})
			if i > 0 {
				p.Steps[i].Waits = []int{i - 1}
			}
		}
		a.fault = func(call int, _ resource.Change) fault {
			if call == 50 {
				cut = true
				return refused
			}
			return none
		}
		e := executor.Executor{Account: a}
		start := time.Now()
		r := e.Run(t.Context(), &p)
		if r.Outcome != executor.Partial || len(r.Left) != 49 {
			t.Errorf("%s, %d left", r.Outcome, len(r.Left))
		}
		if took := time.Since(start); took < 2*time.Minute || took > 3*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

// Once the account can be read again, reads that fail are tried again as ever.
func TestReadableAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		reads, back := 0, false
		a.readErr = func(n int) error {
			if back {
				reads++
			}
			// The first step is looked at; the second cannot be; the undo can
			// be; the verification can be at the second attempt.
			if n > 1 && !back || reads == 2 {
				return errors.New("no route to host")
			}
			return nil
		}
		e := executor.Executor{Account: a, OnEvent: func(e executor.Event) {
			back = back || e.Type == executor.StepEnded && e.Step == 1
		}}
		r := e.Run(t.Context(), &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "x"}}},
			{Change: resource.Change{After: thing{Name: "y"}}, Waits: []int{0}},
		}})
		want := result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" {
			t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
		}
	})
}

// A read that never ends is given up, and so is one that fails when the run is
// cancelled.
func TestReadThatDoesNotSucceed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		hangs   bool
		outcome executor.Outcome
		took    time.Duration
	}{
		"hangs":                       {true, executor.RolledBack, 5 * time.Minute},
		"fails until it is cancelled": {false, executor.NotStarted, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				a := newAccount()
				a.readErr = func(n int) error {
					if n == 3 {
						cancel()
					}
					return errors.New("no route to host")
				}
				var account executor.Account = a
				if tc.hangs {
					account = deaf{a}
				}
				e := executor.Executor{Account: account}
				start := time.Now()
				r := e.Run(ctx, &planner.Plan{Steps: []planner.Step{{Change: resource.Change{After: thing{Name: "x"}}}}})
				if r.Outcome != tc.outcome || a.calls > 0 {
					t.Errorf("%s after %d calls, want %s; cause %v", r.Outcome, a.calls, tc.outcome, r.Cause)
				}
				if took := time.Since(start); took < tc.took || took > tc.took+2*time.Second {
					t.Errorf("took %s, want %s", took, tc.took)
				}
			})
		})
	}
}

// deaf is an account whose reads are never answered.
type deaf struct{ *account }

func (deaf) Read(ctx context.Context, _ []resource.ID) (*resource.State, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
