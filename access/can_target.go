package access

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/resource"
)

// targetsNamed returns what the words of a person name: nodes by id, name, tag
// or "all", several of them between commas; or one resource by ARN or name.
func (a *Account) targetsNamed(on, action string, l Leg) ([]Target, error) {
	if on == "" || on == "all" && l.Type == NodeLeg {
		if l.Type != NodeLeg {
			return nil, nil
		}
		return apply(a.Nodes, nodeTarget), nil
	}
	switch {
	case l.Type == NodeLeg, l.Type == OneOfLeg && slices.Contains(l.Types, "instance"):
		targets, err := a.nodesNamed(on)
		if err == nil || l.Type == NodeLeg {
			return targets, err
		}
	case l.Type == NoLeg && catalogue.Detailed(service(action)) && on != "*":
		return nil, fmt.Errorf("%s is on no resource: whoever may do it, may do it everywhere; ask without %q", action, on)
	}
	target, err := a.resourceNamed(on, action, l)
	if err != nil {
		return nil, err
	}
	return []Target{target}, nil
}

// nodesNamed returns the nodes of an id, a name, an ARN, or "tag:Key=Value".
func (a *Account) nodesNamed(on string) ([]Target, error) {
	match := func(n Node) bool { return n.ID == on || n.Name == on || n.ARN == on }
	if key, value, ok := strings.Cut(on, "="); ok && strings.HasPrefix(key, "tag:") {
		key = strings.TrimPrefix(key, "tag:")
		match = func(n Node) bool { v, ok := n.Tags[key]; return ok && v == value }
	}
	var targets []Target
	for _, n := range a.Nodes {
		if match(n) {
			targets = append(targets, nodeTarget(n))
		}
	}
	switch {
	case len(targets) > 0:
		return targets, nil
	case strings.HasPrefix(on, "arn:"): // one that is not there yet
		return []Target{{Leg: NodeLeg, Name: on, ARN: on}}, nil
	case strings.HasPrefix(on, "tag:"):
		if !strings.Contains(on, "=") {
			return nil, fmt.Errorf("%q names no tag; write tag:Key=Value", on)
		}
		return nil, fmt.Errorf("no node has the tag %s", strings.TrimPrefix(on, "tag:"))
	case strings.Contains(on, ","):
		for name := range strings.SplitSeq(on, ",") {
			some, err := a.nodesNamed(strings.TrimSpace(name))
			if err != nil {
				return nil, err
			}
			targets = append(targets, some...)
		}
		return targets, nil
	}
	return nil, fmt.Errorf("no node has the id or the name %q; name one of %s, or write tag:Key=Value", on, a.someNodes())
}

func (a *Account) someNodes() string {
	if len(a.Nodes) == 0 {
		return "none: the account has no nodes"
	}
	names := apply(a.Nodes, func(n Node) string { return cmp.Or(n.Name, n.ID) })
	slices.Sort(names)
	return firstOf(slices.Compact(names), 5)
}

func nodeTarget(n Node) Target {
	return Target{Leg: NodeLeg, Name: cmp.Or(n.Name, n.ID), ARN: n.ARN, Tags: n.Tags, Known: true}
}

func documentTarget(d Document) Target {
	return Target{Leg: DocumentLeg, Name: d.Name, ARN: d.ARN, Tags: d.Tags, Known: true}
}

// documentNamed returns a document of the account, one of AWS's, or one by its
// ARN, such as one that another account shares.
func (a *Account) documentNamed(name string) (Target, error) {
	for _, d := range a.Documents {
		if d.Name == name || d.ARN == name {
			return documentTarget(d), nil
		}
	}
	if strings.HasPrefix(name, "arn:") {
		return Target{Leg: DocumentLeg, Name: name[strings.LastIndexByte(name, '/')+1:], ARN: name}, nil
	}
	if !documentName.MatchString(name) {
		return Target{}, fmt.Errorf("%q cannot be the name of a document; give 3 to 128 letters, digits, - _ and ., or an ARN", name)
	}
	return Target{Leg: DocumentLeg, Name: name, ARN: a.documentARN(name)}, nil
}

var documentName = regexp.MustCompile(`^[\w.-]{3,128}$`)

