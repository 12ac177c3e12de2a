package kind_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/sandbox"
)

const (
	web       = "i-1234567890abcdef0" // of the guide's account
	trustEC2  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	tiedToOne = "roles: {one: {type: instance}, two: {type: instance}}\ninstances: {web: {id: " + web + ", role: one}}"
	tiedToTwo = "roles: {one: {type: instance}, two: {type: instance}}\ninstances: {web: {id: " + web + ", role: two, if_profile: replace}}"
	untied    = "roles: {one: {type: instance}, two: {type: instance}}"
)

func (by somebody) stops(instance string) {
	must(by.ec2.StopInstances(by.Context(), &ec2.StopInstancesInput{InstanceIds: []string{instance}}))
}

func (by somebody) makesRole(name string) {
	must(by.iam.CreateRole(by.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(trustEC2)}))
}

// makesProfile makes an instance profile, with the role unless it is "".
func (by somebody) makesProfile(name, path, role string) {
	must(by.iam.CreateInstanceProfile(by.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: &name, Path: &path}))
	if role != "" {
		must(by.iam.AddRoleToInstanceProfile(by.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &role}))
	}
}

// remakesProfile deletes an instance profile and makes one of the same name.
func (by somebody) remakesProfile(name, role string) {
	was := must(by.iam.GetInstanceProfile(by.Context(), &iam.GetInstanceProfileInput{InstanceProfileName: &name})).InstanceProfile
	must(by.iam.RemoveRoleFromInstanceProfile(by.Context(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &name, RoleName: &role}))
	must(by.iam.DeleteInstanceProfile(by.Context(), &iam.DeleteInstanceProfileInput{InstanceProfileName: &name}))
	must(by.iam.CreateInstanceProfile(by.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: &name, Path: was.Path, Tags: was.Tags}))
	must(by.iam.AddRoleToInstanceProfile(by.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &role}))
}

func TestAssociation(t *testing.T) {
	t.Parallel()
	stop := func(by somebody) { by.stops(web) }
	remake := func(by somebody) { by.remakesProfile("one", "one") }
	tellAll(t, map[string]story{
		"replaced on a running instance": {first: tiedToOne, then: tiedToTwo, plan: []string{"update association/" + web}},
		"replaced on a stopped instance": {first: tiedToOne, meanwhile: stop, then: tiedToTwo, plan: []string{"update association/" + web}},
		"taken away with its line":       {first: tiedToOne, then: untied, plan: []string{"delete association/" + web}},
		"taken away on a stopped instance": {
			first: tiedToOne, meanwhile: stop, then: untied, plan: []string{"delete association/" + web},
		},
		"profile deleted and made again": {
			first: tiedToOne, meanwhile: remake, oneWay: true,
			plan: []string{"update association/" + web + "; loses the tie to a profile that is gone for good"},
		},
		"profile deleted and made again, and the line dropped": {
			first: tiedToOne, meanwhile: remake, then: untied, oneWay: true,
			plan: []string{"delete association/" + web + "; loses the tie to a profile that is gone for good"},
		},
		"somebody else's profile": {
			before: func(by somebody) {
				by.makesRole("theirs")
				by.makesProfile("theirs", "/", "theirs")
				must(by.ec2.AssociateIamInstanceProfile(by.Context(), &ec2.AssociateIamInstanceProfileInput{InstanceId: new(web), IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: new("theirs")}}))
			},
			then: tiedToOne, refused: "instance " + web + " carries the profile theirs already",
		},
	})
}

// Whichever call fails of those that swap the profile of a stopped instance,
// which takes two, the account ends as it was or as it should be.
func TestAssociationOfStoppedInstanceFailsSafely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		mustApply(t, account, head+tiedToOne)
		somebody{t, account, clientsOf(account)}.stops(web)
		failEverywhere(t, account, "stopped", head+tiedToTwo)
	})
}

// While a profile is replaced EC2 shows two associations, and for a while
// after one is gone it may not let another be made.
func TestAssociationWhileEC2Settles(t *testing.T) {
	t.Parallel()
	for name, stopped := range map[string]bool{"running": false, "stopped": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				mustApply(t, account, head+tiedToOne)
				if stopped {
					somebody{t, account, clientsOf(account)}.stops(web)
				}
				account.SetPropagation(2)
				account.Inject(sandbox.Fault{
					Operation: "ec2:AssociateIamInstanceProfile", Nth: 1, Effect: sandbox.ErrorBefore, Status: 400,
					Code: "IncorrectState", Message: "There is an existing association for instance " + web,
				})
				mustApply(t, account, head+tiedToTwo)
			})
		})
	}
}

