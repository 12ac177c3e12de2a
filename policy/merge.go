package policy

import (
	"maps"
	"slices"
	"strings"
)

// merge returns fewer and shorter statements that say the same. Those that
// name actions and resources are rewritten, without Sids; others stay as they
// are.
//
// Under one effect and condition, what is said is a relation of actions and
// resources. It is written down as rectangles, sets of actions times sets of
// resources, in two ways, of which the shorter is kept. The fewest rectangles
// are not looked for: to find them is NP-hard.
func merge(statements []Statement) []Statement {
	var merged []Statement
	relations, others := relate(statements)
	for _, r := range relations {
		a, b := r.bySignature(), r.greedily()
		if length(a) <= length(b) {
			merged = append(merged, a...)
		} else {
			merged = append(merged, b...)
		}
	}
	return append(merged, others...)
}

// A relation is what statements of one effect and condition say: for each
// resource, the actions.
type relation struct {
	effect    string
	condition Condition
	actions   map[string]map[string]bool
}

// relate returns the relations of the statements, without what follows from
// the rest, and the statements that are of another form.
func relate(statements []Statement) (relations []*relation, others []Statement) {
	byKey := map[string]*relation{}
	for _, s := range statements {
		if s.Action == nil || s.Resource == nil || s.Principal != nil || s.NotPrincipal != nil {
			others = append(others, s)
			continue
		}
		key := Statement{Effect: s.Effect, Condition: s.Condition}.encode(false)
		if byKey[key] == nil {
			byKey[key] = &relation{s.Effect, s.Condition, map[string]map[string]bool{}}
		}
		for _, r := range s.Resource {
			if byKey[key].actions[r] == nil {
				byKey[key].actions[r] = map[string]bool{}
			}
			for _, a := range s.Action {
				byKey[key].actions[r][a] = true
			}
		}
	}
	for _, key := range sortedKeys(byKey) {
		relations = append(relations, byKey[key])
	}
	reduce(relations)
	return slices.DeleteFunc(relations, func(r *relation) bool { return len(r.actions) == 0 }), others
}

// reduce drops, from each relation, what it or one under fewer conditions says
// by a wider pattern.
func reduce(relations []*relation) {
	for _, weak := range relations {
		wide := slices.DeleteFunc(sortedKeys(weak.actions), func(r string) bool { return !strings.ContainsAny(r, "*?") })
		for _, strong := range relations {
			if weak.effect != strong.effect || !weak.condition.within(strong.condition) {
				continue
			}
			for _, r := range sortedKeys(strong.actions) { // in order, as two may cover each other
				actions := strong.actions[r]
				if weak != strong {
					drop(actions, weak.actions[r])
				}
				for _, w := range wide {
					if w != r && strings.HasPrefix(r, w[:strings.IndexAny(w, "*?")]) && covers(w, r) {
						drop(actions, weak.actions[w])
					}
				}
				if len(actions) == 0 {
					delete(strong.actions, r)
				}
			}
		}
	}
}

// drop removes the actions of other from actions.
func drop(actions, other map[string]bool) {
	maps.DeleteFunc(actions, func(a string, _ bool) bool { return other[a] })
}

// within reports whether each line of c is one of d, so that c holds wherever
// d does.
func (c Condition) within(d Condition) bool {
	for operator, keys := range c {
		for key, values := range keys {
			if !slices.Equal(slices.Sorted(slices.Values(values)), slices.Sorted(slices.Values(d[operator][key]))) {
				return false
			}
		}
	}
	return true
}

// NameCovers reports whether the name or pattern wide, in which * and ? are
// wildcards, stands for all that narrow stands for. It may miss that, where a
// wildcard of narrow meets none of wide's.
func NameCovers(wide, narrow string) bool { return coversText(wide, narrow) }

// covers reports whether the pattern wide matches all that narrow matches. It
// may miss that, where a wildcard of narrow meets none of wide's.
func covers(wide, narrow string) bool {
	if wide == "*" {
		return true
	}
	w, n := strings.SplitN(wide, ":", 6), strings.SplitN(narrow, ":", 6)
	return len(w) == 6 && len(n) == 6 && slices.Equal(w[:5], n[:5]) && coversText(w[5], n[5])
}

func coversText(wide, narrow string) bool {
	for wide != "" && wide[0] != '*' {
		if narrow == "" || narrow[0] == '*' || narrow[0] != wide[0] && wide[0] != '?' {
			return false
		}
		wide, narrow = wide[1:], narrow[1:]
	}
	if wide == "" {
		return narrow == ""
	}
	for i := range len(narrow) + 1 {
		if coversText(wide[1:], narrow[i:]) {
			return true
		}
	}
	return false
}

// statement returns the rectangle of the actions and resources.
func (r *relation) statement(actions, resources []string) Statement {
	return Statement{Effect: r.effect, Action: actions, Resource: resources, Condition: r.condition}
}

// bySignature returns a statement for each set of actions that resources have.
func (r *relation) bySignature() (statements []Statement) {
	resources := map[string][]string{}
	for _, name := range sortedKeys(r.actions) {
		signature := strings.Join(sortedKeys(r.actions[name]), " ")
		resources[signature] = append(resources[signature], name)
	}
	for _, signature := range sortedKeys(resources) {
		statements = append(statements, r.statement(strings.Fields(signature), resources[signature]))
	}
	return statements
}

// maxSignatures bounds the sets of actions that greedily tries.
const maxSignatures = 64

// greedily returns rectangles chosen one by one, each the one that says the
// most new for its length.
func (r *relation) greedily() (statements []Statement) {
	sets := map[string][]string{} // candidates: what resources have, and have in common
	for _, actions := range r.actions {
		list := sortedKeys(actions)
		sets[strings.Join(list, " ")] = list
	}
	if len(sets) > maxSignatures {
		return r.bySignature()
	}
	lists := slices.Collect(maps.Values(sets))
	for i, a := range lists {
		for _, b := range lists[:i] {
			common := slices.DeleteFunc(slices.Clone(a), func(x string) bool { return !slices.Contains(b, x) })
			if len(common) > 0 {
				sets[strings.Join(common, " ")] = common
			}
		}
	}
	left := map[string]map[string]bool{}
	for name, actions := range r.actions {
		left[name] = maps.Clone(actions)
	}
	names := sortedKeys(r.actions)
	for len(left) > 0 {
		var best Statement
		most := 0.0
		for _, key := range sortedKeys(sets) {
			var resources []string
			said := 0
			for _, name := range names {
				new, all := 0, true
				for _, a := range sets[key] {
					all = all && r.actions[name][a]
					if left[name][a] {
						new++
					}
				}
				if all && new > 0 {
					resources, said = append(resources, name), said+new
				}
			}
			if said == 0 {
				continue
			}
			s := r.statement(sets[key], resources)
			if gain := float64(said) / float64(length([]Statement{s})); gain > most {
				best, most = s, gain
			}
		}
		for _, name := range best.Resource {
			for _, a := range best.Action {
				delete(left[name], a)
			}
			if len(left[name]) == 0 {
				delete(left, name)
			}
		}
		statements = append(statements, best)
	}
	return statements
}

// length returns how many characters the statements take in a document.
func length(statements []Statement) (n int) {
	for _, s := range statements {
		n += Size(s.encode(true)) + len(",")
	}
	return n
}
