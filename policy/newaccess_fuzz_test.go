package policy_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
)

// Any two documents: no panic, an end within the budget, and witnesses that
// are some.
func FuzzNewAccess(f *testing.F) {
	for seed := range 20 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 9)), true}
		f.Add(s.document(3).String(), s.document(3).String())
	}
	for p := range managed.All() {
		if p.Name == "AmazonSSMFullAccess" || p.Name == "AmazonSSMReadOnlyAccess" {
			f.Add(string(p.Document()), quotedAll)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		candidate, err := policy.Parse([]byte(a))
		if err != nil {
			return
		}
		reference, err := policy.Parse([]byte(b))
		if err != nil {
			return
		}
		var got policy.Inclusion
		cost.Within(t, func() { got = policy.NewAccess(identity(candidate), identity(reference), policy.Budget{Nodes: 20_000}) })
		checkWitness(t, identity(candidate), identity(reference), got)
		if equal := policy.NewAccess(identity(candidate), identity(candidate), policy.Budget{Nodes: 20_000}); equal.Verdict == policy.Widened {
			t.Errorf("%s allows more than itself: %+v", a, equal.Witness)
		}
	})
}

const quotedAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

func BenchmarkNewAccess(b *testing.B) {
	b.Run("random pairs", func(b *testing.B) {
		var pairs [][2]policy.Policies
		for seed := range 200 {
			s := source{rand.New(rand.NewPCG(uint64(seed), 10)), false}
			candidate, reference := s.pair()
			pairs = append(pairs, [2]policy.Policies{candidate, reference})
		}
		n := 0
		for b.Loop() {
			for _, p := range pairs {
				policy.NewAccess(p[0], p[1], policy.Budget{})
				n++
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pairs/s")
	})

	var arns []string
	for i := range 1000 {
		arns = append(arns, fmt.Sprintf("arn:aws:ec2:us-east-1:111122223333:instance/i-%017x", i*7919))
	}
	list := identity(policy.New(policy.Allow("ssm:SendCommand").On(append(arns, "arn:aws:ssm:us-east-1:*:document/Deploy")...)))
	patterns := identity(policy.New(policy.Allow("ssm:SendCommand").On("arn:aws:ec2:us-east-1:111122223333:instance/i-*", "arn:aws:ssm:*:*:document/D*")))
	var statements []policy.Statement
	for i, arn := range arns {
		statements = append(statements, policy.Allow("ssm:SendCommand").On(arn).If("StringEquals", "ssm:resourceTag/Env", fmt.Sprint("dev", i%10)))
	}
	many := identity(policy.New(statements...))

	administrator := identity(parse(b, quotedAll))
	statements = nil
	services := []string{"ssm", "ec2", "s3", "iam", "kms", "logs", "lambda", "sts", "health", "config"}
	for i := range 50 {
		service := services[i%len(services)]
		s := policy.Allow(service+":Get*", service+":List*", service+":Describe*").On(fmt.Sprintf("arn:aws:%s:*:111122223333:team%d/*", service, i)).
			If("StringEquals", "aws:PrincipalTag/team", fmt.Sprint("team", i))
		if i%7 == 0 {
			s.Effect = "Deny"
		}
		statements = append(statements, s)
	}
	fifty := identity(policy.New(statements...))
	another := identity(policy.New(append(statements[:49:49], policy.Allow("ssm:SendCommand").On("arn:aws:ec2:*:*:instance/i-0a"))...))

	for _, benchmark := range []struct {
		name                 string
		candidate, reference policy.Policies
		want                 policy.InclusionVerdict
	}{
		{"1000 ARNs in 2 patterns", list, patterns, included},
		{"2 patterns in 1000 ARNs", patterns, list, widened},
		{"1000 statements in themselves", many, many, included},
		{"AdministratorAccess in 50 statements", administrator, fifty, widened},
		{"50 statements in AdministratorAccess", fifty, administrator, included},
		{"50 statements in themselves", fifty, fifty, included},
		{"one more of 50", another, fifty, widened},
	} {
		b.Run(benchmark.name, func(b *testing.B) {
			for b.Loop() {
				if got := policy.NewAccess(benchmark.candidate, benchmark.reference, policy.Budget{}); got.Verdict != benchmark.want {
					b.Fatalf("%+v", got)
				}
			}
		})
	}
}
