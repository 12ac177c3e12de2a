package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

func init() {
	texts["members"] = policy.New(policy.Allow("iam:AddUserToGroup", "iam:RemoveUserFromGroup").On("*"))
	texts["adds"] = policy.New(policy.Allow("iam:AddUserToGroup").On("*"))
	texts["no-removal"] = policy.New(policy.Deny("iam:RemoveUserFromGroup").On("*"))
	texts["adds-by-team"] = policy.New(policy.Allow("iam:*UserFromGroup", "iam:*UserToGroup").On("*").If("StringEquals", "aws:PrincipalTag/Team", "ops"))
	texts["attaches-read"] = policy.New(policy.Allow("iam:AttachGroupPolicy", "iam:DetachGroupPolicy").On("*").If("ArnEquals", "iam:PolicyARN", arn("policy", "read")))
	texts["adds-to-a"] = policy.New(policy.Allow("iam:*").On(arn("group", "a")))
}

// Faults 9, 10: access denied in the middle of a plan, and denied for the inverse.
//
// Whoever applies a plan must be granted each of its calls, and those that undo
// it, before it starts.
func TestRights(t *testing.T) {
	t.Parallel()
	const (
		help   = " [P016]; have the policy granted that `ssmctl doctor --permissions SPEC` prints; or apply it as somebody who may"
		others = " [P016]; have that taken away: no grant counts against it; or apply it as somebody else"
		who    = "user/alice, who would apply this plan, may not call "
		g      = " on arn:aws:iam::123456789012:group/"
	)
	tests := map[string]struct {
		caller, before, after string
		want                  []string
	}{
		"nothing is granted": {
			alice, "user/alice", "user/alice membership/a/b",
			[]string{
				"access.yaml:2:1: " + who + "iam:AddUserToGroup" + g + "a, which it takes for membership/a/b: no policy grants it" + help,
				"access.yaml:2:1: " + who + "iam:RemoveUserFromGroup" + g + "a, without which membership/a/b could not be undone: no policy grants it" + help,
			},
		},
		"all is granted": {alice, "user/alice attachment/user/alice/members", "user/alice attachment/user/alice/members membership/a/b", nil},
		"what undoes it is not": {
			alice, "user/alice attachment/user/alice/adds", "user/alice attachment/user/alice/adds membership/a/b",
			[]string{"access.yaml:3:1: " + who + "iam:RemoveUserFromGroup" + g + "a, without which membership/a/b could not be undone: no policy grants it" + help},
		},
		"what undoes it is denied": {
			alice, "user/alice group/x membership/x/alice attachment/group/x/members inline/group/x/no=no-removal", "user/alice group/x membership/x/alice attachment/group/x/members inline/group/x/no=no-removal membership/a/b",
			[]string{"access.yaml:6:1: " + who + "iam:RemoveUserFromGroup" + g + "a, without which membership/a/b could not be undone: inline/group/x/no denies it" + others},
		},
		"the boundary does not allow it": {
			alice, "user/alice attachment/user/alice/all boundary/user/alice=adds", "user/alice attachment/user/alice/all boundary/user/alice=adds membership/a/b",
			[]string{"access.yaml:4:1: " + who + "iam:RemoveUserFromGroup" + g + "a, without which membership/a/b could not be undone: the boundary adds does not allow it" + others},
		},
		"on some of what it acts on": {
			alice, "user/alice attachment/user/alice/adds-to-a", "user/alice attachment/user/alice/adds-to-a membership/a/b membership/c/b membership/d/b membership/d/e",
			[]string{
				"access.yaml:4:1: " + who + "iam:AddUserToGroup" + g + "c and on 1 more, which it takes for membership/c/b, membership/d/b and membership/d/e: no policy grants it" + help,
				"access.yaml:4:1: " + who + "iam:RemoveUserFromGroup" + g + "c and on 1 more, without which membership/c/b, membership/d/b and membership/d/e could not be undone: no policy grants it" + help,
			},
		},
		"many actions at once": {
			alice, "user/alice attachment/role/r/x attachment/user/u/x attachment/group/g/x membership/g/u", "user/alice attachment/role/r/y attachment/user/u/y attachment/group/g/y membership/h/u",
			[]string{
				"access.yaml:2:1: user/alice, who would apply this plan, may not make 5 other calls that it takes: iam:AddUserToGroup, iam:AttachRolePolicy, iam:AttachUserPolicy, iam:DetachUserPolicy and iam:RemoveUserFromGroup" + help,
				"access.yaml:4:1: " + who + "iam:AttachGroupPolicy" + g + "g, which it takes for attachment/group/g/y: no policy grants it" + help,
				"access.yaml:5:1: " + who + "iam:RemoveUserFromGroup" + g + "h, without which membership/h/u could not be undone: no policy grants it" + help,
				who + "iam:DetachGroupPolicy" + g + "g, which it takes for attachment/group/g/x: no policy grants it" + help,
				who + "iam:DetachRolePolicy on arn:aws:iam::123456789012:role/r, which it takes for attachment/role/r/x: no policy grants it" + help,
				who + "iam:AddUserToGroup" + g + "g, without which membership/g/u could not be undone: no policy grants it" + help,
			},
		},
		"a role, by its session": {session, "role/ci=ec2 attachment/role/ci/members", "role/ci=ec2 attachment/role/ci/members membership/a/b", nil},
		"a role, by its session, without": {
			session, "role/ci=ec2 attachment/role/ci/adds", "role/ci=ec2 attachment/role/ci/adds membership/a/b",
			[]string{"access.yaml:3:1: role/ci, who would apply this plan, may not call iam:RemoveUserFromGroup" + g + "a, without which membership/a/b could not be undone: no policy grants it" + help},
		},
		"the root": {"arn:aws:iam::" + account + ":root", "user/alice", "user/alice membership/a/b", nil},
		"a caller of another account": {
			"arn:aws:sts::999999999999:assumed-role/ci/x", "user/alice", "user/alice membership/a/b",
			[]string{"note: arn:aws:sts::999999999999:assumed-role/ci/x is no user or role that this account shows, so nobody checked that the plan's caller may do and undo it, nor that the plan leaves its caller able to"},
		},
		"a second factor decides": {
			alice, "user/alice attachment/user/alice/with-mfa", "user/alice attachment/user/alice/with-mfa membership/a/b",
			[]string{"note: user/alice: it is not certain that user/alice, who would apply this plan, may call iam:AddUserToGroup and iam:RemoveUserFromGroup: that hangs on aws:MultiFactorAuthPresent"},
		},
		"a policy that nobody can read may grant it": {
			alice, "user/alice attachment/user/alice/adds attachment/user/alice/secret", "user/alice attachment/user/alice/adds attachment/user/alice/secret membership/a/b",
			[]string{"note: user/alice: it is not certain that user/alice, who would apply this plan, may call iam:RemoveUserFromGroup: that hangs on secret, whose text is not known (it is newer than this program)"},
		},
		"a boundary that nobody can read may not": {
			alice, "user/alice attachment/user/alice/all boundary/user/alice=secret", "user/alice attachment/user/alice/all boundary/user/alice=secret membership/a/b",
			[]string{"note: user/alice: it is not certain that user/alice, who would apply this plan, may call iam:AddUserToGroup and iam:RemoveUserFromGroup: that hangs on secret, whose text is not known (it is newer than this program)"},
		},
		"a denial counts whatever cannot be read": {
			alice, "user/alice inline/user/alice/no=no-iam attachment/user/alice/secret", "user/alice inline/user/alice/no=no-iam attachment/user/alice/secret membership/a/b",
			[]string{
				"access.yaml:4:1: " + who + "iam:AddUserToGroup" + g + "a, which it takes for membership/a/b: inline/user/alice/no denies it" + others,
				"access.yaml:4:1: " + who + "iam:RemoveUserFromGroup" + g + "a, without which membership/a/b could not be undone: inline/user/alice/no denies it" + others,
			},
		},
		"its own tag decides": {alice, "user/alice=Team=ops attachment/user/alice/adds-by-team", "user/alice=Team=ops attachment/user/alice/adds-by-team membership/a/b", nil},
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

// What the plan gives its caller first counts for the steps that wait for it,
// and for no others.
func TestRightsGivenByThePlan(t *testing.T) {
	t.Parallel()
	const before, after = "user/alice attachment/user/alice/attach", "user/alice attachment/user/alice/attach inline/user/alice/p=members membership/a/b"
	const given = "note: user/alice: user/alice, who would apply this plan, may call iam:AddUserToGroup and iam:RemoveUserFromGroup only by what the plan itself gives: AWS takes seconds to spread that, and a call that comes sooner fails"
	order := []string{"inline/user/alice/p", "membership/a/b"}
	in := input(t, before, after)
	in.Caller = alice
	arrange(t, &in, before, order, map[string]string{"membership/a/b": "inline/user/alice/p"})
	if diff := cmp.Diff([]string{given}, said(check.Run(in))); diff != "" {
		t.Errorf("of a step that waits (-want +got):\n%s", diff)
	}
	arrange(t, &in, before, order, nil)
	if refused, _ := check.Run(in); len(refused) != 2 || refused[0].Code != check.CodeCaller {
		t.Errorf("of a step that does not wait: %v", refused)
	}
}

// What every plan writes, such as the lock, is looked at too; what every plan
// reads was read to make this one.
func TestRightsOfEveryPlan(t *testing.T) {
	t.Parallel()
	in := input(t, "user/alice attachment/user/alice/members", "user/alice attachment/user/alice/members membership/a/b")
	in.Caller = alice
	lock := policy.Request{Action: "ssm:PutParameter", Resource: "arn:aws:ssm:us-east-1:" + account + ":parameter/lock"}
	in.Calls = func(c resource.Change) []policy.Request {
		if c == (resource.Change{}) {
			return append(calls(c), lock)
		}
		return calls(c)
	}
	want := []string{"user/alice, who would apply this plan, may not call ssm:PutParameter on " + lock.Resource + ", which every plan takes: no policy grants it [P016]; have the policy granted that `ssmctl doctor --permissions SPEC` prints; or apply it as somebody who may"}
	if diff := cmp.Diff(want, said(check.Run(in))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What cannot be undone is not undone, whatever the caller may do.
func TestRightsOfWhatCannotBeUndone(t *testing.T) {
	t.Parallel()
	in := input(t, "user/alice attachment/user/alice/adds", "user/alice attachment/user/alice/adds membership/a/b")
	in.Caller, in.Plan.Steps[0].Loss = alice, resource.Loss{What: "everything", Final: true}
	if got := said(check.Run(in)); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// The keys of a request decide, where a policy looks at them.
func TestRightsByTheKeysOfACall(t *testing.T) {
	t.Parallel()
	in := input(t, "user/alice attachment/user/alice/attaches-read", "user/alice attachment/user/alice/attaches-read attachment/group/g/read attachment/group/g/all")
	in.Caller = alice
	in.Calls = func(c resource.Change) []policy.Request {
		all := calls(c)
		if c == (resource.Change{}) {
			return all
		}
		for i := range all {
			_, _, name := cut3(c.ID().Name)
			all[i].Context = policy.Context{"iam:PolicyARN": policy.One(arn("policy", name))}
		}
		return all
	}
	texts := func(lacks []check.Lack) (all []string) {
		for _, l := range lacks {
			for _, s := range l.Steps {
				all = append(all, l.Action+" for "+s.String())
			}
		}
		return all
	}
	want := []string{"iam:AttachGroupPolicy for attachment/group/g/all", "iam:DetachGroupPolicy for attachment/group/g/all"}
	if diff := cmp.Diff(want, texts(check.Lacks(in))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(check.CallsOf(in.Plan, in.Calls)); n != 5 {
		t.Errorf("the plan makes %d calls, want 2 for each step and 1 to read", n)
	}
}

// The file of the spec is named where the help has a command to copy.
func TestRightsNameTheSpec(t *testing.T) {
	t.Parallel()
	in := input(t, "user/alice", "user/alice membership/a/b")
	in.Caller, in.Plan.Spec.File = alice, "web.yaml"
	refused, _ := check.Run(in)
	if want := "have the policy granted that `ssmctl doctor --permissions web.yaml` prints; or apply it as somebody who may"; len(refused) != 2 || refused[0].Help != want {
		t.Errorf("refused: %v, want the help %q", refused, want)
	}
}

// All that is lacking is told as data, which no summary cuts off.
func TestLacks(t *testing.T) {
	t.Parallel()
	in := input(t, "user/alice attachment/user/alice/adds attachment/user/alice/with-mfa inline/user/alice/no=no-removal", "user/alice attachment/user/alice/adds attachment/user/alice/with-mfa inline/user/alice/no=no-removal membership/a/b membership/a/c attachment/group/a/x")
	in.Caller = alice
	mfa := []string{"aws:MultiFactorAuthPresent"}
	want := []check.Lack{
		{Action: "iam:AttachGroupPolicy", Resource: arn("group", "a"), Steps: []resource.ID{id("attachment", "group/a/x")}, Why: "not certain", Unsure: mfa},
		{Action: "iam:DetachGroupPolicy", Resource: arn("group", "a"), Undo: true, Steps: []resource.ID{id("attachment", "group/a/x")}, Why: "not certain", Unsure: mfa},
		{Action: "iam:RemoveUserFromGroup", Resource: arn("group", "a"), Undo: true, Steps: []resource.ID{id("membership", "a/b"), id("membership", "a/c")}, Why: "inline/user/alice/no denies it"},
	}
	if diff := cmp.Diff(want, check.Lacks(in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, caller := range []string{"arn:aws:iam::" + account + ":root", "arn:aws:iam::999999999999:user/eve"} {
		in.Caller = caller
		if got := check.Lacks(in); got != nil {
			t.Errorf("%s lacks %v", caller, got)
		}
	}
}

// BenchmarkRights looks at 2,000 steps by a caller who may do everything, and
// who is one of those that hold it by a group.
func BenchmarkRights(b *testing.B) {
	have := "user/u1 group/admins membership/admins/u1 attachment/group/admins/all "
	in := input(b, have, have+many("user/n%d", 1, 1000)+many("attachment/user/n%d/read", 1, 1000))
	in.Caller = arn("user", "u1")
	if len(in.Plan.Steps) != 2000 {
		b.Fatalf("%d steps", len(in.Plan.Steps))
	}
	for b.Loop() {
		if refused, notes := check.Run(in); len(refused)+len(notes) > 0 {
			b.Fatal(refused, notes)
		}
	}
}
