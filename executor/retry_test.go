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
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// one returns a plan of a single step.
func one(before, after resource.Object) *planner.Plan {
	return &planner.Plan{Steps: []planner.Step{{Change: resource.Change{Before: before, After: after}}}}
}

// repeat gives the same fault for the first n calls.
func repeat(f fault, n int) func(int, resource.Change) fault {
	return func(call int, _ resource.Change) fault {
		if call <= n {
			return f
		}
		return none
	}
}

// Faults 1, 2, 3, 14, 16: throttled, not sent, reset before the effect, somebody
// at work on the same object, and a dependent rejected for propagation.
func TestRetryLimits(t *testing.T) {
	t.Parallel()
	const always = 1 << 30
	for name, tc := range map[string]struct {
		fault   fault
		times   int
		outcome executor.Outcome
		calls   int           // exactly; 0 where it is time that ends it
		least   time.Duration // what the run takes
		most    time.Duration
	}{
		"throttled nine times":  {throttled, 9, executor.Applied, 10, 10 * time.Second, 30 * time.Second},
		"throttled ten times":   {throttled, always, executor.RolledBack, 10, 10 * time.Second, 30 * time.Second},
		"unsent four times":     {unsent, 4, executor.Applied, 5, time.Second, 3 * time.Second},
		"unsent five times":     {unsent, always, executor.RolledBack, 5, time.Second, 3 * time.Second},
		"unknown four times":    {lostBefore, 4, executor.Applied, 5, 40 * time.Second, time.Minute},
		"unknown five times":    {lostBefore, always, executor.RolledBack, 5, 60 * time.Second, 90 * time.Second},
		"busy for ever":         {busy, always, executor.RolledBack, 0, 2 * time.Minute, 2*time.Minute + 5*time.Second},
		"not yet, for ever":     {notYet, always, executor.RolledBack, 0, 2 * time.Minute, 2*time.Minute + 5*time.Second},
		"busy twenty times":     {busy, 20, executor.Applied, 21, 30 * time.Second, 2 * time.Minute},
		"refused":               {refused, 1, executor.RolledBack, 1, 0, 0},
		"an error of no class":  {plainError, 1, executor.Applied, 2, 10 * time.Second, 20 * time.Second},
		"a class of the future": {"puzzled", 1, executor.Applied, 2, 10 * time.Second, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount()
				a.fault = repeat(tc.fault, tc.times)
				e := executor.Executor{Account: a, Jitter: func() float64 { return 0.5 }}
				start := time.Now()
				r := e.Run(t.Context(), one(nil, thing{Name: "x"}))
				took := time.Since(start)
				if r.Outcome != tc.outcome {
					t.Errorf("outcome %s, want %s; cause: %v", r.Outcome, tc.outcome, r.Cause)
				}
				if tc.calls > 0 && a.calls != tc.calls {
					t.Errorf("%d calls, want %d", a.calls, tc.calls)
				}
				if took < tc.least || took > tc.most {
					t.Errorf("took %s, want %s to %s", took, tc.least, tc.most)
				}
			})
		})
	}
}

// A step is given up after five minutes, whatever it may still try.
func TestStepTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.fault = repeat(throttled, 10)
		a.latency = 59 * time.Second // so that the time is up before the sixth attempt
		e := executor.Executor{Account: a, Jitter: func() float64 { return 0.99 }}
		r := e.Run(t.Context(), one(nil, thing{Name: "x"}))
		if r.Cause == nil || !strings.Contains(r.Cause.Error(), "given up after 5m0s") || a.calls != 5 {
			t.Errorf("%d calls, cause %v", a.calls, r.Cause)
		}
	})
}

// The waits double up to five seconds, and are spread by the jitter.
func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.fault = repeat(throttled, 7)
		var got []string
		start := time.Now()
		e := executor.Executor{Account: a, Jitter: func() float64 { return 0.5 }, OnEvent: func(ev executor.Event) {
			if ev.Type == executor.StepRetried {
				got = append(got, ev.Time.Sub(start).String()+" "+ev.Reason)
				start = ev.Time
			}
			if ev.Type == executor.StepRetried && ev.Attempt != len(got)+1 {
				t.Errorf("attempt %d, want %d", ev.Attempt, len(got)+1)
			}
		}}
		e.Run(t.Context(), one(nil, thing{Name: "x"}))
		want := []string{
			"100ms too many requests", "200ms too many requests", "400ms too many requests", "800ms too many requests",
			"1.6s too many requests", "2.5s too many requests", "2.5s too many requests",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("waits (-want +got):\n%s", d)
		}
	})
}

// Even without any jitter there is a wait between attempts.
func TestBackoffWithoutJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.fault = repeat(throttled, 9)
		e := executor.Executor{Account: a, Jitter: func() float64 { return 0 }}
		start := time.Now()
		e.Run(t.Context(), one(nil, thing{Name: "x"}))
		if took := time.Since(start); took != 90*time.Millisecond {
			t.Errorf("nine waits took %s, want 90ms", took)
		}
	})
}

