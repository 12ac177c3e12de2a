package access

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// An Assumer is who can act as a role.
type Assumer struct {
	// Who is one of the account's users or roles; Outside, where it has none,
	// is what the trust policy names: a service, another account, a provider of
	// identities, or "anyone".
	Who     resource.ID   `json:"principal,omitzero"`
	Outside string        `json:"outside,omitempty"`
	Through []resource.ID `json:"through,omitempty"` // the roles in between, for one who can act as the role by others
	When    string        `json:"when,omitempty"`    // "with MFA"
}

// String returns "user/zoe", "user/zoe -> role/a", or "ec2.amazonaws.com".
func (a Assumer) String() string {
	if a.Outside != "" {
		return a.Outside
	}
	parts := []string{a.Who.String()}
	for _, id := range a.Through {
		parts = append(parts, id.String())
	}
	return strings.Join(parts, " -> ")
}

// assumeAction is the call by which a user or a role becomes a role.
const assumeAction = "sts:AssumeRole"

// mostHops bounds how many roles one can go through to get to another.
const mostHops = 4

// assumers returns who can act as a role: those of the account by the fewest
// roles in between, sorted, then those outside of it.
func (all *people) assumers(role resource.ID) []Assumer {
	found := map[resource.ID]bool{role: true}
	var assumers []Assumer
	level := []Assumer{{Who: role}}
	for range mostHops {
		var next []Assumer
		for _, to := range level {
			for _, by := range all.direct(to.Who) {
				if found[by.Who] {
					continue
				}
				found[by.Who] = true
				if to.Who != role {
					by.Through = append([]resource.ID{to.Who}, to.Through...)
					by.When = both(by.When, to.When)
				}
				next = append(next, by)
			}
		}
		slices.SortFunc(next, func(x, y Assumer) int { return x.Who.Compare(y.Who) })
		assumers = append(assumers, next...)
		level = slices.DeleteFunc(next, func(a Assumer) bool { return a.Who.Kind == userKind })
	}
	slices.SortStableFunc(assumers, func(x, y Assumer) int { return x.Who.Compare(y.Who) })
	return append(assumers, all.outsiders(role)...)
}

// both joins two conditions.
func both(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return a + " and " + b
}

// direct returns the account's users and roles that can become a role at once.
func (all *people) direct(role resource.ID) []Assumer {
	if known, ok := all.become[role]; ok {
		return known
	}
	all.become[role] = nil
	to, ok := all.byID[role]
	if !ok {
		return nil
	}
	account := all.holdings.account.Place.Account
	named := to.principal.Trust.AWSPrincipals()
	// To the account, or to anyone: then a policy of the principal decides.
	delegated := hasAnyone(to.principal.Trust) || slices.ContainsFunc(named, func(p string) bool {
		return p == "*" || p == account || strings.HasSuffix(p, ":"+account+":root")
	})
	target := Target{Leg: "role", Name: role.Name, ARN: to.principal.ARN, Tags: to.principal.Tags, Known: true}
	for _, s := range all.list {
		if s.principal.ID == role || !slices.Contains(named, s.principal.ARN) && !delegated {
			continue
		}
		if a := s.facing(to.principal.Trust).decide(assumeAction, []slot{one(target)}, nil); a.verdict != No {
			all.become[role] = append(all.become[role], Assumer{Who: s.principal.ID, When: a.when})
		}
	}
	return all.become[role]
}

func hasAnyone(d policy.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s policy.Statement) bool {
		return s.NotPrincipal != nil || s.Principal != nil && s.Principal.Anyone
	})
}

// outsiders returns whom the trust policy of a role names outside of the
// account, as it names them.
func (all *people) outsiders(role resource.ID) []Assumer {
	s, ok := all.byID[role]
	if !ok {
		return nil
	}
	inside := regexp.MustCompile(`^(arn:[\w-]+:iam::)?` + all.holdings.account.Place.Account + `(:root|:user/.*|:role/.*)?$`)
	seen := map[string]bool{}
	for _, st := range s.principal.Trust.Statements {
		if st.Effect != "Allow" {
			continue
		}
		if st.NotPrincipal != nil {
			seen["all but a few"] = true
		}
		if st.Principal == nil {
			continue
		}
		if st.Principal.Anyone || slices.Contains(st.Principal.AWS, "*") {
			seen["anyone"] = true
		}
		for _, name := range slices.Concat(st.Principal.Service, st.Principal.Federated, st.Principal.AWS) {
			if name != "*" && !inside.MatchString(name) {
				seen[name] = true
			}
		}
	}
	return apply(sortedKeys(seen), func(name string) Assumer { return Assumer{Outside: name} })
}
