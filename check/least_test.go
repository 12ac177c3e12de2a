package check_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/policy"
)

// asks is one request: an action, what it is on, and keys with their values.
func asks(action, on string, keys ...string) policy.Request {
	q := policy.Request{Principal: alice, Action: action, Resource: on, Context: policy.Context{"aws:RequestedRegion": policy.One("us-east-1")}}
	for i := 0; i < len(keys); i += 2 {
		q.Context[keys[i]] = policy.One(keys[i+1])
	}
	return q
}

// tagging is the request with tags that it sets.
func tagging(q policy.Request, tags ...string) policy.Request {
	q.Context = maps.Clone(q.Context)
	var names []string
	for i := 0; i < len(tags); i += 2 {
		q.Context["aws:RequestTag/"+tags[i]] = policy.One(tags[i+1])
		names = append(names, tags[i])
	}
	q.Context["aws:TagKeys"] = policy.Many(names...)
	return q
}

func untagging(q policy.Request, names ...string) policy.Request {
	q.Context = maps.Clone(q.Context)
	q.Context["aws:TagKeys"] = policy.Many(names...)
	return q
}

const (
	ssmFull  = "arn:aws:iam::aws:policy/AmazonSSMFullAccess"
	readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	instance = "arn:aws:ec2:us-east-1:" + account + ":instance/"
)

