package sandbox_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/sandbox"
)

func (k *kit) describe(id string) types.Instance {
	k.Helper()
	return must(k.ec2.DescribeInstances(k.ctx(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}})).Reservations[0].Instances[0]
}

func (k *kit) stop(id string) {
	k.Helper()
	must(k.ec2.StopInstances(k.ctx(), &ec2.StopInstancesInput{InstanceIds: []string{id}}))
}

func associate(id, profile string) func(*kit) error {
	return func(k *kit) error {
		_, err := k.ec2.AssociateIamInstanceProfile(k.ctx(), &ec2.AssociateIamInstanceProfileInput{
			InstanceId: &id, IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: &profile},
		})
		return err
	}
}

func run(change func(*ec2.RunInstancesInput)) func(*kit) error {
	return func(k *kit) error {
		in := &ec2.RunInstancesInput{ImageId: new(image), MinCount: new(int32(1)), MaxCount: new(int32(1))}
		change(in)
		_, err := k.ec2.RunInstances(k.ctx(), in)
		return err
	}
}

func TestEC2Refusals(t *testing.T) {
	t.Parallel()
	seeded := func(k *kit) { k.server.SeedGuide() }
	const nowhere = "i-00000000000000000"
	check(t, map[string]refusal{
		"unknown profile":        {prepare: seeded, do: associate(firstGuide, "none"), code: "InvalidParameterValue", says: "Value (none) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"},
		"profile without a role": {prepare: func(k *kit) { seeded(k); k.profile("p", "") }, do: associate(firstGuide, "p"), code: "InvalidParameterValue", says: "has no associated IAM Roles"},
		"unknown instance":       {prepare: func(k *kit) { k.role("r"); k.profile("p", "r") }, do: associate(nowhere, "p"), code: "InvalidInstanceID.NotFound", says: "The instance ID '" + nowhere + "' does not exist"},
		"malformed instance":     {do: associate("i-x", "p"), code: "InvalidInstanceID.Malformed", says: `"i-x"`},
		"second association": {
			prepare: func(k *kit) { seeded(k); k.role("r"); k.profile("p", "r"); must(0, associate(firstGuide, "p")(k)) },
			do:      associate(firstGuide, "p"), code: "IncorrectState", says: "There is an existing association for instance " + firstGuide,
		},
		"terminated instance": {prepare: func(k *kit) {
			seeded(k)
			k.role("r")
			k.profile("p", "r")
			must(k.ec2.TerminateInstances(k.ctx(), &ec2.TerminateInstancesInput{InstanceIds: []string{firstGuide}}))
		}, do: associate(firstGuide, "p"), code: "IncorrectInstanceState", says: "not in the 'running' or 'stopped' states"},
		"unknown association": {do: func(k *kit) error {
			_, err := k.ec2.DisassociateIamInstanceProfile(k.ctx(), &ec2.DisassociateIamInstanceProfileInput{AssociationId: new("iip-assoc-00000000000000000")})
			return err
		}, code: "InvalidAssociationID.NotFound", says: "iip-assoc-00000000000000000"},
		"protected": {prepare: func(k *kit) {
			seeded(k)
			must(k.ec2.ModifyInstanceAttribute(k.ctx(), &ec2.ModifyInstanceAttributeInput{InstanceId: new(firstGuide), DisableApiTermination: &types.AttributeBooleanValue{Value: new(true)}}))
		}, do: func(k *kit) error {
			_, err := k.ec2.TerminateInstances(k.ctx(), &ec2.TerminateInstancesInput{InstanceIds: []string{"i-0598c7d356eba48d7", firstGuide}})
			return err
		}, code: "OperationNotPermitted", says: "disableApiTermination", remedy: func(k *kit) {
			must(k.ec2.ModifyInstanceAttribute(k.ctx(), &ec2.ModifyInstanceAttributeInput{InstanceId: new(firstGuide), DisableApiTermination: &types.AttributeBooleanValue{Value: new(false)}}))
		}},
		"terminating one that is not there": {prepare: seeded, do: func(k *kit) error {
			_, err := k.ec2.TerminateInstances(k.ctx(), &ec2.TerminateInstancesInput{InstanceIds: []string{firstGuide, nowhere}})
			return err
		}, code: "InvalidInstanceID.NotFound"},
		"malformed image": {do: run(func(in *ec2.RunInstancesInput) { in.ImageId = new("debian") }), code: "InvalidAMIID.Malformed", says: "debian"},
		"image by parameter": {do: run(func(in *ec2.RunInstancesInput) {
			in.ImageId = new("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
		})},
		"image by none": {do: run(func(in *ec2.RunInstancesInput) { in.ImageId = new("resolve:ssm:/none") }), code: "InvalidParameterValue", says: "/none"},
		"no instances":  {do: run(func(in *ec2.RunInstancesInput) { in.MinCount, in.MaxCount = new(int32(5)), new(int32(3)) }), code: "InvalidParameterValue"},
		"launch, no profile": {do: run(func(in *ec2.RunInstancesInput) {
			in.IamInstanceProfile = &types.IamInstanceProfileSpecification{Arn: new("arn:aws:iam::123456789012:instance-profile/x")}
		}), code: "InvalidParameterValue", says: "iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"},
		"dry run": {do: run(func(in *ec2.RunInstancesInput) { in.DryRun = new(true) }), code: "DryRunOperation", says: "Request would have succeeded"},
		"launch template": {do: run(func(in *ec2.RunInstancesInput) {
			in.LaunchTemplate = &types.LaunchTemplateSpecification{LaunchTemplateName: new("lt")}
		}), code: "InvalidLaunchTemplateName.NotFoundException"},
		"tag of AWS": {prepare: seeded, do: func(k *kit) error {
			_, err := k.ec2.CreateTags(k.ctx(), &ec2.CreateTagsInput{Resources: []string{firstGuide}, Tags: []types.Tag{{Key: new("aws:x"), Value: new("")}}})
			return err
		}, code: "InvalidParameterValue", says: "reserved"},
		"page too small": {do: func(k *kit) error {
			_, err := k.ec2.DescribeInstances(k.ctx(), &ec2.DescribeInstancesInput{MaxResults: new(int32(4))})
			return err
		}, code: "InvalidParameterValue", says: "between 5 and 1000"},
		"page and ids": {prepare: seeded, do: func(k *kit) error {
			_, err := k.ec2.DescribeInstances(k.ctx(), &ec2.DescribeInstancesInput{MaxResults: new(int32(5)), InstanceIds: []string{firstGuide}})
			return err
		}, code: "InvalidParameterCombination"},
		"unknown filter": {prepare: seeded, do: func(k *kit) error {
			_, err := k.ec2.DescribeInstances(k.ctx(), &ec2.DescribeInstancesInput{Filters: []types.Filter{{Name: new("colour"), Values: []string{"red"}}}})
			return err
		}, code: "InvalidParameterValue", says: "The filter 'colour' is invalid"},
	})
}

// TestAssociations follows one instance through its profiles.
func TestAssociations(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id, first := k.node("a")
	k.role("b")
	k.profile("b", "b")
	spec := &types.IamInstanceProfileSpecification{Name: new("b")}

	k.stop(id)
	if _, err := k.ec2.ReplaceIamInstanceProfileAssociation(k.ctx(), &ec2.ReplaceIamInstanceProfileAssociationInput{AssociationId: &first, IamInstanceProfile: spec}); code(err) != "IncorrectState" || !strings.Contains(message(err), "is not the active association") {
		t.Errorf("replacing on a stopped instance: %v, want IncorrectState", err)
	}
	must(k.ec2.StartInstances(k.ctx(), &ec2.StartInstancesInput{InstanceIds: []string{id}}))
	replaced := must(k.ec2.ReplaceIamInstanceProfileAssociation(k.ctx(), &ec2.ReplaceIamInstanceProfileAssociationInput{AssociationId: &first, IamInstanceProfile: spec})).IamInstanceProfileAssociation
	if *replaced.AssociationId == first || replaced.State != types.IamInstanceProfileAssociationStateAssociating {
		t.Errorf("replaced %s by %s, %s; want a new id, associating", first, *replaced.AssociationId, replaced.State)
	}
	if !regexp.MustCompile(`^iip-assoc-[0-9a-f]{17}$`).MatchString(*replaced.AssociationId) || !regexp.MustCompile(`^i-[0-9a-f]{17}$`).MatchString(id) {
		t.Errorf("ids %s and %s are not of EC2's form", *replaced.AssociationId, id)
	}
	b := must(k.iam.GetInstanceProfile(k.ctx(), &iam.GetInstanceProfileInput{InstanceProfileName: new("b")})).InstanceProfile
	want := &types.IamInstanceProfile{Arn: b.Arn, Id: b.InstanceProfileId}
	if diff := cmp.Diff(want, k.describe(id).IamInstanceProfile, cmp.AllowUnexported(types.IamInstanceProfile{}), cmp.Transformer("text", func(p types.IamInstanceProfile) string { return *p.Arn + *p.Id })); diff != "" {
		t.Errorf("the instance's profile (-want +got):\n%s", diff)
	}

	// A profile made again is not the one that the instance has.
	before := string(k.server.Dump())
	must(k.iam.RemoveRoleFromInstanceProfile(k.ctx(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("b"), RoleName: new("b")}))
	must(k.iam.DeleteInstanceProfile(k.ctx(), &iam.DeleteInstanceProfileInput{InstanceProfileName: new("b")}))
	k.profile("b", "b")
	if got := k.describe(id).IamInstanceProfile; *got.Id != *b.InstanceProfileId {
		t.Errorf("the instance's profile has become %s, want still %s", *got.Id, *b.InstanceProfileId)
	}
	if string(k.server.Dump()) == before {
		t.Error("the dump does not show that the instance's profile is gone")
	}
	must(k.ec2.DisassociateIamInstanceProfile(k.ctx(), &ec2.DisassociateIamInstanceProfileInput{AssociationId: replaced.AssociationId}))
	if got := k.associations(id); len(got) != 0 || k.describe(id).IamInstanceProfile != nil {
		t.Errorf("disassociated, and still there: %v", got)
	}
}

func TestTerminate(t *testing.T) {
	t.Parallel()
	now := noon
	k := kitOf(t, sandbox.New(sandbox.Options{Clock: func() time.Time { return now }}))
	id, _ := k.node("n")
	for range 2 { // the second time changes nothing
		must(k.ec2.TerminateInstances(k.ctx(), &ec2.TerminateInstancesInput{InstanceIds: []string{id}}))
	}
	if i := k.describe(id); i.State.Name != types.InstanceStateNameTerminated || i.IamInstanceProfile != nil || len(k.associations(id)) != 0 {
		t.Errorf("terminated: %s, profile %v, associations %v", i.State.Name, i.IamInstanceProfile, k.associations(id))
	}
	now = now.Add(time.Hour + time.Second)
	if _, err := k.ec2.DescribeInstances(k.ctx(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}}); code(err) != "InvalidInstanceID.NotFound" {
		t.Errorf("an hour later: %v, want InvalidInstanceID.NotFound", err)
	}
}

