package executor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Of steps that run at once and fail both, the one that failed first is the
// cause, whatever its place in the plan.
func TestFirstFailureIsTheCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := executor.Executor{Account: refusing{newAccount()}, Parallel: 2}
		r := e.Run(t.Context(), &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "slow"}}},
			{Change: resource.Change{After: thing{Name: "fast"}}},
		}})
		if r.Outcome != executor.NotStarted && r.Outcome != executor.RolledBack {
			t.Errorf("%s", r.Outcome)
		}
		if r.Failed != 1 || !errors.Is(r.Cause, errFast) {
			t.Errorf("step %d failed: %v", r.Failed, r.Cause)
		}
	})
}

// A refusing account refuses everything, some of it soon.
type refusing struct{ *account }

var errFast, errSlow = errors.New("fast"), errors.New("slow")

func (refusing) Write(_ context.Context, c resource.Change) error {
	if c.ID() == thingID("fast") {
		time.Sleep(time.Second)
		return &resource.Failure{Class: resource.Refused, Err: errFast}
	}
	time.Sleep(2 * time.Second)
	return &resource.Failure{Class: resource.Refused, Err: errSlow}
}
