package sandbox_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// A refusal is a rule of IAM: after prepare, do answers code, with a message
// that holds says; after remedy, it works.
type refusal struct {
	prepare func(*kit)
	do      func(*kit) error
	code    string
	says    string
	remedy  func(*kit) // nil where there is none
}

func check(t *testing.T, tests map[string]refusal) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			if tt.prepare != nil {
				tt.prepare(k)
			}
			before := string(k.server.Dump())
			err := tt.do(k)
			if code(err) != tt.code || !strings.Contains(message(err), tt.says) {
				t.Errorf("got %v, want %s: ...%s...", err, tt.code, tt.says)
			}
			if err != nil && string(k.server.Dump()) != before {
				t.Errorf("it was refused, and changed the account to\n%s", k.server.Dump())
			}
			if tt.remedy != nil {
				tt.remedy(k)
				if err := tt.do(k); err != nil {
					t.Errorf("after the remedy: %v", err)
				}
			}
		})
	}
}

func deleteUser(k *kit) error {
	_, err := k.iam.DeleteUser(k.ctx(), &iam.DeleteUserInput{UserName: new("u")})
	return err
}

func deleteGroup(k *kit) error {
	_, err := k.iam.DeleteGroup(k.ctx(), &iam.DeleteGroupInput{GroupName: new("g")})
	return err
}

func deleteRole(k *kit) error {
	_, err := k.iam.DeleteRole(k.ctx(), &iam.DeleteRoleInput{RoleName: new("r")})
	return err
}

func deletePolicy(k *kit) error {
	_, err := k.iam.DeletePolicy(k.ctx(), &iam.DeletePolicyInput{PolicyArn: new(ownPolicy + "p")})
	return err
}

