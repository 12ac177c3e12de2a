package executor_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// errLost is what a guard says when another run has taken over.
var errLost = errors.New("the lock is held by another run")

// A lock is a guard that is lost after it was asked so often.
type lock struct {
	*counting
	lose int

	mu    sync.Mutex
	asked int
}

func (l *lock) guard(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked++; l.asked < l.lose {
		return nil
	}
	l.on.Store(true)
	return errLost
}

// Once another run has taken over, no write begins but one per other worker;
// what is done by then is reported, and can be undone.
//
// Faults 12, 29: the caller changes, and a zombie resumes after unlock.
func TestGuardLostAnywhere(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		refuse := rapid.IntRange(1, 40).Draw(t, "refused")
		w.fault = func(call int, _ resource.Change) fault {
			return map[int]fault{refuse: refused, refuse / 2: throttled}[call]
		}
		l := &lock{counting: &counting{Account: w.account}, lose: rapid.IntRange(1, 25).Draw(t, "lost at")}
		w.run.Account, w.run.Guard = l, l.guard
		disk := &journal.Memory{}
		w.run.Journal = record(t, disk, w.plan)
		r := w.run.Run(t.Context(), w.plan)
		if l.asked < l.lose {
			truthful(t, w, r)
			return
		}
		if n := int(l.n.Load()); n >= w.run.Parallel {
			t.Fatalf("%d writes began after the lock was lost, with %d at once", n, w.run.Parallel)
		}
		stoppedTruthfully(t, w, r, errLost)
		w.fault, w.run.Account, w.run.Guard = nil, w.account, nil
		recovered(t, w, disk.Crash(nil))
	})
}

// The guard is asked before each attempt, after the intent is on the disk and
// before the call, and when it fails, the intent is closed.
func TestGuardComesLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, p, disk := newAccount(), one(nil, thing{Name: "x"}), &journal.Memory{}
		a.fault = repeat(throttled, 2)
		var before [][]string
		asked := 0
		e := executor.Executor{Account: a, Journal: record(t, disk, p), Guard: func(context.Context) error {
			before = append(before, story(t, disk))
			if asked++; asked != a.calls+1 {
				t.Errorf("asked %d times before %d calls", asked, a.calls)
			}
			if asked == 3 {
				return errLost
			}
			return nil
		}}
		r := e.Run(t.Context(), p)
		if d := cmp.Diff([][]string{{"intent 0"}, {"intent 0"}, {"intent 0"}}, before); d != "" {
			t.Errorf("recorded when the guard was asked (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"intent 0", "failed 0", "ended: not started"}, story(t, disk)); d != "" {
			t.Errorf("recorded (-want +got):\n%s", d)
		}
		if r.Outcome != executor.NotStarted || r.Stopped != errLost || r.Cause != errLost || r.Cancelled || a.calls != 2 {
			t.Errorf("%s after %d calls, stopped by %v, cause %v", r.Outcome, a.calls, r.Stopped, r.Cause)
		}
	})
}

// A guard that panics does not let the write pass.
func TestGuardThatPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		e := executor.Executor{Account: a, Guard: func(context.Context) error { panic("a bug") }}
		r := e.Run(t.Context(), one(nil, thing{Name: "x"}))
		if r.Outcome != executor.NotStarted || r.Stopped == nil || a.calls > 0 {
			t.Errorf("%s after %d calls, stopped by %v", r.Outcome, a.calls, r.Stopped)
		}
	})
}

