package policy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

// rewrite says the same in other words.
func (s source) rewrite(d policy.Document) policy.Document {
	list := func(values []string, change func(string) string) []string {
		if values == nil {
			return nil
		}
		changed := slices.Clone(values)
		for i := range changed {
			changed[i] = change(changed[i])
		}
		s.Shuffle(len(changed), func(i, j int) { changed[i], changed[j] = changed[j], changed[i] })
		if s.chance(30) && len(changed) > 0 {
			changed = append(changed, changed[0])
		}
		return changed
	}
	same := func(value string) string { return value }
	upper := func(value string) string {
		if s.chance(50) {
			return strings.ToUpper(value)
		}
		return value
	}
	again := policy.Document{Version: d.Version}
	for _, statement := range d.Statements {
		statement.Sid = pick(s, "", "A", "B")
		statement.Action, statement.NotAction = list(statement.Action, upper), list(statement.NotAction, upper)
		statement.Resource, statement.NotResource = list(statement.Resource, same), list(statement.NotResource, same)
		condition := policy.Condition{}
		for operator, keys := range statement.Condition {
			operator = upper(operator)
			condition[operator] = map[string][]string{}
			for key, values := range keys {
				condition[operator][upper(key)] = list(values, same)
			}
		}
		statement.Condition = condition
		// Split it along its actions or its resources.
		if s.chance(30) && len(statement.Action) > 1 {
			other := statement
			other.Action, statement.Action = statement.Action[:1], statement.Action[1:]
			again.Statements = append(again.Statements, other)
		}
		if s.chance(30) && len(statement.Resource) > 1 {
			other := statement
			other.Resource, statement.Resource = statement.Resource[:1], statement.Resource[1:]
			again.Statements = append(again.Statements, other)
		}
		again.Statements = append(again.Statements, statement)
		if s.chance(10) {
			again.Statements = append(again.Statements, statement)
		}
	}
	s.Shuffle(len(again.Statements), func(i, j int) {
		again.Statements[i], again.Statements[j] = again.Statements[j], again.Statements[i]
	})
	return again
}

// Saying the same in other words is proven to be the same.
func TestEquivalentRewritten(t *testing.T) {
	t.Parallel()
	pairs := 1000
	if testing.Short() {
		pairs = 200
	}
	for seed := range pairs {
		s := source{rand.New(rand.NewPCG(uint64(seed), 6)), seed%4 == 0}
		d := s.document(5)
		e := s.rewrite(d)
		if got := policy.Equivalent(identity(d), identity(e), policy.Budget{}); !got.Proven() {
			t.Fatalf("seed %d: gained %+v, lost %+v\n%s", seed, got.Gained, got.Lost, show(identity(d), identity(e)))
		}
	}
}

func TestEquivalent(t *testing.T) {
	t.Parallel()
	some, more := identity(policy.New(policy.Allow("ssm:GetDocument").On("*"))), identity(policy.New(policy.Allow("ssm:Get*").On("*")))
	for name, test := range map[string]struct {
		before, after policy.Policies
		want          [2]policy.InclusionVerdict
		proven        bool
	}{
		"same":      {some, some, [2]policy.InclusionVerdict{included, included}, true},
		"more":      {some, more, [2]policy.InclusionVerdict{widened, included}, false},
		"less":      {more, some, [2]policy.InclusionVerdict{included, widened}, false},
		"different": {some, identity(policy.New(policy.Allow("ssm:PutParameter").On("*"))), [2]policy.InclusionVerdict{widened, widened}, false},
	} {
		got := policy.Equivalent(test.before, test.after, policy.Budget{})
		if verdicts := [2]policy.InclusionVerdict{got.Gained.Verdict, got.Lost.Verdict}; verdicts != test.want || got.Proven() != test.proven {
			t.Errorf("%s: got %v, proven %v; want %v", name, verdicts, got.Proven(), test.want)
		}
	}
}

