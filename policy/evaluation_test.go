package policy_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/policy"
)

// A check is a request of a case in testdata/evaluation.json.
type check struct {
	Action, Resource, ResourceAccount, Expect string
	Context                                   policy.Context
}

// TestEvaluation decides the cases of testdata/evaluation.json. A case with
// checks is one call: all of them must be allowed.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/evaluation.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			ID, Title, Principal, Expect string
			Request                      *check
			Checks                       []check
			Identity, Boundary           []policy.Document
			SCPs                         [][]policy.Document
			Session                      *policy.Document
			ResourcePolicy               *policy.Document
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	checks := 0
	for _, c := range file.Cases {
		t.Run(c.ID, func(t *testing.T) {
			p := policy.Policies{Identity: c.Identity, Boundary: c.Boundary, SCPs: c.SCPs, Resource: c.ResourcePolicy}
			if c.Session != nil {
				p.Session = []policy.Document{*c.Session}
			}
			if c.Request != nil {
				c.Request.Expect = c.Expect
				c.Checks = append(c.Checks, *c.Request)
			}
			call := policy.Allowed
			for i, check := range c.Checks {
				checks++
				if check.ResourceAccount == "" {
					check.ResourceAccount = "111122223333"
				}
				got := p.Decide(policy.Request{
					Principal: c.Principal, Action: check.Action, Resource: check.Resource, Account: check.ResourceAccount, Context: check.Context,
				})
				if got.Verdict.String() != check.Expect {
					t.Errorf("%s: check %d: %s on %s: %v, want %s", c.Title, i, check.Action, check.Resource, got, check.Expect)
				}
				switch {
				case got.Verdict == policy.ExplicitDeny:
					call = policy.ExplicitDeny
				case got.Verdict == policy.ImplicitDeny && call == policy.Allowed:
					call = policy.ImplicitDeny
				}
			}
			// This one asks of a further action beside its calls.
			if c.ID != "op-managed-full" && call.String() != c.Expect {
				t.Errorf("%s: the call is %v, want %s", c.Title, call, c.Expect)
			}
		})
	}
	if len(file.Cases) != 91 || checks != 108 {
		t.Errorf("decided %d cases of %d checks, want 91 of 108", len(file.Cases), checks)
	}
}

// FuzzDecide decides on any document, in every layer, without failing; what it
// answers is in order.
func FuzzDecide(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*"}}`, "ssm:SendCommand", "*", "k", "v")
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"NotAction":"a:b","NotResource":"arn:*","Condition":{"ForAnyValue:ArnNotLikeIfExists":{"k":["arn:${k, 'x'}:${*}:a","*"]}}}}`, "a:c", "arn:aws:a:b:c:d/e", "K", "arn:::::")
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::${k}/*?","Condition":{"NumericLessThan":{"k":"1e9"},"DateEquals":{"k":"2020"},"IpAddress":{"k":"::/0"},"BinaryEquals":{"k":"QQ=="},"Null":{"k":"false"},"Nonsense":{"k":"k"}}}}`, "a:c", "arn:aws:s3:::b/c", "k", "7")
	f.Fuzz(func(t *testing.T, text, action, resource, key, value string) {
		d, err := policy.Parse([]byte(text))
		if err != nil {
			return
		}
		all := []policy.Document{d}
		p := policy.Policies{Identity: all, Boundary: all, SCPs: [][]policy.Document{all, all}, Session: all, Resource: &d}
		cost.Within(t, func() {
			for _, principal := range []string{bob, ana, oncall, rootARN, "ec2.amazonaws.com", value, ""} {
				for _, context := range []policy.Context{nil, {key: policy.One(value)}, {key: policy.Many(value, "")}} {
					got := p.Decide(policy.Request{Principal: principal, Action: action, Resource: resource, Account: home, Context: context})
					if !slices.IsSorted(got.Missing) || !slices.IsSorted(got.Lacking) {
						t.Errorf("%+v is not in order", got)
					}
					if (got.Verdict == policy.ImplicitDeny) != (len(got.Lacking) > 0) {
						t.Errorf("%s, lacking %v", got.Verdict, got.Lacking)
					}
					for _, by := range got.By {
						if effect := d.Statements[by.Statement].Effect; (effect == "Deny") != (got.Verdict == policy.ExplicitDeny) {
							t.Errorf("%s by a statement of %s", got.Verdict, effect)
						}
					}
				}
			}
		})
	})
}
