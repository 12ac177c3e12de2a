package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/policy"
)

// many are things numbered from first to last, "%d" standing for the number.
func many(pattern string, first, last int) string {
	var all []string
	for n := first; n <= last; n++ {
		all = append(all, strings.ReplaceAll(pattern, "%d", fmt.Sprint(n)))
	}
	return strings.Join(all, " ") + " "
}

func init() {
	for size, name := range map[int]string{1500: "big", 700: "medium", 7000: "huge", 3000: "long"} {
		texts[name] = policy.New(policy.Allow("ssm:GetParameter").On("arn:aws:ssm:us-east-1:" + account + ":parameter/" + strings.Repeat("x", size)))
	}
	services := make([]string, 100)
	for i := range services {
		services[i] = fmt.Sprintf("service-number-%d.amazonaws.com", i)
	}
	texts["wide"] = trust(policy.Principals{Service: services})
}

// A plan stays within what IAM takes, whoever made what is there.
func TestQuotas(t *testing.T) {
	t.Parallel()
	const merge = " [P013]; merge policies, or detach some that others attached; or ask AWS to raise \"Managed policies per role\" in Service Quotas"
	tests := map[string]struct {
		before, after string
		quotas        map[string]int
		want          []string
	}{
		"ten policies on a role": {"role/r=ec2", "role/r=ec2 " + many("attachment/role/r/p%d", 1, 10), nil, nil},
		"eleven": {
			"role/r=ec2", "role/r=ec2 " + many("attachment/role/r/p%d", 10, 20), nil,
			[]string{"access.yaml:12:1: attachment/role/r/p20 would make it 11 managed policies on role/r; IAM's default is 10" + merge},
		},
		"eleven where IAM takes twelve": {"role/r=ec2", "role/r=ec2 " + many("attachment/role/r/p%d", 10, 20), map[string]int{"AttachedPoliciesPerRoleQuota": 12}, nil},
		"eleven with those of others": {
			"~role/r=ec2 " + many("~attachment/role/r/other%d", 1, 10), "attachment/role/r/p",
			map[string]int{"AttachedPoliciesPerRoleQuota": 10},
			[]string{"access.yaml:1:1: attachment/role/r/p would make it 11 managed policies on role/r; IAM takes 10" + merge},
		},
		"another takes the place of one of ten": {
			"role/r=ec2 " + many("attachment/role/r/p%d", 10, 19), "role/r=ec2 " + many("attachment/role/r/p%d", 11, 20), map[string]int{"AttachedPoliciesPerRoleQuota": 11}, nil,
		},
		"over already, and staying so": {"role/r=ec2 " + many("attachment/role/r/p%d", 10, 29), "role/r=mfa " + many("attachment/role/r/p%d", 10, 28), map[string]int{"AttachedPoliciesPerRoleQuota": 10}, nil},
		"evidently raised":             {"role/r=ec2 " + many("attachment/role/r/p%d", 10, 24), "role/r=ec2 " + many("attachment/role/r/p%d", 10, 25), nil, nil},
		"an eleventh group": {
			"~user/u " + many("~group/g%d ~membership/g%d/u", 0, 9), "group/new membership/new/u",
			map[string]int{"GroupsPerUserQuota": 10},
			[]string{"access.yaml:2:1: membership/new/u would make it 11 groups with user/u in them; IAM takes 10 [P013]; merge groups, or take the user out of some"},
		},
		"inline policies together": {
			"user/u inline/user/u/a=big", "user/u inline/user/u/a=big inline/user/u/b=medium", nil,
			[]string{"access.yaml:3:1: inline/user/u/b would make it 2484 characters of inline policies on user/u; IAM's default is 2048 [P013]; move some to a managed policy"},
		},
		"inline policies of a group":       {"group/g inline/group/g/a=big", "group/g inline/group/g/a=big inline/group/g/b=medium", nil, nil},
		"an inline policy that shrinks":    {"user/u inline/user/u/a=huge", "user/u inline/user/u/a=long", nil, nil},
		"an inline policy that makes room": {"user/u inline/user/u/a=big inline/user/u/b=read", "user/u inline/user/u/a=medium inline/user/u/b=medium", nil, nil},
		"a policy that grows": {
			"policy/p=read", "policy/p=huge", nil,
			[]string{"access.yaml:1:1: policy/p would make it 7142 characters in policy/p; IAM's default is 6144 [P013]; split it"},
		},
		"a trust policy": {
			"role/r=ec2", "role/r=wide",
			map[string]int{"AssumeRolePolicySizeQuota": 2048},
			[]string{"access.yaml:1:1: role/r would make it 3497 characters in the trust policy of role/r; IAM takes 2048 [P013]; trust fewer principals, or whole accounts; or ask AWS to raise \"Role trust policy length\" in Service Quotas"},
		},
		"a long trust policy where IAM takes it": {"role/r=ec2", "role/r=wide", map[string]int{"AssumeRolePolicySizeQuota": 8192}, nil},
		"one role too many": {
			"role/a=ec2", "role/a=ec2 role/b=ec2 role/c=ec2",
			map[string]int{"Roles": 999, "RolesQuota": 1000},
			[]string{"access.yaml:3:1: role/c would make it 1001 roles in this account; IAM takes 1000 [P013]; delete some that nobody uses; or ask AWS to raise \"Roles per account\" in Service Quotas"},
		},
		"one role less, one more": {"role/a=ec2", "role/b=ec2", map[string]int{"Roles": 1000, "RolesQuota": 1000}, nil},
		"one profile too many": {
			"", "profile/p",
			map[string]int{"InstanceProfiles": 1000, "InstanceProfilesQuota": 1000},
			[]string{"access.yaml:1:1: profile/p would make it 1001 instance profiles in this account; IAM takes 1000 [P013]; delete some that nobody uses; or ask AWS to raise \"Instance profiles per account\" in Service Quotas"},
		},
		"one policy too many": {
			"", "policy/p=read",
			map[string]int{"Policies": 9, "PoliciesQuota": 9, "PolicyVersionsInUse": 9, "PolicyVersionsInUseQuota": 9},
			[]string{
				"access.yaml:1:1: policy/p would make it 10 managed policies in this account; IAM takes 9 [P013]; delete some that nobody uses; or ask AWS to raise \"Customer managed policies per account\" in Service Quotas",
				"access.yaml:1:1: policy/p would make it 10 versions of managed policies in this account; IAM takes 9 [P013]; delete some that nobody uses",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			if tt.quotas != nil {
				in.Quotas = tt.quotas
			}
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

// Quotas that could not be read are IAM's own, and whoever reads the plan is
// told, if it comes to that.
func TestQuotasUnread(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, after string
		want          []string
	}{
		"growing":   {"role/r=ec2", "role/r=ec2 attachment/role/r/read", []string{"note: the account's own quotas could not be read, so IAM's defaults were taken; whoever may call iam:GetAccountSummary sees the account's own"}},
		"shrinking": {"role/r=ec2 attachment/role/r/read", "role/r=ec2", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.Quotas = nil
			if diff := cmp.Diff(tt.want, said(check.Run(in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