func TestRedundant(t *testing.T) {
	t.Parallel()
	get := `{'Effect':'Allow','Action':'ssm:GetDocument','Resource':'*'}`
	for name, test := range map[string]struct {
		statements string
		want       []policy.Redundancy
	}{
		"none":                      {on(`'arn:aws:s3:::a'`) + `,` + on(`'arn:aws:s3:::b'`), nil},
		"the same twice":            {get + `,` + get, []policy.Redundancy{{Statement: 1}}},
		"covered by a later one":    {get + `,` + all, []policy.Redundancy{{Statement: 0}}},
		"covered by two together":   {on(`'arn:aws:s3:::a*','arn:aws:s3:::b*'`) + `,` + on(`'arn:aws:s3:::a*'`) + `,` + on(`'arn:aws:s3:::b*'`), []policy.Redundancy{{Statement: 1}, {Statement: 2}}},
		"no such action":            {get + `,{'Effect':'Allow','Action':'ssm:ListDocumentsVersions','Resource':'*'}`, []policy.Redundancy{{Statement: 1, Dead: true}}},
		"no action of that pattern": {`{'Effect':'Allow','Action':'ssm:Zzz*','Resource':'*'}`, []policy.Redundancy{{Statement: 0, Dead: true}}},
		"service unknown":           {`{'Effect':'Allow','Action':'foo:Zzz*','Resource':'*'}`, nil},
		"action with white space":   {`{'Effect':'Allow','Action':'ssm:GetDocument ','Resource':'*'}`, []policy.Redundancy{{Statement: 0, Dead: true}}},
		"denied again":              {get + `,` + on(`'*'`) + `,` + deny(`'Resource':'*'`), []policy.Redundancy{{Statement: 1, Dead: true}}},
		"denied in part":            {on(`'*'`) + `,` + deny(`'Resource':'arn:aws:s3:::a'`), nil},
		"deny of what none allows":  {get + `,` + deny(`'Resource':'*'`), nil}, // another policy may
		"deny within a deny":        {deny(`'Resource':'arn:aws:s3:::a'`) + `,` + deny(`'Resource':'arn:aws:s3:::*'`), []policy.Redundancy{{Statement: 0}}},
		"deny of nothing":           {deny(`'Resource':'bucket'`), []policy.Redundancy{{Statement: 0, Dead: true}}},
		"deny by unknown operator":  {unless(`'StringIs':{'a:k':'x'}`), []policy.Redundancy{{Statement: 0, Dead: true}}},
		"condition that cannot be":  {get + `,` + when(`'StringEquals':{'a:k':'x'},'Null':{'a:k':'true'}`), []policy.Redundancy{{Statement: 1, Dead: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{'Version':'2012-10-17','Statement':[`+test.statements+`]}`)
			if diff := cmp.Diff(test.want, policy.Redundant(d, policy.Budget{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What is redundant can all be removed at once, whatever else is allowed.
func TestRedundantRandom(t *testing.T) {
	t.Parallel()
	redundant := 0
	for seed := range 300 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 7)), false}
		d := s.document(6)
		left := policy.Document{Version: d.Version}
		out := policy.Redundant(d, policy.Budget{})
		for i, statement := range d.Statements {
			if !slices.ContainsFunc(out, func(r policy.Redundancy) bool { return r.Statement == i }) {
				left.Statements = append(left.Statements, statement)
			}
		}
		redundant += len(out)
		other := s.document(2)
		for range 100 {
			r := s.request()
			if before, after := identity(d, other).Decide(r).Verdict, identity(left, other).Decide(r).Verdict; (before == policy.Allowed) != (after == policy.Allowed) {
				t.Fatalf("seed %d: without %v, %v becomes %v for %+v\n%s", seed, out, before, after, r, show(identity(d, other)))
			}
		}
	}
	if redundant < 50 {
		t.Errorf("only %d statements are redundant: no test", redundant)
	}
}

// The same arguments give the same answer.
func TestNewAccessDeterministic(t *testing.T) {
	t.Parallel()
	for seed := range 100 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 8)), true}
		candidate, reference := s.pair()
		first := policy.NewAccess(candidate, reference, policy.Budget{})
		for range 5 {
			if diff := cmp.Diff(first, policy.NewAccess(candidate, reference, policy.Budget{})); diff != "" {
				t.Fatalf("seed %d: (-first +again)\n%s", seed, diff)
			}
		}
	}
}

func ExampleNewAccess() {
	before := policy.New(policy.Allow("ssm:StartSession").On("arn:aws:ec2:*:111122223333:instance/*").
		If("StringLike", "ssm:resourceTag/Env", "dev-*"))
	after := policy.New(policy.Allow("ssm:StartSession").On("arn:aws:ec2:*:111122223333:instance/*").
		If("StringNotEquals", "ssm:resourceTag/Env", "prod"))
	got := policy.NewAccess(
		policy.Policies{Identity: []policy.Document{after}},
		policy.Policies{Identity: []policy.Document{before}},
		policy.Budget{})
	fmt.Println(got)
	fmt.Println(got.Witness.Principal, got.Witness.Context)
	// Output:
	// widened: ssm:StartSession on arn:aws:ec2:us-east-1:111122223333:instance/example
	// arn:aws:iam::111122223333:user/example map[]
}
