// Package policy is the IAM policy language: it reads documents strictly, puts
// them in canonical form, says what IAM would refuse, decides what policies
// allow, proves what one allows beyond another, and compiles the short forms of
// a spec (who is trusted, what a restriction allows) into documents.
//
// It imports only the standard library. It knows nothing of accounts, of
// plans, or of how a document came to be or where it is sent; whoever has a
// document as IAM returns it undoes the URL encoding first.
package policy

import "maps"

// The versions of the policy language. A document without one is in Version2008.
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// A Document is a policy: plain data that nobody changes once it is made, so
// it is safe to share. The zero Document is no policy at all.
//
// Its JSON is canonical: two documents say the same exactly when their JSON is
// the same. In memory it is as it was written.
type Document struct {
	Version    string // Version2012, Version2008, or "" if none was given
	ID         string
	Statements []Statement

	source *source // what was parsed; nil for a document made otherwise
}

// A Statement is one sentence of a policy. A list that is nil is absent; of an
// element and its Not form, at most one is there.
type Statement struct {
	Sid          string
	Effect       string // "Allow" or "Deny"
	Principal    *Principals
	NotPrincipal *Principals
	Action       []string
	NotAction    []string
	Resource     []string
	NotResource  []string
	Condition    Condition
}

// Principals are whom a statement speaks of.
type Principals struct {
	Anyone        bool     // "Principal": "*", which IAM tells apart from {"AWS": "*"}
	AWS           []string // account ids, ARNs, "*"
	Service       []string // "ec2.amazonaws.com"
	Federated     []string
	CanonicalUser []string
}

// A Condition maps operators to keys to values. All operators and all keys
// must hold, by any one of their values. No two keys of an operator differ
// only in case.
type Condition map[string]map[string][]string

// New returns a document of these statements, in today's version of the language.
func New(statements ...Statement) Document {
	return Document{Version: Version2012, Statements: statements}
}

// Allow begins a statement that allows the actions.
func Allow(actions ...string) Statement { return Statement{Effect: "Allow", Action: actions} }

// Deny begins a statement that denies the actions.
func Deny(actions ...string) Statement { return Statement{Effect: "Deny", Action: actions} }

// On returns the statement, restricted to the resources.
func (s Statement) On(resources ...string) Statement {
	s.Resource = resources
	return s
}

// By returns the statement, speaking of the principals.
func (s Statement) By(p Principals) Statement {
	s.Principal = &p
	return s
}

// If returns the statement with one more condition: key must satisfy the
// operator with one of the values. Values of the same operator and key are
// replaced.
func (s Statement) If(operator, key string, values ...string) Statement {
	s.Condition = maps.Clone(s.Condition)
	if s.Condition == nil {
		s.Condition = Condition{}
	}
	keys := maps.Clone(s.Condition[operator])
	if keys == nil {
		keys = map[string][]string{}
	}
	maps.DeleteFunc(keys, func(k string, _ []string) bool { return fold(k) == fold(key) })
	keys[key] = values
	s.Condition[operator] = keys
	return s
}

// As returns the statement under a Sid.
func (s Statement) As(sid string) Statement {
	s.Sid = sid
	return s
}

// IsZero reports whether d is no policy at all.
func (d Document) IsZero() bool { return d.Version == "" && d.ID == "" && len(d.Statements) == 0 }
