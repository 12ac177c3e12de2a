package planner_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Fault 45: steps are reordered so that nobody has too much or too little on
// the way, or the plan says who has.
func TestSecure(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		steps    []string
		rules    []rule
		allow    []string
		want     []string
		left     []string // of the breaches: user, effect and text
		accepted int      // breaches
		pauses   int
	}{
		"nobody is concerned": {
			steps: []string{"a", "b after a"},
			want:  []string{"a", "b after a"},
		},
		"whatever comes first is fine": {
			steps: []string{"a", "b", "c"}, rules: []rule{{"amy", "a b c without nothing: loss"}},
			want: []string{"a", "b", "c"},
		},
		"the new grant before the old one goes": {
			steps: []string{"detach-old", "attach-new", "other"}, rules: []rule{{"amy", "detach-old without attach-new: loss"}},
			want: []string{"attach-new", "detach-old pauses after attach-new", "other"}, pauses: 1,
		},
		"the restriction before each of the grants": {
			steps: []string{"allow1", "allow2", "deny"}, rules: []rule{{"amy", "allow1 without deny"}, {"amy", "allow2 without deny"}},
			want: []string{"deny", "allow1 pauses after deny", "allow2 pauses after deny"}, pauses: 1,
		},
		"a need that has to be seen too": {
			steps: []string{"group", "member after group", "x"}, rules: []rule{{"amy", "member without group"}},
			want: []string{"group", "member pauses after group", "x"}, pauses: 1,
		},
		"a wait through others": {
			steps: []string{"a", "between after a", "b after between"}, rules: []rule{{"amy", "b without a"}},
			want: []string{"a", "between after a", "b pauses after between"}, pauses: 1,
		},
		"one pause for two": {
			steps: []string{"a", "b", "c"}, rules: []rule{{"amy", "b without a"}, {"amy", "c without a"}, {"amy", "c without b"}},
			want: []string{"a", "b pauses after a", "c pauses after b"}, pauses: 2,
		},
		"what loses something last, if it may": {
			steps: []string{"b", "c", "a lossy"}, rules: []rule{{"amy", "c without a"}, {"ben", "b c without nothing"}},
			want: []string{"b", "a", "c pauses after a"}, pauses: 1, accepted: 0,
		},
		"what loses something last, when what it waited for lets others go on": {
			steps: []string{"i lossy", "j lossy", "k after j"}, rules: []rule{{"amy", "i without j"}},
			want: []string{"j", "k after j", "i pauses after j"}, pauses: 1,
		},
		"a pause that does for a later step too": {
			steps: []string{"a", "b after a", "c after b"}, rules: []rule{{"amy", "b without a"}, {"amy", "c without a b"}},
			want: []string{"a", "b pauses after a", "c after b"}, pauses: 1,
		},
		"no order for several, some of them twice": {
			steps: []string{"a", "b", "c", "d", "e", "f"},
			rules: []rule{
				{"zoe", "a without b"},
				{"zoe", "b without a"},
				{"amy", "c without d: gain all"},
				{"amy", "d without c: gain all"},
				{"amy again", "e without f: gain all"},
				{"amy again", "f without e: gain all"},
			},
			want: []string{"a", "b pauses after a", "c", "d pauses after c", "e", "f pauses after e"}, pauses: 1,
			left: []string{"amy gain all", "zoe gain a without b"},
		},
		"an order that two ask for": {
			steps: []string{"a", "b", "c"}, rules: []rule{{"amy", "a without b"}, {"ben", "b without c"}},
			want: []string{"c", "b pauses after c", "a pauses after b"}, pauses: 2,
		},
		"around a need": {
			steps: []string{"a", "b after a", "c"}, rules: []rule{{"amy", "a without b c"}},
			want: []string{"c", "a pauses after c", "b after a"}, pauses: 1,
		},
		"no order": {
			steps: []string{"a", "b"}, rules: []rule{{"amy", "a without b"}, {"amy", "b without a: loss"}},
			want: []string{"b", "a pauses after b"}, pauses: 1,
			left: []string{"amy loss b without a"},
		},
		"no order for two, of whom one does not mind": {
			steps: []string{"a", "b"}, rules: []rule{{"amy", "a without b"}, {"ben", "b without a"}}, allow: []string{"ben"},
			want: []string{"b", "a pauses after b"}, pauses: 1, accepted: 1,
		},
		"no order for two, of whom the other does not mind": {
			steps: []string{"a", "b"}, rules: []rule{{"amy", "a without b"}, {"ben", "b without a"}}, allow: []string{"amy"},
			want: []string{"a", "b pauses after a"}, pauses: 1, accepted: 1,
		},
		"a need that is wrong": {
			steps: []string{"a", "b after a"}, rules: []rule{{"amy", "a without b"}},
			want: []string{"a", "b after a"},
			left: []string{"amy gain a without b"},
		},
		"two orders that go together only without what steps need": {
			steps: []string{"a1", "b2", "b1 after a1", "a2 after b2"}, rules: []rule{{"amy", "a1 without a2"}, {"ben", "b2 without b1"}},
			want: []string{"b2", "a2 after b2", "a1 pauses after a2", "b1 after a1"}, pauses: 1,
			left: []string{"ben gain b2 without b1"},
		},
		"a short breach rather than a long one": {
			steps: []string{"a", "b", "c", "d"}, rules: []rule{{"amy", "a without d"}, {"amy", "d without a"}, {"ben", "d without b"}, {"ben", "d without c"}},
			want: []string{"b", "c after b", "a after c", "d pauses after a"},
			left: []string{"amy gain a without d"}, pauses: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := stepsOf(tc.steps...)
			var allow []resource.ID
			for _, user := range tc.allow {
				allow = append(allow, resource.ID{Kind: "user", Name: user})
			}
			var left []string
			for _, b := range p.Secure(newRulebook(p, tc.rules), allow) {
				left = append(left, fmt.Sprint(b.Principal.Name, " ", b.Effect, " ", b.Text))
			}
			if d := cmp.Diff(tc.want, linesOf(p)); d != "" {
				t.Errorf("steps (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.left, left); d != "" {
				t.Errorf("breaches left (-want +got):\n%s", d)
			}
			n := len(tc.left) + tc.accepted
			if o := p.Order; o.Safe != (n == 0) || len(o.Breaches) != n || o.Pauses != tc.pauses {
				t.Errorf("order is %+v, want %d breaches and %d pauses", o, n, tc.pauses)
			}
		})
	}
}

