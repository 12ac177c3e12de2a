package policy

import "fmt"

// NewAccess asks whether candidate allows any request that reference does not,
// as AWS's CheckNoNewAccess does: Included is a proof that there is none, also
// for resources, tags and addresses that do not exist yet, and Widened comes
// with a request, confirmed by Decide, that shows the opposite.
//
// All requests are considered that a user or a role can make in its own
// account: every principal but service-linked roles and the account's root,
// every action, every resource, and every value of every condition key.
//
//   - Actions are all that AWS documents today (package catalogue), all that
//     either side names, and, for patterns that match none of those or whose
//     service AWS does not document, all names that there could be. What
//     ssm:Get* comes to match tomorrow is not asked.
//   - A resource is an ARN of six fields, or "*" for an action that knows none.
//     Which of these an action takes is not asked, as CheckNoNewAccess does not.
//   - A condition key has one value or is not there. It may also be a list if
//     AWS documents it so, or if AWS does not document it and ForAllValues or
//     ForAnyValue tests it. Keys vary freely, but those that follow from the
//     principal must go together in a witness.
//   - A variable such as ${aws:username} stands for the value of its key. If a
//     statement pins the key to one value, it is that value.
//
// The answer is exact, if the budget allows, for actions, resources and all
// condition operators, whether or not negated, with IfExists or ForAllValues
// or ForAnyValue, in any mixture of Allow and Deny, of policies, boundaries,
// service control and session policies. It can be Undecided, never wrong, where
//
//   - a variable's key is not pinned, and whether there is such a request turns
//     on what the variable's value is: ${aws:username} against jo*, say. The
//     same variable on both sides is no such case;
//   - one key is tested by operators of several types, such as StringLike and
//     NumericLessThan;
//   - access turns on two keys that follow from the principal, such as
//     aws:username on one side and aws:PrincipalArn on the other;
//   - either side has a resource policy.
//
// The answer is the same for the same arguments. NewAccess is safe for
// concurrent use.
func NewAccess(candidate, reference Policies, budget Budget) Inclusion {
	return beyond([]Policies{candidate}, []Policies{reference}, "new access", budget)
}

// resourcePolicies is why an answer is Undecided that had to take them in.
const resourcePolicies = "resource policies, which name their principals, are not compared: leave them out, or ask Decide about single requests"

// A Budget limits how much is searched for an answer.
type Budget struct {
	// Nodes are the steps of the search, of about a microsecond each: zero is
	// DefaultNodes. When they are used up the answer is Undecided.
	Nodes int
}

// DefaultNodes are the steps of a search whose budget does not say. They take
// about a second; comparing two policies of fifty statements takes some
// thousands of them.
const DefaultNodes = 1_000_000

// An Inclusion is the answer of NewAccess.
type Inclusion struct {
	Verdict InclusionVerdict
	Witness *Request // for Widened: a request that candidate allows and reference does not
	Reason  string   // for Undecided: why, and what would help
}

// String returns the answer in a line.
func (i Inclusion) String() string {
	switch {
	case i.Witness != nil:
		return fmt.Sprintf("%v: %s on %s", i.Verdict, i.Witness.Action, i.Witness.Resource)
	case i.Reason != "":
		return fmt.Sprintf("%v: %s", i.Verdict, i.Reason)
	}
	return i.Verdict.String()
}

// An InclusionVerdict says whether one side allows more than the other.
type InclusionVerdict int

// The verdicts. The zero verdict is the one that claims nothing.
const (
	Undecided InclusionVerdict = iota
	Included                   // proven: there is no request that only candidate allows
	Widened                    // there is one
)

// String returns "undecided", "included" or "widened".
func (v InclusionVerdict) String() string {
	switch v {
	case Included:
		return "included"
	case Widened:
		return "widened"
	}
	return "undecided"
}

// MarshalText returns what String returns.
func (v InclusionVerdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
