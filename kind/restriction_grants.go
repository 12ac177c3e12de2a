package kind

import (
	"fmt"
	"strconv"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy/managed"
	"github.com/ssmctl/ssmctl/resource"
)

// A listed restriction is one that a principal's entry lists.
type listed struct {
	*RestrictionEntry
	name string
	at   []string // where the entry lists it
}

// enforced returns the listed restrictions that are enforced so.
func (g Grants) enforced(s *entry.Spec, how string) (all []listed) {
	for i, name := range g.Restrictions {
		r := entry.Lookup[RestrictionEntry](s, "restrictions", name)
		if r != nil && or(r.Enforce, "grant") == how {
			all = append(all, listed{r, name, []string{"restrictions", strconv.Itoa(i)}})
		}
	}
	return all
}

// attachments returns the attachments of the restriction's policies.
func (l listed) attachments(s *entry.Spec, to resource.ID, after []resource.ID) (all []Attachment) {
	for i := range max(1, len(l.compile(s).documents)) { // what does not compile is reported by itself
		all = append(all, Attachment{To: to, Policy: restrictionARN(s, policyPart(l.name, i)), after: after})
	}
	return all
}

// denials returns the attachments of the restrictions that deny, which are to
// be there before anything is granted.
func (g Grants) denials(s *entry.Spec, to resource.ID) (all []resource.ID) {
	for _, l := range g.enforced(s, "deny") {
		for _, a := range l.attachments(s, to, nil) {
			all = append(all, a.ID())
		}
	}
	return all
}

// boundary returns the ARN of the boundary of a user or role, given what its
// entry declares, and where that stands. Of an existing principal, the
// defaults say nothing.
func (g Grants) boundary(x *entry.Expansion, declared string, existing bool) (arn string, at []string) {
	arn, at = declared, []string{"permissions_boundary"}
	other := "`permissions_boundary` names another"
	if arn == "" && !existing && x.Spec.Defaults.PermissionsBoundary != "" {
		arn, other = x.Spec.Defaults.PermissionsBoundary, "the defaults name another"
	}
	for _, l := range g.enforced(x.Spec, "boundary") {
		if arn != "" {
			x.Fault(fmt.Sprintf("restriction %q is to be the boundary of %s, and %s: a user or role has one", l.name, x.Name, other),
				"keep one of the two, or write `enforce: deny` on the restriction, of which there may be several", l.at...)
			continue
		}
		arn, at = restrictionARN(x.Spec, l.name), l.at
		other = fmt.Sprintf("so is restriction %q", l.name)
	}
	return arn, at
}

// checkRestrictions reports restrictions that cannot work on the principal, or
// that do not say what it may.
func (g Grants) checkRestrictions(x *entry.Expansion, to resource.ID) {
	if to.Kind == groupKind {
		for _, l := range g.enforced(x.Spec, "boundary") {
			x.Fault(fmt.Sprintf("restriction %q is to be a boundary, and IAM gives groups none", l.name),
				"list it on the users or roles themselves, or write `enforce: deny` on it", l.at...)
		}
	}
	if has := g.everything(); has != "" {
		for _, l := range g.enforced(x.Spec, "grant") {
			text := fmt.Sprintf("restriction %q has no effect for %s %q: %s, in the same entry, already allows all of Systems Manager", l.name, to.Kind, x.Name, has)
			if len(l.Parameters.Decrypt) > 0 {
				text = fmt.Sprintf("only `decrypt` of restriction %q has an effect for %s %q: %s, in the same entry, already allows all of Systems Manager", l.name, to.Kind, x.Name, has)
			}
			x.Fault(text, "take that away, as with `access: none`, or write `enforce: deny` on the restriction", l.at...)
		}
		return
	}
	g.checkProduct(x, to)
}

// everything returns what in g allows all of Systems Manager, or "".
func (g Grants) everything() string {
	switch {
	case g.Access.Actions == "full":
		return "`access: {actions: full}`"
	case g.Access.Actions == "" && g.Access.Preset == "full":
		return "`access: full`"
	}
	for i, name := range g.Policies {
		if p, ok := managed.FromARN(name); ok {
			name = p.Name
		}
		switch name {
		case "AmazonSSMFullAccess", "AdministratorAccess", "PowerUserAccess":
			return fmt.Sprintf("`policies[%d]`, which is %s", i, name)
		}
	}
	return ""
}

// checkAgent reports boundaries that would take from a role what the agent, or
// the service, that works under it needs.
func (e *RoleEntry) checkAgent(x *entry.Expansion) {
	p, ok := typePolicies[e.typ()]
	if !ok {
		return
	}
	for _, l := range e.enforced(x.Spec, "boundary") {
		x.Fault(fmt.Sprintf("restriction %q as its boundary would take from role %s, of type %s, what %s gives it", l.name, x.Name, e.typ(), p),
			"write `enforce: deny` on the restriction, or bound the people who use the role", l.at...)
	}
}
