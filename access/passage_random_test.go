package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Fault 45: in every state of random plans, Judge says what trying every
// request says.
func TestPassageRandom(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]passageWorld{
		"policies":   {plans: 12_000, states: 3, users: 2},
		"conditions": {plans: 2_500, states: 2, users: 2, roles: 1, conditions: true},
		"roles":      {plans: 3_000, states: 2, users: 2, roles: 2},
		"nodes":      {plans: 2_000, states: 2, users: 2, nodes: 2},
		"unknown":    {plans: 700, states: 2, users: 2, unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				w.plans /= 10
			}
			states, breaches, clean := 0, 0, 0
			requests := w.requests()
			for seed := range w.plans {
				m := passageMaker{rand.New(rand.NewPCG(uint64(seed), 51)), w}
				before, after := m.plan()
				steps := changedObjects(before, after)
				m.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
				p := NewPassage(before, after, steps)
				parties := p.Parties()
				var ids []resource.ID
				for _, a := range []*Account{before, after} {
					for _, who := range a.Principals {
						ids = append(ids, who.ID)
					}
				}
				slices.SortFunc(ids, resource.ID.Compare)
				ids = slices.Compact(ids)
				worst := suppose(before, after)
				brutes := func(a *Account) []*brute {
					return apply(worst, func(supposed map[string]policy.Document) *brute { return newBrute(a, supposed) })
				}
				was, is := brutes(before), brutes(after)
				for range w.states {
					done := map[resource.ID]bool{}
					for _, id := range steps {
						done[id] = m.chance(50)
					}
					got := map[fate]string{}
					for i, party := range parties {
						for _, b := range p.Judge(i, apply(party.Steps, func(step int) bool { return done[steps[step]] })) {
							got[fate{b.Principal, b.Effect}] = fmt.Sprint(b.Text, " of ", party)
							if b.Text == "" || !slices.Contains(party.Principals, b.Principal) {
								t.Fatalf("seed %d: %+v of %v", seed, b, party)
							}
						}
					}
					now := brutes(mixed(before, after, done))
					must, may := map[fate]bool{}, map[fate]bool{} // those that are true
					for i := range worst {
						a, b := verdicts(w, [3]*brute{was[i], now[i], is[i]}, ids, requests)
						maps.DeleteFunc(a, func(_ fate, is bool) bool { return !is })
						maps.DeleteFunc(b, func(_ fate, is bool) bool { return !is })
						maps.Copy(must, a)
						maps.Copy(may, b)
					}
					states++
					breaches += len(must)
					if len(must) == 0 {
						clean++
					}
					for f := range must {
						if got[f] == "" {
							t.Fatalf("seed %d: missed %v, with done %v of %v\n%s\n%s", seed, f, done, steps, dump(before), dump(after))
						}
					}
					for f, text := range got {
						if !may[f] {
							t.Fatalf("seed %d: there is no %v: %s, with done %v of %v\n%s\n%s", seed, f, text, done, steps, dump(before), dump(after))
						}
					}
				}
			}
			t.Logf("%d plans, %d states, %d of them clean, %d breaches", w.plans, states, clean, breaches)
			if breaches < states/10 || clean < states/10 {
				t.Errorf("no test: of %d states %d are clean, with %d breaches", states, clean, breaches)
			}
		})
	}
}

func dump(a *Account) string {
	b, err := json.MarshalIndent(a, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// byID returns what an account has of each object, as text.
func byID(a *Account) map[resource.ID]string {
	all := map[resource.ID]string{}
	add := func(id resource.ID, what any) {
		b, err := json.Marshal(what)
		if err != nil {
			panic(err)
		}
		all[id] += string(b)
	}
	for _, p := range a.Principals {
		add(p.ID, p)
	}
	for _, m := range a.Members {
		add(m.From, m)
	}
	for _, g := range a.Grants {
		add(g.From, g)
	}
	for _, b := range a.Bounds {
		add(b.From, b)
	}
	for _, p := range a.Policies {
		add(p.From, p)
	}
	for _, n := range a.Nodes {
		add(n.From[0], n)
	}
	return all
}

// changedObjects returns the objects that two accounts do not have alike.
func changedObjects(before, after *Account) []resource.ID {
	was, is := byID(before), byID(after)
	var all []resource.ID
	for id := range was {
		if was[id] != is[id] {
			all = append(all, id)
		}
	}
	for id := range is {
		if _, ok := was[id]; !ok {
			all = append(all, id)
		}
	}
	slices.SortFunc(all, resource.ID.Compare)
	return all
}

// mixed returns the account in which some objects are as after has them.
func mixed(before, after *Account, done map[resource.ID]bool) *Account {
	m := &Account{Place: before.Place, Policies: map[string]Managed{}}
	for side, a := range []*Account{before, after} {
		take := func(id resource.ID) bool { return done[id] == (side == 1) }
		for _, p := range a.Principals {
			if take(p.ID) {
				m.Principals = append(m.Principals, p)
			}
		}
		for _, member := range a.Members {
			if take(member.From) {
				m.Members = append(m.Members, member)
			}
		}
		for _, g := range a.Grants {
			if take(g.From) {
				m.Grants = append(m.Grants, g)
			}
		}
		for _, b := range a.Bounds {
			if take(b.From) {
				m.Bounds = append(m.Bounds, b)
			}
		}
		for arn, p := range a.Policies {
			if take(p.From) {
				m.Policies[arn] = p
			}
		}
		for _, n := range a.Nodes {
			if take(n.From[0]) {
				m.Nodes = append(m.Nodes, n)
			}
		}
	}
	return m
}
