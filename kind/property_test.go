package kind_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/sandbox"
)

// From any state to any other: the apply reaches the goal and then nothing is
// left to do; or, whatever call fails in whatever way, the account is as it
// was and the run says so.
func TestAnyStateToAnyOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		from, to := anySpec(r, "from"), anySpec(r, "to")
		fault := failures[rapid.SampledFrom(sortedKeys(failures)).Draw(r, "failure")].fault
		fault.Operation = "*"
		fault.Nth = rapid.IntRange(1, 60).Draw(r, "request")
		var wrong string
		synctest.Test(t, func(t *testing.T) { wrong = change(t, from, to, fault) })
		if wrong != "" {
			r.Fatalf("%s\nfrom:\n%s\nto:\n%s", wrong, from, to)
		}
	})
}

// change applies from, and then to while fault is in force. It returns what
// is wrong with the result.
func change(t *testing.T, from, to string, fault sandbox.Fault) string {
	account := guideAccount()
	mustApply(t, account, from)
	before := string(account.Dump())

	session := connect(t, account)
	p, err := tryPlan(t, session, to)
	if err != nil {
		return "" // the account or IAM forbids the way; nothing was sent
	}
	account.Inject(fault)
	report := run(session, p)
	account.ClearFaults()

	switch report.Outcome {
	case executor.Applied:
		mustBeDone(t, account, to)
	case executor.RolledBack:
		if after := string(account.Dump()); after != before {
			return fmt.Sprintf("rolled back after %v, but the account differs (-before +after):\n%s", report.Cause, cmp.Diff(before, after))
		}
	default:
		if leftFinal(p, report) {
			return "" // what cannot be undone was done, and is named
		}
		return fmt.Sprintf("ended as %q: %v; left %v", report.Outcome, report.Cause, report.Left)
	}
	return ""
}

// leftFinal reports whether a run left something different that the plan said
// could not be undone, and so perhaps what that was built on.
func leftFinal(p *planner.Plan, r *executor.Report) bool {
	return slices.ContainsFunc(p.Losses(), func(s planner.Step) bool {
		return s.Loss.Final && slices.ContainsFunc(r.Left, func(l executor.Left) bool { return l.ID == s.ID() })
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// anySpec draws a spec out of few names, so that two have much in common.
func anySpec(r *rapid.T, label string) string {
	draw := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(r, label+" "+name) }
	maybe := func(name string) bool { return rapid.Bool().Draw(r, label+" "+name) }
	var b strings.Builder
	b.WriteString(head)
	if maybe("defaults") {
		b.WriteString("defaults: {tags: {Team: ops}}\n")
	}
	section := func(name string, entries map[string]func() string) {
		var lines []string
		for _, k := range sortedKeys(entries) {
			if maybe(name + " " + k) {
				lines = append(lines, fmt.Sprintf("  %s: {%s}\n", k, entries[k]()))
			}
		}
		if lines != nil {
			b.WriteString(name + ":\n" + strings.Join(lines, ""))
		}
	}
	access := func() string {
		return draw("access", "none", "read-only", "full", "{actions: full}", "{insights: full, resource_groups: read-only}")
	}
	members := func() string { return draw("members", "[]", "[alice]", "[alice, bob]", "[bob, carol]") }
	b.WriteString("restrictions:\n  run: {documents: [" + draw("documents", "AWS-RunPatchBaseline", "name_of_restrictive_document") + "], instances: " + draw("where", "all", "[i-1234567890abcdef0]", "[{tags: {App: web}}]") + "}\n")
	section("groups", map[string]func() string{
		"a": func() string { return "access: " + access() + ", members: " + members() },
		"b": func() string {
			return "restrictions: " + draw("restrictions", "[]", "[run]") + ", members: " + members()
		},
	})
	section("users", map[string]func() string{
		"alice": func() string { return "existing: true, access: " + access() },
		"svc":   func() string { return "tags: {Kind: " + draw("kind", "a", "b") + "}, access: " + access() },
	})
	b.WriteString("roles:\n  node: {type: instance, policies: " + draw("policies", "[]", "[CloudWatchAgentServerPolicy]") + "}\n")
	if maybe("people") {
		b.WriteString("  people: {type: people, description: " + draw("description", "a", "b") + ", trust: {accounts: [\"" + draw("account", "111111111111", "222222222222") + "\"]}}\n")
	}
	section("instances", map[string]func() string{
		"x": func() string {
			return "id: i-1234567890abcdef0, role: node, restart: " + draw("restart", "none", "agent", "reboot")
		},
		"y": func() string { return "ids: [i-0598c7d356eba48d7, i-345678abcdef12345], role: node" },
		"z": func() string { return "launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro}, role: node" },
	})
	return b.String()
}