// Faults 3, 4, 5, 6, 15: no answer, or none that can be read, before and after the
// effect, with reads that are stale for a while.
func TestUnknownIsReadBack(t *testing.T) {
	t.Parallel()
	x := thing{Name: "x", A: "a", B: "b"}
	for name, tc := range map[string]struct {
		before, after resource.Object
		faults        map[int]fault
		lag           time.Duration
		want          []string // the calls that had an effect
		reason        string
	}{
		"a create that happened": {
			nil,
			thing{Name: "x"},
			map[int]fault{1: lostAfter},
			3 * time.Second,
			[]string{"create thing/x"},
			"no answer came, but it was read back",
		},
		"a create that did not happen": {
			nil,
			thing{Name: "x"},
			map[int]fault{1: lostBefore},
			3 * time.Second,
			[]string{"create thing/x"},
			"",
		},
		"a create that got half of the way": {
			nil, x,
			map[int]fault{1: lostAfter},
			0,
			[]string{"create thing/x", "set B thing/x"},
			"",
		},
		"a create that did not show for long, and is then refused as there already": {
			nil, x,
			map[int]fault{1: lostAfter},
			12 * time.Second,
			[]string{"create thing/x", "set B thing/x"},
			"",
		},
		"an update that got half of the way": {
			thing{Name: "x"},
			x,
			map[int]fault{1: none, 2: lostBefore},
			0,
			[]string{"set A thing/x", "set B thing/x"},
			"",
		},
		"throttled half of the way": {
			thing{Name: "x"},
			x,
			map[int]fault{2: throttled},
			2 * time.Second,
			[]string{"set A thing/x", "set B thing/x"},
			"",
		},
		"throttled half of the way through a create": {
			nil, x,
			map[int]fault{2: throttled},
			2 * time.Second,
			[]string{"create thing/x", "set B thing/x"},
			"",
		},
		"throttled half of the way through a create that AWS fills in": {
			nil,
			thing{Name: "x", B: "custom"},
			map[int]fault{2: throttled},
			0,
			[]string{"create thing/x", "set B thing/x"},
			"",
		},
		"a delete that happened": {
			thing{Name: "x"},
			nil,
			map[int]fault{1: lostAfter},
			3 * time.Second,
			[]string{"delete thing/x"},
			"no answer came, but it was read back",
		},
		"a delete that got half of the way": {
			x, nil,
			map[int]fault{1: lostAfter},
			0,
			[]string{"clear thing/x", "delete thing/x"},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount()
				if tc.before != nil {
					a = newAccount(tc.before)
				}
				a.lag = tc.lag
				a.fault = func(call int, _ resource.Change) fault { return tc.faults[call] }
				var reason string
				e := executor.Executor{Account: a, OnEvent: func(ev executor.Event) {
					if ev.Type == executor.StepEnded {
						reason = ev.Reason
					}
				}}
				if r := e.Run(t.Context(), one(tc.before, tc.after)); r.Outcome != executor.Applied {
					t.Fatalf("%s: %v", r.Outcome, r.Cause)
				}
				if d := cmp.Diff(tc.want, a.log); d != "" {
					t.Errorf("calls with an effect (-want +got):\n%s", d)
				}
				if reason != tc.reason {
					t.Errorf("reason %q, want %q", reason, tc.reason)
				}
			})
		})
	}
}

// A create that meets what somebody else has just made fails, and leaves it.
func TestCreateMeetsAnother(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault{"at once": none, "after no answer": lostBefore} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount()
				theirs := thing{Name: "x", A: "theirs"}
				a.fault = repeat(f, 1)
				a.onCall = func(call int, _ resource.Change) {
					if call == 1 {
						a.set(theirs.ID(), theirs)
					}
				}
				e := executor.Executor{Account: a}
				r := e.Run(t.Context(), one(nil, thing{Name: "x", A: "ours"}))
				if r.Outcome == executor.Applied || r.Failed != 0 {
					t.Errorf("outcome %s, failed step %d", r.Outcome, r.Failed)
				}
				if d := cmp.Diff(newAccount(theirs).snapshot(), a.snapshot()); d != "" {
					t.Errorf("what they made (-want +got):\n%s", d)
				}
			})
		})
	}
}

