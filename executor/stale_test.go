package executor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// forgetful is an account that shows what was, until some time.
type forgetful struct {
	*account
	was   *resource.State
	until time.Time
}

func (f *forgetful) Read(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	if time.Now().Before(f.until) {
		return f.was, nil
	}
	return f.account.Read(ctx, ids)
}

// slow is an account one read of which takes long, and shows what was when it
// began.
type slow struct {
	*forgetful
	read int // which, from 1
	took time.Duration
}

func (s *slow) Read(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	state, err := s.forgetful.Read(ctx, ids)
	if s.read--; s.read == 0 {
		time.Sleep(s.took)
	}
	return state, err
}

// What an undo is to bring back was there a moment ago: that it is seen proves
// nothing for as long as a read may be stale, however long it takes.
//
// Fault 15: stale reads, together with an undo that fails.
func TestStaleReadsDoNotPassForUndone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault   fault // of the first call that undoes
		always  bool  // and of all others
		want    result
		records []string // of the rollback
	}{
		"no answer, and no effect": {
			fault: lostBefore,
			want: result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{
				"create thing/x", "delete thing/x",
			}},
			records: []string{"rollback", "undo intent 0", "undone 0", "ended: rolled back"},
		},
		"throttled": {
			fault: throttled,
			want: result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{
				"create thing/x", "delete thing/x",
			}},
			records: []string{"rollback", "undo intent 0", "undone 0", "ended: rolled back"},
		},
		"refused for good": {
			fault: refused, always: true,
			want: result{Outcome: executor.Partial, Failed: 1, Done: []int{0}, Left: map[string]string{
				"thing/x": "delete: refused",
			}, Log: []string{"create thing/x"}},
			records: []string{"rollback", "undo intent 0", "undo failed 0", "ended: partial"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for read := range 12 { // which is slow, if any
				synctest.Test(t, func(t *testing.T) {
					p := &planner.Plan{Steps: []planner.Step{
						{Change: resource.Change{After: thing{Name: "x"}}},
						{Change: resource.Change{After: thing{Name: "y"}}, Waits: []int{0}},
					}}
					s := &slow{forgetful: &forgetful{account: newAccount(), was: &resource.State{}}, read: read, took: time.Minute}
					s.fault = func(call int, c resource.Change) fault {
						switch {
						case c.ID().Name == "y":
							return refused
						case c.After == nil && (call == 3 || tc.always):
							s.until = time.Now().Add(8 * time.Second)
							return tc.fault
						}
						return none
					}
					disk := &journal.Memory{}
					e := executor.Executor{Account: s, Journal: record(t, disk, p)}
					r := e.Run(t.Context(), p)
					if d := cmp.Diff(tc.want, resultOf(r, s.account)); d != "" {
						t.Errorf("read %d slow: cause %v (-want +got):\n%s", read, r.Cause, d)
					}
					if d := cmp.Diff(tc.records, story(t, disk)[4:]); d != "" {
						t.Errorf("read %d slow: records (-want +got):\n%s", read, d)
					}
				})
			}
		})
	}
}

// What was said to be undone, and read back in the end is not, is undone when
// the run is undone again.
//
// Fault 34: a rollback that did not come to its end.
func TestUndoneAfterAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := thing{Name: "x"}
		p, disk := one(nil, x), &journal.Memory{}
		write(t, disk, p, "intent: 0", "done: 0")
		f := &forgetful{account: newAccount(x), was: &resource.State{}, until: time.Now().Add(time.Minute)} // longer than any read is stale
		j, h := resume(t, disk)
		e := executor.Executor{Account: f, Journal: j}
		e.OnEvent = func(ev executor.Event) {
			if ev.Type == executor.VerifyStarted {
				f.until = time.Time{}
			}
		}
		if r := e.Undo(t.Context(), p, h); r.Outcome != executor.Partial || len(r.Undone) > 0 || len(r.Left) != 1 {
			t.Errorf("%s, undone %v, left %v", r.Outcome, r.Undone, r.Left)
		}
		if d := cmp.Diff([]string{"resumed", "rollback", "undone 0", "conflict 0", "ended: partial"}, story(t, disk)[2:]); d != "" {
			t.Errorf("records (-want +got):\n%s", d)
		}
		e.Journal, h = resume(t, disk.Crash(nil))
		if r := e.Undo(t.Context(), p, h); r.Outcome != executor.RolledBack || len(f.snapshot()) > 0 {
			t.Errorf("again: %s, left %v", r.Outcome, r.Left)
		}
	})
}

// A read that takes longer than a read may be stale for tells no more than one
// that does not: it may be of before.
//
// Fault 15: a stale read that takes long, of a change whose answer was lost.
func TestSlowReadIsOfBefore(t *testing.T) {
	t.Parallel()
	for read := 2; read <= 5; read++ {
		synctest.Test(t, func(t *testing.T) {
			was, is := thing{Name: "x", A: "1"}, thing{Name: "x", A: "2"}
			state, err := resource.NewState(was)
			if err != nil {
				t.Fatal(err)
			}
			s := &slow{forgetful: &forgetful{account: newAccount(was), was: state}, read: read, took: time.Minute}
			s.fault = func(call int, _ resource.Change) fault {
				if call == 1 {
					s.until = time.Now().Add(8 * time.Second)
					return lostAfter
				}
				return none
			}
			e := executor.Executor{Account: s}
			r := e.Run(t.Context(), &planner.Plan{Steps: []planner.Step{{Change: resource.Change{Before: was, After: is}}}})
			want := result{Outcome: executor.Applied, Failed: -1, Done: []int{0}, Log: []string{"set A thing/x"}}
			if d := cmp.Diff(want, resultOf(r, s.account)); d != "" {
				t.Errorf("read %d is slow: cause %v (-want +got):\n%s", read, r.Cause, d)
			}
		})
	}
}
