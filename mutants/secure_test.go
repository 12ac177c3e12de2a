package mutants

// secureMutants are of the search for an order in which nobody holds a right
// that they hold neither before nor after.
var secureMutants = []mutant{
	{
		name: "added waits dropped", file: "planner/secure.go",
		old:  "waits[step] = slices.Sorted(slices.Values(slices.Concat(waits[step], more)))",
		new:  "_, _ = step, more",
		lost: "the steps keep to the order that was found, whatever runs at once",
	},
	{
		name: "gains and losses confused", file: "planner/party.go",
		old:  "if b.Effect == Loss {",
		new:  "if b.Effect == Gain {",
		lost: "where no order is safe, first of all nobody is to have too much",
	},
	{
		name: "accepted counts as much", file: "planner/party.go",
		old:  "if p.accepted[b.Principal] {",
		new:  "if false {",
		lost: "those for whom a breach is accepted bear it rather than others",
	},
	{
		name: "accepted refused", file: "planner/secure.go",
		old:  "return accepted[b.Principal] })",
		new:  "return false })",
		lost: "what was accepted is not refused",
	},
	{
		name: "breaches not told", file: "planner/secure.go",
		old:  "found = append(found, breaches...)",
		new:  "_ = breaches",
		lost: "a plan of which no order is safe is refused",
	},
	{
		name: "breach told twice", file: "planner/secure.go",
		old:  "\tfound = slices.CompactFunc(found, func(a, b Breach) bool { return compareBreaches(a, b) == 0 })\n",
		new:  "",
		lost: "each breach is told once",
	},
	{
		name: "losses forgotten when sorted anew", file: "planner/secure.go",
		old:  "stages[i] = stageOf(s.Loss)",
		new:  "stages[i] = 0 * stageOf(s.Loss)",
		lost: "a safe order has its losses as late as it can too",
	},
	{
		name: "waits not moved with the steps", file: "planner/secure.go",
		old:  "steps[i].Waits = append(steps[i].Waits, index[w])",
		new:  "steps[i].Waits = append(steps[i].Waits, w)",
		lost: "a step waits for the steps meant, wherever they are now",
	},
	{
		name: "parties not moved with the steps", file: "planner/secure.go",
		old:  "part.steps[i] = index[old]",
		new:  "_, _ = i, old",
		lost: "the steps that pause are those whose safety hangs on it",
	},
	{
		name: "large parties not looked at", file: "planner/component.go",
		old:  "if len(p.bad) == 0 && p.small() {",
		new:  "if len(p.bad) == 0 {",
		lost: "a party with many steps is made safe too",
	},
	{
		name: "groups not joined", file: "planner/component.go",
		old:  "group[r] = root(first)",
		new:  "_ = r",
		lost: "groups of steps that wait for each other get one order",
	},
	{
		name: "cost not looked at", file: "planner/search.go",
		old:  "cmp.Or(a.total().compare(b.total()), cmp",
		new:  "cmp.Or(0*a.total().compare(b.total()), cmp",
		lost: "the cheapest order is found, which is a safe one if there is any",
	},
	{
		name: "nothing spent", file: "planner/search.go",
		old:  "y.spent = x.spent.plus(y.now)",
		new:  "y.spent = x.spent",
		lost: "what an order costs on the way counts",
	},
	{
		name: "old state not taken off", file: "planner/search.go",
		old:  "y.now = y.now.minus(p.cost(was)).plus(p.cost(is))",
		new:  "y.now = y.now.plus(p.cost(is))",
		lost: "a breach that has ended costs nothing more",
	},
	{
		name: "search gives up at once", file: "planner/search.go",
		old:  "if made > maxSearch {",
		new:  "if made > 3 {",
		lost: "a safe order is looked for until it is found, within bounds",
	},
	{
		name: "search never gives up", file: "planner/search.go",
		old:  "if made > maxSearch {",
		new:  "if made > 50*maxSearch {",
		lost: "a plan is made in time, however many its steps",
	},
	{
		name: "worst step taken", file: "planner/search.go",
		old:  "best == nil || y.total().compare(best.total()) < 0 {",
		new:  "best == nil || y.total().compare(best.total()) > 0 {",
		lost: "a search that gives up takes the least bad steps",
	},
	{
		name: "needs not kept to", file: "planner/search.go",
		old:  "return !x.done.has(step) && c.before[step].within(x.done)",
		new:  "return !x.done.has(step)",
		lost: "an order that is safe for access keeps to what the steps need",
	},
	{
		name: "ancestors lose one", file: "planner/party.go",
		old:  "if w < first {",
		new:  "if w <= first {",
		lost: "a step is known to come after the first of those it waits for",
	},
	{
		name: "ancestors of ancestors forgotten", file: "planner/party.go",
		old:  "s.addAll(of(w))",
		new:  "_ = of",
		lost: "a step is known to come after what those before it waited for",
	},
	{
		name: "no look ahead", file: "planner/party.go",
		old:  "all[word], first = c, false",
		new:  "first = c == cost{} && first",
		lost: "the search goes first where it will cost least",
	},
	{
		name: "seen prefixes looked at again", file: "planner/search.go",
		old:  "if closed[key] {",
		new:  "if false {",
		lost: "the search looks at a state once, and so comes to its end within bounds",
	},
}