// The least policy is written for people: what goes together in one statement,
// under a name, and bound by what it hands out.
func TestLeast(t *testing.T) {
	t.Parallel()
	made := func(action string) policy.Request {
		return tagging(asks(action, arn("role", "node"), "iam:PermissionsBoundary", ssmFull), "ssmctl:name", "web", "ssmctl:run", "r1")
	}
	got := check.Least([]policy.Request{
		asks("sts:GetCallerIdentity", "*"),
		asks("iam:ListRoles", "*"), asks("iam:GetAccountAuthorizationDetails", "*"),
		asks("iam:AttachUserPolicy", arn("user", "bob"), "iam:PolicyARN", ssmFull, "iam:PermissionsBoundary", readOnly),
		asks("iam:AttachUserPolicy", arn("user", "bob"), "iam:PolicyARN", readOnly),
		asks("iam:DetachUserPolicy", arn("user", "bob"), "iam:PolicyARN", readOnly),
		asks("iam:DetachUserPolicy", arn("user", "bob"), "iam:PolicyARN", ssmFull),
		asks("iam:ListAttachedUserPolicies", arn("user", "bob"), "iam:ResourceTag/Team", "ops", "aws:ResourceTag/ssmctl:name", "web"),
		asks("iam:AddUserToGroup", arn("group", "b")), asks("iam:AddUserToGroup", arn("group", "a")),
		asks("iam:RemoveUserFromGroup", arn("group", "b")),
		made("iam:CreateRole"), made("iam:TagRole"),
		untagging(asks("iam:UntagRole", arn("role", "node")), "Team"),
		asks("iam:PassRole", arn("role", "node"), "iam:PassedToService", "ec2.amazonaws.com", "iam:AssociatedResourceArn", instance+"i-1"),
		asks("ec2:RebootInstances", instance+"*"), asks("ec2:RebootInstances", instance+"i-1"),
	})
	const want = `{
  "Statement": [
    {"Sid": "EC2RebootInstances", "Effect": "Allow", "Action": "ec2:RebootInstances", "Resource": "arn:aws:ec2:us-east-1:123456789012:instance/*"},
    {"Sid": "ReadIAM", "Effect": "Allow", "Action": ["iam:GetAccountAuthorizationDetails", "iam:ListRoles"], "Resource": "*"},
    {"Sid": "ReadIAM2", "Effect": "Allow", "Action": "iam:ListAttachedUserPolicies", "Resource": "arn:aws:iam::123456789012:user/bob"},
    {"Sid": "IAMAddUserToGroup", "Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": "arn:aws:iam::123456789012:group/a"},
    {"Sid": "IAMAddUserToGroupAnd1More", "Effect": "Allow", "Action": ["iam:AddUserToGroup", "iam:RemoveUserFromGroup"], "Resource": "arn:aws:iam::123456789012:group/b"},
    {"Sid": "IAMAttachUserPolicyAnd1More", "Effect": "Allow", "Action": ["iam:AttachUserPolicy", "iam:DetachUserPolicy"], "Resource": "arn:aws:iam::123456789012:user/bob", "Condition": {"ArnEquals": {"iam:PolicyARN": ["arn:aws:iam::aws:policy/AmazonSSMFullAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"]}}},
    {"Sid": "IAMCreateRole", "Effect": "Allow", "Action": "iam:CreateRole", "Resource": "arn:aws:iam::123456789012:role/node", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["ssmctl:name", "ssmctl:run"]}, "StringEquals": {"aws:RequestTag/ssmctl:name": "web", "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonSSMFullAccess"}}},
    {"Sid": "IAMPassRole", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/node", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}},
    {"Sid": "IAMTagRole", "Effect": "Allow", "Action": "iam:TagRole", "Resource": "arn:aws:iam::123456789012:role/node", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["ssmctl:name", "ssmctl:run"]}, "StringEquals": {"aws:RequestTag/ssmctl:name": "web"}}},
    {"Sid": "IAMUntagRole", "Effect": "Allow", "Action": "iam:UntagRole", "Resource": "arn:aws:iam::123456789012:role/node", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "Team"}}}
  ],
  "Version": "2012-10-17"
}`
	wanted, err := policy.Parse([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d documents, want 1", len(got))
	}
	if diff := cmp.Diff(wanted.Indent(), got[0].Indent()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var sids, order []string
	for _, s := range got[0].Statements {
		sids = append(sids, s.Sid)
	}
	for _, s := range wanted.Statements {
		order = append(order, s.Sid)
	}
	if diff := cmp.Diff(order, sids); diff != "" {
		t.Errorf("order of statements (-want +got):\n%s", diff)
	}
	if none := check.Least(nil); len(none) > 0 {
		t.Errorf("of no calls: %v", none)
	}
}

// exact is a policy of one statement a call, as anybody would write it who
// looks at nothing but that call.
func exact(calls []policy.Request) policy.Document {
	var all []policy.Statement
	for _, q := range calls {
		s := policy.Allow(q.Action).On(q.Resource)
		var names []string
		for k, v := range q.Context {
			tag, isTag := strings.CutPrefix(k, "aws:RequestTag/")
			switch {
			case isTag && tag != "ssmctl:run":
				s = s.If("StringEquals", k, strings.ReplaceAll(v.List()[0], "${", "${$}{"))
				if tag == "ssmctl:name" {
					names = append(names, "ssmctl:run")
				}
			case k == "aws:TagKeys":
				names = append(names, v.List()...)
			case k == "aws:ResourceTag/ssmctl:name" && strings.Contains(q.Resource, "*"):
				s = s.If("StringEquals", k, v.List()...)
			case k == "iam:PolicyARN", k == "iam:PassedToService", k == "ec2:NewInstanceProfile",
				k == "iam:PermissionsBoundary" && (strings.HasPrefix(q.Action, "iam:Create") || strings.HasPrefix(q.Action, "iam:Put")):
				s = s.If("StringEquals", k, v.List()...)
			}
		}
		if names != nil {
			s = s.If("ForAllValues:StringEquals", "aws:TagKeys", names...)
		}
		all = append(all, s)
	}
	return policy.New(all...)
}

// anyCall is one of the calls that a plan could make.
func anyCall(t *rapid.T) policy.Request {
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
	p := rapid.SampledFrom([]string{ssmFull, readOnly, arn("policy", "own")}).Draw(t, "policy")
	tags := rapid.SampledFrom([][]string{{"ssmctl:name", "web"}, {"ssmctl:name", "web", "Team", "ops"}, {"Team", "ops"}, {"Team", "${dev}"}, {"Team", "ops", "Mood", "*"}}).Draw(t, "tags")
	names := rapid.SampledFrom([][]string{{"Team"}, {"Mood"}, {"Team", "Mood"}}).Draw(t, "names")
	calls := []policy.Request{
		asks("iam:AttachUserPolicy", arn("user", name), "iam:PolicyARN", p, "iam:PermissionsBoundary", readOnly),
		asks("iam:DetachUserPolicy", arn("user", name), "iam:PolicyARN", p),
		asks("iam:AttachRolePolicy", arn("role", name), "iam:PolicyARN", p),
		asks("iam:PutRolePermissionsBoundary", arn("role", name), "iam:PermissionsBoundary", p),
		asks("iam:PassRole", arn("role", name), "iam:PassedToService", rapid.SampledFrom([]string{"ec2.amazonaws.com", "ssm.amazonaws.com"}).Draw(t, "service")),
		asks("iam:GetUser", arn("user", name)), asks("iam:GetRole", arn("role", name), "aws:ResourceTag/Team", "ops"),
		asks("iam:AddUserToGroup", arn("group", name)), asks("iam:RemoveUserFromGroup", arn("group", name)),
		asks("iam:ListRoles", "*"), asks("ec2:DescribeInstances", "*"),
		tagging(asks("iam:CreateRole", arn("role", name), "iam:PermissionsBoundary", p), tags...),
		tagging(asks("iam:TagRole", arn("role", name)), tags...), tagging(asks("iam:TagUser", arn("user", name)), tags...),
		untagging(asks("iam:UntagRole", arn("role", name)), names...),
		asks("ec2:RebootInstances", instance+rapid.SampledFrom([]string{"*", "i-1", "i-2"}).Draw(t, "instance")),
		asks("ec2:TerminateInstances", instance+rapid.SampledFrom([]string{"*", "i-1"}).Draw(t, "terminated"), "aws:ResourceTag/ssmctl:name", rapid.SampledFrom([]string{"web", "db"}).Draw(t, "mark")),
		asks("ec2:AssociateIamInstanceProfile", instance+"i-1", "ec2:NewInstanceProfile", arn("instance-profile", name)),
	}
	return rapid.SampledFrom(calls).Draw(t, "call")
}

// allowsAll reports whether the documents allow the call to a role of the account.
func allowsAll(documents []policy.Document, q policy.Request) bool {
	q.Principal = arn("role", "ci")
	return policy.Policies{Identity: documents}.Decide(q).Verdict == policy.Allowed
}

// Whatever the calls: each is allowed, no statement can be left out, and all
// that is allowed is allowed by a statement written for one of the calls alone.
func TestLeastIsLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		calls := rapid.SliceOfN(rapid.Custom(anyCall), 1, 40).Draw(t, "calls")
		documents := check.Least(calls)
		for _, q := range calls {
			if !allowsAll(documents, q) {
				t.Fatalf("%s on %s, %v is not allowed by\n%v", q.Action, q.Resource, q.Context, documents)
			}
		}
		for i, d := range documents {
			for j, s := range d.Statements {
				less := slices.Clone(documents)
				less[i].Statements = slices.Delete(slices.Clone(d.Statements), j, j+1)
				if !slices.ContainsFunc(calls, func(q policy.Request) bool { return !allowsAll(less, q) }) {
					t.Fatalf("the calls need no statement %s of\n%v", s.Sid, documents)
				}
			}
			if problems := d.Check(policy.ForIdentity); problems != nil {
				t.Fatalf("IAM would refuse %s: %v", d, problems)
			}
		}
		only := policy.Policies{Identity: []policy.Document{exact(calls)}}
		if found := policy.NewAccess(policy.Policies{Identity: documents}, only, policy.Budget{}); found.Verdict != policy.Included {
			t.Fatalf("beyond the calls: %v, %v\n%v", found, found.Witness, documents)
		}
		slices.Reverse(calls)
		if diff := cmp.Diff(fmt.Sprint(documents), fmt.Sprint(check.Least(calls))); diff != "" {
			t.Fatalf("in another order of the calls (-first +then):\n%s", diff)
		}
	})
}

