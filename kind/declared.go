package kind

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Declared returns who can do what by the spec alone, asking no account. Users
// and instances that the spec only mentions hold nothing but what it says; a
// selection by tags stands for one instance that carries just those.
func Declared(s *entry.Spec, d *resource.Desired) *access.Account {
	p := newPicture(place(s))
	for _, arn := range awsPoliciesIn([]*resource.State{d.State}) {
		p.Policies[arn] = embedded(arn)
	}
	inv := &inventory{}
	nodes := declaredNodes{place: p.Place, byID: map[string]access.Node{}}
	for o := range d.State.All() {
		if sel, ok := o.(selection); ok {
			nodes.add(sel.IDs, sel.Tags)
			for _, n := range nodes.of(sel.IDs, sel.Tags) {
				p.profiles[n] = tie{sel.Profile, sel.ID()}
			}
			continue
		}
		defs[o.ID().Kind].access(o, p)
		for _, need := range o.Needs() {
			switch need.Kind {
			case userKind, groupKind, roleKind:
				p.mention(need, d.State)
			case "document":
				p.document(need.Name)
			case "instance":
				nodes.add([]string{need.Name}, nil)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Entries["restrictions"])) {
		for _, n := range entry.Lookup[RestrictionEntry](s, "restrictions", name).Instances.List {
			nodes.add(nil, n.Tags)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Entries["instances"])) {
		if e := entry.Lookup[InstanceEntry](s, "instances", name); e.Launch == nil {
			nodes.add(e.ids(), e.Tags)
		}
	}
	p.Documents = append(p.Documents, awsDocuments(p.Place)...)
	inv.addNodes(p)
	for _, nodeID := range slices.Sorted(maps.Keys(nodes.byID)) {
		if _, launched := p.launched[nodeID]; !launched {
			p.addNode(nodes.byID[nodeID], p.profiles[nodeID])
		}
	}
	return &p.Account
}

// mention adds a principal or group that the spec does not declare, unless it
// is there.
func (p *picture) mention(who resource.ID, declared *resource.State) {
	if declared.Get(who) != nil {
		return
	}
	arn := p.arn(who.Kind, "/", who.Name)
	there := func(other resource.ID) bool { return other == who }
	switch {
	case who.Kind == groupKind:
		if !slices.ContainsFunc(p.Groups, func(g access.Group) bool { return there(g.ID) }) {
			p.Groups = append(p.Groups, access.Group{ID: who, ARN: arn})
		}
	case !slices.ContainsFunc(p.Principals, func(o access.Principal) bool { return there(o.ID) }):
		p.Principals = append(p.Principals, access.Principal{ID: who, ARN: arn})
	}
}

// document adds one of the account's own documents, unless it is there.
func (p *picture) document(name string) {
	if slices.ContainsFunc(p.Documents, func(d access.Document) bool { return d.Name == name }) {
		return
	}
	p.Documents = append(p.Documents, access.Document{Name: name, ARN: p.Place.ARN("ssm", "document/"+name), From: id("document", name)})
}

// declaredNodes are the nodes that a spec speaks of.
type declaredNodes struct {
	place policy.Place
	byID  map[string]access.Node
}

// of returns the ids by which nodes of these ids, or with these tags, go.
func (n declaredNodes) of(ids []string, tags map[string]string) []string {
	if len(tags) == 0 {
		return ids
	}
	var words []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		words = append(words, k+"="+tags[k])
	}
	return append(slices.Clone(ids), "tag:"+strings.Join(words, "+"))
}

func (n declaredNodes) add(ids []string, tags map[string]string) {
	for _, nodeID := range n.of(ids, tags) {
		service, kind, name := "ec2", "instance/", nodeID
		switch {
		case strings.HasPrefix(nodeID, "mi-"):
			service, kind = "ssm", "managed-instance/"
		case strings.HasPrefix(nodeID, "tag:"):
			name = "i-(" + nodeID + ")" // an id that no policy can name
		}
		node := access.Node{ID: nodeID, ARN: n.place.ARN(service, kind+name)}
		if strings.HasPrefix(nodeID, "tag:") {
			node.Tags = tags
		} else {
			node.From = []resource.ID{id("instance", nodeID)}
		}
		n.byID[nodeID] = node
	}
}

// NodesOf tells the nodes that an entry of the spec's instances stands for: by
// their ids, or by tags that all of them carry. It is false if there is no
// such entry.
func NodesOf(s *entry.Spec, name string) (ids []string, tags map[string]string, ok bool) {
	e := entry.Lookup[InstanceEntry](s, "instances", name)
	switch {
	case e == nil:
		return nil, nil, false
	case e.Launch != nil:
		return nil, map[string]string{ownerTag: s.Name, instanceTag: name}, true
	}
	return e.ids(), e.Tags, true
}