// Another attempt is a new write: what somebody else has changed while it was
// waited for is not written to.
//
// Fault 22: a foreign change between two attempts.
func TestAnotherAttemptLooksAgain(t *testing.T) {
	t.Parallel()
	before, after := thing{Name: "x", A: "before"}, thing{Name: "x", A: "after"}
	for name, tc := range map[string]struct {
		fault   fault
		theirs  thing
		outcome executor.Outcome
		calls   int
		records []string
	}{
		"they changed it":                  {throttled, thing{Name: "x", A: "theirs"}, executor.RolledBack, 1, []string{"intent 0", "failed 0", "ended: rolled back"}},
		"they made it what is wanted":      {busy, after, executor.Applied, 1, []string{"intent 0", "found 0", "verified", "ended: applied"}},
		"they did nothing":                 {notYet, before, executor.Applied, 2, []string{"intent 0", "done 0", "verified", "ended: applied"}},
		"they changed it, no answer came":  {lostBefore, thing{Name: "x", A: "theirs"}, executor.Partial, 1, []string{"intent 0", "unknown 0", "rollback", "conflict 0", "ended: partial"}},
		"they changed it, it was not sent": {unsent, thing{Name: "x", A: "theirs"}, executor.RolledBack, 1, []string{"intent 0", "failed 0", "ended: rolled back"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, p, disk := newAccount(before), one(before, after), &journal.Memory{}
				a.fault = repeat(tc.fault, 1)
				a.onCall = func(call int, _ resource.Change) {
					if call == 1 {
						a.set(before.ID(), tc.theirs)
					}
				}
				e := executor.Executor{Account: a, Journal: record(t, disk, p)}
				r := e.Run(t.Context(), p)
				if r.Outcome != tc.outcome || a.calls != tc.calls {
					t.Errorf("%s after %d calls, want %s after %d; cause %v", r.Outcome, a.calls, tc.outcome, tc.calls, r.Cause)
				}
				if d := cmp.Diff(tc.records, story(t, disk)); d != "" {
					t.Errorf("recorded (-want +got):\n%s", d)
				}
			})
		})
	}
}

// What is no longer as the plan found it is not written to.
//
// Fault 22: a foreign change on a later step.
func TestPreconditions(t *testing.T) {
	t.Parallel()
	before, after := thing{Name: "x", A: "before"}, thing{Name: "x", A: "after"}
	for name, tc := range map[string]struct {
		live    resource.Object
		readErr func(int) error
		outcome executor.Outcome
		done    []int
		cause   string
	}{
		"changed":           {thing{Name: "x", A: "foreign"}, nil, executor.RolledBack, nil, "no longer as it was when the plan was made"},
		"deleted":           {nil, nil, executor.RolledBack, nil, "no longer as it was when the plan was made"},
		"as wanted already": {after, nil, executor.Applied, []int{0}, ""},
		"not to be read": {before, func(int) error {
			return &resource.Failure{Class: resource.Refused, Call: "read", Err: errors.New("AccessDenied")}
		}, executor.RolledBack, nil, "cannot be read: read: AccessDenied"},
		"not to be reached":  {before, func(int) error { return errors.New("no route to host") }, executor.RolledBack, nil, "cannot be read: no route to host"},
		"reached after four": {before, func(n int) error { return map[bool]error{true: errors.New("no route to host")}[n < 5] }, executor.Applied, []int{0}, ""},
		"a read that panics": {before, func(n int) error {
			if n == 1 {
				panic("a bug")
			}
			return nil
		}, executor.Applied, []int{0}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount()
				if tc.live != nil {
					a = newAccount(tc.live)
				}
				was := a.snapshot()
				a.readErr = tc.readErr
				e := executor.Executor{Account: a}
				r := e.Run(t.Context(), one(before, after))
				if r.Outcome != tc.outcome {
					t.Errorf("outcome %s, want %s; cause %v", r.Outcome, tc.outcome, r.Cause)
				}
				if d := cmp.Diff(tc.done, r.Done); d != "" {
					t.Errorf("done (-want +got):\n%s", d)
				}
				if tc.cause != "" && (r.Cause == nil || !strings.Contains(r.Cause.Error(), tc.cause)) {
					t.Errorf("cause %v, want one with %q", r.Cause, tc.cause)
				}
				if tc.outcome != executor.Applied {
					if d := cmp.Diff(was, a.snapshot()); d != "" || a.calls > 0 {
						t.Errorf("%d calls were sent; account (-before +after):\n%s", a.calls, d)
					}
				}
			})
		})
	}
}

// A panic names where it happened, and whom to tell.
func TestPanicIsAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		e := executor.Executor{Account: panicking{a}}
		r := e.Run(t.Context(), one(nil, thing{Name: "x"}))
		f, ok := errors.AsType[*resource.Failure](r.Cause)
		if !ok || f.Class != resource.Unknown || !strings.Contains(f.Error(), "retry_test.go:") || !strings.Contains(f.Error(), "out of cheese") {
			t.Errorf("cause %v", r.Cause)
		}
	})
}

type panicking struct{ *account }

func (panicking) Write(context.Context, resource.Change) error { panic("out of cheese") }

// A write that never ends is given up, and nothing else waits for it.
//
// Fault 7: a hang.
func TestWriteThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := executor.Executor{Account: hanging{newAccount()}}
		start := time.Now()
		r := e.Run(t.Context(), one(nil, thing{Name: "x"}))
		if r.Outcome != executor.RolledBack || !errors.Is(r.Cause, context.DeadlineExceeded) {
			t.Errorf("%s: %v", r.Outcome, r.Cause)
		}
		if took := time.Since(start); took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

type hanging struct{ *account }

func (hanging) Write(ctx context.Context, _ resource.Change) error {
	<-ctx.Done()
	return ctx.Err()
}