// Credentials that run out are waited for, and then nothing is sent with them,
// not even to undo.
//
// Fault 11: credentials expire mid-run.
func TestExpiredCredentials(t *testing.T) {
	t.Parallel()
	expired := &resource.Failure{Class: resource.Expired, Call: "sts", Err: errors.New("ExpiredToken")}
	steps := []planner.Step{
		{Change: resource.Change{After: thing{Name: "x"}}},
		{Change: resource.Change{After: thing{Name: "y", B: "b"}}, Waits: []int{0}},
		{Change: resource.Change{After: thing{Name: "z"}}, Waits: []int{1}},
	}
	for name, tc := range map[string]struct {
		from    int           // the call from which on they do not work
		reads   bool          // nor for reads
		guard   bool          // it is the guard that says so
		lasts   time.Duration // until somebody logs in again
		refuse  string        // an object whose creation is refused
		want    result
		stopped bool
		took    time.Duration // at least; and less than ten seconds more
	}{
		"for a minute": {
			from: 2, lasts: time.Minute, took: time.Minute,
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{"create thing/x", "create thing/y", "set B thing/y", "create thing/z"}},
		},
		"for a minute, for reads too": {
			from: 2, reads: true, lasts: time.Minute, took: time.Minute,
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{"create thing/x", "create thing/y", "set B thing/y", "create thing/z"}},
		},
		"for a minute, for the guard": {
			from: 2, guard: true, lasts: time.Minute, took: time.Minute,
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{"create thing/x", "create thing/y", "set B thing/y", "create thing/z"}},
		},
		"for good, from the start": {
			from: 1, lasts: time.Hour, took: 2 * time.Minute, stopped: true,
			want: result{Outcome: executor.NotStarted, Failed: -1},
		},
		"for good, from the start, for reads too": {
			from: 1, reads: true, lasts: time.Hour, took: 2 * time.Minute, stopped: true,
			want: result{Outcome: executor.NotStarted, Failed: -1},
		},
		"for good, between two steps": {
			from: 2, lasts: time.Hour, took: 2 * time.Minute, stopped: true,
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0}, Log: []string{"create thing/x"}, Left: map[string]string{
				"thing/x": "changed, and kept as it is",
			}},
		},
		"for good, for the guard": {
			from: 2, guard: true, lasts: time.Hour, took: 2 * time.Minute, stopped: true,
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0}, Log: []string{"create thing/x"}, Left: map[string]string{
				"thing/x": "changed, and kept as it is",
			}},
		},
		"for good, half-way through a step": {
			from: 3, lasts: time.Hour, took: 2 * time.Minute, stopped: true,
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0}, Log: []string{"create thing/x", "create thing/y"}, Left: map[string]string{
				"thing/x": "changed, and kept as it is",
				"thing/y": "may have been changed, and kept as it is: set B: expired",
			}},
		},
		"for good, when all is read back": {
			from: 5, reads: true, lasts: time.Hour, took: 2 * time.Minute, stopped: true,
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0, 1, 2}, Log: []string{"create thing/x", "create thing/y", "set B thing/y", "create thing/z"}, Left: map[string]string{
				"thing/x": "changed, and kept as it is",
				"thing/y": "changed, and kept as it is",
				"thing/z": "changed, and kept as it is",
			}},
		},
		"for good, in a rollback": {
			from: 5, lasts: time.Hour, took: 2 * time.Minute, stopped: true, refuse: "thing/z",
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Log: []string{"create thing/x", "create thing/y", "set B thing/y"}, Left: map[string]string{
				"thing/x": "changed, or may have been, and not undone yet",
				"thing/y": "clear: expired",
			}},
		},
		"for good, after half a rollback": {
			from: 7, reads: true, lasts: time.Hour, took: 2 * time.Minute, stopped: true, refuse: "thing/z",
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Undone: []int{1}, Log: []string{"create thing/x", "create thing/y", "set B thing/y", "clear thing/y", "delete thing/y"}, Left: map[string]string{
				"thing/x": "not undone, since it cannot be read: sts: ExpiredToken",
				"thing/y": "verification: cannot read back: sts: ExpiredToken",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount()
				start := time.Now()
				var since time.Time
				broken := func(call int) bool {
					if call >= tc.from && since.IsZero() {
						since = time.Now()
					}
					return !since.IsZero() && time.Since(since) < tc.lasts
				}
				a.fault = func(call int, c resource.Change) fault {
					switch {
					case !tc.guard && broken(call):
						return "expired"
					case c.ID().String() == tc.refuse:
						return refused
					}
					return none
				}
				a.readErr = func(int) error {
					if tc.reads && broken(a.calls+1) {
						return expired
					}
					return nil
				}
				e := executor.Executor{Account: a}
				if tc.guard {
					e.Guard = func(context.Context) error {
						if broken(a.calls + 1) {
							return expired
						}
						return nil
					}
				}
				r := e.Run(t.Context(), &planner.Plan{Steps: steps})
				if d := cmp.Diff(tc.want, resultOf(r, a)); d != "" {
					t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
				}
				if (r.Stopped != nil) != tc.stopped {
					t.Errorf("stopped by %v", r.Stopped)
				}
				if took := time.Since(start); took < tc.took || took > tc.took+10*time.Second {
					t.Errorf("took %s, want %s", took, tc.took)
				}
			})
		})
	}
}
