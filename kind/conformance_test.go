package kind_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/sandbox"
)

// Every kind walks through its own example: each state is reached, and then
// there is nothing left to do; and each is undone when any call on the way is
// made to fail. The last state is that of an empty spec. Time is not real, so
// waiting costs nothing.
//
// Faults 1, 3, 4, 5, 6, 9, 14: each of them at every call of every kind.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, example := range kind.Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(example) == 0 {
				t.Fatalf("kind %s has no example, so nothing shows that it works", name)
			}
			synctest.Test(t, func(t *testing.T) { walk(t, name, example) })
		})
	}
}

// mentionedOnly are kinds that no plan changes.
var mentionedOnly = []string{"break_glass", "document"}

func walk(t *testing.T, name string, example []string) {
	account := guideAccount()
	changed := false
	for n, sections := range append(slices.Clone(example), "groups: {}") {
		text := head + sections + "\n"
		changed = changed || kindsOf(makePlan(t, connect(t, account), text))[name]
		failEverywhere(t, account, fmt.Sprintf("state %d", n), text)
		mustApply(t, account, text)
	}
	if !changed && !slices.Contains(mentionedOnly, name) {
		t.Errorf("no state of the example of kind %s changes one", name)
	}
}

// failures are what may become of a writing call.
var failures = map[string]struct {
	fault    sandbox.Fault
	outcomes []executor.Outcome // that the run may have
}{
	"refused":            {sandbox.Fault{Effect: sandbox.ErrorBefore, Code: "AccessDenied", Status: 403}, []executor.Outcome{executor.RolledBack}},
	"dropped after":      {sandbox.Fault{Effect: sandbox.DropAfter}, []executor.Outcome{executor.Applied}},
	"dropped before":     {sandbox.Fault{Effect: sandbox.DropBefore}, []executor.Outcome{executor.Applied}},
	"truncated":          {sandbox.Fault{Effect: sandbox.Truncate}, []executor.Outcome{executor.Applied}},
	"failed after":       {sandbox.Fault{Effect: sandbox.ServerError}, []executor.Outcome{executor.Applied}},
	"throttled":          {sandbox.Fault{Effect: sandbox.Throttle}, []executor.Outcome{executor.Applied}},
	"modified meanwhile": {sandbox.Fault{Effect: sandbox.ErrorBefore, Code: "ConcurrentModification", Status: 409}, []executor.Outcome{executor.Applied}},
}

// pastReturn reports whether a run failed when something had been done that
// cannot be undone, so that it is to be finished.
func pastReturn(p *planner.Plan, r *executor.Report) bool {
	return r.Outcome == executor.Partial && r.Stopped != nil && slices.ContainsFunc(p.Losses(), func(s planner.Step) bool { return s.Loss.Final })
}

// failEverywhere applies text to copies of the account, with each failure at
// each call in turn. The copy must end just as the account was, or as
// text wants it, and the run must say which.
func failEverywhere(t *testing.T, account *sandbox.Server, what, text string) {
	t.Helper()
	before := string(account.Dump())
	goal := copyOf(t, account)
	session := connect(t, goal)
	p := makePlan(t, session, text)
	goal.ResetRequests()
	if r := run(session, p); r.Outcome != executor.Applied {
		t.Fatalf("%s: %s: %v; left %v\n%s", what, r.Outcome, r.Cause, r.Left, text)
	}
	after := string(goal.Dump())

	// Steps run in no fixed order, so calls are told apart by operation and
	// count. Of the reads, which may be many, the first and the last will do.
	calls, writes := map[string]int{}, map[string]bool{}
	for _, r := range goal.Requests() {
		op := r.Service + ":" + r.Operation
		calls[op]++
		writes[op] = r.Write
	}
	for op, n := range calls {
		for nth := 1; nth <= n; nth++ {
			if !writes[op] && nth != 1 && nth != n {
				continue
			}
			for how, f := range failures {
				allowed := f.outcomes
				if !writes[op] {
					allowed = []executor.Outcome{executor.Applied, executor.RolledBack, executor.NotStarted}
				}
				broken := copyOf(t, account)
				fault := f.fault
				fault.Operation, fault.Nth = op, nth
				session := connect(t, broken)
				p := makePlan(t, session, text)
				broken.Inject(fault)
				r := run(session, p)
				broken.ClearFaults()
				at := fmt.Sprintf("%s, %s %d %s", what, op, nth, how)
				if pastReturn(p, r) {
					mustApply(t, broken, text)
					if got := string(broken.Dump()); got != after {
						t.Errorf("%s: finished, the account differs (-want +got):\n%s", at, cmp.Diff(after, got))
					}
					continue
				}
				want := map[executor.Outcome]string{executor.Applied: after, executor.RolledBack: before, executor.NotStarted: before}[r.Outcome]
				if !slices.Contains(allowed, r.Outcome) {
					t.Errorf("%s: ended as %q: %v; left %v\n%s", at, r.Outcome, r.Cause, r.Left, text)
				} else if got := string(broken.Dump()); got != want {
					t.Errorf("%s: said %q, but the account differs (-want +got):\n%s", at, r.Outcome, cmp.Diff(want, got))
				}
			}
		}
	}
}
