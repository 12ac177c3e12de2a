package policy

import (
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/language"
)

// confirm makes a request of the choices, and asks Decide. Where a variable can
// have several values it tries those that stand out.
func (p *prover) confirm() bool {
	for d := range p.dimensions {
		if s := &p.slots[d]; p.dimensions[d].variable && s.one && !s.pinned && slices.ContainsFunc(p.slots, func(s slot) bool { return p.puts(s, d) }) {
			return p.confirmWith(d)
		}
	}
	r, ok := p.request()
	if !ok {
		return false
	}
	allows := func(policies Policies) bool { return policies.Decide(r).Verdict == Allowed }
	refuses := func(policies Policies) bool { return !allows(policies) }
	if slices.ContainsFunc(p.allowing, refuses) || slices.ContainsFunc(p.refusing, allows) {
		p.give("%s on %s may be %s, but evaluating it did not confirm that", r.Action, r.Resource, p.sought)
		return false
	}
	p.witness = &r
	return true
}

// give notes why a choice led to no request, unless another was noted before.
func (p *prover) give(format string, args ...any) {
	if p.unconfirmed == "" {
		p.unconfirmed = fmt.Sprintf(format, args...)
	}
}

// confirmWith tries values of a variable.
func (p *prover) confirmWith(d int) bool {
	before := p.slots[d]
	defer func() { p.slots[d] = before }()
	values, all := p.values(d)
	for _, text := range values {
		if p.steps--; p.steps < 0 {
			return false
		}
		p.slots[d].pinned, p.slots[d].text = true, text
		if !p.possibleAll(d) || slices.ContainsFunc(p.slots[d].single, func(c constraint) bool { return p.known(c) && !p.satisfies(text, c) }) {
			continue
		}
		if p.confirm() {
			return true
		}
	}
	if !all {
		p.give("whether %s is %s turns on the value of ${%s}, and none that was tried shows it; compare for a certain %[3]s, by a condition that pins it on both sides", p.action, p.sought, p.dimensions[d].spelled)
	}
	return false
}

// values returns values of a variable that are worth a try, and whether there
// are no others.
func (p *prover) values(d int) (values []string, all bool) {
	for _, c := range p.slots[d].single {
		t := &p.questions[c.question]
		if !t.isText() || len(t.variables) > 0 {
			continue
		}
		ways, _ := t.alternatives(c.yes, p.lookup)
		var words []string
		for _, way := range ways {
			values = append(values, p.guesses(d, way.in)...)
			if len(way.in) == 1 {
				if text, ok := way.in[0].Word(); ok {
					words = append(words, text)
				}
			}
		}
		if len(words) == len(ways) {
			return words, true
		}
	}
	if f := p.query(d, p.slots[d].single); f.outcome == found {
		values = append([]string{f.text}, values...)
	}
	values = append(values, p.guesses(d, nil)...)
	// What makes a pattern with the variable the same as one without.
	var with, without []language.Pattern
	for i := range p.slots {
		for _, c := range slices.Concat(p.slots[i].single, p.slots[i].all, p.slots[i].some) {
			ways, _ := p.questions[c.question].alternatives(c.yes, p.lookup)
			for _, way := range ways {
				for _, pattern := range slices.Concat(way.in, way.out) {
					if pattern.HasUnknown() {
						with = append(with, pattern)
					} else {
						without = append(without, pattern)
					}
				}
			}
		}
	}
	for _, a := range with {
		for _, b := range without {
			if text, ok := language.Align(a, b); ok {
				values = append(values, text)
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(values, func(text string) bool {
		again := seen[text]
		seen[text] = true
		return again
	}), false
}

// request makes a request of the choices, of which all texts are known. It
// reports false if that cannot be done, and notes why if that is not certain.
func (p *prover) request() (Request, bool) {
	r := Request{Action: p.action, Resource: "*"}
	var ok bool
	if r.Principal, ok = p.principal(); !ok {
		return r, false
	}
	if s := &p.slots[resource]; !s.absent || !p.takesNone() {
		v, ok := p.value(resource)
		if ok {
			r.Resource = v.list[0]
		} else if !s.absent {
			return r, false
		}
	}
	for d := range p.slots {
		s := &p.slots[d]
		if d == resource || !s.touched || s.absent || slices.Contains(ofCallers, p.dimensions[d].key) {
			continue
		}
		v, ok := p.value(d)
		if !ok {
			return r, false
		}
		if known, ok := r.Lookup(p.dimensions[d].key); ok && known.Equal(v) {
			continue
		}
		if r.Context == nil {
			r.Context = Context{}
		}
		r.Context[p.dimensions[d].spelled] = v
	}
	return r, true
}

// value returns what a dimension can be that is there.
func (p *prover) value(d int) (Value, bool) {
	s := &p.slots[d]
	if s.one && s.pinned {
		return One(s.text), true
	}
	doubt := false
	text := func(constraints []constraint) (string, bool) {
		f := p.query(d, constraints)
		doubt = doubt || f.outcome == unsure
		return f.text, f.outcome == found
	}
	if s.one {
		if v, ok := text(s.single); ok {
			return One(v), true
		}
	}
	if s.many {
		var list []string
		for _, c := range s.some {
			if v, ok := text(append(slices.Clip(s.all), c)); ok {
				list = append(list, v)
			}
		}
		if v, ok := text(s.all); ok && len(s.some) == 0 {
			list = append(list, v)
		}
		if slices.Sort(list); len(list) == max(len(s.some), 1) {
			return Many(slices.Compact(list)...), true
		}
	}
	if doubt {
		p.give("whether one value of %s can pass all tests of it, which are of different types, is not known; test it by operators of one type", p.dimensions[d].spelled)
	}
	return Value{}, false
}

// principal returns a user or a role from whom all keys follow that are asked
// for.
func (p *prover) principal() (string, bool) {
	held := func(key string) (string, bool) {
		d, ok := p.dimensionIndex[key]
		if s := &p.slots[d]; ok && s.touched && s.pinned {
			return s.text, true
		} else if ok && s.touched && s.one {
			f := p.query(d, s.single)
			return f.text, f.outcome == found
		}
		return "", false
	}
	p.account, p.name = exampleAccounts[0], exampleNames[0]
	if account, ok := held("aws:principalaccount"); ok {
		p.account = account
	}
	if name, ok := held("aws:username"); ok {
		p.name = name
	}
	var candidates []string
	if arn, ok := held("aws:principalarn"); ok {
		candidates = append(candidates, arn)
	}
	iam := "arn:aws:iam::" + p.account
	candidates = append(candidates, iam+":user/"+p.name, iam+":role/"+exampleNames[0])
	for _, principal := range candidates {
		c, fits := newCaller(principal), true
		for _, key := range ofCallers {
			d, ok := p.dimensionIndex[key]
			if !ok {
				continue
			}
			s := &p.slots[d]
			text, there := c.derived(key, "")
			if there {
				fits = fits && s.one && (!s.pinned || s.text == text) && !slices.ContainsFunc(s.single, func(c constraint) bool { return !p.satisfies(text, c) })
			} else {
				fits = fits && s.absent
			}
		}
		if fits {
			return principal, true
		}
	}
	p.give("whether %s is %s turns on several keys that follow from who asks, and no user or role was found that has all of them so", p.action, p.sought)
	return "", false
}

// takesNone reports whether the action is known to take no resource but "*".
func (p *prover) takesNone() bool {
	a, ok := catalogue.Lookup(p.action)
	return ok && len(a.Resources) == 0
}