func TestDeleteConflict(t *testing.T) {
	t.Parallel()
	check(t, map[string]refusal{
		"user with a password": {
			prepare: func(k *kit) {
				k.user("u")
				must(k.iam.CreateLoginProfile(k.ctx(), &iam.CreateLoginProfileInput{UserName: new("u"), Password: new("correct horse")}))
			},
			do: deleteUser, code: "DeleteConflict", says: "login profile",
			remedy: func(k *kit) {
				must(k.iam.DeleteLoginProfile(k.ctx(), &iam.DeleteLoginProfileInput{UserName: new("u")}))
			},
		},
		"user with an access key": {
			prepare: func(k *kit) {
				k.user("u")
				must(k.iam.CreateAccessKey(k.ctx(), &iam.CreateAccessKeyInput{UserName: new("u")}))
			},
			do: deleteUser, code: "DeleteConflict", says: "access keys",
			remedy: func(k *kit) {
				keys := must(k.iam.ListAccessKeys(k.ctx(), &iam.ListAccessKeysInput{UserName: new("u")})).AccessKeyMetadata
				must(k.iam.DeleteAccessKey(k.ctx(), &iam.DeleteAccessKeyInput{UserName: new("u"), AccessKeyId: keys[0].AccessKeyId}))
			},
		},
		"user with an inline policy": {
			prepare: func(k *kit) {
				k.user("u")
				must(k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("i"), PolicyDocument: new(allowAll)}))
			},
			do: deleteUser, code: "DeleteConflict", says: "delete policies",
			remedy: func(k *kit) {
				must(k.iam.DeleteUserPolicy(k.ctx(), &iam.DeleteUserPolicyInput{UserName: new("u"), PolicyName: new("i")}))
			},
		},
		"user with a managed policy": {
			prepare: func(k *kit) {
				k.user("u")
				must(k.iam.AttachUserPolicy(k.ctx(), &iam.AttachUserPolicyInput{UserName: new("u"), PolicyArn: new(coreARN)}))
			},
			do: deleteUser, code: "DeleteConflict", says: "detach all policies",
			remedy: func(k *kit) {
				must(k.iam.DetachUserPolicy(k.ctx(), &iam.DetachUserPolicyInput{UserName: new("u"), PolicyArn: new(coreARN)}))
			},
		},
		"user in a group": {
			prepare: func(k *kit) {
				k.user("u")
				k.group("g")
				must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g")}))
			},
			do: deleteUser, code: "DeleteConflict", says: "remove users from group",
			remedy: func(k *kit) {
				must(k.iam.RemoveUserFromGroup(k.ctx(), &iam.RemoveUserFromGroupInput{UserName: new("u"), GroupName: new("g")}))
			},
		},
		"user with tags and a boundary": {
			prepare: func(k *kit) {
				must(k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u"), PermissionsBoundary: new(coreARN), Tags: []types.Tag{{Key: new("k"), Value: new("")}}}))
			},
			do: deleteUser,
		},
		"group with a member": {
			prepare: func(k *kit) {
				k.user("u")
				k.group("g")
				must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g")}))
			},
			do: deleteGroup, code: "DeleteConflict", says: "remove users from group",
			remedy: func(k *kit) {
				must(k.iam.RemoveUserFromGroup(k.ctx(), &iam.RemoveUserFromGroupInput{UserName: new("u"), GroupName: new("g")}))
			},
		},
		"group with a managed policy": {
			prepare: func(k *kit) {
				k.group("g")
				must(k.iam.AttachGroupPolicy(k.ctx(), &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: new(coreARN)}))
			},
			do: deleteGroup, code: "DeleteConflict", says: "detach all policies",
			remedy: func(k *kit) {
				must(k.iam.DetachGroupPolicy(k.ctx(), &iam.DetachGroupPolicyInput{GroupName: new("g"), PolicyArn: new(coreARN)}))
			},
		},
		"group with an inline policy": {
			prepare: func(k *kit) {
				k.group("g")
				must(k.iam.PutGroupPolicy(k.ctx(), &iam.PutGroupPolicyInput{GroupName: new("g"), PolicyName: new("i"), PolicyDocument: new(allowAll)}))
			},
			do: deleteGroup, code: "DeleteConflict", says: "delete policies",
			remedy: func(k *kit) {
				must(k.iam.DeleteGroupPolicy(k.ctx(), &iam.DeleteGroupPolicyInput{GroupName: new("g"), PolicyName: new("i")}))
			},
		},
		"role in an instance profile": {
			prepare: func(k *kit) { k.role("r"); k.profile("p", "r") },
			do:      deleteRole, code: "DeleteConflict", says: "remove roles from instance profile",
			remedy: func(k *kit) {
				must(k.iam.RemoveRoleFromInstanceProfile(k.ctx(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("p"), RoleName: new("r")}))
			},
		},
		"role with a managed policy": {
			prepare: func(k *kit) { k.role("r"); k.attachRole("r", coreARN) },
			do:      deleteRole, code: "DeleteConflict", says: "detach all policies",
			remedy: func(k *kit) {
				must(k.iam.DetachRolePolicy(k.ctx(), &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(coreARN)}))
			},
		},
		"role with an inline policy": {
			prepare: func(k *kit) {
				k.role("r")
				must(k.iam.PutRolePolicy(k.ctx(), &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("i"), PolicyDocument: new(allowAll)}))
			},
			do: deleteRole, code: "DeleteConflict", says: "delete policies",
			remedy: func(k *kit) {
				must(k.iam.DeleteRolePolicy(k.ctx(), &iam.DeleteRolePolicyInput{RoleName: new("r"), PolicyName: new("i")}))
			},
		},
		"instance profile with a role": {
			prepare: func(k *kit) { k.role("r"); k.profile("p", "r") },
			do: func(k *kit) error {
				_, err := k.iam.DeleteInstanceProfile(k.ctx(), &iam.DeleteInstanceProfileInput{InstanceProfileName: new("p")})
				return err
			},
			code: "DeleteConflict", says: "remove roles from instance profile",
			remedy: func(k *kit) {
				must(k.iam.RemoveRoleFromInstanceProfile(k.ctx(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("p"), RoleName: new("r")}))
			},
		},
		"policy that is attached": {
			prepare: func(k *kit) { k.role("r"); k.attachRole("r", k.policy("p")) },
			do:      deletePolicy, code: "DeleteConflict", says: "attached to entities",
			remedy: func(k *kit) {
				must(k.iam.DetachRolePolicy(k.ctx(), &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(ownPolicy + "p")}))
			},
		},
		"policy that is a boundary": {
			prepare: func(k *kit) {
				k.user("u")
				must(k.iam.PutUserPermissionsBoundary(k.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: new("u"), PermissionsBoundary: new(k.policy("p"))}))
			},
			do: deletePolicy, code: "DeleteConflict", says: "boundary",
			remedy: func(k *kit) {
				must(k.iam.DeleteUserPermissionsBoundary(k.ctx(), &iam.DeleteUserPermissionsBoundaryInput{UserName: new("u")}))
			},
		},
		"policy with more versions": {
			prepare: func(k *kit) {
				must(k.iam.CreatePolicyVersion(k.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: new(k.policy("p")), PolicyDocument: new(denyAll)}))
			},
			do: deletePolicy, code: "DeleteConflict", says: "more than one version",
			remedy: func(k *kit) {
				must(k.iam.DeletePolicyVersion(k.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: new(ownPolicy + "p"), VersionId: new("v2")}))
			},
		},
		"default version": {
			prepare: func(k *kit) {
				must(k.iam.CreatePolicyVersion(k.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: new(k.policy("p")), PolicyDocument: new(denyAll)}))
			},
			do: func(k *kit) error {
				_, err := k.iam.DeletePolicyVersion(k.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: new(ownPolicy + "p"), VersionId: new("v1")})
				return err
			},
			code: "DeleteConflict", says: "default version",
			remedy: func(k *kit) {
				must(k.iam.SetDefaultPolicyVersion(k.ctx(), &iam.SetDefaultPolicyVersionInput{PolicyArn: new(ownPolicy + "p"), VersionId: new("v2")}))
			},
		},
		"policy of AWS": {
			do: func(k *kit) error {
				_, err := k.iam.DeletePolicy(k.ctx(), &iam.DeletePolicyInput{PolicyArn: new(coreARN)})
				return err
			},
			code: "AccessDenied", says: "iam:DeletePolicy",
		},
	})
}
