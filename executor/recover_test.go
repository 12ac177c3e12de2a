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

// write writes the journal of a run that got as far as the records say, each
// as "done: 0".
func write(t *testing.T, disk journal.FS, p *planner.Plan, records ...string) {
	t.Helper()
	j := record(t, disk, p)
	defer j.Close()
	for _, line := range records {
		r := journal.Record{Type: journal.Type(line), Step: -1, Time: time.Now()}
		if name, step, ok := strings.Cut(line, ": "); ok {
			r.Type, r.Step = journal.Type(name), int(step[0]-'0')
		}
		switch r.Type {
		case "applied", "rolled back", "partial":
			r.Type, r.Outcome = journal.Ended, line
		}
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
}

// recovery is a journal, what is in the account, and what is to become of it.
type recovery struct {
	live    []resource.Object
	records []string
	want    result
	cause   string // part of it; "" for none
}

func (tc recovery) test(t *testing.T, p *planner.Plan, do func(*executor.Executor, context.Context, *planner.Plan, journal.History) *executor.Report) {
	synctest.Test(t, func(t *testing.T) {
		disk := &journal.Memory{}
		write(t, disk, p, tc.records...)
		a := newAccount(tc.live...)
		j, h := resume(t, disk.Crash(nil))
		e := executor.Executor{Account: a, Journal: j}
		r := do(&e, t.Context(), p, h)
		if d := cmp.Diff(tc.want, resultOf(r, a)); d != "" {
			t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
		}
		if (r.Cause == nil) != (tc.cause == "") || r.Cause != nil && !strings.Contains(r.Cause.Error(), tc.cause) {
			t.Errorf("cause %v, want %q", r.Cause, tc.cause)
		}
	})
}

// recovering is the plan of these tests: create x, change y, delete z.
func recovering() (p *planner.Plan, x, y, y2, z thing) {
	x = thing{Name: "x", A: "1", B: "b"}
	y, y2 = thing{Name: "y", A: "1", B: "1"}, thing{Name: "y", A: "2", B: "2"}
	z = thing{Name: "z", A: "1", B: "b"}
	return &planner.Plan{Steps: []planner.Step{
		{Change: resource.Change{After: x}},
		{Change: resource.Change{Before: y, After: y2}, Waits: []int{0}},
		{Change: resource.Change{Before: z}, Waits: []int{1}},
	}}, x, y, y2, z
}

// What a run was doing when it was interrupted is looked at, and gone on with.
//
// Faults 22, 24, 25, 27, 32: an effect before the crash, and foreign changes
// that can be told from it.
func TestFinish(t *testing.T) {
	t.Parallel()
	p, x, y, y2, z := recovering()
	foreign := thing{Name: "x", A: "foreign"}
	for name, tc := range map[string]recovery{
		"nothing was begun": {
			live: []resource.Object{y, z},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"create thing/x", "set B thing/x", "set A thing/y", "set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"a step was done": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"set A thing/y", "set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"a step had been done, but not its record": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"set A thing/y", "set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"a step was about to be sent": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "intent: 1"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"set A thing/y", "set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"a step was half-way": {
			live: []resource.Object{x, thing{Name: "y", A: "2", B: "1"}, z}, records: []string{"intent: 0", "done: 0", "intent: 1"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"half a create, with what AWS made up": {
			live: []resource.Object{thing{Name: "x", A: "1", B: "AWS's default"}, y, z}, records: []string{"intent: 0", "unknown: 0"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"set B thing/x", "set A thing/y", "set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"a step had failed": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "intent: 1", "failed: 1", "held", "partial"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{
				"set A thing/y", "set B thing/y", "clear thing/z", "delete thing/z",
			}},
		},
		"only the end was not recorded": {
			live: []resource.Object{x, y2}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "intent: 2", "done: 2"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}},
		},
		"it was finished": {
			live: []resource.Object{foreign}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "intent: 2", "done: 2", "applied"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}},
		},
		"it was undone": {
			live: []resource.Object{y, z}, records: []string{"intent: 0", "done: 0", "rollback", "undo intent: 0", "undone: 0", "rolled back"},
			want:  result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}},
			cause: "plan and apply again",
		},
		"it was being undone": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "intent: 1", "unknown: 1", "rollback", "undone: 1"},
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0}, Undone: []int{1}, Left: map[string]string{
				"thing/x": "changed, or may have been, and not undone yet",
				"thing/y": "undone, but not read back",
			}},
			cause: "only undone",
		},
		"somebody else made what was about to be made": {
			live: []resource.Object{foreign, y, z}, records: []string{"intent: 0"},
			want: result{Outcome: executor.Partial, Failed: 0, Left: map[string]string{
				"thing/x": "someone else changed it meanwhile, so it was left as it is",
			}},
			cause: "create thing/x: someone else changed it meanwhile",
		},
		"somebody else changed what is still to be done": {
			live: []resource.Object{x, thing{Name: "y", A: "foreign"}, z}, records: []string{"intent: 0", "done: 0"},
			want:  result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{"clear thing/x", "delete thing/x"}},
			cause: "update thing/y: it is no longer as it was when the plan was made",
		},
		"somebody else changed what was done": {
			live: []resource.Object{foreign, y2, z}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1"},
			want: result{
				Outcome: executor.Partial, Failed: 0, Done: []int{0, 1, 2}, Undone: []int{2, 1}, New: []string{"thing/z"},
				Left: map[string]string{"thing/x": "someone else changed it meanwhile, so it was left as it is"},
				Log: []string{
					"clear thing/z", "delete thing/z", "create thing/z", "set B thing/z", "set A thing/y", "set B thing/y",
				},
			},
			cause: "verification: read back, not as it should be: thing/x",
		},
		"what was found done is not undone": {
			live: []resource.Object{x, thing{Name: "y", A: "foreign"}, z}, records: []string{"found: 0"},
			want:  result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}},
			cause: "update thing/y",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.test(t, p, (*executor.Executor).Finish)
		})
	}
}

