package policy_test

import (
	"math/rand/v2"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// Layers made of a trust policy allow what Decide does with the policy.
func TestTrustedRandom(t *testing.T) {
	t.Parallel()
	const account, other = "111122223333", "444455556666"
	principals := []string{
		"arn:aws:iam::" + account + ":user/ab", "arn:aws:iam::" + account + ":role/ab", "arn:aws:sts::" + account + ":assumed-role/ab/s", account,
		"arn:aws:iam::" + other + ":role/ab", "ec2.amazonaws.com", "",
	}
	roles := []string{"arn:aws:iam::" + account + ":role/a", "arn:aws:iam::" + account + ":role/b"}
	verdicts := map[bool]int{}
	for seed := range 6_000 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 41)), false}
		principal := func() policy.Principals {
			switch s.IntN(6) {
			case 0:
				return policy.Principals{Anyone: true}
			case 1:
				return policy.Principals{Service: []string{"ec2.amazonaws.com", "ssm.amazonaws.com"}}
			case 2:
				return policy.Principals{AWS: []string{pick(s, "*", account, "arn:aws:iam::"+account+":root", other)}}
			default:
				return policy.Principals{AWS: []string{pick(s, principals[0], principals[1], principals[2], principals[4])}}
			}
		}
		condition := func(statement policy.Statement) policy.Statement {
			if s.chance(30) {
				return statement.If(pick(s, "StringEquals", "StringNotEquals"), pick(s, "app:k1", "aws:username"), pick(s, "a", "ab"))
			}
			return statement
		}
		statement := func() policy.Statement {
			statement := condition(policy.Allow(pick(s, "sts:AssumeRole", "sts:*", "*")))
			if s.chance(25) {
				statement.Effect = "Deny"
			}
			return statement
		}
		document := func() policy.Document {
			var all []policy.Statement
			for range s.IntN(3) {
				all = append(all, statement().On(pick(s, "*", roles[0], roles[1])))
			}
			return policy.New(all...)
		}
		var trust policy.Document
		trust.Version = policy.Version2012
		for range 1 + s.IntN(3) {
			st := statement()
			if p := principal(); st.Effect == "Deny" && s.chance(30) {
				st.NotPrincipal = &p
			} else {
				st.Principal = &p
			}
			trust.Statements = append(trust.Statements, st)
		}
		p := policy.Policies{Identity: []policy.Document{document(), document()}}
		if s.chance(40) {
			p.Boundary = []policy.Document{document()}
		}
		if s.chance(20) {
			p.Session = []policy.Document{document()}
		}
		if s.chance(20) {
			p.SCPs = [][]policy.Document{{document()}}
		}
		p.Resource = &trust
		for _, who := range principals {
			layers := p.Trusted(who, account)
			if layers.Resource != nil {
				t.Fatal("a resource policy is left")
			}
			for _, value := range []string{"", "a", "ab"} {
				r := policy.Request{Principal: who, Action: "sts:AssumeRole", Resource: roles[0], Account: account, Context: policy.Context{"app:k1": policy.One(value)}}
				want := allows(p, r)
				verdicts[want]++
				// The layers are of identities, which outsiders have none of.
				asked := r
				if who == "" || who == "ec2.amazonaws.com" {
					asked.Principal = principals[1] // who has no aws:username either
				} else if who == principals[4] {
					asked.Account = other
				}
				if got := allows(layers, asked); got != want {
					t.Fatalf("seed %d: %v instead of %v for %q\n%s\n%s", seed, got, want, who, show(p), show(layers))
				}
			}
		}
	}
	if verdicts[true] < 10_000 || verdicts[false] < 10_000 {
		t.Errorf("no test: %v", verdicts)
	}
}
