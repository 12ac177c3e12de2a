package catalogue_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		// blanks and case
		"ssm:DescribeAutomationExecutions ": "ssm:DescribeAutomationExecutions",
		" SSM : sendcommand":                "ssm:SendCommand",
		"sts:AssumeRoleWithSaml":            "sts:AssumeRoleWithSAML",
		// plurals
		"ssm:ListDocumentsVersions":  "ssm:ListDocumentVersions",
		"ssm:ListDocumentsVersion":   "ssm:ListDocumentVersions",
		"ssm:GetParametersHistories": "ssm:GetParameterHistory",
		"ec2:DescribeInstance":       "ec2:DescribeInstances",
		"iam:GetRoles":               "iam:GetRole",
		"iam:PassRoles":              "iam:PassRole",
		"iam:ListPolicy":             "iam:ListPolicies",
		// edits
		"ssm:SendComand":                 "ssm:SendCommand",
		"ssm:SendCommmand":               "ssm:SendCommand",
		"ssm:SednCommand":                "ssm:SendCommand",
		"ssm:DescribeMaintanenceWindows": "ssm:DescribeMaintenanceWindows",
		"ssm:StratAutomationExecuton":    "ssm:StartAutomationExecution",
		"kms:Decrpyt":                    "kms:Decrypt",
		"dynamodb:GetItme":               "dynamodb:GetItem", // names alone
		// another verb
		"ec2:ListInstances": "ec2:DescribeInstances",
		"iam:DescribeRole":  "iam:GetRole",
		// another service
		"ssm:DescribeInstances":   "ec2:DescribeInstances",
		"ssm:OpenDataChannel":     "ssmmessages:OpenDataChannel",
		"ssm:CreateTags":          "ec2:CreateTags",
		"ssm:ListUsers":           "iam:ListUsers", // identitystore has it too
		"cloudwatch:PutLogEvents": "logs:PutLogEvents",
		"ssm:GetShardIterator":    "", // dynamodb and kinesis have it
		"ssm:CreateBackupPlan":    "backup:CreateBackupPlan",
		// no such service
		"ssmm:SendCommand":            "ssm:SendCommand",
		"ssm-message:OpenDataChannel": "ssmmessages:OpenDataChannel",
		"ec3:DescribeInstance":        "ec2:DescribeInstances",
		"gamelft:DescribeInstances":   "gamelift:DescribeInstances",
		"systemsmanager:SendCommand":  "ssm:SendCommand",
		"clodfrmation:DescribeStack":  "cloudformation:DescribeStacks",
		"sss:ListDocument":            "ssm:ListDocuments", // ses is as near
		// no service
		"GetParameter ": "ssm:GetParameter",
		":ListUser":     "",
		"GetParameter":  "ssm:GetParameter",
		":SendCommand":  "ssm:SendCommand",
		// nothing near
		"ssm:Foo":                       "",
		"ssm:DoSomethingElseAltogether": "",
		"ssm:*":                         "",
		"ssm:":                          "",
		"ssm":                           "",
		"nosuchservice:NoSuchAction":    "",
		":":                             "",
		"":                              "",
	}
	for action, want := range tests {
		got, ok := catalogue.Nearest(action)
		if got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %t, want %q", action, got, ok, want)
		}
	}
}

func BenchmarkNearest(b *testing.B) {
	for b.Loop() {
		catalogue.Nearest("ssm:ListDocumentsVersions")
	}
}

func BenchmarkNearestElsewhere(b *testing.B) {
	for b.Loop() {
		catalogue.Nearest("ec2:GetShardIterator")
	}
}