// What was sent just before the crash may take a while to show, and is not
// sent again meanwhile.
//
// Faults 15, 32: a stale read, and a crash after the effect.
func TestFinishWaitsForWhatWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := thing{Name: "x", A: "1"}
		p, a, disk := one(nil, x), newAccount(), &journal.Memory{}
		write(t, disk, p, "intent: 0")
		a.lag = 3 * time.Second
		a.set(x.ID(), x)
		j, h := resume(t, disk)
		e := executor.Executor{Account: a, Journal: j}
		if r := e.Finish(t.Context(), p, h); r.Outcome != executor.Applied || a.calls > 0 {
			t.Errorf("%s after %d calls, cause %v", r.Outcome, a.calls, r.Cause)
		}
	})
}

// Everything that a run did and that was not undone is undone, the newest
// first, where it is still as the run left it.
//
// Faults 25, 27, 34: foreign changes of what the run left, something else made in
// the place of what it made, and a crash during rollback.
func TestUndo(t *testing.T) {
	t.Parallel()
	p, x, y, y2, z := recovering()
	all := []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "intent: 2", "done: 2", "verified", "applied"}
	foreign := thing{Name: "y", A: "2", B: "foreign"}
	for name, tc := range map[string]recovery{
		"nothing was begun": {
			live: []resource.Object{y, z},
			want: result{Outcome: executor.RolledBack, Failed: -1},
		},
		"all was done": {
			live: []resource.Object{x, y2}, records: all,
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []string{"thing/z"},
				Log: []string{"create thing/z", "set B thing/z", "set A thing/y", "set B thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"nobody knows of a step, and it was done": {
			live: []resource.Object{x, y2, z}, records: []string{"intent: 0", "done: 0", "intent: 1"},
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{1, 0},
				Log: []string{"set A thing/y", "set B thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"nobody knows of a step, and half of it was done": {
			live: []resource.Object{x, thing{Name: "y", A: "2", B: "1"}, z}, records: []string{"intent: 0", "done: 0", "intent: 1", "unknown: 1"},
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{1, 0},
				Log: []string{"set A thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"nobody knows of a step, and it was not done": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "intent: 1"},
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{1, 0},
				Log: []string{"clear thing/x", "delete thing/x"},
			},
		},
		"it was being undone": {
			live: []resource.Object{x, y2, z}, records: append(all, "resumed", "rollback", "undo intent: 2", "undone: 2"),
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []string{"thing/z"},
				Log: []string{"set A thing/y", "set B thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"an undo was half-way": {
			live: []resource.Object{x, y2, thing{Name: "z", A: "1"}}, records: append(all, "resumed", "rollback", "undo intent: 2"),
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []string{"thing/z"},
				Log: []string{"set B thing/z", "set A thing/y", "set B thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"half of an undo that makes anew, with what AWS made up": {
			live: []resource.Object{x, y2, thing{Name: "z", A: "1", B: "AWS's default"}}, records: append(all, "resumed", "rollback", "undo intent: 2", "unknown: 2"),
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []string{"thing/z"},
				Log: []string{"set B thing/z", "set A thing/y", "set B thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"all was undone, but not read back": {
			live: []resource.Object{y, z}, records: []string{"intent: 0", "done: 0", "rollback", "undo intent: 0", "undone: 0"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}},
		},
		"all was undone, and changed by somebody else since": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "rollback", "undo intent: 0", "undone: 0"},
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0}, Undone: []int{}, Left: map[string]string{
				"thing/x": "read back, it is not as it was before",
			}},
		},
		"something was said to be undone, and read back was not": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "rollback", "undo intent: 0", "undone: 0", "conflict: 0", "partial"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}, Log: []string{"clear thing/x", "delete thing/x"}},
		},
		"all was undone and read back, and changed by somebody else since": {
			live: []resource.Object{x, y}, records: append(all, "resumed", "rollback",
				"undo intent: 2", "undone: 2", "undo intent: 1", "undone: 1", "undo intent: 0", "undone: 0", "rolled back"),
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []string{"thing/z"}},
		},
		"somebody else changed one object since": {
			live: []resource.Object{x, foreign}, records: all,
			want: result{
				Outcome: executor.Partial, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2}, New: []string{"thing/z"},
				Left: map[string]string{
					"thing/x": "not undone, since thing/y, which came after it, could not be",
					"thing/y": "someone else changed it meanwhile, so it was left as it is",
				},
				Log: []string{"create thing/z", "set B thing/z"},
			},
		},
		"somebody else deleted what was made, and made something else of that name": {
			live: []resource.Object{thing{Name: "x", B: "b"}, y, z}, records: []string{"intent: 0", "done: 0"},
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0}, Left: map[string]string{
				"thing/x": "someone else changed it meanwhile, so it was left as it is",
			}},
		},
		"something nobody knew of was said to be undone, and read back was not": {
			live:    []resource.Object{x, thing{Name: "y", A: "2", B: "1"}, z},
			records: []string{"intent: 0", "done: 0", "intent: 1", "unknown: 1", "rollback", "undone: 1", "conflict: 1", "partial"},
			want: result{
				Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{1, 0},
				Log: []string{"set A thing/y", "clear thing/x", "delete thing/x"},
			},
		},
		"an undo that did not happen does not make theirs ours": {
			// Half-way between before and after, but nothing of ours is under way.
			live:    []resource.Object{x, thing{Name: "y", A: "1", B: "2"}, z},
			records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "rollback", "undo intent: 1", "undo failed: 1", "partial"},
			want: result{Outcome: executor.Partial, Failed: -1, Done: []int{0, 1}, Left: map[string]string{
				"thing/x": "not undone, since thing/y, which came after it, could not be",
				"thing/y": "someone else changed it meanwhile, so it was left as it is",
			}},
		},
		"somebody else put it back": {
			live: []resource.Object{x, y, z}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "rollback", "conflict: 1", "partial"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{1, 0}, Log: []string{"clear thing/x", "delete thing/x"}},
		},
		"what was found done is not undone": {
			live: []resource.Object{x, y2, z}, records: []string{"found: 0", "intent: 1", "done: 1"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{1}, Log: []string{"set A thing/y", "set B thing/y"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.test(t, p, (*executor.Executor).Undo)
		})
	}
}

