package planner

import (
	"maps"
	"slices"
)

// A component is some parties whose steps need an order, and all of those
// steps. No step of one component is another's, and whatever order each takes,
// they go together.
type component struct {
	steps   []int // the plan's, ascending; elsewhere in here they go by their numbers in this list
	parties []*party
	before  []set // by step: those that it waits for, through others of the plan too
	of      [][]*party
}

// components returns what has to be put in order: the parties that may reach a
// state that costs something, and those of which not all states can be looked
// at. Whatever the others' steps wait for, the states they may reach only
// become fewer.
func components(parties []*party, waits [][]int) []*component {
	group := make([]int, len(waits)) // by step: a step of the same group, the group's root leads to itself
	for i := range group {
		group[i] = i
	}
	root := func(step int) int {
		for group[step] != step {
			group[step] = group[group[step]]
			step = group[step]
		}
		return step
	}
	var hurt []*party
	for _, p := range parties {
		if len(p.bad) == 0 && p.small() {
			continue
		}
		hurt = append(hurt, p)
		for _, step := range p.steps {
			group[root(step)] = root(p.steps[0])
		}
	}
	// Groups that wait for each other are put in order together.
	between := make([][]int, len(waits))
	for step, ws := range waits {
		for _, w := range ws {
			if root(w) != root(step) {
				between[root(step)] = append(between[root(step)], root(w))
			}
		}
	}
	if _, stuck := linear(between, make([]int, len(waits))); len(stuck) > 0 {
		first := -1
		for _, p := range hurt {
			if r := root(p.steps[0]); slices.Contains(stuck, r) {
				if first < 0 {
					first = r
				}
				group[r] = root(first)
			}
		}
	}

	byRoot := map[int]*component{}
	for _, p := range hurt {
		r := root(p.steps[0])
		if byRoot[r] == nil {
			byRoot[r] = &component{}
		}
		byRoot[r].parties = append(byRoot[r].parties, p)
	}
	var all []*component
	for _, r := range slices.Sorted(maps.Keys(byRoot)) {
		c := byRoot[r]
		c.link(waits)
		all = append(all, c)
	}
	return all
}

// link finds c's steps, and how they and its parties hang together.
func (c *component) link(waits [][]int) {
	number := map[int]int{}
	for _, p := range c.parties {
		for _, step := range p.steps {
			number[step] = 0
		}
	}
	c.steps = slices.Sorted(maps.Keys(number))
	for i, step := range c.steps {
		number[step] = i
	}
	c.before = ancestors(waits, c.steps)
	c.of = make([][]*party, len(c.steps))
	for _, p := range c.parties {
		p.places = make([]int, len(p.steps))
		for i, step := range p.steps {
			p.places[i] = number[step]
			c.of[number[step]] = append(c.of[number[step]], p)
		}
		if p.small() {
			p.lookAhead()
		}
	}
}

// breaches returns what is wrong on the way, each breach once, with the steps
// that bring it about and put an end to it.
func (c *component) breaches(steps []Step, way []int) []Breach {
	var found []Breach
	at := map[string]int{}
	done := newSet(len(c.steps))
	for i, step := range way {
		done.add(step)
		for _, p := range c.of[step] {
			state := p.state(done)
			if p.cost(state) == (cost{}) {
				continue
			}
			from := steps[c.steps[step]]
			// A party is well when its last step is done, so there is a next one.
			next := slices.IndexFunc(way[i+1:], func(step int) bool { return slices.Contains(p.places, step) })
			until := steps[c.steps[way[i+1+next]]]
			for _, b := range p.judge(state) {
				n, known := at[b.String()]
				if !known {
					n = len(found)
					at[b.String()] = n
					b.From, b.Source = from.ID(), from.Source
					found = append(found, b)
				}
				found[n].Until = until.ID()
				if found[n].Source == nil {
					found[n].Source = until.Source
				}
			}
		}
	}
	return found
}
