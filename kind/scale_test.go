package kind_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/sandbox"
)

// large is a spec of so many hundreds of groups, roles, policies and
// instances, and ten times as many users.
func large(hundreds int) string {
	var b strings.Builder
	b.WriteString(head + "defaults: {tags: {Team: ops}}\nusers:\n")
	n := hundreds * 100
	for u := range n * 10 {
		fmt.Fprintf(&b, "  u%05d: {}\n", u)
	}
	b.WriteString("groups:\n")
	for g := range n {
		fmt.Fprintf(&b, "  g%04d: {access: read-only, restrictions: [r%04d], members: [", g, g)
		for u := range 10 {
			fmt.Fprintf(&b, "u%05d, ", g*10+u)
		}
		b.WriteString("]}\n")
	}
	b.WriteString("roles:\n")
	for r := range n {
		fmt.Fprintf(&b, "  n%04d: {type: instance}\n", r)
	}
	b.WriteString("instances:\n")
	for i := range n {
		fmt.Fprintf(&b, "  i%04d: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro}, role: n%04d}\n", i, i)
	}
	b.WriteString("restrictions:\n")
	for r := range n {
		fmt.Fprintf(&b, "  r%04d: {documents: [AWS-RunPatchBaseline], instances: [i%04d]}\n", r, r)
	}
	return b.String()
}

// Reads are bulk: a plan of 1,000 users, 100 groups, 100 roles, 100 policies
// and 100 instances that changes nothing makes at most 15 requests, and none
// that writes.
func TestPlanRequests(t *testing.T) {
	t.Parallel()
	account, text := sandbox.New(sandbox.Options{}), large(1)
	mustApply(t, account, text)
	account.ResetRequests()
	if p := makePlan(t, connect(t, account), text); len(p.Steps) != 0 {
		t.Fatalf("the plan has %d steps, want none", len(p.Steps))
	}
	made := map[string]int{}
	for _, r := range account.Requests() {
		made[r.Service+":"+r.Operation]++
		if r.Write {
			t.Errorf("a plan made the writing request %s:%s", r.Service, r.Operation)
		}
	}
	if n := len(account.Requests()); n == 0 || n > 15 {
		t.Errorf("the plan made %d requests, want 1 to 15: %v", n, made)
	}
	t.Logf("%d requests: %v", len(account.Requests()), made)
}

// An apply keeps as many calls in flight as it may: with 50 ms a call and ten
// at once it takes at most 1.3 times what the longest chain of dependent calls
// takes, or all calls one tenth each, whichever is longer. The clock is not
// the real one.
func TestApplyKeepsBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const latency, parallel = 50 * time.Millisecond, 10
		account := sandbox.New(sandbox.Options{})
		session := connect(t, account)
		p := makePlan(t, session, large(1))
		account.SetLatency(latency)
		account.ResetRequests()

		took := make([]time.Duration, len(p.Steps))
		runner := executor.Executor{Account: session, Parallel: parallel, OnEvent: func(e executor.Event) {
			if e.Type == executor.StepEnded {
				took[e.Step] = e.Elapsed
			}
		}}
		start := time.Now()
		report := runner.Run(t.Context(), p)
		elapsed := time.Since(start)
		if report.Outcome != executor.Applied {
			t.Fatalf("%s: %v", report.Outcome, report.Cause)
		}

		chain := make([]time.Duration, len(p.Steps)) // until the step's end, if nothing had to queue
		longest := time.Duration(0)
		for i, s := range p.Steps {
			for _, j := range s.Waits {
				chain[i] = max(chain[i], chain[j])
			}
			chain[i] += took[i]
			longest = max(longest, chain[i])
		}
		shared := time.Duration(len(account.Requests())) * latency / parallel
		bound := max(longest, shared)
		t.Logf("%d steps, %d requests: took %v; longest chain %v, all calls shared %v: ratio %.2f",
			len(p.Steps), len(account.Requests()), elapsed, longest, shared, float64(elapsed)/float64(bound))
		if float64(elapsed) > 1.3*float64(bound) {
			t.Errorf("took %v, more than 1.3 times %v", elapsed, bound)
		}
	})
}
