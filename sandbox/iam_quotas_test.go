package sandbox_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/sandbox"
)

func TestQuotas(t *testing.T) {
	t.Parallel()
	long := func(size int) string { // an identity policy that counts size characters
		const start, end = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::`, `"}]}`
		return "\n\t " + start + strings.Repeat("x", size-len(start)-len(end)) + end + " "
	}
	put := func(size int) func(*kit) error {
		return func(k *kit) error {
			_, err := k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("second"), PolicyDocument: new(long(size))})
			return err
		}
	}
	oneInline := func(k *kit) {
		k.user("u")
		must(k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("first"), PolicyDocument: new(long(1000))}))
	}
	create := func(size int) func(*kit) error {
		return func(k *kit) error {
			_, err := k.iam.CreatePolicy(k.ctx(), &iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: new(long(size))})
			return err
		}
	}
	trust := func(size int) func(*kit) error {
		return func(k *kit) error {
			pad := strings.Repeat("x", size-len(trustEC2)-len(`,"Sid":""`))
			document := strings.Replace(trustEC2, `"Effect"`, `"Sid":"`+pad+`","Effect"`, 1)
			_, err := k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: &document})
			return err
		}
	}
	attach := func(k *kit) error {
		_, err := k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(coreARN)})
		return err
	}
	check(t, map[string]refusal{
		"inline policies of a user, just too large together": {prepare: oneInline, do: put(1049), code: "LimitExceeded", says: "2048 bytes exceeded for user u"},
		"inline policies of a user, just not too large":      {prepare: oneInline, do: put(1048)},
		"managed policy, just too large":                     {do: create(6145), code: "LimitExceeded", says: "PolicySize: 6144"},
		"managed policy, just not too large":                 {do: create(6144)},
		"trust policy, just too large":                       {do: trust(2049), code: "LimitExceeded", says: "ACLSizePerRole: 2048"},
		"trust policy, just not too large":                   {do: trust(2048)},
		"eleventh policy of a role": {
			prepare: func(k *kit) {
				k.role("r")
				for i := range 10 {
					k.attachRole("r", k.policy(fmt.Sprint("p", i)))
				}
			},
			do: attach, code: "LimitExceeded", says: "PoliciesPerRole: 10",
			remedy: func(k *kit) {
				must(k.iam.DetachRolePolicy(k.ctx(), &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(ownPolicy + "p3")}))
			},
		},
		"tenth policy again": {
			prepare: func(k *kit) {
				k.role("r")
				k.attachRole("r", coreARN)
				for i := range 9 {
					k.attachRole("r", k.policy(fmt.Sprint("p", i)))
				}
			},
			do: attach,
		},
		"eleventh group of a user": {
			prepare: func(k *kit) {
				k.user("u")
				for i := range 11 {
					k.group(fmt.Sprint("g", i))
					if i < 10 {
						must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new(fmt.Sprint("g", i))}))
					}
				}
			},
			do: func(k *kit) error {
				_, err := k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g10")})
				return err
			},
			code: "LimitExceeded", says: "GroupsPerUser: 10",
		},
		"301st group": {
			prepare: func(k *kit) {
				for i := range 300 {
					k.group(fmt.Sprint("g", i))
				}
			},
			do: func(k *kit) error {
				_, err := k.iam.CreateGroup(k.ctx(), &iam.CreateGroupInput{GroupName: new("one-more")})
				return err
			},
			code: "LimitExceeded", says: "GroupsPerAccount: 300",
		},
		"sixth version": {
			prepare: func(k *kit) {
				k.policy("p")
				for range 4 {
					must(k.iam.CreatePolicyVersion(k.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: new(ownPolicy + "p"), PolicyDocument: new(denyAll)}))
				}
			},
			do: func(k *kit) error {
				_, err := k.iam.CreatePolicyVersion(k.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: new(ownPolicy + "p"), PolicyDocument: new(denyAll)})
				return err
			},
			code: "LimitExceeded", says: "up to 5 versions",
			remedy: func(k *kit) {
				must(k.iam.DeletePolicyVersion(k.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: new(ownPolicy + "p"), VersionId: new("v2")}))
			},
		},
		"second role of a profile, even the same": {
			prepare: func(k *kit) { k.role("r"); k.profile("p", "r") },
			do: func(k *kit) error {
				_, err := k.iam.AddRoleToInstanceProfile(k.ctx(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("p"), RoleName: new("r")})
				return err
			},
			code: "LimitExceeded", says: "InstanceSessionsPerInstanceProfile: 1",
		},
		"third access key": {
			prepare: func(k *kit) {
				k.user("u")
				for range 2 {
					must(k.iam.CreateAccessKey(k.ctx(), &iam.CreateAccessKeyInput{UserName: new("u")}))
				}
			},
			do: func(k *kit) error {
				_, err := k.iam.CreateAccessKey(k.ctx(), &iam.CreateAccessKeyInput{UserName: new("u")})
				return err
			},
			code: "LimitExceeded", says: "AccessKeysPerUser: 2",
		},
		"fifty-first tag": {
			prepare: func(k *kit) {
				k.user("u")
				var tags []types.Tag
				for i := range 50 {
					tags = append(tags, types.Tag{Key: new(fmt.Sprint("k", i)), Value: new("")})
				}
				must(k.iam.TagUser(k.ctx(), &iam.TagUserInput{UserName: new("u"), Tags: tags}))
			},
			do: func(k *kit) error {
				_, err := k.iam.TagUser(k.ctx(), &iam.TagUserInput{UserName: new("u"), Tags: []types.Tag{{Key: new("one"), Value: new("")}}})
				return err
			},
			code: "LimitExceeded", says: "number of tags",
		},
	})
}

// An account may have 300 groups, and more once AWS has raised the quota,
// which is kept with the account.
func TestRaiseQuotas(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	k := kitOf(t, s)
	for i := range 300 {
		k.group(fmt.Sprint("g", i))
	}
	one := func(k *kit, name string) string {
		_, err := k.iam.CreateGroup(k.ctx(), &iam.CreateGroupInput{GroupName: &name})
		return code(err)
	}
	if got := one(k, "over"); got != "LimitExceeded" {
		t.Errorf("group 301: %q, want LimitExceeded", got)
	}
	s.RaiseQuotas()
	var kept bytes.Buffer
	if err := s.Save(&kept); err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*kit{"raised": k, "loaded": kitOf(t, must(sandbox.Load(&kept)))} {
		if got := one(k, "over"); got != "" {
			t.Errorf("%s: group 301: %q, want none", name, got)
		}
	}
}
