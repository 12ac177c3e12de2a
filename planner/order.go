package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// order puts the changes into an order that is safe at every prefix. The
// Refused is not nil when there is none.
func (d *diff) order() ([]Step, Refused) {
	nodes := d.nodes()
	waitForNeeds(nodes)
	waitForSpans(nodes)

	waits, stages := make([][]int, len(nodes)), make([]int, len(nodes))
	for i := range nodes {
		nodes[i].sortWaits()
		waits[i], stages[i] = nodes[i].waits, stageOf(nodes[i].Loss)
	}
	order, stuck := linear(waits, stages)
	if len(stuck) > 0 {
		return nil, cycle(nodes, stuck)
	}
	steps := make([]Step, len(nodes))
	index := make([]int, len(nodes)) // of the step that a node became
	for i, n := range order {
		index[n] = i
		steps[i] = nodes[n].Step
		for _, w := range waits[n] {
			steps[i].Waits = append(steps[i].Waits, index[w])
		}
		slices.Sort(steps[i].Waits)
	}
	return steps, nil
}

// A node is a step before it has found its place.
type node struct {
	Step
	place place
	waits []int // indexes of nodes
}

// A place says where in a plan a step has to be.
type place int

const (
	first  place = iota // before all others: a span widens
	middle              // wherever its needs put it
	last                // after all others: a span narrows
)

// nodes returns the steps that the changes take, those that lose nothing
// first, otherwise in ID order.
func (d *diff) nodes() []node {
	nodes := make([]node, 0, len(d.changes)+1)
	add := func(c resource.Change, at place) {
		n := node{Step: Step{Change: c, Source: d.source(c.ID())}, place: at}
		if d.in.Loss != nil {
			n.Loss = d.in.Loss(c)
		}
		nodes = append(nodes, n)
	}
	for _, c := range d.changes {
		span, ok := c.After.(resource.Span)
		switch {
		case c.After == nil && isSpan(c.Before):
			add(c, last)
		case !ok:
			add(c, middle)
		case c.Before == nil:
			add(c, first)
		default:
			union := span.Union(c.Before)
			widens, narrows := !resource.Equal(union, c.Before), !resource.Equal(union, c.After)
			if widens {
				add(resource.Change{Before: c.Before, After: union}, first)
				c.Before = union
			}
			if narrows {
				add(c, last)
			}
		}
	}
	slices.SortFunc(nodes, func(a, b node) int {
		return cmp.Or(
			cmp.Compare(stageOf(a.Loss), stageOf(b.Loss)),
			a.ID().Compare(b.ID()),
			cmp.Compare(a.place, b.place),
		)
	})
	return nodes
}

// waitForNeeds makes creations and updates wait for what they need, deletions
// for what needed them, and events for what they follow.
func waitForNeeds(nodes []node) {
	at := make(map[resource.ID]int, len(nodes)) // not of spans: everything waits for them anyway
	for i, n := range nodes {
		if n.place == middle {
			at[n.ID()] = i
		}
	}
	for i := range nodes {
		n := &nodes[i]
		if n.After != nil {
			for _, need := range requires(n.After) {
				if j, ok := at[need]; ok && nodes[j].After != nil {
					n.waits = append(n.waits, j)
				}
			}
			if e, ok := n.After.(resource.Event); ok {
				for _, followed := range e.Follows() {
					if j, ok := at[followed]; ok {
						n.waits = append(n.waits, j)
					}
				}
			}
		}
		if n.Before != nil {
			for _, need := range requires(n.Before) {
				if j, ok := at[need]; ok && nodes[j].After == nil {
					nodes[j].waits = append(nodes[j].waits, i)
				}
			}
		}
	}
}

// waitForSpans makes everything wait for the spans that widen, and those that
// narrow wait for everything. Waiting is passed on, so it is enough that the
// steps which wait for nothing else do, or that are waited for by nobody.
func waitForSpans(nodes []node) {
	var firsts, lasts, ends []int
	awaited := make([]bool, len(nodes))
	for i, n := range nodes {
		for _, w := range n.waits {
			awaited[w] = true
		}
		switch n.place {
		case first:
			firsts = append(firsts, i)
		case last:
			lasts = append(lasts, i)
		}
	}
	for i := range nodes {
		n := &nodes[i]
		if n.place == middle && len(n.waits) == 0 {
			n.waits = append(n.waits, firsts...)
			for _, f := range firsts {
				awaited[f] = true
			}
		}
	}
	for i, n := range nodes {
		if n.place != last && !awaited[i] {
			ends = append(ends, i)
		}
	}
	for _, l := range lasts {
		nodes[l].waits = append(nodes[l].waits, ends...)
	}
}

func (n *node) sortWaits() {
	slices.Sort(n.waits)
	n.waits = slices.Compact(n.waits)
}

// cycle names a circle among the nodes that are stuck.
func cycle(nodes []node, stuck []int) Refused {
	at := stuck[0]
	seen := map[int]int{} // node to its index in path
	var path []int
	for {
		if start, ok := seen[at]; ok {
			path = path[start:]
			break
		}
		seen[at] = len(path)
		path = append(path, at)
		// Whatever is stuck waits for something that is.
		next := slices.IndexFunc(nodes[at].waits, func(w int) bool { return slices.Contains(stuck, w) })
		at = nodes[at].waits[next]
	}
	var names []string
	var source *resource.Position
	for _, i := range path {
		names = append(names, nodes[i].ID().String())
		if source == nil {
			source = nodes[i].Source
		}
	}
	names = append(names, names[0])
	return Refused{{
		ID: nodes[path[0]].ID(), Position: source, Code: CodeCycle,
		Text: fmt.Sprintf("there is no order to do this in: %s", strings.Join(names, " has to wait for ")),
		Help: "take one of these needs out of the spec",
	}}
}
