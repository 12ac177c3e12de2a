package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// assumed returns who gains and loses which role: users and roles of the
// account, and those outside it that a role trusts. What a role may do is told
// of the role.
func (c *comparison) assumed() []Change {
	roles := [2]map[resource.ID]bool{{}, {}}
	changed := map[resource.ID]bool{} // roles that trust others than before
	var ids []resource.ID
	for side, parties := range c.parties {
		for id, p := range parties {
			ids = append(ids, id)
			roles[side][id] = id.Kind == roleKind && len(p.Trust.Statements) > 0
			before, after := c.parties[0][id], c.parties[1][id]
			if roles[side][id] && (before == nil || after == nil || !before.Trust.Equal(after.Trust)) {
				changed[id] = true
			}
		}
	}
	slices.SortFunc(ids, resource.ID.Compare)
	ids = slices.Compact(ids)
	var trusting []resource.ID // the roles that someone of the account could assume
	for _, id := range ids {
		if id.Kind == roleKind && (c.opens(0, id) || c.opens(1, id)) {
			trusting = append(trusting, id)
		}
	}
	var changes []Change
	for _, who := range ids {
		before, after := c.parties[0][who], c.parties[1][who]
		same := before != nil && after != nil && before.class == after.class && maps.Equal(before.Tags, after.Tags) && before.ARN == after.ARN
		for _, role := range trusting {
			if who != role && (!same || changed[role]) {
				changes = append(changes, c.assumes(who, role)...)
			}
		}
	}
	for _, role := range ids {
		if changed[role] {
			changes = append(changes, c.trusted(role)...)
		}
	}
	return changes
}

// opens reports whether a role trusts anyone of AWS, rather than services and
// providers of identities alone.
func (c *comparison) opens(side int, role resource.ID) bool {
	p := c.parties[side][role]
	return p != nil && slices.ContainsFunc(p.Trust.Statements, func(s policy.Statement) bool {
		return s.Effect == "Allow" && (s.NotPrincipal != nil || s.Principal != nil && (s.Principal.Anyone || len(s.Principal.AWS) > 0))
	})
}

// assumes returns whether a principal gains or loses a role.
func (c *comparison) assumes(who, role resource.ID) []Change {
	var statements []*statement
	var settle func(string) (policy.Value, bool)
	for side := range c.parties {
		p, r := c.parties[side][who], c.parties[side][role]
		if p == nil || r == nil {
			continue
		}
		settle = p.lookup
		for i, d := range slices.Concat(p.effective.Policies.Identity, p.effective.Policies.Boundary, []policy.Document{r.Trust}) {
			for _, s := range takeApart(d, []string{assumeAction}, i<<8) {
				if s.covers.has(0) {
					statements = append(statements, s)
				}
			}
		}
	}
	if settle == nil {
		return nil
	}
	v := look(statements, settle)
	var masks [2]uint64
	var decisions [2]policy.Decision // in the world that makes the difference, or the first
	for side := range c.parties {
		for w := range v.worlds {
			if c.decide(side, who, role, v.worlds[w]).Verdict == policy.Allowed {
				masks[side] |= 1 << w
			}
		}
	}
	var changes []Change
	for side, effect := range []string{Loss, Gain} {
		mask := masks[side] &^ masks[1-side]
		if mask == 0 {
			continue
		}
		w := 0
		for mask>>w&1 == 0 {
			w++
		}
		for s := range decisions {
			decisions[s] = c.decide(s, who, role, v.worlds[w])
		}
		change := Change{
			Who: who, Service: c.party(who).Service, Effect: effect, Actions: []string{assumeAction},
			Rights: "assume " + role.String(), Resources: []string{role.String()}, When: v.when(mask),
			Via: []resource.ID{}, Cause: []resource.ID{},
		}
		for s, d := range decisions {
			p := c.parties[s][who]
			for _, by := range d.By {
				var chain []resource.ID
				switch by.Layer {
				case policy.LayerIdentity:
					chain = p.effective.Identity[by.Document].Chain
				case policy.LayerBoundary:
					chain = p.effective.Boundary[by.Document].Chain
				case policy.LayerResource:
					chain = []resource.ID{role}
				}
				if s == side && by.Layer != policy.LayerBoundary {
					change.Via = append(change.Via, chain...)
				}
				change.Cause = append(change.Cause, slices.DeleteFunc(slices.Clone(chain), func(id resource.ID) bool { return !c.differs(id) })...)
			}
		}
		for _, id := range []resource.ID{who, role} {
			if c.parties[0][id] == nil || c.parties[1][id] == nil || len(change.Cause) == 0 && c.differs(id) {
				change.Cause = append(change.Cause, id)
			}
		}
		for s := range decisions {
			if p := c.parties[s][who]; p != nil {
				for _, o := range p.effective.Boundary {
					change.Cause = append(change.Cause, slices.DeleteFunc(slices.Clone(o.Chain), func(id resource.ID) bool { return !c.differs(id) })...)
				}
			}
		}
		change.Via = unique(change.Via)
		slices.SortFunc(change.Cause, resource.ID.Compare)
		change.Cause = slices.Compact(change.Cause)
		changes = append(changes, change)
	}
	return changes
}

