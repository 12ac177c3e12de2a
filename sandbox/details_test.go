package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// details reads the whole account by pages of that size.
func (k *kit) details(size int32, filter ...types.EntityType) (out iam.GetAccountAuthorizationDetailsOutput, pages int) {
	k.Helper()
	p := iam.NewGetAccountAuthorizationDetailsPaginator(k.iam, &iam.GetAccountAuthorizationDetailsInput{MaxItems: &size, Filter: filter})
	for p.HasMorePages() {
		page := must(p.NextPage(k.ctx()))
		out.UserDetailList = append(out.UserDetailList, page.UserDetailList...)
		out.GroupDetailList = append(out.GroupDetailList, page.GroupDetailList...)
		out.RoleDetailList = append(out.RoleDetailList, page.RoleDetailList...)
		out.Policies = append(out.Policies, page.Policies...)
		if n := len(page.UserDetailList) + len(page.GroupDetailList) + len(page.RoleDetailList) + len(page.Policies); n > int(size) {
			k.Errorf("a page of at most %d has %d", size, n)
		}
		pages++
	}
	return out, pages
}

var ours = []types.EntityType{types.EntityTypeUser, types.EntityTypeGroup, types.EntityTypeRole, types.EntityTypeLocalManagedPolicy}

func TestDetails(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	var want []string
	for i := range 7 {
		k.user(fmt.Sprint("u", i))
		k.group(fmt.Sprint("g", i))
		k.role(fmt.Sprint("r", i))
		k.policy(fmt.Sprint("p", i))
	}
	for _, kind := range "ugrp" {
		for i := range 7 {
			want = append(want, fmt.Sprintf("%c%d", kind, i))
		}
	}
	for _, size := range []int32{1, 3, 7, 27, 28, 1000} {
		d, pages := k.details(size, ours...)
		var got []string
		for _, u := range d.UserDetailList {
			got = append(got, *u.UserName)
		}
		for _, g := range d.GroupDetailList {
			got = append(got, *g.GroupName)
		}
		for _, r := range d.RoleDetailList {
			got = append(got, *r.RoleName)
		}
		for _, p := range d.Policies {
			got = append(got, *p.PolicyName)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by pages of %d (-want +got):\n%s", size, diff)
		}
		if least := (28 + int(size) - 1) / int(size); pages != least {
			t.Errorf("by pages of %d: %d pages, want %d", size, pages, least)
		}
	}
	if d, _ := k.details(1000, types.EntityTypeRole); len(d.UserDetailList)+len(d.GroupDetailList)+len(d.Policies) > 0 || len(d.RoleDetailList) != 7 {
		t.Errorf("with Filter=Role: %d users, %d groups, %d roles, %d policies", len(d.UserDetailList), len(d.GroupDetailList), len(d.RoleDetailList), len(d.Policies))
	}
	d, _ := k.details(1000, types.EntityTypeAWSManagedPolicy)
	if len(d.Policies) < 1000 {
		t.Errorf("AWS has %d policies, want over a thousand", len(d.Policies))
	}
	for _, p := range d.Policies {
		if *p.PolicyName == "" || len(*p.PolicyId) != 21 || len(p.PolicyVersionList) != 1 || !strings.HasPrefix(*p.PolicyVersionList[0].Document, "%7B") {
			t.Fatalf("policy %s: id %s, %d versions", *p.PolicyName, *p.PolicyId, len(p.PolicyVersionList))
		}
	}
	if _, err := k.iam.GetAccountAuthorizationDetails(k.ctx(), &iam.GetAccountAuthorizationDetailsInput{MaxItems: new(int32(1001))}); code(err) != "ValidationError" {
		t.Errorf("a page of 1001: %v, want ValidationError", err)
	}
}

