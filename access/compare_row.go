package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A row is a like set of calls that a principal gains or loses.
type row struct {
	effect    string
	actions   []string
	rights    string
	on, with  *Set
	resources []string
	when      string
	via       []decider // what gives it, on the side that has it
	cause     []decider // what could make the difference
	things    []moving  // nodes and documents whose difference makes it
	byThing   bool
	pieces    []piece
}

// A decider is a document that bears on a principal in one snapshot.
type decider struct {
	side  int
	layer policy.Layer
	book  int
}

// A moving thing is one that is not the same in both snapshots.
type moving struct {
	kind  legKind
	which int
}

// A piece is the part of a row that comes from one form of some actions.
type piece struct {
	actions []string
	form    form
	sets    []*Set     // of the legs that are nodes or documents
	labels  [][]string // of the others
	things  []bits
	whole   []bool // the leg is everything
}

// rows returns the calls that a result gains and loses, those together that
// are alike for every principal it is of.
func (c *comparison) rows(r *result) []row {
	var all []row
	for _, g := range r.groups {
		for _, o := range g.forms {
			all = append(all, c.formRows(r, g, o)...)
		}
	}
	return merge(all, func(r row) string { return reason{cause: r.cause, thing: r.byThing}.key() })
}

// row returns the calls of a box.
func (c *comparison) row(g *group, o *outcome, k *cluster, things []bits) row {
	var actions []string
	for i := range g.actions.each() {
		actions = append(actions, c.actions[i])
	}
	p := piece{actions: actions, form: o.form, things: things, sets: make([]*Set, len(o.form)), labels: make([][]string, len(o.form)), whole: make([]bool, len(o.form))}
	r := row{effect: k.effect, when: k.when, via: k.reason.via, cause: k.reason.cause, byThing: k.reason.thing}
	for j, l := range o.form {
		u, things, moved := o.universes[j], things[j], bits(nil)
		if l.kind == nodeLeg || l.kind == documentLeg {
			moved = newBits(u.size())
			moved.or(c.moved[l.kind])
			moved.and(things)
		}
		if l.kind == nodeLeg {
			_, moved = c.inWhole(u, moved)
			u, things = c.inWhole(u, things)
		}
		switch {
		case l.kind == noLeg || l.gate:
			p.whole[j] = true
		case l.kind == otherLeg:
			p.labels[j], p.whole[j] = u.labels(things, c.place)
		default:
			p.sets[j] = u.set(things, l.kind, k.side, c.lists, c.place)
			p.whole[j] = p.sets[j].All
			if !k.reason.thing {
				break
			}
			for i := range moved.each() {
				r.things = append(r.things, moving{l.kind, i})
			}
		}
	}
	r.pieces = []piece{p}
	return r
}

// merge puts the rows together that are on the same things, under the same
// circumstances and for the same reason, as reason tells. A leg that is
// everything, and one that is not there, are the same in this.
func merge(rows []row, reason func(row) string) []row {
	var merged []*row
	byKey := map[string]*row{}
	for _, one := range rows {
		key := one.effect + "\x00" + one.when + "\x00" + reason(one) + "\x00" + one.pieces[0].limits()
		have, ok := byKey[key]
		if !ok {
			byKey[key] = new(one)
			merged = append(merged, byKey[key])
			continue
		}
		have.pieces = slices.Concat(have.pieces, one.pieces)
		have.things = unique(slices.Concat(have.things, one.things))
		have.via = unique(slices.Concat(have.via, one.via))
		have.cause = unique(slices.Concat(have.cause, one.cause))
	}
	result := make([]row, len(merged))
	for i, m := range merged {
		result[i] = *m
	}
	return result
}

// limits tells the things of a piece apart from those of others, but for legs
// that are everything.
func (p piece) limits() string {
	var key strings.Builder
	for j, l := range p.form {
		if !p.whole[j] {
			key.WriteString(l.universe() + fmt.Sprint(p.things[j]))
		}
	}
	return key.String()
}

// finish says what a row's pieces are together.
func (r *row) finish() {
	r.actions, r.on, r.with, r.resources = nil, nil, nil, nil
	limited := slices.ContainsFunc(r.pieces, func(p piece) bool { return slices.Contains(p.whole, false) })
	for _, p := range r.pieces {
		r.actions = append(r.actions, p.actions...)
		for j, l := range p.form {
			switch {
			case l.kind == nodeLeg:
				r.on = cmp.Or(r.on, p.sets[j])
			case l.kind == documentLeg:
				r.with = cmp.Or(r.with, p.sets[j])
			case l.kind == otherLeg && !l.gate && p.whole[j] != limited:
				r.resources = append(r.resources, p.labels[j]...)
			}
		}
	}
	r.actions = set(r.actions)
	r.resources = set(r.resources)
	if len(r.resources) == 0 {
		r.resources = nil
	}
	if len(r.resources) > mostTypes && !limited {
		r.resources = []string{"*"}
	}
	r.rights = r.phrase()
}

// mostTypes bounds how many types of resources are listed, when it is all of
// each.
const mostTypes = 3
