package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A taken is what one change of a plan takes from a principal.
type taken struct {
	by    resource.ID // the object whose change does; zero if no single one does
	calls []policy.Request
}

// taken returns which of the requests a principal may make before the plan and
// may not after it, by the change that is the reason, in the plan's order; and
// the keys that some of those that stay come to hang on.
func (r *run) taken(id resource.ID, as string, before, after party, asked []policy.Request) (lost []taken, hangs []string) {
	for _, q := range asked {
		q.Principal, q.Account = as, ""
		was := before.rule(q)
		if !was.allowed {
			continue
		}
		is := after.rule(q)
		if is.allowed {
			for _, k := range is.hangs {
				if !slices.Contains(was.hangs, k) && !slices.Contains(hangs, k) {
					hangs = append(hangs, k)
				}
			}
			continue
		}
		by := r.culprit(id, before, was.by, after, is.by)
		at := slices.IndexFunc(lost, func(t taken) bool { return t.by == by })
		if at < 0 {
			lost, at = append(lost, taken{by: by}), len(lost)
		}
		lost[at].calls = append(lost[at].calls, q)
	}
	order := map[resource.ID]int{}
	for i, s := range r.Plan.Steps {
		order[s.ID()] = i
	}
	slices.SortStableFunc(lost, func(a, b taken) int { return order[a.by] - order[b.by] })
	slices.Sort(hangs)
	return lost, hangs
}

// culprit returns the object whose change turns a decision from yes to no: one
// that brings a denial or a bound, one that took part in the grant, or the
// principal itself.
func (r *run) culprit(id resource.ID, before party, was policy.Decision, after party, is policy.Decision) resource.ID {
	suspects := []resource.ID{}
	if !after.there {
		suspects = append(suspects, id)
	}
	suspects = append(suspects, origins(after, is)...)
	suspects = append(suspects, origins(before, was)...)
	for _, bound := range slices.Concat(after.Boundary, before.Boundary) {
		suspects = append(suspects, bound.Chain...)
	}
	// An allow that hung on unknown keys names no statement: any grant that
	// went may have been it.
	for _, o := range before.Identity {
		suspects = append(suspects, o.Chain...)
	}
	for _, o := range after.Identity {
		suspects = append(suspects, o.Chain...)
	}
	suspects = append(suspects, id)
	if found := r.changed(suspects...); len(found) > 0 {
		return found[0]
	}
	return resource.ID{}
}

// origins returns the objects that bring the statements that decided.
func origins(p party, d policy.Decision) []resource.ID {
	var all []resource.ID
	for _, by := range d.By {
		var from []access.Origin
		switch by.Layer {
		case policy.LayerIdentity:
			from = p.Identity
		case policy.LayerBoundary:
			from = p.Boundary
		}
		if by.Document < len(from) {
			all = append(all, from[by.Document].Chain...)
		}
	}
	return all
}

// once says when a change has been made: "once it deletes user/alice".
func (r *run) once(id resource.ID) string {
	s, ok := r.steps[id]
	if !ok {
		return "once it is applied"
	}
	return "once it " + does(s.Change)
}

// does says what a change does: "deletes user/alice".
func does(c resource.Change) string {
	return map[resource.Action]string{resource.Create: "creates ", resource.Update: "changes ", resource.Delete: "deletes "}[c.Action()] + c.ID().String()
}

// firstOf names the first of some calls, and how many more there are.
func firstOf(calls []policy.Request) string {
	switch n := len(calls) - 1; n {
	case 0:
		return words(calls[0]) + " is not allowed any more"
	case 1:
		return words(calls[0]) + " is not allowed any more, nor is " + words(calls[1])
	default:
		return fmt.Sprintf("%s is not allowed any more, nor are %d other calls", words(calls[0]), n)
	}
}

// list names a few things: "a, b and 3 more".
func list(names []string) string {
	const most = 3
	switch n := len(names); {
	case n > most+1:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	default:
		return every(names)
	}
}

// every names them all: "a, b and c".
func every(names []string) string {
	n := len(names)
	if n < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
}