// TestDetailsShowWhatTheyShow, and lack what IAM's lack.
func TestDetailsShowWhatTheyShow(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.user("u")
	k.group("g")
	must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("u"), GroupName: new("g")}))
	must(k.iam.PutUserPermissionsBoundary(k.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: new("u"), PermissionsBoundary: new(coreARN)}))
	must(k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("u"), PolicyName: new("i"), PolicyDocument: new(denyAll)}))
	must(k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{
		RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2), Description: new("d"), PermissionsBoundary: new(coreARN),
		Tags: []types.Tag{{Key: new("k"), Value: new("v")}},
	}))
	k.profile("with", "r")
	k.profile("without", "")
	k.attachRole("r", k.policy("p"))
	must(k.iam.TagPolicy(k.ctx(), &iam.TagPolicyInput{PolicyArn: new(ownPolicy + "p"), Tags: []types.Tag{{Key: new("k"), Value: new("v")}}}))
	must(k.iam.CreatePolicyVersion(k.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: new(ownPolicy + "p"), PolicyDocument: new(denyAll), SetAsDefault: true}))

	d, _ := k.details(1000, ours...)
	u, r, p := d.UserDetailList[0], d.RoleDetailList[0], d.Policies[0]
	got := map[string]any{
		"groups": u.GroupList, "user boundary": *u.PermissionsBoundary.PermissionsBoundaryArn, "inline": *u.UserPolicyList[0].PolicyName,
		"role tags": len(r.Tags), "role boundary": *r.PermissionsBoundary.PermissionsBoundaryArn, "attached": *r.AttachedManagedPolicies[0].PolicyArn,
		"profiles": len(r.InstanceProfileList), "profile": *r.InstanceProfileList[0].InstanceProfileName, "role of profile": *r.InstanceProfileList[0].Roles[0].RoleName,
		"versions": len(p.PolicyVersionList), "default": *p.DefaultVersionId, "attachments": *p.AttachmentCount,
	}
	want := map[string]any{
		"groups": []string{"g"}, "user boundary": coreARN, "inline": "i",
		"role tags": 1, "role boundary": coreARN, "attached": ownPolicy + "p",
		"profiles": 1, "profile": "with", "role of profile": "r",
		"versions": 2, "default": "v2", "attachments": int32(1),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
	if listed := must(k.iam.ListRoles(k.ctx(), nil)).Roles[0]; *listed.Description != "d" || listed.Tags != nil || listed.PermissionsBoundary != nil {
		t.Errorf("ListRoles shows description %v, tags %v and boundary %v, want the description alone", *listed.Description, listed.Tags, listed.PermissionsBoundary)
	}
	if bounded := must(k.iam.ListEntitiesForPolicy(k.ctx(), &iam.ListEntitiesForPolicyInput{PolicyArn: new(coreARN), PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary})); len(bounded.PolicyUsers) != 1 || len(bounded.PolicyRoles) != 1 {
		t.Errorf("bounded by Core: %d users and %d roles, want one each", len(bounded.PolicyUsers), len(bounded.PolicyRoles))
	}
}

// TestDetailsAreCutShort: however large MaxItems, a page has an end.
func TestDetailsAreCutShort(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	big := strings.Replace(denyAll, `"Resource":"*"`, `"Resource":"arn:aws:s3:::`+strings.Repeat("x", 5000)+`"`, 1)
	for i := range 300 {
		must(k.iam.CreatePolicy(k.ctx(), &iam.CreatePolicyInput{PolicyName: new(fmt.Sprint("p", i)), PolicyDocument: &big}))
	}
	d, pages := k.details(1000, ours...)
	if len(d.Policies) != 300 || pages < 2 {
		t.Errorf("%d policies on %d pages, want 300 on several", len(d.Policies), pages)
	}
}

func BenchmarkDetails(b *testing.B) {
	for _, users := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			k := newKit(b)
			ctx := b.Context()
			for i := range users {
				name := new(fmt.Sprintf("user-%05d", i))
				if _, err := k.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
					b.Fatal(err)
				}
				if _, err := k.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: new("i"), PolicyDocument: new(denyAll)}); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				p := iam.NewGetAccountAuthorizationDetailsPaginator(k.iam, &iam.GetAccountAuthorizationDetailsInput{MaxItems: new(int32(1000)), Filter: ours})
				for p.HasMorePages() {
					if _, err := p.NextPage(ctx); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
