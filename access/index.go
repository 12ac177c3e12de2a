package access

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/policy"
)

// An index answers which things of a list a statement is about. What it found
// out it remembers; it is safe for concurrent use.
type index struct {
	things  []thing
	there   bits                        // all that are not gone
	exact   map[string]int              // by ARN
	heads   map[string][]int            // by what comes before the last field of the ARN
	tags    map[string]map[string][]int // by tag and value
	written map[string]string           // a tag, in the case that the first thing has
	mu      sync.RWMutex
	known   map[string]bits // by what was asked
}

func newIndex(things []thing) *index {
	x := &index{
		things:  things,
		there:   newBits(len(things)),
		exact:   make(map[string]int, len(things)),
		heads:   map[string][]int{},
		tags:    map[string]map[string][]int{},
		written: map[string]string{},
		known:   map[string]bits{},
	}
	for i, t := range things {
		x.exact[t.arn] = i
		head, _ := headOf(t.arn)
		x.heads[head] = append(x.heads[head], i)
		if t.gone {
			continue
		}
		x.there.add(i)
		for _, key := range t.keys {
			if tag := strings.ToLower(key); x.written[tag] == "" {
				x.written[tag] = key
			}
		}
		for tag, value := range t.tags {
			if x.tags[tag] == nil {
				x.tags[tag] = map[string][]int{}
			}
			x.tags[tag][value] = append(x.tags[tag][value], i)
		}
	}
	return x
}

// remember returns what make returns, which it calls once for a key.
func (x *index) remember(key string, make func() bits) bits {
	x.mu.RLock()
	b, ok := x.known[key]
	x.mu.RUnlock()
	if ok {
		return b
	}
	b = make()
	x.mu.Lock()
	defer x.mu.Unlock()
	if have, ok := x.known[key]; ok {
		return have
	}
	x.known[key] = b
	return b
}

// about returns the things that a statement is about: those that its resources
// match and that satisfy its conditions on things, for an action of that
// service. Lookup gives the keys that things do not settle. With loose,
// conditions that depend on the circumstances of the call hold.
func (x *index) about(s *statement, service string, lookup func(string) (policy.Value, bool), loose bool) bits {
	if len(x.things) == 0 {
		return nil
	}
	var key strings.Builder
	key.WriteString("s")
	key.WriteString(strconv.Itoa(s.id))
	if len(s.onThing) > 0 {
		key.WriteByte(0)
		key.WriteString(service)
	}
	if loose {
		key.WriteByte(1)
	}
	writeValues(&key, s.thingNeeds, lookup)
	return x.remember(key.String(), func() bits {
		b := slices.Clone(x.matched(s, lookup, loose))
		b.and(x.there)
		for _, t := range s.onThing {
			if loose && slices.ContainsFunc(t.needs, ofCall) {
				continue
			}
			b.and(x.holds(t, service, lookup))
		}
		return b
	})
}

// resources returns the things that the resources of a statement match.
func (x *index) resources(s *statement, lookup func(string) (policy.Value, bool)) bits {
	return x.matched(s, lookup, false)
}

// like returns the things whose ARNs match the pattern. Most patterns are open
// only at the end, as arn:aws:ec2:*:*:instance/* is: then what comes before
// the last field is matched once for all things that have it in common.
func (x *index) like(pattern string) bits {
	b := newBits(len(x.things))
	head, last := headOf(pattern)
	start := strings.TrimSuffix(last, "*")
	simple := start != last && !strings.ContainsAny(start, "*?") && strings.HasSuffix(start, "/")
	for h, list := range x.heads {
		if simple && !policy.MatchARN(head+start+"*", h+start) {
			continue
		}
		for _, i := range list {
			if t := x.things[i].arn; simple && strings.HasPrefix(t[len(h):], start) || !simple && policy.MatchARN(pattern, t) {
				b.add(i)
			}
		}
	}
	return b
}

// headOf returns an ARN or a pattern up to its last field, and that.
func headOf(arn string) (head, last string) {
	at := 0
	for range 5 {
		i := strings.IndexByte(arn[at:], ':')
		if i < 0 {
			return arn, ""
		}
		at += i + 1
	}
	return arn[:at], arn[at:]
}

