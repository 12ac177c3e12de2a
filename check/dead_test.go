package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

func init() {
	texts["dead"] = trust(policy.Principals{AWS: []string{"AIDAEXAMPLEEXAMPLE123", "111111111111"}})
	texts["dead-role"] = trust(policy.Principals{AWS: []string{"AROAEXAMPLEEXAMPLE123"}})
	texts["self"] = trust(policy.Principals{AWS: []string{arn("role/ops", "r")}})
}

// Fault 48: an old trust policy that names a principal which is not there.
//
// IAM takes no trust policy that names a user or role that has been deleted,
// nor on the way back.
func TestDeadPrincipals(t *testing.T) {
	t.Parallel()
	const (
		help  = " [P017]; leave it out of `trust`, or name a user or role that is there: one made anew is another to IAM, even under the same name"
		would = "access.yaml:1:1: role/r would trust AIDAEXAMPLEEXAMPLE123, which is what is left of a user or role that has been deleted: IAM takes no such trust policy" + help
		was   = "note: role/r: it trusts AIDAEXAMPLEEXAMPLE123, which is what is left of a user or role that has been deleted: IAM would not take that trust policy again, so this step cannot be undone"
	)
	tests := map[string]struct {
		before, after string
		order         []string // of the plan's steps; nil as planned
		want          []string
	}{
		"one that is written over": {"role/r=dead", "role/r=ec2", nil, []string{was}},
		"that of a role that goes": {"role/r=dead", "user/x", nil, []string{was}},
		"that of a deleted role":   {"role/r=dead-role", "role/r=ec2", nil, []string{strings.Replace(was, "AIDA", "AROA", 1)}},
		"one that stays":           {"role/r=dead", "role/r=dead attachment/role/r/read", nil, nil},
		"one that comes":           {"role/r=ec2", "role/r=dead", nil, []string{would}},
		"that of a new role":       {"user/x", "role/r=dead", nil, []string{would}},
		"none":                     {"role/r=ec2", "role/r=both", nil, nil},
		"a user who goes after it": {"role/r=alice user/alice", "role/r=ec2", []string{"role/r", "user/alice"}, nil},
		"a user who goes before it": {
			"role/r=alice user/alice", "role/r=ec2",
			[]string{"user/alice", "role/r"},
			[]string{"note: role/r: it trusts user/alice, which this plan deletes: undoing the plan comes to this step before user/alice is there again, and IAM would not take the old trust policy"},
		},
		"a user who goes, and is trusted on": {
			"role/r=alice user/alice", "role/r=alice", nil,
			[]string{"role/r trusts user/alice, which this plan deletes: the trust policy would be left with an id that is nobody's, and undoing the plan would not bring the trust back" + help},
		},
		"a user who is trusted by somebody else's role": {
			"~role/other=alice user/alice", "user/x", nil,
			[]string{"role/other trusts user/alice, which this plan deletes: the trust policy would be left with an id that is nobody's, and undoing the plan would not bring the trust back" + help},
		},
		"a user whom nobody trusts": {"~role/other=both user/alice user/bob user/x", "user/alice user/bob", nil, nil},
		"both go, the role first":   {"role/r=alice user/alice", "user/x", []string{"role/r", "user/alice", "user/x"}, nil},
		"a role that trusts itself goes": {
			"role/r=self", "user/x", nil,
			[]string{"note: role/r: it trusts role/r, which this plan deletes: undoing the plan comes to this step before role/r is there again, and IAM would not take the old trust policy"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			if tt.order != nil {
				arrange(t, &in, tt.before, tt.order, nil)
			}
			refused, notes := check.Run(in)
			want := tt.want
			if want == nil {
				want = []string{}
			}
			if diff := cmp.Diff(want, said(refused, notes)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, n := range notes {
				if n.Code != check.CodeDead {
					t.Errorf("the code of %q is %q", n.Text, n.Code)
				}
			}
		})
	}
}

// A trust policy that a step does not write is nobody's matter.
func TestDeadPrincipalsOfAnotherChange(t *testing.T) {
	t.Parallel()
	in := input(t, "role/r=dead", "role/r=dead attachment/role/r/read")
	role := thing{id("role", "r"), "another description"}
	in.Plan.Steps = append(in.Plan.Steps, planner.Step{Change: resource.Change{Before: role, After: role}})
	if got := said(check.Run(in)); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// A user that a plan deletes and makes anew is another to IAM: a trust policy
// means the new one only if it is written after that.
func TestDeadPrincipalsMadeAnew(t *testing.T) {
	t.Parallel()
	alice, role := thing{id("user", "alice"), ""}, func(says string) thing { return thing{id("role", "r"), says} }
	goes, comes := resource.Change{Before: alice}, resource.Change{After: alice}
	tests := map[string]struct {
		before, after string // the role's trust policy
		steps         []resource.Change
		refused       int
		notes         int
	}{
		"not written":     {"alice", "alice", []resource.Change{goes, comes}, 1, 0},
		"written before":  {"alice", "both", []resource.Change{{Before: role("alice"), After: role("both")}, goes, comes}, 1, 0},
		"written between": {"alice", "both", []resource.Change{goes, {Before: role("alice"), After: role("both")}, comes}, 1, 1},
		"not made anew":   {"ec2", "alice", []resource.Change{goes, {Before: role("ec2"), After: role("alice")}}, 1, 0},
		"written after":   {"ec2", "alice", []resource.Change{goes, comes, {Before: role("ec2"), After: role("alice")}}, 0, 0},
		"put back after":  {"alice", "both", []resource.Change{goes, comes, {Before: role("alice"), After: role("both")}}, 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, "user/alice role/r="+tt.before, "user/alice role/r="+tt.after)
			in.Plan.Steps = nil
			for _, c := range tt.steps {
				in.Plan.Steps = append(in.Plan.Steps, planner.Step{Change: c})
			}
			refused, notes := check.Run(in)
			if len(refused) != tt.refused || len(notes) != tt.notes {
				t.Errorf("%d refusals and %d notes, want %d and %d: %v", len(refused), len(notes), tt.refused, tt.notes, said(refused, notes))
			}
		})
	}
}
