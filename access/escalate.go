package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// An Escalation is a way by which someone comes to more than their policies
// say.
type Escalation struct {
	Code     string      `json:"code"`
	Severity Severity    `json:"severity"`
	Who      resource.ID `json:"principal"`         // a user or role; or a group, all of whose members have the same way
	Members  []string    `json:"members,omitempty"` // the users, if Who is a group
	Path     []string    `json:"path"`              // "user/amy", "ssm:StartSession on web-1", "role/backup"
	Text     string      `json:"text"`              // the finding in a sentence
	Fix      string      `json:"fix"`

	// Gains is a request that the way allows and the principal's own policies do
	// not. It is nil if it could be neither shown nor ruled out that there is
	// one; Text says so.
	Gains *policy.Request `json:"gains,omitempty"`
}

// Severity says how much an escalation gives.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // rights over the rights in the account
	High     Severity = "high"     // to change or run things, or to read secrets
	Medium   Severity = "medium"   // to read
)

var severities = []Severity{Critical, High, Medium}

// Escalations returns the ways through Systems Manager by which users and
// roles come to more than they were given, the worst first, then by code and
// principal. Whoever may do it all anyway is in none. The budget is for each
// comparison of what two principals may do.
//
// A way that depends on circumstances, such as MFA, counts: so may theirs. So
// does a node's role that only the node can act as; service-linked roles do not.
func (a *Account) Escalations(budget policy.Budget) []Escalation {
	x := newExplorer(a, budget)
	var found []Escalation
	kept := map[string][]Escalation{} // of users, by class
	for _, s := range x.people.list {
		if s.principal.Service && len(x.carriers[s.principal.ID.Name]) == 0 {
			continue
		}
		if s.principal.ID.Kind != userKind { // a role can be what itself is about
			found = append(found, x.explore(s)...)
			continue
		}
		class := x.class(s)
		if _, ok := kept[class]; !ok {
			kept[class] = x.explore(s)
		}
		for _, e := range kept[class] {
			found = append(found, e.of(s.principal, e.Who))
		}
	}
	return a.fold(found)
}

// explore returns the escalations of one principal.
func (x *explorer) explore(s *subject) []Escalation {
	return slices.Concat(x.nodeRoles(s), x.passedRoles(s), x.profiles(s), x.documents(s), x.guardTags(s))
}

// of returns the escalation of another principal of the same class.
func (e Escalation) of(p Principal, before resource.ID) Escalation {
	if p.ID == before {
		return e
	}
	e.Text = strings.Replace(e.Text, before.String(), p.ID.String(), 1)
	e.Path = append([]string{p.ID.String()}, e.Path[1:]...)
	e.Who = p.ID
	if e.Code == escalateGuardTag { // what it gains, it gains as itself
		gains := *e.Gains
		gains.Principal = p.ARN
		e.Gains = &gains
	}
	return e
}

// finding completes an escalation of a principal.
func finding(code string, s *subject, w weight, text string, steps ...string) Escalation {
	rule, _ := LookupEscalation(code)
	if w.gains == nil {
		text += "; whether that is more than its own rights is not settled: " + w.reason
	} else {
		text += ", and so " + w.gains.Action + " on " + w.gains.Resource
	}
	return Escalation{
		Code: code, Severity: w.severity, Who: s.principal.ID,
		Path: append([]string{s.principal.ID.String()}, steps...),
		Text: text, Fix: rule.Fix, Gains: w.gains,
	}
}

// fold puts a group in place of its members where all of them have the same
// way, and sorts.
func (a *Account) fold(found []Escalation) []Escalation {
	type key struct{ code, path, gains string }
	byKey := map[key][]Escalation{}
	for _, e := range found {
		k := key{code: e.Code, path: strings.Join(e.Path[1:], "\x00")}
		if e.Gains != nil {
			k.gains = e.Gains.Action + " " + e.Gains.Resource
		}
		byKey[k] = append(byKey[k], e)
	}
	members := map[string][]string{}
	for _, m := range a.Members {
		members[m.Group] = append(members[m.Group], m.User)
	}
	// The largest group first, so that the fewest are left over.
	groups := slices.SortedFunc(slices.Values(sortedKeys(members)), func(x, y string) int {
		return cmp.Or(len(members[y])-len(members[x]), strings.Compare(x, y))
	})
	folded := []Escalation{}
	for _, alike := range byKey {
		for _, group := range groups {
			users := set(slices.Clone(members[group]))
			in := func(e Escalation) bool { return e.Who.Kind == userKind && slices.Contains(users, e.Who.Name) }
			if len(users) < 2 || len(slices.DeleteFunc(slices.Clone(alike), func(e Escalation) bool { return !in(e) })) < len(users) {
				continue
			}
			one := alike[slices.IndexFunc(alike, in)]
			one.Who, one.Members = resource.ID{Kind: groupKind, Name: group}, users
			one.Text = strings.Replace(one.Text, one.Path[0], "each of "+one.Who.String(), 1)
			one.Path = append([]string{one.Who.String()}, one.Path[1:]...)
			folded = append(folded, one)
			alike = slices.DeleteFunc(alike, in)
		}
		folded = append(folded, alike...)
	}
	slices.SortFunc(folded, func(x, y Escalation) int {
		return cmp.Or(
			slices.Index(severities, x.Severity)-slices.Index(severities, y.Severity),
			strings.Compare(x.Code, y.Code),
			x.Who.Compare(y.Who),
			slices.Compare(x.Path, y.Path))
	})
	return folded
}
