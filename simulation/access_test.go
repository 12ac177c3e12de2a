package simulation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// rights returns what a principal may do, as IAM has it: what some policy
// allows, none denies, and its boundary, if it has one, allows as well.
func rights(principal resource.ID, links []*link, get func(resource.ID) resource.Object) doc {
	e, ok := get(principal).(*entity)
	if !ok {
		return 0
	}
	var allow, deny doc
	take := func(d doc) { allow, deny = allow|d.allows(), deny|d.denies() }
	from := func(holder resource.ID) {
		for _, l := range links {
			switch {
			case l.holders == nil || l.holders[0] != holder || get(l.id) == nil:
			case l.id.Kind == "inline":
				take(get(l.id).(*link).Doc)
			case l.id.Kind == "attachment":
				if p, ok := get(l.needs[1]).(*entity); ok {
					take(p.Doc)
				}
			}
		}
	}
	from(principal)
	for _, l := range links {
		if l.id.Kind == "membership" && l.holders[0] == principal && get(l.id) != nil {
			from(l.needs[1])
		}
	}
	if e.Bound != "" {
		bound, _ := get(resource.ID{Kind: "policy", Name: e.Bound}).(*entity)
		if bound == nil {
			return 0
		}
		allow, deny = allow&bound.Doc.allows(), deny|bound.Doc.denies()
	}
	return allow &^ deny
}

// A principal is somebody with access, and what that is at the two ends of a
// plan.
type principal struct {
	id            resource.ID
	before, after doc
	steps         []int // that bear on it
}

// breach says what is wrong with what it may do on the way.
func (p principal) breach(now doc) (planner.Effect, doc) {
	if more := now &^ (p.before | p.after); more != 0 {
		return planner.Gain, more
	}
	if less := p.before & p.after &^ now; less != 0 {
		return planner.Loss, less
	}
	return "", 0
}

// linksOf returns every link that there can be in a world.
func (w *world) linksOf() []*link {
	var links []*link
	for _, id := range w.ids {
		for _, o := range []resource.Object{w.start[id], w.goal[id]} {
			if l, ok := o.(*link); ok {
				links = append(links, l)
				break
			}
		}
	}
	return links
}

// principalsOf returns those whose access some step bears on.
func (w *world) principalsOf() []principal {
	var all []principal
	for _, id := range w.ids {
		if id.Kind != "user" && id.Kind != "role" || w.start[id] == nil && w.goal[id] == nil {
			continue
		}
		p := principal{
			id:     id,
			before: rights(id, w.links, func(id resource.ID) resource.Object { return w.start[id] }),
			after:  rights(id, w.links, func(id resource.ID) resource.Object { return w.goal[id] }),
		}
		for i, s := range w.plan.Steps {
			if bears(s, id) {
				p.steps = append(p.steps, i)
			}
		}
		if len(p.steps) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// bears reports whether a step may bear on somebody's access: rather too often
// than not often enough.
func bears(s planner.Step, on resource.ID) bool {
	id := s.ID()
	switch id.Kind {
	case "policy", "user", "role":
		return id.Kind == "policy" || id == on
	case "attachment", "inline", "membership":
		holder := on.Kind + ":" + on.Name + "+"
		return strings.HasPrefix(id.Name, holder) || on.Kind == "user" && strings.HasPrefix(id.Name, "group:")
	}
	return false
}

// A watch judges access for the planner.
type watch struct{ *world }

func (w watch) Parties() []planner.Party {
	var all []planner.Party
	for _, p := range w.principals {
		all = append(all, planner.Party{Principals: []resource.ID{p.id}, Steps: p.steps})
	}
	return all
}

func (w watch) Judge(party int, done []bool) []planner.Breach {
	p := w.principals[party]
	effect, what := p.breach(rights(p.id, w.links, func(id resource.ID) resource.Object {
		o := w.start[id]
		for n, i := range p.steps {
			if s := w.plan.Steps[i]; done[n] && s.ID() == id {
				o = s.After
			}
		}
		return o
	}))
	if effect == "" {
		return nil
	}
	return []planner.Breach{{Principal: p.id, Effect: effect, Text: fmt.Sprintf("%b", what)}}
}

// secure lets the planner order the steps so that access is safe on the way,
// and notes whether it is.
func (w *world) secure() {
	w.links = w.linksOf()
	w.principals = w.principalsOf()
	w.safe = len(w.plan.Secure(watch{w}, nil)) == 0
}

// checkAccess checks that nobody may do, just now, what they may do neither
// before nor after, and that nobody lacks what they have both before and
// after: whatever of the last changes has reached every part of AWS.
func (t *trial) checkAccess() {
	if !t.world.safe || t.meddled {
		return
	}
	hidden := map[resource.ID]resource.Object{}
	get := func(id resource.ID) resource.Object {
		if o, ok := hidden[id]; ok {
			return o
		}
		return t.object(id)
	}
	recent := t.recent()
	for choice := range 1 << len(recent) {
		clear(hidden)
		for n, p := range recent {
			if choice>>n&1 == 1 {
				hidden[p.id] = p.was
			}
		}
		for _, p := range t.world.principals {
			effect, what := p.breach(rights(p.id, t.world.links, get))
			if effect != "" {
				t.violate("P5", "%s: %s of %b, with %d changes of the last moments not yet visible", p.id, effect, what, len(hidden))
				return
			}
		}
	}
}

// An unseen is what an object was before its last change.
type unseen struct {
	id  resource.ID
	was resource.Object
}

// maxRecent is of how many recent changes every choice may be invisible.
const maxRecent = 4

// recent returns the changes that bear on access and may not be everywhere
// yet, the last of each object; none in a trial that does not look so closely.
func (t *trial) recent() []unseen {
	if !t.close {
		return nil
	}
	var all []unseen
	for _, p := range slices.Backward(t.past) {
		id := t.world.ids[p.at]
		if time.Since(p.until) >= settle || len(all) == maxRecent {
			break
		}
		if !t.isOf(p.was, p.until) {
			continue
		}
		if !slices.ContainsFunc(all, func(u unseen) bool { return u.id == id }) {
			all = append(all, unseen{id, p.was})
		}
	}
	return all
}

// isOf reports whether what an object was until some time can still be seen: a
// link to something that was made since was to another of that name.
func (t *trial) isOf(was resource.Object, until time.Time) bool {
	return was == nil || !slices.ContainsFunc(was.Needs(), func(id resource.ID) bool { return t.item(id).made.After(until) || t.item(id).made.Equal(until) })
}
