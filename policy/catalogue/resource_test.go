package catalogue_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy/catalogue"
)

func TestResourcesOf(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"ssm:SendCommand": {
			"arn:${Partition}:s3:::${BucketName}",
			"arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
			"arn:${Partition}:ssm:${Region}::document/${DocumentName}",
			"arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
			"arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}",
		},
		"ssm:StartAutomationExecution": {
			"arn:${Partition}:ssm:${Region}:${Account}:automation-definition/${AutomationDefinitionName}:${VersionId}",
			"arn:${Partition}:ssm:${Region}::automation-definition/${AutomationDefinitionName}:${VersionId}",
			"arn:${Partition}:ssm:${Region}:${Account}:automation-execution/${AutomationExecutionId}",
			"arn:${Partition}:ssm:${Region}:${Account}:document/${DocumentName}",
			"arn:${Partition}:ssm:${Region}::document/${DocumentName}",
		},
		"ssm:GetParameter": {
			"arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}",
			"arn:${Partition}:ssm:${Region}::parameter/${ParameterNameWithoutLeadingSlash}",
		},
		"SSMMESSAGES:OPENDATACHANNEL":    {"arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}"},
		"iam:PassRole":                   {"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"},
		"ssm:CancelCommand":              nil,
		"ssmmessages:OpenControlChannel": nil,
		"ssm:NoSuchAction":               nil,
		"dynamodb:GetItem":               nil,
	}
	for action, want := range tests {
		var got []string
		for _, r := range catalogue.ResourcesOf(action) {
			got = append(got, r.ARNs...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ResourcesOf(%s) (-want +got)\n%s", action, diff)
		}
	}
}

func TestType(t *testing.T) {
	t.Parallel()
	want := catalogue.Resource{
		Service: "ssm", Name: "managed-instance",
		ARNs: []string{"arn:${Partition}:ssm:${Region}:${Account}:managed-instance/${InstanceId}"},
		Keys: []string{"aws:ResourceTag/${TagKey}", "ssm:resourceTag/${TagKey}"},
	}
	got, ok := catalogue.Type("SSM", "Managed-Instance")
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("%t (-want +got)\n%s", ok, diff)
	}
	for _, name := range [][2]string{{"ssm", "node"}, {"ssm", ""}, {"", "instance"}, {"dynamodb", "table"}} {
		if r, ok := catalogue.Type(name[0], name[1]); ok {
			t.Errorf("Type%q = %+v", name, r)
		}
	}
}

// The types of a service are in order, with those that gaps.go puts in.
func TestTypes(t *testing.T) {
	t.Parallel()
	var names []string
	for _, r := range catalogue.Types("ssm") {
		names = append(names, r.Name)
	}
	if !slices.IsSorted(names) || len(names) != 23 || !slices.Contains(names, "role") {
		t.Errorf("the types of ssm are %q", names)
	}
	if types := catalogue.Types("ssmmessages"); len(types) != 1 || types[0].Name != "session" {
		t.Errorf("the types of ssmmessages are %+v", types)
	}
	a, _ := catalogue.Lookup("ssm:AddTagsToResource")
	if !slices.IsSortedFunc(a.Resources, func(x, y catalogue.Use) int {
		switch {
		case x.Type < y.Type:
			return -1
		case x.Type > y.Type:
			return 1
		}
		return 0
	}) {
		t.Errorf("ssm:AddTagsToResource takes %+v", a.Resources)
	}
}
