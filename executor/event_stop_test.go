package executor_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// An event is not done if the context is cancelled at the last moment, when
// its step has already begun.
//
// Fault 41: a signal at every index.
func TestCancelAsAnEventBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := newAccount()
		e := executor.Executor{Account: a, OnEvent: func(e executor.Event) {
			if e.Type == executor.StepStarted && e.Step == 1 {
				cancel()
			}
		}}
		r := e.Run(ctx, &planner.Plan{Steps: []planner.Step{
			{Change: resource.Change{After: thing{Name: "x"}}},
			{Change: resource.Change{After: bell{"x", []resource.ID{thingID("x")}}}, Waits: []int{0}},
		}})
		want := result{Outcome: executor.RolledBack, Failed: -1, Done: []int{0}, Undone: []int{0}, Log: []string{"create thing/x", "delete thing/x"}}
		if d := cmp.Diff(want, resultOf(r, a)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}
