package kind

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// An offer is what a restriction lets someone use together: any of the
// documents on any of the nodes, in the regions.
type offer struct {
	listed
	documents []string // "*" is all
	nodes     []node
	regions   []string
}

// A node is what a restriction selects nodes by.
type node struct {
	all  bool
	id   string
	tags map[string]string
}

// checkProduct reports restrictions that together allow what none of them says.
//
// IAM authorises the document and the node of a request each by itself, so
// whoever may send D1 to I1 and D2 to I2 may send D1 to I2 as well: no policies
// of one principal can say otherwise.
func (g Grants) checkProduct(x *entry.Expansion, to resource.ID) {
	if g.AllowProduct {
		return
	}
	for _, way := range []struct {
		verb  string
		offer func(policy.Restriction) policy.Names
	}{
		{"run %s on %s", func(r policy.Restriction) policy.Names { return r.Documents }},
		{"open sessions by %s on %s", func(r policy.Restriction) policy.Names { return r.Sessions.Names() }},
	} {
		var offers []offer
		for _, l := range g.enforced(x.Spec, "grant") {
			c := l.compile(x.Spec)
			if o := (offer{l, documentsOf(way.offer(c.restriction)), nodesOf(c.restriction.Nodes), regionsOf(x.Spec, c.restriction)}); len(c.problems) == 0 && len(o.documents) > 0 {
				offers = append(offers, o)
			}
		}
		if a, b, document, n := admitted(offers); a != nil {
			x.Fault(fmt.Sprintf("restrictions %q and %q together let %s %q "+way.verb+", which neither says: IAM looks at the document and at the instance each by itself",
				a.name, b.name, to.Kind, x.Name, document, n),
				"give the two to different people, through roles or groups of their own, or write `allow_product: true` here to accept it", b.at...)
		}
	}
}

// admitted returns a document and nodes that no offer has together, though two
// have one each; or nothing.
func admitted(offers []offer) (a, b *offer, document string, on node) {
	for i := range offers {
		for j := range offers {
			a, b := &offers[i], &offers[j]
			if i == j {
				continue
			}
			both := slices.DeleteFunc(slices.Clone(a.regions), func(r string) bool { return !slices.Contains(b.regions, r) })
			for _, d := range a.documents {
				for _, n := range b.nodes {
					if len(both) > 0 && !slices.ContainsFunc(offers, func(o offer) bool { return o.has(d, n, both) }) {
						return order(a, b, i < j, d, n)
					}
				}
			}
		}
	}
	return nil, nil, "", node{}
}

// order returns the two offers in the order in which they are listed.
func order(a, b *offer, inOrder bool, d string, n node) (first, second *offer, document string, on node) {
	if !inOrder {
		a, b = b, a
	}
	return a, b, d, n
}

// has reports whether the offer has the document on the nodes in the regions,
// as far as that can be told from what selects them.
func (o offer) has(document string, n node, regions []string) bool {
	return slices.ContainsFunc(o.documents, func(d string) bool { return policy.NameCovers(d, document) }) &&
		slices.ContainsFunc(o.nodes, func(m node) bool { return m.covers(n) }) &&
		!slices.ContainsFunc(regions, func(r string) bool { return !slices.Contains(o.regions, r) })
}

// covers reports whether m selects all nodes that n selects.
func (m node) covers(n node) bool {
	switch {
	case m.all:
		return true
	case m.id != "":
		return m.id == n.id
	case n.tags == nil:
		return false
	}
	for key, value := range m.tags {
		if !hasTag(n.tags, key, value) {
			return false
		}
	}
	return true
}

// hasTag reports whether the tags have the key, in any case as in a condition
// of IAM, with the value.
func hasTag(tags map[string]string, key, value string) bool {
	for k, v := range tags {
		if strings.EqualFold(k, key) && v == value {
			return true
		}
	}
	return false
}

// String names the nodes.
func (n node) String() string {
	if n.all {
		return "every instance"
	}
	if n.id != "" {
		return n.id
	}
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(n.tags)) {
		tags = append(tags, key+"="+n.tags[key])
	}
	return "instances with " + strings.Join(tags, ", ")
}

func documentsOf(n policy.Names) []string {
	if n.All {
		return []string{"*"}
	}
	return n.List
}

func nodesOf(n policy.Nodes) (all []node) {
	if n.All {
		return []node{{all: true}}
	}
	for _, id := range n.IDs {
		all = append(all, node{id: id})
	}
	for _, tags := range n.Tags {
		all = append(all, node{tags: tags})
	}
	return all
}

func regionsOf(s *entry.Spec, r policy.Restriction) []string {
	if len(r.Regions) == 0 {
		return []string{s.Region}
	}
	return r.Regions
}
