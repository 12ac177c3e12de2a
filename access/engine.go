package access

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ssmctl/ssmctl/policy"
)

// An engine computes what principals of two snapshots may do, for a list of
// actions. The snapshots may be one.
type engine struct {
	place     policy.Place
	actions   []string
	services  []string // of the actions
	forms     [][]form // of the actions
	library   *library
	nodes     [2]*index
	named     *index // all nodes, if nodes are some of them
	documents [2]*index
	pool      *pool
	words     *vocabulary
}

// newEngine returns an engine without nodes and documents.
func newEngine(actions []string) *engine {
	e := &engine{actions: actions, library: newLibrary(actions), pool: new(pool)}
	for _, a := range actions {
		service, _, _ := strings.Cut(strings.ToLower(a), ":")
		e.services = append(e.services, service)
		e.forms = append(e.forms, formsOf(a))
	}
	return e
}

// list gives the engine the nodes and documents of two snapshots, in one list:
// where one of them lacks some, they are gone in its index.
func (e *engine) list(before, after *Account) {
	e.place, e.words = after.Place, &vocabulary{place: after.Place}
	e.nodes, e.documents = indexes(before, after)
	e.named = e.nodes[1]
}

// parties takes the policies of an account's principals apart.
func (e *engine) parties(a *Account) []*party {
	h := a.Holdings()
	all := make([]*party, len(a.Principals))
	for i, p := range a.Principals {
		all[i] = e.library.party(p, h.effective(p.ID))
	}
	return all
}

// A result is what one principal may do in two snapshots.
type result struct {
	sides     [2]*party // before and after; nil where there is no such principal
	universes map[string]*universe
	groups    []*group
}

// A group is the actions that a principal's statements do not tell apart.
type group struct {
	actions bits
	action  int // one of them
	view    view
	forms   []*outcome
}

// An outcome is the sets of things that a form of a call may touch: for each
// snapshot, leg and world.
type outcome struct {
	form      form
	universes []*universe
	sets      [2][][]bits
}

// empty reports whether no call of the form passes in a world.
func (o *outcome) empty(side, world int) bool {
	return o.sets[side] == nil || slices.ContainsFunc(o.sets[side], func(worlds []bits) bool { return worlds[world].empty() })
}

// result computes what a principal may do before and after. One of them may be nil.
func (e *engine) result(before, after *party) *result {
	return e.resultOf(before, after, allBits(len(e.actions)))
}

// resultOf is result for only some of the actions.
func (e *engine) resultOf(before, after *party, actions bits) *result {
	r := &result{sides: [2]*party{before, after}, universes: map[string]*universe{}}
	one := after
	if one == nil {
		one = before
	}
	byKey := map[string]*group{}
	for i := range actions.each() {
		var key strings.Builder
		key.WriteString(e.services[i])
		for _, f := range e.forms[i] {
			key.WriteByte(';')
			for _, l := range f {
				key.WriteString(l.universe() + ",")
			}
		}
		if strings.EqualFold(e.actions[i], "ssm:StartSession") {
			key.WriteByte('!') // it has a key that others do not have
		}
		speaks := false
		for _, p := range r.sides {
			key.WriteByte('|')
			if p == nil {
				continue
			}
			for _, s := range p.entries {
				if s.covers.has(i) {
					key.WriteByte('1')
					speaks = speaks || !s.deny
				} else {
					key.WriteByte('0')
				}
			}
		}
		if !speaks {
			continue // nothing allows it
		}
		g, ok := byKey[key.String()]
		if !ok {
			g = &group{actions: newBits(len(e.actions)), action: i}
			byKey[key.String()] = g
			r.groups = append(r.groups, g)
		}
		g.actions.add(i)
	}
	asked := newBits(len(e.actions))
	for _, g := range r.groups {
		asked.or(g.actions)
	}
	q := newInquiry(r.sides[:], asked, e.known)
	for _, g := range r.groups {
		var covering []*statement
		for _, p := range r.sides {
			if p == nil {
				continue
			}
			for _, s := range p.entries {
				if s.covers.has(g.action) {
					covering = append(covering, s.statement)
				}
			}
		}
		g.view = look(covering, one.lookup)
		for _, f := range e.forms[g.action] {
			g.forms = append(g.forms, e.outcome(r, g, f, q))
		}
	}
	return r
}

// outcome computes what a form of a group's action may touch.
func (e *engine) outcome(r *result, g *group, f form, q *inquiry) *outcome {
	o := &outcome{form: f}
	for _, l := range f {
		name := l.universe()
		u, ok := r.universes[name]
		if !ok {
			u = newUniverse(l, e.inventory(l), q, e.words)
			r.universes[name] = u
		}
		o.universes = append(o.universes, u)
	}
	for side, p := range r.sides {
		if p == nil {
			continue
		}
		o.sets[side] = make([][]bits, len(f))
		for j := range f {
			o.sets[side][j] = make([]bits, len(g.view.worlds))
			for w, world := range g.view.worlds {
				o.sets[side][j][w] = e.pool.keep(e.allowed(p, o.universes[j], side, g.action, world))
			}
		}
	}
	return o
}

// known reports whether a resource of a policy is the ARN of a node or a document.
func (e *engine) known(resource string) bool {
	_, node := e.named.exact[resource]
	_, document := e.documents[1].exact[resource]
	return node || document // an ARN is in both snapshots' indexes or in none
}

func (e *engine) inventory(l leg) [2]*index {
	switch l.kind {
	case nodeLeg:
		return e.nodes
	case documentLeg:
		return e.documents
	}
	return [2]*index{nothing, nothing}
}

var nothing = newIndex(nil)

// allowed returns the things of a universe on which a party may act in a world.
func (e *engine) allowed(p *party, u *universe, side, action int, w world) bits {
	size := u.size()
	identity, boundary, denied := newBits(size), newBits(size), newBits(size)
	lookup := p.in(w, e.actions[action])
	for _, s := range p.entries {
		if !s.covers.has(action) || !p.applies(s, w, e.actions[action]) {
			continue
		}
		to := identity
		switch {
		case s.deny:
			to = denied
		case s.layer == policy.LayerBoundary:
			to = boundary
		}
		loose := w.bound != exact
		to.or(u.inventory[side].about(s.statement, e.services[action], lookup, loose))
		to[u.start()/64:].or(u.samples.about(s.statement, e.services[action], lookup, loose))
	}
	if p.bounded {
		identity.and(boundary)
	}
	identity.without(denied)
	return identity
}

// spread calls do for each number below n, on all processors.
func spread(n int, do func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
}
