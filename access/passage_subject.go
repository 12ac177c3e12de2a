package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// The two sides that a step lies between.
const (
	beforeSide = 0
	afterSide  = 1
)

// A state says which side of a step an account is on.
type state func(step int) int

// noStep is the step of what no step changes; it stays as it is before.
const noStep = -1

func (at state) side(step int) int {
	if step == noStep {
		return beforeSide
	}
	return at(step)
}

// The ends of a plan.
var ends = [2]state{
	func(int) int { return beforeSide },
	func(int) int { return afterSide },
}

// A gate is something that must be there for a policy to bear on a principal:
// a membership, an attachment.
type gate struct {
	open [2]bool
	step int
}

// A hold is a way in which a policy can bear on a principal.
type hold struct {
	gates []gate
	text  [2]int
	step  int // that changes the text
}

// says returns the text that bears on the principal in a state, none if the
// policy does not, and whether all gates are open.
func (h hold) says(at state) (text int, open bool) {
	for _, g := range h.gates {
		if !g.open[at.side(g.step)] {
			return none, false
		}
	}
	return h.text[at.side(h.step)], true
}

// A member of the account: a user or role, on both sides.
type member struct {
	id     resource.ID
	sides  [2]Principal
	exists gate
	own    []hold // its policies and those of its groups
	bounds []hold // its boundary
	trust  [2]int // of a role, the number of its text
	class  string // the same for those on whom the same bears by the same steps
}

// principal returns the member on one side, or on the other if it is not on
// that one.
func (m *member) principal(side int) Principal {
	if !m.exists.open[side] {
		side = 1 - side
	}
	return m.sides[side]
}

// rights returns what the member may do in a state, by texts that of
// translates first.
func (m *member) rights(at state, of func(int) int) rights {
	if !m.exists.open[at.side(m.exists.step)] {
		return noRights
	}
	var own, bounds []int
	bounded := false
	for _, h := range m.own {
		if n, _ := h.says(at); n != none {
			own = append(own, of(n))
		}
	}
	for _, h := range m.bounds {
		n, open := h.says(at)
		bounded = bounded || open
		if n != none {
			bounds = append(bounds, of(n))
		}
	}
	if !bounded {
		return newRights(own)
	}
	return newRights(own, bounds)
}

// steps returns the steps that bear on what rights returns. Trusted is that the
// member may have rights without policies of its own.
func (m *member) steps(of func(int) int, trusted bool) stepSet {
	steps := stepSet{}
	holds := func(list []hold, bearing bool) (some bool) {
		for _, h := range list {
			texts := apply(h.text[:], of)
			if !bearing && !slices.ContainsFunc(texts, func(n int) bool { return n != none }) {
				continue // it says nothing on either side
			}
			some = true
			steps.add(h.step, texts[0] != texts[1])
			for _, g := range h.gates {
				steps.add(g.step, g.open[0] != g.open[1])
			}
		}
		return some
	}
	if holds(m.own, false) || trusted {
		holds(m.bounds, true) // by which a boundary that says nothing is one, too
		steps.add(m.exists.step, m.exists.open[0] != m.exists.open[1])
	}
	return steps
}

// asks reports whether a policy that can bear on the member asks for such a key.
func (m *member) asks(p *Passage, key func(string) bool) bool {
	return slices.ContainsFunc(slices.Concat(m.own, m.bounds), func(h hold) bool {
		return slices.ContainsFunc(h.text[:], func(n int) bool { return n != none && slices.ContainsFunc(p.texts.at(n).keys, key) })
	})
}

// whole is the translation of texts that changes nothing.
func whole(n int) int { return n }

// A stepSet is some steps of a plan.
type stepSet map[int]bool

// add adds a step if there is one, and it makes a difference.
func (s stepSet) add(step int, differs bool) {
	if step != noStep && differs {
		s[step] = true
	}
}

// and returns the steps of both.
func (s stepSet) and(others ...stepSet) stepSet {
	all := maps.Clone(s)
	for _, o := range others {
		maps.Copy(all, o)
	}
	return all
}

func (s stepSet) sorted() []int { return slices.Sorted(maps.Keys(s)) }

// retold returns the tags of the member that differ between the sides, by
// their condition keys, and with them whatever else a request tells of it that
// does.
func (m *member) retold() map[string]bool {
	if m.exists.open[0] != m.exists.open[1] || m.exists.step == noStep {
		return nil
	}
	return differing(known(m.sides[0]), known(m.sides[1]), policy.Value.Equal)
}

// differing returns the keys that have not the same value in both.
func differing[V any](a, b map[string]V, equal func(V, V) bool) map[string]bool {
	keys := map[string]bool{}
	for key, v := range a {
		if w, ok := b[key]; !ok || !equal(v, w) {
			keys[key] = true
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			keys[key] = true
		}
	}
	return keys
}

// known returns what a request tells of a principal, by key in lower case. The
// zero value is of a key that it has not.
func known(p Principal) map[string]policy.Value {
	k := map[string]policy.Value{"aws:username": {}}
	tags, _ := foldTags(p.Tags)
	for tag, value := range tags {
		k["aws:principaltag/"+tag] = policy.One(value)
	}
	r := policy.Request{Principal: p.ARN}
	for _, key := range []string{"aws:username", "aws:principalarn", "aws:principalaccount", "aws:principaltype"} {
		if v, ok := r.Lookup(key); ok {
			k[key] = v
		}
	}
	return k
}

// A telling says which of the keys that a principal settles are taken to be
// known: all, or of the tags none but those that the plan changes.
type telling int

const (
	wholly telling = iota
	changed
	untagged
)

// facts returns what is known of the member in a state.
func (m *member) facts(at state, t telling) facts {
	k := known(m.principal(at.side(m.exists.step)))
	retold := map[string]bool{}
	if t == changed {
		retold = m.retold()
	}
	return facts{
		fmt.Sprint(m.id, t, k),
		func(key string) (policy.Value, bool) {
			key = strings.ToLower(key)
			v, ok := k[key]
			if strings.HasPrefix(key, "aws:principaltag/") {
				// A tag that the principal has not is known to be absent.
				return v, t == wholly || retold[key]
			}
			return v, ok
		},
	}
}

// tellings returns what has to be taken to be known, one after another. The
// tags of a role's sessions are not only the role's, where somebody may give a
// session others: then a right must be safe with those that the role has, and
// with any.
func (m *member) tellings(p *Passage) []telling {
	for side, n := range m.trust {
		if m.id.Kind != roleKind || !m.exists.open[side] || n == none {
			continue
		}
		if !slices.ContainsFunc(p.texts.at(n).document.Statements, func(s policy.Statement) bool { return s.Covers("sts:TagSession") }) {
			continue
		}
		if len(m.retold()) > 0 {
			return []telling{changed, untagged}
		}
		return []telling{untagged}
	}
	return []telling{wholly}
}
