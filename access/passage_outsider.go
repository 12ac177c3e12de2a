package access

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/policy"
)

// addOutsiders adds what those outside of the account come to by a role.
func (p *Passage) addOutsiders(role *member, gives, itself stepSet) {
	steps := gives.and(itself)
	if len(gives) == 0 || len(steps) < 2 {
		return
	}
	alike := map[string][]string{} // of whom the trust policies say the same
	for _, name := range p.outsiders(role) {
		key := fmt.Sprint(p.trustsOutsider(role, name))
		alike[key] = append(alike[key], name)
	}
	for _, key := range slices.Sorted(maps.Keys(alike)) {
		names := alike[key]
		said := p.trustsOutsider(role, names[0])
		if role.exists.open[0] == role.exists.open[1] && said[0].key() == said[1].key() {
			continue // what the role may do is judged by itself
		}
		pin := newRights([]int{p.texts.number(policy.New(
			policy.Allow(assumeAction, "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity").On(role.principal(afterSide).ARN)))})
		more := ", as " + role.id.String() + " assumed by " + list(apply(names, outsiderInWords))
		p.add([]*member{role}, steps, func(m *member, at state) []Breach {
			assume := on(at, func(at state) rights { return said[at.side(m.exists.step)] })
			return p.through(m.id, [3]rights{noRights, noRights, noRights}, assume, p.told(m, at, m.tellings(p)[0]), pin, more)
		})
	}
}

// trustsOutsider returns whether somebody outside may assume a role, on each
// side.
func (p *Passage) trustsOutsider(role *member, name string) [2]rights {
	sides := [2]rights{noRights, noRights}
	for side, n := range role.trust {
		if n != none {
			t := p.trusts(n, name, false)
			sides[side] = newRights(slices.Concat(t.identity, t.level)).with(p.texts, role.asResource(side))
		}
	}
	return sides
}

// outsiders returns whom the trust policies of a role name that are not of the
// account, each once; "" is anyone.
func (p *Passage) outsiders(role *member) []string {
	var names []string
	for _, n := range role.trust {
		if n == none {
			continue
		}
		for _, s := range p.texts.at(n).document.Statements {
			if s.Effect != "Allow" {
				continue
			}
			if s.NotPrincipal != nil {
				names = append(names, "")
			}
			if s.Principal == nil {
				continue
			}
			if s.Principal.Anyone {
				names = append(names, "")
			}
			names = append(names, s.Principal.Service...)
			names = append(names, s.Principal.Federated...)
			for _, aws := range s.Principal.AWS {
				switch {
				case aws == "*":
					names = append(names, "")
				case aws != p.place.Account && fields(aws)[4] != p.place.Account:
					names = append(names, aws)
				}
			}
		}
	}
	return set(names)
}

func outsiderInWords(name string) string {
	if name == "" {
		return "anyone"
	}
	return name
}
