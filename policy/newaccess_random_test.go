package policy_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// A source draws documents and requests from a small world, so that patterns
// meet, and requests meet them.
type source struct {
	*rand.Rand
	mixed bool // test one key by operators of several types, and put variables in
}

func pick[T any](s source, from ...T) T { return from[s.IntN(len(from))] }

func (s source) chance(percent int) bool { return s.IntN(100) < percent }

// word returns a text over few letters, in which wildcards may be.
func (s source) word(length int, wild string) string {
	letters := "abab" + wild
	var b strings.Builder
	for range 1 + s.IntN(length) {
		b.WriteByte(letters[s.IntN(len(letters))])
	}
	return b.String()
}

func (s source) resource() string {
	switch s.IntN(12) {
	case 0, 1:
		return "*"
	case 2:
		return "arn:aws:ssm:*"
	case 3:
		return "arn:aws:ssm:" + pick(s, "*", "us-*", "us-east-1", "") + ":" + pick(s, "*", "111122223333", "1111?2223333") + ":document/" + s.word(3, "**?")
	case 4:
		if s.mixed {
			return "arn:aws:s3:::" + pick(s, "${aws:username}", "${aws:username}/a", "a/${aws:username}", "${app:k1, 'b'}", "${app:k1}*", "${app:k1}${aws:username}")
		}
	}
	return "arn:aws:s3:::" + s.word(4, "**?") + pick(s, "", "", "/*", "/"+s.word(2, "*"))
}

