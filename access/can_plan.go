package access

import (
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/policy"
)

// A slot is one leg of a call and what may fill it: any of the targets will
// do. A leg that nothing can fill has none.
type slot struct {
	leg     Leg
	targets []Target
	decided map[int][]policy.Decision // of the targets by world, kept for the calls that share the slot; may be nil
}

func shared(l Leg, targets []Target) slot {
	return slot{leg: l, targets: targets, decided: map[int][]policy.Decision{}}
}

// one returns a slot that one target fills.
func one(t Target) slot { return slot{leg: Leg{Type: t.Leg, Required: true}, targets: []Target{t}} }

// A call is the slots of its legs. It may be made if each leg has a target
// that may be used.
type call struct {
	on    Target // what the call is about, for the reader; zero if nothing in particular
	slots []slot
}

// A plan is what a question names, whoever it is about.
type plan struct {
	action   string
	main     Leg      // the leg that what the call is on fills
	targets  []Target // what fills it, each by a call of its own
	anything bool     // nothing is named: it is asked whether anything can fill the main leg
	with     *slot    // the document that is named
	rest     []Leg    // which anything can fill
}

// plan resolves what a question names.
func (q Question) plan(a *Account, action string) (plan, error) {
	legs := LegsOf(action)
	// What the call is on fills the node leg, else the first leg; what it is with
	// fills the document leg.
	main := max(slices.IndexFunc(legs, func(l Leg) bool { return l.Type == NodeLeg && (l.Required || q.On != "" || q.With != "") }), 0)
	with := slices.IndexFunc(legs, func(l Leg) bool { return l.Type == DocumentLeg })
	if q.With != "" && with < 0 {
		return plan{}, fmt.Errorf("%s takes no document; ask without one", action)
	}
	if with == main && q.With != "" {
		if q.On != "" && q.On != q.With {
			return plan{}, fmt.Errorf("%s is on a document and nothing else; ask about %s or about %s", action, q.On, q.With)
		}
		q.On, q.With = q.With, ""
	}
	p := plan{action: action, main: legs[main], anything: q.On == "" && legs[main].Type != NodeLeg}
	for i, l := range legs {
		switch {
		case i == main:
		case i == with && q.With != "":
			target, err := a.documentNamed(q.With)
			if err != nil {
				return plan{}, err
			}
			p.with = &slot{leg: l, targets: []Target{target}}
		case l.Required:
			p.rest = append(p.rest, l)
		}
	}
	var err error
	p.targets, err = a.targetsNamed(q.On, action, legs[main])
	return p, err
}

// calls returns the calls by a principal, one on each of the targets.
func (p plan) calls(s *subject, targets []Target) []call {
	var fixed []slot
	if p.with != nil {
		fixed = append(fixed, shared(p.with.leg, p.with.targets))
	}
	for _, l := range p.rest {
		fixed = append(fixed, shared(l, s.anyTarget(p.action, l)))
	}
	if p.anything {
		return []call{{slots: append([]slot{shared(p.main, s.anyTarget(p.action, p.main))}, fixed...)}}
	}
	calls := make([]call, len(targets))
	for i, t := range targets {
		calls[i] = call{on: t, slots: append([]slot{{leg: p.main, targets: targets[i : i+1]}}, fixed...)}
	}
	return calls
}
