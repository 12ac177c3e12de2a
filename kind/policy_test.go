package kind_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

const (
	runARN  = "arn:aws:iam::123456789012:policy/ssmctl/test/run"
	runOne  = "restrictions: {run: {documents: [AWS-RunPatchBaseline], instances: [" + web + "]}}"
	runMore = "restrictions: {run: {documents: [AWS-RunPatchBaseline, AWS-RunShellScript], instances: [" + web + "]}}"
	bounded = `users: {alice: {existing: true, permissions_boundary: "` + runARN + `"}}`
)

// version makes a version of the policy that allows the action.
func (by somebody) version(action string, isDefault bool) {
	must(by.iam.CreatePolicyVersion(by.Context(), &iam.CreatePolicyVersionInput{
		PolicyArn: new(runARN), SetAsDefault: isDefault,
		PolicyDocument: new(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":"*"}]}`, action)),
	}))
}

func (by somebody) setsDefault(version string) {
	must(by.iam.SetDefaultPolicyVersion(by.Context(), &iam.SetDefaultPolicyVersionInput{PolicyArn: new(runARN), VersionId: &version}))
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	fill := func(n int) func(by somebody) {
		return func(by somebody) {
			for v := 2; v <= n; v++ {
				by.version(fmt.Sprintf("ssm:Get%d", v), true)
			}
		}
	}
	const evicts = "update policy/run; loses its oldest version, which makes room for the new one"
	tellAll(t, map[string]story{
		"another text":                      {first: runOne, then: runMore, plan: []string{"update policy/run"}},
		"another text, with four versions":  {first: runOne, meanwhile: fill(4), then: runMore, plan: []string{"update policy/run"}},
		"another text, with five versions":  {first: runOne, meanwhile: fill(5), then: runMore, plan: []string{evicts}, oneWay: true},
		"the one before, with two versions": {first: runOne, meanwhile: fill(2), plan: []string{"update policy/run"}},
		"five versions, the oldest in force": {
			first: runOne, meanwhile: func(by somebody) { fill(5)(by); by.setsDefault("v1") }, then: runMore, plan: []string{evicts}, oneWay: true,
		},
		"default set back": {
			first: runOne, meanwhile: func(by somebody) {
				mustApply(by, by.account, head+runMore+"\n")
				by.setsDefault("v1")
			}, then: runMore, plan: []string{"update policy/run"},
		},
		"default set back by two": {
			first: runOne, meanwhile: func(by somebody) {
				by.version("ssm:GetParameter", true)
				mustApply(by, by.account, head+runMore+"\n")
				by.setsDefault("v1")
			}, then: runMore, plan: []string{"update policy/run"},
		},
		"default set back, another text": {
			first: runOne, meanwhile: func(by somebody) {
				by.version("ssm:GetParameter", true)
				by.version("ssm:GetParameters", true)
				by.setsDefault("v1")
			}, then: runMore, plan: []string{"update policy/run"},
		},
		"a draft that is not in force": {
			first: runOne, meanwhile: func(by somebody) { by.version("ssm:GetParameter", false) }, oneWay: true,
			plan: []string{"update policy/run; loses its versions newer than the one in force"},
		},
		"attached to somebody else's user": {
			first: runOne, then: "groups: {}", refused: "policy/run would be deleted, but is still used by attachment/user/alice/run",
			meanwhile: func(by somebody) {
				must(by.iam.AttachUserPolicy(by.Context(), &iam.AttachUserPolicyInput{UserName: new("alice"), PolicyArn: new(runARN)}))
			},
		},
		"somebody else's boundary": {
			first: runOne, then: "groups: {}", refused: "policy/run would be deleted, but is still used by boundary/user/alice,",
			meanwhile: func(by somebody) {
				must(by.iam.PutUserPermissionsBoundary(by.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: new("alice"), PermissionsBoundary: new(runARN)}))
			},
		},
		"the boundary that the spec gave goes with it": {
			first: runOne + "\n" + bounded, then: "groups: {}",
			plan: []string{"delete boundary/user/alice", "delete policy/run; loses its unique id and its earlier versions"},
		},
		"tags only": {first: runOne, then: "defaults: {tags: {Team: ops}}\n" + runOne, plan: []string{"update policy/run"}},
		"a tag taken off by hand": {
			first: "defaults: {tags: {Team: ops}}\n" + runOne, plan: []string{"update policy/run"},
			meanwhile: func(by somebody) {
				must(by.iam.UntagPolicy(by.Context(), &iam.UntagPolicyInput{PolicyArn: new(runARN), TagKeys: []string{"Team"}}))
			},
		},
		"a tag put on by hand, with the tagging API denied": {
			first: runOne, plan: []string{"update policy/run"},
			meanwhile: func(by somebody) {
				must(by.iam.TagPolicy(by.Context(), &iam.TagPolicyInput{PolicyArn: new(runARN), Tags: []iamtypes.Tag{{Key: new("a"), Value: new("b")}}}))
				by.account.Inject(sandbox.Fault{Operation: "tagging:*", Effect: sandbox.ErrorBefore})
			},
		},
		"unchanged, with the tagging API denied": {
			first: "defaults: {tags: {Team: ops}}\n" + runOne,
			meanwhile: func(by somebody) {
				by.account.Inject(sandbox.Fault{Operation: "tagging:*", Effect: sandbox.ErrorBefore})
			},
		},
		"another description": {
			first: "restrictions: {run: {description: old, documents: [AWS-RunPatchBaseline], instances: all}}",
			then:  "restrictions: {run: {description: new, documents: [AWS-RunPatchBaseline], instances: all}}",
			notes: []string{`policy/run: keeps the description that it was made with, "old": IAM cannot change it, so it will not become "new"`},
		},
		"another path": {first: runOne, then: "defaults: {path: /ops/}\n" + runOne, refused: "IAM cannot move it to /ssmctl/test/ops/"},
		"an ARN with another path than the policy's": {
			before: func(by somebody) {
				must(by.iam.CreatePolicy(by.Context(), &iam.CreatePolicyInput{PolicyName: new("theirs"), PolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:Get*","Resource":"*"}}`)}))
			},
			then:    `users: {alice: {existing: true, policies: ["arn:aws:iam::123456789012:policy/team/theirs"]}}`,
			refused: "the account has arn:aws:iam::123456789012:policy/theirs",
		},
	})
}

// Fault 15: of the calls that read a policy one is answered as before a write,
// and the others are not. What comes of that passes neither for written nor for
// not written.
func TestPolicyReadInParts(t *testing.T) {
	t.Parallel()
	before := guideAccount()
	mustApply(t, before, head+runOne+"\n")
	after := copyOf(t, before)
	change := makePlan(t, connect(t, after), head+runMore+"\n").Steps[0].Change
	mustApply(t, after, head+runMore+"\n")
	for _, operation := range []string{"GetPolicy", "GetPolicyVersion", "ListPolicyVersions"} {
		session := connectBy(t, after, &behind{
			now: after.Client().Transport, was: before.Client().Transport, stale: func(o string) bool { return o == operation },
		})
		if err := session.Attend(t.Context(), "test", []resource.Change{change}); err != nil {
			t.Fatal(err)
		}
		live, err := session.Read(t.Context(), []resource.ID{change.ID()})
		if err == nil {
			t.Errorf("%s answered as before: it is read as %s", operation, asText(live.Get(change.ID())))
		}
	}
	session := connect(t, after)
	if err := session.Attend(t.Context(), "test", []resource.Change{change}); err != nil {
		t.Fatal(err)
	}
	if live := reads(t, session, change.ID()); !resource.Equal(live, change.After) {
		t.Errorf("answered all at once: it is read as %s", asText(live))
	}
}