// Where the plan leaves it open, what was done last is undone first.
func TestUndoOrder(t *testing.T) {
	t.Parallel()
	p := &planner.Plan{}
	var live []resource.Object
	for _, name := range []string{"0", "1", "2", "3"} {
		live = append(live, thing{Name: name})
		p.Steps = append(p.Steps, planner.Step{Change: resource.Change{After: thing{Name: name}}})
	}
	recovery{
		live: live, records: []string{"intent: 2", "intent: 1", "done: 1", "unknown: 2", "intent: 0", "intent: 3", "done: 3"},
		want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{1, 3}, Undone: []int{3, 0, 2, 1}, Log: []string{
			"delete thing/3", "delete thing/0", "delete thing/2", "delete thing/1",
		}},
	}.test(t, p, (*executor.Executor).Undo)
}

// An event is done again once what it follows is undone, in whichever process.
func TestEventsInRecovery(t *testing.T) {
	t.Parallel()
	x, x2, last := thing{Name: "x", A: "1"}, thing{Name: "x", A: "2"}, thing{Name: "last"}
	p := &planner.Plan{Steps: []planner.Step{
		{Change: resource.Change{Before: x, After: x2}},
		{Change: resource.Change{After: bell{"x", []resource.ID{x.ID()}}}, Waits: []int{0}},
		{Change: resource.Change{After: last}, Waits: []int{1}},
	}}
	for name, tc := range map[string]struct {
		recovery
		finish bool
	}{
		"it was done": {recovery{
			live: []resource.Object{x2}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{0, 1}, Log: []string{"set A thing/x", "ring again bell/x"}},
		}, false},
		"it may have been done": {recovery{
			live: []resource.Object{x2}, records: []string{"intent: 0", "done: 0", "intent: 1"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0, 1}, Log: []string{"set A thing/x", "ring again bell/x"}},
		}, false},
		"it was not done": {recovery{
			live: []resource.Object{x2}, records: []string{"intent: 0", "done: 0", "intent: 1", "failed: 1"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}, Log: []string{"set A thing/x"}},
		}, false},
		"what it follows was undone, and it was not done again": {recovery{
			live: []resource.Object{x}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "rollback", "undo intent: 0", "undone: 0"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{0, 1}, Log: []string{"ring again bell/x"}},
		}, false},
		"it could not be done again": {recovery{
			live: []resource.Object{x}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "rollback", "undo intent: 0", "undone: 0", "undo intent: 1", "undo failed: 1", "partial"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{0, 1}, Log: []string{"ring again bell/x"}},
		}, false},
		"it was done again": {recovery{
			live: []resource.Object{x}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "rollback", "undo intent: 0", "undone: 0", "undo intent: 1", "undone: 1"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{0, 1}},
		}, false},
		"it may have been done again": {recovery{
			live: []resource.Object{x}, records: []string{"intent: 0", "done: 0", "intent: 1", "done: 1", "rollback", "undo intent: 0", "undone: 0", "undo intent: 1"},
			want: result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1}, Undone: []int{0}},
		}, false},
		"finished, it is not done twice": {recovery{
			live: []resource.Object{x2}, records: []string{"intent: 0", "done: 0", "intent: 1"},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}, Log: []string{"create thing/last"}},
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.finish {
				tc.test(t, p, (*executor.Executor).Finish)
			} else {
				tc.test(t, p, (*executor.Executor).Undo)
			}
		})
	}
}

