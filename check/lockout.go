package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/resource"
)

// lockOut refuses a plan that takes from its own caller a call that the plan
// itself makes, or would make to be undone: it could end halfway, with nobody
// there who may put it right. What hangs on the request, such as a second
// factor, is no reason to refuse, and is noted.
func (r *run) lockOut() {
	id, is := callerOf(r.Before, r.Caller)
	switch is {
	case root: // nothing in IAM takes anything from it
		return
	case stranger:
		r.note(resource.ID{}, fmt.Sprintf("%s is no user or role that this account shows, so nobody checked that the plan leaves its caller able to finish or undo it", r.Caller))
		return
	}
	before, after := partyOf(r.before, id), partyOf(r.after, id)
	if same(before, after) {
		return
	}
	lost, hangs := r.taken(id, r.Caller, before, after, r.applying())
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

// A standing says what a caller is to an account.
type standing int

const (
	known    standing = iota // a user or role of it
	root                     // its root user
	stranger                 // of another account, or not shown
)

// callerOf returns who of the account's principals an ARN stands for. That of
// a session, as AWS tells callers theirs, has the role's name but not its path.
func callerOf(a *access.Account, arn string) (resource.ID, standing) {
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) != 6 || fields[4] != a.Place.Account {
		return resource.ID{}, stranger
	}
	service, name := fields[2], fields[5]
	if service == "iam" && name == "root" {
		return resource.ID{}, root
	}
	role := ""
	if session, ok := strings.CutPrefix(name, "assumed-role/"); ok && service == "sts" {
		role, _, _ = strings.Cut(session, "/")
	}
	for _, p := range a.Principals {
		if p.ARN == arn || role != "" && p.ID.Kind == "role" && strings.EqualFold(p.ID.Name, role) {
			return p.ID, known
		}
	}
	return resource.ID{}, stranger
}
