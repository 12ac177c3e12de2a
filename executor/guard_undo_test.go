package executor_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// The guard is asked before each undo too, and once it says no, nothing more
// is undone.
//
// Fault 29: a zombie resumes after unlock.
func TestGuardIsAskedBeforeEachUndo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount()
		a.fault = func(call int, _ resource.Change) fault { return map[int]fault{3: refused}[call] }
		asked := 0
		e := executor.Executor{Account: a, Guard: func(context.Context) error {
			if asked++; asked != a.calls+1 {
				t.Errorf("asked %d times before %d calls", asked, a.calls)
			}
			if asked == 5 { // three steps, and the first undo
				return errLost
			}
			return nil
		}}
		r := e.Run(t.Context(), &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "x"}}},
			{Change: resource.Change{After: thing{Name: "y"}}, Waits: []int{0}},
			{Change: resource.Change{After: thing{Name: "z"}}, Waits: []int{1}},
		}})
		if r.Outcome != executor.Partial || r.Stopped != errLost || len(r.Left) != 1 || r.Left[0].ID != thingID("x") {
			t.Errorf("%s, stopped by %v, left %v", r.Outcome, r.Stopped, r.Left)
		}
		if asked != 5 || a.calls != 4 {
			t.Errorf("asked %d times for %d calls", asked, a.calls)
		}
	})
}
