package policy

import (
	"slices"
	"strconv"

	"github.com/ssmctl/ssmctl/policy/internal/language"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// An outcome is whether there is a text that satisfies some constraints.
type outcome uint8

const (
	none   outcome = iota // there is none
	found                 // there is this
	unsure                // there may be, perhaps this
)

// A finding is an outcome, and a text if there is one.
type finding struct {
	outcome outcome
	text    string
}

// possible reports whether a request can still have a dimension as demanded.
func (p *prover) possible(d int) bool {
	s := &p.slots[d]
	return s.absent || s.one && p.possibleOne(d) || s.many && p.possibleMany(d)
}

// possibleOne asks for one value. The last that was found often still does.
func (p *prover) possibleOne(d int) bool {
	s := &p.slots[d]
	if s.last >= 0 && s.last <= len(s.single) {
		if !slices.ContainsFunc(s.single[s.last:], func(c constraint) bool { return !p.known(c) || !p.satisfies(s.value, c) }) {
			s.last = len(s.single)
			return true
		}
	}
	f := p.find(d, s.single)
	s.last = -1
	if f.outcome == found && !slices.ContainsFunc(s.single, func(c constraint) bool { return !p.known(c) }) {
		s.last, s.value = len(s.single), f.text
	}
	return f.outcome != none
}

// possibleMany asks for a list of values. Each constraint that some value must
// satisfy can have a value of its own.
func (p *prover) possibleMany(d int) bool {
	s := &p.slots[d]
	if len(s.some) == 0 {
		return p.find(d, s.all).outcome != none
	}
	return !slices.ContainsFunc(s.some, func(c constraint) bool {
		return p.find(d, append(slices.Clip(s.all), c)).outcome == none
	})
}

// possibleAll asks for a dimension whose text is known only now, and for those
// that it is put in.
func (p *prover) possibleAll(d int) bool {
	for i := range p.slots {
		if (i == d || p.puts(p.slots[i], d)) && !p.possible(i) {
			return false
		}
	}
	return true
}

// puts reports whether a dimension is put in somewhere in what is demanded.
func (p *prover) puts(s slot, d int) bool {
	in := func(c constraint) bool {
		return slices.Contains(p.questions[c.question].variables, p.dimensions[d].key)
	}
	return slices.ContainsFunc(s.single, in) || slices.ContainsFunc(s.all, in) || slices.ContainsFunc(s.some, in)
}

// known reports whether all texts are known that are put into a constraint.
func (p *prover) known(c constraint) bool {
	return !slices.ContainsFunc(p.questions[c.question].variables, func(key string) bool {
		s := &p.slots[p.dimensionIndex[key]]
		return s.one && !s.pinned
	})
}

// satisfies reports whether a text satisfies a constraint that is known.
func (p *prover) satisfies(text string, c constraint) bool {
	return p.questions[c.question].isTrueOf(text, p.lookup) == c.yes
}

// find looks for a text of a dimension that satisfies the constraints. What was
// found before is not looked for again.
func (p *prover) find(d int, constraints []constraint) finding {
	constraints = slices.Clone(constraints)
	slices.SortFunc(constraints, func(a, b constraint) int {
		if a.question == b.question && a.yes != b.yes {
			if a.yes {
				return 1
			}
			return -1
		}
		return a.question - b.question
	})
	constraints = slices.Compact(constraints)
	key := strconv.AppendInt(nil, int64(d), 10)
	for i, c := range constraints {
		if i > 0 && constraints[i-1].question == c.question {
			return finding{} // and its contrary
		}
		key = strconv.AppendInt(append(key, ' '), int64(c.question), 10)
		key = strconv.AppendBool(key, c.yes)
		for _, variable := range p.questions[c.question].variables {
			text, there := p.lookup(variable)
			key = strconv.AppendQuote(key, text)
			key = strconv.AppendBool(key, there)
		}
	}
	if f, ok := p.found[string(key)]; ok {
		return f
	}
	f := p.query(d, constraints)
	p.found[string(key)] = f
	return f
}

// A query is a search for one text.
type query struct {
	*prover
	dimension int
	known     []constraint // that a given text can be tried against
	sampled   []constraint // those of them that are not about languages
	complete  bool         // there are no others
	opaque    bool         // there are some that no language says
	groups    [][]alternative
	in, out   []language.Pattern
}

func (p *prover) query(d int, constraints []constraint) finding {
	q := query{prover: p, dimension: d, complete: true}
	if d == resource {
		q.in = append(q.in, resources)
	}
	for _, c := range constraints {
		t := &p.questions[c.question]
		p.steps -= 1 + len(t.written)/16
		known := p.known(c)
		q.complete = q.complete && known
		if known {
			q.known = append(q.known, c)
		}
		if !t.isText() {
			if known {
				q.sampled = append(q.sampled, c)
			} else {
				q.opaque = true
			}
			continue
		}
		ways, ok := t.alternatives(c.yes, p.lookup)
		switch {
		case !ok:
			q.opaque = true
		case len(ways) == 0:
			return finding{}
		case len(ways) == 1:
			q.in, q.out = append(q.in, ways[0].in...), append(q.out, ways[0].out...)
		default:
			q.groups = append(q.groups, ways)
		}
	}
	// Those first that are quick to ask.
	slices.SortStableFunc(q.known, func(a, b constraint) int {
		return len(q.questions[a.question].written) - len(q.questions[b.question].written)
	})
	slices.SortStableFunc(q.groups, func(a, b []alternative) int { return len(a) - len(b) })
	for i, p := range q.in {
		if slices.ContainsFunc(q.in[:i], func(other language.Pattern) bool { return language.Disjoint(p, other) }) {
			return finding{}
		}
	}
	f := q.choose(0)
	if q.opaque && f.outcome == found {
		f.outcome = unsure
	}
	return f
}

// choose takes one alternative of each group, from the one given.
func (q *query) choose(group int) finding {
	if group == len(q.groups) {
		return q.one()
	}
	best := finding{}
	in, out := len(q.in), len(q.out)
	for _, way := range q.groups[group] {
		if q.steps--; q.steps < 0 {
			return finding{outcome: unsure}
		}
		if slices.ContainsFunc(way.in, func(p language.Pattern) bool {
			return slices.ContainsFunc(q.in, func(other language.Pattern) bool { return language.Disjoint(p, other) })
		}) {
			continue
		}
		q.in, q.out = append(q.in, way.in...), append(q.out, way.out...)
		f := q.choose(group + 1)
		q.in, q.out = q.in[:in], q.out[:out]
		switch f.outcome {
		case found:
			return f
		case unsure:
			best = f
		}
	}
	return best
}

// one looks for a text, once all alternatives are chosen.
func (q *query) one() finding {
	unknown := func(p language.Pattern) bool { return p.HasUnknown() }
	if !slices.ContainsFunc(q.in, unknown) {
		for _, p := range q.in {
			if text, ok := p.Word(); ok && !slices.ContainsFunc(q.out, unknown) {
				return q.try(text)
			}
		}
		if f, sure := q.sample(); sure {
			return f
		}
		if q.complete {
			for _, text := range q.guesses(q.dimension, q.in) {
				if f := q.try(text); f.outcome == found {
					return f
				}
			}
		}
	}
	relevant := make([]language.Pattern, 0, len(q.out))
	for _, p := range q.out {
		if !slices.ContainsFunc(q.in, func(in language.Pattern) bool { return language.Disjoint(in, p) }) {
			relevant = append(relevant, p)
		}
	}
	text, ok, complete := language.Find(q.in, relevant, &q.steps)
	switch {
	case complete && !ok:
		return finding{}
	case ok && q.try(text).outcome == found && !slices.ContainsFunc(q.in, unknown):
		return finding{found, text}
	}
	return finding{outcome: unsure}
}

// try tries one text.
func (q *query) try(text string) finding {
	if slices.ContainsFunc(q.known, func(c constraint) bool { return !q.satisfies(text, c) }) {
		return finding{}
	}
	return finding{found, text}
}

// sample tries a text of every kind that the constraints can tell apart which
// are not about languages. It is sure of the outcome if there is none of a
// kind, or if there are no other constraints.
func (q *query) sample() (f finding, sure bool) {
	families := map[match.Base][]constraint{}
	for _, c := range q.sampled {
		base := q.questions[c.question].operator.Base
		families[base] = append(families[base], c)
	}
	for _, base := range []match.Base{match.Numeric, match.Date, match.Bool, match.Binary, match.IPAddress} {
		if len(families[base]) == 0 {
			continue
		}
		var written []string
		for _, c := range families[base] {
			written = append(written, q.questions[c.question].written...)
		}
		possible := false
		for _, text := range samples(base, written) {
			if slices.ContainsFunc(families[base], func(c constraint) bool { return !q.satisfies(text, c) }) {
				continue
			}
			possible = true
			if f := q.try(text); f.outcome == found && q.complete {
				return f, true
			}
		}
		if !possible {
			return finding{}, true
		}
	}
	return finding{}, false
}
