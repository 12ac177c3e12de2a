package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// The rows of a comparison are just the calls of ssm:SendCommand that pass in
// one snapshot and not in the other: for each principal, node, document and
// world, by policy.Decide on each leg.
func TestCompareCalls(t *testing.T) {
	t.Parallel()
	gained, lost, compared := 0, 0, 0
	for seed := range uint64(12) {
		s := scale{principals: 12, nodes: 14, documents: 6, policies: 16, groups: 5}
		before := organisation(seed, s, true)
		after := disturb(before, rand.New(rand.NewPCG(seed, 5)))
		if seed%2 == 1 {
			before, after = after, before
		}
		c := newComparison(before, after, []string{"ssm:SendCommand"})
		for _, d := range c.differences() {
			b, a := c.parties[0][d.who[0]], c.parties[1][d.who[0]]
			r := c.engine.result(b, a)
			if len(r.groups) == 0 {
				continue
			}
			compared++
			g := r.groups[0]
			rows := c.formRows(r, g, g.forms[0])
			if g.view.sampled {
				continue
			}
			for node := range c.lists.nodes {
				for document := range c.lists.documents {
					var told [2][]string // when it is said to be lost, and gained
					for _, row := range rows {
						if p := row.pieces[0]; p.things[0].has(document) && p.things[1].has(node) || p.form[0].kind == nodeLeg && p.things[0].has(node) && p.things[1].has(document) {
							side := 0
							if row.effect == Gain {
								side = 1
							}
							told[side] = append(told[side], row.when)
						}
					}
					var masks [2]uint64
					for side, p := range r.sides {
						for w := range g.view.worlds {
							if p != nil && passes(c, p, side, g.view.worlds[w], node, document) {
								masks[side] |= 1 << w
							}
						}
					}
					for side, want := range []uint64{masks[0] &^ masks[1], masks[1] &^ masks[0]} {
						if len(told[side]) > 1 || (len(told[side]) == 1) != (want != 0) {
							t.Errorf("seed %d, %s, %s with %s: told %q of worlds %b before and %b after",
								seed, d.who[0], c.lists.nodes[node].ID, c.lists.documents[document].Name, told, masks[0], masks[1])
						}
						if want != 0 && side == 0 {
							lost++
						} else if want != 0 {
							gained++
						}
					}
				}
			}
		}
	}
	if gained < 200 || lost < 200 || compared < 40 {
		t.Errorf("%d comparisons, %d calls gained and %d lost tell little", compared, gained, lost)
	}
}

// passes reports whether a principal may send a document to a node in a world.
func passes(c *comparison, p *party, side int, w world, node, document int) bool {
	for _, t := range []thing{c.nodes[side].things[node], c.documents[side].things[document]} {
		if t.gone {
			return false
		}
		d := p.effective.Policies.Decide(policy.Request{
			Principal: p.ARN, Action: "ssm:SendCommand", Resource: t.arn, Context: contextOf(p, w, t, "ssm", "ssm:SendCommand"),
		})
		if d.Verdict != policy.Allowed {
			return false
		}
	}
	return true
}

// disturb returns an account after a few changes of every kind.
func disturb(a *Account, r *rand.Rand) *Account {
	b := *a
	b.Nodes, b.Grants, b.Members, b.Principals, b.Bounds = slices.Clone(a.Nodes), slices.Clone(a.Grants), slices.Clone(a.Members), slices.Clone(a.Principals), slices.Clone(a.Bounds)
	b.Documents = slices.Clone(a.Documents)
	b.Policies = map[string]Managed{}
	for arn, p := range a.Policies {
		if r.IntN(4) == 0 && len(p.Document.Statements) > 1 {
			p.Document = policy.New(p.Document.Statements[1:]...)
		}
		b.Policies[arn] = p
	}
	if r.IntN(2) == 0 {
		b.Nodes[0].Tags = map[string]string{"Env": "prod", "Team": "team01", "Name": "app001-1"}
		b.Nodes = slices.Delete(b.Nodes, 1, 2)
		b.Nodes = append(b.Nodes, Node{ID: "i-0new", ARN: nodeARN("i-0new"), Tags: map[string]string{"Env": "dev"}, From: []resource.ID{{Kind: "instance", Name: "i-0new"}}})
	}
	if r.IntN(3) == 0 {
		b.Documents = b.Documents[1:]
	}
	for range 3 {
		b.Grants = slices.Delete(b.Grants, r.IntN(len(b.Grants)-1), len(b.Grants)-1)
		if len(b.Members) > 0 {
			i := r.IntN(len(b.Members))
			b.Members = slices.Delete(b.Members, i, i+1)
		}
		if len(b.Bounds) > 0 {
			b.Bounds = b.Bounds[1:]
		}
		if len(b.Grants) < 4 {
			break
		}
	}
	b.Principals[0].Tags = map[string]string{"team": fmt.Sprintf("team%02d", r.IntN(40))}
	return &b
}

// Only what is moved is looked at for principals whose policies are the same,
// and it comes to the same.
func TestCompareOfMoved(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		before := organisation(seed+50, scale{principals: 20, nodes: 40, documents: 6, policies: 16, groups: 5}, true)
		after := *before
		after.Nodes = slices.Clone(before.Nodes)
		after.Nodes[3].Tags = map[string]string{"Env": "prod", "Team": "team01", "Name": "app001-1"}
		after.Nodes = append(slices.Delete(after.Nodes, 5, 6), Node{ID: "i-0new", ARN: nodeARN("i-0new"), Tags: map[string]string{"Env": "dev"}})
		c := newComparison(before, &after, thirty)
		some := c.ofMoved()
		for _, d := range c.differences() {
			b, a := c.parties[0][d.who[0]], c.parties[1][d.who[0]]
			whole := &difference{rows: c.rows(c.engine.result(b, a))}
			if want, got := lines(c.changes(d.who[0], whole)), lines(some.changes(d.who[0], &difference{rows: some.rows(some.engine.result(b, a))})); !slices.Equal(want, got) {
				t.Errorf("seed %d, %s: of all nodes\n%q\nof those moved\n%q", seed, d.who[0], want, got)
			}
		}
	}
}
