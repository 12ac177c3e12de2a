package policy_test

import (
	"fmt"

	"github.com/ssmctl/ssmctl/policy"
)

func ExamplePolicies_Decide() {
	d, _ := policy.Parse([]byte(`{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "ssm:StartSession",
    "Resource": "arn:aws:ec2:*:*:instance/*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }
}`))
	p := policy.Policies{Identity: []policy.Document{d}}
	r := policy.Request{
		Principal: "arn:aws:iam::123456789012:user/bob",
		Action:    "ssm:StartSession",
		Resource:  "arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0",
	}
	without := p.Decide(r)
	fmt.Println(without.Verdict, without.Lacking, without.Missing)

	r.Context = policy.Context{"aws:MultiFactorAuthPresent": policy.One("true")}
	with := p.Decide(r)
	fmt.Println(with.Verdict, with.By[0].Layer, with.By[0].Statement)
	// Output:
	// implicit-deny [identity] [aws:MultiFactorAuthPresent]
	// allow identity 0
}
