package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A reason is what decides about some calls: what gives them on the side that
// has them, and what could make the difference to the other.
type reason struct {
	via, cause []decider
	thing      bool // no policy differs: it is the node or the document that does
}

// key is the same for reasons that differ in nothing but what gives the calls.
func (r reason) key() string { return fmt.Sprint(r.cause, r.thing) }

// why returns the reason for the calls of a tuple, which the snapshot of that
// side allows and the other does not. One of the calls tells for all: blocks
// are made so.
func (c *comparison) why(r *result, g *group, o *outcome, free []int, t tuple, side int) reason {
	var because reason
	world := 0
	for t.mask>>world&1 == 0 {
		world++
	}
	w := g.view.worlds[world]
	legs := free
	for j, l := range o.form {
		if l.gate {
			legs = append(slices.Clip(legs), j)
		}
	}
	for _, j := range legs {
		u := o.universes[j]
		thing := o.sets[side][j][world].first()
		if t.blocks[j].things != nil {
			thing = t.blocks[j].things.first()
		}
		here := c.speaking(r.sides[side], side, u, g.action, w, thing)
		because.via = append(because.via, here.identity...)
		if there := r.sides[1-side]; there == nil {
			because.cause = append(because.cause, here.identity...)
		} else if !o.sets[1-side][j][world].has(thing) {
			other := c.speaking(there, 1-side, u, g.action, w, thing)
			because.cause = append(because.cause, other.denied...)
			if len(other.identity) == 0 {
				because.cause = append(because.cause, here.identity...)
			}
			if there.bounded && len(other.boundary) == 0 {
				because.cause = append(because.cause, here.boundary...)
				for _, book := range there.books[policy.LayerBoundary] {
					because.cause = append(because.cause, decider{1 - side, policy.LayerBoundary, book})
				}
			}
		}
	}
	because.via = unique(because.via)
	because.cause = unique(because.cause)
	because.thing = !slices.ContainsFunc(because.cause, func(d decider) bool {
		other := r.sides[1-d.side]
		return other == nil || !slices.Contains(other.books[d.layer], d.book)
	})
	return because
}

// What speaks of one thing in one snapshot.
type speaking struct{ identity, boundary, denied []decider }

// speaking returns the documents of a party that speak of a thing in a world.
func (c *comparison) speaking(p *party, side int, u *universe, action int, w world, thing int) speaking {
	var s speaking
	lookup := p.in(w, c.actions[action])
	for _, e := range p.entries {
		if !e.covers.has(action) || !p.applies(e, w, c.actions[action]) {
			continue
		}
		x, i := u.inventory[side], thing
		if thing >= u.start() {
			x, i = u.samples, thing-u.start()
		}
		if !x.about(e.statement, c.services[action], lookup, w.bound != exact).has(i) {
			continue
		}
		d := decider{side, e.layer, e.book}
		switch {
		case e.deny:
			s.denied = append(s.denied, d)
		case e.layer == policy.LayerBoundary:
			s.boundary = append(s.boundary, d)
		default:
			s.identity = append(s.identity, d)
		}
	}
	return s
}

func unique[T comparable](list []T) []T {
	var once []T
	for _, t := range list {
		if !slices.Contains(once, t) {
			once = append(once, t)
		}
	}
	return once
}

// origins returns how the document of a decider comes to bear on a principal.
func (c *comparison) origins(id resource.ID, d decider) []Origin {
	p := c.parties[d.side][id]
	if p == nil {
		return nil
	}
	from := p.effective.Identity
	if d.layer == policy.LayerBoundary {
		from = p.effective.Boundary
	}
	var origins []Origin
	for i, book := range p.books[d.layer] {
		if book == d.book {
			origins = append(origins, from[i])
		}
	}
	return origins
}

// via returns the chain that gives a right: of each document that takes part,
// the first way in which the principal has it.
func (c *comparison) via(id resource.ID, side int, deciders []decider) []resource.ID {
	chain := []resource.ID{}
	for _, d := range deciders {
		if origins := c.origins(id, d); d.side == side && len(origins) > 0 {
			chain = append(chain, origins[0].Chain...)
		}
	}
	return unique(chain)
}

// cause returns the objects whose change makes the difference of a row to one
// principal. They are those of the deciding documents' chains that are not the
// same in both snapshots, and the nodes and documents that are not. If that is
// nothing, the principal itself must be another: its tags, or its name.
func (c *comparison) cause(id resource.ID, r row) []resource.ID {
	objects := []resource.ID{}
	add := func(ids []resource.ID) {
		for _, o := range ids {
			if c.differs(o) {
				objects = append(objects, o)
			}
		}
	}
	for _, d := range r.cause {
		for _, o := range c.origins(id, d) {
			add(o.Chain)
		}
	}
	for _, m := range r.things {
		add(c.lists.from(m))
	}
	if c.parties[0][id] == nil || c.parties[1][id] == nil || len(objects) == 0 && c.differs(id) {
		objects = append(objects, id)
	}
	if len(objects) == 0 { // a document of AWS's own that is another now
		for _, d := range slices.Concat(r.cause, r.via) {
			for _, o := range c.origins(id, d) {
				objects = append(objects, o.Chain[len(o.Chain)-1])
			}
		}
	}
	slices.SortFunc(objects, resource.ID.Compare)
	return slices.Compact(objects)
}

// differs reports whether the object is not the same in both snapshots.
func (c *comparison) differs(id resource.ID) bool { return c.objects[0][id] != c.objects[1][id] }

// saying returns what each object of an account says, as far as access goes.
func (c *comparison) saying(a *Account) map[resource.ID]string {
	says := map[resource.ID]string{}
	add := func(id resource.ID, parts ...any) {
		if id != (resource.ID{}) {
			says[id] += strings.TrimSpace(fmt.Sprintln(parts...)) + "\n"
		}
	}
	for _, m := range a.Members {
		add(m.From, m.Group, m.User)
	}
	for _, g := range a.Grants {
		book := -1
		if g.Document != nil {
			book = c.library.number(*g.Document)
		}
		add(g.From, g.To, g.ARN, g.Name, book)
	}
	for _, b := range a.Bounds {
		add(b.From, b.Of, b.ARN)
	}
	for _, arn := range sortedKeys(a.Policies) {
		m := a.Policies[arn]
		add(m.From, m.ARN, m.Unread, c.library.number(m.Document))
	}
	if !c.moved[nodeLeg].empty() { // else they say the same, and there may be very many
		for _, n := range a.Nodes {
			for _, from := range n.From {
				add(from, n.ARN, n.Tags, n.Role)
			}
		}
	}
	for _, d := range a.Documents {
		add(d.From, d.ARN, d.Tags)
	}
	for _, p := range a.Principals {
		add(p.ID, p.ARN, p.Tags, p.Trust.String())
	}
	return says
}
