package check

import (
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// lockOut refuses a plan that takes from its own caller a call that the plan
// itself makes, or would make to be undone: it could end halfway, with nobody
// there who may put it right. What hangs on the request, such as a second
// factor, is no reason to refuse, and is noted.
func (r *run) lockOut(id resource.ID, w way) {
	r.lockOutOnTheWay(id, w)
	before, after := w.first(), w.last()
	if same(before, after) {
		return
	}
	lost, hangs := r.taken(id, r.Caller, before, after, r.asked().calls)
	for _, t := range lost {
		r.refuse(CodeLockOut, t.by,
			fmt.Sprintf("%s, who would apply this plan, could not finish or undo it: %s, %s", id, r.once(t.by), firstOf(t.calls)),
			"apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another")
	}
	if len(hangs) > 0 {
		r.note(id, fmt.Sprintf("once this plan is applied, what %s needs to undo it hangs on %s", id, list(hangs)))
	}
	for _, u := range slices.Concat(before.Unread, after.Unread) {
		r.note(id, fmt.Sprintf("%s, who would apply this plan, carries %s, whose text is not known: %s; nobody checked what it gives or takes", id, u.Name, u.Why))
		break
	}
}

// lockOutOnTheWay refuses a plan that takes such a call away for a time, just
// when it is needed: by what may be begun or undone at that stop, or by
// looking at the account, which goes on all the time.
func (r *run) lockOutOnTheWay(id resource.ID, w way) {
	before, after := w.first(), w.last()
	reported := map[int]bool{}
	for _, s := range w.between() {
		var calls []policy.Request
		for _, n := range r.neededAt(w, s) {
			q := r.byCaller(n)
			if !reported[n] && before.may(q) && after.may(q) && !s.may(q) {
				reported[n], calls = true, append(calls, q)
			}
		}
		if len(calls) > 0 {
			r.refuse(CodeLockOut, r.stepAt(w, s).ID(),
				fmt.Sprintf("%s, who would apply this plan, could not go on with it or undo it: %s, %s", id, r.span(w, s, func(p party) bool { return p.may(calls[0]) }), firstOf(calls)),
				"apply it as somebody else; or give the new grant in one apply, and take the old one away in the next")
		}
	}
}

// neededAt returns the calls of the plan that may be made at a stop, ascending.
func (r *run) neededAt(w way, s stop) []int {
	a := r.asked()
	all := slices.Clone(a.always)
	for i := range r.Plan.Steps {
		if w.doing(i, s) {
			all = append(all, a.do[i]...)
		}
		if w.undoing(i, s) {
			all = append(all, a.undo[i]...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// span says from when to when something does not hold that holds at the end of
// the way: "once it deletes user/a, and until it creates user/b".
func (r *run) span(w way, s stop, holds func(party) bool) string {
	text := "once it " + does(r.stepAt(w, s).Change)
	for _, later := range w.stops {
		if later.done > s.done && holds(later.party) {
			return text + ", and until it " + does(r.stepAt(w, later).Change)
		}
	}
	return text
}

// stepAt returns the step that was done last at a stop which is not the first.
func (r *run) stepAt(w way, s stop) planner.Step { return r.Plan.Steps[w.touching[s.done-1]] }
