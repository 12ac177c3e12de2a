package catalogue_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

func TestLookupKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service, name string
		want          catalogue.Key
	}{
		{"ssm", "aws:SourceIp", catalogue.Key{Name: "aws:SourceIp", Type: "IPAddress"}},
		{"dynamodb", "AWS:sourceip", catalogue.Key{Name: "aws:SourceIp", Type: "IPAddress"}},
		{"ssm", "aws:MultiFactorAuthPresent", catalogue.Key{Name: "aws:MultiFactorAuthPresent", Type: "Bool"}},
		{"ssm", "aws:MultiFactorAuthAge", catalogue.Key{Name: "aws:MultiFactorAuthAge", Type: "Numeric"}},
		{"ssm", "aws:CurrentTime", catalogue.Key{Name: "aws:CurrentTime", Type: "Date"}},
		{"ssm", "aws:PrincipalArn", catalogue.Key{Name: "aws:PrincipalArn", Type: "ARN"}},
		{"ssm", "aws:SourceVpcArn", catalogue.Key{Name: "aws:SourceVpcArn", Type: "ARN"}},
		{"ssm", "aws:username", catalogue.Key{Name: "aws:username", Type: "String"}},
		{"ssm", "aws:TagKeys", catalogue.Key{Name: "aws:TagKeys", Type: "ArrayOfString", Multi: true}},
		{"ssm", "aws:CalledVia", catalogue.Key{Name: "aws:CalledVia", Type: "ArrayOfString", Multi: true}},
		{"ssm", "aws:CalledViaFirst", catalogue.Key{Name: "aws:CalledViaFirst", Type: "String"}},
		{"ssm", "aws:PrincipalOrgPaths", catalogue.Key{Name: "aws:PrincipalOrgPaths", Type: "ArrayOfString", Multi: true}},
		{"ssm", "aws:ResourceTag/Env", catalogue.Key{Name: "aws:ResourceTag/${TagKey}", Type: "String"}},
		{"ssm", "aws:RequestTag/x", catalogue.Key{Name: "aws:RequestTag/${TagKey}", Type: "String"}},
		{"", "aws:PrincipalTag/team/name", catalogue.Key{Name: "aws:PrincipalTag/${TagKey}", Type: "String"}},
		{"ssm", "aws:ResourceTag/", catalogue.Key{}},
		{"ssm", "aws:ResourceTag", catalogue.Key{}},
		{"ssm", "aws:SourceIP2", catalogue.Key{}},
		{"ssm", "ssm:resourceTag/Env", catalogue.Key{Name: "ssm:resourceTag/${TagKey}", Type: "String"}},
		{"", "SSM:RESOURCETAG/ENV", catalogue.Key{Name: "ssm:resourceTag/${TagKey}", Type: "String"}},
		{"ssm", "ssm:resourceTag/aws:ssmmessages:session-id", catalogue.Key{Name: "ssm:resourceTag/aws:ssmmessages:session-id", Type: "String"}},
		{"ssm", "ssm:SessionDocumentAccessCheck", catalogue.Key{Name: "ssm:SessionDocumentAccessCheck", Type: "Bool"}},
		{"ssm", "ssm:SessionOwner", catalogue.Key{}},
		{"ec2", "ssm:resourceTag/Env", catalogue.Key{}},
		{"ssm", "ec2:ResourceTag/Env", catalogue.Key{}},
		{"ssm", "kms:ViaService", catalogue.Key{}},
		{"", "kms:ViaService", catalogue.Key{Name: "kms:ViaService", Type: "String"}},
		{"s3", "ec2:SourceInstanceArn", catalogue.Key{Name: "ec2:SourceInstanceARN", Type: "ARN"}},
		{"s3", "lambda:SourceFunctionArn", catalogue.Key{Name: "lambda:SourceFunctionArn", Type: "ARN"}},
		{"s3", "s3:ExistingObjectTag/a", catalogue.Key{Name: "s3:ExistingObjectTag/${TagKey}", Type: "String"}},
		{"secretsmanager", "secretsmanager:ResourceTag/a", catalogue.Key{Name: "secretsmanager:ResourceTag/${TagKey}", Type: "String"}},
		{"ec2", "ec2:Add/userId", catalogue.Key{Name: "ec2:Add/userId", Type: "String"}},
		{"kms", "kms:EncryptionContext:aws:s3:arn", catalogue.Key{Name: "kms:EncryptionContext:${EncryptionContextKey}", Type: "String"}},
		{"kms", "kms:EncryptionContextKeys", catalogue.Key{Name: "kms:EncryptionContextKeys", Type: "ArrayOfString", Multi: true}},
		{"sts", "sts:TransitiveTagKeys", catalogue.Key{Name: "sts:TransitiveTagKeys", Type: "ArrayOfString", Multi: true}},
		{"sts", "sts:ExternalId", catalogue.Key{Name: "sts:ExternalId", Type: "String"}},
		{"ssm", "sts:ExternalId", catalogue.Key{}},
		{"sts", "saml:aud", catalogue.Key{Name: "saml:aud", Type: "String"}},
		{"s3", "SAML:eduPersonAffiliation", catalogue.Key{Name: "saml:edupersonaffiliation", Type: "ArrayOfString", Multi: true}},
		{"sts", "token.actions.githubusercontent.com:sub", catalogue.Key{Name: "${Provider}:sub", Type: "String"}},
		{"sts", "token.actions.githubusercontent.com:repository", catalogue.Key{Name: "token.actions.githubusercontent.com:repository", Type: "String"}},
		{"sts", "token.actions.corp.ghe.com:ref", catalogue.Key{Name: "token.actions.${Domain}.ghe.com:ref", Type: "String"}},
		{"s3", "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub", catalogue.Key{Name: "${Provider}:sub", Type: "String"}},
		{"sts", "idp.example.com:amr", catalogue.Key{Name: "${Provider}:amr", Type: "ArrayOfString", Multi: true}},
		{"sts", "idp.example.com:colour", catalogue.Key{}},
		{"sts", "cognito-identity.amazonaws.com:amr", catalogue.Key{Name: "cognito-identity.amazonaws.com:amr", Type: "ArrayOfString", Multi: true}},
		{"cognito:sub", "nothing", catalogue.Key{}},
		{"", "nothing", catalogue.Key{}},
		{"", "", catalogue.Key{}},
		{"dynamodb", "dynamodb:LeadingKeys", catalogue.Key{}}, // not in full
	}
	for _, test := range tests {
		got, ok := catalogue.LookupKey(test.service, test.name)
		if got != test.want || ok != (test.want.Name != "") {
			t.Errorf("LookupKey(%q, %q) = %+v, %t, want %+v", test.service, test.name, got, ok, test.want)
		}
	}
}