func TestClientToken(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	in := func(kind types.InstanceType) *ec2.RunInstancesInput {
		return &ec2.RunInstancesInput{ImageId: new(image), InstanceType: kind, MinCount: new(int32(1)), MaxCount: new(int32(3)), ClientToken: new("once")}
	}
	ids := func(out *ec2.RunInstancesOutput) (ids []string) {
		for _, i := range out.Instances {
			ids = append(ids, *i.InstanceId)
		}
		slices.Sort(ids)
		return ids
	}
	first := ids(must(k.ec2.RunInstances(k.ctx(), in("t3.micro"))))
	if len(first) != 3 {
		t.Fatalf("launched %d instances, want MaxCount, 3", len(first))
	}
	if diff := cmp.Diff(first, ids(must(k.ec2.RunInstances(k.ctx(), in("t3.micro"))))); diff != "" {
		t.Errorf("the same token again (-first +second):\n%s", diff)
	}
	if _, err := k.ec2.RunInstances(k.ctx(), in("t3.small")); code(err) != "IdempotentParameterMismatch" {
		t.Errorf("the same token, another type: %v, want IdempotentParameterMismatch", err)
	}
	must(k.ec2.TerminateInstances(k.ctx(), &ec2.TerminateInstancesInput{InstanceIds: first}))
	again := must(k.ec2.RunInstances(k.ctx(), in("t3.micro")))
	if diff := cmp.Diff(first, ids(again)); diff != "" || again.Instances[0].State.Name != types.InstanceStateNameTerminated {
		t.Errorf("the token of dead instances gave %s ones (-first +again):\n%s", again.Instances[0].State.Name, diff)
	}
}

