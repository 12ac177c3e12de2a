package access

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Compare returns what the principals of two snapshots of one account gain and
// lose from the first to the second, in the actions that Actions returns, and
// in whom they may become by sts:AssumeRole.
//
// What counts are calls: a right is gained when a call that did not pass comes
// to pass, on the nodes and documents that there are and on those that there
// could be, so also when a node is new or has new tags. Two policies that say
// the same in different words make no difference. Principals whose policies,
// tags and reach are the same are not looked at.
//
// Gains come first, then losses; of each, what people may do comes before
// what services may do, then it is by principal and by weight. The result is
// never nil.
func Compare(before, after *Account) []Change {
	c := newComparison(before, after, Actions())
	var changes []Change
	for _, d := range c.differences() {
		for _, id := range d.who {
			changes = append(changes, c.changes(id, d)...)
		}
	}
	changes = append(changes, c.unread()...)
	changes = append(changes, c.assumed()...)
	changes = c.foldGroups(changes)
	slices.SortStableFunc(changes, inOrder)
	if changes == nil {
		changes = []Change{}
	}
	return changes
}

func inOrder(a, b Change) int {
	people := func(c Change) int {
		if c.Service {
			return 1
		}
		return 0
	}
	return cmp.Or(
		strings.Compare(a.Effect, b.Effect),
		people(a)-people(b),
		kindOrder[a.Who.Kind]-kindOrder[b.Who.Kind],
		a.Who.Compare(b.Who),
		importance(b.Actions)-importance(a.Actions),
		strings.Compare(a.Rights, b.Rights),
		strings.Compare(textOf(a.On), textOf(b.On)),
		strings.Compare(textOf(a.With), textOf(b.With)),
		strings.Compare(strings.Join(a.Resources, "\n"), strings.Join(b.Resources, "\n")),
		strings.Compare(a.When, b.When),
		slices.CompareFunc(a.Via, b.Via, resource.ID.Compare),
	)
}

var kindOrder = map[string]int{groupKind: 0, userKind: 1, roleKind: 2}

func textOf(s *Set) string {
	if s == nil {
		return ""
	}
	return s.Text
}

// A comparison is two snapshots and what computes the difference.
type comparison struct {
	*engine
	accounts [2]*Account
	parties  [2]map[resource.ID]*party
	objects  [2]map[resource.ID]string // what each object says
	moved    [2]bits                   // nodes and documents that differ between the snapshots
	lists    lists

	whole *comparison // the one with all nodes, if this is of some
	which []int       // the positions in it of this one's nodes

	memberOf, membersOf [2]map[string][]Member // by user, and by group
	puts                map[resource.ID]string // the group that an object puts someone into
}

func newComparison(before, after *Account, actions []string) *comparison {
	c := &comparison{engine: newEngine(actions), accounts: [2]*Account{before, after}, puts: map[resource.ID]string{}}
	var wg sync.WaitGroup
	wg.Go(func() { c.engine.list(before, after) })
	for side, a := range c.accounts {
		c.parties[side] = map[resource.ID]*party{}
		for _, p := range c.engine.parties(a) {
			c.parties[side][p.ID] = p
		}
		c.memberOf[side], c.membersOf[side] = map[string][]Member{}, map[string][]Member{}
		for _, m := range a.Members {
			c.memberOf[side][m.User] = append(c.memberOf[side][m.User], m)
			c.membersOf[side][m.Group] = append(c.membersOf[side][m.Group], m)
			c.puts[m.From] = m.Group
		}
	}
	wg.Wait()
	c.moved = [2]bits{moved(c.nodes), moved(c.documents)}
	for side, a := range c.accounts {
		c.objects[side] = c.saying(a)
	}
	c.lists = newLists(before, after)
	return c
}

// moved returns the things that are not the same in two indexes.
func moved(x [2]*index) bits {
	b := newBits(len(x[0].things))
	if x[0] != x[1] {
		for i, t := range x[0].things {
			if !t.equal(x[1].things[i]) {
				b.add(i)
			}
		}
	}
	return b
}

// A difference is what principals that are alike gain and lose.
type difference struct {
	who  []resource.ID
	rows []row
	told map[string]*row // rows of the difference put together, by their numbers
}

