package policy_test

import (
	"fmt"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// BenchmarkDecide decides requests against ten statements of five actions each.
func BenchmarkDecide(b *testing.B) {
	var statements []policy.Statement
	for i := range 9 {
		s := policy.Allow("ssm:GetDocument", "ssm:DescribeDocument", "ssm:List*", "ssm:GetParameter", "ec2:DescribeInstances").
			On(fmt.Sprintf("arn:aws:ssm:us-east-1:111122223333:document/team-%d-*", i), fmt.Sprintf("arn:aws:ssm:*:*:parameter/team-%d/*", i))
		if i%2 == 0 {
			s = s.If("StringEquals", "aws:ResourceTag/Team", fmt.Sprint("team-", i))
		}
		statements = append(statements, s)
	}
	statements = append(statements, policy.Allow("ssm:GetParameter").
		On("arn:aws:ssm:*:*:parameter/${aws:username}/*").If("Bool", "aws:MultiFactorAuthPresent", "true"))
	p := policy.Policies{Identity: []policy.Document{policy.New(statements...)}}
	requests := map[string]policy.Request{
		"another service": {Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/key"},
		"another name":    {Action: "ssm:GetDocument", Resource: "arn:aws:ssm:us-east-1:111122223333:document/other"},
		"with condition": {
			Action: "ssm:GetParameter", Resource: "arn:aws:ssm:us-east-1:111122223333:parameter/team-8/x",
			Context: policy.Context{"aws:ResourceTag/Team": policy.One("team-8")},
		},
		"with variable": {
			Action: "ssm:GetParameter", Resource: "arn:aws:ssm:us-east-1:111122223333:parameter/bob/x",
			Context: policy.Context{"aws:MultiFactorAuthPresent": policy.One("true")},
		},
	}
	for name, r := range requests {
		r.Principal = "arn:aws:iam::111122223333:user/bob"
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(r)
			}
		})
	}
}
