package policy

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// Decide says whether AWS allows a request, by the IAM User Guide, "Policy
// evaluation logic":
//
//   - A statement that denies wins, in whatever layer it is.
//   - Every level of SCPs must allow. They bind neither service-linked roles
//     nor callers outside of all accounts.
//   - In the account of the resource, the identity's policies or the
//     resource's must allow. Boundary and session policy must allow too, unless
//     the policy of the resource names the very user or session. A resource
//     that names the role, or everyone, still leaves these two to allow; one
//     that names the account leaves all to the identity's policies.
//   - From another account, both sides must allow.
//   - A trust policy, and that of a key of KMS, must always allow, if it is
//     given.
//   - Services, identity providers and the anonymous have no policies of their
//     own, so the policy of the resource must allow. The root of an account may
//     do all in it without one.
//   - sts:GetCallerIdentity is always allowed.
//
// Documents need not be such as IAM accepts: a statement that names no resource
// speaks of all, and see Covers, Reaches and TestCondition. Whether the action
// exists, and takes such a resource and such keys, is not asked; neither is what
// AWS protects by other means, such as its own policies and roles. It is safe
// for concurrent use.
func (p Policies) Decide(r Request) Decision {
	if match.EqualFold(r.Action, "sts:GetCallerIdentity") {
		return Decision{Verdict: Allowed}
	}
	c := newCaller(r.Principal)
	e := evaluation{request: r, caller: c, owner: r.owner(c), bounded: len(p.Boundary) > 0}

	identity := c.kind == callerRoot
	boundary, session, organisation := true, true, true
	if c.kind != callerOutsider {
		identity = e.layer(Deciding{Layer: LayerIdentity}, p.Identity) || identity
		boundary = e.layer(Deciding{Layer: LayerBoundary}, p.Boundary) || len(p.Boundary) == 0
		if !c.serviceLinked(r) {
			for level, documents := range p.SCPs {
				organisation = e.layer(Deciding{Layer: LayerSCP, Level: level}, documents) && organisation
			}
		}
		session = e.layer(Deciding{Layer: LayerSession}, p.Session) || len(p.Session) == 0
	}
	if p.Resource != nil {
		e.document(Deciding{Layer: LayerResource}, *p.Resource)
	}

	d := Decision{Verdict: ExplicitDeny, By: e.denies, Missing: e.missing.sorted()}
	if len(e.denies) > 0 {
		return d
	}
	d.By = e.allows
	lack := func(layer Layer, allows bool) {
		if !allows {
			d.Lacking = append(d.Lacking, layer)
		}
	}
	switch {
	case c.kind == callerOutsider:
		lack(LayerResource, e.named > namesNobody)
	case e.owner != c.account:
		lack(LayerIdentity, identity)
		lack(LayerBoundary, boundary)
		lack(LayerSCP, organisation)
		lack(LayerSession, session)
		lack(LayerResource, e.named > namesNobody)
	case e.named == namesItself:
		lack(LayerSCP, organisation)
	default:
		lack(LayerIdentity, identity || e.named == namesEveryone)
		lack(LayerBoundary, boundary)
		lack(LayerSCP, organisation)
		lack(LayerSession, session)
		lack(LayerResource, e.named > namesNobody || p.Resource == nil || !resourceMustAllow(r))
	}
	d.Verdict = ImplicitDeny
	if len(d.Lacking) == 0 {
		d.Verdict = Allowed
	}
	return d
}

// resourceMustAllow reports whether the policy of the resource must allow the
// request even within its account: that of a role for being assumed (IAM User
// Guide, "How IAM roles differ from resource-based policies"), and that of a key
// (KMS Developer Guide, "Key policies in AWS KMS").
func resourceMustAllow(r Request) bool {
	action := match.Fold(r.Action)
	return strings.HasPrefix(action, "sts:assumerole") || action == "sts:tagsession" || action == "sts:setsourceidentity" ||
		strings.HasPrefix(action, "kms:") && strings.Contains(r.Resource, ":key/")
}

