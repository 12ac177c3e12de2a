package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// Whether a call passes can depend on its circumstances: whether the principal
// signed in with MFA, from which address, when. For each condition key that
// only they settle, a few values tell all that the policies tell apart; a
// world is one choice of a value for each key.

// A dimension is a key that the circumstances settle, and the choices that the
// policies tell apart.
type dimension struct {
	key     string // as a policy has it
	choices []choice
}

// A choice is the values of a key that the policies treat alike.
type choice struct{ values []candidate }

// A world is a choice for each of some dimensions.
type world struct {
	keys   map[string]candidate // by key in lower case
	chosen []int                // of each of the view's dimensions, the choice
	bound  bound
}

// A bound says of a world that it stands for all those not looked at.
type bound int

const (
	exact  bound = iota
	narrow       // what depends on circumstances allows nothing, and denies
	wide         // it allows, and denies nothing
)

// lookup returns a key's value, and whether the world gives it one.
func (w world) lookup(key string) (policy.Value, bool) {
	c, ok := w.keys[key]
	return c.value, ok && c.kind != absent
}

// mostWorlds bounds the worlds looked at for one set of statements.
const mostWorlds = 32

// A view is the worlds to look at for one set of statements.
type view struct {
	dimensions []dimension
	worlds     []world // as many as choices can be combined; else narrow, wide and some of them
	sampled    bool    // there are more
}

// everywhere is the mask of all the view's worlds.
func (v view) everywhere() uint64 { return 1<<len(v.worlds) - 1 }

// look returns the worlds that the statements tell apart. Who they are about
// settles the keys that lookup gives.
func look(statements []*statement, lookup func(string) (policy.Value, bool)) view {
	byKey := map[string][]test{}
	written := map[string]string{}
	seen := map[string]bool{}
	for _, s := range statements {
		for _, key := range s.circumspect {
			if _, ok := byKey[key]; !ok {
				byKey[key] = nil
				written[key] = key
			}
		}
		for _, t := range slices.Concat(s.onCall, s.onThing) {
			key := strings.ToLower(t.key)
			if ofCall(key) && !seen[t.id] {
				seen[t.id] = true
				byKey[key] = append(byKey[key], t)
				written[key] = min(t.key, cmp.Or(strings.TrimPrefix(written[key], key), t.key))
			}
		}
	}
	var v view
	for _, key := range sortedKeys(byKey) {
		d := dimension{key: written[key]}
		alike := map[string]int{}
		for _, c := range candidates(key, byKey[key], lookup) {
			at := func(k string) (policy.Value, bool) {
				if strings.ToLower(k) == key {
					return c.value, c.kind != absent
				}
				return lookup(k)
			}
			var vector strings.Builder
			for _, t := range byKey[key] {
				if t.holds(at) {
					vector.WriteByte('1')
				} else {
					vector.WriteByte('0')
				}
			}
			i, ok := alike[vector.String()]
			if !ok {
				i = len(d.choices)
				alike[vector.String()] = i
				d.choices = append(d.choices, choice{})
			}
			d.choices[i].values = append(d.choices[i].values, c)
		}
		if len(d.choices) > 1 {
			v.dimensions = append(v.dimensions, d)
		}
	}
	// What compares a circumstance with another, or with the thing acted on, has
	// too many outcomes.
	v.sampled = slices.ContainsFunc(statements, func(s *statement) bool {
		return slices.ContainsFunc(s.thingNeeds, ofCall) || slices.ContainsFunc(s.onCall, func(t test) bool {
			return slices.ContainsFunc(t.needs, func(key string) bool { return ofCall(key) && key != strings.ToLower(t.key) })
		})
	})
	v.combine(statements, lookup)
	return v
}

// combine makes the view's worlds.
func (v *view) combine(statements []*statement, lookup func(string) (policy.Value, bool)) {
	total := 1
	for _, d := range v.dimensions { // keep away from overflow
		if total *= len(d.choices); total > 8*mostWorlds {
			break
		}
	}
	if total <= 8*mostWorlds && !v.sampled {
		for n := range total {
			w := world{keys: map[string]candidate{}}
			for _, d := range v.dimensions {
				w.choose(d, n%len(d.choices))
				n /= len(d.choices)
			}
			if w.reconcile(v.dimensions) {
				v.worlds = append(v.worlds, w)
			}
		}
		if len(v.worlds) <= mostWorlds {
			return
		}
	}
	// Too many: the bounds, the world in which each statement speaks, and the
	// one in which all keys are as unremarkable as they can be.
	v.sampled = true
	v.worlds = []world{{bound: narrow}, {bound: wide}}
	plain := world{keys: map[string]candidate{}}
	for _, d := range v.dimensions {
		plain.choose(d, len(d.choices)-1)
	}
	v.worlds = append(v.worlds, plain)
	for _, s := range statements {
		if len(v.worlds) == mostWorlds {
			return
		}
		w := world{keys: map[string]candidate{}}
		for _, d := range v.dimensions {
			key := strings.ToLower(d.key)
			choice := len(d.choices) - 1
			for i, c := range d.choices {
				at := func(k string) (policy.Value, bool) {
					if strings.ToLower(k) == key {
						return c.values[0].value, c.values[0].kind != absent
					}
					return lookup(k)
				}
				if !slices.ContainsFunc(s.onCall, func(t test) bool { return strings.EqualFold(t.key, key) && !t.holds(at) }) {
					choice = i
					break
				}
			}
			w.choose(d, choice)
		}
		if w.reconcile(v.dimensions) {
			v.worlds = append(v.worlds, w)
		}
	}
}

// choose settles one more dimension.
func (w *world) choose(d dimension, choice int) {
	w.keys[strings.ToLower(d.key)] = d.choices[choice].values[0]
	w.chosen = append(w.chosen, choice)
}

// reconcile makes the values of the choices ones that can be there together,
// and reports whether there are such: who has not used MFA has not done so any
// time ago (IAM User Guide, "AWS global condition context keys").
func (w *world) reconcile(dimensions []dimension) bool {
	if w.possible() {
		return true
	}
	for i, d := range dimensions {
		for _, c := range d.choices[w.chosen[i]].values {
			key := strings.ToLower(d.key)
			was := w.keys[key]
			w.keys[key] = c
			if w.possible() {
				return true
			}
			w.keys[key] = was
		}
	}
	return false
}

// possible reports whether the values can be there together.
func (w *world) possible() bool {
	mfa, ok := w.keys["aws:multifactorauthpresent"]
	age, has := w.keys["aws:multifactorauthage"]
	if ok && has && age.kind != absent {
		return slices.Equal(mfa.value.List(), []string{"true"})
	}
	return true
}
