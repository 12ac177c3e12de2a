package policy_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// Fault 45: the textbook cases of what a state in between can be.
func TestBetween(t *testing.T) {
	t.Parallel()
	run := policy.New(policy.Allow("ssm:SendCommand").On("*"))
	all := policy.New(policy.Allow("ssm:*").On("*"))
	read := policy.New(policy.Allow("ssm:Get*").On("*"))
	never := policy.New(policy.Deny("ssm:SendCommand").On("arn:aws:ec2:*:*:instance/i-prod*"))
	own := policy.New(policy.Allow("ssm:TerminateSession").On("arn:aws:ssm:*:*:session/${aws:username}-*"))
	narrow := policy.Policies{Identity: []policy.Document{all}, Boundary: []policy.Document{read}}
	none := policy.Policies{}
	for name, test := range map[string]struct {
		before, state, after policy.Policies
		leak, loss           policy.InclusionVerdict
	}{
		"nothing":                       {none, none, none, included, included},
		"before":                        {identity(run), identity(run), identity(read), included, included},
		"after":                         {identity(run), identity(read), identity(read), included, included},
		"both, while one replaces":      {identity(run), identity(run, read), identity(read), included, included},
		"neither, while one replaces":   {identity(run, own), none, identity(read, own), included, widened},
		"neither of two that overlap":   {identity(run), none, identity(all), included, widened},
		"neither of two that do not":    {identity(run), none, identity(read), included, included},
		"the right before its deny":     {none, identity(all), identity(all, never), widened, included},
		"the deny before the right":     {none, identity(never), identity(all, never), included, included},
		"the deny goes first":           {identity(all, never), identity(all), none, widened, included},
		"the deny goes first, for none": {identity(read, never), identity(read), none, included, included},
		"the boundary goes first":       {narrow, identity(all), identity(run), widened, included},
		"the boundary goes last":        {narrow, policy.Policies{Identity: []policy.Document{run}, Boundary: narrow.Boundary}, identity(run), included, included},
		"the boundary comes first":      {identity(all), policy.Policies{Identity: []policy.Document{run}, Boundary: narrow.Boundary}, policy.Policies{Identity: []policy.Document{run}, Boundary: []policy.Document{all}}, included, widened},
		"the same variable":             {identity(own), identity(own, read), identity(own, read), included, included},
		"a part of both, in the end":    {identity(read), identity(policy.New(policy.Allow("ssm:GetDocument").On("*"))), identity(all), included, widened},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := policy.Between(test.before, test.state, test.after, policy.Budget{})
			if got.Leak.Verdict != test.leak || got.Loss.Verdict != test.loss {
				t.Errorf("got leak %v and loss %v, want %v and %v", got.Leak, got.Loss, test.leak, test.loss)
			}
			if proven := test.leak == included && test.loss == included; got.Proven() != proven {
				t.Errorf("proven: %v, want %v", got.Proven(), proven)
			}
			confirmBetween(t, test.before, test.state, test.after, got)
		})
	}
}

func TestBetweenUndecided(t *testing.T) {
	t.Parallel()
	trust := policy.New(policy.Allow("sts:AssumeRole"))
	for i, p := range [][3]policy.Policies{{{Resource: &trust}, {}, {}}, {{}, {Resource: &trust}, {}}, {{}, {}, {Resource: &trust}}} {
		got := policy.Between(p[0], p[1], p[2], policy.Budget{})
		if got.Leak.Verdict != policy.Undecided || got.Loss.Verdict != policy.Undecided || got.Leak.Reason == "" || got.Proven() {
			t.Errorf("with a resource policy in place %d: %+v", i, got)
		}
	}
	some := identity(policy.New(policy.Allow("ssm:*").On("arn:aws:s3:::*a*b*c*d*")))
	others := identity(policy.New(policy.Allow("ssm:*").On("arn:aws:s3:::*a*c*", "arn:aws:s3:::*b*d*")))
	if got := policy.Between(others, some, others, policy.Budget{Nodes: 10}); got.Leak.Verdict != policy.Undecided {
		t.Errorf("with no budget: %+v", got)
	}
}

// confirmBetween asks Decide about the witnesses.
func confirmBetween(t testing.TB, before, state, after policy.Policies, got policy.Betweenness) {
	t.Helper()
	for _, i := range []policy.Inclusion{got.Leak, got.Loss} {
		if (i.Verdict == policy.Widened) != (i.Witness != nil) || (i.Verdict == policy.Undecided) != (i.Reason != "") {
			t.Errorf("%v with witness %v and reason %q", i.Verdict, i.Witness, i.Reason)
		}
	}
	if w := got.Leak.Witness; w != nil && !leaks(before, state, after, *w) {
		t.Errorf("no leak: %+v\n%s", *w, show(before, state, after))
	}
	if w := got.Loss.Witness; w != nil && !loses(before, state, after, *w) {
		t.Errorf("no loss: %+v\n%s", *w, show(before, state, after))
	}
}

