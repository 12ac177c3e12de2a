package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Whatever the matrix says of a principal, an action, a thing and the
// circumstances, is what policy.Decide says of the request.
func TestMatrixDecides(t *testing.T) {
	t.Parallel()
	perSeed := 100_000
	if testing.Short() {
		perSeed = 5_000
	}
	for seed, wild := range []bool{false, true, true, true} {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			a := organisation(uint64(seed), scale{principals: 40, nodes: 200, documents: 20, policies: 60, groups: 12}, wild)
			e, parties, results := computed(a)
			var allowed atomic.Int64
			const parts = 8
			spread(parts, func(part int) {
				r := rand.New(rand.NewPCG(uint64(seed), uint64(part)))
				for range perSeed / parts {
					if checkOne(t, a, e, results, parties[r.IntN(len(parties))], r) {
						allowed.Add(1)
					}
				}
			})
			if n := int(allowed.Load()); n < perSeed/20 || n > perSeed*19/20 {
				t.Errorf("%d of %d requests are allowed: that tells little", n, perSeed)
			}
		})
	}
}

// computed returns an account's principals and, by class, all that a matrix is
// made from, of which it keeps but a part.
func computed(a *Account) (*engine, []*party, map[string]*result) {
	e := newEngine(append(slices.Clip(thirty), "ec2:CreateTags", "iam:PassRole"))
	e.list(a, a)
	parties := e.parties(a)
	results := map[string]*result{}
	for _, p := range parties {
		if results[p.class] == nil {
			results[p.class] = e.result(nil, p)
		}
	}
	return e, parties, results
}

// checkOne compares the matrix with Decide on one thing, and reports whether
// it is allowed.
func checkOne(t *testing.T, a *Account, e *engine, results map[string]*result, p *party, r *rand.Rand) bool {
	result := results[p.class]
	action := r.IntN(len(e.actions))
	i := slices.IndexFunc(result.groups, func(g *group) bool { return g.actions.has(action) })
	if i < 0 { // nothing allows it
		n := a.Nodes[r.IntN(len(a.Nodes))]
		request := requestOf(e, p, action, world{}, newThing(n.ARN, n.Tags, e.place))
		if got := p.effective.Policies.Decide(request); got.Verdict == policy.Allowed {
			t.Errorf("the matrix has nothing for %s, and Decide allows %+v", p.ID, request)
		}
		return false
	}
	g := result.groups[i]
	w := r.IntN(len(g.view.worlds))
	o := g.forms[r.IntN(len(g.forms))]
	leg := r.IntN(len(o.form))
	u := o.universes[leg]
	x, bit, offset := u.inventory[1], 0, 0
	if r.IntN(3) == 0 || len(x.things) == 0 {
		x, offset = u.samples, u.start()
	}
	if len(x.things) == 0 {
		return false
	}
	bit = r.IntN(len(x.things))
	got := o.sets[1][leg][w].has(offset + bit)
	if g.view.worlds[w].bound != exact {
		checkBounds(t, e, p, action, g, o, leg, offset+bit, x.things[bit], r)
		return got
	}
	request := requestOf(e, p, action, g.view.worlds[w], x.things[bit])
	if want := p.effective.Policies.Decide(request); got != (want.Verdict == policy.Allowed) {
		t.Errorf("%s: the matrix has %v, Decide has %v, for %+v", p.ID, got, want.Verdict, request)
	}
	return got
}

// checkBounds checks that whatever the circumstances, a request that is
// allowed is so in the wide world, and one allowed in the narrow world is so.
func checkBounds(t *testing.T, e *engine, p *party, action int, g *group, o *outcome, leg, bit int, thing thing, r *rand.Rand) {
	narrowly, widely := o.sets[1][leg][0].has(bit), o.sets[1][leg][1].has(bit)
	w := world{keys: map[string]candidate{}}
	for _, d := range g.view.dimensions {
		c := d.choices[r.IntN(len(d.choices))]
		w.keys[strings.ToLower(d.key)] = c.values[r.IntN(len(c.values))]
	}
	if r.IntN(2) == 0 {
		w.keys["aws:requesttag/env"] = candidate{value: policy.One([]string{"prod", "1", "0", "vpce-1"}[r.IntN(4)])}
	}
	request := requestOf(e, p, action, w, thing)
	allowed := p.effective.Policies.Decide(request).Verdict == policy.Allowed
	if allowed && !widely || !allowed && narrowly {
		t.Errorf("%s: Decide allows it: %v, the bounds are %v and %v, for %+v", p.ID, allowed, narrowly, widely, request)
	}
}

func requestOf(e *engine, p *party, action int, w world, on thing) policy.Request {
	return policy.Request{
		Principal: p.ARN, Action: e.actions[action], Resource: on.arn,
		Context: contextOf(p, w, on, e.services[action], e.actions[action]),
	}
}

