package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
)

// TestStatements holds the rules to what they must and must not report, beyond
// their own examples. Each case lists all codes that its document shows.
func TestStatements(t *testing.T) {
	t.Parallel()
	const nodes = `"arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"`
	for name, c := range map[string]struct {
		use        policy.Use
		statements []string
		want       []string
	}{
		"actions that no API operation is called by": {statements: []string{
			`{"Effect": "Allow", "Action": ["ssm:DescribeDocumentParameters", "ssm:ExecuteAPI", "ssm:GetCalendar", "ssm:PutCalendar", "ssm:GetManifest", "ssm:ListInstanceAssociations", "ssm:PutConfigurePackageResult", "ssm:RegisterManagedInstance", "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation", "ssm:DescribeInstanceProperties"], "Resource": "*"}`,
		}},
		"actions in any case":                {statements: []string{`{"Effect": "Allow", "Action": "SSM:listdocuments", "Resource": "*"}`}},
		"an action newer than the data":      {statements: []string{`{"Effect": "Allow", "Action": "ssm:ZzzQqqXxxWwwVvv", "Resource": "*"}`}, want: []string{"unknown-action"}},
		"an unknown action in NotAction":     {statements: []string{`{"Effect": "Deny", "NotAction": "ssm:ListDocumentsVersions", "Resource": "*"}`}, want: []string{"unknown-action"}},
		"a pattern that matches no action":   {statements: []string{`{"Effect": "Deny", "Action": "ssm:Qqq*", "Resource": "*"}`}, want: []string{"unknown-action"}},
		"every action of an unknown service": {statements: []string{`{"Effect": "Allow", "Action": "ssmm:*", "Resource": "*"}`}, want: []string{"unknown-service"}},
		"an action of a service without full data": {statements: []string{
			`{"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "arn:aws:bedrock:us-east-1::foundation-model/*"}`,
		}},
		"everything": {statements: []string{`{"Effect": "Allow", "Action": "*", "Resource": "*"}`}},

		"documents of AWS without an account": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": ["arn:aws:ssm:us-east-1::document/AWS-*", "arn:aws:ssm:us-east-1::document/Amazon*", "arn:aws:ssm:*::document/AMZN-x"]}`,
		}},
		"every document of AWS":               {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1::document/*"}`}},
		"public parameters":                   {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1::parameter/aws/service/*"}`}},
		"one's own parameter without account": {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1::parameter/web/key"}`}, want: []string{"arn-missing-account"}},
		"an image, which has no account":      {statements: []string{`{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:us-east-1::image/ami-12345678"}`}},
		"a managed policy of AWS":             {statements: []string{`{"Effect": "Allow", "Action": "iam:GetPolicy", "Resource": "arn:aws:iam::aws:policy/AmazonSSMFullAccess"}`}},
		"a region where IAM has none":         {statements: []string{`{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam:us-east-1:111122223333:role/web"}`}, want: []string{"arn-region-not-allowed"}},
		"a star where IAM has no region":      {statements: []string{`{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "arn:aws:iam:*:111122223333:role/web"}`}},
		"an access point, which has a region": {statements: []string{`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:us-east-1:111122223333:accesspoint/web/object/*"}`}},
		"any document of any account to read": {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:*:document/deploy"}`}},
		"a document of AWS in any account": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:*:document/AWS-RunPatchBaseline", ` + nodes + `]}`,
		}},
		"a wildcard type that AWS uses itself": {statements: []string{`{"Effect": "Allow", "Action": "ec2:DeleteSecurityGroup", "Resource": "arn:aws:ec2:us-east-1:111122223333:security-group*/*"}`}},
		"the root of an account":               {statements: []string{`{"Effect": "Deny", "Action": "sts:AssumeRoot", "Resource": "arn:aws:iam::111122223333:root"}`}},
		"a type without a name":                {statements: []string{`{"Effect": "Deny", "Action": "ssm:DeleteParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/"}`}, want: []string{"arn-resource-unknown"}},
		"a type that there is not":             {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:documents/deploy"}`}, want: []string{"arn-resource-unknown"}},
		"a zone and a placeholder":             {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": ["arn:aws:ssm:us-east-1a:111122223333:document/a", "arn:aws:ssm:us-east-1:123:document/b"]}`}, want: []string{"arn-account-malformed", "arn-region-malformed"}},
		"an instance under a hybrid id":        {statements: []string{`{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/web-1"}`}, want: []string{"node-id-malformed"}},
		"sessions, which have no type in the data": {statements: []string{
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*"}`,
		}},

		"some of a pattern's actions take resources": {statements: []string{`{"Effect": "Allow", "Action": "ssm:List*", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`}},
		"a Deny that is void":                        {statements: []string{`{"Effect": "Deny", "Action": "ssm:DescribeSessions", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/*"}`}, want: []string{"resource-level-unsupported"}},
		"a star among the resources":                 {statements: []string{`{"Effect": "Allow", "Action": "ssm:DescribeSessions", "Resource": ["*", "arn:aws:ec2:us-east-1:111122223333:instance/*"]}`}, want: []string{"redundant-value"}},
		"an action without resources on a service":   {statements: []string{`{"Effect": "Allow", "Action": "ssm:DescribeSessions", "Resource": "arn:aws:ssm:us-east-1:111122223333:*"}`}, want: []string{"resource-level-unsupported"}},

		"the keys of a request's tags are there": {statements: []string{
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:us-east-1:111122223333:volume/*", "Condition": {"StringEquals": {"aws:RequestTag/env": "dev"}, "ForAllValues:StringEquals": {"aws:TagKeys": "env"}}}`,
		}},
		"ForAllValues in a Deny": {statements: []string{
			`{"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringNotEquals": {"aws:TagKeys": "env"}}}`,
		}},
		"a tag's value that holds a star": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev*"}}}`,
		}, want: []string{"wildcard-without-like"}},
		"an escaped star and a variable": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"StringEquals": {"aws:ResourceTag/env": ["${*}", "${?}x", "${aws:PrincipalTag/env, '*'}x"]}}}`,
		}},
		"an ARN of three fields": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam"}}}`,
		}, want: []string{"condition-value-invalid"}},
		"a star beside a variable that is not closed": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/env": "${aws:username*"}}}`,
		}, want: []string{"malformed-variable", "wildcard-without-like"}},
		"IfExists on a tag that must be there": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"StringEqualsIfExists": {"aws:ResourceTag/env": "dev"}, "Null": {"aws:ResourceTag/env": "false"}}}`,
		}},
		"a negated tag in a Deny": {statements: []string{
			`{"Effect": "Deny", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceTag/env": "dev"}}}`,
		}},
		"MFA as AWS writes it": {statements: []string{
			`{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}`,
		}},
		"values of every kind": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}, "DateLessThan": {"aws:CurrentTime": "2027-04-01T00:00:00Z", "aws:EpochTime": "1800000000"}, "IpAddress": {"aws:SourceIp": ["203.0.113.9", "2001:db8::/32"]}, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/web-*"}, "Bool": {"aws:SecureTransport": true}, "Null": {"aws:TokenIssueTime": "false"}}}`,
		}},
		"values of no kind": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "1h"}, "DateLessThan": {"aws:CurrentTime": "tomorrow"}, "IpAddress": {"aws:SourceIp": "203.0.113"}, "ArnLike": {"aws:PrincipalArn": "role/web-*"}}}`,
		}, want: []string{"condition-value-invalid"}},
		"a date operator on text": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"DateLessThan": {"aws:username": "2027-04-01"}}}`,
		}, want: []string{"operator-wrong-for-key"}},
		"an unknown key with IfExists": {statements: []string{
			`{"Effect": "Deny", "Action": "ssm:TerminateSession", "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"ssm:SessionOwner": "amy"}}}`,
		}, want: []string{"unknown-condition-key"}},
		"a key with a blank": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {" aws:username": "amy"}}}`,
		}, want: []string{"malformed-key"}},
		"an unknown global key for every action": {statements: []string{
			`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:Nonsense": "amy"}}}`,
		}, want: []string{"unknown-condition-key"}},
		"an unknown key of a service for every action": {statements: []string{
			`{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"ssm:SessionOwner": "amy"}}}`,
		}},
		"the same action and resource twice": {statements: []string{
			`{"Effect": "Allow", "Action": ["ssm:GetDocument", "ssm:getdocument"], "Resource": "*"}`,
		}, want: []string{"redundant-value"}},
		"a key of a service without full data": {statements: []string{
			`{"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*", "Condition": {"StringEquals": {"bedrock:Whatever": "x"}}}`,
		}},
		"a key that one of the actions has": {statements: []string{
			`{"Effect": "Deny", "Action": ["ssm:GetParametersByPath", "ssm:ListDocuments"], "Resource": "*", "Condition": {"Bool": {"ssm:Recursive": "true"}}}`,
		}},

		"a user's name with a default": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:username, 'nobody'}/*"}`,
		}},
		"a variable of a tag of the principal": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/teams/${aws:PrincipalTag/team}/*"}`,
		}},
		"variables that are none": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": ["arn:aws:ssm:us-east-1:111122223333:parameter/a/${}/*", "arn:aws:ssm:us-east-1:111122223333:parameter/b/${ aws:PrincipalTag/user }/*", "arn:aws:ssm:us-east-1:111122223333:parameter/c/${username}/*", "arn:aws:ssm:us-east-1:111122223333:parameter/d/${aws: user}/*"]}`,
		}, want: []string{"malformed-variable"}},

		"IP addresses in a Deny for callers themselves": {statements: []string{
			`{"Effect": "Deny", "Action": "ssm:SendCommand", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}}`,
		}},
		"a command until a date": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/deploy", ` + nodes + `], "Condition": {"DateLessThan": {"aws:CurrentTime": "2027-04-01T00:00:00Z"}}}`,
		}, want: []string{"sendcommand-global-key-without-viaawsservice"}},
		"a document by another statement of the same tag": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*", "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`,
		}},
		"a session on tagged nodes, with the shell": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*", "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`,
		}},
		"a session on tagged nodes and a tagged document": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ssm:us-east-1::document/AWS-StartSSHSession", ` + nodes + `], "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}, "BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`,
		}, want: []string{"tag-condition-over-untaggable-leg"}},
		"the same documents on more nodes": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/deploy", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/deploy", "arn:aws:ec2:us-east-1:111122223333:instance/i-0fedcba9876543210"]}`,
		}},
		"an automation by its execution only": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": "arn:aws:ssm:us-east-1:111122223333:automation-execution/*"}`,
		}, want: []string{"call-never-passes"}},
		"a Deny that lists both legs": {statements: []string{
			`{"Effect": "Deny", "Action": "ssm:SendCommand", "NotResource": ["arn:aws:ssm:us-east-1:111122223333:document/deploy", ` + nodes + `]}`,
		}},
		"a shell that is denied": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*"}`,
			`{"Effect": "Deny", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:*::document/AWS-RunShellScript", "arn:aws:ssm:*::document/AWS-RunPowerShellScript", "arn:aws:ssm:*::document/AWS-RunRemoteScript"]}`,
		}},
		"sessions limited to documents, the shell among them": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell", "arn:aws:ssm:us-east-1::document/AWS-StartSSHSession", ` + nodes + `]}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`,
		}},
		"tags that only AWS writes": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-name": "web"}}}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*"}`,
		}},
		"tags of new instances only": {statements: []string{
			`{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}}}`,
		}},
		"the guard of hybrid nodes": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:DeregisterManagedInstance", "Resource": "arn:aws:ssm:us-east-1:111122223333:managed-instance/*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"}`,
		}, want: []string{"tag-writable-by-subject"}},
		"the guard of hybrid nodes, and tags of instances": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:DeregisterManagedInstance", "Resource": "arn:aws:ssm:us-east-1:111122223333:managed-instance/*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*"}`,
		}},
		"one's own sessions, by name for users and by tag for roles": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "ssm:TerminateSession", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/${aws:username}-*"}`,
			`{"Effect": "Allow", "Action": "ssm:TerminateSession", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*", "Condition": {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}"}}}`,
		}},
		"one's own sessions, by name with another condition": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "ssm:TerminateSession", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/${aws:username}-*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}`,
		}, want: []string{"own-sessions-by-username"}},
		"an automation by a tag": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`,
		}},
		"other tags than the guard": {statements: []string{
			`{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "owner"}, "Null": {"aws:TagKeys": "false"}}}`,
		}},
		"the guard among other tags, in another case": {statements: []string{
			`{"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["owner", "ENV"]}, "Null": {"aws:TagKeys": "false"}}}`,
		}, want: []string{"tag-writable-by-subject"}},
		"parameters that are read by a pattern, and denied": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:Get*", "Resource": "*"}`,
			`{"Effect": "Deny", "Action": "ssm:GetParameter*", "Resource": "arn:aws:ssm:*:*:parameter/*"}`,
		}},
		"a secret that is denied by its path too": {statements: []string{
			`{"Effect": "Allow", "Action": ["ssm:GetParameters", "ssm:GetParametersByPath"], "Resource": ["arn:aws:ssm:us-east-1:111122223333:parameter/web", "arn:aws:ssm:us-east-1:111122223333:parameter/web/*"]}`,
			`{"Effect": "Deny", "Action": ["ssm:GetParameters", "ssm:GetParametersByPath"], "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web/a/secret"}`,
		}, want: []string{"parameters-path-leaks-children"}},
		"a secret whose every path is denied": {statements: []string{
			`{"Effect": "Allow", "Action": ["ssm:GetParameters", "ssm:GetParametersByPath"], "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web/*"}`,
			`{"Effect": "Deny", "Action": ["ssm:GetParameters", "ssm:GetParametersByPath"], "Resource": ["arn:aws:ssm:us-east-1:111122223333:parameter/web/a", "arn:aws:ssm:us-east-1:111122223333:parameter/web/a/*"]}`,
		}},
		"a secret outside of the path": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web"}`,
			`{"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/db/secret"}`,
		}},
		"a pattern of parameters for everybody": {statements: []string{`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1::parameter/aws/service/ami*"}`}},
		"a role that may be passed to a service": {statements: []string{
			`{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}}`,
		}, want: []string{"passrole-star"}},

		"the same statement twice, in other words": {statements: []string{
			`{"Sid": "A", "Effect": "Allow", "Action": ["ssm:GetDocument", "ssm:ListDocuments"], "Resource": "*"}`,
			`{"Sid": "B", "Effect": "Allow", "Action": "SSM:GETDOCUMENT", "Resource": ["*"], "Condition": {}}`,
		}, want: []string{"redundant-statement"}},
		"a network within another": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`,
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}}`,
		}, want: []string{"redundant-statement"}},
		"a network beside another": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`,
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.7"}}}`,
		}},
		"a condition more": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "web"}}}`,
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "web", "aws:RequestedRegion": "us-east-1"}}}`,
		}, want: []string{"redundant-statement"}},
		"another condition": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "web"}}}`,
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "db"}}}`,
		}},
		"a Deny within a Deny": {statements: []string{
			`{"Effect": "Deny", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/secret"}`,
			`{"Effect": "Deny", "Action": "ssm:Get*", "Resource": "*"}`,
		}, want: []string{"redundant-statement"}},
		"a Deny of what is allowed elsewhere": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:Get*", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*"}`,
			`{"Effect": "Deny", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/secret"}`,
		}},
		"one half denied, the other said before": {statements: []string{
			`{"Effect": "Allow", "Action": ["ssm:GetDocument", "ssm:DescribeDocument"], "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`,
			`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*"}`,
			`{"Effect": "Deny", "Action": "ssm:DescribeDocument", "Resource": "*"}`,
		}, want: []string{"redundant-statement"}},
		"what NotAction says already": {statements: []string{
			`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`,
		}, want: []string{"allow-notaction", "redundant-statement"}},
		"what NotAction leaves out": {statements: []string{
			`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`,
			`{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}`,
		}, want: []string{"allow-notaction"}},
		"a Deny of all but what is allowed": {statements: []string{
			`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`,
			`{"Effect": "Deny", "NotAction": "ssm:ListCommands", "Resource": "*"}`,
		}, want: []string{"dead-statement"}},

		"a trust of a service with a source": {use: policy.ForTrust, statements: []string{
			`{"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}`,
		}},
		"a trust of EC2":       {use: policy.ForTrust, statements: []string{`{"Sid": "", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}`}},
		"an external id alone": {use: policy.ForTrust, statements: []string{`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "s3cret"}}}`}},
		"everyone for one source": {use: policy.ForTrust, statements: []string{
			`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:ssm:us-east-1:111122223333:*"}}}`,
		}},
		"an unlimited subject": {use: policy.ForTrust, statements: []string{
			`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"idp.example.com:sub": "*"}}}`,
		}, want: []string{"oidc-without-subject"}},
		"everybody": {use: policy.ForTrust, statements: []string{`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`}, want: []string{"invalid-principal"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := Text([]byte(example(c.statements...)), c.use, here)
			if diff := cmp.Diff(c.want, codes(findings)); diff != "" {
				t.Errorf("codes (-want +got):\n%s%s", diff, show(findings))
			}
		})
	}
}

// TestMilder finds what is only a warning or a suggestion, though its rule is
// graver.
func TestMilder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement, code string
		want            Severity
	}{
		"an action that resembles none":   {`{"Effect": "Allow", "Action": "ssm:ZzzQqqXxxWwwVvv", "Resource": "*"}`, "unknown-action", Warning},
		"a star in a tag's value":         {`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"StringEquals": {"ssm:resourceTag/Name": "web-*"}}}`, "wildcard-without-like", Suggestion},
		"a service as a whole":            {`{"Effect": "Allow", "Action": "ssm:DescribeSessions", "Resource": "arn:aws:ssm:us-east-1:111122223333:*"}`, "resource-level-unsupported", Suggestion},
		"a key that need not be there":    {`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}}`, "condition-key-unsupported", Suggestion},
		"a role passed to one service":    {`{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}}`, "passrole-star", Suggestion},
		"a command until a date":          {`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2027-04-01T00:00:00Z"}}}`, "sendcommand-global-key-without-viaawsservice", Suggestion},
		"a service that resembles no one": {`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:qqqq:us-east-1:111122223333:x"}`, "arn-service-unknown", Warning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := Text([]byte(example(c.statement)), policy.ForIdentity, here)
			i := slices.IndexFunc(findings, func(f Finding) bool { return f.Code == c.code })
			if i < 0 || findings[i].Severity != c.want {
				t.Errorf("%s as %s is not among:\n%s", c.code, c.want, show(findings))
			}
			rule, _ := Lookup(c.code)
			if rule.Severity >= c.want {
				t.Errorf("the rule is a %s, no graver than the finding", rule.Severity)
			}
		})
	}
}

// TestSize counts as IAM does, and takes the quotas to the letter.
func TestSize(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		use  policy.Use
		size int
		want []Severity
	}{
		"managed, full":          {policy.ForIdentity, 6144, nil},
		"managed, one too many":  {policy.ForIdentity, 6145, []Severity{Error}},
		"trust, full":            {policy.ForTrust, 2048, nil},
		"trust, one too many":    {policy.ForTrust, 2049, []Severity{Warning}},
		"trust, raised and full": {policy.ForTrust, 8192, []Severity{Warning}},
		"trust, raised, and one": {policy.ForTrust, 8193, []Severity{Error}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := policy.Allow("ssm:ListDocuments").On("*")
			if c.use == policy.ForTrust {
				s = policy.Allow("sts:AssumeRole").By(policy.Principals{Service: []string{"ec2.amazonaws.com"}})
			}
			s = s.As("a")
			s.Sid = strings.Repeat("a", 1+c.size-policy.New(s).Size())
			var got []Severity
			for _, f := range Document(policy.New(s), c.use, here) {
				got = append(got, f.Severity)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("severities (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRedundantTogether reports of statements that say the same all but one,
// so that what is reported can be removed together.
func TestRedundantTogether(t *testing.T) {
	t.Parallel()
	same := `{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.%s"}}}`
	for name, text := range map[string]string{
		"word by word": example(strings.ReplaceAll(same, "%s", "0/24"), strings.ReplaceAll(same, "%s", "0/24"), strings.ReplaceAll(same, "%s", "0/24")),
		"by a proof":   example(strings.ReplaceAll(same, "%s", "0/24"), strings.ReplaceAll(same, "%s", "9/24"), strings.ReplaceAll(same, "%s", "1/25")),
	} {
		var got []string
		for _, f := range Text([]byte(text), policy.ForIdentity, here) {
			got = append(got, f.Code+" "+f.Path.String())
		}
		want := []string{"redundant-statement Statement[1]", "redundant-statement Statement[2]"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
