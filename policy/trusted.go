package policy

// Trusted returns policies without Resource that allow the principal just the
// requests to assume a role that p does with the role's trust policy as
// p.Resource, which is not nil: what the trust policy says of the principal
// becomes layers of its own. So Beyond and NewAccess, which compare no resource
// policies, can ask who may assume what. Owner is the account of the role, and
// the principal any that a Request can have. Of other requests than those to
// assume the role the answer means nothing.
func (p Policies) Trusted(principal, owner string) Policies {
	c := newCaller(principal)
	said := map[naming]Document{}
	var denies Document
	for _, s := range p.Resource.Statements {
		named := s.speaksOf(c, len(p.Boundary) > 0)
		s.Principal, s.NotPrincipal = nil, nil
		switch {
		case named == namesNobody:
		case s.Effect == "Deny":
			denies.Statements = append(denies.Statements, s)
		default:
			d := said[named]
			d.Version, d.Statements = p.Resource.Version, append(d.Statements, s)
			said[named] = d
		}
	}
	denies.Version = p.Resource.Version
	with := func(layer []Document, named ...naming) []Document {
		layer = append(make([]Document, 0, len(layer)+len(named)+1), layer...)
		for _, n := range named {
			if d, ok := said[n]; ok {
				layer = append(layer, d)
			}
		}
		return layer
	}
	any := with([]Document{denies}, namesItself, namesEveryone, namesAccount)
	trusted := Policies{Identity: p.Identity, Boundary: p.Boundary, SCPs: append(p.SCPs[:len(p.SCPs):len(p.SCPs)], any), Session: p.Session}
	switch {
	case c.kind == callerOutsider:
		return Policies{Identity: any}
	case c.kind == callerRoot && c.account == owner:
		// It may do all without a policy.
		trusted.Identity = append(trusted.Identity[:len(trusted.Identity):len(trusted.Identity)], New(Allow("*").On("*")))
	case c.account != owner:
		return trusted
	}
	// As Decide has it: whom a trust policy names itself needs none of its own,
	// and whom it names with everyone is still held by what bounds it.
	trusted.Identity = with(trusted.Identity, namesItself, namesEveryone)
	if len(p.Boundary) > 0 {
		trusted.Boundary = with(p.Boundary, namesItself)
	}
	if len(p.Session) > 0 {
		trusted.Session = with(p.Session, namesItself)
	}
	return trusted
}
