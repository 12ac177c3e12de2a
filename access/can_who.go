package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Holder is someone who can do what was asked about.
type Holder struct {
	Who     resource.ID `json:"principal"`
	Verdict Verdict     `json:"verdict"` // Yes, Depends or Unknown

	// Roles are those that one has to assume in turn; none if the right is the
	// principal's own.
	Roles []resource.ID `json:"roles,omitempty"`

	Through []string `json:"through"`          // "group/web -> shell-web", each way to the right
	Limits  []string `json:"limits,omitempty"` // "with MFA", "own sessions", "on 2 of 5 nodes"; none is none
	Chains  []Chain  `json:"chains"`           // to the statements that give it

	// AssumedBy are those outside of the account who can act as a role: a
	// service, a provider of identities, another account.
	AssumedBy []string `json:"assumed_by,omitempty"`

	Nodes int `json:"nodes,omitempty"` // on how many of the nodes that were asked about, at most
}

// Way returns how the holder comes by the right: "group/web -> shell-web", or
// "role/oncall -> prod-breakglass" for one who has to assume a role.
func (h Holder) Way() string {
	var roles strings.Builder
	for _, r := range h.Roles {
		roles.WriteString(r.String() + " -> ")
	}
	return roles.String() + firstOf(h.Through, 3)
}

// mostTried bounds the nodes that each principal is asked about one by one.
// With more, one of them stands for those that the matrix has for it.
const mostTried = 50

// WhoCan returns who can do what the question asks, whoever Question.Who is:
// the users and roles whose own policies allow it, and those who can become
// such a role, by up to four roles, unless they can do it all as themselves.
// They are sorted by name, what is their own first; service-linked roles are
// among them, and those of whom it is unknown. It is never nil.
func (a *Account) WhoCan(q Question) ([]Holder, error) {
	action, err := ResolveAction(q.Action)
	if err != nil {
		return nil, err
	}
	everyone := newPeople(a)
	p, err := q.plan(a, action)
	if err != nil {
		return nil, err
	}
	w := asked{plan: p, people: everyone, given: q.Context}
	if p.main.Type == NodeLeg && len(p.targets) > mostTried {
		w.matrix = NewMatrix(a, []string{action})
		w.asked = newBits(len(a.Nodes))
		for _, t := range p.targets {
			if i, ok := w.matrix.engine.nodes[0].exact[t.ARN]; ok {
				w.asked.add(i)
			}
		}
	}
	holders := []Holder{}
	for _, s := range everyone.list {
		if h, ok := w.holder(s); ok {
			holders = append(holders, h)
		}
	}
	full := map[resource.ID]bool{} // who needs no role for it
	for _, h := range holders {
		full[h.Who] = h.Verdict == Yes && len(h.Limits) == 0
	}
	for _, h := range slices.Clone(holders) {
		if h.Who.Kind == userKind {
			continue
		}
		for _, by := range everyone.assumers(h.Who) {
			if by.Outside != "" || full[by.Who] {
				continue
			}
			through := h
			through.Who, through.AssumedBy = by.Who, nil
			through.Roles = append(slices.Clip(by.Through), h.Who)
			if by.When != "" {
				through.Verdict = Depends
				through.Limits = append([]string{by.When}, slices.DeleteFunc(slices.Clone(h.Limits), func(l string) bool { return l == by.When })...)
			}
			holders = append(holders, through)
		}
	}
	slices.SortStableFunc(holders, func(x, y Holder) int {
		if c := x.Who.Compare(y.Who); c != 0 {
			return c
		}
		return slices.CompareFunc(x.Roles, y.Roles, resource.ID.Compare)
	})
	return holders, nil
}

// asked is a question to everyone.
type asked struct {
	plan
	people *people
	given  policy.Context
	matrix *Matrix // nil: all that is asked about is tried
	asked  bits    // the nodes that are asked about, with a matrix
}

