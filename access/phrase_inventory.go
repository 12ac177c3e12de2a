package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A description puts a set of an inventory into words.
type description struct {
	u     *universe
	x     *index
	kind  legKind
	names []string
	place policy.Place
}

// describe returns words for a set that is not empty: the tags that just its
// things have, if there are such; else its names.
func (d description) describe(b bits) (text string, tags map[string]string, names []string) {
	n := b.count()
	counted := fmt.Sprintf("%d %s", n, nouns[d.kind][1])
	if n == 1 {
		counted = "1 " + nouns[d.kind][0]
	}
	for _, asked := range d.u.variants {
		if len(asked.tags) == 0 || !covered(asked.folded, d.x.things[b.first()].tags) {
			continue
		}
		switch with := d.tagged(asked.tags); {
		case slices.Equal(with, b):
			return counted + " with " + tagText(asked.tags), asked.tags, d.some(b, mostNames)
		case d.kind == nodeLeg && b.within(with) && slices.Equal(and(with, d.ofEC2()), b):
			return strings.Replace(counted, " instance", " EC2 instance", 1) + " with " + tagText(asked.tags), nil, d.some(b, mostNames)
		}
	}
	if n <= mostNames {
		names = d.some(b, mostNames)
		return list(names), nil, names
	}
	for _, tag := range sortedKeys(d.x.tags) {
		for _, value := range sortedKeys(d.x.tags[tag]) {
			if len(d.x.tags[tag][value]) == n && slices.Equal(d.tagged(map[string]string{tag: value}), b) {
				tags = map[string]string{d.x.written[tag]: value}
				return counted + " with " + tagText(tags), tags, d.some(b, mostNames)
			}
		}
		if values := d.oneOf(tag, b); len(values) > 0 {
			return counted + " with " + d.x.written[tag] + "=" + strings.Join(values, " or "), nil, d.some(b, mostNames)
		}
	}
	if region, ok := d.region(b); ok {
		return counted + " in " + region, nil, d.some(b, mostNames)
	}
	names = d.some(b, mostNames)
	return fmt.Sprintf("%s, %s and %d more", names[0], names[1], n-2), nil, names
}

// some returns the first names of a set.
func (d description) some(b bits, most int) []string {
	var names []string
	for i := range b.each() {
		if len(names) == most {
			break
		}
		names = append(names, d.names[i])
	}
	return names
}

// tagged returns the things that have the tags.
func (d description) tagged(tags map[string]string) bits {
	b := slices.Clone(d.x.there)
	for tag, value := range tags {
		with := newBits(len(d.x.things))
		for _, i := range d.x.tags[strings.ToLower(tag)][value] {
			with.add(i)
		}
		b.and(with)
	}
	return b
}

// ofType returns the nodes that everyEC2 or everyManaged is about.
func (d description) ofType(every string) bits {
	if every == everyEC2 {
		return d.ofEC2()
	}
	return minus(allBits(len(d.x.things)), d.ofEC2())
}

// ofEC2 returns the nodes that are instances of EC2.
func (d description) ofEC2() bits {
	return d.x.remember("EC2", func() bits {
		in := newBits(len(d.x.things))
		for i, t := range d.x.things {
			if strings.Contains(t.arn, ":instance/") {
				in.add(i)
			}
		}
		return in
	})
}

// oneOf returns up to three values of a tag that just the things of b have
// between them.
func (d description) oneOf(tag string, b bits) []string {
	var values []string
	left := slices.Clone(b)
	for _, value := range sortedKeys(d.x.tags[tag]) {
		with := d.tagged(map[string]string{tag: value})
		if !with.within(b) {
			continue
		}
		values = append(values, value)
		if len(values) > 3 {
			return nil
		}
		left.without(with)
	}
	if !left.empty() {
		return nil
	}
	return values
}

// region returns the region whose things these are.
func (d description) region(b bits) (string, bool) {
	region := d.x.things[b.first()].region
	for i, t := range d.x.things {
		if !t.gone && (t.region == region) != b.has(i) {
			return "", false
		}
	}
	return region, true
}

// withPatterns returns words for documents: the names that no pattern stands
// for, and the patterns.
func (d description) withPatterns(b bits, patterns []string) (string, []string) {
	names := slices.Clone(patterns)
	for i := range b.each() {
		every := "any " + documentOfAWS
		if fields(d.x.things[i].arn)[4] != "" {
			every = "any document"
		}
		if !slices.Contains(patterns, every) && !slices.ContainsFunc(patterns, func(p string) bool { return glob(p, d.names[i]) }) {
			names = append(names, d.names[i])
		}
	}
	names = set(names)
	return list(few(names)), names[:min(len(names), mostNames)]
}