// A journal of another plan is not gone on with.
func TestJournalOfAnotherPlan(t *testing.T) {
	t.Parallel()
	p, x, y, _, z := recovering()
	for name, tc := range map[string]struct {
		other *planner.Plan
		cause string
	}{
		"of another length": {one(nil, x), "of a plan of 3 steps, and this one has 1"},
		"of other objects": {&planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: x}}, {Change: resource.Change{Before: z}}, {Change: resource.Change{Before: y}},
		}}, "its step 2 is of thing/y, and not of thing/z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				disk := &journal.Memory{}
				write(t, disk, p, "intent: 0")
				j, h := resume(t, disk)
				a := newAccount(x, y, z)
				e := executor.Executor{Account: a, Journal: j}
				for _, r := range []*executor.Report{e.Finish(t.Context(), tc.other, h), e.Undo(t.Context(), tc.other, h)} {
					if r.Outcome != executor.Partial || r.Cause == nil || !strings.Contains(r.Cause.Error(), tc.cause) || a.calls+a.reads > 0 {
						t.Errorf("%s after %d calls, cause %v", r.Outcome, a.calls, r.Cause)
					}
				}
				if d := cmp.Diff([]string{"intent 0"}, story(t, disk)); d != "" {
					t.Errorf("recorded (-want +got):\n%s", d)
				}
			})
		})
	}
}

