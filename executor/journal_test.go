package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
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

const runID = "20261123-233105-k7f3q2"

// record begins the journal of a run.
func record(t interface{ Fatal(...any) }, disk journal.FS, p *planner.Plan) *journal.Journal {
	f, err := p.File("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := p.Stored()
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Create(disk, journal.Start{Version: "1.0.0", Run: runID, Command: "apply", Plan: f, Steps: steps}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// resume opens the journal of a run to go on with.
func resume(t interface{ Fatal(...any) }, disk journal.FS) (*journal.Journal, journal.History) {
	j, h, err := journal.Open(disk, runID)
	if err != nil {
		t.Fatal(err)
	}
	return j, h
}

// story returns the records of a run as "intent 0", without the first one and
// without what is said for people.
func story(t interface{ Fatal(...any) }, disk journal.FS) []string {
	h, err := journal.Read(disk, runID)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range h.Records[1:] {
		line := string(r.Type)
		if r.Step >= 0 {
			line += fmt.Sprintf(" %d", r.Step)
		}
		if r.Type == journal.Ended {
			line += ": " + r.Outcome
		}
		all = append(all, line)
	}
	return all
}

// What is about to be sent, and what became of it, is recorded in this order.
func TestRecords(t *testing.T) {
	t.Parallel()
	x, y := thing{Name: "x", A: "1"}, thing{Name: "y", On: []resource.ID{thingID("x")}}
	plan := func() *planner.Plan {
		return &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: x}},
			{Change: resource.Change{After: y}, Waits: []int{0}},
			{Change: resource.Change{After: bell{"x", []resource.ID{x.ID()}}}, Waits: []int{0, 1}},
		}}
	}
	for name, tc := range map[string]struct {
		live []resource.Object
		keep bool
		set  func(*account, *planner.Plan)
		want []string
	}{
		"all goes well": {
			want: []string{"intent 0", "done 0", "intent 1", "done 1", "intent 2", "done 2", "verified", "ended: applied"},
		},
		"what is there already has no intent": {
			live: []resource.Object{x},
			want: []string{"found 0", "intent 1", "done 1", "intent 2", "done 2", "verified", "ended: applied"},
		},
		"several attempts have one intent": {
			set: func(a *account, _ *planner.Plan) {
				a.fault = func(call int, _ resource.Change) fault { return map[int]fault{1: throttled, 2: lostAfter}[call] }
			},
			want: []string{"intent 0", "done 0", "intent 1", "done 1", "intent 2", "done 2", "verified", "ended: applied"},
		},
		"a failure is undone": {
			set: func(a *account, _ *planner.Plan) { refuseOn("thing/y", "create")(a) },
			want: []string{
				"intent 0", "done 0", "intent 1", "failed 1",
				"rollback", "undo intent 0", "undone 0", "ended: rolled back",
			},
		},
		"what nobody knows is undone as well, and what is not there is no longer sent": {
			set: func(a *account, _ *planner.Plan) {
				a.fault = func(_ int, c resource.Change) fault {
					return map[bool]fault{true: lostBefore}[c.ID() == y.ID()]
				}
			},
			want: []string{
				"intent 0", "done 0", "intent 1", "unknown 1",
				"rollback", "undone 1", "undo intent 0", "undone 0", "ended: rolled back",
			},
		},
		"half a create": {
			set: func(a *account, p *planner.Plan) {
				p.Steps[0].After = thing{Name: "x", A: "1", B: "custom"}
				a.fault = func(call int, _ resource.Change) fault { return map[int]fault{2: refused}[call] }
			},
			want: []string{"intent 0", "unknown 0", "rollback", "undo intent 0", "undone 0", "ended: rolled back"},
		},
		"an undo that is refused closes its intent": {
			set: func(a *account, _ *planner.Plan) {
				a.fault = func(_ int, c resource.Change) fault {
					return map[bool]fault{true: refused}[c.ID() == y.ID() || c.After == nil]
				}
			},
			want: []string{"intent 0", "done 0", "intent 1", "failed 1", "rollback", "undo intent 0", "undo failed 0", "ended: partial"},
		},
		"an undo of which nobody knows does not": {
			set: func(a *account, _ *planner.Plan) {
				a.fault = func(_ int, c resource.Change) fault {
					switch {
					case c.ID() == y.ID():
						return refused
					case c.After == nil:
						return lostBefore
					}
					return none
				}
			},
			want: []string{"intent 0", "done 0", "intent 1", "failed 1", "rollback", "undo intent 0", "unknown 0", "ended: partial"},
		},
		"what somebody else has changed": {
			set: func(a *account, _ *planner.Plan) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID() == y.ID() {
						a.set(x.ID(), thing{Name: "x", A: "foreign"})
						return refused
					}
					return none
				}
			},
			want: []string{"intent 0", "done 0", "intent 1", "failed 1", "rollback", "conflict 0", "ended: partial"},
		},
		"an undo that was done after all": {
			set: func(a *account, _ *planner.Plan) {
				undoing, blind := false, 0
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID() == y.ID() {
						return refused
					}
					if undoing = c.After == nil; undoing {
						blind = a.reads + 1
						return lostAfter
					}
					return none
				}
				a.readErr = func(n int) error {
					if undoing && n == blind {
						return &resource.Failure{Class: resource.Refused, Call: "read", Err: errors.New("AccessDenied")}
					}
					return nil
				}
			},
			want: []string{"intent 0", "done 0", "intent 1", "failed 1", "rollback", "undo intent 0", "unknown 0", "undone 0", "ended: rolled back"},
		},
		"an event is done again": {
			live: []resource.Object{thing{Name: "z"}},
			set: func(a *account, p *planner.Plan) {
				p.Steps[1], p.Steps[2] = p.Steps[2], planner.Step{Change: resource.Change{Before: thing{Name: "z"}}, Waits: []int{1}}
				p.Steps[1].Waits = []int{0}
				refuseOn("thing/z", "delete")(a)
			},
			want: []string{
				"intent 0", "done 0", "intent 1", "done 1", "intent 2", "failed 2",
				"rollback", "undo intent 0", "undone 0", "undo intent 1", "undone 1", "ended: rolled back",
			},
		},
		"nothing is undone if all is to be kept": {
			keep: true,
			set:  func(a *account, _ *planner.Plan) { refuseOn("thing/y", "create")(a) },
			want: []string{"intent 0", "done 0", "intent 1", "failed 1", "held", "ended: partial"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, p := newAccount(tc.live...), plan()
				if tc.set != nil {
					tc.set(a, p)
				}
				disk := &journal.Memory{}
				e := executor.Executor{Account: a, Journal: record(t, disk, p), Keep: tc.keep}
				r := e.Run(t.Context(), p)
				if d := cmp.Diff(tc.want, story(t, disk)); d != "" {
					t.Errorf("%s, cause %v (-want +got):\n%s", r.Outcome, r.Cause, d)
				}
			})
		})
	}
}