// What is next to a call is not allowed with it.
func TestLeastNeighbours(t *testing.T) {
	t.Parallel()
	create := tagging(asks("iam:CreateRole", arn("role", "node"), "iam:PermissionsBoundary", ssmFull), "ssmctl:name", "web")
	with := func(q policy.Request, key, value string) policy.Request {
		q.Context = maps.Clone(q.Context)
		delete(q.Context, key)
		if value != "" {
			q.Context[key] = policy.One(value)
		}
		return q
	}
	attach := asks("iam:AttachUserPolicy", arn("user", "bob"), "iam:PolicyARN", ssmFull)
	pass := asks("iam:PassRole", arn("role", "node"), "iam:PassedToService", "ec2.amazonaws.com")
	run := asks("ec2:RunInstances", instance+"*", "ec2:InstanceProfile", arn("instance-profile", "node"), "ec2:InstanceType", "t3.micro")
	tests := map[string]struct{ call, neighbour policy.Request }{
		"another policy":               {attach, with(attach, "iam:PolicyARN", arn("policy", "all"))},
		"another user":                 {attach, asks("iam:AttachUserPolicy", arn("user", "bobby"), "iam:PolicyARN", ssmFull)},
		"another action":               {attach, asks("iam:DetachUserPolicy", arn("user", "bob"), "iam:PolicyARN", ssmFull)},
		"another role":                 {pass, asks("iam:PassRole", arn("role", "admin"), "iam:PassedToService", "ec2.amazonaws.com")},
		"another service":              {pass, with(pass, "iam:PassedToService", "lambda.amazonaws.com")},
		"without a boundary":           {create, with(create, "iam:PermissionsBoundary", "")},
		"another boundary":             {create, with(create, "iam:PermissionsBoundary", readOnly)},
		"the mark of another spec":     {create, with(create, "aws:RequestTag/ssmctl:name", "other")},
		"one more tag":                 {create, tagging(create, "ssmctl:name", "web", "Team", "ops")},
		"a tag of another key":         {untagging(asks("iam:UntagRole", arn("role", "node")), "Mood"), untagging(asks("iam:UntagRole", arn("role", "node")), "Team")},
		"another profile":              {run, with(run, "ec2:InstanceProfile", arn("instance-profile", "admin"))},
		"a larger instance":            {run, with(run, "ec2:InstanceType", "p5.48xlarge")},
		"an instance of another spec":  {asks("ec2:TerminateInstances", instance+"*", "aws:ResourceTag/ssmctl:name", "web"), asks("ec2:TerminateInstances", instance+"i-1", "aws:ResourceTag/ssmctl:name", "db")},
		"an instance of nobody's":      {asks("ec2:TerminateInstances", instance+"*", "aws:ResourceTag/ssmctl:name", "web"), asks("ec2:TerminateInstances", instance+"i-1")},
		"tags outside of a launch":     {asks("ec2:CreateTags", instance+"*", "ec2:CreateAction", "RunInstances"), asks("ec2:CreateTags", instance+"i-1")},
		"what a variable would let in": {tagging(asks("iam:TagUser", arn("user", "bob")), "Team", "${aws:username}"), tagging(asks("iam:TagUser", arn("user", "bob")), "Team", "ci")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents := check.Least([]policy.Request{tt.call})
			tt.neighbour.Principal = arn("user", "ci")
			if !allowsAll(documents, tt.call) {
				t.Errorf("the call is not allowed by %v", documents)
			}
			if (policy.Policies{Identity: documents}).Decide(tt.neighbour).Verdict == policy.Allowed {
				t.Errorf("%v allows %s on %s, %v", documents, tt.neighbour.Action, tt.neighbour.Resource, tt.neighbour.Context)
			}
		})
	}
}

