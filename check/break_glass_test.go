package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/resource"
)

func id(kind, name string) resource.ID { return resource.ID{Kind: kind, Name: name} }

// Who must get in when nothing else works loses nothing.
func TestBreakGlass(t *testing.T) {
	t.Parallel()
	const help = "; leave it what it has; or take it out of `break_glass` in an apply of its own, if it is that no more"
	tests := map[string]struct {
		before, after string
		changes       []access.Change
		want          []string
	}{
		"what the comparison shows": {
			"user/root group/g membership/g/root attachment/group/g/read", "user/root group/g membership/g/root attachment/group/g/less",
			[]access.Change{
				{Who: id("user", "bob"), Effect: access.Loss, Actions: []string{"ssm:ListDocuments"}, Rights: "list documents"},
				{Who: id("group", "g"), Members: []string{"bob", "root"}, Effect: access.Loss, Actions: []string{"ssm:ListDocuments"}, Rights: "list documents", On: &access.Set{Text: "every instance"}, When: "only with MFA", Cause: []resource.ID{id("attachment", "group/g/read")}},
				{Who: id("user", "root"), Effect: access.Gain, Actions: []string{"ssm:ListDocuments"}, Rights: "list documents"},
			},
			[]string{"user/root is break-glass, and this plan takes from it: list documents on every instance, only with MFA (such as ssm:ListDocuments), once it deletes attachment/group/g/read [P012]" + help},
		},
		"what it takes to undo the plan": {
			"user/root attachment/user/root/admin", "user/root", nil,
			[]string{"user/root is break-glass, and could not undo this plan: once it deletes attachment/user/root/admin, iam:AttachUserPolicy on arn:aws:iam::123456789012:user/root is not allowed any more [P012]" + help},
		},
		"what there is nothing of yet": {
			"user/root policy/p=s3 attachment/user/root/p", "user/root policy/p=less attachment/user/root/p", nil,
			[]string{"access.yaml:2:1: user/root is break-glass, and this plan takes from it: once it changes policy/p, s3:GetObject on arn:aws:s3:::acme/example is not allowed any more [P012]" + help},
		},
		"the user itself": {
			"user/root", "user/bob", nil,
			[]string{"user/root is break-glass, and this plan deletes it [P012]" + help},
		},
		"the door of a role": {
			"role/root=both", "role/root=alice", nil,
			[]string{"access.yaml:1:1: role/root is break-glass, and this plan keeps out some who may assume it: arn:aws:iam::123456789012:user/bob [P012]" + help},
		},
		"a second factor at the door": {
			"role/root=alice", "role/root=mfa", nil,
			[]string{"access.yaml:1:1: role/root is break-glass, and this plan keeps out some who may assume it: arn:aws:iam::123456789012:user/alice [P012]" + help},
		},
		"gaining":       {"user/root attachment/user/root/read", "user/root attachment/user/root/read attachment/user/root/s3", nil, nil},
		"another way":   {"user/root attachment/user/root/read", "user/root inline/user/root/p=split", nil, nil},
		"somebody else": {"user/root user/bob attachment/user/bob/all", "user/root user/bob", nil, nil},
		"a wider door":  {"role/root=mfa", "role/root=both", nil, nil},
		"not there yet": {"user/bob", "user/bob user/root", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.Changes = tt.changes
			in.BreakGlass = []resource.ID{id("user", "root"), id("role", "root")}
			got := said(check.Run(in))
			if tt.want == nil {
				tt.want = []string{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
