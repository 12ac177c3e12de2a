package mutants

// waitsMutants are of which steps wait, and pause, so that an order holds
// however the steps run.
var waitsMutants = []mutant{
	{
		name: "waits not worked out", file: "planner/waits.go",
		old:  "\t\tr.rule(p)\n",
		new:  "\t\t_ = p\n",
		lost: "steps that run at once meet no state that the order does not have",
	},
	{
		name: "all waits pruned", file: "planner/waits.go",
		old:  "if slices.ContainsFunc(p.bad, func(state set) bool { return !cut(before, state) }) {",
		new:  "if before == nil {",
		lost: "only waits that are not needed are dropped",
	},
	{
		name: "down-sets forgotten", file: "planner/party.go",
		old:  "func (p *party) reachable(state set) bool { return !cut(p.before, state) }",
		new:  "func (p *party) reachable(state set) bool { return state.len() >= 0 }",
		lost: "states that cannot be met, since steps wait for others, are told from those that can",
	},
	{
		name: "waits not pruned", file: "planner/waits.go",
		old:  "\tr.prune(way)\n",
		new:  "",
		lost: "steps that may run at once do",
	},
	{
		name: "some bad states left open", file: "planner/waits.go",
		old:  "for len(open) > 0 {",
		new:  "for len(open) > 2 {",
		lost: "every state that costs something is kept from being met",
	},
	{
		name: "parts do not wait", file: "planner/waits.go",
		old:  "r.fixed[place].add(other)\n\t\t\t}\n\t\t}\n\t}\n}",
		new:  "_, _ = place, other\n\t\t\t}\n\t\t}\n\t}\n}",
		lost: "of a party with many steps a part begins when the one before is done",
	},
	{
		name: "unsafe order not kept to", file: "planner/waits.go",
		old:  "if breaches {",
		new:  "if false {",
		lost: "where no order is safe, no other breach happens than those that are told",
	},
	{
		name: "bad states of the order kept from", file: "planner/waits.go",
		old:  "p.bad = slices.DeleteFunc(p.bad, func(state set) bool { return r.inOrder(p, state) })",
		new:  "p.bad = slices.DeleteFunc(p.bad, func(state set) bool { return true })",
		lost: "states that the order does not have are kept from being met",
	},
	{
		name: "waits said twice", file: "planner/waits.go",
		old:  "(r.fixed[step].has(other) || r.added[step].has(other)) && !before.has(other) {",
		new:  "(r.fixed[step].has(other) || r.added[step].has(other)) {",
		lost: "a step names only those it waits for on its own account",
	},
	{
		name: "no step pauses", file: "planner/pause.go",
		old:  "p.Steps[step].Pause = true",
		new:  "_ = step",
		lost: "what safety hangs on is visible everywhere before the next step",
	},
	{
		name: "parts do not pause", file: "planner/pause.go",
		old:  "lists = append(lists, []int{step})",
		new:  "_ = step",
		lost: "of a party with many steps a part begins when the one before is visible everywhere",
	},
	{
		name: "states that are seen forgotten", file: "planner/pause.go",
		old:  "lists = append(lists, part.mustPause()...)",
		new:  "",
		lost: "a state that cannot be met cannot be seen either",
	},
	{
		name: "pauses left out", file: "planner/pause.go",
		old:  "if has[i] == 1 {\n\t\t\t\treturn false",
		new:  "if has[i] == 0 {\n\t\t\t\treturn false",
		lost: "only a pause that is not needed is left out",
	},
	{
		name: "pauses not needed kept", file: "planner/pause.go",
		old:  "if has[i] == 1 {\n\t\t\t\treturn false",
		new:  "if has[i] > 0 {\n\t\t\t\treturn false",
		lost: "nobody waits for a pause that is not needed",
	},
	{
		name: "one pause covers all", file: "planner/pause.go",
		old:  "if known[key] {",
		new:  "if known[key] || len(all) > 0 {",
		lost: "each state that could be seen has its pause",
	},
	{
		name: "waited-for steps do not pause", file: "planner/pause.go",
		old:  "reached.addAll(before)",
		new:  "_ = before",
		lost: "a pause is looked for among all steps that can keep a state from being seen",
	},
	{
		name: "any step may pause", file: "planner/pause.go",
		old:  "if reached.has(i) && !before.within(state) {",
		new:  "if reached.has(i) && len(before) >= 0 {",
		lost: "a pause is where it keeps a state from being seen",
	},
	{
		name: "pauses counted together", file: "planner/secure.go",
		old:  "inTurn[i] = max(inTurn[i], inTurn[w])",
		new:  "inTurn[i] += inTurn[w]",
		lost: "how long a plan takes is told as it is",
	},
}