// A run marks what it makes with a tag that no run before it had.
func TestLeastOfAnyRun(t *testing.T) {
	t.Parallel()
	role := asks("iam:CreateRole", arn("role", "node"))
	documents := check.Least([]policy.Request{tagging(role, "ssmctl:name", "web")})
	if q := tagging(role, "ssmctl:name", "web", "ssmctl:run", "another"); !allowsAll(documents, q) {
		t.Errorf("%v does not allow a run its mark", documents)
	}
}

// What IAM does not take in a policy is left free, and the call still allowed.
func TestLeastSaysOnlyWhatIAMTakes(t *testing.T) {
	t.Parallel()
	user := asks("iam:TagUser", arn("user", "bob"))
	long := []string{}
	for i := range 50 {
		long = append(long, fmt.Sprintf("%s%d", strings.Repeat("k", 120), i), strings.Repeat("v", 250))
	}
	for name, q := range map[string]policy.Request{
		"a value":      tagging(user, "Team", "東京"),
		"a key":        tagging(user, "都市", "x"),
		"a line":       tagging(user, "Team", "a\nb"),
		"many of them": tagging(user, long...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range check.Least([]policy.Request{q}) {
				if problems := d.Check(policy.ForIdentity); problems != nil || d.Size() > policy.MaxManaged {
					t.Errorf("IAM would refuse %s (%d characters): %v", d, d.Size(), problems)
				}
				if !allowsAll([]policy.Document{d}, q) {
					t.Errorf("the call is not allowed by %s", d)
				}
			}
		})
	}
}

