package policy

import "strconv"

// Policies are all that bears on a principal.
type Policies struct {
	Identity []Document   // attached to the principal and its groups, managed and inline
	Boundary []Document   // the permissions boundary; none: there is no boundary
	SCPs     [][]Document // service control policies, a list for each level of the organisation; every level must allow
	Session  []Document   // given when the session was begun; none: there is no session policy

	// Resource is the policy of the resource; for sts:AssumeRole and its
	// relatives the role's trust policy. If it is nil, the resource is taken to
	// leave to its own account whom to allow: what a role trusts, or a key of
	// KMS, is then not asked.
	Resource *Document
}

// A Layer is a kind of policy that takes part in a decision.
type Layer int

// The layers.
const (
	LayerIdentity Layer = iota
	LayerBoundary
	LayerSCP
	LayerSession
	LayerResource
)

var layerNames = [...]string{"identity", "boundary", "scp", "session", "resource"}

// String returns the layer in a word: identity, boundary, scp, session or
// resource.
func (l Layer) String() string {
	if l < 0 || int(l) >= len(layerNames) {
		return "Layer(" + strconv.Itoa(int(l)) + ")"
	}
	return layerNames[l]
}

// A Verdict is the outcome of a request.
type Verdict int

// The verdicts. ImplicitDeny is that not enough allows it, ExplicitDeny that
// something denies it.
const (
	ImplicitDeny Verdict = iota
	Allowed
	ExplicitDeny
)

var verdictNames = [...]string{"implicit-deny", "allow", "explicit-deny"}

// String returns implicit-deny, allow or explicit-deny.
func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdictNames) {
		return "Verdict(" + strconv.Itoa(int(v)) + ")"
	}
	return verdictNames[v]
}

// MarshalText returns what String returns.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// MarshalText returns what String returns.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// A Decision is a verdict and what led to it.
type Decision struct {
	Verdict Verdict

	// By are the statements that decided, in the order of Policies: all that
	// deny, or all that allow. For an implicit deny they are those that allow
	// in some layers, which was not enough. It is nil if there are none, which
	// is so even for a request that is allowed if AWS allows it always.
	By []Deciding

	// Lacking are the layers of an implicit deny that had to allow and did
	// not, in order.
	Lacking []Layer

	// Missing are the context keys that were asked for and were not there,
	// sorted, in AWS's spelling if that is known. They are those of statements
	// that speak of the action, the resource and the principal, and which
	// nothing else in their conditions keeps from holding. With one of them
	// given, the decision may be another.
	Missing []string
}

// A Deciding is a statement that decided, by its indexes in Policies. Level is
// that of an SCP, else 0; Document is 0 for the policy of the resource.
type Deciding struct {
	Layer                      Layer
	Level, Document, Statement int
}
