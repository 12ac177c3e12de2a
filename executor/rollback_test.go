package executor_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// result is what a report says, fit for comparing.
type result struct {
	Outcome executor.Outcome
	Failed  int
	Done    []int
	Undone  []int
	Left    map[string]string
	New     []string
	Log     []string // calls with an effect
}

func resultOf(r *executor.Report, a *account) result {
	got := result{Outcome: r.Outcome, Failed: r.Failed, Done: r.Done, Undone: r.Undone, Log: a.log}
	for _, l := range r.Left {
		if got.Left == nil {
			got.Left = map[string]string{}
		}
		got.Left[l.ID.String()] = l.Err.Error()
	}
	for _, id := range r.New {
		got.New = append(got.New, id.String())
	}
	return got
}

// refuseOn refuses the calls that create, change or delete an object.
func refuseOn(id string, calls ...string) func(*account) {
	return func(a *account) {
		a.fault = func(_ int, c resource.Change) fault {
			if c.ID().String() == id && slices.Contains(calls, string(c.Action())) {
				return refused
			}
			return none
		}
	}
}

// Faults 9, 10, 25: denied mid-plan, denied for the inverse, and foreign changes
// of what was made.
func TestRollback(t *testing.T) {
	t.Parallel()
	x, y := thing{Name: "x", A: "1"}, thing{Name: "y", On: []resource.ID{thingID("x")}}
	x2 := thing{Name: "x", A: "2"}
	tied := tie{"x", "y"}
	ring := bell{"x", []resource.ID{thingID("x")}}
	last := thing{Name: "last"}
	step := func(before, after resource.Object, waits ...int) planner.Step {
		return planner.Step{Change: resource.Change{Before: before, After: after}, Waits: waits}
	}
	lossy := func(s planner.Step, what string, final bool) planner.Step {
		s.Loss = resource.Loss{What: what, Final: final}
		return s
	}
	for name, tc := range map[string]struct {
		live  []resource.Object
		steps []planner.Step
		keep  bool
		set   func(*account)
		want  result
	}{
		"creations are deleted, the newest first": {
			steps: []planner.Step{step(nil, x), step(nil, y, 0), step(nil, tied, 1), step(nil, last, 2)},
			set:   refuseOn("thing/last", "create"),
			want: result{Outcome: executor.RolledBack, Failed: 3, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, Log: []string{
				"create thing/x", "create thing/y", "put tie/x/y",
				"delete tie/x/y", "delete thing/y", "delete thing/x",
			}},
		},
		"what was deleted is made anew, with another id": {
			live:  []resource.Object{x, y, tied},
			steps: []planner.Step{step(tied, nil), step(y, nil, 0), step(nil, last, 1)},
			set:   refuseOn("thing/last", "create"),
			want: result{Outcome: executor.RolledBack, Failed: 2, Done: []int{0, 1}, Undone: []int{1, 0}, New: []string{"thing/y"}, Log: []string{
				"delete tie/x/y", "delete thing/y",
				"create thing/y", "put tie/x/y",
			}},
		},
		"an undo that is refused stops what it rests on, and nothing else": {
			steps: []planner.Step{step(nil, x), step(nil, thing{Name: "free"}, 0), step(nil, y, 0, 1), step(nil, last, 2)},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" || c.ID().Name == "y" && c.After == nil {
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 3, Done: []int{0, 1, 2}, Left: map[string]string{
				"thing/y":    "delete: refused",
				"thing/x":    "not undone, since thing/y, which came after it, could not be",
				"thing/free": "not undone, since thing/y, which came after it, could not be",
			}, Log: []string{"create thing/x", "create thing/free", "create thing/y"}},
		},
		"what stands apart from a refused undo is undone": {
			steps: []planner.Step{step(nil, x), step(nil, thing{Name: "free"}), step(nil, y, 0), step(nil, last, 1, 2)},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" || c.ID().Name == "y" && c.After == nil {
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 3, Done: []int{0, 1, 2}, Undone: []int{1}, Left: map[string]string{
				"thing/y": "delete: refused",
				"thing/x": "not undone, since thing/y, which came after it, could not be",
			}, Log: []string{"create thing/x", "create thing/free", "create thing/y", "delete thing/free"}},
		},
		"a foreign change is left, and so is what it rests on": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, thing{Name: "free"}), step(nil, last, 0, 1)},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" {
						a.set(x.ID(), thing{Name: "x", A: "foreign"})
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Undone: []int{1}, Left: map[string]string{
				"thing/x": "someone else changed it meanwhile, so it was left as it is",
			}, Log: []string{"set A thing/x", "create thing/free", "delete thing/free"}},
		},
		"what somebody else put back is undone": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, last, 0)},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" {
						a.set(x.ID(), x)
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{"set A thing/x"}},
		},
		"what was so already is not undone": {
			live:  []resource.Object{x2},
			steps: []planner.Step{step(x, x2), step(nil, last, 0)},
			set:   refuseOn("thing/last", "create"),
			want:  result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}},
		},
		"half a create is deleted": {
			steps: []planner.Step{step(nil, thing{Name: "x", A: "1", B: "b"})},
			set: func(a *account) {
				a.fault = func(call int, _ resource.Change) fault { return map[int]fault{2: refused}[call] }
			},
			want: result{Outcome: executor.RolledBack, Failed: 0, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}},
		},
		"half a create is deleted, even if AWS made up the other half": {
			steps: []planner.Step{step(nil, thing{Name: "x", A: "1", B: "custom"})},
			set: func(a *account) {
				a.fault = func(call int, _ resource.Change) fault { return map[int]fault{2: refused}[call] }
			},
			want: result{Outcome: executor.RolledBack, Failed: 0, Undone: []int{0}, Log: []string{"create thing/x", "clear thing/x", "delete thing/x"}},
		},
		"half a create without an answer is deleted when the rest is refused": {
			steps: []planner.Step{step(nil, thing{Name: "x", A: "1", B: "b"})},
			set: func(a *account) {
				a.fault = func(call int, _ resource.Change) fault { return map[int]fault{1: lostAfter, 2: refused}[call] }
			},
			want: result{Outcome: executor.RolledBack, Failed: 0, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}},
		},
		"what does not depend on each other is undone the newest first": {
			steps: []planner.Step{step(nil, x), step(nil, thing{Name: "z"}), step(nil, thing{Name: "zz"}), step(nil, last, 0, 1, 2)},
			set:   refuseOn("thing/last", "create"),
			want: result{Outcome: executor.RolledBack, Failed: 3, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, Log: []string{
				"create thing/x", "create thing/z", "create thing/zz",
				"delete thing/zz", "delete thing/z", "delete thing/x",
			}},
		},
		"half an update is undone": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, thing{Name: "x", A: "2", B: "b"})},
			set: func(a *account) {
				a.fault = func(call int, _ resource.Change) fault { return map[int]fault{2: refused}[call] }
			},
			want: result{Outcome: executor.RolledBack, Failed: 0, Undone: []int{0}, Log: []string{"set A thing/x", "set A thing/x"}},
		},
		"half an update that somebody else went on with is left": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, thing{Name: "x", A: "2", B: "b"})},
			set: func(a *account) {
				a.fault = func(call int, _ resource.Change) fault {
					if call == 2 {
						a.set(x.ID(), thing{Name: "x", A: "2", B: "foreign"})
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 0, Left: map[string]string{
				"thing/x": "someone else changed it meanwhile, so it was left as it is",
			}, Log: []string{"set A thing/x"}},
		},
		"what is final is not undone, and nothing that led there": {
			live:  []resource.Object{x, last},
			steps: []planner.Step{lossy(step(x, nil), "the machine itself", true), step(nil, thing{Name: "z"}, 0), step(last, thing{Name: "last", A: "2"}, 1)},
			set:   refuseOn("thing/last", "update"),
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Left: map[string]string{
				"thing/x": "changed, and kept as it is",
				"thing/z": "changed, and kept as it is",
			}, Log: []string{"delete thing/x", "create thing/z"}},
		},
		"what loses something begins after everything else": {
			live: []resource.Object{x, last},
			steps: []planner.Step{
				lossy(step(x, nil), "its id", false),
				lossy(step(last, nil), "all", true),
				step(nil, thing{Name: "z"}),
				step(nil, thing{Name: "zz"}, 2),
			},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{2, 3, 0, 1}, Log: []string{"create thing/z", "create thing/zz", "delete thing/x", "delete thing/last"}},
		},
		"an event is done again when what it follows is undone": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, ring, 0), step(nil, last, 1)},
			set:   refuseOn("thing/last", "create"),
			want: result{Outcome: executor.RolledBack, Failed: 2, Done: []int{0, 1}, Undone: []int{0, 1}, Log: []string{
				"set A thing/x", "ring bell/x", "set A thing/x", "ring again bell/x",
			}},
		},
		"an event is not done again when what it follows is left": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, ring, 0), step(nil, last, 1)},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" {
						a.set(x.ID(), thing{Name: "x", A: "foreign"})
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Undone: []int{1}, Left: map[string]string{
				"thing/x": "someone else changed it meanwhile, so it was left as it is",
			}, Log: []string{"set A thing/x", "ring bell/x"}},
		},
		"an event that was not done is not done again": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, ring, 0)},
			set:   refuseOn("bell/x", "create"),
			want: result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{
				"set A thing/x", "set A thing/x",
			}},
		},
		"an event that cannot be done again is left": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, ring, 0), step(nil, last, 1)},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" || c.ID().Kind == "bell" && c.After == nil {
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Undone: []int{0}, Left: map[string]string{
				"bell/x": "what it follows was undone, but it could not be done again: ring again: refused",
			}, Log: []string{"set A thing/x", "ring bell/x", "set A thing/x"}},
		},
		"an event without an answer is done once": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, ring, 0)},
			set: func(a *account) {
				a.fault = func(call int, c resource.Change) fault {
					return map[bool]fault{true: lostBefore}[c.ID().Kind == "bell"]
				}
			},
			want: result{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1}, Log: []string{"set A thing/x"}},
		},
		"a span is narrowed last when all is undone": {
			live: []resource.Object{cover{[]string{"a"}}},
			steps: []planner.Step{
				step(cover{[]string{"a"}}, cover{[]string{"a", "b"}}),
				step(nil, x, 0),
				step(cover{[]string{"a", "b"}}, cover{[]string{"b"}}, 1),
				step(nil, last, 2),
			},
			set: refuseOn("thing/last", "create"),
			want: result{Outcome: executor.RolledBack, Failed: 3, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, Log: []string{
				"put cover/all", "create thing/x", "put cover/all",
				"put cover/all", "delete thing/x", "put cover/all",
			}},
		},
		"a span stays wide when something cannot be undone": {
			steps: []planner.Step{
				step(nil, cover{[]string{"x"}}),
				step(nil, x, 0),
				step(nil, last, 1),
			},
			set: func(a *account) {
				a.fault = func(_ int, c resource.Change) fault {
					if c.ID().Name == "last" || c.ID().Name == "x" && c.After == nil {
						return refused
					}
					return none
				}
			},
			want: result{Outcome: executor.Partial, Failed: 2, Done: []int{0, 1}, Left: map[string]string{
				"thing/x":   "delete: refused",
				"cover/all": "not undone, since thing/x, which came after it, could not be",
			}, Log: []string{"put cover/all", "create thing/x"}},
		},
		"an undo without an answer was done if it is read back so in the end": {
			live:  []resource.Object{x},
			steps: []planner.Step{step(x, x2), step(nil, last, 0)},
			set: func(a *account) {
				failed, unread := false, 0
				a.fault = func(_ int, c resource.Change) fault {
					switch {
					case c.ID().Name == "last":
						failed = true
						return refused
					case failed:
						unread = a.reads + 1
						return lostAfter
					}
					return none
				}
				a.readErr = func(n int) error {
					if n == unread {
						return &resource.Failure{Class: resource.Refused, Call: "read", Err: errors.New("ExpiredToken")}
					}
					return nil
				}
			},
			want: result{Outcome: executor.RolledBack, Failed: 1, Done: []int{0}, Undone: []int{0}, Log: []string{"set A thing/x", "set A thing/x"}},
		},
		"nothing is undone when all is to be kept": {
			steps: []planner.Step{step(nil, x), step(nil, thing{Name: "z", B: "b"}, 0), step(nil, last, 1)},
			keep:  true,
			set: func(a *account) {
				a.fault = func(call int, c resource.Change) fault { return map[int]fault{3: refused}[call] }
			},
			want: result{Outcome: executor.Partial, Failed: 1, Done: []int{0}, Left: map[string]string{
				"thing/x": "changed, and kept as it is",
				"thing/z": "may have been changed, and kept as it is: set B: refused",
			}, Log: []string{"create thing/x", "create thing/z"}},
		},
		"nothing was changed that could be kept": {
			steps: []planner.Step{step(nil, last)},
			keep:  true,
			set:   refuseOn("thing/last", "create"),
			want:  result{Outcome: executor.RolledBack, Failed: 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount(tc.live...)
				if tc.set != nil {
					tc.set(a)
				}
				e := executor.Executor{Account: a, Keep: tc.keep}
				r := e.Run(t.Context(), &planner.Plan{Steps: tc.steps})
				if d := cmp.Diff(tc.want, resultOf(r, a)); d != "" {
					t.Errorf("cause %v (-want +got):\n%s", r.Cause, d)
				}
			})
		})
	}
}
