package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Lack is a call that a plan takes and that its caller may not make, or may
// not for certain.
type Lack struct {
	Action   string        `json:"action"`
	Resource string        `json:"resource"`         // ARN, or "*"
	Undo     bool          `json:"undo,omitempty"`   // to undo the steps, not to do them
	Steps    []resource.ID `json:"steps,omitempty"`  // the objects whose change makes the call, in the plan's order; none if every plan makes it
	Why      string        `json:"why"`              // "no policy grants it", "inline/user/ci/fence denies it", "not certain"
	Unsure   []string      `json:"unsure,omitempty"` // what it hangs on, if it is not certain: context keys, policies whose text is not known
}

// The reasons of Lacks that no object gives.
const (
	ungranted = "no policy grants it"
	uncertain = "not certain"
)

// Lacks returns what the caller of a plan lacks to do it and to undo it, as far
// as the account tells: nothing of the root user, and of a caller that the
// account does not show. It looks at the caller's own policies and boundary;
// service control and session policies are not known to it. What every plan
// writes comes first, then what does this one, then what undoes it, each in the
// plan's order.
func Lacks(in Input) []Lack {
	r := newRun(in)
	id, is := callerOf(r.Before, r.Caller)
	if is != known {
		return nil
	}
	lacks, _ := r.lacks(r.way(id))
	return lacks
}

// rights refuses a plan whose caller may not make one of its calls, or of those
// that undo it, and notes what is not certain.
func (r *run) rights(id resource.ID, w way) {
	lacks, given := r.lacks(w)
	var unsure []Lack
	var certain [2][]Lack // to do, to undo
	for _, l := range lacks {
		switch {
		case l.Why == uncertain:
			unsure = append(unsure, l)
		case !l.Undo:
			certain[0] = append(certain[0], l)
		case !slices.ContainsFunc(certain[0], func(done Lack) bool { return done.Action == l.Action && done.Resource == l.Resource }):
			certain[1] = append(certain[1], l)
		}
	}
	for _, all := range certain {
		r.refuseLacks(id, all)
	}
	if len(unsure) > 0 {
		var actions, on []string
		for _, l := range unsure {
			actions, on = append(actions, l.Action), append(on, l.Unsure...)
		}
		r.noteCaller(id, fmt.Sprintf("it is not certain that %s, who would apply this plan, may call %s: that hangs on %s", id, list(distinct(actions)), list(distinct(on))))
	}
	if len(given) > 0 {
		r.noteCaller(id, fmt.Sprintf("%s, who would apply this plan, may call %s only by what the plan itself gives: AWS takes seconds to spread that, and a call that comes sooner fails", id, list(distinct(given))))
	}
}

// cause is the first of the steps that make the call, the zero ID for a call
// that every plan makes.
func (l Lack) cause() resource.ID {
	if len(l.Steps) == 0 {
		return resource.ID{}
	}
	return l.Steps[0]
}

// mostLacks is how many actions are refused one by one. The others are named
// together, since they most often lack for the same reason.
const mostLacks = 3

// refuseLacks refuses the plan for lacks that are all of doing it, or all of
// undoing it: one refusal an action and a reason.
func (r *run) refuseLacks(id resource.ID, all []Lack) {
	var groups [][]Lack
	for _, l := range all {
		at := slices.IndexFunc(groups, func(g []Lack) bool { return g[0].Action == l.Action && g[0].Why == l.Why })
		if at < 0 {
			groups, at = append(groups, nil), len(groups)
		}
		groups[at] = append(groups[at], l)
	}
	grant := fmt.Sprintf("have the policy granted that `ssmctl doctor --permissions %s` prints; or apply it as somebody who may", cmp.Or(r.Plan.Spec.File, "SPEC"))
	for n, g := range groups {
		if n == mostLacks && len(groups) > mostLacks+1 {
			var actions []string
			for _, g := range groups[n:] {
				actions = append(actions, g[0].Action)
			}
			slices.Sort(actions)
			actions = slices.Compact(actions)
			needs := "it takes"
			if g[0].Undo {
				needs = "undoing it takes"
			}
			r.refuse(CodeCaller, g[0].cause(), fmt.Sprintf("%s, who would apply this plan, may not make %d other calls that %s: %s", id, len(actions), needs, every(actions)), grant)
			return
		}
		call := words(policy.Request{Action: g[0].Action, Resource: g[0].Resource})
		if others := len(g) - 1; others > 0 {
			call += fmt.Sprintf(" and on %d more", others)
		}
		var steps []string
		for _, l := range g {
			for _, s := range l.Steps {
				steps = append(steps, s.String())
			}
		}
		steps = distinct(steps)
		what := "which it takes for " + list(steps)
		switch {
		case len(steps) == 0:
			what = "which every plan takes"
		case g[0].Undo:
			what = "without which " + list(steps) + " could not be undone"
		}
		help := grant
		if g[0].Why != ungranted {
			help = "have that taken away: no grant counts against it; or apply it as somebody else"
		}
		r.refuse(CodeCaller, g[0].cause(), fmt.Sprintf("%s, who would apply this plan, may not call %s, %s: %s", id, call, what, g[0].Why), help)
	}
}

