package sandbox_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// TestTypedErrors makes sure that the SDK turns the answers into its own types.
func TestTypedErrors(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.user("u")
	_, err := k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("U")})
	if e, ok := errors.AsType[*types.EntityAlreadyExistsException](err); !ok || e.ErrorMessage() != "User with name U already exists." {
		t.Errorf("creating U beside u: %v, want EntityAlreadyExistsException", err)
	}
	_, err = k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: new("nobody")})
	if e, ok := errors.AsType[*types.NoSuchEntityException](err); !ok || e.ErrorMessage() != "The role with name nobody cannot be found." {
		t.Errorf("getting a role that is not there: %v, want NoSuchEntityException", err)
	}
}

func TestNamesAndPaths(t *testing.T) {
	t.Parallel()
	create := func(name, path string) func(*kit) error {
		return func(k *kit) error {
			in := &iam.CreateUserInput{UserName: &name}
			if path != "" {
				in.Path = &path
			}
			_, err := k.iam.CreateUser(k.ctx(), in)
			return err
		}
	}
	role := func(name, path string) func(*kit) error {
		return func(k *kit) error {
			_, err := k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: &name, Path: &path, AssumeRolePolicyDocument: new(trustEC2)})
			return err
		}
	}
	check(t, map[string]refusal{
		"all characters":      {do: create("a_B9+=,.@-", "")},
		"slash in name":       {do: create("a/b", ""), code: "ValidationError", says: "The specified value for userName is invalid"},
		"blank in name":       {do: create("a b", ""), code: "ValidationError", says: "userName"},
		"umlaut in name":      {do: create("ä", ""), code: "ValidationError", says: "userName"},
		"64 characters":       {do: create(strings.Repeat("a", 64), "")},
		"65 characters":       {do: create(strings.Repeat("a", 65), ""), code: "ValidationError", says: "less than or equal to 64"},
		"path":                {do: create("a", "/x/y/")},
		"path without end":    {do: create("a", "/x"), code: "ValidationError", says: "path"},
		"path without begin":  {do: create("a", "x/"), code: "ValidationError", says: "path"},
		"role for a service":  {do: role("a", "/aws-service-role/x/"), code: "InvalidInput", says: "reserved"},
		"role at an own path": {do: role("a", "/service-role/")},
		"other case, user":    {prepare: func(k *kit) { k.user("Admins") }, do: create("admins", ""), code: "EntityAlreadyExists", says: "admins"},
		"other path, user":    {prepare: func(k *kit) { k.user("a") }, do: create("a", "/x/"), code: "EntityAlreadyExists"},
		"other case, group": {prepare: func(k *kit) { k.group("Admins") }, do: func(k *kit) error {
			_, err := k.iam.CreateGroup(k.ctx(), &iam.CreateGroupInput{GroupName: new("admins")})
			return err
		}, code: "EntityAlreadyExists"},
		"other case, role": {prepare: func(k *kit) { k.role("Admins") }, do: role("admins", "/"), code: "EntityAlreadyExists"},
		"other path, policy": {prepare: func(k *kit) { k.policy("p") }, do: func(k *kit) error {
			_, err := k.iam.CreatePolicy(k.ctx(), &iam.CreatePolicyInput{PolicyName: new("P"), Path: new("/x/"), PolicyDocument: new(allowAll)})
			return err
		}, code: "EntityAlreadyExists", says: "Duplicate names are not allowed"},
		"other case, profile": {prepare: func(k *kit) { k.profile("P", "") }, do: func(k *kit) error {
			_, err := k.iam.CreateInstanceProfile(k.ctx(), &iam.CreateInstanceProfileInput{InstanceProfileName: new("p")})
			return err
		}, code: "EntityAlreadyExists"},
		"rename to another's name": {prepare: func(k *kit) { k.user("a"); k.user("B") }, do: func(k *kit) error {
			_, err := k.iam.UpdateUser(k.ctx(), &iam.UpdateUserInput{UserName: new("a"), NewUserName: new("b")})
			return err
		}, code: "EntityAlreadyExists"},
		"rename to the own name in other case": {prepare: func(k *kit) { k.user("a") }, do: func(k *kit) error {
			_, err := k.iam.UpdateUser(k.ctx(), &iam.UpdateUserInput{UserName: new("a"), NewUserName: new("A")})
			return err
		}},
		"session too short": {prepare: func(k *kit) { k.role("r") }, do: func(k *kit) error {
			_, err := k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: new("r"), MaxSessionDuration: new(int32(3599))})
			return err
		}, code: "ValidationError", says: "greater than or equal to 3600"},
		"session too long": {prepare: func(k *kit) { k.role("r") }, do: func(k *kit) error {
			_, err := k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: new("r"), MaxSessionDuration: new(int32(43201))})
			return err
		}, code: "ValidationError", says: "less than or equal to 43200"},
		"tag of AWS": {do: func(k *kit) error {
			_, err := k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u"), Tags: []types.Tag{{Key: new("aws:x"), Value: new("")}}})
			return err
		}, code: "InvalidInput", says: "aws:"},
		"tag twice in other case": {do: func(k *kit) error {
			_, err := k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u"), Tags: []types.Tag{{Key: new("a"), Value: new("")}, {Key: new("A"), Value: new("")}}})
			return err
		}, code: "InvalidInput", says: "case insensitive"},
		"boundary that is not there": {do: func(k *kit) error {
			_, err := k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u"), PermissionsBoundary: new(ownPolicy + "none")})
			return err
		}, code: "NoSuchEntity"},
		"policy at another path": {prepare: func(k *kit) { k.role("r") }, do: func(k *kit) error {
			_, err := k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new("arn:aws:iam::aws:policy/AmazonEC2RoleforSSM")})
			return err
		}, code: "NoSuchEntity", says: "does not exist or is not attachable"},
		"policy of a service-linked role": {prepare: func(k *kit) { k.role("r") }, do: func(k *kit) error {
			_, err := k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new("arn:aws:iam::aws:policy/aws-service-role/AmazonSSMServiceRolePolicy")})
			return err
		}, code: "PolicyNotAttachable"},
		"detach what is not attached": {prepare: func(k *kit) { k.role("r") }, do: func(k *kit) error {
			_, err := k.iam.DetachRolePolicy(k.ctx(), &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(coreARN)})
			return err
		}, code: "NoSuchEntity"},
		"delete an inline policy that is not there": {prepare: func(k *kit) { k.role("r") }, do: func(k *kit) error {
			_, err := k.iam.DeleteRolePolicy(k.ctx(), &iam.DeleteRolePolicyInput{RoleName: new("r"), PolicyName: new("none")})
			return err
		}, code: "NoSuchEntity", says: "The role policy with name none cannot be found."},
		"junk marker": {do: func(k *kit) error {
			_, err := k.iam.ListUsers(k.ctx(), &iam.ListUsersInput{Marker: new("junk")})
			return err
		}, code: "ValidationError", says: "Invalid Marker."},
	})
}

