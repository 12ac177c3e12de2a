package policy

import "slices"

// Beyond asks whether there is a request that all of the first policies allow
// and none of the others does: Included is a proof that there is none, and
// Widened comes with one, confirmed by Decide. With one set of policies on
// either side it is NewAccess, whose documentation says which requests are
// considered, how exact the answer is, and what a budget is; with more on a
// side, each of them decides the same request by itself.
//
// If the first are none, all requests that nobody of the others allows count.
// The answer is the same for the same arguments. Beyond is safe for concurrent
// use.
func Beyond(all, none []Policies, budget Budget) Inclusion {
	return beyond(all, none, "access beyond", budget)
}

func beyond(all, none []Policies, sought string, budget Budget) Inclusion {
	if slices.ContainsFunc(slices.Concat(all, none), func(p Policies) bool { return p.Resource != nil }) {
		return Inclusion{Verdict: Undecided, Reason: resourcePolicies}
	}
	p := newProver(all, none, budget)
	p.sought = sought
	return p.prove()
}

// A Betweenness says whether access lies between two ends.
type Betweenness struct {
	// Leak is what the state allows and neither end does: Included if there is
	// no such request, Widened with one that shows it.
	Leak Inclusion
	// Loss is what both ends allow and the state does not, in the same terms.
	Loss Inclusion
}

// Proven reports whether it is proven that the state allows only what one of
// the ends does, and all that both do.
func (b Betweenness) Proven() bool {
	return b.Leak.Verdict == Included && b.Loss.Verdict == Included
}

// Between asks whether, on the way from before to after, state allows only what
// one of them does, and all that both do. Each of the two questions has the
// budget. See Beyond.
func Between(before, state, after Policies, budget Budget) Betweenness {
	return Betweenness{
		Leak: beyond([]Policies{state}, []Policies{before, after}, "a leak", budget),
		Loss: beyond([]Policies{before, after}, []Policies{state}, "a loss", budget),
	}
}
