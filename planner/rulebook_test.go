package planner_test

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A rule says what is wrong for a user while some steps are done and others
// are not, steps by their names: "b without a". After a colon stands what it is,
// if not a gain, and how it is called: "b without a: loss" or "a without b: gain
// all". Of a user of two words the second says which of its parties it is.
type rule struct {
	user string
	text string
}

// A rulebook is a Watch that goes by rules.
type rulebook struct {
	plan    *planner.Plan
	names   []string // of the steps, at first
	users   []string
	rules   []rule
	parties [][]int
}

func newRulebook(p *planner.Plan, rules []rule) *rulebook {
	b := &rulebook{plan: p, rules: rules}
	for _, s := range p.Steps {
		b.names = append(b.names, s.ID().Name)
	}
	for _, r := range rules {
		if !slices.Contains(b.users, r.user) {
			b.users = append(b.users, r.user)
		}
	}
	for _, user := range b.users {
		var steps []int
		for i, name := range b.names {
			if slices.ContainsFunc(rules, func(r rule) bool {
				return r.user == user && slices.Contains(strings.FieldsFunc(r.text, func(c rune) bool { return c == ' ' || c == ':' }), name)
			}) {
				steps = append(steps, i)
			}
		}
		b.parties = append(b.parties, steps)
	}
	return b
}

func (b *rulebook) Parties() []planner.Party {
	var all []planner.Party
	for i, steps := range b.parties {
		all = append(all, planner.Party{Principals: []resource.ID{userOf(b.users[i])}, Steps: steps})
	}
	return all
}

func userOf(name string) resource.ID {
	name, _, _ = strings.Cut(name, " ")
	return resource.ID{Kind: "user", Name: name}
}

func (b *rulebook) Judge(party int, done []bool) []planner.Breach {
	is := map[string]bool{}
	for i, step := range b.parties[party] {
		is[b.names[step]] = done[i]
	}
	var found []planner.Breach
	for _, r := range b.rules {
		when, effect, given := strings.Cut(r.text, ": ")
		if !given {
			effect = "gain"
		}
		effect, text, named := strings.Cut(effect, " ")
		if !named {
			text = when
		}
		with, without, _ := strings.Cut(when, " without ")
		all := func(names string, want bool) bool {
			return !slices.ContainsFunc(strings.Fields(names), func(name string) bool { return is[name] != want })
		}
		if r.user == b.users[party] && all(with, true) && all(without, false) {
			found = append(found, planner.Breach{Principal: userOf(r.user), Effect: planner.Effect(effect), Text: text})
		}
	}
	return found
}

// stepsOf returns a plan with steps such as "b after a" or "b final".
func stepsOf(lines ...string) *planner.Plan {
	p := &planner.Plan{}
	at := map[string]int{}
	for i, line := range lines {
		words := strings.Fields(line)
		s := planner.Step{Change: resource.Change{After: thing{Name: words[0]}}, Source: &resource.Position{File: "access.yaml", Line: i + 1, Column: 1}}
		for _, word := range words[1:] {
			switch word {
			case "after":
			case "lossy":
				s.Loss.What = "its id"
			default:
				s.Waits = append(s.Waits, at[word])
			}
		}
		at[words[0]] = i
		p.Steps = append(p.Steps, s)
	}
	return p
}

// linesOf returns the steps of a plan in the same form.
func linesOf(p *planner.Plan) []string {
	var all []string
	for _, s := range p.Steps {
		line := s.ID().Name
		if s.Pause {
			line += " pauses"
		}
		if len(s.Waits) > 0 {
			line += " after"
			for _, w := range s.Waits {
				line += " " + p.Steps[w].ID().Name
			}
		}
		all = append(all, line)
	}
	return all
}

// counted counts the questions that a Watch is asked.
type counted struct {
	planner.Watch
	asked int
}

func (c *counted) Judge(party int, done []bool) []planner.Breach {
	c.asked++
	return c.Watch.Judge(party, done)
}
