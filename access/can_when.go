package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A circumstance is one of the worlds that make a difference to a call, and
// what is decided in it.
type circumstance struct {
	keys      policy.Context      // what is given, and what is so in that world
	passes    bool                // the call is allowed
	decisions [][]policy.Decision // of each slot, of each of its targets
}

// An answer is what is decided of a call in all the worlds that make a
// difference.
type answer struct {
	verdict Verdict      // Yes, No or Depends
	when    string       // of Depends
	best    circumstance // of those that pass, if any does, the plainest
}

// decide answers for a call. Given keys are so in every world.
func (s *subject) decide(action string, slots []slot, given policy.Context) answer {
	return s.answer(action, slots, given, false)
}

// passes reports whether a call may be made in some circumstances, and in
// which.
func (s *subject) passes(action string, given policy.Context, slots ...slot) (when string, ok bool) {
	a := s.answer(action, slots, given, true)
	return a.when, a.verdict != No
}

// answer is decide. With one, it is enough to find one target for each slot.
func (s *subject) answer(action string, slots []slot, given policy.Context, one bool) answer {
	v := s.about(action).view
	var a answer
	var passing, looked uint64
	for i, w := range v.worlds {
		if w.bound != exact {
			continue // it stands for many, so no request is in it
		}
		c := s.in(action, slots, i, w, given, one)
		looked |= 1 << i
		if c.passes {
			passing |= 1 << i
		}
		if a.best.decisions == nil || plainer(c, a.best) {
			a.best = c
		}
	}
	switch {
	case passing == 0:
		a.verdict = No
	case passing == looked && !v.sampled:
		a.verdict = Yes
	default:
		a.verdict = Depends
		a.when = v.when(passing)
		if a.when == "" { // all worlds but those of services that act for the principal
			a.verdict = Yes
		}
	}
	return a
}

// plainer reports whether c tells more of a call than d: one that passes more
// than one that does not, one that the principal makes itself more than one of
// a service, then the one in which less is so, then the one that needs fewer
// statements.
func plainer(c, d circumstance) bool {
	if c.passes != d.passes {
		return c.passes
	}
	if byService := c.byService(); byService != d.byService() {
		return !byService
	}
	return cmp.Or(len(c.keys)-len(d.keys), c.statements()-d.statements()) < 0
}

// byService reports whether a service makes the call for the principal.
func (c circumstance) byService() bool {
	return slices.Equal(c.keys["aws:viaawsservice"].List(), []string{"true"})
}

// statements returns how many statements decide.
func (c circumstance) statements() (n int) {
	for _, targets := range c.decisions {
		for _, d := range targets {
			n += len(d.By)
		}
	}
	return n
}

// in decides a call in one world, of that number.
func (s *subject) in(action string, slots []slot, number int, w world, given policy.Context, one bool) circumstance {
	c := circumstance{keys: maps.Clone(given), passes: true, decisions: [][]policy.Decision{}}
	if c.keys == nil {
		c.keys = policy.Context{}
	}
	for key, is := range w.keys {
		if is.kind != absent && !slices.ContainsFunc(slices.Collect(maps.Keys(given)), func(g string) bool { return strings.EqualFold(g, key) }) {
			c.keys[key] = is.value
		}
	}
	for _, slot := range slots {
		decisions, ok := slot.decided[number]
		if !ok {
			for i := range slot.targets {
				r := s.account.Requests(s.principal, action, slot.targets[i:i+1], c.keys)[0]
				decisions = append(decisions, s.effective.Policies.Decide(r))
				if one && decisions[i].Verdict == policy.Allowed {
					break
				}
			}
			if slot.decided != nil {
				slot.decided[number] = decisions
			}
		}
		c.passes = c.passes && slices.ContainsFunc(decisions, func(d policy.Decision) bool { return d.Verdict == policy.Allowed })
		c.decisions = append(c.decisions, decisions)
	}
	return c
}