func (a *Account) documentARN(name string) string {
	if policy.OwnedByAWS(name) {
		return a.Place.AWSOwned("document/" + name)
	}
	return a.Place.ARN("ssm", "document/"+name)
}

// resourceNamed returns the resource that fills a leg, by its ARN or by its
// name.
func (a *Account) resourceNamed(name, action string, l Leg) (Target, error) {
	if name == "*" || strings.HasPrefix(name, "arn:") {
		return a.known(Target{Leg: l.Type, Name: name, ARN: name}), nil
	}
	if l.Type == DocumentLeg {
		return a.documentNamed(name)
	}
	if kind, bare, ok := strings.Cut(name, "/"); ok && slices.Contains(l.Types, kind) {
		return a.resourceOf(kind, bare, action, l)
	}
	if strings.HasPrefix(name, "/") && slices.Contains(l.Types, "parameter") {
		return a.resourceOf("parameter", name, action, l)
	}
	if len(l.Types) == 1 {
		return a.resourceOf(l.Types[0], name, action, l)
	}
	return Target{}, fmt.Errorf("%s is on %s: write which of them %q is, such as %s/%s, or give its ARN",
		action, firstOf(l.Types, 5), name, cmp.Or(slices.Concat(l.Types, []string{"type"})[0]), name)
}

// resourceOf returns the resource of a type by its name.
func (a *Account) resourceOf(kind, name, action string, l Leg) (Target, error) {
	for _, t := range a.inventory(kind) {
		if t.Name == name || strings.HasSuffix(t.ARN, "/"+name) {
			t.Leg = l.Type
			return t, nil
		}
	}
	arn, ok := a.arnOf(service(action), kind, strings.TrimPrefix(name, "/"))
	if !ok {
		return Target{}, fmt.Errorf("what ARN a %s has is not known; give the ARN of %q", kind, name)
	}
	return Target{Leg: l.Type, Name: name, ARN: arn}, nil
}

// known returns the target as the account knows it, with its tags.
func (a *Account) known(t Target) Target {
	for _, kind := range []string{"instance", "document", "role", "user"} {
		for _, have := range a.inventory(kind) {
			if have.ARN == t.ARN {
				have.Leg = t.Leg
				return have
			}
		}
	}
	return t
}

// inventory returns all resources of a type that the account has, if it knows
// those of that type.
func (a *Account) inventory(kind string) []Target {
	switch kind {
	case "instance", "managed-instance":
		var nodes []Target
		for _, n := range a.Nodes {
			if strings.Contains(n.ARN, ":"+kind+"/") {
				nodes = append(nodes, nodeTarget(n))
			}
		}
		return nodes
	case "document":
		return apply(a.Documents, documentTarget)
	case "user", "role":
		var principals []Target
		for _, p := range a.Principals {
			if p.ID.Kind == kind {
				principals = append(principals, Target{Leg: kind, Name: p.ID.Name, ARN: p.ARN, Tags: p.Tags, Known: true})
			}
		}
		return principals
	case "group":
		return apply(a.Groups, func(g Group) Target { return Target{Leg: kind, Name: g.ID.Name, ARN: g.ARN, Known: true} })
	case "policy":
		var policies []Target
		for arn, m := range a.Policies {
			if m.From != (resource.ID{}) { // AWS's own cannot be changed
				policies = append(policies, Target{Leg: kind, Name: m.Name, ARN: arn})
			}
		}
		slices.SortFunc(policies, func(x, y Target) int { return strings.Compare(x.ARN, y.ARN) })
		return policies
	}
	return nil
}

// arnOf returns the ARN of a resource of a type by AWS's format for it.
func (a *Account) arnOf(service, kind, name string) (string, bool) {
	r, ok := catalogue.Type(service, kind)
	if !ok || len(r.ARNs) == 0 {
		return "", false
	}
	return placeholder.ReplaceAllStringFunc(r.ARNs[0], func(p string) string {
		switch strings.ToLower(p) {
		case "${partition}":
			return a.Place.Partition
		case "${region}":
			return a.Place.Region
		case "${account}":
			return a.Place.Account
		}
		return name
	}), true
}

var placeholder = regexp.MustCompile(`\$\{\w+\}`)

// service returns the service of an action.
func service(action string) string {
	name, _, _ := strings.Cut(action, ":")
	return strings.ToLower(name)
}
