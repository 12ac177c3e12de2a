package kind_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
	"github.com/ssmctl/ssmctl/spec"
)

const everySort = `users: {svc: {tags: {Team: ops}}}
groups: {staff: {restrictions: [run-one]}}
roles: {one: {type: instance}}
restrictions: {run-one: {documents: [AWS-RunPatchBaseline], instances: all}}
instances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 2}, role: one}}
`

// begun carries out text as a run.
func begun(t *testing.T, account *sandbox.Server, name, text string) *kind.Session {
	t.Helper()
	session := connect(t, account)
	p := makePlan(t, session, text)
	session.Begin(name)
	if r := run(session, p); r.Outcome != executor.Applied {
		t.Fatalf("%s: %v", r.Outcome, r.Cause)
	}
	return session
}

// What a run made is found by its tag, with nothing but the run's name, and
// nothing else is.
//
// Fault 39: the journal is lost.
func TestMade(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	begun(t, account, "run-1", head+everySort)
	begun(t, account, "run-2", head+strings.Replace(everySort, "users: {", "users: {second: {}, ", 1))
	must(clientsOf(account).ssm.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: new("/elsewhere"), Value: new("x"), Type: ssmtypes.ParameterTypeString, Tags: []ssmtypes.Tag{{Key: new("ssmctl:run"), Value: new("run-1")}},
	}))
	session := connect(t, account)
	made, err := session.Made(t.Context(), "run-1")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range made {
		got = append(got, strings.TrimPrefix(o.ID.String(), "/")+" of "+o.Owner)
		if o.ARN == "" || o.Created.IsZero() && o.ID != (resource.ID{}) {
			t.Errorf("%+v lacks something", o)
		}
	}
	slices.Sort(got)
	want := []string{" of ", "instance/new of test", "instance/new/2 of test", "policy/run-one of test", "profile/one of test", "role/one of test", "user/svc of test"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	if second, err := session.Made(t.Context(), "run-2"); err != nil || len(second) != 1 || second[0].ID != ids("user/second")[0] {
		t.Errorf("of the second run: %v, %v", second, err)
	}
	mustApply(t, account, head+"groups: {}\n") // terminated instances are none
	if left, err := session.Made(t.Context(), "run-1"); err != nil || len(left) != 1 {
		t.Errorf("after all of it was deleted: %v, %v", left, err)
	}
}

// A list of what a run made that may not be whole is none.
//
// Fault 39: the journal is lost, and what it said cannot be found out.
func TestMadeUnreadable(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"iam:GetAccountAuthorizationDetails", "iam:ListInstanceProfiles", "ec2:DescribeInstances", "tagging:GetResources"} {
		account := guideAccount()
		begun(t, account, "run-1", head+"users: {svc: {}}\n")
		session := connect(t, account)
		account.Inject(sandbox.Fault{Operation: operation, Effect: sandbox.ErrorBefore})
		if made, err := session.Made(t.Context(), "run-1"); err == nil {
			t.Errorf("%s denied: %v", operation, made)
		}
	}
}

// The tag of the run is part of nothing: what another run made, or whoever
// tagged it so, is as wanted; and no write takes the tag away.
func TestRunTagIsNoDrift(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		plain, tagged := guideAccount(), guideAccount()
		mustApply(t, plain, head+everySort)
		begun(t, tagged, "run-1", head+everySort)
		if diff := cmp.Diff(dump(plain), dump(tagged)); diff != "" {
			t.Errorf("with a run the account differs (-without +with):\n%s", diff)
		}
		if n := strings.Count(string(tagged.Dump()), `"ssmctl:run": "run-1"`); n != 6 {
			t.Errorf("%d things are tagged, want 6:\n%s", n, tagged.Dump())
		}
		mustBeDone(t, tagged, head+everySort)
		other := "defaults: {tags: {Cost: low}}\n" + strings.Replace(everySort, "Team: ops", "team: web", 1)
		begun(t, tagged, "run-2", head+other)
		mustBeDone(t, tagged, head+other)
		if n := strings.Count(string(tagged.Dump()), `"ssmctl:run": "run-1"`); n != 6 {
			t.Errorf("after other tags were changed %d things are tagged, want 6:\n%s", n, tagged.Dump())
		}
		user := must(clientsOf(tagged).iam.GetUser(t.Context(), &iam.GetUserInput{UserName: new("svc")})).User
		if len(user.Tags) != 4 {
			t.Errorf("%d tags, want 4", len(user.Tags))
		}
		if strings.Contains(asText(reads(t, connect(t, tagged), ids("user/svc")[0])), "ssmctl:run") {
			t.Error("the tag is part of the user")
		}
	})
}

// A launch whose answer was lost to one process is the same launch to another
// that goes on with the run, and another one to the next run.
func TestLaunchOnceARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		text := head + "roles: {one: {type: instance}}\ninstances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro}, role: one}}\n"
		i := load(t, text).Desired.State.Get(ids("instance/new")[0]).(kind.Instance)
		i.Profile = ""
		for n, name := range []string{"run-1", "run-1", "run-2"} {
			session := connect(t, account)
			session.Begin(name)
			if err := session.Write(t.Context(), resource.Change{After: i}); err != nil {
				t.Fatal(err)
			}
			made := 0
			for _, r := range must(clientsOf(account).ec2.DescribeInstances(t.Context(), nil)).Reservations {
				for _, i := range r.Instances {
					for _, tag := range i.Tags {
						if *tag.Key == "ssmctl:instance" {
							made++
						}
					}
				}
			}
			if want := []int{1, 1, 2}[n]; made != want {
				t.Errorf("after %d launches there are %d instances, want %d", n+1, made, want)
			}
		}
	})
}

// No spec can ask for the tag of a run.
func TestRunTagIsReserved(t *testing.T) {
	t.Parallel()
	_, err := spec.Load("test.yaml", []byte(head+"users: {svc: {tags: {SSMCTL:run: mine}}}\n"), kind.Sections())
	if err == nil || !strings.Contains(err.Error(), "ssmctl writes it itself") {
		t.Errorf("%v, want that the tag is refused", err)
	}
}
