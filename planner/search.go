package planner

import (
	"cmp"
	"container/heap"
)

// maxSearch bounds how many prefixes of an order are looked at; after that the
// best so far is brought to an end as well as can be.
const maxSearch = 20_000

// search returns the numbers of c's steps in the cheapest order, which costs
// nothing if it is safe. Cost is what the state after each step costs all
// parties, so that a breach that cannot be avoided is a short one.
//
// It is A*: the cheapest prefix goes on, of equals the longest. For each small
// party it is known what its own states ahead cost at least.
func (c *component) search() []int {
	start := &prefix{done: newSet(len(c.steps)), step: -1}
	for _, p := range c.parties {
		start.toGo = start.toGo.plus(p.ahead(p.state(start.done)))
	}
	open := prefixes{start}
	closed := map[string]bool{}
	for made := 1; ; made++ {
		x := heap.Pop(&open).(*prefix)
		if x.n == len(c.steps) {
			return x.way()
		}
		if made > maxSearch {
			return c.finish(x).way()
		}
		if x.next == 0 {
			key := x.done.key()
			if closed[key] {
				continue
			}
			closed[key] = true
		}
		// One step at a time: most often the first one that can be done is good.
		for x.next < len(c.steps) && !c.ready(x, x.next) {
			x.next++
		}
		if x.next == len(c.steps) {
			continue
		}
		y := c.after(x, x.next)
		y.made = made
		x.next++
		heap.Push(&open, x)
		heap.Push(&open, y)
	}
}

// finish goes on from x, always by the step that looks best.
func (c *component) finish(x *prefix) *prefix {
	for x.n < len(c.steps) {
		var best *prefix
		for step := range c.steps {
			if !c.ready(x, step) {
				continue
			}
			if y := c.after(x, step); best == nil || y.total().compare(best.total()) < 0 {
				best = y
			}
		}
		x = best
	}
	return x
}

// ready reports whether a step can come next.
func (c *component) ready(x *prefix, step int) bool {
	return !x.done.has(step) && c.before[step].within(x.done)
}

// after returns x and one step more.
func (c *component) after(x *prefix, step int) *prefix {
	y := &prefix{parent: x, step: step, n: x.n + 1, done: append(set{}, x.done...), now: x.now, toGo: x.toGo}
	y.done.add(step)
	for _, p := range c.of[step] {
		was, is := p.state(x.done), p.state(y.done)
		y.now = y.now.minus(p.cost(was)).plus(p.cost(is))
		y.toGo = y.toGo.minus(p.ahead(was)).plus(p.ahead(is))
	}
	y.spent = x.spent.plus(y.now)
	return y
}

// A prefix is the first steps of an order.
type prefix struct {
	parent *prefix
	step   int // the last of its steps, none at the start
	n      int
	done   set
	now    cost // of the state that it leads to
	spent  cost // of all states on the way there
	toGo   cost // the least that is still to be spent
	next   int  // the first step that was not yet tried after it
	made   int  // when
}

func (x *prefix) total() cost { return x.spent.plus(x.toGo) }

// way returns the steps, in order.
func (x *prefix) way() []int {
	way := make([]int, x.n)
	for ; x.parent != nil; x = x.parent {
		way[x.n-1] = x.step
	}
	return way
}

// prefixes is a heap, the one to go on from on top.
type prefixes []*prefix

func (h prefixes) Len() int { return len(h) }

func (h prefixes) Less(i, j int) bool {
	a, b := h[i], h[j]
	return cmp.Or(a.total().compare(b.total()), cmp.Compare(b.n, a.n), cmp.Compare(b.made, a.made)) < 0
}

func (h prefixes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *prefixes) Push(x any)   { *h = append(*h, x.(*prefix)) }
func (h *prefixes) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}
