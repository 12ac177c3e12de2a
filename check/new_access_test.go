package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Where nothing new is to be given, a plan that gives anything to anybody is
// refused, and one that only takes away is not.
func TestNewAccess(t *testing.T) {
	t.Parallel()
	const help = " [P014]; leave it out; or apply without --no-new-access, once somebody has agreed to it"
	tests := map[string]struct {
		before, after string
		changes       []access.Change
		want          []string
	}{
		"what the comparison shows": {
			"user/bob group/g attachment/group/g/read", "user/bob group/g attachment/group/g/read membership/g/bob",
			[]access.Change{{
				Who: id("user", "bob"), Effect: access.Gain, Actions: []string{"ssm:DescribeActivations", "ssm:DescribeDocument", "ssm:DescribeInstanceInformation", "ssm:DescribeSessions", "ssm:ListAssociations", "ssm:ListCommands"},
				Rights: "6 read actions", When: "only with MFA",
				Via: []resource.ID{id("membership", "g/bob"), id("attachment", "group/g/read")}, Cause: []resource.ID{id("membership", "g/bob")},
			}},
			[]string{"access.yaml:4:1: user/bob would gain: 6 read actions, only with MFA (such as ssm:DescribeActivations), once it creates membership/g/bob, through membership/g/bob -> attachment/group/g/read" + help},
		},
		"what the comparison cannot read": {
			"user/bob", "user/bob attachment/user/bob/secret",
			[]access.Change{{Who: id("user", "bob"), Effect: access.Gain, Rights: "whatever secret allows", Unknown: "secret", Via: []resource.ID{id("attachment", "user/bob/secret")}, Cause: []resource.ID{id("attachment", "user/bob/secret")}}},
			[]string{"access.yaml:2:1: user/bob would gain: whatever secret allows, once it creates attachment/user/bob/secret, through attachment/user/bob/secret" + help},
		},
		"what nothing of the account shows": {
			"user/bob user/carol", "user/bob user/carol group/g membership/g/bob membership/g/carol attachment/group/g/s3", nil,
			[]string{"access.yaml:4:1: user/bob and user/carol would gain: s3:GetObject on arn:aws:s3:::acme/example, once it creates membership/g/bob" + help},
		},
		"a boundary that goes": {
			"user/bob attachment/user/bob/s3 boundary/user/bob=read", "user/bob attachment/user/bob/s3", nil,
			[]string{"user/bob would gain: s3:GetObject on arn:aws:s3:::acme/example, once it deletes boundary/user/bob" + help},
		},
		"a denial that goes": {
			"user/bob attachment/user/bob/admin inline/user/bob/no=no-iam", "user/bob attachment/user/bob/admin", nil,
			[]string{"user/bob would gain: iam:AcceptDelegationRequest on arn:aws:iam::123456789012:delegation-request/example, once it deletes inline/user/bob/no" + help},
		},
		"a new principal": {
			"user/bob", "user/bob user/new attachment/user/new/s3", nil,
			[]string{"access.yaml:3:1: user/new would gain: s3:GetObject on arn:aws:s3:::acme/example, once it creates attachment/user/new/s3" + help},
		},
		"a new principal with nothing": {"user/bob", "user/bob user/new role/new=ec2", nil, nil},
		"a policy that says more": {
			"user/bob policy/p=less attachment/user/bob/p", "user/bob policy/p=read attachment/user/bob/p", nil,
			[]string{"access.yaml:2:1: user/bob would gain: ssm:ListAssociationVersions on arn:aws:ssm:us-east-1:123456789012:association/example, once it changes policy/p" + help},
		},
		"a policy that cannot be read": {
			"user/bob", "user/bob attachment/user/bob/secret", nil,
			[]string{"access.yaml:2:1: it cannot be proven that user/bob gains nothing, once it creates attachment/user/bob/secret: the text of secret is not known: it is newer than this program" + help},
		},
		"a boundary that could not be read": {
			"user/bob attachment/user/bob/read boundary/user/bob=secret", "user/bob attachment/user/bob/read boundary/user/bob=all", nil,
			[]string{"access.yaml:3:1: it cannot be proven that user/bob gains nothing, once it changes boundary/user/bob: the text of the boundary secret is not known: it is newer than this program" + help},
		},
		"a boundary that cannot be read": {"user/bob attachment/user/bob/read", "user/bob attachment/user/bob/read boundary/user/bob=secret", nil, nil},
		"a boundary that says more": {
			"user/bob attachment/user/bob/s3 policy/b=read boundary/user/bob=b", "user/bob attachment/user/bob/s3 policy/b=s3 boundary/user/bob=b", nil,
			[]string{"access.yaml:3:1: user/bob would gain: s3:GetObject on arn:aws:s3:::acme/example, once it changes policy/b" + help},
		},
		"a group that gets more": {
			"user/bob group/g membership/g/bob", "user/bob group/g membership/g/bob attachment/group/g/s3", nil,
			[]string{"access.yaml:4:1: user/bob would gain: s3:GetObject on arn:aws:s3:::acme/example, once it creates attachment/group/g/s3" + help},
		},
		"a role that nodes carry already": {
			"role/r=ec2 instance/i-1 association/i-1=r", "role/r=ec2 instance/i-1 association/i-1=r attachment/role/r/s3", nil,
			[]string{"access.yaml:4:1: role/r would gain: s3:GetObject on arn:aws:s3:::acme/example, once it creates attachment/role/r/s3" + help},
		},
		"a tag that policies speak of": {
			"user/bob=Team=web attachment/user/bob/own-tag", "user/bob=Team=db attachment/user/bob/own-tag", nil,
			[]string{"access.yaml:1:1: it cannot be proven that user/bob gains nothing, once it changes user/bob: policies speak of its tags Team" + help},
		},
		"a tag that none speaks of": {"user/bob=Mood=good attachment/user/bob/own-tag", "user/bob=Mood=bad attachment/user/bob/own-tag", nil, nil},
		"one more who may assume": {
			"role/r=alice", "role/r=both", nil,
			[]string{"access.yaml:1:1: role/r could be assumed by more than before, once it changes role/r: arn:aws:iam::123456789012:user/bob" + help},
		},
		"a door without a second factor": {
			"role/r=mfa", "role/r=alice", nil,
			[]string{"access.yaml:1:1: role/r could be assumed by more than before, once it changes role/r: arn:aws:iam::123456789012:user/alice" + help},
		},
		"a node that comes to carry a role": {
			"role/r=ec2 attachment/role/r/s3 instance/i-1 instance/i-2", "role/r=ec2 attachment/role/r/s3 instance/i-1 instance/i-2 association/i-1=r", nil,
			[]string{"access.yaml:5:1: node i-1 would act as role/r, once it creates association/i-1: s3:GetObject on arn:aws:s3:::acme/example" + help},
		},
		"a node that changes to a greater role": {
			"role/r=ec2 role/s=ec2 attachment/role/r/less attachment/role/s/read instance/i-1 association/i-1=r", "role/r=ec2 role/s=ec2 attachment/role/r/less attachment/role/s/read instance/i-1 association/i-1=s", nil,
			[]string{"access.yaml:6:1: node i-1 would act as role/s, once it changes association/i-1: ssm:ListAssociationVersions on arn:aws:ssm:us-east-1:123456789012:association/example" + help},
		},
		"a node that changes to a lesser role": {"role/r=ec2 role/s=ec2 attachment/role/r/read attachment/role/s/less instance/i-1 association/i-1=r", "role/r=ec2 role/s=ec2 attachment/role/r/read attachment/role/s/less instance/i-1 association/i-1=s", nil, nil},
		"a node that changes to a role of who knows what": {
			"role/r=ec2 attachment/role/r/secret instance/i-1", "role/r=ec2 attachment/role/r/secret instance/i-1 association/i-1=r", nil,
			[]string{"access.yaml:4:1: node i-1 would act as role/r, once it creates association/i-1: the text of secret is not known: it is newer than this program" + help},
		},
		"a second factor at the door":         {"role/r=alice", "role/r=mfa", nil, nil},
		"fewer who may assume":                {"role/r=both", "role/r=alice", nil, nil},
		"taking away":                         {"user/bob group/g membership/g/bob attachment/group/g/all", "user/bob group/g membership/g/bob attachment/group/g/read", nil, nil},
		"losing, as the comparison shows":     {"user/bob attachment/user/bob/read", "user/bob", []access.Change{{Who: id("user", "bob"), Effect: access.Loss, Actions: []string{"ssm:ListDocuments"}}}, nil},
		"the same in other words":             {"user/bob attachment/user/bob/read", "user/bob inline/user/bob/p=split", nil, nil},
		"the same by another way":             {"user/bob attachment/user/bob/read", "user/bob group/g membership/g/bob attachment/group/g/read", nil, nil},
		"a group that nobody is in":           {"user/bob", "user/bob group/g attachment/group/g/all", nil, nil},
		"what a principal had, and not reads": {"user/bob attachment/user/bob/secret", "user/bob attachment/user/bob/secret attachment/user/bob/read inline/user/bob/no=no-iam boundary/user/bob=no-iam", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.Changes, in.NoNewAccess = tt.changes, true
			got := said(check.Run(in))
			if tt.want == nil {
				tt.want = []string{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			in.NoNewAccess = false
			if got := said(check.Run(in)); len(got) > 0 {
				t.Errorf("without being asked to: %v", got)
			}
		})
	}
}

// What a trust policy lets in is compared grant by grant.
func TestTrust(t *testing.T) {
	t.Parallel()
	any := policy.Allow("sts:AssumeRole").By(policy.Principals{Anyone: true})
	deny := policy.Deny("sts:AssumeRole").By(policy.Principals{AWS: []string{"111111111111"}})
	tag := policy.Allow("sts:AssumeRole", "sts:TagSession").By(policy.Principals{AWS: []string{"arn:aws:iam::" + account + ":user/alice"}})
	not := policy.Allow("sts:AssumeRole")
	not.NotPrincipal = &policy.Principals{AWS: []string{"111111111111"}}
	oidc := func(subjects ...string) policy.Statement {
		return policy.Allow("sts:AssumeRoleWithWebIdentity").By(policy.Principals{Federated: []string{"arn:aws:iam::" + account + ":oidc-provider/x"}}).If("StringEquals", "x:sub", subjects...)
	}
	tests := map[string]struct {
		before, after []policy.Statement
		wider         bool
	}{
		"the same":                 {[]policy.Statement{people("alice")}, []policy.Statement{people("alice").As("Sid")}, false},
		"in two statements":        {texts["both"].Statements, []policy.Statement{people("bob"), people("alice")}, false},
		"an account by its root":   {[]policy.Statement{policy.Allow("sts:AssumeRole").By(policy.Principals{AWS: []string{"111111111111"}})}, []policy.Statement{policy.Allow("sts:AssumeRole").By(policy.Principals{AWS: []string{"arn:aws:iam::111111111111:root"}})}, false},
		"one more":                 {[]policy.Statement{people("alice")}, texts["both"].Statements, true},
		"anyone":                   {[]policy.Statement{people("alice")}, []policy.Statement{any}, true},
		"all but some":             {[]policy.Statement{people("alice")}, []policy.Statement{not}, true},
		"all but the same":         {[]policy.Statement{not}, []policy.Statement{not}, false},
		"another action":           {[]policy.Statement{people("alice")}, []policy.Statement{tag}, true},
		"a denial that goes":       {[]policy.Statement{any, deny}, []policy.Statement{any}, true},
		"a denial that comes":      {[]policy.Statement{any}, []policy.Statement{any, deny}, false},
		"a denial that softens":    {[]policy.Statement{any, deny}, []policy.Statement{any, deny.If("Bool", "aws:SecureTransport", "true")}, true},
		"a denial that hardens":    {[]policy.Statement{any, deny.If("Bool", "aws:SecureTransport", "true")}, []policy.Statement{any, deny}, false},
		"one more condition":       {[]policy.Statement{oidc("a")}, []policy.Statement{oidc("a").If("StringEquals", "x:aud", "y")}, false},
		"one condition less":       {[]policy.Statement{oidc("a").If("StringEquals", "x:aud", "y")}, []policy.Statement{oidc("a")}, true},
		"another subject":          {[]policy.Statement{oidc("a")}, []policy.Statement{oidc("a", "b")}, true},
		"a role nobody could read": {nil, []policy.Statement{people("alice")}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, "role/r=ec2", "role/r=alice")
			in.Before.Principals[0].Trust = policy.New(tt.before...)
			in.After.Principals[0].Trust = policy.New(tt.after...)
			in.NoNewAccess = true
			if refused, _ := check.Run(in); (len(refused) > 0) != tt.wider {
				t.Errorf("from %s to %s: %v", in.Before.Principals[0].Trust, in.After.Principals[0].Trust, refused)
			}
		})
	}
}
