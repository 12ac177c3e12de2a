package check

import (
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// callerRules are those about who would apply the plan: that it holds what the
// plan takes, and keeps it.
func (r *run) callerRules() {
	id, is := callerOf(r.Before, r.Caller)
	switch is {
	case root: // nothing in IAM takes anything from it
	case stranger:
		r.noteCaller(resource.ID{}, fmt.Sprintf("%s is no user or role that this account shows, so nobody checked that the plan's caller may do and undo it, nor that the plan leaves its caller able to", r.Caller))
	default:
		w := r.way(id)
		r.rights(id, w)
		r.lockOut(id, w)
	}
}

// noteCaller notes what is not certain of the caller's rights.
func (r *run) noteCaller(id resource.ID, text string) {
	r.notes = append(r.notes, planner.Note{Resource: id, Code: CodeCaller, Text: text, Source: r.steps[id].Source})
}

// byCaller returns a call of the plan as its caller makes it.
func (r *run) byCaller(n int) policy.Request {
	q := r.asked().calls[n]
	q.Principal, q.Account = r.Caller, ""
	return q
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