// differences compares the principals, one of each that are alike.
func (c *comparison) differences() []*difference {
	ids := map[resource.ID]bool{}
	for _, side := range c.parties {
		for id := range side {
			ids[id] = true
		}
	}
	still := c.moved[0].empty() && c.moved[1].empty()
	byClass := map[string]*difference{}
	var all []*difference
	for _, id := range slices.SortedFunc(maps.Keys(ids), resource.ID.Compare) {
		b, a := c.parties[0][id], c.parties[1][id]
		if still && b != nil && a != nil && b.class == a.class {
			continue
		}
		class := classOf(b) + "\x00\x00" + classOf(a)
		d, ok := byClass[class]
		if !ok {
			d = &difference{}
			byClass[class] = d
			all = append(all, d)
		}
		d.who = append(d.who, id)
	}
	unchanged := c
	if !still && c.moved[documentLeg].empty() {
		unchanged = c.ofMoved()
	}
	spread(len(all), func(i int) {
		d := all[i]
		b, a := c.parties[0][d.who[0]], c.parties[1][d.who[0]]
		if b != nil && a != nil && b.class == a.class {
			d.rows = unchanged.rows(unchanged.engine.result(b, a))
		} else {
			asked := allBits(len(c.actions))
			if still {
				asked = disturbed(b, a, len(c.actions))
			}
			d.rows = c.rows(c.engine.resultOf(b, a, asked))
		}
	})
	return all
}

// disturbed returns the actions of which not the same statements speak in both
// snapshots: all of them, if the principal settles other things for them.
func disturbed(before, after *party, actions int) bits {
	if before == nil || after == nil || before.bounded != after.bounded || !maps.EqualFunc(before.keys, after.keys, policy.Value.Equal) {
		return allBits(actions)
	}
	type place struct {
		layer policy.Layer
		id    int
	}
	has := [2]map[place]bool{{}, {}}
	for side, p := range []*party{before, after} {
		for _, e := range p.entries {
			has[side][place{e.layer, e.id}] = true
		}
	}
	b := newBits(actions)
	for side, p := range []*party{before, after} {
		for _, e := range p.entries {
			if !has[1-side][place{e.layer, e.id}] {
				b.or(e.covers)
			}
		}
	}
	return b
}

// ofMoved returns the comparison with only those nodes that are not the same
// in both snapshots, which is enough for principals whose policies are.
func (c *comparison) ofMoved() *comparison {
	d, e := *c, *c.engine
	d.engine, d.whole = &e, c
	var things [2][]thing
	for i := range c.moved[nodeLeg].each() {
		d.which = append(d.which, i)
		for side := range things {
			things[side] = append(things[side], c.nodes[side].things[i])
		}
	}
	e.nodes = [2]*index{newIndex(things[0]), newIndex(things[1])}
	d.moved[nodeLeg] = allBits(len(d.which))
	return &d
}

// inWhole returns nodes of a universe and the universe, as they are in the
// comparison that has all nodes.
func (c *comparison) inWhole(u *universe, things bits) (*universe, bits) {
	if c.whole == nil {
		return u, things
	}
	whole := *u
	whole.inventory = c.whole.nodes
	all := newBits(whole.size())
	for i := range things.each() {
		if i < u.start() {
			all.add(c.which[i])
		} else {
			all.add(whole.start() + i - u.start())
		}
	}
	return &whole, all
}

func classOf(p *party) string {
	if p == nil {
		return "none"
	}
	return p.class
}

// changes returns the rows of a difference as changes of one principal: those
// together whose cause is the same for it.
func (c *comparison) changes(id resource.ID, d *difference) []Change {
	var together [][]int
	at := map[string]int{}
	for i, r := range d.rows {
		cause := c.cause(id, r)
		key := r.effect + "\x00" + r.when + "\x00" + fmt.Sprint(cause) + "\x00" + r.pieces[0].limits()
		n, ok := at[key]
		if !ok {
			n = len(together)
			at[key] = n
			together = append(together, nil)
		}
		together[n] = append(together[n], i)
	}
	changes := make([]Change, len(together))
	for i, rows := range together {
		r := d.row(rows)
		side := 1
		if r.effect == Loss {
			side = 0
		}
		changes[i] = Change{
			Who: id, Service: c.party(id).Service, Effect: r.effect,
			Actions: r.actions, Rights: r.rights, On: r.on, With: r.with, Resources: r.resources, When: r.when,
			Via: c.via(id, side, r.via), Cause: c.cause(id, *r),
		}
	}
	return changes
}

// row returns rows put together, and says what they are.
func (d *difference) row(rows []int) *row {
	key := fmt.Sprint(rows)
	if r, ok := d.told[key]; ok {
		return r
	}
	var parts []row
	for _, i := range rows {
		parts = append(parts, d.rows[i])
	}
	r := &merge(parts, func(row) string { return "" })[0]
	r.finish()
	if d.told == nil {
		d.told = map[string]*row{}
	}
	d.told[key] = r
	return r
}

// party returns the principal as it will be or, if it will not be, as it was.
func (c *comparison) party(id resource.ID) *party {
	if p := c.parties[1][id]; p != nil {
		return p
	}
	return c.parties[0][id]
}
