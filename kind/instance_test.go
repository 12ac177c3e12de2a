package kind_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/sandbox"
)

const (
	launchOne = "roles: {one: {type: instance}, two: {type: instance}}\ninstances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro}, role: one}}"
	launchTwo = "roles: {one: {type: instance}, two: {type: instance}}\ninstances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 2}, role: one}}"
	webTagged = "roles: {one: {type: instance}}\ninstances: {web: {tags: {App: web}, role: one}}"
)

func (by somebody) tags(instance, key, value string) {
	must(by.ec2.CreateTags(by.Context(), &ec2.CreateTagsInput{Resources: []string{instance}, Tags: []ec2types.Tag{{Key: &key, Value: &value}}}))
}

// launched returns the ids of the instances that the spec launched.
func (by somebody) launched() []string {
	var ids []string
	for _, r := range must(by.ec2.DescribeInstances(by.Context(), &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{{Name: new("tag-key"), Values: []string{"ssmctl:instance"}}}})).Reservations {
		for _, i := range r.Instances {
			ids = append(ids, *i.InstanceId)
		}
	}
	return ids
}

const terminated = "; loses the instance, its instance-store data and its addresses for good"

func TestInstance(t *testing.T) {
	t.Parallel()
	tellAll(t, map[string]story{
		"one more is launched, and the first stays": {first: launchOne, then: launchTwo, plan: []string{"create instance/new/2"}, oneWay: true},
		"one less is terminated, and the first stays": {
			first: launchTwo, then: launchOne, plan: []string{"delete instance/new/2" + terminated}, oneWay: true,
		},
		"another profile and tags": {
			first: launchOne, then: strings.Replace(launchOne, "role: one}}", "role: two, tags: {App: web}}}", 1), plan: []string{"update instance/new"},
		},
		"another profile, stopped": {
			first: launchOne, meanwhile: func(by somebody) { by.stops(by.launched()[0]) },
			then: strings.Replace(launchOne, "role: one}}", "role: two}}", 1), plan: []string{"update instance/new"},
		},
		"profile deleted and made again": {
			first: launchOne, meanwhile: func(by somebody) { by.remakesProfile("one", "one") }, oneWay: true,
			plan: []string{"update instance/new; loses the tie to a profile that is gone for good"},
		},
		"replacement": {
			first: launchOne, then: strings.Replace(launchOne, "t3.micro", "t3.large", 1), refused: "launched with other settings, and EC2 cannot change them",
		},
		"protected from termination": {
			first: launchOne, then: "roles: {one: {type: instance}}", refused: "is protected from termination",
			meanwhile: func(by somebody) {
				must(by.ec2.ModifyInstanceAttribute(by.Context(), &ec2.ModifyInstanceAttributeInput{InstanceId: new(by.launched()[0]), DisableApiTermination: &ec2types.AttributeBooleanValue{Value: new(true)}}))
			},
		},
		"AMI by parameter": {
			then:   "roles: {one: {type: instance}}\ninstances: {new: {launch: {ami: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64, instance_type: t3.micro, volume_gb: 20}, role: one}}",
			plan:   []string{"create attachment/role/one/aws:AmazonSSMManagedInstanceCore", "create instance/new", "create profile/one", "create role/one"},
			oneWay: false,
		},
		"a tag admits an instance that came later": {
			first: webTagged, meanwhile: func(by somebody) { by.tags(web, "App", "web") }, plan: []string{"create association/" + web},
		},
		"a tag that nobody carries": {
			then: webTagged, notes: []string{"no instance carries all the tags"},
			plan: []string{"create attachment/role/one/aws:AmazonSSMManagedInstanceCore", "create profile/one", "create role/one"},
		},
		"tags of a launched one copied by hand": {
			first: launchOne, refused: "both carry the tags of instance new",
			meanwhile: func(by somebody) { by.tags(web, "ssmctl:name", "test"); by.tags(web, "ssmctl:instance", "new") },
		},
	})
}

// What the spec launched is tied to its profile by its own entry, and by no
// other; but a restriction may name it by its id.
func TestLaunchedInstanceByID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		mustApply(t, account, head+launchOne)
		launched := somebody{t, account, clientsOf(account)}.launched()[0]
		_, _, refused := review(t, connect(t, account), head+launchOne[:len(launchOne)-1]+", web: {id: "+launched+", role: two}}")
		if want := "was launched by entry new of this spec"; !strings.Contains(refused, want) {
			t.Errorf("refused: %q, want %q", refused, want)
		}
		mustApply(t, account, head+launchOne+"\nrestrictions: {run: {documents: [AWS-RunPatchBaseline], instances: ["+launched+"]}}")
	})
}

// An instance is launched once, however its launch fails.
func TestLaunchOnce(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]sandbox.FaultEffect{"dropped": sandbox.DropAfter, "truncated": sandbox.Truncate, "500": sandbox.ServerError} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				account.Inject(sandbox.Fault{Operation: "ec2:RunInstances", Nth: 1, Effect: effect})
				mustApply(t, account, head+launchOne)
				if n := len(somebody{t, account, clientsOf(account)}.launched()); n != 1 {
					t.Errorf("%d instances, want 1", n)
				}
			})
		})
	}
}

// EC2 says "windows" of an instance of Windows, and a restart of its agent is a
// command of PowerShell.
func TestRestartOnWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		mustApply(t, account, head+tiedToOne)
		session := connectBy(t, account, rewriting{account.Client().Transport, func(answer []byte) []byte {
			return bytes.ReplaceAll(answer, []byte("<instanceType>"), []byte("<platform>windows</platform><instanceType>"))
		}})
		p := makePlan(t, session, head+strings.Replace(tiedToTwo, "if_profile", "restart: agent, if_profile", 1))
		if r := run(session, p); r.Outcome != executor.Applied {
			t.Fatalf("%s: %v", r.Outcome, r.Cause)
		}
		sent := must(clientsOf(account).ssm.ListCommands(t.Context(), &ssm.ListCommandsInput{})).Commands
		if len(sent) != 1 {
			t.Fatalf("%d commands, want 1", len(sent))
		}
		if got, want := *sent[0].DocumentName, "AWS-RunPowerShellScript"; got != want {
			t.Errorf("document %s, want %s", got, want)
		}
		if got, want := strings.Join(sent[0].Parameters["commands"], "\n"), "Restart-Service AmazonSSMAgent"; !strings.Contains(got, want) {
			t.Errorf("the command is %q, want %q in it", got, want)
		}
	})
}