// A breach says between which steps it is, and where the spec asks for them.
func TestBreachSteps(t *testing.T) {
	t.Parallel()
	p := stepsOf("a", "b", "c", "d")
	p.Steps[0].Source = nil
	got := p.Secure(newRulebook(p, []rule{{"amy", "a without c"}, {"amy", "c without a"}, {"amy", "b without a"}, {"amy", "d without a"}}), nil)
	want := []planner.Breach{{
		Principal: resource.ID{Kind: "user", Name: "amy"}, Effect: planner.Gain, Text: "a without c",
		From: thingID("a"), Until: thingID("c"), Source: &resource.Position{File: "access.yaml", Line: 3, Column: 1},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Of a party with many steps not all states are looked at; its steps run some
// at a time, and each that is out of order is still found.
func TestSecureManySteps(t *testing.T) {
	t.Parallel()
	var lines []string
	var rules []rule
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("s%02d", i))
		rules = append(rules, rule{"amy", fmt.Sprintf("s%02d without s39", i)})
	}
	rules = append(rules, rule{"amy", "s00 without s20: loss"})
	p := stepsOf(lines...)
	w := &counted{Watch: newRulebook(p, rules[:39])}
	w.Watch.(*rulebook).rules = append(rules[:39:39], rules[40:]...)
	if left := p.Secure(w, nil); len(left) > 0 || !p.Order.Safe {
		t.Fatalf("breaches %v", left)
	}
	if p.Steps[0].ID().Name != "s39" || p.Order.Pauses != 5 {
		t.Errorf("%d pauses in %v", p.Order.Pauses, linesOf(p))
	}
	if w.asked > 8_000 {
		t.Errorf("%d questions were asked", w.asked)
	}
	// At most ten run at once, and then all before has been seen.
	most := map[int]int{}
	depth := make([]int, len(p.Steps))
	for i, s := range p.Steps {
		for _, wait := range s.Waits {
			depth[i] = max(depth[i], depth[wait]+1)
			if !s.Pause {
				t.Errorf("step %d waits, and does not pause", i)
			}
		}
		most[depth[i]]++
	}
	for d, n := range most {
		if n > 10 {
			t.Errorf("%d steps run at once at depth %d", n, d)
		}
	}
}

// A search that takes too long ends, with some order and what is wrong in it.
func TestSecureGivesUp(t *testing.T) {
	t.Parallel()
	lines, rules := []string{"a", "b"}, []rule{{"amy", "a without b"}, {"ben", "b without a"}}
	for i := range 30 {
		// Ben has a billion states in which all is well before it turns out
		// that there is no order for amy and him.
		lines = append(lines, fmt.Sprintf("s%02d", i))
		rules = append(rules, rule{"ben", fmt.Sprintf("s%02d without s%02d", i, i)})
	}
	p := stepsOf(lines...)
	w := &counted{Watch: newRulebook(p, rules)}
	left := p.Secure(w, nil)
	if len(left) == 0 || p.Order.Safe || len(p.Steps) != len(lines) {
		t.Errorf("%d breaches, %d steps", len(left), len(p.Steps))
	}
	if w.asked < 5_000 || w.asked > 40_000 {
		t.Errorf("%d questions were asked", w.asked)
	}
}