// Nothing is sent before a loss of power would leave its intent on the disk,
// and the result of all that it waits for.
//
// Faults 31, 36: kill before a send, power loss that drops unsynced writes.
func TestNothingIsSentBeforeItIsRecorded(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		faults := rapid.MapOfN(rapid.IntRange(1, 20), rapid.SampledFrom([]fault{refused, throttled, lostBefore, lostAfter}), 0, 4).Draw(t, "faults")
		disk := &journal.Memory{}
		w.run.Journal = record(t, disk, w.plan)
		w.fault = func(call int, _ resource.Change) fault { return faults[call] }
		w.onCall = func(_ int, c resource.Change) {
			h, err := journal.Read(disk.Crash(func(int) int { return 0 }), runID)
			if err != nil {
				t.Fatal(err)
			}
			last := make([]journal.Type, len(w.plan.Steps))
			ended := make([]bool, len(w.plan.Steps))
			for _, r := range h.Records[1:] {
				if r.Step >= 0 {
					last[r.Step] = r.Type
					ended[r.Step] = ended[r.Step] || r.Type == journal.Done || r.Type == journal.Found
				}
			}
			for i, s := range w.plan.Steps {
				if s.ID() != c.ID() || last[i] != journal.Intent && last[i] != journal.UndoIntent {
					continue
				}
				for _, other := range s.Waits {
					if !ended[other] {
						t.Fatalf("step %d is sent, and waits for step %d, of which the disk says %q", i, other, last[other])
					}
				}
				return
			}
			t.Fatalf("%s is written, and the disk has no intent of that: %q", c.ID(), last)
		}
		truthful(t, w, w.run.Run(t.Context(), w.plan))
	})
}

