package access

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// An inquiry is what the policies of some parties, which are one principal in
// two snapshots, ask about the things that calls act on.
type inquiry struct {
	patterns []string // of resources that no inventory has, as the policies have them
	filled   []string // the same, with the variables of the principal
	regions  []string // that conditions name
	variants []variant
	plain    bool // nothing that is asked about a thing depends on the circumstances of a call too

	sides   []*party
	reaches []reaching // of the entries of all parties, in order
	passes  map[string][]bits
}

// A reaching is which resources an entry reaches, as far as patterns go.
type reaching struct {
	patterns bits // of the inquiry
	any      bool // it says nothing of resources
	not      bool // all but these
}

// newInquiry returns the inquiry of some parties about some actions: nil
// parties are left out, and so are statements that speak of none of the
// actions. Known reports whether a resource is that of a thing of an inventory.
func newInquiry(sides []*party, actions bits, known func(pattern string) bool) *inquiry {
	q := &inquiry{plain: true, passes: map[string][]bits{}}
	number := map[string]int{}
	for _, p := range sides {
		if p == nil {
			continue
		}
		p = p.about(actions)
		q.sides = append(q.sides, p)
		for _, e := range p.entries {
			for _, pattern := range slices.Concat(e.source.Resource, e.source.NotResource) {
				if known(pattern) {
					continue
				}
				filled, ok := fill(pattern, e.version, p.lookup)
				if _, have := number[pattern+"\n"+filled]; ok && !have {
					number[pattern+"\n"+filled] = len(q.patterns)
					q.patterns = append(q.patterns, pattern)
					q.filled = append(q.filled, filled)
				}
			}
			for _, t := range e.onThing {
				if strings.EqualFold(t.key, "aws:RequestedRegion") {
					q.regions = append(q.regions, t.values...)
				}
				q.plain = q.plain && !slices.ContainsFunc(t.needs, ofCall)
			}
			q.plain = q.plain && !slices.ContainsFunc(e.thingNeeds, ofCall)
		}
	}
	q.regions = set(q.regions)
	for _, p := range q.sides {
		for _, e := range p.entries {
			r := reaching{patterns: newBits(len(q.patterns)), not: e.source.Resource == nil && e.source.NotResource != nil}
			r.any = e.source.Resource == nil && e.source.NotResource == nil
			for _, pattern := range slices.Concat(e.source.Resource, e.source.NotResource) {
				filled, _ := fill(pattern, e.version, p.lookup)
				if i, ok := number[pattern+"\n"+filled]; ok {
					r.patterns.add(i)
				}
			}
			q.reaches = append(q.reaches, r)
		}
	}
	q.variants = variantsFor(q.sides)
	return q
}

// reached returns the entries whose resources have a sample among them.
func (q *inquiry) reached(s sample) bits {
	b := newBits(len(q.reaches))
	for i, r := range q.reaches {
		if r.any || r.not != slices.ContainsFunc(s.patterns, r.patterns.has) {
			b.add(i)
		}
	}
	return b
}

// pass returns, for each variant, the entries whose conditions on tags hold
// for an action of the service. Other conditions on things count as if held.
func (q *inquiry) pass(service string) []bits {
	if passes, ok := q.passes[service]; ok {
		return passes
	}
	passes := make([]bits, len(q.variants))
	for i, v := range q.variants {
		passes[i] = newBits(len(q.reaches))
		n := 0
		for _, p := range q.sides {
			on := thing{tags: v.folded}
			lookup := func(key string) (policy.Value, bool) {
				if folded := strings.ToLower(key); ofThing(folded) {
					return on.lookup(folded, service)
				}
				return p.lookup(key)
			}
			for _, e := range p.entries {
				if !slices.ContainsFunc(e.onThing, func(t test) bool {
					return !slices.Contains(t.needs, "aws:requestedregion") && !t.holds(lookup)
				}) {
					passes[i].add(n)
				}
				n++
			}
		}
	}
	q.passes[service] = passes
	return passes
}

// tagsFor returns tags of a thing for which the conditions of an entry on tags
// hold: for each value, if there is but one tag to it.
func tagsFor(e entry, p *party) []map[string]string {
	tags := map[string]string{}
	var several []map[string]string
	asked := 0
	for _, t := range e.onThing {
		_, tag, ok := strings.Cut(strings.ToLower(t.key), ":resourcetag/")
		if !ok {
			continue
		}
		asked++
		_, written, _ := strings.Cut(t.key, "/")
		for i, value := range t.values {
			family, _ := familyOf(t.operator)
			if family == "null" {
				if value == "false" {
					tags[written] = string(fresh)
				}
				break
			}
			filled, ok := fill(value, t.version, p.lookup)
			if family == "like" && ok {
				filled, ok = common([]string{filled}, runs[0])
			}
			if !ok {
				continue
			}
			if i == 0 {
				tags[written] = filled
			}
			several = append(several, map[string]string{written: filled})
		}
		_ = tag
	}
	if asked > 1 || len(several) == 0 {
		several = nil
		if len(tags) > 0 {
			several = append(several, tags)
		}
	}
	return several
}

// A variant is tags that a thing may have.
type variant struct {
	tags, folded map[string]string // keys as written, and in lower case
	keys         []string
}

// mostVariants bounds the sets of tags that things are looked at with.
const mostVariants = 24

// variantsFor returns no tags, and tags for which the policies of the parties
// do what they do for no others.
func variantsFor(parties []*party) []variant {
	var asked []map[string]string
	for _, p := range parties {
		if p != nil {
			for _, e := range p.entries {
				asked = append(asked, tagsFor(e, p)...)
			}
		}
	}
	sets := combine(asked)
	all := make([]variant, len(sets))
	for i, tags := range sets {
		all[i].tags = tags
		all[i].folded, all[i].keys = foldTags(tags)
	}
	return all
}

// combine returns no tags, all the sets of tags, and two of them together,
// each once.
func combine(asked []map[string]string) []map[string]string {
	all := []map[string]string{{}}
	seen := map[string]bool{"": true}
	add := func(tags map[string]string) {
		var key strings.Builder
		for _, k := range sortedKeys(tags) {
			key.WriteString(strconv.Quote(strings.ToLower(k)) + strconv.Quote(tags[k]))
		}
		if !seen[key.String()] {
			seen[key.String()] = true
			all = append(all, tags)
		}
	}
	for _, tags := range asked {
		if len(all) < mostVariants {
			add(tags)
		}
	}
	single := all[1:len(all):len(all)]
	for i, one := range single {
		for _, other := range single[:i] {
			if len(all) == mostVariants {
				return all
			}
			both := maps.Clone(one)
			maps.Copy(both, other)
			add(both)
		}
	}
	return all
}
