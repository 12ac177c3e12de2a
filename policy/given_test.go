package policy_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
)

// The known of the tests: a name with characters that count in patterns, a
// team, and no tag Env.
func knownInTests(key string) (policy.Value, bool) {
	switch strings.ToLower(key) {
	case "aws:username":
		return policy.One("a*${b}"), true
	case "aws:principaltag/team":
		return policy.One("web"), true
	case "aws:principaltag/path":
		return policy.One("a/b:c"), true
	case "aws:principaltag/env":
		return policy.Value{}, true
	}
	return policy.Value{}, false
}

func TestGiven(t *testing.T) {
	t.Parallel()
	none := []string{}
	for name, test := range map[string]struct {
		statement string
		want      []string // the statements that are left; nil if it cannot be written
	}{
		"nothing known":                 {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'Bool':{'a:k':'true'}}}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'Bool':{'a:k':'true'}}}`}},
		"a condition that holds":        {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'aws:PrincipalTag/team':['db','web'],'a:k':'x'}}}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'a:k':'x'}}}`}},
		"the only one":                  {`{'Effect':'Deny','Action':'a:b','Resource':'*','Condition':{'StringLike':{'aws:PrincipalTag/Team':'w*'}}}`, []string{`{'Effect':'Deny','Action':'a:b','Resource':'*'}`}},
		"one that does not":             {`{'Effect':'Deny','Action':'a:b','Resource':'*','Condition':{'StringNotEquals':{'aws:PrincipalTag/team':'web'}}}`, none},
		"a key that is absent":          {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'aws:PrincipalTag/env':'x'}}}`, none},
		"absent, under Not":             {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringNotEquals':{'aws:PrincipalTag/env':'x'}}}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*'}`}},
		"Null":                          {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'Null':{'aws:PrincipalTag/env':'true','aws:PrincipalTag/team':'false'}}}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*'}`}},
		"an operator that is none":      {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringIs':{'a:k':'x'}}}`, none},
		"a variable":                    {`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::b/${aws:username}/*'}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::b/a${*}${$}{b}/*'}`}},
		"a variable without value":      {`{'Effect':'Allow','Action':'a:b','Resource':['arn:aws:s3:::${aws:PrincipalTag/env}','arn:aws:s3:::c']}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::c'}`}},
		"nothing but that":              {`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::${aws:PrincipalTag/env}'}`, none},
		"all but that":                  {`{'Effect':'Allow','Action':'a:b','NotResource':'arn:aws:s3:::${aws:PrincipalTag/env}'}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*'}`}},
		"a default":                     {`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::${aws:PrincipalTag/env, ´all?´}'}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::all${?}'}`}},
		"an unknown variable":           {`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::${aws:userid}${*}${aws:PrincipalTag/team}'}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:::${aws:userid}${*}web'}`}},
		"before the fifth colon":        {`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:${aws:PrincipalTag/team}::c'}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:s3:${aws:PrincipalTag/team}::c'}`}},
		"in a value":                    {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'a:k':['${aws:PrincipalTag/team}','${aws:PrincipalTag/env}']}}}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'a:k':'web'}}}`}},
		"numbers know no variables":     {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'NumericEquals':{'a:k':'${aws:PrincipalTag/team}'}}}`, []string{`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'NumericEquals':{'a:k':'${aws:PrincipalTag/team}'}}}`}},
		"known against unknown":         {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'aws:PrincipalTag/team':'${aws:userid}'}}}`, nil},
		"absent against unknown":        {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'aws:PrincipalTag/env':'${aws:userid}'}}}`, none},
		"colons into the field of ARNs": {`{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'ArnLike':{'a:k':'arn:aws:iam::*:user/${aws:PrincipalTag/path}'}}}`, nil},
		"a slash into the type":         {`{'Effect':'Allow','Action':'a:b','Resource':'arn:aws:ec2:*:*:${aws:PrincipalTag/path}*/x'}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := func(statements ...string) policy.Document {
				text := strings.ReplaceAll("{'Version':'2012-10-17','Statement':["+strings.Join(statements, ",")+"]}", "'", `"`)
				d, err := policy.Parse([]byte(strings.ReplaceAll(text, "´", "'")))
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
			got, ok := document(test.statement).Given(knownInTests)
			if ok != (test.want != nil) {
				t.Fatalf("it can be written: %v", ok)
			}
			if !ok {
				return
			}
			want := policy.New().String()
			if len(test.want) > 0 {
				want = document(test.want...).String()
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What is given decides requests that have what is known as the document does.
func TestGivenRandom(t *testing.T) {
	t.Parallel()
	written, changed, allowed := 0, 0, 0
	for seed := range 4_000 {
		s := source{rand.New(rand.NewPCG(uint64(seed), 31)), true}
		d := s.document(4)
		for range 5 {
			r := s.request()
			known := map[string]bool{}
			for _, key := range []string{"app:k1", "app:k2", "app:n", "aws:username", "app:list", "aws:sourceip", "aws:principalarn", "app:source", "aws:currenttime"} {
				known[key] = s.chance(50)
			}
			got, ok := d.Given(func(key string) (policy.Value, bool) {
				v, _ := r.Lookup(key)
				return v, known[strings.ToLower(key)]
			})
			if !ok {
				continue
			}
			written++
			if got.String() != d.String() {
				changed++
			}
			want := identity(d).Decide(r).Verdict
			if want == policy.Allowed {
				allowed++
			}
			if verdict := identity(got).Decide(r).Verdict; verdict != want {
				t.Fatalf("seed %d: %v instead of %v to %+v, knowing %v\n%s\n%s", seed, verdict, want, r, known, d, got)
			}
		}
	}
	if written < 15_000 || changed < 5_000 || allowed < 1_000 {
		t.Errorf("no test: %d written, %d of them changed, %d requests allowed", written, changed, allowed)
	}
}
