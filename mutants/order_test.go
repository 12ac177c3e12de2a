package mutants

// orderMutants are of the order that a plan is made in, and of how it is
// restored from a journal.
var orderMutants = []mutant{
	{
		name: "creation before its needs", file: "planner/order.go",
		old:  "if j, ok := at[need]; ok && nodes[j].After != nil {\n\t\t\t\t\tn.waits = append(n.waits, j)",
		new:  "if j, ok := at[need]; ok && nodes[j].After != nil {\n\t\t\t\t\t_ = j",
		lost: "what is made comes after what it needs",
	},
	{
		name: "deletion before its users", file: "planner/order.go",
		old:  "nodes[j].waits = append(nodes[j].waits, i)",
		new:  "_ = j",
		lost: "what is deleted goes after what needed it",
	},
	{
		name: "event before what it follows", file: "planner/order.go",
		old:  "for _, followed := range e.Follows() {",
		new:  "for _, followed := range e.Follows()[:0] {",
		lost: "an event comes after what it follows",
	},
	{
		name: "span does not come first", file: "planner/order.go",
		old:  "n.waits = append(n.waits, firsts...)",
		new:  "_ = n",
		lost: "a span widens before all else",
	},
	{
		name: "span does not come last", file: "planner/order.go",
		old:  "nodes[l].waits = append(nodes[l].waits, ends...)",
		new:  "_ = l",
		lost: "a span narrows after all else",
	},
	{
		name: "span changes at once", file: "planner/order.go",
		old:  "widens, narrows := !resource.Equal(union, c.Before), !resource.Equal(union, c.After)",
		new:  "widens, narrows := false, !resource.Equal(union, c.After) || true",
		lost: "a span covers all that the steps do meanwhile",
	},
	{
		name: "deleted span goes first", file: "planner/order.go",
		old:  "case c.After == nil && isSpan(c.Before):\n\t\t\tadd(c, last)",
		new:  "case c.After == nil && isSpan(c.Before):\n\t\t\tadd(c, first)",
		lost: "a span that is no longer wanted goes after all else",
	},
	{
		name: "losses not late", file: "planner/linear.go",
		old:  "cmp.Or(cmp.Compare(h.stages[a], h.stages[b]), cmp.Compare(a, b)) < 0",
		new:  "cmp.Or(0*cmp.Compare(h.stages[a], h.stages[b]), cmp.Compare(a, b)) < 0",
		lost: "what loses something comes as late as it can",
	},
	{
		name: "stage not passed on", file: "planner/plan.go",
		old:  "stages[i] = max(stages[i], stages[w])",
		new:  "_ = w",
		lost: "what waits for a step of a later stage is of that stage too",
	},
	{
		name: "final is any loss", file: "planner/plan.go",
		old:  "case l.Final:\n\t\treturn 2",
		new:  "case l.Final:\n\t\treturn 1",
		lost: "what cannot be undone at all goes after what can, with a loss",
	},
	{
		name: "pause not restored", file: "planner/stored.go",
		old:  "Waits: stored.Waits, Pause: stored.Pause, Source: stored.Source,\n\t\tLoss",
		new:  "Waits: stored.Waits, Source: stored.Source,\n\t\tLoss",
		lost: "a run that is recovered pauses as it would have",
	},
	{
		name: "final not restored", file: "planner/stored.go",
		old:  "What: stored.Loses, Final: stored.Final}",
		new:  "What: stored.Loses}",
		lost: "a run that is recovered knows what cannot be undone",
	},
	{
		name: "any wait restored", file: "planner/stored.go",
		old:  "if w < 0 || w >= index || n > 0 && w <= stored.Waits[n-1] {",
		new:  "if w < 0 || n > 0 && w <= stored.Waits[n-1] {",
		lost: "no step of a restored plan waits for a later one",
	},
	{
		name: "another object restored", file: "planner/stored.go",
		old:  "if err == nil && o.ID() != stored.ID {",
		new:  "if err == nil && o == nil {",
		lost: "a restored step is of the object that was approved",
	},
	{
		name: "another step restored", file: "planner/stored.go",
		old:  "if id := f.Steps[i].Resource; id != stored.ID {",
		new:  "if id := f.Steps[i].Resource; id != stored.ID && false {",
		lost: "the restored steps are those that were shown",
	},
	{
		name: "changed order not stale", file: "planner/stale.go",
		old:  "case !slices.Equal(a[i].After, n[i].After), a[i].Pause != n[i].Pause:",
		new:  "case false:",
		lost: "an approval is of an order too",
	},
	{
		name: "what moved not stale", file: "planner/stale.go",
		old:  "m.values(\"\", parse(a.Change.Before), parse(n.Change.Before))",
		new:  "_ = a",
		lost: "an approval is of what was there",
	},
	{
		name: "unapproved change not stale", file: "planner/stale.go",
		old:  "\t\t\tm.added(n)\n",
		new:  "\t\t\t_ = n\n",
		lost: "nothing is done that nobody approved",
	},
}
