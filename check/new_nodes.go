package check

import (
	"fmt"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// newNodes refuses nodes that would act as a role which may do more than the
// one they act as now, if any: whoever has a session there has that as well.
func (r *run) newNodes() {
	was := map[string]string{}
	for _, n := range r.Before.Nodes {
		was[n.ID] = n.Role
	}
	type swap struct{ from, to string }
	proofs := map[swap]string{} // what is new, in words
	for _, n := range r.After.Nodes {
		s := swap{was[n.ID], n.Role}
		if s.to == "" || s.to == s.from {
			continue
		}
		text, done := proofs[s]
		if !done {
			text = r.moreThan(partyOf(r.after, roleID(s.to)), partyOf(r.before, roleID(s.from)))
			proofs[s] = text
		}
		if text == "" {
			continue
		}
		by := resource.ID{}
		if causes := r.changed(n.From...); len(causes) > 0 {
			by = causes[0]
		}
		r.refuse(CodeNewAccess, by, fmt.Sprintf("node %s would act as %s, %s: %s", n.ID, roleID(s.to), r.once(by), text), newAccessHelp)
	}
}

func roleID(name string) resource.ID { return resource.ID{Kind: "role", Name: name} }

// moreThan says in words what one party may do that another may not, "" for
// nothing.
func (r *run) moreThan(after, before party) string {
	if name, why := unknown(before, after); name != "" {
		return why
	}
	switch found := policy.NewAccess(after.Policies, before.Policies, policy.Budget{}); found.Verdict {
	case policy.Widened:
		return wordsWith(r.here(*found.Witness, after, before))
	case policy.Undecided:
		return "that this gives nothing new cannot be proven: " + found.Reason
	}
	return ""
}
