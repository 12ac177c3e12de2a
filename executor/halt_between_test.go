package executor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// If the journal breaks while another step has its intent recorded, and waits
// for its guard, that step is not sent any more.
//
// Fault 37: a failed fsync.
func TestHaltBetweenIntentAndCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("input/output error")
		disk := &journal.Memory{Fail: func(op journal.Op, n int) error {
			if op == journal.OpSync && n >= 3 { // after the beginning and two intents
				return broken
			}
			return nil
		}}
		p := &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "x"}}},
			{Change: resource.Change{After: thing{Name: "y"}}},
		}}
		a := newAccount()
		guards := make(chan time.Duration, 2)
		guards <- time.Second // the first write is done while the other guard is still asked
		guards <- 2 * time.Second
		e := executor.Executor{Account: a, Journal: record(t, disk, p), Parallel: 2, Guard: func(context.Context) error {
			time.Sleep(<-guards)
			return nil
		}}
		r := e.Run(t.Context(), p)
		if r.Outcome != executor.Partial || !errors.Is(r.Stopped, broken) || len(r.Left) != 1 || a.calls != 1 {
			t.Errorf("%s after %d calls, stopped by %v, left %v", r.Outcome, a.calls, r.Stopped, r.Left)
		}
	})
}
