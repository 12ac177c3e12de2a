package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

const newAccessHelp = "leave it out; or apply without --no-new-access, once somebody has agreed to it"

// newAccess refuses a plan that gives anybody anything new. What is new is
// looked for twice: among the nodes and documents that there are, by the
// comparison of access; and in every request there could ever be, by proving
// that what bears on a principal after the plan allows nothing that it did not
// before. Who comes to be able to assume a role gains what it holds, and so
// does a node that comes to carry it. What cannot be proven is refused.
func (r *run) newAccess() {
	r.newAnyDay(r.newToday())
	r.newTrust()
	r.newNodes()
}

// Gains are what each principal is known to gain: actions, and the names of
// policies that cannot be read.
type gains map[resource.ID][]string

func (g gains) has(of []resource.ID, what string) bool {
	return slices.ContainsFunc(of, func(id resource.ID) bool {
		return slices.ContainsFunc(g[id], func(known string) bool { return strings.EqualFold(known, what) })
	})
}

// newToday refuses the gains that the comparison shows, and returns them.
func (r *run) newToday() gains {
	all := gains{}
	for _, c := range r.Changes {
		if c.Effect != access.Gain {
			continue
		}
		what := append(slices.Clip(c.Actions), c.Unknown)
		all[c.Who] = append(all[c.Who], what...)
		for _, user := range c.Members {
			id := resource.ID{Kind: "user", Name: user}
			all[id] = append(all[id], what...)
		}
		by := resource.ID{}
		if causes := r.changed(c.Cause...); len(causes) > 0 {
			by = causes[0]
		}
		text := fmt.Sprintf("%s would gain: %s, %s", c.Who, r.changeWords(c), r.once(by))
		if through := through(c.Via); through != "" {
			text += ", through " + through
		}
		r.refuse(CodeNewAccess, by, text, newAccessHelp)
	}
	return all
}

// through names the chain that gives a right.
func through(via []resource.ID) string {
	names := make([]string, len(via))
	for i, id := range via {
		names[i] = id.String()
	}
	return strings.Join(names, " -> ")
}

// A proof is what is to be proven of some principals alike: that the policies
// of one side allow nothing that those of the other do not.
type proof struct {
	of            []resource.ID
	before, after party
}

// newAnyDay refuses what can be shown, or cannot be ruled out, to be new to
// any principal, but for the actions that it is known to gain.
func (r *run) newAnyDay(known gains) {
	var proofs []*proof
	alike := map[string]*proof{}
	touched := touched(r.Before, r.After)
	for _, p := range r.After.Principals {
		if !touched[p.ID] {
			continue
		}
		before, after := partyOf(r.before, p.ID), partyOf(r.after, p.ID)
		if keys := tagsThatCount(r, before, after); len(keys) > 0 {
			r.refuse(CodeNewAccess, p.ID,
				fmt.Sprintf("it cannot be proven that %s gains nothing, %s: policies speak of its tags %s", p.ID, r.once(p.ID), list(keys)), newAccessHelp)
		}
		if before.texts() == after.texts() {
			continue
		}
		key := before.texts() + "\x00" + after.texts()
		if alike[key] == nil {
			alike[key] = &proof{before: before, after: after}
			proofs = append(proofs, alike[key])
		}
		alike[key].of = append(alike[key].of, p.ID)
	}
	for _, p := range proofs {
		r.prove(p, known)
	}
}

func (r *run) prove(p *proof, known gains) {
	names := make([]string, len(p.of))
	for i, id := range p.of {
		names[i] = id.String()
	}
	by := resource.ID{}
	if causes := r.changedFor(p.of[0], p.before, p.after); len(causes) > 0 {
		by = causes[0]
	}
	unproven := func(why string) {
		r.refuse(CodeNewAccess, by, fmt.Sprintf("it cannot be proven that %s gains nothing, %s: %s", list(names), r.once(by), why), newAccessHelp)
	}
	if name, why := unknown(p.before, p.after); why != "" {
		if !known.has(p.of, name) {
			unproven(why)
		}
		return
	}
	switch found := policy.NewAccess(p.after.Policies, p.before.Policies, policy.Budget{}); found.Verdict {
	case policy.Widened:
		if w := r.here(*found.Witness, p.after, p.before); !known.has(p.of, w.Action) {
			r.refuse(CodeNewAccess, by, fmt.Sprintf("%s would gain: %s, %s", list(names), wordsWith(w), r.once(by)), newAccessHelp)
		}
	case policy.Undecided:
		unproven(found.Reason)
	}
}

// here returns a witness that one side allows and another does not as it would
// be in this account, if it is one there too: a proof names any account.
func (r *run) here(w policy.Request, allows, not party) policy.Request {
	local := w
	if f := strings.SplitN(w.Resource, ":", 6); len(f) == 6 && f[4] != "" {
		f[4] = r.After.Place.Account
		local.Resource = strings.Join(f, ":")
	}
	if allows.Policies.Decide(local).Verdict == policy.Allowed && not.Policies.Decide(local).Verdict != policy.Allowed {
		return local
	}
	return w
}

// unknown says which text that counts is not known, and why: one that may give
// more after the plan, or one that may have bounded more before it.
func unknown(before, after party) (name, why string) {
	for _, u := range after.Unread {
		if !u.Boundary && !slices.ContainsFunc(before.Unread, func(b access.Unread) bool { return b.ARN == u.ARN && b.Name == u.Name }) {
			return u.Name, fmt.Sprintf("the text of %s is not known: %s", u.Name, u.Why)
		}
	}
	for _, u := range before.Unread {
		if u.Boundary && !slices.ContainsFunc(after.Unread, func(b access.Unread) bool { return b.Boundary && b.ARN == u.ARN }) {
			return u.Name, fmt.Sprintf("the text of the boundary %s is not known: %s", u.Name, u.Why)
		}
	}
	return "", ""
}

// tagsThatCount returns the keys of the principal's tags that differ and that
// a policy may look at: one of its own, or that of a role that it could assume.
func tagsThatCount(r *run, before, after party) []string {
	if !before.there {
		return nil
	}
	var keys []string
	texts := ""
	for _, k := range differing(before.principal.Tags, after.principal.Tags) {
		if texts == "" {
			texts = after.texts()
			for _, p := range r.After.Principals {
				texts += canonical(p.Trust)
			}
			texts = strings.ToLower(texts)
		}
		if strings.Contains(texts, "aws:principaltag/"+strings.ToLower(k)) {
			keys = append(keys, k)
		}
	}
	return keys
}

// differing returns the keys whose values differ, sorted.
func differing(a, b map[string]string) []string {
	var keys []string
	differ(a, b, func(k string) { keys = append(keys, k) })
	slices.Sort(keys)
	return keys
}

// newTrust refuses roles that somebody may assume who could not before. What
// a new role holds is reported as that; one that holds nothing gives nothing.
func (r *run) newTrust() {
	for _, p := range r.After.Principals {
		before := partyOf(r.before, p.ID)
		if !before.there || p.ID.Kind != "role" {
			continue
		}
		if text := trustsMore(before.principal.Trust, p.Trust); text != "" {
			r.refuse(CodeNewAccess, p.ID, fmt.Sprintf("%s could be assumed by more than before, %s: %s", p.ID, r.once(p.ID), text), newAccessHelp)
		}
	}
}