// counting counts the writes that begin once it is told to.
type counting struct {
	executor.Account
	on atomic.Bool
	n  atomic.Int32
}

func (c *counting) Write(ctx context.Context, change resource.Change) error {
	if c.on.Load() {
		c.n.Add(1)
	}
	return c.Account.Write(ctx, change)
}

// stoppedTruthfully checks the report of a run that had to stop where it was.
func stoppedTruthfully(t *rapid.T, w *world, r *executor.Report, why error) {
	if !errors.Is(r.Stopped, why) {
		t.Fatalf("%s, stopped by %v, want %v", r.Outcome, r.Stopped, why)
	}
	now := w.snapshot()
	switch r.Outcome {
	case executor.Applied:
		if d := cmp.Diff(w.after, now); d != "" || r.Cause != nil {
			t.Fatalf("said to be applied, cause %v, but (-want +got):\n%s", r.Cause, d)
		}
		return
	case executor.NotStarted, executor.RolledBack:
		if len(r.Left) > 0 || r.Cause == nil {
			t.Fatalf("%s: left %v, cause %v", r.Outcome, r.Left, r.Cause)
		}
	case executor.Partial:
		if len(r.Left) == 0 || r.Cause == nil {
			t.Fatalf("%s: left %v, cause %v", r.Outcome, r.Left, r.Cause)
		}
	}
	left := map[string]bool{}
	for _, l := range r.Left {
		left[l.ID.String()] = true
	}
	for id := range merged(w.before, now) {
		if w.before[id] != now[id] && !left[id] {
			t.Fatalf("%s: %s was %q, is %q, and the report does not say so: %v", r.Outcome, id, w.before[id], now[id], r.Left)
		}
	}
}

func merged(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for id := range a {
		all[id] = true
	}
	for id := range b {
		all[id] = true
	}
	return all
}

// Once the journal cannot be written, nothing is sent any more, not even to
// undo; and what is on the disk by then is enough to finish or undo the run.
//
// Faults 33, 36, 37: a failure at each journal append, power loss that drops
// unsynced writes, and a disk that is full or cannot sync.
func TestJournalThatFails(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		broken := errors.New("no space left on device")
		op := rapid.SampledFrom([]journal.Op{journal.OpWrite, journal.OpSync}).Draw(t, "op")
		at := rapid.IntRange(1, 30).Draw(t, "at")
		refuse := rapid.IntRange(1, 30).Draw(t, "refused")
		w.fault = func(call int, _ resource.Change) fault { return map[int]fault{refuse: refused}[call] }
		c := &counting{Account: w.account}
		w.run.Account = c
		disk := &journal.Memory{}
		w.run.Journal = record(t, disk, w.plan)
		failed := false
		disk.Fail = func(o journal.Op, n int) error {
			if o == op && n >= at {
				c.on.Store(true)
				failed = true
				return broken
			}
			return nil
		}
		r := w.run.Run(t.Context(), w.plan)
		if !failed {
			truthful(t, w, r)
			return
		}
		if n := int(c.n.Load()); n >= w.run.Parallel {
			t.Fatalf("%d writes began after the journal had failed, with %d at once", n, w.run.Parallel)
		}
		stoppedTruthfully(t, w, r, broken)
		w.fault, w.run.Account = nil, w.account
		recovered(t, w, disk.Crash(survival(t)))
	})
}

// survival draws what a loss of power leaves; nil, as often, is none.
func survival(t *rapid.T) func(int) int {
	if rapid.Bool().Draw(t, "power stays on") {
		return nil
	}
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "left") }
}

