package kind

import (
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A picture is an account's access in the making: each kind adds what its
// objects mean for it, in any order.
type picture struct {
	access.Account

	roles    map[string]tie      // the role of each instance profile, by name
	profiles map[string]tie      // the profile of each instance that the spec did not launch, by id
	launched map[string]Instance // those that the spec did launch, by name
}

// A tie is the name of what an object ties something to.
type tie struct {
	name string
	from resource.ID
}

func newPicture(at policy.Place) *picture {
	return &picture{
		Account: access.Account{Place: at, Policies: map[string]access.Managed{}},
		roles:   map[string]tie{}, profiles: map[string]tie{}, launched: map[string]Instance{},
	}
}

// addNode adds a node with the role of the profile that it carries.
func (p *picture) addNode(n access.Node, carries tie) {
	if carries.name != "" {
		role := p.roles[carries.name]
		n.Role = role.name
		n.From = append(n.From, carries.from)
		if role.from != (resource.ID{}) {
			n.From = append(n.From, role.from)
		}
	}
	p.Nodes = append(p.Nodes, n)
}

// arn returns the ARN of something of IAM's in the picture's account.
func (p *picture) arn(kind, path, name string) string {
	return p.Place.IAM(kind + path + name)
}

// Access returns who can do what in the account as it was surveyed, once the
// changes are made; none gives the account as it is.
func (v *Survey) Access(changes []resource.Change) *access.Account {
	changed := make(map[resource.ID]resource.Object, len(changes))
	for _, c := range changes {
		changed[c.ID()] = c.After
	}
	p := newPicture(v.place)
	maps.Copy(p.Policies, v.inventory.policies)
	p.Grants = append(p.Grants, v.inventory.unread...)
	p.Documents = v.inventory.documents
	add := func(o resource.Object) {
		if o != nil {
			defs[o.ID().Kind].access(o, p)
		}
	}
	for o := range v.Live.State.All() {
		if after, ok := changed[o.ID()]; ok {
			add(after)
			delete(changed, o.ID())
			continue
		}
		add(o)
	}
	for _, c := range changes { // in the plan's order
		if after, ok := changed[c.ID()]; ok {
			add(after)
			delete(changed, c.ID())
		}
	}
	v.inventory.addNodes(p)
	return &p.Account
}

// addNodes adds every node with the role that it ends up with.
func (inv *inventory) addNodes(p *picture) {
	seen := map[string]bool{}
	arn := func(ec2ID string) string { return p.Place.ARN("ec2", "instance/"+ec2ID) }
	names := map[string]string{}
	for name, ec2ID := range inv.launched {
		names[ec2ID] = name
	}
	for _, ec2ID := range slices.Sorted(maps.Keys(inv.instances)) {
		n := access.Node{ID: ec2ID, ARN: arn(ec2ID), From: []resource.ID{id("instance", ec2ID)}}
		name, launched := names[ec2ID]
		if !launched {
			n.Tags = fromEC2Tags(inv.instances[ec2ID].Tags)
			n.Name = n.Tags["Name"]
			p.addNode(n, p.profiles[ec2ID])
			continue
		}
		i, stays := p.launched[name]
		if !stays {
			continue // the plan terminates it
		}
		seen[name] = true
		n.Tags, n.Name, n.From = i.Tags, i.Tags["Name"], []resource.ID{i.ID()}
		p.addNode(n, tie{i.Profile, i.ID()})
	}
	for _, name := range slices.Sorted(maps.Keys(p.launched)) {
		if i := p.launched[name]; !seen[name] {
			// AWS has yet to give it an id, which no policy can name today.
			n := access.Node{ID: name, Name: i.Tags["Name"], ARN: arn("i-(" + name + ")"), Tags: i.Tags, From: []resource.ID{i.ID()}}
			p.addNode(n, tie{i.Profile, i.ID()})
		}
	}
	p.Nodes = append(p.Nodes, inv.hybrid...)
}

// onlyServices reports whether none but services of AWS can assume a role of
// that trust policy.
func onlyServices(trust policy.Document) bool {
	services := 0
	for _, s := range trust.Statements {
		switch p := s.Principal; {
		case s.Effect == "Deny":
		case p == nil || p.Anyone || len(p.AWS)+len(p.Federated)+len(p.CanonicalUser) > 0:
			return false
		default:
			services += len(p.Service)
		}
	}
	return services > 0
}