// holder answers for one principal; it is false if it can not.
func (w asked) holder(s *subject) (Holder, bool) {
	unread := slices.ContainsFunc(s.effective.Unread, func(u Unread) bool { return !u.Boundary })
	if !s.speaksOf(w.action) && !unread {
		return Holder{}, false
	}
	targets, reached := w.targets, -1
	if w.matrix != nil && !unread {
		targets, reached = w.reached(s)
	}
	calls := w.calls(s, targets)
	h := Holder{Who: s.principal.ID}
	var best *CallReply
	whens := map[string]bool{}
	for _, c := range calls {
		r := s.reply(w.action, c, w.given)
		if r.Verdict == No {
			continue
		}
		h.Nodes++
		if r.When != "" {
			whens[r.When] = true
		}
		if best == nil || best.Verdict != Yes && r.Verdict == Yes {
			best = &r
		}
	}
	if best == nil {
		return Holder{}, false
	}
	if reached >= 0 {
		h.Nodes = reached
	}
	h.Verdict = best.Verdict
	h.Limits = sortedKeys(whens)
	for _, leg := range best.Legs {
		h.Chains = append(h.Chains, leg.Chains...)
	}
	main := best.Legs[0]
	for _, c := range main.Chains {
		if short := c.Short(); !slices.Contains(h.Through, short) {
			h.Through = append(h.Through, short)
		}
	}
	h.limit(w, s, *best)
	if s.principal.ID.Kind != userKind {
		for _, by := range w.people.outsiders(s.principal.ID) {
			h.AssumedBy = append(h.AssumedBy, by.Outside)
		}
	}
	return h, true
}

// reached returns the first of the nodes that are asked about which the matrix
// has for a principal, and how many there are.
func (w asked) reached(s *subject) ([]Target, int) {
	var first []Target
	count := 0
	for _, i := range w.matrix.Reach(s.principal.ID, w.action).Nodes {
		if !w.asked.has(i) {
			continue
		}
		if count++; count == 1 {
			first = []Target{nodeTarget(w.people.holdings.account.Nodes[i])}
		}
	}
	return first, count
}

// limit adds to what extent the holder can do it.
func (h *Holder) limit(w asked, s *subject, r CallReply) {
	if r.Legs[0].Leg != NodeLeg {
		h.Nodes = 0
	} else if total := len(w.targets); h.Nodes < total {
		h.Limits = append(h.Limits, fmt.Sprintf("on %d of %d nodes", h.Nodes, total))
	}
	for _, leg := range r.Legs {
		if leg.Verdict != policy.Allowed || leg.Leg == NodeLeg || leg.Allowed == nil {
			continue // of what was asked for by name, there is nothing to add
		}
		if names, limited := s.limits(w.action, leg); limited {
			h.Limits = append(h.Limits, names)
		}
	}
	if r.Verdict == Unknown {
		h.Limits = append(h.Limits, "not all policies are known")
	}
}

// limits says on which resources the statements that decide allow a leg. It is
// false if on all of the kind.
func (s *subject) limits(action string, leg LegReply) (string, bool) {
	var names []string
	for _, c := range leg.Chains {
		if c.Layer != policy.LayerIdentity {
			continue
		}
		if ownSession(c.Text) {
			return "own sessions", true
		}
		st, version := s.statement(c)
		if st.Resource == nil || slices.ContainsFunc(st.Resource, func(r string) bool { return strings.Trim(r, "*") == "" }) {
			return "", false
		}
		names = append(names, s.resourceNames(st, version, action, leg.Target)...)
	}
	for _, n := range names {
		if rest := fields(n)[5]; strings.HasPrefix(n, "arn:") && strings.HasSuffix(rest, "/*") && strings.Count(rest, "/") == 1 {
			return "", false // all of the type
		}
	}
	slices.Sort(names)
	return "only " + firstOf(slices.Compact(names), 5), len(names) > 0
}

// ownSession reports whether a statement speaks of the sessions of whoever it
// is about (Systems Manager User Guide, "Additional sample IAM policies for
// Session Manager").
func ownSession(text string) bool {
	return strings.Contains(text, "session/${aws:user") || strings.Contains(text, "resourceTag/aws:ssmmessages:session-id")
}

// statement returns the statement that a chain leads to, and the version of its
// document.
func (s *subject) statement(c Chain) (policy.Statement, string) {
	for i, o := range s.effective.Identity {
		if d := s.effective.Policies.Identity[i]; o.Name == c.Policy && o.ARN == c.ARN && o.Group == c.Group && c.Statement < len(d.Statements) {
			return d.Statements[c.Statement], d.Version
		}
	}
	return policy.Statement{}, ""
}