func TestDescribeInstances(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id, _ := k.node("n")
	must(k.ec2.CreateTags(k.ctx(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: new("Name"), Value: new("web/1")}, {Key: new("Env"), Value: new("dev")}}}))
	for range 11 {
		k.launch("")
	}
	stopped := k.launch("")
	k.stop(stopped)
	tests := map[string]struct {
		name   string
		values []string
		count  int
	}{
		"by state":         {"instance-state-name", []string{"stopped"}, 1},
		"by two states":    {"instance-state-name", []string{"stopped", "running"}, 13},
		"by tag":           {"tag:Name", []string{"web/1"}, 1},
		"by tag, wildcard": {"tag:Name", []string{"web*"}, 1},
		"by tag, other":    {"tag:Name", []string{"db"}, 0},
		"by tag key":       {"tag-key", []string{"Env"}, 1},
		"by profile":       {"iam-instance-profile.arn", []string{"arn:aws:iam::123456789012:instance-profile/n"}, 1},
		"by id":            {"instance-id", []string{id, stopped}, 2},
		"by VPC":           {"vpc-id", []string{*k.describe(id).VpcId}, 13},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := ec2.NewDescribeInstancesPaginator(k.ec2, &ec2.DescribeInstancesInput{MaxResults: new(int32(5)), Filters: []types.Filter{{Name: &tt.name, Values: tt.values}}})
			seen := map[string]bool{}
			pages := 0
			for p.HasMorePages() {
				for _, r := range must(p.NextPage(t.Context())).Reservations {
					for _, i := range r.Instances {
						seen[*i.InstanceId] = true
					}
				}
				pages++
			}
			if len(seen) != tt.count || pages != max(1, (tt.count+4)/5) {
				t.Errorf("%d instances on %d pages, want %d", len(seen), pages, tt.count)
			}
		})
	}
	must(k.ec2.DeleteTags(k.ctx(), &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: new("Name"), Value: new("other")}, {Key: new("Env")}}}))
	var left []string
	for _, tag := range k.describe(id).Tags {
		left = append(left, fmt.Sprint(*tag.Key, "=", *tag.Value))
	}
	if diff := cmp.Diff([]string{"Name=web/1"}, left); diff != "" {
		t.Errorf("tags left (-want +got):\n%s", diff)
	}
}