// recovered finishes or undoes a run whose journal is on the disk, and checks
// that it comes to its end.
func recovered(t *rapid.T, w *world, disk *journal.Memory) {
	var h journal.History
	w.run.Journal, h = resume(t, disk)
	undone := h.Outcome() == string(executor.RolledBack) || h.Phase() == journal.Undoing
	if !undone && rapid.Bool().Draw(t, "finish") {
		r := w.run.Finish(t.Context(), w.plan, h)
		if r.Outcome != executor.Applied || r.Cause != nil || len(r.Done) != len(w.plan.Steps) {
			t.Fatalf("finished: %s, done %v, cause %v, left %v", r.Outcome, r.Done, r.Cause, r.Left)
		}
		if d := cmp.Diff(w.after, w.snapshot()); d != "" {
			t.Fatalf("finished, but (-want +got):\n%s", d)
		}
		return
	}
	r := w.run.Undo(t.Context(), w.plan, h)
	if r.Outcome != executor.RolledBack || r.Cause != nil {
		t.Fatalf("undone: %s, cause %v, left %v\n%s", r.Outcome, r.Cause, r.Left, strings.Join(story(t, disk), "\n"))
	}
	if d := cmp.Diff(w.before, w.snapshot()); d != "" {
		t.Fatalf("undone, but (-want +got):\n%s", d)
	}
}

// The first thing that cannot be recorded is not done.
//
// Fault 37: a disk that is full before anything is sent.
func TestJournalThatFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, p, disk := newAccount(), one(nil, thing{Name: "x"}), &journal.Memory{}
		e := executor.Executor{Account: a, Journal: record(t, disk, p)}
		full := errors.New("no space left on device")
		disk.Fail = func(journal.Op, int) error { return full }
		r := e.Run(t.Context(), p)
		if r.Outcome != executor.NotStarted || !errors.Is(r.Stopped, full) || !errors.Is(r.Cause, full) || r.Cancelled || a.calls > 0 {
			t.Errorf("%s after %d calls, stopped by %v, cause %v", r.Outcome, a.calls, r.Stopped, r.Cause)
		}
	})
}

// What is on its way when the journal fails is not sent any more, even if its
// own intent is recorded.
//
// Fault 37: a disk that fails while another step is under way.
func TestJournalThatFailsMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, disk := newAccount(), &journal.Memory{}
		p := &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "quick"}}},
			{Change: resource.Change{After: thing{Name: "slow"}}},
		}}
		var asked atomic.Int32
		e := executor.Executor{Account: a, Parallel: 2, Journal: record(t, disk, p), Guard: func(context.Context) error {
			if asked.Add(1) == 2 {
				time.Sleep(time.Second)
			}
			return nil
		}}
		full := errors.New("no space left on device")
		disk.Fail = func(op journal.Op, n int) error {
			if op == journal.OpWrite && n > 2 { // the first of the results
				return full
			}
			return nil
		}
		r := e.Run(t.Context(), p)
		if r.Outcome != executor.Partial || !errors.Is(r.Stopped, full) || len(r.Left) != 1 || len(a.log) != 1 {
			t.Errorf("%s, stopped by %v, left %v, after %q", r.Outcome, r.Stopped, r.Left, a.log)
		}
	})
}

// That only the end could not be recorded changes nothing about the account.
func TestJournalThatFailsInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, p, disk := newAccount(), one(nil, thing{Name: "x"}), &journal.Memory{}
		e := executor.Executor{Account: a, Journal: record(t, disk, p)}
		full := errors.New("no space left on device")
		disk.Fail = func(op journal.Op, n int) error {
			if op == journal.OpWrite && n > 2 { // intent and result
				return full
			}
			return nil
		}
		r := e.Run(t.Context(), p)
		if r.Outcome != executor.Applied || !errors.Is(r.Stopped, full) || r.Cause != nil {
			t.Errorf("%s, stopped by %v, cause %v", r.Outcome, r.Stopped, r.Cause)
		}
		if got := story(t, disk.Crash(func(int) int { return 0 })); !slices.Equal(got, []string{"intent 0", "done 0"}) {
			t.Errorf("recorded: %q", got)
		}
	})
}
