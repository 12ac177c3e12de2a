package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/resource"
)

func id(kind, name string) resource.ID { return resource.ID{Kind: kind, Name: name} }

// Fault 44: a plan that takes from a break-glass principal.
//
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

// Fault 44: a plan that takes from a break-glass principal on the way.
//
// The plan may end at any step, and then nothing else may work.
func TestBreakGlassOnTheWay(t *testing.T) {
	t.Parallel()
	const help = " [P012]; give it the new grant in one apply, and take the old one away in the next"
	tests := map[string]struct {
		before, after string
		order         []string
		want          []string
	}{
		"the old grant goes first": {
			"user/root attachment/user/root/s3", "user/root inline/user/root/p=s3",
			[]string{"attachment/user/root/s3", "inline/user/root/p"},
			[]string{"user/root is break-glass, and this plan takes something from it on the way: once it deletes attachment/user/root/s3, and until it creates inline/user/root/p, s3:GetObject on arn:aws:s3:::acme/example is not allowed" + help},
		},
		"the new grant comes first": {
			"user/root attachment/user/root/s3", "user/root inline/user/root/p=s3", []string{"inline/user/root/p", "attachment/user/root/s3"}, nil,
		},
		"a group loses it before another has it": {
			"user/root group/a group/b membership/a/root membership/b/root attachment/group/a/s3", "user/root group/a group/b membership/a/root membership/b/root attachment/group/b/s3",
			[]string{"attachment/group/a/s3", "attachment/group/b/s3"},
			[]string{"user/root is break-glass, and this plan takes something from it on the way: once it deletes attachment/group/a/s3, and until it creates attachment/group/b/s3, s3:GetObject on arn:aws:s3:::acme/example is not allowed" + help},
		},
		"a text in the place of one that cannot be read": {
			"user/root attachment/user/root/secret attachment/user/root/less", "user/root attachment/user/root/all attachment/user/root/less",
			[]string{"attachment/user/root/secret", "attachment/user/root/all"},
			[]string{"note: attachment/user/root/secret: user/root is break-glass, and it cannot be proven that this plan takes nothing from it on the way: the text of secret is not known: it is newer than this program"},
		},
		"steps that do not touch it": {
			"user/root user/bob attachment/user/root/s3 attachment/user/bob/s3", "user/root user/bob attachment/user/root/s3 inline/user/bob/p=s3", []string{"attachment/user/bob/s3", "inline/user/bob/p"}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.BreakGlass = []resource.ID{id("user", "root")}
			arrange(t, &in, tt.before, tt.order, nil)
			got := said(check.Run(in))
			if tt.want == nil {
				tt.want = []string{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			in.At = nil
			if got := said(check.Run(in)); len(got) > 0 {
				t.Errorf("where nobody tells what is in between: %v", got)
			}
		})
	}
}

// What a principal loses for good is said once.
func TestBreakGlassLosesOnce(t *testing.T) {
	t.Parallel()
	const before = "user/root attachment/user/root/s3 attachment/user/root/read"
	in := input(t, before, "user/root")
	in.BreakGlass = []resource.ID{id("user", "root")}
	arrange(t, &in, before, []string{"attachment/user/root/s3", "attachment/user/root/read"}, nil)
	if refused, _ := check.Run(in); len(refused) != 1 {
		t.Errorf("%d refusals, want 1: %v", len(refused), refused)
	}
}

// A role that a plan takes away and makes again is not there when it is needed,
// and neither is its door while a plan opens it anew.
func TestBreakGlassGoneOnTheWay(t *testing.T) {
	t.Parallel()
	const before, after = "role/root=both attachment/role/root/s3 user/bob", "role/root=both inline/role/root/p=s3 user/bob"
	tests := map[string]struct {
		between, want string
	}{
		"gone":         {"user/bob", "access.yaml:2:1: role/root is break-glass, and this plan takes something from it on the way: once it creates inline/role/root/p, and until it deletes attachment/role/root/s3, it is not there [P012]; give it the new grant in one apply, and take the old one away in the next"},
		"not open":     {"role/root=alice attachment/role/root/s3", "access.yaml:2:1: role/root is break-glass, and this plan takes something from it on the way: once it creates inline/role/root/p, and until it deletes attachment/role/root/s3, it keeps out some who may assume it: arn:aws:iam::123456789012:user/bob [P012]; give it the new grant in one apply, and take the old one away in the next"},
		"as it should": {before, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, before, after)
			in.BreakGlass = []resource.ID{id("role", "root")}
			arrange(t, &in, before, []string{"inline/role/root/p", "attachment/role/root/s3"}, nil)
			in.At = func([]int) *access.Account { return snapshot(first(things(tt.between))) }
			want := []string{tt.want}
			if tt.want == "" {
				want = []string{}
			}
			if diff := cmp.Diff(want, said(check.Run(in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func first[A, B any](a A, _ B) A { return a }