// Circumstances that no world was made of come out as one of the worlds does.
func TestWorldsAreAll(t *testing.T) {
	t.Parallel()
	values := map[string][]policy.Value{
		"aws:multifactorauthpresent": {policy.One("true"), policy.One("false")},
		"aws:multifactorauthage":     {policy.One("0"), policy.One("3600"), policy.One("3601")},
		"aws:sourceip":               {policy.One("203.0.113.7"), policy.One("203.0.113.200"), policy.One("198.51.100.1"), policy.One("2001:db8::5"), policy.One("2001:db9::1")},
		"aws:currenttime":            {policy.One("2026-01-01T00:00:00Z"), policy.One("2027-06-01T00:00:00Z"), policy.One("2029-01-01T00:00:00Z")},
		"aws:tagkeys":                {policy.Many("Env"), policy.Many("Team"), policy.Many("Env", "Team"), policy.Many("Owner"), policy.Many("Env", "Owner"), policy.Many("Edge")},
		"aws:requesttag/env":         {policy.One("prod"), policy.One("dev"), policy.One("vpce-1")},
		"aws:sourcevpce":             {policy.One("vpce-1"), policy.One("vpce-2"), policy.One("vpce-3")},
		"aws:viaawsservice":          {policy.One("true"), policy.One("false")},
	}
	keys := sortedKeys(values)
	checked := 0
	for seed := range uint64(3) {
		a := organisation(seed+10, scale{principals: 25, nodes: 100, documents: 20, policies: 60, groups: 12}, true)
		r := rand.New(rand.NewPCG(seed, 9))
		e, parties, results := computed(a)
		for range 6_000 {
			p := parties[r.IntN(len(parties))]
			groups := results[p.class].groups
			if len(groups) == 0 {
				continue
			}
			g := groups[r.IntN(len(groups))]
			node := r.IntN(len(a.Nodes))
			i := slices.IndexFunc(g.forms, func(o *outcome) bool { return o.form[0].kind == nodeLeg })
			if i < 0 || g.view.sampled {
				continue
			}
			w := world{keys: map[string]candidate{}}
			for _, key := range keys {
				if key != "aws:currenttime" && r.IntN(4) == 0 {
					continue
				}
				w.keys[key] = candidate{value: values[key][r.IntN(len(values[key]))]}
			}
			if c, ok := w.keys["aws:multifactorauthpresent"]; !ok || !c.value.Equal(policy.One("true")) {
				delete(w.keys, "aws:multifactorauthage") // the two go together
			}
			checked++
			request := requestOf(e, p, g.action, w, newThing(a.Nodes[node].ARN, a.Nodes[node].Tags, a.Place))
			allowed := p.effective.Policies.Decide(request).Verdict == policy.Allowed
			if !slices.ContainsFunc(g.forms[i].sets[1][0], func(b bits) bool { return b.has(node) == allowed }) {
				t.Fatalf("seed %d: no world has %v for %+v", seed, allowed, request)
			}
		}
	}
	if checked < 4_000 {
		t.Errorf("only %d requests were looked at", checked)
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	m := NewMatrix(acme(), nil)
	tests := map[string]struct {
		who    string
		action string
		want   Reach
	}{
		"both legs":          {"amy", "ssm:SendCommand", Reach{Nodes: []int{0, 1, 3}, Documents: []int{0, 3}, Other: true}},
		"sessions":           {"amy", "ssm:StartSession", Reach{Nodes: []int{0, 1}, Documents: []int{2}, Other: true}},
		"in any case":        {"dan", "SSM:sendcommand", Reach{Nodes: []int{0, 1, 2, 3}, Documents: []int{0, 1, 2, 3, 4}, Other: true}},
		"nothing":            {"ann", "ssm:SendCommand", Reach{}},
		"no such resource":   {"ann", "ssm:GetParameter", Reach{Other: true}},
		"not in the matrix":  {"dan", "s3:GetObject", Reach{}},
		"nobody":             {"nobody", "ssm:SendCommand", Reach{}},
		"no resource at all": {"ann", "ssm:ListCommands", Reach{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, m.Reach(userID(test.who), test.action)); diff != "" {
				t.Errorf("Reach(%s, %s) (-want +got):\n%s", test.who, test.action, diff)
			}
		})
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	a := change(func(b *builder) {
		b.Grants = append(b.Grants, Grant{To: userID("zoe"), ARN: iamARN("policy/gone"), Name: "gone", From: resource.ID{Kind: "attachment", Name: "user/zoe/gone"}})
	})
	m := NewMatrix(a, nil)
	tests := map[string][]string{
		"amy": {
			"run AWS-RunPatchBaseline and acme-deploy on 3 instances with App=web",
			"open sessions on 2 EC2 instances with App=web",
			"read parameters /web/*",
			"end or resume their own sessions",
			"ssm:ListCommandInvocations, ssm:ListCommands",
		},
		"wes":    {"everything in Systems Manager, ssmmessages:OpenDataChannel on every instance"},
		"dan":    {"everything in Systems Manager and all that grants access to it on every instance"},
		"zoe":    {"whatever gone allows"},
		"nobody": nil,
	}
	for who, want := range tests {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range m.Rights(userID(who)) {
				text := r.Rights
				if r.On != nil {
					text += " on " + r.On.Text
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Rights(%s) (-want +got):\n%s", who, diff)
			}
		})
	}
}
