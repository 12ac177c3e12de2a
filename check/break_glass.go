package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

const breakGlassHelp = "leave it what it has; or take it out of `break_glass` in an apply of its own, if it is that no more"

const breakGlassWayHelp = "give it the new grant in one apply, and take the old one away in the next"

// breakGlass refuses a plan that takes anything from those who must get in
// when nothing else works: any call at all, the role's door, or a call that
// undoing the plan asks for.
func (r *run) breakGlass() {
	for _, id := range r.BreakGlass {
		n := len(r.refused)
		r.losesAtTheEnd(id)
		if len(r.refused) == n {
			r.losesOnTheWay(id)
		}
	}
}

// losesAtTheEnd refuses what a principal has before the plan and not after it.
func (r *run) losesAtTheEnd(id resource.ID) {
	before, after := partyOf(r.before, id), partyOf(r.after, id)
	switch {
	case !before.there:
		return // nothing to lose yet; that it must exist is the spec's to ask
	case !after.there:
		r.refuse(CodeBreakGlass, id, fmt.Sprintf("%s is break-glass, and this plan deletes it", id), breakGlassHelp)
		return
	}
	if text := untrusted(before.principal.Trust, after.principal.Trust); text != "" {
		r.refuse(CodeBreakGlass, id, fmt.Sprintf("%s is break-glass, and this plan keeps out some who may assume it: %s", id, text), breakGlassHelp)
	}
	if r.losesChanges(id) || same(before, after) {
		return
	}
	lost, _ := r.taken(id, acting(before.principal), before, after, r.asked().undoing())
	for _, t := range lost {
		r.refuse(CodeBreakGlass, t.by,
			fmt.Sprintf("%s is break-glass, and could not undo this plan: %s, %s", id, r.once(t.by), firstOf(t.calls)), breakGlassHelp)
	}
	if len(lost) == 0 {
		r.losesProof(id, before, after)
	}
}

// losesOnTheWay refuses what a principal has before and after the plan and not
// in between: the plan may fail, or be stopped, just there.
func (r *run) losesOnTheWay(id resource.ID) {
	w := r.way(id)
	before, after := w.first(), w.last()
	if !before.there {
		return
	}
	for _, s := range w.between() {
		by := r.stepAt(w, s).ID()
		loses := func(what string, holds func(party) bool) {
			r.refuse(CodeBreakGlass, by, fmt.Sprintf("%s is break-glass, and this plan takes something from it on the way: %s, %s", id, r.span(w, s, holds), what), breakGlassWayHelp)
		}
		if !s.there {
			loses("it is not there", func(p party) bool { return p.there })
			return
		}
		if text := untrusted(before.principal.Trust, s.principal.Trust); text != "" {
			loses("it keeps out some who may assume it: "+text, func(p party) bool { return untrusted(before.principal.Trust, p.principal.Trust) == "" })
			return
		}
		if s.texts() == before.texts() || s.texts() == after.texts() {
			continue // the end has been judged
		}
		unproven := func(why string) {
			r.note(by, fmt.Sprintf("%s is break-glass, and it cannot be proven that this plan takes nothing from it on the way: %s", id, why))
		}
		if _, why := unknown(s.party, before); why != "" {
			unproven(why)
			return
		}
		switch found := policy.NewAccess(before.Policies, s.Policies, policy.Budget{}); found.Verdict {
		case policy.Widened:
			q := r.here(*found.Witness, before, s.party)
			loses(wordsWith(q)+" is not allowed", func(p party) bool { return p.Policies.Decide(q).Verdict == policy.Allowed })
			return
		case policy.Undecided:
			unproven(found.Reason)
			return
		}
	}
}

// losesChanges refuses what the comparison of access shows a principal to
// lose, and reports whether there is any.
func (r *run) losesChanges(id resource.ID) bool {
	found := false
	for _, c := range r.Changes {
		if c.Effect != access.Loss || !concerns(c, id) {
			continue
		}
		found = true
		by := resource.ID{}
		if causes := r.changed(c.Cause...); len(causes) > 0 {
			by = causes[0]
		}
		r.refuse(CodeBreakGlass, by, fmt.Sprintf("%s is break-glass, and this plan takes from it: %s, %s", id, r.changeWords(c), r.once(by)), breakGlassHelp)
	}
	return found
}

// losesProof refuses, beyond what there is in the account today, any request
// that a principal may make before the plan and not after it.
func (r *run) losesProof(id resource.ID, before, after party) {
	by := resource.ID{}
	if causes := r.changedFor(id, before, after); len(causes) > 0 {
		by = causes[0]
	}
	switch found := policy.NewAccess(before.Policies, after.Policies, policy.Budget{}); found.Verdict {
	case policy.Widened:
		r.refuse(CodeBreakGlass, by, fmt.Sprintf("%s is break-glass, and this plan takes from it: %s, %s is not allowed any more", id, r.once(by), wordsWith(r.here(*found.Witness, before, after))), breakGlassHelp)
	case policy.Undecided:
		r.note(by, fmt.Sprintf("%s is break-glass, and it cannot be proven that this plan takes nothing from it: %s", id, found.Reason))
	}
}

// changedFor returns the objects that bear on a principal and that the plan
// changes.
func (r *run) changedFor(id resource.ID, before, after party) []resource.ID {
	var all []resource.ID
	for _, o := range slices.Concat(after.Identity, after.Boundary, before.Identity, before.Boundary) {
		all = append(all, o.Chain...)
	}
	for _, u := range slices.Concat(after.Unread, before.Unread) {
		all = append(all, u.Chain...)
	}
	return r.changed(append(all, id)...)
}

// concerns reports whether a change of access is one of the principal's.
func concerns(c access.Change, id resource.ID) bool {
	return c.Who == id || id.Kind == "user" && c.Who.Kind == "group" && slices.Contains(c.Members, id.Name)
}

// changeWords says what changes: "run any document on every instance, only
// with MFA (such as ssm:SendCommand on i-1 with AWS-RunShellScript)".
func (r *run) changeWords(c access.Change) string {
	text := c.Rights
	if c.On != nil {
		text += " on " + c.On.Text
	}
	if c.When != "" {
		text += ", " + c.When
	}
	account := r.After
	if c.Effect == access.Loss {
		account = r.Before
	}
	if example := account.Example(c); example != "" {
		text += " (such as " + example + ")"
	}
	return text
}

// acting returns the ARN by which a principal makes requests: for a role, that
// of a session of it.
func acting(p access.Principal) string {
	if p.ID.Kind != "role" {
		return p.ARN
	}
	fields := strings.SplitN(p.ARN, ":", 6)
	if len(fields) != 6 {
		return p.ARN
	}
	return "arn:" + fields[1] + ":sts::" + fields[4] + ":assumed-role/" + p.ID.Name + "/break-glass"
}