func TestPolicyDocuments(t *testing.T) {
	t.Parallel()
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[{` + s + `}]}` }
	tests := map[string]struct{ document, says string }{
		"good":                  {allowAll, ""},
		"statement, not a list": {`{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"iam:*","NotResource":["*"]}}`, ""},
		"not JSON":              {`{nope`, "Syntax errors in policy."},
		"no version":            {`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, "must be version 2012-10-17"},
		"old version":           {`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, "must be version 2012-10-17"},
		"no statement":          {`{"Version":"2012-10-17","Statement":[]}`, "Syntax errors in policy."},
		"unknown element":       {statement(`"Effect":"Allow","Action":"*","Resource":"*","Resources":"*"`), "Syntax errors in policy."},
		"no effect":             {statement(`"Action":"*","Resource":"*"`), "Syntax errors in policy."},
		"lower-case effect":     {statement(`"Effect":"allow","Action":"*","Resource":"*"`), "Syntax errors in policy."},
		"no action":             {statement(`"Effect":"Allow","Resource":"*"`), "must contain actions"},
		"no resource":           {statement(`"Effect":"Allow","Action":"*"`), "must contain resources"},
		"principal":             {statement(`"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"`), "should not specify a principal"},
		"action of no service":  {statement(`"Effect":"Allow","Action":"CreateUser","Resource":"*"`), "prefaced by a vendor"},
		"resource of no kind":   {statement(`"Effect":"Allow","Action":"*","Resource":"instance/i-1"`), "must be in ARN format"},
		"resource cut short":    {statement(`"Effect":"Allow","Action":"*","Resource":"arn:aws:ssm"`), "legacy parsing"},
		"unknown operator":      {statement(`"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a":"b"}}`), "Invalid Condition type"},
		"good operators":        {statement(`"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringNotLikeIfExists":{"aws:a":["b"]},"Bool":{"aws:c":true}}`), ""},
		"sid twice":             {`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]}`, "must be unique"},
		"sid with a blank":      {statement(`"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"`), "alpha-numeric"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			k.user("u")
			_, err := k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("i"), PolicyDocument: &tt.document})
			_, malformed := errors.AsType[*types.MalformedPolicyDocumentException](err)
			if tt.says == "" && err != nil || tt.says != "" && (!malformed || !strings.Contains(message(err), tt.says)) {
				t.Errorf("putting %s: %v, want %q", tt.document, err, tt.says)
			}
		})
	}
	k := newKit(t)
	k.user("u")
	_, err := k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("i"), PolicyDocument: new(strings.Replace(allowAll, `"*"`, `"漢"`, 1))})
	if code(err) != "ValidationError" {
		t.Errorf("a character beyond U+00FF: %v, want ValidationError", err)
	}
}

// TestDocumentsComeBackEncoded: RFC 3986, so that a plus is a plus.
func TestDocumentsComeBackEncoded(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.user("u")
	document := "{\n \"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"arn:aws:s3:::a+b%20c/é~*\"}]}"
	must(k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("i"), PolicyDocument: &document}))
	encoded := *must(k.iam.GetUserPolicy(k.ctx(), &iam.GetUserPolicyInput{UserName: new("u"), PolicyName: new("i")})).PolicyDocument
	if strings.ContainsAny(encoded, "+ {\"") || !strings.Contains(encoded, "%20") {
		t.Errorf("encoded as %s", encoded)
	}
	if diff := cmp.Diff(document, must(url.PathUnescape(encoded))); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

// TestRepeats: what AWS takes twice, and changes nothing by the second time.
func TestRepeats(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.user("u")
	k.group("g")
	k.role("r")
	for i := range 2 {
		k.attachRole("r", coreARN)
		must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g")}))
		must(k.iam.TagUser(k.ctx(), &iam.TagUserInput{UserName: new("u"), Tags: []types.Tag{{Key: new("k"), Value: new(fmt.Sprint(i))}}}))
		must(k.iam.UntagUser(k.ctx(), &iam.UntagUserInput{UserName: new("u"), TagKeys: []string{"none"}}))
		must(k.iam.PutRolePermissionsBoundary(k.ctx(), &iam.PutRolePermissionsBoundaryInput{RoleName: new("r"), PermissionsBoundary: new(coreARN)}))
	}
	attached := must(k.iam.ListAttachedRolePolicies(k.ctx(), &iam.ListAttachedRolePoliciesInput{RoleName: new("r")})).AttachedPolicies
	if len(attached) != 1 || *attached[0].PolicyName != "AmazonSSMManagedInstanceCore" {
		t.Errorf("attached %v, want one policy", attached)
	}
	// Keys of user tags are told apart without regard to case.
	must(k.iam.TagUser(k.ctx(), &iam.TagUserInput{UserName: new("u"), Tags: []types.Tag{{Key: new("K"), Value: new("new")}}}))
	tags := must(k.iam.ListUserTags(k.ctx(), &iam.ListUserTagsInput{UserName: new("u")})).Tags
	if len(tags) != 1 || *tags[0].Key != "K" || *tags[0].Value != "new" {
		t.Errorf("tags %v, want K=new alone", tags)
	}
}

// TestRename: a user keeps what it is by its id.
func TestRename(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.user("old")
	k.group("g")
	must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("old"), GroupName: new("g")}))
	before := must(k.iam.GetUser(k.ctx(), &iam.GetUserInput{UserName: new("old")})).User
	must(k.iam.UpdateUser(k.ctx(), &iam.UpdateUserInput{UserName: new("old"), NewUserName: new("new"), NewPath: new("/x/")}))
	must(k.iam.UpdateGroup(k.ctx(), &iam.UpdateGroupInput{GroupName: new("g"), NewGroupName: new("h")}))
	after := must(k.iam.GetUser(k.ctx(), &iam.GetUserInput{UserName: new("new")})).User
	if *after.UserId != *before.UserId || *after.Arn != "arn:aws:iam::123456789012:user/x/new" {
		t.Errorf("renamed from %s to %s, %s", *before.UserId, *after.UserId, *after.Arn)
	}
	members := must(k.iam.GetGroup(k.ctx(), &iam.GetGroupInput{GroupName: new("h")})).Users
	if len(members) != 1 || *members[0].UserName != "new" {
		t.Errorf("the renamed group has %v, want the renamed user", members)
	}
}

func TestUpdateRoleLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	must(k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2), Description: new("d"), MaxSessionDuration: new(int32(7200))}))
	must(k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: new("r"), MaxSessionDuration: new(int32(3600))}))
	must(k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: new("r")}))
	r := must(k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: new("r")})).Role
	if *r.Description != "d" || *r.MaxSessionDuration != 3600 {
		t.Errorf("description %q and session %d, want d and 3600", *r.Description, *r.MaxSessionDuration)
	}
	must(k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: new("r"), Description: new("")}))
	if r := must(k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: new("r")})).Role; r.Description != nil {
		t.Errorf("description %q, want none", *r.Description)
	}
}
