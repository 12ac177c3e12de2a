package executor_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// BenchmarkRun carries out, and then undoes, a plan of six steps, recorded in
// memory: what a simulation does most.
func BenchmarkRun(b *testing.B) {
	steps := []planner.Step{
		{Change: resource.Change{After: thing{Name: "a", A: "1"}}},
		{Change: resource.Change{After: thing{Name: "b", A: "1", B: "2"}}, Waits: []int{0}},
		{Change: resource.Change{After: tie{"a", "b"}}, Waits: []int{0, 1}},
		{Change: resource.Change{Before: thing{Name: "c", A: "1"}, After: thing{Name: "c", A: "2"}}},
		{Change: resource.Change{Before: tie{"c", "d"}}, Waits: []int{3}},
		{Change: resource.Change{Before: thing{Name: "d"}}, Waits: []int{4}},
	}
	p := &planner.Plan{Steps: steps}
	empty := &journal.Memory{}
	record(b, empty, p).Close()
	b.ReportAllocs()
	for b.Loop() {
		a := newAccount(thing{Name: "c", A: "1"}, tie{"c", "d"}, thing{Name: "d"})
		disk := empty.Crash(nil)
		j, _ := resume(b, disk)
		e := executor.Executor{Account: a, Journal: j}
		if r := e.Run(b.Context(), p); r.Outcome != executor.Applied {
			b.Fatal(r.Cause)
		}
		j.Close()
		var h journal.History
		e.Journal, h = resume(b, disk)
		if r := e.Undo(b.Context(), p, h); r.Outcome != executor.RolledBack {
			b.Fatal(r.Left)
		}
	}
}
