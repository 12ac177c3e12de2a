package policy

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/language"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A class is some actions that no statement tells apart: one of them, and which
// of the topics it is among.
type class struct {
	action string
	topics []bool
}

// A topic is what statements say of actions, by Action or by NotAction.
type topic struct {
	actions []match.Action
	written []string // the same
	not     bool     // any action but these
}

// covers reports whether an action is among them. It is given in lower case.
func (t *topic) covers(service, name string) bool {
	for i := range t.actions {
		if a := &t.actions[i]; a.Any || a.Name != nil && a.Service == service && a.Name.Match(name) {
			return !t.not
		}
	}
	return t.not
}

// topic returns the number of a topic, the same for equal lists.
func (p *prover) topic(written []string, not bool) int {
	name := fmt.Sprintf("%v %q", not, written)
	if i, ok := p.topicIndex[name]; ok {
		return i
	}
	t := topic{written: written, not: not}
	for _, a := range written {
		t.actions = append(t.actions, match.ParseAction(a))
	}
	p.topics = append(p.topics, t)
	p.topicIndex[name] = len(p.topics) - 1
	return len(p.topics) - 1
}

// of returns what a side says of the class, equal boxes once. A layer that
// allows all is one box.
func (c class) of(s side) side {
	keep := func(boxes []*box) []*box {
		var kept []*box
		seen := map[string]bool{}
		for _, b := range boxes {
			if !c.topics[b.topic] {
				continue
			}
			key := fmt.Sprint(b.atoms)
			if seen[key] {
				continue
			}
			if len(b.atoms) == 0 {
				return []*box{b}
			}
			seen[key] = true
			kept = append(kept, b)
		}
		return kept
	}
	of := side{denies: keep(s.denies)}
	for _, layer := range s.layers {
		of.layers = append(of.layers, keep(layer))
	}
	return of
}

// classes returns the classes of all actions, those that the policies name
// first. Of each class the action is one that they name if there is one, else
// one that AWS documents.
func (p *prover) classes() []class {
	var classes []class
	seen, among := map[string]bool{}, make([]byte, len(p.topics))
	add := func(action string) {
		folded := match.Fold(action)
		service, name, _ := strings.Cut(folded, ":")
		if folded == "sts:getcalleridentity" {
			return // nothing denies it
		}
		for i := range p.topics {
			among[i] = 0
			if p.topics[i].covers(service, name) {
				among[i] = 1
			}
		}
		if seen[string(among)] {
			return
		}
		seen[string(among)] = true
		c := class{action, make([]bool, len(among))}
		for i := range among {
			c.topics[i] = among[i] == 1
		}
		classes = append(classes, c)
	}
	patterns := map[string][]namePattern{} // of each service, each once
	named := map[string]bool{}
	for _, t := range p.topics {
		for i, a := range t.actions {
			if !a.Any && a.Name != nil && !named[t.written[i]] {
				named[t.written[i]] = true
				patterns[a.Service] = append(patterns[a.Service], namePattern{a, t.written[i], language.Text(a.Name)})
			}
		}
	}
	services := slices.Sorted(maps.Keys(patterns))
	documented := make([][]string, len(services))
	for i, service := range services {
		documented[i] = catalogue.Of(service)
		for _, n := range patterns[service] {
			if _, ok := n.action.Name.Literal(); !ok {
				continue
			}
			same := func(action string) bool { return match.EqualFold(action, n.written) }
			if j := slices.IndexFunc(documented[i], same); j >= 0 {
				add(documented[i][j])
			} else if len(documented[i]) == 0 || !p.documentedOnly {
				add(n.written)
			}
		}
	}
	for i, service := range services {
		for _, action := range documented[i] {
			add(action)
		}
		if len(documented[i]) > 0 && p.documentedOnly {
			continue
		}
		for _, n := range patterns[service] {
			if !slices.ContainsFunc(documented[i], n.action.Match) {
				p.invent(n, patterns[service], add)
			}
		}
	}
	for action := range elsewhere() {
		if service, _, _ := strings.Cut(action, ":"); patterns[fold(service)] == nil {
			add(action)
			break // no statement tells it from another of these
		}
	}
	return classes
}

// A namePattern is one element of Action or NotAction that is not "*".
type namePattern struct {
	action   match.Action
	written  string
	language language.Pattern
}

// invent adds actions that a pattern matches: one for each set of other
// patterns that can match it too.
func (p *prover) invent(n namePattern, patterns []namePattern, add func(action string)) {
	if _, ok := n.action.Name.Literal(); ok {
		return
	}
	add(strings.NewReplacer("*", "Example", "?", "X").Replace(n.written))
	var others []language.Pattern
	seen := map[string]bool{fold(n.written): true}
	for _, other := range patterns {
		if written := fold(other.written); !seen[written] && !language.Disjoint(n.language, other.language) {
			seen[written] = true
			others = append(others, other.language)
		}
	}
	service, _, _ := strings.Cut(n.written, ":")
	language.Classes(n.language, others, &p.steps, func(name string) { add(service + ":" + name) })
}

// elsewhere yields all actions that AWS documents, those first that everybody
// knows.
func elsewhere() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, action := range []string{"s3:GetObject", "ec2:RunInstances", "iam:CreateUser", "sqs:SendMessage"} {
			if !yield(action) {
				return
			}
		}
		for action := range catalogue.Names() {
			if !yield(action) {
				return
			}
		}
	}
}