func allows(p policy.Policies, r policy.Request) bool { return p.Decide(r).Verdict == policy.Allowed }

func leaks(before, state, after policy.Policies, r policy.Request) bool {
	return allows(state, r) && !allows(before, r) && !allows(after, r)
}

func loses(before, state, after policy.Policies, r policy.Request) bool {
	return allows(before, r) && allows(after, r) && !allows(state, r)
}

// ends returns two ends and a state that has to do with both.
func (s source) ends() (before, state, after policy.Policies) {
	before, after = s.pair()
	mixed := func(a, b []policy.Document) (m []policy.Document) {
		for _, d := range slices.Concat(a, b) {
			if s.chance(60) {
				m = append(m, d)
			}
		}
		return m
	}
	state = policy.Policies{Identity: mixed(before.Identity, after.Identity), Boundary: mixed(before.Boundary, after.Boundary), SCPs: after.SCPs, Session: before.Session}
	if s.chance(25) {
		state.Identity = append(state.Identity, s.document(2))
	}
	return before, state, after
}

// Fault 45: what is said of three is what Decide says of every request.
func TestBetweenRandom(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mixed              bool
		triples, undecided int // of which at most so many are undecided
	}{
		"exact": {false, 5_000, 0},
		"mixed": {true, 2_500, 80},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			triples := test.triples
			if testing.Short() {
				triples /= 10
			}
			verdicts := map[string]int{}
			undecided := 0
			for seed := range triples {
				s := source{rand.New(rand.NewPCG(uint64(seed), 21)), test.mixed}
				before, state, after := s.ends()
				got := policy.Between(before, state, after, policy.Budget{})
				verdicts["leak "+got.Leak.Verdict.String()]++
				verdicts["loss "+got.Loss.Verdict.String()]++
				for _, i := range []policy.Inclusion{got.Leak, got.Loss} {
					if i.Verdict == policy.Undecided {
						undecided++
						if !test.mixed {
							t.Errorf("seed %d: undecided: %s", seed, i.Reason)
						}
					}
				}
				confirmBetween(t, before, state, after, got)
				for range 60 {
					r := s.request()
					if got.Leak.Verdict == policy.Included && leaks(before, state, after, r) {
						t.Errorf("seed %d: a leak was missed: %+v", seed, r)
					}
					if got.Loss.Verdict == policy.Included && loses(before, state, after, r) {
						t.Errorf("seed %d: a loss was missed: %+v", seed, r)
					}
				}
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, show(before, state, after))
				}
			}
			t.Logf("of %d triples: %v", triples, verdicts)
			if undecided > test.undecided {
				t.Errorf("undecided: %d, want at most %d", undecided, test.undecided)
			}
			for _, verdict := range []string{"leak included", "leak widened", "loss included", "loss widened"} {
				if verdicts[verdict] < triples/20 {
					t.Errorf("the triples are no test of %q: %v", verdict, verdicts)
				}
			}
		})
	}
}

// Beyond of one on each side is NewAccess, and takes no more for more.
func TestBeyond(t *testing.T) {
	t.Parallel()
	for seed := range 500 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 22)), false}
		a, b := s.pair()
		want := policy.NewAccess(a, b, policy.Budget{})
		for name, got := range map[string]policy.Inclusion{
			"once":  policy.Beyond([]policy.Policies{a}, []policy.Policies{b}, policy.Budget{}),
			"twice": policy.Beyond([]policy.Policies{a, a}, []policy.Policies{b, b}, policy.Budget{}),
		} {
			if got.Verdict != want.Verdict {
				t.Fatalf("seed %d, %s: got %v, want %v\n%s", seed, name, got, want, show(a, b))
			}
		}
	}
	if got := policy.Beyond(nil, nil, policy.Budget{}); got.Verdict != policy.Widened {
		t.Errorf("of nothing: got %v: any request is allowed by all of none", got)
	}
}

func BenchmarkBetween(b *testing.B) {
	var triples [][3]policy.Policies
	for seed := range 200 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 23)), false}
		before, state, after := s.ends()
		triples = append(triples, [3]policy.Policies{before, state, after})
	}
	n := 0
	for b.Loop() {
		for _, p := range triples {
			policy.Between(p[0], p[1], p[2], policy.Budget{})
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "triples/s")
}
