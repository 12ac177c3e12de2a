package lint

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A proof about a statement looks at every action of AWS that the others speak
// of. These bound it to about a tenth of a second: what is beyond is left
// unsaid, for a redundant statement does no harm.
const (
	maxProven = 12 // statements, those that may be redundant and those that may cover them
	maxSteps  = 20_000
)

// redundancies returns the statements that could all be removed together, by
// their numbers. Most can be seen to be covered word by word; where conditions
// or Not elements need a proof, policy.Redundant gives it.
func (r *reading) redundancies() []policy.Redundancy {
	if r.proven || r.use != policy.ForIdentity || len(r.statements) < 2 {
		return r.redundant
	}
	r.proven = true
	gone := map[int]bool{}
	for i := len(r.statements) - 1; i >= 0; i-- {
		// Of statements that say the same, the first stays.
		if by, ok := r.covered(i, func(j int) bool { return !gone[j] && r.statements[j].includes(&r.statements[i]) }); ok {
			gone[i] = true
			r.redundant = append(r.redundant, policy.Redundancy{Statement: i, Dead: r.statements[i].allow && r.denied(i, by)})
		}
	}
	r.prove(gone)
	slices.SortFunc(r.redundant, func(a, b policy.Redundancy) int { return cmp.Compare(a.Statement, b.Statement) })
	return r.redundant
}

// prove asks policy.Redundant of the statements that others may cover by more
// than their words. It is given these and the others alone: what is redundant
// among some statements of a document is so among all.
func (r *reading) prove(gone map[int]bool) {
	asked, needed := map[int]bool{}, map[int]bool{}
	for i := range r.statements {
		if gone[i] {
			continue
		}
		if by, ok := r.covered(i, func(j int) bool { return !gone[j] && r.statements[j].mayInclude(&r.statements[i]) }); ok {
			asked[i], needed[i] = true, true
			for _, j := range by {
				needed[j] = true
			}
		}
	}
	if len(asked) == 0 || len(needed) > maxProven {
		return
	}
	part := policy.Document{Version: r.document.Version}
	numbers := slices.Sorted(maps.Keys(needed))
	for _, i := range numbers {
		part.Statements = append(part.Statements, r.document.Statements[i])
	}
	for _, found := range policy.Redundant(part, policy.Budget{Nodes: maxSteps}) {
		if i := numbers[found.Statement]; asked[i] {
			r.redundant = append(r.redundant, policy.Redundancy{Statement: i, Dead: found.Dead})
		}
	}
}

// covered returns the statements of those that may cover the i-th which speak,
// one or the other, of each of its actions on each of its resources, and
// whether none is left over. A statement whose actions do not exist is for the
// rules about actions.
func (r *reading) covered(i int, may func(j int) bool) (by []int, ok bool) {
	s := &r.statements[i]
	if len(s.Action) == 0 || len(s.resources) == 0 || slices.ContainsFunc(s.Action, func(action string) bool { return action != "*" && len(r.meaning(action)) == 0 }) {
		return nil, false
	}
	var others []int
	for j := range r.statements {
		if j != i && (!r.statements[j].allow || s.allow) && may(j) {
			others = append(others, j)
		}
	}
	if len(others) == 0 {
		return nil, false
	}
	used := map[int]bool{}
	for _, action := range s.Action {
		for _, x := range s.resources {
			found := false
			for _, j := range others {
				if r.statements[j].speaks(action) && r.statements[j].speaksOf(x) {
					used[j], found = true, true
				}
			}
			if !found {
				return nil, false
			}
		}
	}
	return slices.Sorted(maps.Keys(used)), true
}

// denied reports whether those of the statements that deny cover the i-th by
// themselves.
func (r *reading) denied(i int, by []int) bool {
	_, ok := r.covered(i, func(j int) bool { return slices.Contains(by, j) && !r.statements[j].allow })
	return ok
}

// includes reports whether the statement holds wherever the other does, going
// by the words of the conditions, for what both speak of.
func (s *statement) includes(other *statement) bool {
	return s.NotAction == nil && s.NotResource == nil && !slices.ContainsFunc(s.tests, func(t test) bool {
		return !slices.ContainsFunc(other.tests, func(u test) bool {
			return match.EqualFold(t.operator, u.operator) && t.folded == u.folded && slices.Equal(slices.Sorted(slices.Values(t.values)), slices.Sorted(slices.Values(u.values)))
		})
	})
}

// mayInclude reports whether it is worth a proof that the statement holds
// wherever the other does: whatever it asks for, the other asks for something
// of the same key, and not for other texts alone.
func (s *statement) mayInclude(other *statement) bool {
	return !slices.ContainsFunc(s.tests, func(t test) bool {
		return !slices.ContainsFunc(other.tests, func(u test) bool {
			return t.folded == u.folded && !(t.exact() && u.exact() && !slices.ContainsFunc(u.values, func(v string) bool { return slices.Contains(t.values, v) }))
		})
	})
}

// exact reports whether the test asks for one of its values as they are.
func (t test) exact() bool { return t.Base == match.StringEquals && t.requires() }

// speaks reports whether the statement may be about all actions of a pattern.
func (s *statement) speaks(action string) bool {
	return s.NotAction != nil || slices.ContainsFunc(s.Action, func(pattern string) bool { return coversAction(pattern, action) })
}

// speaksOf reports whether the statement may be about all that a resource
// matches.
func (s *statement) speaksOf(x resource) bool {
	return s.NotResource != nil || slices.ContainsFunc(s.resources, func(y resource) bool { return x.text == y.text || coversResource(y.text, x.text) })
}
