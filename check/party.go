package check

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A party is a user or role on one side of a plan.
type party struct {
	there     bool // false: it does not exist on this side
	principal access.Principal
	access.Effective

	rulings     map[string]ruling // on the requests asked about so far
	conditional bool              // something of what bears on it looks at the keys of a request
}

// partyOf returns a user or role as one side of a plan has it.
func partyOf(side *access.Holdings, id resource.ID) party {
	p, there := side.Principal(id)
	if !there {
		return party{}
	}
	e, _ := side.Effective(id)
	return party{there: true, principal: p, Effective: e, rulings: map[string]ruling{}, conditional: conditional(e.Policies)}
}

// conditional reports whether any statement looks at the keys of a request.
func conditional(p policy.Policies) bool {
	variable := func(resource string) bool { return strings.Contains(resource, "${") }
	for _, d := range slices.Concat(p.Identity, p.Boundary) {
		for _, s := range d.Statements {
			if len(s.Condition) > 0 || slices.ContainsFunc(s.Resource, variable) || slices.ContainsFunc(s.NotResource, variable) {
				return true
			}
		}
	}
	return false
}

// texts returns what bears on the party as one text, which is the same for
// two parties that the same policies bear on.
func (p party) texts() string {
	var b strings.Builder
	add := func(layer string, documents []policy.Document) {
		lines := make([]string, len(documents))
		for i, d := range documents {
			lines[i] = canonical(d)
		}
		slices.Sort(lines)
		b.WriteString(layer + "\n" + strings.Join(slices.Compact(lines), "\n") + "\n")
	}
	add("identity", p.Policies.Identity)
	if p.Policies.Boundary != nil {
		add("boundary", p.Policies.Boundary)
	}
	for _, u := range p.Unread {
		b.WriteString("unread " + u.ARN + u.Name + "\n")
	}
	return b.String()
}

// canonical is the canonical form of a document.
func canonical(d policy.Document) string {
	text, err := d.MarshalJSON()
	if err != nil {
		panic(err) // it never fails
	}
	return string(text)
}

// same reports whether nothing differs for a principal between two sides.
func same(before, after party) bool {
	return before.there == after.there && before.texts() == after.texts() && maps.Equal(before.principal.Tags, after.principal.Tags)
}

// A ruling says whether a party may make a request. What hangs on keys that
// nobody knows beforehand, such as whether there was a second factor, is taken
// to turn out well.
type ruling struct {
	allowed bool
	by      policy.Decision // the decision on the request as it is known
	well    policy.Decision // the decision if all turns out well
	hangs   []string        // the keys that it takes to turn out well, sorted
}

// may reports whether the party may make a request.
func (p party) may(q policy.Request) bool { return p.rule(q).allowed }

// rule decides about a request. It remembers what it decided.
func (p party) rule(q policy.Request) ruling {
	if !p.there {
		return ruling{}
	}
	key := q.Principal + "\x00" + q.Action + "\x00" + q.Resource
	if p.conditional {
		key = q.Principal + "\x00" + content(q)
	}
	known, ok := p.rulings[key]
	if !ok {
		known = p.decide(q)
		p.rulings[key] = known
	}
	return known
}

func (p party) decide(q policy.Request) ruling {
	policies := p.Policies
	q.Context = maps.Clone(q.Context)
	if q.Context == nil {
		q.Context = policy.Context{}
	}
	q.Context["aws:PrincipalArn"] = policy.One(p.principal.ARN) // that of a session lacks the role's path
	for k, v := range p.principal.Tags {
		q.Context["aws:PrincipalTag/"+k] = policy.One(v)
	}
	by := policies.Decide(q)
	r := ruling{by: by, well: by}
	for r.well.Verdict != policy.Allowed {
		relaxed, changed := relax(policies, r.well.Missing)
		if !changed {
			r.hangs = nil
			return r
		}
		for _, k := range r.well.Missing {
			if !slices.Contains(r.hangs, k) {
				r.hangs = append(r.hangs, k)
			}
		}
		policies, r.well = relaxed, relaxed.Decide(q)
	}
	slices.Sort(r.hangs)
	r.allowed = true
	return r
}

// relax returns the policies without what the unknown keys decide: a grant
// holds without the condition on them, and a denial with one does not.
func relax(p policy.Policies, unknown []string) (_ policy.Policies, changed bool) {
	if len(unknown) == 0 {
		return p, false
	}
	documents := func(all []policy.Document) []policy.Document {
		if all == nil {
			return nil
		}
		out := make([]policy.Document, len(all))
		for i, d := range all {
			out[i] = d
			out[i].Statements = make([]policy.Statement, len(d.Statements))
			for j, s := range d.Statements {
				relaxed, did := relaxStatement(s, unknown)
				out[i].Statements[j] = relaxed
				changed = changed || did
			}
		}
		return out
	}
	p.Identity, p.Boundary, p.Session = documents(p.Identity), documents(p.Boundary), documents(p.Session)
	levels := make([][]policy.Document, len(p.SCPs))
	for i, level := range p.SCPs {
		levels[i] = documents(level)
	}
	p.SCPs = levels
	return p, changed
}

// relaxStatement does so for one statement. A denial that goes leaves one of
// nothing behind, so that the places of the others stay.
func relaxStatement(s policy.Statement, unknown []string) (_ policy.Statement, changed bool) {
	condition := policy.Condition{}
	for operator, keys := range s.Condition {
		for k, values := range keys {
			if slices.ContainsFunc(unknown, func(u string) bool { return strings.EqualFold(u, k) }) {
				changed = true
				continue
			}
			if condition[operator] == nil {
				condition[operator] = map[string][]string{}
			}
			condition[operator][k] = values
		}
	}
	switch {
	case !changed:
		return s, false
	case s.Effect == "Deny":
		return policy.Statement{Effect: "Deny", Action: []string{}, Resource: []string{}}, true
	}
	s.Condition = condition
	return s, true
}

// words says what a request asks: "iam:PassRole on arn:aws:iam::…:role/node".
func words(r policy.Request) string {
	if r.Resource == "" || r.Resource == "*" {
		return r.Action
	}
	return r.Action + " on " + r.Resource
}

// wordsWith says so with the keys of the request.
func wordsWith(r policy.Request) string {
	var when []string
	for _, k := range slices.Sorted(maps.Keys(r.Context)) {
		value, err := json.Marshal(r.Context[k])
		if err != nil {
			continue // plain data always encodes
		}
		when = append(when, k+" is "+strings.Trim(string(value), `"`))
	}
	if len(when) == 0 {
		return words(r)
	}
	return words(r) + ", when " + strings.Join(when, " and ")
}