// An interruption ends Undo, which can be called again.
func TestUndoInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, y, y2, z := recovering()
		why := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		a, disk := newAccount(x, y2, z), &journal.Memory{}
		write(t, disk, p, "intent: 0", "done: 0", "intent: 1", "done: 1")
		a.onCall = func(int, resource.Change) { cancel(why) }
		j, h := resume(t, disk)
		e := executor.Executor{Account: a, Journal: j}
		r := e.Undo(ctx, p, h)
		want := result{Outcome: executor.Partial, Failed: -1, Done: []int{0, 1}, Undone: []int{1}, Left: map[string]string{
			"thing/x": "changed, or may have been, and not undone yet",
		}, Log: []string{"set A thing/y", "set B thing/y"}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" || !r.Cancelled || r.Cause != why {
			t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
		}
		e.Journal, h = resume(t, disk.Crash(nil))
		if r := e.Undo(t.Context(), p, h); r.Outcome != executor.RolledBack || r.Cancelled || r.Cause != nil {
			t.Errorf("again: %s, cause %v, left %v", r.Outcome, r.Cause, r.Left)
		}
		if d := cmp.Diff(newAccount(y, z).snapshot(), a.snapshot()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// An interruption of Finish undoes what every process has done, as that of Run
// does.
func TestFinishInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, y, y2, z := recovering()
		why := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		p.Steps = append(p.Steps, planner.Step{Change: resource.Change{After: thing{Name: "last"}}, Waits: []int{2}})
		a, disk := newAccount(x, y2, z), &journal.Memory{}
		write(t, disk, p, "intent: 0", "done: 0", "intent: 1")
		a.onCall = func(int, resource.Change) { cancel(why) }
		j, h := resume(t, disk)
		e := executor.Executor{Account: a, Journal: j}
		r := e.Finish(ctx, p, h)
		want := result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []string{"thing/z"}, Log: []string{
			"clear thing/z", "delete thing/z",
			"create thing/z", "set B thing/z", "set A thing/y", "set B thing/y", "clear thing/x", "delete thing/x",
		}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" || !r.Cancelled || r.Cause != why {
			t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
		}
		if d := cmp.Diff(newAccount(y, z).snapshot(), a.snapshot()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

// What another process does with a run goes on in its journal.
func TestRecordsOfRecovery(t *testing.T) {
	t.Parallel()
	p, x, y, y2, z := recovering()
	for name, tc := range map[string]struct {
		live   []resource.Object
		begun  []string
		do     func(*executor.Executor, context.Context, *planner.Plan, journal.History) *executor.Report
		refuse string // an object all calls for which are refused
		want   []string
	}{
		"finished, it had been done": {
			[]resource.Object{x, y2, z},
			[]string{"intent: 0", "done: 0", "intent: 1"},
			(*executor.Executor).Finish,
			"",
			[]string{"resumed", "done 1", "intent 2", "done 2", "verified", "ended: applied"},
		},
		"finished, it had not been done": {
			[]resource.Object{x, y, z},
			[]string{"intent: 0", "done: 0", "intent: 1"},
			(*executor.Executor).Finish,
			"",
			[]string{"resumed", "intent 1", "done 1", "intent 2", "done 2", "verified", "ended: applied"},
		},
		"finished, and refused: it may yet arrive": {
			[]resource.Object{x, y, z},
			[]string{"intent: 0", "done: 0", "intent: 1"},
			(*executor.Executor).Finish,
			"y",
			[]string{"resumed", "intent 1", "unknown 1", "rollback", "undone 1", "undo intent 0", "undone 0", "ended: rolled back"},
		},
		"undone": {
			[]resource.Object{x, y2, z},
			[]string{"intent: 0", "done: 0", "intent: 1"},
			(*executor.Executor).Undo,
			"",
			[]string{"resumed", "rollback", "undo intent 1", "undone 1", "undo intent 0", "undone 0", "ended: rolled back"},
		},
		"undone, and refused": {
			[]resource.Object{x, y, z},
			[]string{"intent: 0", "done: 0"},
			(*executor.Executor).Undo,
			"x",
			[]string{"resumed", "rollback", "undo intent 0", "undo failed 0", "ended: partial"},
		},
		"undone, and refused: an earlier undo may yet arrive": {
			[]resource.Object{x, y, z},
			[]string{"intent: 0", "done: 0", "rollback", "undo intent: 0"},
			(*executor.Executor).Undo,
			"x",
			[]string{"resumed", "rollback", "undo intent 0", "unknown 0", "ended: partial"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				disk, a := &journal.Memory{}, newAccount(tc.live...)
				write(t, disk, p, tc.begun...)
				a.fault = func(_ int, c resource.Change) fault {
					return map[bool]fault{true: refused}[c.ID().Name == tc.refuse]
				}
				j, h := resume(t, disk)
				e := executor.Executor{Account: a, Journal: j}
				tc.do(&e, t.Context(), p, h)
				if d := cmp.Diff(tc.want, story(t, disk)[len(tc.begun):]); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}