// decide says whether a principal may assume a role in a world.
func (c *comparison) decide(side int, who, role resource.ID, w world) policy.Decision {
	p, r := c.parties[side][who], c.parties[side][role]
	if p == nil || r == nil || w.bound == narrow {
		return policy.Decision{}
	}
	policies := p.effective.Policies
	policies.Resource = &r.Trust
	return policies.Decide(policy.Request{Principal: p.ARN, Action: assumeAction, Resource: r.ARN, Context: contextOf(p, w, newThing(r.ARN, r.Tags, c.place), "sts", assumeAction)})
}

// contextOf returns the context of a request: what the principal, the world
// and the thing acted on settle.
func contextOf(p *party, w world, t thing, service, action string) policy.Context {
	context := policy.Context{}
	for key, value := range p.keys {
		if key != "ssm:sessiondocumentaccesscheck" || strings.EqualFold(action, "ssm:StartSession") {
			context[key] = value
		}
	}
	for key, candidate := range w.keys {
		if candidate.kind != absent {
			context[key] = candidate.value
		}
	}
	context["aws:requestedregion"] = policy.One(t.region)
	for tag, value := range t.tags {
		context["aws:resourcetag/"+tag] = policy.One(value)
		context[service+":resourcetag/"+tag] = policy.One(value)
	}
	return context
}

// trusted returns the services, accounts and others outside the account that
// come to be trusted by a role, or are no more.
func (c *comparison) trusted(role resource.ID) []Change {
	var changes []Change
	for side, effect := range []string{Loss, Gain} {
		had := c.outsiders(1-side, role)
		var names []string
		for _, name := range c.outsiders(side, role) {
			if !slices.Contains(had, name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		changes = append(changes, Change{
			Who: role, Service: c.party(role).Service, Effect: effect, Actions: []string{assumeAction},
			Rights: "be assumed by " + list(names), Resources: []string{role.String()},
			Via: []resource.ID{role}, Cause: []resource.ID{role},
		})
	}
	return changes
}

// outsiders returns whom a role's trust policy allows of those who are not in
// the account, by the statements that allow, sorted.
func (c *comparison) outsiders(side int, role resource.ID) []string {
	p := c.parties[side][role]
	if p == nil {
		return nil
	}
	var names []string
	for _, s := range p.Trust.Statements {
		if s.Effect != "Allow" || s.Principal == nil {
			continue
		}
		if s.Principal.Anyone {
			names = append(names, "anyone")
		}
		names = append(names, s.Principal.Service...)
		names = append(names, s.Principal.Federated...)
		for _, aws := range s.Principal.AWS {
			switch account := strings.Split(aws+"::::", ":")[4]; {
			case aws == "*":
				names = append(names, "anyone")
			case aws != c.place.Account && account != c.place.Account:
				names = append(names, aws)
			}
		}
	}
	return set(names)
}
