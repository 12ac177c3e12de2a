package check

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// Least returns the least identity policies that allow the calls, whoever makes
// them: no statement can be left out, and none allows what is not among the
// calls but for the keys of a request that bind leaves free. The order of the
// calls makes no difference.
//
// Each document fits a managed policy, and has a Sid on every statement that
// tells what it is for. There may be more of them than IAM attaches to one
// principal, which is for the caller to see. A call that AWS allows anyway, such
// as sts:GetCallerIdentity, needs no policy.
func Least(calls []policy.Request) []policy.Document {
	var all []policy.Statement
	for _, s := range merged(necessary(calls)) {
		all = append(all, fitting(s)...)
	}
	slices.SortStableFunc(all, compareStatements)
	return packed(all)
}

// A need is what some calls take that are bound alike: a statement of one
// action, one resource, and the conditions.
type need struct {
	calls     []policy.Request // each once
	action    string
	on        string
	condition policy.Condition
}

func (n need) statement() policy.Statement {
	return policy.Statement{Effect: "Allow", Action: []string{n.action}, Resource: []string{n.on}, Condition: n.condition}
}

// anybody stands for whoever makes a call: a role, in the account of what the
// call acts on.
const anybody = "arn:aws:iam::000000000000:role/anybody"

// allows reports whether the need's statement allows all calls of another.
func (n need) allows(other need) bool {
	only := policy.Policies{Identity: []policy.Document{policy.New(n.statement())}}
	return !slices.ContainsFunc(other.calls, func(q policy.Request) bool { return only.Decide(q).Verdict != policy.Allowed })
}

// necessary returns what the calls take, each once, without what is allowed by
// what another one takes.
func necessary(calls []policy.Request) []need {
	seen := map[string]bool{}
	byKey := map[string]*need{}
	for _, q := range calls {
		q.Principal, q.Account = anybody, ""
		if text := content(q); seen[text] || (policy.Policies{}).Decide(q).Verdict == policy.Allowed {
			continue
		} else {
			seen[text] = true
		}
		bound := bind(q)
		key := q.Action + "\x00" + q.Resource + "\x00" + keyOf(bound)
		if byKey[key] == nil {
			byKey[key] = &need{action: q.Action, on: q.Resource, condition: bound}
		}
		byKey[key].calls = append(byKey[key].calls, q)
	}
	byAction := map[string][]need{}
	for _, n := range byKey {
		byAction[n.action] = append(byAction[n.action], *n)
	}
	var all []need
	for _, action := range slices.Sorted(maps.Keys(byAction)) {
		all = append(all, uncovered(byAction[action])...)
	}
	return all
}

// uncovered returns the needs of one action that no other of them covers,
// sorted. One can only cover another on the same resource, or by a wildcard.
func uncovered(needs []need) []need {
	slices.SortFunc(needs, func(a, b need) int {
		return cmp.Or(cmp.Compare(a.on, b.on), cmp.Compare(keyOf(a.condition), keyOf(b.condition)))
	})
	wide := map[string][]int{}
	var wildcards []int
	for i, n := range needs {
		if strings.ContainsAny(n.on, "*?") {
			wildcards = append(wildcards, i)
			continue
		}
		wide[n.on] = append(wide[n.on], i)
	}
	dropped := make([]bool, len(needs))
	for i, n := range needs {
		for _, by := range slices.Concat(wide[n.on], wildcards) {
			if by != i && !dropped[by] && needs[by].allows(n) {
				dropped[i] = true
				break
			}
		}
	}
	var all []need
	for i, n := range needs {
		if !dropped[i] {
			all = append(all, n)
		}
	}
	return all
}

// merged returns the needs as statements that allow just the same. Calls that
// differ in one value of one condition become one that lists the values; then
// actions that go together on a resource, and resources on which the same
// actions do, share a statement.
func merged(needs []need) []policy.Statement {
	type place struct{ action, on, key string }
	values := map[place][]string{} // of a condition that is one list
	type rectangle struct{ on, condition string }
	conditions := map[string]policy.Condition{}
	actions := map[rectangle][]string{}
	add := func(action, on string, c policy.Condition) {
		key := keyOf(c)
		conditions[key] = c
		actions[rectangle{on, key}] = append(actions[rectangle{on, key}], action)
	}
	for _, n := range needs {
		if operator, key, one, ok := listed(n.condition); ok {
			at := place{n.action, n.on, operator + "\x00" + key}
			values[at] = append(values[at], one...)
			continue
		}
		add(n.action, n.on, n.condition)
	}
	for at, list := range values {
		operator, key, _ := strings.Cut(at.key, "\x00")
		add(at.action, at.on, policy.Condition{operator: {key: slices.Compact(slices.Sorted(slices.Values(list)))}})
	}
	type column struct{ actions, condition string }
	resources := map[column][]string{}
	for at, list := range actions {
		slices.Sort(list)
		c := column{strings.Join(list, " "), at.condition}
		resources[c] = append(resources[c], at.on)
	}
	var all []policy.Statement
	for c, on := range resources {
		slices.Sort(on)
		all = append(all, policy.Statement{Effect: "Allow", Action: strings.Fields(c.actions), Resource: on, Condition: conditions[c.condition]})
	}
	return all
}

// keyOf is the same for two conditions that are the same.
func keyOf(c policy.Condition) string {
	text, err := json.Marshal(c) // which sorts the keys
	if err != nil {
		panic(err) // plain data always encodes
	}
	return string(text)
}
