package access

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Effective is all that bears on one principal, and where it comes from.
type Effective struct {
	Policies policy.Policies
	Identity []Origin // of each document of Policies.Identity
	Boundary []Origin // of each document of Policies.Boundary
	Unread   []Unread // what bears on the principal and is not in Policies, since its text is not known
}

// An Origin says how a document comes to bear on a principal.
type Origin struct {
	Chain []resource.ID // the objects that say so, from the principal on: membership, grant, policy
	Group string        // name of the group it comes through; "" if it is the principal's own
	Name  string        // of the policy
	ARN   string        // of a managed policy
}

// Unread is a policy whose text is not known.
type Unread struct {
	Origin
	Why      string
	Boundary bool // it is the boundary, so it could only take away
}

// Effective returns what bears on a user or role: its own policies, then those
// of its groups, each in the order of their objects; and its boundary. A
// boundary that cannot be read is left out of Policies, which then allow more
// than IAM does. It is false if the account has no such principal.
//
// Every call looks through the whole account; for many principals, ask its
// Holdings.
func (a *Account) Effective(who resource.ID) (Effective, bool) { return a.Holdings().Effective(who) }

// Holdings are an account's principals and grants, by who they are and who
// holds them, so that looking at one does not take looking at all. They are
// safe for concurrent use.
type Holdings struct {
	account *Account
	who     map[resource.ID]Principal
	grants  map[resource.ID][]Grant
	member  map[string][]Member // by user
	bounds  map[resource.ID]Bound
}

// Holdings returns the account by who holds what.
func (a *Account) Holdings() *Holdings {
	h := &Holdings{
		account: a,
		who:     make(map[resource.ID]Principal, len(a.Principals)),
		grants:  map[resource.ID][]Grant{},
		member:  map[string][]Member{},
		bounds:  map[resource.ID]Bound{},
	}
	for _, p := range a.Principals {
		h.who[p.ID] = p
	}
	for _, g := range a.Grants {
		h.grants[g.To] = append(h.grants[g.To], g)
	}
	for _, grants := range h.grants {
		slices.SortStableFunc(grants, func(x, y Grant) int {
			if c := x.From.Compare(y.From); c != 0 {
				return c
			}
			return strings.Compare(x.ARN+x.Name, y.ARN+y.Name)
		})
	}
	for _, m := range a.Members {
		h.member[m.User] = append(h.member[m.User], m)
	}
	for _, members := range h.member {
		slices.SortStableFunc(members, func(x, y Member) int { return strings.Compare(x.Group, y.Group) })
	}
	for _, b := range a.Bounds {
		h.bounds[b.Of] = b
	}
	return h
}

// Principal returns a user or role; it is false if the account has none of
// that ID.
func (h *Holdings) Principal(who resource.ID) (Principal, bool) {
	p, ok := h.who[who]
	return p, ok
}

// Effective is Account.Effective.
func (h *Holdings) Effective(who resource.ID) (Effective, bool) {
	if _, ok := h.who[who]; !ok {
		return Effective{}, false
	}
	return h.effective(who), true
}

// effective returns what bears on a principal.
func (h *Holdings) effective(who resource.ID) Effective {
	var e Effective
	add := func(g Grant, group string, chain []resource.ID) {
		o := Origin{Chain: append(chain, g.From), Group: group, Name: g.Name, ARN: g.ARN}
		if g.Document != nil {
			e.Policies.Identity = append(e.Policies.Identity, *g.Document)
			e.Identity = append(e.Identity, o)
			return
		}
		o, document, why := h.managed(o)
		if why != "" {
			e.Unread = append(e.Unread, Unread{Origin: o, Why: why})
			return
		}
		e.Policies.Identity = append(e.Policies.Identity, document)
		e.Identity = append(e.Identity, o)
	}
	for _, g := range h.grants[who] {
		add(g, "", nil)
	}
	if who.Kind == userKind {
		for _, m := range h.member[who.Name] {
			for _, g := range h.grants[resource.ID{Kind: groupKind, Name: m.Group}] {
				add(g, m.Group, []resource.ID{m.From})
			}
		}
	}
	if b, ok := h.bounds[who]; ok {
		o, document, why := h.managed(Origin{Chain: []resource.ID{b.From}, ARN: b.ARN})
		if why != "" {
			e.Unread = append(e.Unread, Unread{Origin: o, Why: why, Boundary: true})
		} else {
			e.Policies.Boundary = []policy.Document{document}
			e.Boundary = []Origin{o}
		}
	}
	return e
}

// managed completes the origin of a managed policy and returns its document,
// or why there is none.
func (h *Holdings) managed(o Origin) (_ Origin, d policy.Document, why string) {
	m, ok := h.account.Policies[o.ARN]
	if o.Name == "" {
		o.Name = m.Name
	}
	if o.Name == "" {
		o.Name = o.ARN[strings.LastIndexByte(o.ARN, '/')+1:]
	}
	if m.From != (resource.ID{}) {
		o.Chain = append(o.Chain, m.From)
	}
	switch {
	case !ok:
		return o, d, "the text of " + o.ARN + " is not part of what was read"
	case m.Unread != "":
		return o, d, m.Unread
	}
	return o, m.Document, ""
}

// The kinds of who holds policies.
const (
	userKind  = "user"
	groupKind = "group"
	roleKind  = "role"
)
