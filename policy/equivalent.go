package policy

import "slices"

// An Equivalence compares two sets of policies both ways.
type Equivalence struct {
	Gained Inclusion // what the second allows and the first does not
	Lost   Inclusion // what the first allows and the second does not
}

// Proven reports whether both are proven to allow the same requests.
func (e Equivalence) Proven() bool {
	return e.Gained.Verdict == Included && e.Lost.Verdict == Included
}

// Equivalent asks NewAccess both ways, each with the budget: what after allows
// and before does not, and the reverse. Documents that are Equal are not needed
// for it: two statements may say what was one, in other words.
func Equivalent(before, after Policies, budget Budget) Equivalence {
	return Equivalence{Gained: NewAccess(after, before, budget), Lost: NewAccess(before, after, budget)}
}

// A Redundancy is a statement without which a document says the same.
type Redundancy struct {
	Statement int // its index
	// Dead is that the statement has no effect of its own: one that allows
	// nothing, or nothing that the document does not deny again; one that
	// denies nothing. Else what it says is said by others that remain.
	Dead bool
}

// Redundant returns the statements of an identity policy that could all be
// removed together without a change in what it allows, or denies to what other
// policies allow, in the order of the document. Of statements that say the same
// the first is kept. Each question has the budget; where it does not suffice,
// or the answer is Undecided, the statement is not returned.
//
// Only actions that AWS documents today count for services whose actions it
// does document: a statement that speaks of none of them is dead.
func Redundant(d Document, budget Budget) []Redundancy {
	included := func(candidate, reference []Statement) bool {
		p := newProver([]Policies{identityOf(d, candidate)}, []Policies{identityOf(d, reference)}, budget)
		p.documentedOnly = true
		return p.prove().Verdict == Included
	}
	var all []Redundancy
	left := slices.Clone(d.Statements) // the zero statement in place of one that was taken out
	for i := len(left) - 1; i >= 0; i-- {
		s := left[i]
		left[i] = Statement{}
		var denies, rest []Statement
		for _, other := range left {
			if other.Effect == "Deny" {
				denies = append(denies, other)
			}
			if other.Effect == s.Effect || other.Effect == "Deny" {
				rest = append(rest, other)
			}
		}
		everything := Allow("*").On("*")
		var redundant, dead bool
		if s.Effect == "Deny" {
			// Whatever else allows, it comes to the same.
			redundant = included(append(slices.Clip(denies), everything), append(slices.Clip(denies), everything, s))
			dead = redundant && included([]Statement{everything}, []Statement{everything, s})
		} else {
			redundant = included(append(slices.Clip(denies), s), rest)
			dead = redundant && included(append(slices.Clip(denies), s), nil)
		}
		if !redundant {
			left[i] = s
			continue
		}
		all = append(all, Redundancy{i, dead})
	}
	slices.Reverse(all)
	return all
}

// identityOf returns the policies of an identity with one document of these
// statements, in the version of d.
func identityOf(d Document, statements []Statement) Policies {
	return Policies{Identity: []Document{{Version: d.Version, Statements: statements}}}
}