func TestSupports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		action, key, resource string
		want                  bool
	}{
		{"ssm:SendCommand", "ssm:resourceTag/Env", "", true},
		{"ssm:SendCommand", "SSM:ResourceTag/env", "instance", true},
		{"ssm:SendCommand", "ssm:DocumentType", "document", true}, // of the type
		{"ssm:SendCommand", "ssm:DocumentType", "Document", true},
		{"ssm:SendCommand", "ssm:DocumentType", "instance", false},
		{"ssm:SendCommand", "ssm:SessionDocumentAccessCheck", "", false},
		{"ssm:SendCommand", "ec2:ResourceTag/Env", "instance", false},
		{"ssm:SendCommand", "ssm:SessionOwner", "", false},
		{"ssm:SendCommand", "aws:SourceIp", "bucket", true},
		{"ssm:SendCommand", "aws:PrincipalTag/team", "", true},
		{"ssm:SendCommand", "aws:RequestTag/team", "", false},
		{"ssm:SendCommand", "ec2:SourceInstanceARN", "", true}, // of the caller's session
		{"ssm:SendCommand", "idp.example.com:sub", "", true},
		{"ssm:StartSession", "ssm:SessionDocumentAccessCheck", "instance", true},
		{"ssm:TerminateSession", "ssm:resourceTag/aws:ssmmessages:session-id", "", true},
		{"ssm:ListCommands", "aws:ResourceTag/Env", "", false},
		{"ec2:RunInstances", "ec2:MetadataHttpTokens", "instance", true},
		{"ec2:RunInstances", "ec2:MetadataHttpTokens", "subnet", false},
		{"ec2:RunInstances", "ec2:MetadataHttpTokens", "", true},
		{"iam:PassRole", "iam:PassedToService", "role", true},
		{"iam:PassRole", "iam:PassedToService", "", true},
		{"iam:CreateRole", "iam:PassedToService", "", false},
		{"sts:AssumeRole", "sts:ExternalId", "role", true},
	}
	for _, test := range tests {
		a, ok := catalogue.Lookup(test.action)
		if !ok {
			t.Errorf("%s is not known", test.action)
		}
		if got := a.Supports(test.key, test.resource); got != test.want {
			t.Errorf("%s: Supports(%q, %q) = %t", test.action, test.key, test.resource, got)
		}
	}
}