// condition adds one condition.
func (s source) condition(statement policy.Statement) policy.Statement {
	some := func(value func() string) []string {
		values := []string{value()}
		for s.chance(40) {
			values = append(values, value())
		}
		return values
	}
	not := pick(s, "", "", "Not")
	exists := pick(s, "", "", "", "IfExists")
	text := func() (string, []string) {
		wild := "**?"
		operator := pick(s, "String"+not+"Equals", "String"+not+"Like", "String"+not+"EqualsIgnoreCase")
		return operator, some(func() string {
			if s.mixed && s.chance(15) {
				return pick(s, "${aws:username}", "${app:k2}", "a${aws:username}*", "${app:k1}b", "${app:k2, 'a'}", "${*}")
			}
			return pick(s, s.word(3, wild), strings.ToUpper(s.word(2, wild)))
		})
	}
	number := func() (string, []string) {
		operator := "Numeric" + pick(s, "Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
		return operator, some(func() string { return pick(s, "1", "2", "2.5", "3", "3.0", "-1", "x") })
	}
	date := func() (string, []string) {
		operator := "Date" + pick(s, "Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
		return operator, some(func() string {
			return pick(s, "2026-01-01T00:00:00Z", "2026-01-01", "2026", "2027-06-30T12:00:00+02:00", "1767225600", "1798761600", "soon")
		})
	}
	key := pick(s, "app:k1", "app:k2", "App:K1")
	var operator string
	var values []string
	switch kind := s.IntN(12); kind {
	case 0, 1, 2:
		operator, values = text()
	case 3:
		key = pick(s, "app:n", "app:n", "app:m")
		operator, values = number()
	case 4:
		key = "aws:CurrentTime"
		operator, values = date()
	case 5:
		key, operator = "aws:SourceIp", pick(s, "IpAddress", "NotIpAddress")
		values = some(func() string {
			return pick(s, "10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/9", "10.128.0.0/9", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "::/0", "2001:db8::1", "nowhere")
		})
	case 6:
		key, operator, values = "aws:SecureTransport", "Bool", some(func() string { return pick(s, "true", "false", "TRUE", "yes") })
	case 7:
		key, operator, values = "app:bytes", "BinaryEquals", some(func() string { return pick(s, "YQ==", "YWI=", "!", "") })
	case 8:
		operator, values, exists = "Null", []string{pick(s, "true", "false")}, ""
		key = pick(s, "app:k1", "app:k2", "app:n", "aws:username", "aws:TagKeys")
	case 9:
		key = pick(s, "aws:TagKeys", "app:list")
		operator, values = text()
		operator = pick(s, "ForAllValues:", "ForAnyValue:", "ForAnyValue:", "") + operator
	case 10:
		key = "app:source"
		if s.mixed { // which goes with aws:username
			key = pick(s, key, "aws:PrincipalArn")
		}
		operator, values = "Arn"+not+pick(s, "Like", "Equals"), some(func() string {
			return pick(s, "arn:aws:iam::*:user/"+s.word(2, "*"), "arn:*:*:*:*:*", "arn:aws:iam::111122223333:role/"+s.word(2, "*?"), "a", "arn:aws:*:?b:*:user/a*")
		})
	case 11:
		key = "aws:username"
		operator, values = text()
	}
	if s.mixed && s.chance(10) {
		key = "app:n"
	}
	return statement.If(operator+exists, key, values...)
}

func (s source) statement() policy.Statement {
	actions := []string{pick(s, "ssm:GetDocument", "ssm:Get*", "SSM:get*", "ssm:*", "*", "s3:GetObject", "s3:*", "foo:A*", "foo:?B", "foo:AB")}
	if s.chance(20) {
		actions = append(actions, pick(s, "ssm:SendCommand", "s3:Get*", "foo:*"))
	}
	statement := policy.Allow(actions...)
	if s.chance(33) {
		statement.Effect = "Deny"
	}
	if s.chance(15) {
		statement.Action, statement.NotAction = nil, statement.Action
	}
	statement = statement.On(s.resource())
	if s.chance(40) {
		statement.Resource = append(statement.Resource, s.resource())
	}
	if s.chance(15) {
		statement.Resource, statement.NotResource = nil, statement.Resource
	}
	for range pick(s, 0, 0, 1, 1, 2) {
		statement = s.condition(statement)
	}
	return statement
}

func (s source) document(statements int) policy.Document {
	var d []policy.Statement
	for range 1 + s.IntN(statements) {
		d = append(d, s.statement())
	}
	document := policy.New(d...)
	if s.chance(10) {
		document.Version = policy.Version2008
	}
	return document
}

func (s source) policies() policy.Policies {
	p := policy.Policies{Identity: []policy.Document{s.document(4)}}
	if s.chance(15) {
		p.Identity = append(p.Identity, s.document(2))
	}
	if s.chance(20) {
		p.Boundary = []policy.Document{s.document(2)}
	}
	if s.chance(10) {
		p.Session = []policy.Document{s.document(2)}
	}
	if s.chance(10) {
		p.SCPs = [][]policy.Document{{policy.New(policy.Allow("*").On("*")), s.document(2)}}
	}
	return p
}

// pair returns two sets of policies that have to do with each other.
func (s source) pair() (candidate, reference policy.Policies) {
	candidate, reference = s.policies(), s.policies()
	if s.chance(50) {
		reference.Identity = slices.Concat(candidate.Identity, reference.Identity)
	}
	if s.chance(20) {
		reference.Boundary = candidate.Boundary
	}
	if s.chance(20) {
		candidate.Boundary = slices.Concat(reference.Boundary, candidate.Boundary)
	}
	return candidate, reference
}

func (s source) request() policy.Request {
	r := policy.Request{
		Principal: "arn:aws:iam::111122223333:" + pick(s, "user/", "user/", "role/") + s.word(2, ""),
		Action:    pick(s, "ssm:GetDocument", "ssm:GetParameter", "ssm:SendCommand", "ssm:StartSession", "s3:GetObject", "s3:PutObject", "foo:A", "foo:AB", "foo:CB", "foo:C", "ec2:RunInstances"),
		Context:   policy.Context{},
	}
	switch s.IntN(8) {
	case 0:
		r.Resource = "*"
	case 1, 2:
		r.Resource = "arn:aws:ssm:" + pick(s, "us-east-1", "eu-west-1", "") + ":" + pick(s, "111122223333", "111132223333") + ":document/" + s.word(3, "")
	default:
		r.Resource = "arn:aws:s3:::" + s.word(4, "/:c")
	}
	name := r.Principal[strings.LastIndexByte(r.Principal, '/')+1:]
	give := func(key string, values ...string) {
		if s.chance(60) {
			r.Context[key] = policy.One(pick(s, values...))
		}
	}
	give("app:k1", s.word(3, "ABc"), name, "", s.word(1, "12"))
	give("app:k2", s.word(3, "ABc"), name, "*")
	give("app:n", "0", "1", "1.5", "2", "2.5", "2.50", "3", "3.0", "4", "-1", "-2", "x", "a", "ab")
	give("app:m", "0", "1", "1.5", "2", "2.5", "3", "4", "-1", "-2", "x")
	give("aws:CurrentTime", "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-06-30T10:00:00Z", "2028-01-01T00:00:00Z", "later")
	give("aws:SourceIp", "10.0.0.0", "10.1.0.0", "10.1.2.3", "10.200.0.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "fe80::1", "fe80::1%eth0", "here")
	give("aws:SecureTransport", "true", "false", "False", "maybe")
	give("app:bytes", "YQ==", "YWI=", "YWJj", "?", "")
	give("app:source", "arn:aws:iam::1:user/a", "arn:aws:iam::111122223333:role/ab", "a", "arn:a:b:c:d:e", "arn:aws:x:bb:1:user/ab")
	give("app:list", s.word(2, "AB"), "")
	for _, key := range []string{"aws:TagKeys", "app:list"} {
		if s.chance(60) {
			var list []string
			for range s.IntN(3) {
				list = append(list, s.word(2, "Ac"))
			}
			r.Context[key] = policy.Many(list...)
		}
	}
	return r
}

// The prover against the evaluation: what it says is new access is allowed on
// one side only, and what it says is included no request contradicts.
func TestNewAccessRandom(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mixed            bool
		pairs, undecided int // of which at most so many are undecided
	}{
		"exact": {false, 12_000, 0},
		"mixed": {true, 8_000, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pairs := test.pairs
			if testing.Short() {
				pairs /= 10
			}
			verdicts, reasons := map[policy.InclusionVerdict]int{}, map[string]int{}
			for seed := range pairs {
				s := source{rand.New(rand.NewPCG(uint64(seed), 1)), test.mixed}
				candidate, reference := s.pair()
				got := policy.NewAccess(candidate, reference, policy.Budget{})
				verdicts[got.Verdict]++
				switch got.Verdict {
				case policy.Widened:
					if a, b := candidate.Decide(*got.Witness).Verdict, reference.Decide(*got.Witness).Verdict; a != policy.Allowed || b == policy.Allowed {
						t.Fatalf("seed %d: the candidate says %v and the reference %v to %+v\n%s", seed, a, b, *got.Witness, show(candidate, reference))
					}
				case policy.Included:
					for range 300 {
						if r := s.request(); candidate.Decide(r).Verdict == policy.Allowed && reference.Decide(r).Verdict != policy.Allowed {
							t.Fatalf("seed %d: not included: %+v\n%s", seed, r, show(candidate, reference))
						}
					}
				case policy.Undecided:
					reasons[got.Reason]++
					if !test.mixed {
						t.Errorf("seed %d: undecided: %s\n%s", seed, got.Reason, show(candidate, reference))
					}
				}
			}
			t.Logf("of %d pairs: %v", pairs, verdicts)
			if verdicts[policy.Undecided] > test.undecided {
				t.Errorf("undecided: %d, want at most %d: %v", verdicts[policy.Undecided], test.undecided, reasons)
			}
			if min(verdicts[policy.Included], verdicts[policy.Widened]) < pairs/10 {
				t.Errorf("the pairs are no test: %v", verdicts)
			}
		})
	}
}

func show(p ...policy.Policies) string {
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
