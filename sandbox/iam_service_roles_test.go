package sandbox_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestServiceLinkedRoles: they can be seen, and not touched.
func TestServiceLinkedRoles(t *testing.T) {
	t.Parallel()
	linked := func(k *kit) {
		must(k.iam.CreateServiceLinkedRole(k.ctx(), &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ssm.amazonaws.com")}))
	}
	name := new("AWSServiceRoleForAmazonSSM")
	tests := map[string]func(*kit) error{
		"delete": func(k *kit) error {
			_, err := k.iam.DeleteRole(k.ctx(), &iam.DeleteRoleInput{RoleName: name})
			return err
		},
		"attach": func(k *kit) error {
			_, err := k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: new(coreARN)})
			return err
		},
		"trust": func(k *kit) error {
			_, err := k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: new(trustEC2)})
			return err
		},
		"inline": func(k *kit) error {
			_, err := k.iam.PutRolePolicy(k.ctx(), &iam.PutRolePolicyInput{RoleName: name, PolicyName: new("i"), PolicyDocument: new(allowAll)})
			return err
		},
		"tag": func(k *kit) error {
			_, err := k.iam.TagRole(k.ctx(), &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: new("k"), Value: new("v")}}})
			return err
		},
		"update": func(k *kit) error {
			_, err := k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: name, Description: new("d")})
			return err
		},
		"boundary": func(k *kit) error {
			_, err := k.iam.PutRolePermissionsBoundary(k.ctx(), &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: new(coreARN)})
			return err
		},
	}
	refusals := map[string]refusal{}
	for what, do := range tests {
		refusals[what] = refusal{prepare: linked, do: do, code: "UnmodifiableEntity", says: "protected role 'AWSServiceRoleForAmazonSSM'"}
	}
	refusals["again"] = refusal{prepare: linked, do: func(k *kit) error {
		_, err := k.iam.CreateServiceLinkedRole(k.ctx(), &iam.CreateServiceLinkedRoleInput{AWSServiceName: new("ssm.amazonaws.com")})
		return err
	}, code: "InvalidInput", says: "has been taken"}
	check(t, refusals)

	k := newKit(t)
	linked(k)
	must(k.iam.ListRoleTags(k.ctx(), &iam.ListRoleTagsInput{RoleName: name}))
	task := must(k.iam.DeleteServiceLinkedRole(k.ctx(), &iam.DeleteServiceLinkedRoleInput{RoleName: name})).DeletionTaskId
	if status := must(k.iam.GetServiceLinkedRoleDeletionStatus(k.ctx(), &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task})).Status; status != types.DeletionTaskStatusTypeSucceeded {
		t.Errorf("the deletion %s is %s", *task, status)
	}
	if _, err := k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: name}); code(err) != "NoSuchEntity" {
		t.Errorf("the role is still there: %v", err)
	}
}
