package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A thing is what a call acts on.
type thing struct {
	arn    string
	region string
	tags   map[string]string // keys in lower case
	keys   []string          // as written, of tags
	gone   bool              // it is not there in this snapshot, so nobody can act on it
}

// newThing returns a thing with those tags, whose keys IAM compares without case.
func newThing(arn string, tags map[string]string, place policy.Place) thing {
	t := thing{arn: arn, region: regionOf(arn, place)}
	t.tags, t.keys = foldTags(tags)
	return t
}

func (t thing) equal(u thing) bool {
	return t.arn == u.arn && t.gone == u.gone && maps.Equal(t.tags, u.tags)
}

// regionOf returns the region in an ARN, or the place's if it has none.
func regionOf(arn string, place policy.Place) string {
	if region := fields(arn)[3]; region != "" && region != "*" {
		return region
	}
	return place.Region
}

// foldTags returns the tags by key in lower case, and the keys as written. Of
// keys that differ only in case, the one that sorts first counts.
func foldTags(tags map[string]string) (folded map[string]string, keys []string) {
	if len(tags) == 0 {
		return nil, nil
	}
	folded = make(map[string]string, len(tags))
	for _, key := range sortedKeys(tags) {
		low := strings.ToLower(key)
		if _, there := folded[low]; !there {
			folded[low] = tags[key]
			keys = append(keys, key)
		}
	}
	return folded, keys
}

// lookup returns a key's value, given one that a thing settles. The tags are
// seen under the prefix that is of all services, and the one of the action's.
func (t thing) lookup(key, service string) (policy.Value, bool) {
	if key == "aws:requestedregion" {
		return policy.One(t.region), true
	}
	if tag, ok := tagOf(key, service); ok {
		if value, ok := t.tags[tag]; ok {
			return policy.One(value), true
		}
	}
	return policy.Value{}, false
}

// tagOf returns the tag that a key in lower case is about, if an action of the
// service has such a key.
func tagOf(key, service string) (tag string, ok bool) {
	prefix, tag, found := strings.Cut(key, ":resourcetag/")
	return tag, found && (prefix == "aws" || prefix == service)
}

// indexes returns the nodes and the documents of two snapshots, each in one
// list: first those of after, then those that only before has.
func indexes(before, after *Account) (nodes, documents [2]*index) {
	was := make(map[string]Node, len(before.Nodes))
	for _, n := range before.Nodes {
		was[n.ARN] = n
	}
	var made map[string]thing // of before, which is asked for first
	node := func(a *Account) map[string]thing {
		m := make(map[string]thing, len(a.Nodes))
		for _, n := range a.Nodes {
			if t, ok := made[n.ARN]; ok && maps.Equal(n.Tags, was[n.ARN].Tags) {
				m[n.ARN] = t
				continue
			}
			m[n.ARN] = newThing(n.ARN, n.Tags, a.Place)
		}
		made = m
		return m
	}
	document := func(a *Account) map[string]thing {
		m := make(map[string]thing, len(a.Documents))
		for _, d := range a.Documents {
			m[d.ARN] = newThing(d.ARN, d.Tags, a.Place)
		}
		return m
	}
	list := func(arns []string, of func(*Account) map[string]thing) (both [2]*index) {
		var things [2][]thing
		for i, a := range []*Account{before, after} {
			there := of(a)
			things[i] = make([]thing, len(arns))
			for j, arn := range arns {
				t, ok := there[arn]
				if !ok {
					t = thing{arn: arn, gone: true}
				}
				things[i][j] = t
			}
		}
		both[0] = newIndex(things[0])
		if both[1] = both[0]; !slices.EqualFunc(things[0], things[1], thing.equal) {
			both[1] = newIndex(things[1])
		}
		return both
	}
	var arns []string
	for _, n := range nodesOf(before, after) {
		arns = append(arns, n.ARN)
	}
	nodes = list(arns, node)
	arns = nil
	for _, d := range documentsOf(before, after) {
		arns = append(arns, d.ARN)
	}
	return nodes, list(arns, document)
}

// nodesOf returns the nodes of two snapshots, each once: those of after in
// its order, then those that only before has.
func nodesOf(before, after *Account) []Node {
	return union(after.Nodes, before.Nodes, func(n Node) string { return n.ARN })
}

// documentsOf is nodesOf for documents.
func documentsOf(before, after *Account) []Document {
	return union(after.Documents, before.Documents, func(d Document) string { return d.ARN })
}

func union[T any](first, second []T, name func(T) string) []T {
	seen := make(map[string]bool, len(first))
	all := make([]T, 0, len(first))
	for _, t := range slices.Concat(first, second) {
		if !seen[name(t)] {
			seen[name(t)] = true
			all = append(all, t)
		}
	}
	return all
}
