package catalogue_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

func TestARNMatches(t *testing.T) {
	t.Parallel()
	const (
		instance  = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}"
		node      = "arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}"
		document  = "arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}"
		ofAWS     = "arn:${Partition}:ssm:${Region}::document/${DocumentName}"
		execution = "arn:${Partition}:ssm:${Region}:${Account}:automation-execution/${AutomationExecutionId}"
		runbook   = "arn:${Partition}:ssm:${Region}:${Account}:automation-definition/${AutomationDefinitionName}:${VersionId}"
		session   = "arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}"
		role      = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
		policy    = "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}"
		bucket    = "arn:${Partition}:s3:::${BucketName}"
		object    = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
		event     = "arn:${Partition}:health:*::event/${Service}/${EventTypeCode}/*"
	)
	tests := []struct {
		format, arn string
		want        bool
	}{
		{instance, "arn:aws:ec2:us-east-1:123456789012:instance/i-0abc", true},
		{instance, "arn:aws-us-gov:ec2:us-gov-west-1:123456789012:instance/i-0abc", true},
		{instance, "*", true},
		{instance, "arn:aws:ec2:*:*:*", true},
		{instance, "arn:aws:ec2:*:*:inst*/i-?", true},
		{instance, "arn:aws:ec2:us-east-1:123456789012:instance/*", true},
		{instance, "arn:aws:ec2:*:*:instanc?/i-0abc", true},
		{instance, "arn:aws:ec2:*:*:inst?/i-0abc", false},
		{instance, "arn:aws:ec2:*:*:${?}nstance/i-0abc", false}, // a question mark
		{instance, "arn:aws:ec2:*:*:${*}/i-0abc", false},
		{instance, "arn:aws:ec2:*:*:instance/${$}{x}", true},
		{instance, "arn:aws:ec2:us-east-1:123456789012:*/i-0abc", true},
		{instance, "arn:aws:ec2:us-east-1:${aws:PrincipalAccount}:instance/${aws:PrincipalTag/node}", true},
		{instance, "arn:aws:ec2:us-east-1:123456789012:instance/", false},
		{instance, "arn:aws:ec2:us-east-1:123456789012:instance", false},
		{instance, "arn:aws:ec2:us-east-1:123456789012:Instance/i-0abc", false},
		{instance, "arn:aws:ec2:us-east-1:123456789012:instance-profile/i-0abc", false},
		{instance, "arn:aws:ec2:us-east-1::instance/i-0abc", false},
		{instance, "arn:aws:ec2::123456789012:instance/i-0abc", false},
		{instance, "arn:aws:ssm:us-east-1:123456789012:instance/i-0abc", false},
		{instance, "arn:aws:ec2:us-east-1:instance/i-0abc", false}, // a field is missing, so all shift
		{instance, "arn:aws:ec2:us-east-1:account id:instance/i-0abc", false},
		{instance, "i-0abc", false},
		{instance, "", false},
		{instance, "arn:aws:ec2", true}, // what is missing is "*"
		{instance, "arn:aws:ssm", false},
		{node, "arn:aws:ec2:*:*:instance/*", false},
		{node, "arn:aws:ssm:*:*:managed-instance/mi-*", true},
		{node, "arn:aws:ssm:*:*:managed-instance/mi-${*}", true},
		{document, "arn:aws:ssm:us-east-1:123456789012:document/Mine", true},
		{document, "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", false},
		{document, "arn:aws:ssm:us-east-1:*:document/AWS-*", true},
		{ofAWS, "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", true},
		{ofAWS, "arn:aws:ssm:us-east-1:*:document/AWS-*", true},
		{ofAWS, "arn:aws:ssm:us-east-1:123456789012:document/AWS-RunShellScript", false},
		{ofAWS, "arn:aws:ssm:us-east-1:?:document/AWS-RunShellScript", false},
		{execution, "arn:aws:ssm:::automation-execution/", false}, // the guide's
		{execution, "arn:aws:ssm:*:*:automation-execution/*", true},
		{runbook, "arn:aws:ssm:us-east-1:123456789012:automation-definition/Mine:$DEFAULT", true},
		{runbook, "arn:aws:ssm:us-east-1:123456789012:automation-definition/Mine", false},
		{runbook, "arn:aws:ssm:us-east-1:123456789012:automation-definition/*", true},
		{session, "arn:aws:ssm:*:*:session/${aws:userid}-*", true},
		{session, "arn:aws:ssm:*:*:${aws:userid}", true},
		{session, "arn:aws:ssm:*:*:session/${aws:userid", true}, // not a variable
		{role, "arn:aws:iam::123456789012:role/service-role/Mine", true},
		{role, "arn:aws:iam:us-east-1:123456789012:role/Mine", false},
		{policy, "arn:aws:iam::aws:policy/AmazonSSMFullAccess", true},
		{bucket, "arn:aws:s3:::my-bucket", true},
		{bucket, "arn:aws:s3:::my-bucket/*", false}, // objects
		{bucket, "arn:aws:s3:::my-bucket/key", false},
		{bucket, "arn:aws:s3:::my-*", true},
		{bucket, "arn:aws:s3:::my:bucket", false},
		{bucket, "arn:aws:s3:::*/*", false},
		{object, "arn:aws:s3:::my-bucket/a/b", true},
		{object, "arn:aws:s3:::my-bucket/*", true},
		{object, "arn:aws:s3:::my-bucket", false},
		{object, "arn:aws:s3:::my-bucket*", true},
		{event, "arn:aws:health:us-east-1::event/EC2/AWS_EC2_X/AWS_EC2_X_1", true},
		{event, "arn:aws:health:us-east-1::event/EC2/AWS_EC2_X", false},
		{"arn:${Partition}:iam::aws:contextProvider/${ContextProviderName}", "arn:aws:iam::123456789012:contextProvider/x", false},
	}
	for _, test := range tests {
		if got := catalogue.ARNMatches(test.format, test.arn); got != test.want {
			t.Errorf("ARNMatches(%q, %q) = %t", test.format, test.arn, got)
		}
	}
}

func BenchmarkARNMatches(b *testing.B) {
	for b.Loop() {
		catalogue.ARNMatches("arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}", "arn:aws:ec2:us-east-1:*:instance/i-0123456789abcdef0")
	}
}