// An evaluation gathers what the statements say of one request.
type evaluation struct {
	request Request
	caller  caller
	owner   string // the account of the resource
	bounded bool   // the caller has a boundary

	denies, allows []Deciding
	named          naming // the closest in which the policy of the resource allows
	missing        absentKeys
}

func (e *evaluation) lookup(key string) (Value, bool) {
	return e.request.Context.lookup(key, e.caller, e.owner)
}

// layer reports whether a statement of the documents allows.
func (e *evaluation) layer(at Deciding, documents []Document) bool {
	before := len(e.allows)
	for i, d := range documents {
		at.Document = i
		e.document(at, d)
	}
	return len(e.allows) > before
}

func (e *evaluation) document(at Deciding, d Document) {
	for i, s := range d.Statements {
		if !s.Covers(e.request.Action) {
			continue
		}
		named := namesItself
		if at.Layer == LayerResource {
			if named = s.speaksOf(e.caller, e.bounded); named == namesNobody {
				continue
			}
		}
		if !e.applies(s, d.Version) {
			continue
		}
		at.Statement = i
		switch s.Effect {
		case "Deny":
			e.denies = append(e.denies, at)
		case "Allow":
			e.allows = append(e.allows, at)
			if at.Layer == LayerResource {
				e.named = max(e.named, named)
			}
		}
	}
}

// applies reports whether the statement reaches the resource and all of its
// conditions hold.
func (e *evaluation) applies(s Statement, version string) bool {
	applies, missing := s.Reaches(e.request.Resource, version, e.lookup)
	if !applies && len(missing) == 0 {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			holds, absent := TestCondition(operator, key, values, version, e.lookup)
			if !holds && len(absent) == 0 {
				return false // whatever else is missing
			}
			applies = applies && holds
			missing = append(missing, absent...)
		}
	}
	e.missing.add(missing...)
	return applies
}

// A naming is how closely the policy of a resource names who asks.
type naming int

const (
	namesNobody   naming = iota
	namesAccount         // the caller's account, which leaves it to the identity's policies
	namesEveryone        // or the role of the session
	namesItself          // the very user, session or service
)

// speaksOf reports how a statement of the policy of a resource names the caller.
//
// NotPrincipal names all but those it lists; a session is listed by its own
// ARN, its role's, or its account's. The guide warns that some services want
// all three of them listed; here one is enough, so that access is rather shown
// than hidden. With Deny, it names whoever has a boundary (IAM User Guide,
// "Permissions boundaries for IAM entities").
func (s Statement) speaksOf(c caller, bounded bool) naming {
	switch {
	case s.Principal != nil:
		return s.Principal.name(c)
	case s.NotPrincipal == nil:
		return namesNobody
	case s.Effect == "Deny" && bounded && c.kind != callerOutsider:
		return namesEveryone
	case s.NotPrincipal.name(c) != namesNobody:
		return namesNobody
	}
	return namesEveryone
}

// name reports how p names the caller, most closely.
func (p *Principals) name(c caller) naming {
	if c.kind == callerOutsider && c.arn != "" && (slices.Contains(p.Service, c.arn) || slices.Contains(p.Federated, c.arn) || slices.Contains(p.CanonicalUser, c.arn)) {
		return namesItself
	}
	named := namesNobody
	if p.Anyone {
		named = namesEveryone
	}
	for _, principal := range p.AWS {
		switch {
		case principal == "*":
			named = max(named, namesEveryone)
		case c.kind == callerOutsider:
		case principal == c.arn && c.kind != callerRole:
			return namesItself
		case principal == c.arn || c.isSessionOf(principal):
			named = max(named, namesEveryone)
		case spellPrincipal(principal) == c.account:
			named = max(named, namesAccount)
			if c.kind == callerRoot {
				return namesItself
			}
		}
	}
	return named
}

// isSessionOf reports whether the caller is a session of the role of that ARN,
// in whatever path it is.
func (c caller) isSessionOf(arn string) bool {
	r := newCaller(arn)
	return c.kind == callerSession && r.kind == callerRole && r.account == c.account && r.partition == c.partition && r.name == c.name
}