// An instance that carries a profile which the entry did not give it keeps it,
// and its role gets all that the entry's role grants.
func TestAssociationExtended(t *testing.T) {
	t.Parallel()
	const text = `roles: {one: {type: instance, buckets: [acme-logs], access: {resource_groups: full, actions: read-only}}}
instances: {web: {id: ` + web + `, role: one, if_profile: extend}}`
	tellAll(t, map[string]story{"": {
		before: func(by somebody) {
			by.makesRole("theirs")
			by.makesProfile("theirs", "/", "theirs")
			must(by.ec2.AssociateIamInstanceProfile(by.Context(), &ec2.AssociateIamInstanceProfileInput{InstanceId: new(web), IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: new("theirs")}}))
		},
		first: "roles: {one: {type: instance, buckets: [acme-logs], access: {resource_groups: full, actions: read-only}}}",
		then:  text,
		plan: []string{
			"create attachment/role/theirs/aws:AmazonSSMManagedInstanceCore",
			"create attachment/role/theirs/aws:AmazonSSMReadOnlyAccess",
			"create inline/role/theirs/ssmctl-buckets",
			"create inline/role/theirs/ssmctl-resource-groups",
		},
	}})
}

// A restart follows a change of role, and follows it again when that is undone.
func TestRestart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		how       string
		meanwhile func(somebody)
		fault     sandbox.Fault
		calls     []string // that restart something
		note      string
		outcome   executor.Outcome
	}{
		"agent":           {how: "agent", calls: []string{"SendCommand"}, outcome: executor.Applied},
		"reboot":          {how: "reboot", calls: []string{"RebootInstances"}, outcome: executor.Applied},
		"stopped":         {how: "agent", meanwhile: func(by somebody) { by.stops(web) }, note: "not running", outcome: executor.Applied},
		"stopped, reboot": {how: "reboot", meanwhile: func(by somebody) { by.stops(web) }, note: "not running", outcome: executor.Applied},
		"agent not connected": {
			how: "agent", calls: []string{"SendCommand"}, note: "not connected", outcome: executor.Applied,
			fault: sandbox.Fault{Operation: "ssm:SendCommand", Effect: sandbox.ErrorBefore, Code: "InvalidInstanceId", Status: 400},
		},
		"undone": {
			how: "agent", calls: []string{"SendCommand", "SendCommand"}, outcome: executor.RolledBack,
			fault: sandbox.Fault{Operation: "ssm:PutParameter", Nth: 2, Effect: sandbox.ErrorBefore},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				mustApply(t, account, head+tiedToOne)
				if tt.meanwhile != nil {
					tt.meanwhile(somebody{t, account, clientsOf(account)})
				}
				session := connect(t, account)
				p := makePlan(t, session, head+strings.Replace(tiedToTwo, "if_profile", "restart: "+tt.how+", if_profile", 1))
				account.ResetRequests()
				if tt.fault.Operation != "" {
					account.Inject(tt.fault)
				}
				if r := run(session, p); r.Outcome != tt.outcome {
					t.Errorf("%s: %v; left %v", r.Outcome, r.Cause, r.Left)
				}
				var calls []string
				for _, r := range account.Requests() {
					if r.Operation == "SendCommand" || r.Operation == "RebootInstances" {
						calls = append(calls, r.Operation)
					}
				}
				if !slices.Equal(calls, tt.calls) {
					t.Errorf("calls %q, want %q", calls, tt.calls)
				}
				var notes []string
				for _, n := range session.Notes() {
					notes = append(notes, n.Text)
				}
				if all := strings.Join(notes, "\n"); !strings.Contains(all, tt.note) || tt.note == "" && all != "" {
					t.Errorf("notes %q, want one that says %q", notes, tt.note)
				}
			})
		})
	}
}

// While EC2 lists the profile that goes beside the one that comes, the one
// that comes is what the instance carries.
func TestAssociationListedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		mustApply(t, account, head+tiedToOne)
		old := `<item><associationId>iip-assoc-0</associationId><instanceId>` + web + `</instanceId><state>associated</state><iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/ssmctl/test/one</arn><id>AIPAOLD</id></iamInstanceProfile></item>`
		session := connectBy(t, account, rewriting{account.Client().Transport, func(answer []byte) []byte {
			answer = bytes.ReplaceAll(answer, []byte("<state>associated</state>"), []byte("<state>associating</state>"))
			return bytes.ReplaceAll(answer, []byte("<iamInstanceProfileAssociationSet>"), []byte("<iamInstanceProfileAssociationSet>"+old))
		}})
		if got := steps(makePlan(t, session, head+tiedToOne)); len(got) != 0 {
			t.Errorf("plan %q, want none", got)
		}
		id := "association/" + web
		if got := must(session.Read(t.Context(), ids(id))).Get(ids(id)[0]); got != (kind.Association{Instance: web, Profile: "one"}) {
			t.Errorf("%+v, want profile one", got)
		}
	})
}
