package simulation

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// head begins every spec.
const head = "ssmctl: v1\nname: test\naccount: \"123456789012\"\nregion: us-east-1\n"

// drawSpecs draws two specs that have most in common.
func drawSpecs(r *rand.Rand) (from, to string) {
	seed := r.Uint64()
	draw := func(other bool) string {
		same, fresh := rand.New(rand.NewPCG(seed, 0)), r
		return drawSpec(func(n int) int {
			choice := same.IntN(n)
			if other && fresh.IntN(4) == 0 {
				choice = fresh.IntN(n)
			}
			return choice
		})
	}
	return draw(false), draw(true)
}

// drawSpec draws a spec by choices among so many.
func drawSpec(choose func(n int) int) string {
	one := func(values ...string) string { return values[choose(len(values))] }
	var b strings.Builder
	b.WriteString(head)
	if choose(2) == 0 {
		b.WriteString("defaults: {tags: {Team: ops}}\n")
	}
	section := func(name string, entries map[string]func() string) {
		var lines []string
		for _, k := range slices.Sorted(maps.Keys(entries)) {
			if choose(2) == 0 {
				lines = append(lines, fmt.Sprintf("  %s: {%s}\n", k, entries[k]()))
			}
		}
		if lines != nil {
			b.WriteString(name + ":\n" + strings.Join(lines, ""))
		}
	}
	access := func() string {
		return one("none", "read-only", "full", "{actions: full}", "{insights: full, resource_groups: read-only}")
	}
	members := func() string { return one("[]", "[alice]", "[alice, bob]", "[bob, carol]") }
	b.WriteString("restrictions:\n  run: {documents: [" + one("AWS-RunPatchBaseline", "name_of_restrictive_document") +
		"], instances: " + one("all", "[i-1234567890abcdef0]", "[{tags: {App: web}}]") + "}\n")
	section("groups", map[string]func() string{
		"a": func() string { return "access: " + access() + ", members: " + members() },
		"b": func() string { return "restrictions: " + one("[]", "[run]") + ", members: " + members() },
	})
	section("users", map[string]func() string{
		"alice": func() string { return "existing: true, access: " + access() },
		"svc":   func() string { return "tags: {Kind: " + one("a", "b") + "}, access: " + access() },
	})
	b.WriteString("roles:\n  node: {type: instance, policies: " + one("[]", "[CloudWatchAgentServerPolicy]") + "}\n")
	if choose(2) == 0 {
		b.WriteString("  people: {type: people, description: " + one("a", "b") + ", trust: {accounts: [\"" + one("111111111111", "222222222222") + "\"]}}\n")
	}
	section("instances", map[string]func() string{
		"x": func() string {
			return "id: i-1234567890abcdef0, role: node, restart: " + one("none", "agent", "reboot")
		},
		"y": func() string { return "ids: [i-0598c7d356eba48d7, i-345678abcdef12345], role: node" },
	})
	if choose(8) == 0 && !strings.Contains(b.String(), "instances:\n  ") {
		b.WriteString("instances:\n  z: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro}, role: node}\n")
	}
	return b.String()
}
