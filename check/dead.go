package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

const deadHelp = "leave it out of `trust`, or name a user or role that is there: one made anew is another to IAM, even under the same name"

// deadPrincipals looks for trust policies that IAM would not take, since they
// name a user or role that is not there at that time. A plan that writes one is
// refused; of one that would have to put it back it is noted that this cannot
// be undone.
//
// IAM keeps the unique id of whom a trust policy names. It shows the ARN while
// the user or role is there, and the id once it has been deleted, even if
// another has its name now; and it takes no policy that names such an id, or
// who is not there (IAM User Guide, "AWS JSON policy elements: Principal").
func (r *run) deadPrincipals() {
	deleted, made := r.steering()
	for i, s := range r.Plan.Steps {
		id := s.ID()
		if id.Kind != "role" {
			continue
		}
		before, after := partyOf(r.before, id).principal, partyOf(r.after, id).principal
		if before.Trust.Equal(after.Trust) {
			continue
		}
		if dead := deadIDs(after.Trust); len(dead) > 0 {
			r.refuse(CodeDead, id, fmt.Sprintf("%s would trust %s, which is what is left of a user or role that has been deleted: IAM takes no such trust policy", id, list(dead)), deadHelp)
		}
		if dead := deadIDs(before.Trust); len(dead) > 0 {
			r.noteDead(s, fmt.Sprintf("it trusts %s, which is what is left of a user or role that has been deleted: IAM would not take that trust policy again, so this step cannot be undone", list(dead)))
		}
		// What is undone first is what was done last: whom the old trust policy
		// names has to be back by then.
		for _, p := range named(before.Trust, r.Before) {
			if d, ok := deleted[p]; ok && i >= d {
				r.noteDead(s, fmt.Sprintf("it trusts %s, which this plan deletes: undoing the plan comes to this step before %s is there again, and IAM would not take the old trust policy", p, p))
			}
		}
	}
	r.orphanedTrusts(deleted, made)
}

// orphanedTrusts refuses a plan that deletes whom a trust policy goes on to
// name: IAM puts the id in the place of the name, and there it stays if the plan
// makes another of that name without writing the trust policy after it.
func (r *run) orphanedTrusts(deleted, made map[resource.ID]int) {
	if len(deleted) == 0 {
		return
	}
	wrote := map[resource.ID]int{} // the last step that writes the trust policy
	for i, s := range r.Plan.Steps {
		if id := s.ID(); id.Kind == "role" && s.After != nil && !partyOf(r.before, id).principal.Trust.Equal(partyOf(r.after, id).principal.Trust) {
			wrote[id] = i
		}
	}
	for _, role := range r.After.Principals {
		for _, p := range named(role.Trust, r.Before) {
			if _, gone := deleted[p]; !gone {
				continue
			}
			again, back := made[p]
			if w, written := wrote[role.ID]; written && back && w > again {
				continue
			}
			r.refuse(CodeDead, p, fmt.Sprintf("%s trusts %s, which this plan deletes: the trust policy would be left with an id that is nobody's, and undoing the plan would not bring the trust back", role.ID, p), deadHelp)
		}
	}
}

func (r *run) noteDead(s planner.Step, text string) {
	r.notes = append(r.notes, planner.Note{Resource: s.ID(), Code: CodeDead, Text: text, Source: s.Source})
}

// steering returns the users and roles that the plan deletes, and those that it
// makes, by the step that does.
func (r *run) steering() (deleted, made map[resource.ID]int) {
	deleted, made = map[resource.ID]int{}, map[resource.ID]int{}
	for i, s := range r.Plan.Steps {
		id := s.ID()
		switch {
		case id.Kind != "user" && id.Kind != "role":
		case s.Action() == resource.Delete:
			deleted[id] = i
		case s.Action() == resource.Create:
			made[id] = i
		}
	}
	return deleted, made
}

// deadIDs returns the unique ids that a trust policy names.
func deadIDs(trust policy.Document) []string {
	return slices.DeleteFunc(trust.AWSPrincipals(), func(p string) bool {
		return !strings.HasPrefix(p, "AIDA") && !strings.HasPrefix(p, "AROA")
	})
}

// named returns the users and roles of an account that a trust policy names, in
// the order of the account.
func named(trust policy.Document, a *access.Account) []resource.ID {
	arns := trust.AWSPrincipals()
	var all []resource.ID
	for _, p := range a.Principals {
		if slices.Contains(arns, p.ARN) {
			all = append(all, p.ID)
		}
	}
	return all
}
