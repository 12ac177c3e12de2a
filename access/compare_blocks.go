package access

import (
	"slices"
	"strings"
)

// A block is things of a universe that both snapshots treat alike in every
// world.
type block struct {
	things bits
	masks  [2]uint64 // the worlds in which they are allowed, of each snapshot
}

// A tuple is a block for each leg: calls that are alike.
type tuple struct {
	blocks []block
	mask   uint64 // the worlds of the effect
}

// formRows returns the rows of one form of a group.
func (c *comparison) formRows(r *result, g *group, o *outcome) []row {
	var free []int // legs that are no gates
	open := [2]uint64{g.view.everywhere(), g.view.everywhere()}
	for j, l := range o.form {
		if !l.gate {
			free = append(free, j)
			continue
		}
		for side := range open {
			for w := range g.view.worlds {
				if o.sets[side] == nil || o.sets[side][j][w].empty() {
					open[side] &^= 1 << w
				}
			}
		}
	}
	for side := range open {
		if o.sets[side] == nil {
			open[side] = 0
		}
	}
	if open[0]|open[1] == 0 {
		return nil
	}
	blocks := make([][]block, len(o.form))
	for _, j := range free {
		blocks[j] = c.blocks(r, g, o, j)
	}
	found := map[string]*cluster{}
	var order []*cluster
	chosen := make([]block, len(o.form))
	var walk func(k int, masks [2]uint64)
	walk = func(k int, masks [2]uint64) {
		if masks[0] == masks[1] && k == len(free) || masks[0]|masks[1] == 0 {
			return
		}
		if k < len(free) {
			for _, b := range blocks[free[k]] {
				chosen[free[k]] = b
				walk(k+1, [2]uint64{masks[0] & b.masks[0], masks[1] & b.masks[1]})
			}
			return
		}
		for side, effect := range []string{Loss, Gain} {
			mask := masks[side] &^ masks[1-side]
			if mask == 0 {
				continue
			}
			t := tuple{blocks: slices.Clone(chosen), mask: mask}
			w := c.why(r, g, o, free, t, side)
			when := g.view.when(mask)
			if masks[1-side] != 0 { // as it was or will be under other circumstances
				when = strings.Replace(when, "only ", [2]string{"", "also "}[side], 1)
			}
			key := effect + "\x00" + when + "\x00" + w.key()
			k := found[key]
			if k == nil {
				k = &cluster{effect: effect, when: when, reason: w, side: side}
				found[key] = k
				order = append(order, k)
			}
			k.tuples = append(k.tuples, t)
			k.reason.via = unique(append(k.reason.via, w.via...))
		}
	}
	walk(0, open)
	var rows []row
	for _, k := range order {
		for _, things := range boxes(k.tuples, free, len(o.form)) {
			if strings.EqualFold(c.actions[g.action], "ssm:StartSession") && !beyondDefault(o, things) {
				continue
			}
			rows = append(rows, c.row(g, o, k, things))
		}
	}
	return rows
}

// A cluster is tuples that are gained or lost for one reason.
type cluster struct {
	effect, when string
	side         int // the snapshot that allows the calls
	reason       reason
	tuples       []tuple
}

// blocks takes the things that either snapshot allows in a leg apart: by what
// the snapshots allow in each world, and by which changed policies speak of
// them, so that all of a block changes for one reason.
func (c *comparison) blocks(r *result, g *group, o *outcome, j int) []block {
	u := o.universes[j]
	size := u.size()
	all := newBits(size)
	var cuts []bits
	cut := func(b bits) {
		if !slices.ContainsFunc(cuts, func(have bits) bool { return slices.Equal(have, b) }) {
			cuts = append(cuts, b)
		}
	}
	for side := range o.sets {
		if o.sets[side] == nil {
			continue
		}
		for _, b := range o.sets[side][j] {
			all.or(b)
			cut(b)
		}
	}
	for side, p := range r.sides {
		if p == nil {
			continue
		}
		for _, e := range p.entries {
			if !e.covers.has(g.action) || r.sides[1-side] != nil && slices.Contains(r.sides[1-side].books[e.layer], e.book) {
				continue
			}
			b := newBits(size)
			for _, w := range g.view.worlds {
				lookup := p.in(w, c.actions[g.action])
				b.or(u.inventory[side].about(e.statement, c.services[g.action], lookup, w.bound != exact))
				b[u.start()/64:].or(u.samples.about(e.statement, c.services[g.action], lookup, w.bound != exact))
			}
			cut(b)
		}
	}
	if kind := o.form[j].kind; kind == nodeLeg || kind == documentLeg {
		b := newBits(size)
		b.or(c.moved[kind])
		cut(b)
	}
	parts := []bits{all}
	for _, by := range cuts {
		var next []bits
		for _, part := range parts {
			for _, half := range []bits{and(part, by), minus(part, by)} {
				if !half.empty() {
					next = append(next, half)
				}
			}
		}
		parts = next
	}
	blocks := make([]block, len(parts))
	for i, part := range parts {
		blocks[i].things = part
		one := part.first()
		for side := range o.sets {
			if o.sets[side] == nil {
				continue
			}
			for w, b := range o.sets[side][j] {
				if b.has(one) {
					blocks[i].masks[side] |= 1 << w
				}
			}
		}
	}
	return blocks
}

// defaultSession is the document of a session that names none.
const defaultSession = "document/SSM-SessionManagerRunShell"

// beyondDefault takes the document of sessions that name none out of some
// things, unless they are all documents but some: to name it is to name none.
// It reports whether there is anything left.
func beyondDefault(o *outcome, things []bits) bool {
	for j, l := range o.form {
		if l.kind != documentLeg {
			continue
		}
		u := o.universes[j]
		if general, _ := u.general(things[j][u.start()/64:]); general {
			things[j] = slices.Clone(things[j])
			things[j].or(u.named(defaultSession))
		} else {
			things[j] = minus(things[j], u.named(defaultSession))
		}
		return !things[j].empty()
	}
	return true
}

// named returns the things of a universe whose ARN ends so.
func (u *universe) named(suffix string) bits {
	b := newBits(u.size())
	for i, t := range u.inventory[0].things {
		if strings.HasSuffix(t.arn, ":"+suffix) {
			b.add(i)
		}
	}
	for i, t := range u.samples.things {
		if strings.HasSuffix(t.arn, ":"+suffix) {
			b.add(u.start() + i)
		}
	}
	return b
}

// boxes covers tuples by products of sets, no two of which overlap: of each
// leg that is free, the things; of the others nil.
func boxes(tuples []tuple, free []int, legs int) [][]bits {
	list := make([][]bits, len(tuples))
	for i, t := range tuples {
		list[i] = make([]bits, legs)
		for _, j := range free {
			list[i][j] = t.blocks[j].things
		}
	}
	for _, along := range slices.Backward(free) {
		var merged [][]bits
		for _, box := range list {
			i := slices.IndexFunc(merged, func(m []bits) bool {
				for _, j := range free {
					if j != along && !slices.Equal(m[j], box[j]) {
						return false
					}
				}
				return true
			})
			if i < 0 {
				merged = append(merged, slices.Clone(box))
				continue
			}
			both := slices.Clone(merged[i][along])
			both.or(box[along])
			merged[i][along] = both
		}
		list = merged
	}
	return list
}