// lacks returns what the caller lacks along its way, and the actions that it
// has only once the plan has given them to it.
func (r *run) lacks(w way) (all []Lack, given []string) {
	a := r.asked()
	type key struct {
		action, on, why string
		undo            bool
	}
	known := map[key]int{}
	look := func(calls []int, undo bool, at func(stop) bool, of ...resource.ID) {
		for _, n := range calls {
			q := r.byCaller(n)
			why, unsure := w.first().verdict(q)
			if why == "" {
				continue
			}
			if why != uncertain && !slices.ContainsFunc(w.stops, func(s stop) bool { return at(s) && !s.may(q) }) {
				given = append(given, q.Action)
				continue
			}
			k := key{q.Action, q.Resource, why, undo}
			m, ok := known[k]
			if !ok {
				m = len(all)
				known[k], all = m, append(all, Lack{Action: q.Action, Resource: q.Resource, Undo: undo, Why: why})
			}
			l := &all[m]
			if n := len(l.Steps); len(of) > 0 && (n == 0 || l.Steps[n-1] != of[0]) {
				l.Steps = append(l.Steps, of...)
			}
			l.Unsure = distinct(append(l.Unsure, unsure...))
		}
	}
	// What every plan reads was read just now, to make this one.
	writes := slices.DeleteFunc(slices.Clone(a.always), func(n int) bool { return reads(a.calls[n].Action) })
	look(writes, false, func(stop) bool { return true })
	for i, s := range r.Plan.Steps {
		look(a.do[i], false, func(at stop) bool { return w.doing(i, at) }, s.ID())
	}
	for i, s := range r.Plan.Steps {
		look(a.undo[i], true, func(at stop) bool { return w.undoing(i, at) }, s.ID())
	}
	return all, given
}

// verdict says why a party may not make a request, "" if it may for certain;
// and what it hangs on, if that is not certain.
func (p party) verdict(q policy.Request) (why string, unsure []string) {
	is := p.rule(q)
	unread := func(boundary bool) (all []string) {
		for _, u := range p.Unread {
			if u.Boundary == boundary {
				all = append(all, fmt.Sprintf("%s, whose text is not known (%s)", u.Name, u.Why))
			}
		}
		return all
	}
	lacks := func(l policy.Layer) bool { return slices.Contains(is.well.Lacking, l) }
	switch {
	case is.allowed:
		unsure = append(slices.Clone(is.hangs), unread(true)...)
		if unsure == nil {
			return "", nil
		}
		return uncertain, unsure
	case is.well.Verdict == policy.ExplicitDeny:
		return nameOf(p, is.well.By[0]) + " denies it", nil
	case lacks(policy.LayerBoundary):
		return "the boundary " + p.Boundary[0].Name + " does not allow it", nil
	}
	if unsure = unread(false); unsure != nil {
		return uncertain, unsure
	}
	return ungranted, nil
}

// nameOf names what brings a statement that decided: the object that puts it on
// the principal.
func nameOf(p party, by policy.Deciding) string {
	from := map[policy.Layer][]access.Origin{policy.LayerIdentity: p.Identity, policy.LayerBoundary: p.Boundary}[by.Layer]
	chain := from[by.Document].Chain
	return chain[len(chain)-1].String()
}

// distinct returns each once, in their order.
func distinct[T comparable](list []T) []T {
	var all []T
	known := map[T]bool{}
	for _, v := range list {
		if !known[v] {
			known[v], all = true, append(all, v)
		}
	}
	return all
}