// matched returns the things that the resources of a statement match. With
// loose, variables that depend on the circumstances of the call stand for
// anything.
func (x *index) matched(s *statement, lookup func(string) (policy.Value, bool), loose bool) bits {
	patterns := s.source.Resource
	if patterns == nil {
		patterns = s.source.NotResource
	}
	if patterns == nil {
		return allBits(len(x.things)) // as Reaches has it
	}
	b := newBits(len(x.things))
	var open []string // patterns with variables
	for _, p := range patterns {
		if keys := variables(p, s.version); loose && slices.ContainsFunc(keys, ofCall) {
			if s.source.Resource == nil {
				continue // it may exclude nothing
			}
			p = loosened(p)
		}
		switch i, ok := x.exact[p]; {
		case len(variables(p, s.version)) > 0 || s.version == policy.Version2012 && strings.Contains(p, "${"):
			open = append(open, p)
		case ok:
			b.add(i)
		case strings.ContainsAny(p, "*?") || strings.Count(p, ":") < 5:
			b.or(x.remember("p"+p, func() bits { return x.like(p) }))
		}
	}
	if len(open) > 0 {
		named := policy.Statement{Resource: open}
		for i, t := range x.things {
			if reaches, _ := named.Reaches(t.arn, s.version, lookup); reaches {
				b.add(i)
			}
		}
	}
	if s.source.Resource != nil {
		return b
	}
	return minus(allBits(len(x.things)), b)
}

// loosened returns a pattern with a * for each variable that depends on the
// circumstances of a call.
func loosened(pattern string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "${")
		inner, after, closed := strings.Cut(rest, "}")
		b.WriteString(before)
		if !found || !closed {
			return b.String() + pattern[len(before):]
		}
		if slices.ContainsFunc(variables("${"+inner+"}", policy.Version2012), ofCall) {
			b.WriteByte('*')
		} else {
			b.WriteString("${" + inner + "}")
		}
		pattern = after
	}
}

// holds returns the things for which a test holds.
func (x *index) holds(t test, service string, lookup func(string) (policy.Value, bool)) bits {
	var key strings.Builder
	key.WriteString("t")
	key.WriteString(service)
	key.WriteByte(0)
	key.WriteString(t.id)
	writeValues(&key, slices.DeleteFunc(slices.Clone(t.needs), ofThing), lookup)
	return x.remember(key.String(), func() bits {
		onThing := 0
		for _, need := range t.needs {
			if ofThing(need) {
				onThing++
			}
		}
		if tag, ok := tagOf(strings.ToLower(t.key), service); ok && onThing == 1 {
			return x.holdsForTag(t, tag, lookup)
		}
		if low := strings.ToLower(t.key); onThing == 1 && strings.Contains(low, ":resourcetag/") {
			// The tags of another service: no such action has the key.
			if t.holds(func(key string) (policy.Value, bool) {
				if strings.EqualFold(key, low) {
					return policy.Value{}, false
				}
				return lookup(key)
			}) {
				return allBits(len(x.things))
			}
			return newBits(len(x.things))
		}
		b := newBits(len(x.things))
		for i, thing := range x.things {
			if t.holds(func(key string) (policy.Value, bool) {
				if folded := strings.ToLower(key); ofThing(folded) {
					return thing.lookup(folded, service)
				}
				return lookup(key)
			}) {
				b.add(i)
			}
		}
		return b
	})
}

// holdsForTag is holds for a test of one tag, decided once a value of it.
func (x *index) holdsForTag(t test, tag string, lookup func(string) (policy.Value, bool)) bits {
	with := func(value policy.Value, there bool) bool {
		return t.holds(func(key string) (policy.Value, bool) {
			if ofThing(strings.ToLower(key)) {
				return value, there
			}
			return lookup(key)
		})
	}
	b := newBits(len(x.things))
	if with(policy.Value{}, false) {
		b = allBits(len(x.things))
		for _, list := range x.tags[tag] {
			for _, i := range list {
				b[i>>6] &^= 1 << (i & 63)
			}
		}
	}
	add := func(list []int) {
		for _, i := range list {
			b.add(i)
		}
	}
	if !t.verbatim() {
		for value, list := range x.tags[tag] {
			if with(policy.One(value), true) {
				add(list)
			}
		}
		return b
	}
	// All values that the policy does not name are alike.
	others := with(policy.One(string(fresh)), true)
	for value, list := range x.tags[tag] {
		if !slices.Contains(t.values, value) && others {
			add(list)
		}
	}
	for _, value := range t.values {
		if with(policy.One(value), true) {
			add(x.tags[tag][value])
		}
	}
	return b
}

// verbatim reports whether the test only asks whether a value is one of those
// that it names.
func (t test) verbatim() bool {
	family, _ := familyOf(t.operator)
	return family == "text" && !strings.Contains(strings.ToLower(t.operator), "ignorecase") && len(t.needs) == 1 &&
		!slices.ContainsFunc(t.values, func(v string) bool { return strings.Contains(v, "$") })
}

// holds reports whether the test holds for the keys that lookup gives.
func (t test) holds(lookup func(string) (policy.Value, bool)) bool {
	holds, _ := t.parsed.Test(lookup)
	return holds
}