// Of two ways to write the same, one is left.
func TestLeastOfTheSameTwice(t *testing.T) {
	t.Parallel()
	calls := []policy.Request{asks("ec2:RebootInstances", instance+"*"), asks("ec2:RebootInstances", instance+"**")}
	documents := check.Least(calls)
	if len(documents) != 1 || len(documents[0].Statements) != 1 || len(documents[0].Statements[0].Resource) != 1 {
		t.Errorf("%v", documents)
	}
}

// What a wider statement allows of some calls alike, it need not of others.
func TestLeastBesideAWildcard(t *testing.T) {
	t.Parallel()
	ends := func(on, mark string) policy.Request {
		return asks("ec2:TerminateInstances", instance+on, "aws:ResourceTag/ssmctl:name", mark)
	}
	for _, calls := range [][]policy.Request{
		{ends("*", "db"), ends("i-1", "db"), ends("i-1", "web")},
		{ends("*", "db"), ends("i-1", "web"), ends("i-1", "db")},
	} {
		documents := check.Least(calls)
		for _, q := range calls {
			if !allowsAll(documents, q) {
				t.Errorf("%v does not allow %s, %v", documents, q.Resource, q.Context)
			}
		}
	}
}

// Two calls that each name one key of a tag are not one that names both.
func TestLeastKeepsTagsApart(t *testing.T) {
	t.Parallel()
	untag := asks("iam:UntagRole", arn("role", "node"))
	documents := check.Least([]policy.Request{untagging(untag, "Team"), untagging(untag, "Mood")})
	if both := untagging(untag, "Mood", "Team"); allowsAll(documents, both) {
		t.Errorf("%v allows both at once", documents)
	}
}

// However many calls there are, each document fits a managed policy.
func TestLeastFits(t *testing.T) {
	t.Parallel()
	var calls []policy.Request
	for i := range 200 {
		user := arn("user/teams/platform", fmt.Sprintf("somebody.with.a.name.%d", i))
		calls = append(calls, asks("iam:GetUser", user), asks("iam:TagUser", user),
			asks("iam:AttachUserPolicy", user, "iam:PolicyARN", arn("policy", fmt.Sprintf("p%d", i%7))),
			asks("iam:AttachRolePolicy", arn("role", "one"), "iam:PolicyARN", arn("policy", fmt.Sprintf("p%d", i))),
			asks("iam:DetachRolePolicy", arn("role", fmt.Sprintf("r%d", i%100)), "iam:PolicyARN", arn("policy", fmt.Sprintf("p%d", i%100))))
	}
	documents := check.Least(calls)
	if len(documents) < 3 {
		t.Errorf("%d documents: nothing had to be split", len(documents))
	}
	total := 0
	for i, d := range documents {
		total += d.Size()
		if d.Size() > policy.MaxManaged {
			t.Errorf("document %d has %d characters", i, d.Size())
		}
		if problems := d.Check(policy.ForIdentity); problems != nil {
			t.Errorf("document %d: %v", i, problems)
		}
	}
	if least := (total + policy.MaxManaged - 1) / policy.MaxManaged; len(documents) > least+least/3 {
		t.Errorf("%d documents for %d characters, which would fit %d", len(documents), total, least)
	}
	for _, q := range calls {
		if !allowsAll(documents, q) {
			t.Fatalf("%s on %s is not allowed", q.Action, q.Resource)
		}
	}
}
