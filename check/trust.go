package check

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// trustsMore says in words whom or what a trust policy lets in that another
// did not, "" for nothing. Who a principal is, and what a condition comes to,
// is not asked: a grant counts as old only if the same principal had the same
// action under no more conditions than now, word by word; and a denial that
// went, or has more conditions than before, lets more in.
func trustsMore(before, after policy.Document) string {
	had, has := grants(before), grants(after)
	var more []string
	for _, g := range has {
		if g.effect == "Allow" && !slices.ContainsFunc(had, g.within) {
			more = append(more, g.words())
		}
	}
	for _, g := range had {
		if g.effect == "Deny" && !slices.ContainsFunc(has, func(now grant) bool {
			return now.effect == "Deny" && now.of == g.of && subset(now.conditions, g.conditions)
		}) {
			more = append(more, "what was denied: "+g.words())
		}
	}
	return list(more)
}

// untrusted says in words whom or what a trust policy lets in no more.
func untrusted(before, after policy.Document) string { return trustsMore(after, before) }

// A grant is one principal and one action of a trust policy.
type grant struct {
	effect     string
	of         string   // the statement without its conditions, in canonical form
	conditions []string // each operator and key by itself, in canonical form
	who, what  string   // in words
}

// within reports whether an earlier grant allows all that g does.
func (g grant) within(earlier grant) bool {
	return earlier.effect == "Allow" && earlier.of == g.of && subset(earlier.conditions, g.conditions)
}

func (g grant) words() string {
	text := g.who
	if g.what != "sts:AssumeRole" {
		text += " by " + g.what
	}
	if len(g.conditions) > 0 {
		text += " under a condition"
	}
	return text
}

// grants takes a trust policy apart. A statement that says whom or what it
// does not mean stays in one piece.
func grants(d policy.Document) []grant {
	var all []grant
	for _, s := range d.Statements {
		conditions := conditionsOf(d.Version, s.Condition)
		s.Sid, s.Condition = "", nil
		add := func(s policy.Statement, who, what string) {
			all = append(all, grant{s.Effect, canonical(policy.Document{Version: d.Version, Statements: []policy.Statement{s}}), conditions, who, what})
		}
		if s.Principal == nil || s.Action == nil {
			add(s, "all but some", list(s.Action))
			continue
		}
		for _, action := range s.Action {
			one := s
			one.Action = []string{action}
			for who, p := range apart(*s.Principal) {
				one.Principal = &p
				add(one, who, action)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b grant) int { return strings.Compare(a.of, b.of) })
	return all
}

// apart yields each of the principals by itself, under its name.
func apart(p policy.Principals) map[string]policy.Principals {
	all := map[string]policy.Principals{}
	if p.Anyone {
		all["anyone"] = policy.Principals{Anyone: true}
	}
	for _, v := range p.AWS {
		all[v] = policy.Principals{AWS: []string{v}}
	}
	for _, v := range p.Service {
		all[v] = policy.Principals{Service: []string{v}}
	}
	for _, v := range p.Federated {
		all[v] = policy.Principals{Federated: []string{v}}
	}
	for _, v := range p.CanonicalUser {
		all[v] = policy.Principals{CanonicalUser: []string{v}}
	}
	return all
}

// conditionsOf returns each operator and key of a condition by itself.
func conditionsOf(version string, c policy.Condition) []string {
	var all []string
	for operator, keys := range c {
		for key, values := range keys {
			s := policy.Allow("sts:AssumeRole").If(operator, key, values...)
			all = append(all, canonical(policy.Document{Version: version, Statements: []policy.Statement{s}}))
		}
	}
	slices.Sort(all)
	return all
}

// subset reports whether all of a is in b.
func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
}
