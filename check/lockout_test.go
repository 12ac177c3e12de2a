package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/check"
)

const (
	alice   = "arn:aws:iam::" + account + ":user/alice"
	session = "arn:aws:sts::" + account + ":assumed-role/ci/build-7"
)

// Fault 44: a plan that takes from its own caller what it needs.
//
// Whoever applies a plan must be able to finish it, and to undo it.
func TestLockOut(t *testing.T) {
	t.Parallel()
	const admin = "user/alice group/admins attachment/group/admins/admin "
	const unsureMFA = "note: user/alice: it is not certain that user/alice, who would apply this plan, may call iam:DetachUserPolicy and iam:AttachUserPolicy: that hangs on aws:MultiFactorAuthPresent"
	tests := map[string]struct {
		caller, before, after string
		want                  []string
	}{
		"leaving the group that allows it": {
			alice, admin + "membership/admins/alice", admin,
			[]string{"user/alice, who would apply this plan, could not finish or undo it: once it deletes membership/admins/alice, iam:AddUserToGroup on arn:aws:iam::123456789012:group/admins is not allowed any more, nor are 2 other calls [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"the group losing the policy": {
			alice, admin + "membership/admins/alice", "user/alice group/admins membership/admins/alice",
			[]string{"user/alice, who would apply this plan, could not finish or undo it: once it deletes attachment/group/admins/admin, iam:AttachGroupPolicy on arn:aws:iam::123456789012:group/admins is not allowed any more, nor are 2 other calls [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"a denial": {
			alice, "user/alice attachment/user/alice/admin", "user/alice attachment/user/alice/admin inline/user/alice/fence=no-iam membership/a/b",
			[]string{"access.yaml:3:1: user/alice, who would apply this plan, could not finish or undo it: once it creates inline/user/alice/fence, iam:RemoveUserFromGroup on arn:aws:iam::123456789012:group/a is not allowed any more, nor are 2 other calls [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"a boundary": {
			alice, "user/alice attachment/user/alice/admin", "user/alice attachment/user/alice/admin boundary/user/alice=read",
			[]string{"access.yaml:3:1: user/alice, who would apply this plan, could not finish or undo it: once it creates boundary/user/alice, iam:GetAccountAuthorizationDetails is not allowed any more [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"a policy that says less": {
			alice, "user/alice policy/p=admin attachment/user/alice/p", "user/alice policy/p=read attachment/user/alice/p",
			[]string{"access.yaml:2:1: user/alice, who would apply this plan, could not finish or undo it: once it changes policy/p, iam:GetAccountAuthorizationDetails is not allowed any more [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"the user itself": {
			alice, "user/alice attachment/user/alice/admin", "group/rest",
			[]string{"user/alice, who would apply this plan, could not finish or undo it: once it deletes user/alice, iam:AttachUserPolicy on arn:aws:iam::123456789012:user/alice is not allowed any more, nor are 2 other calls [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"a role, by its session": {
			session, "role/ci=ec2 attachment/role/ci/all", "role/ci=ec2 attachment/role/ci/all group/a attachment/group/a/read inline/role/ci/fence=no-iam",
			[]string{"access.yaml:5:1: role/ci, who would apply this plan, could not finish or undo it: once it creates inline/role/ci/fence, iam:DetachGroupPolicy on arn:aws:iam::123456789012:group/a is not allowed any more, nor are 2 other calls [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another"},
		},
		"another group still allows it": {
			alice, admin + "group/other attachment/group/other/all membership/admins/alice membership/other/alice",
			admin + "group/other attachment/group/other/all membership/other/alice", nil,
		},
		"somebody else": {
			alice, admin + "user/bob membership/admins/alice membership/admins/bob", admin + "user/bob membership/admins/alice", nil,
		},
		"the root": {
			"arn:aws:iam::" + account + ":root", "user/alice attachment/user/alice/admin", "group/rest", nil,
		},
		"a second factor, before and after": {
			alice, "user/alice attachment/user/alice/with-mfa group/a", "user/alice attachment/user/alice/with-mfa", nil,
		},
		"a second factor no more": {
			alice, "user/alice attachment/user/alice/with-mfa", "user/alice inline/user/alice/fence=read",
			[]string{"user/alice, who would apply this plan, could not finish or undo it: once it deletes attachment/user/alice/with-mfa, iam:AttachUserPolicy on arn:aws:iam::123456789012:user/alice is not allowed any more, nor are 2 other calls [P011]; apply it as somebody else; or keep that grant in this apply, and have somebody else take it away in another", unsureMFA},
		},
		"a second factor from now on": {
			alice, "user/alice attachment/user/alice/admin", "user/alice attachment/user/alice/admin inline/user/alice/fence=mfa-only",
			[]string{"note: user/alice: once this plan is applied, what user/alice needs to undo it hangs on aws:MultiFactorAuthPresent"},
		},
		"of another account": {
			"arn:aws:iam::999999999999:user/eve", "user/alice", "user/alice user/bob",
			[]string{"note: arn:aws:iam::999999999999:user/eve is no user or role that this account shows, so nobody checked that the plan's caller may do and undo it, nor that the plan leaves its caller able to"},
		},
		"not there": {
			"arn:aws:sts::" + account + ":assumed-role/gone/x", "user/alice", "user/alice user/bob",
			[]string{"note: arn:aws:sts::123456789012:assumed-role/gone/x is no user or role that this account shows, so nobody checked that the plan's caller may do and undo it, nor that the plan leaves its caller able to"},
		},
		"a policy that cannot be read": {
			alice, "user/alice attachment/user/alice/secret", "user/alice",
			[]string{"note: user/alice: it is not certain that user/alice, who would apply this plan, may call iam:DetachUserPolicy and iam:AttachUserPolicy: that hangs on secret, whose text is not known (it is newer than this program)", "note: user/alice: user/alice, who would apply this plan, carries secret, whose text is not known: it is newer than this program; nobody checked what it gives or takes"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.Caller = tt.caller
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

// Fault 44: a plan that takes from its own caller, on the way, what it needs.
//
// It is not enough that the caller may as much after the plan as before it.
func TestLockOutOnTheWay(t *testing.T) {
	t.Parallel()
	const help = "; apply it as somebody else; or give the new grant in one apply, and take the old one away in the next"
	const before, after = "user/alice attachment/user/alice/admin ", "user/alice inline/user/alice/new=admin "
	grantGone := []string{"user/alice, who would apply this plan, could not go on with it or undo it: once it deletes attachment/user/alice/admin, and until it creates inline/user/alice/new, iam:AttachUserPolicy on arn:aws:iam::123456789012:user/alice is not allowed any more, nor is iam:GetAccountAuthorizationDetails [P011]" + help}
	tests := map[string]struct {
		before, after string
		order         []string // of the plan's steps
		waits         map[string]string
		want          []string
	}{
		"the old grant goes first": {
			before, after, []string{"attachment/user/alice/admin", "inline/user/alice/new"}, nil, grantGone,
		},
		"the new grant comes first": {
			before, after, []string{"inline/user/alice/new", "attachment/user/alice/admin"}, nil, nil,
		},
		"a step may be done while it is gone": {
			before, after + "membership/c/d",
			[]string{"membership/c/d", "attachment/user/alice/admin", "inline/user/alice/new"},
			nil,
			[]string{"user/alice, who would apply this plan, could not go on with it or undo it: once it deletes attachment/user/alice/admin, and until it creates inline/user/alice/new, iam:RemoveUserFromGroup on arn:aws:iam::123456789012:group/c is not allowed any more, nor are 3 other calls [P011]" + help},
		},
		"a step is done before it goes": {
			before, after + "membership/c/d",
			[]string{"membership/c/d", "attachment/user/alice/admin", "inline/user/alice/new"},
			map[string]string{"attachment/user/alice/admin": "membership/c/d"},
			grantGone,
		},
		"a step waits until it is back": {
			before, after + "membership/c/d",
			[]string{"attachment/user/alice/admin", "inline/user/alice/new", "membership/c/d"},
			map[string]string{"membership/c/d": "inline/user/alice/new"},
			grantGone,
		},
		"a denial that comes and goes": {
			"user/alice attachment/user/alice/all group/g membership/g/alice", "user/alice attachment/user/alice/all group/g attachment/group/g/no-iam",
			[]string{"attachment/group/g/no-iam", "membership/g/alice"},
			nil,
			[]string{"access.yaml:4:1: user/alice, who would apply this plan, could not go on with it or undo it: once it creates attachment/group/g/no-iam, and until it deletes membership/g/alice, iam:DetachGroupPolicy on arn:aws:iam::123456789012:group/g is not allowed any more, nor are 2 other calls [P011]" + help},
		},
		"a denial that never reaches the caller": {
			"user/alice attachment/user/alice/all group/g membership/g/alice", "user/alice attachment/user/alice/all group/g attachment/group/g/no-iam",
			[]string{"membership/g/alice", "attachment/group/g/no-iam"},
			nil, nil,
		},
		"a boundary in the place of another": {
			"user/alice attachment/user/alice/all policy/b=all boundary/user/alice=b", "user/alice attachment/user/alice/all policy/b=less boundary/user/alice=all",
			[]string{"policy/b", "boundary/user/alice"},
			nil,
			[]string{"access.yaml:3:1: user/alice, who would apply this plan, could not go on with it or undo it: once it changes policy/b, and until it changes boundary/user/alice, iam:GetAccountAuthorizationDetails is not allowed any more [P011]" + help},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.Caller = alice
			arrange(t, &in, tt.before, tt.order, tt.waits)
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
