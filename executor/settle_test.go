package executor_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A step with Pause begins when what it waits for has had time to spread, and
// what it waits for is undone when its undoing has.
func TestSettle(t *testing.T) {
	t.Parallel()
	x, y, z, last := thing{Name: "x"}, thing{Name: "y"}, thing{Name: "z"}, thing{Name: "last"}
	step := func(o thing, pause bool, waits ...int) planner.Step {
		return planner.Step{Change: resource.Change{After: o}, Pause: pause, Waits: waits}
	}
	for name, tc := range map[string]struct {
		live  []resource.Object
		steps []planner.Step
		none  bool   // no time is needed
		fail  string // an object whose creation is refused
		want  []string
	}{
		"it waits": {
			steps: []planner.Step{step(x, false), step(y, true, 0), step(z, false, 1)},
			want:  []string{"1s create thing/x", "12s create thing/y", "13s create thing/z"},
		},
		"no time is needed": {
			steps: []planner.Step{step(x, false), step(y, true, 0)}, none: true,
			want: []string{"1s create thing/x", "2s create thing/y"},
		},
		"what has had the time already is not waited for": {
			steps: []planner.Step{step(x, false), step(y, true, 0), step(z, true, 0, 1)},
			want:  []string{"1s create thing/x", "12s create thing/y", "23s create thing/z"},
		},
		"what is there already is not waited for": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, false), step(y, true, 0)},
			want:  []string{"1s create thing/y"},
		},
		"but what that waited for is": {
			live:  []resource.Object{y},
			steps: []planner.Step{step(x, false), step(y, false, 0), step(z, true, 1)},
			want:  []string{"1s create thing/x", "12s create thing/z"},
		},
		"undoing waits likewise": {
			steps: []planner.Step{step(x, false), step(y, true, 0), step(z, false, 1), step(last, false, 2)}, fail: "last",
			want: []string{
				"1s create thing/x", "12s create thing/y", "13s create thing/z",
				"15s delete thing/z", "16s delete thing/y", "27s delete thing/x",
			},
		},
		"undoing waits past what was there already": {
			live:  []resource.Object{y},
			steps: []planner.Step{step(x, false), step(y, false, 0), step(z, true, 1), step(last, false, 2)}, fail: "last",
			want: []string{"1s create thing/x", "12s create thing/z", "14s delete thing/z", "25s delete thing/x"},
		},
		"a step that did not happen is not waited for": {
			steps: []planner.Step{step(x, false), step(last, true, 0)}, fail: "last",
			want: []string{"1s create thing/x", "13s delete thing/x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := timed(t, tc.live, func(a *account) {
					a.fault = func(_ int, c resource.Change) fault {
						return map[bool]fault{true: refused}[c.ID().Name == tc.fail]
					}
					e := executor.Executor{Account: a, Settle: 10 * time.Second}
					if tc.none {
						e.Settle = 0
					}
					e.Run(t.Context(), &planner.Plan{Steps: tc.steps})
				})
				if d := cmp.Diff(tc.want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

// timed returns the calls that had an effect, each of which took a second, and
// when they ended.
func timed(t *testing.T, live []resource.Object, run func(*account)) []string {
	t.Helper()
	a := newAccount(live...)
	a.latency = time.Second
	start := time.Now()
	run(a)
	var got []string
	for i, call := range a.log {
		got = append(got, fmt.Sprintf("%s %s", a.times[i].Sub(start).Truncate(time.Second), call))
	}
	return got
}

// An interruption cuts the waiting short; its rollback waits all the same.
func TestSettleInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(17*time.Second, cancel)
		got := timed(t, nil, func(a *account) {
			e := executor.Executor{Account: a, Settle: 10 * time.Second}
			r := e.Run(ctx, &planner.Plan{Steps: []planner.Step{
				{Change: resource.Change{After: thing{Name: "x"}}},
				{Change: resource.Change{After: thing{Name: "y"}}, Pause: true, Waits: []int{0}},
				{Change: resource.Change{After: thing{Name: "z"}}, Pause: true, Waits: []int{1}},
			}})
			if r.Outcome != executor.RolledBack || !r.Cancelled {
				t.Errorf("%s, cause %v", r.Outcome, r.Cause)
			}
		})
		want := []string{"1s create thing/x", "12s create thing/y", "18s delete thing/y", "29s delete thing/x"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// Recovery waits for what an earlier process did, by the time in the journal,
// and never longer than it takes to spread, whatever the clocks say.
func TestSettleInRecovery(t *testing.T) {
	t.Parallel()
	p := &planner.Plan{Steps: []planner.Step{
		{Change: resource.Change{After: thing{Name: "x"}}},
		{Change: resource.Change{After: thing{Name: "y"}}, Pause: true, Waits: []int{0}},
	}}
	for name, tc := range map[string]struct {
		at   time.Duration // of the record that the first step is done, or the second undone
		undo bool
		want []string
	}{
		"a moment ago":                     {-4 * time.Second, false, []string{"7s create thing/y"}},
		"long ago":                         {-time.Hour, false, []string{"1s create thing/y"}},
		"tomorrow":                         {24 * time.Hour, false, []string{"11s create thing/y"}},
		"what was undone a moment ago":     {-4 * time.Second, true, []string{"7s delete thing/x"}},
		"what was undone long ago":         {-time.Hour, true, []string{"1s delete thing/x"}},
		"what is to be undone only by now": {24 * time.Hour, true, []string{"11s delete thing/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				disk := &journal.Memory{}
				j := record(t, disk, p)
				at := time.Now().Add(tc.at)
				records := []journal.Record{
					{Type: journal.Intent, Step: 0, Time: at},
					{Type: journal.Done, Step: 0, Time: at},
				}
				if tc.undo {
					records = append(records,
						journal.Record{Type: journal.Intent, Step: 1, Time: at},
						journal.Record{Type: journal.Done, Step: 1, Time: at},
						journal.Record{Type: journal.Rollback, Step: -1, Time: at},
						journal.Record{Type: journal.Undone, Step: 1, Time: at})
				}
				for _, r := range records {
					if err := j.Append(r); err != nil {
						t.Fatal(err)
					}
				}
				got := timed(t, []resource.Object{thing{Name: "x"}}, func(a *account) {
					j, h := resume(t, disk.Crash(nil))
					e := executor.Executor{Account: a, Journal: j, Settle: 10 * time.Second}
					if tc.undo {
						e.Undo(t.Context(), p, h)
					} else {
						e.Finish(t.Context(), p, h)
					}
				})
				if d := cmp.Diff(tc.want, got); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}
