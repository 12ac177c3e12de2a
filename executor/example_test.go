package executor_test

import (
	"context"
	"fmt"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A step that fails undoes the ones before it.
func ExampleExecutor_Run() {
	account := newAccount() // in memory
	account.fault = func(_ int, c resource.Change) fault {
		if c.ID().Name == "two" {
			return refused
		}
		return none
	}
	run := executor.Executor{Account: account, OnEvent: func(e executor.Event) {
		if e.Type == executor.StepEnded {
			fmt.Println(e.Change.Action(), e.Change.ID(), e.Err)
		}
	}}
	report := run.Run(context.Background(), &planner.Plan{Steps: []planner.Step{
		{Change: resource.Change{After: thing{Name: "one"}}},
		{Change: resource.Change{After: thing{Name: "two"}}, Waits: []int{0}},
	}})
	fmt.Println(report.Outcome)
	// Output:
	// create thing/one <nil>
	// create thing/two create: refused
	// delete thing/one <nil>
	// rolled back
}
