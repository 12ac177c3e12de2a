package kind

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ssmctl/ssmctl/resource"
)

var instanceID = regexp.MustCompile(`^m?i-[0-9a-f]{8}([0-9a-f]{9})?$`)

// An Instance is an EC2 instance. Every one is there by its id, and then
// nothing else is said of it, so that a spec can name it; one that the spec
// launched is there by the name of its entry as well, and owned by that.
type Instance struct {
	Name    string            `json:"name"`
	Launch  *Launch           `json:"launch,omitempty"`
	Profile string            `json:"profile,omitempty"` // of a launched one
	Tags    map[string]string `json:"tags,omitempty"`    // of a launched one
}

// ID returns instance/NAME or instance/ID.
func (i Instance) ID() resource.ID { return id("instance", i.Name) }

// Needs returns the instance profile.
func (i Instance) Needs() []resource.ID {
	if i.Profile == "" || strings.HasSuffix(i.Profile, deletedProfile) {
		return nil
	}
	return []resource.ID{id("profile", i.Profile)}
}

// Settled returns the instance with the profile it was about to get, if it is
// between two: EC2 takes the one off a stopped instance before it takes the
// other.
func (i Instance) Settled(from, to resource.Object) resource.Object {
	f, okFrom := from.(Instance)
	t, okTo := to.(Instance)
	if okFrom && okTo && i.Profile == "" && f.Profile != t.Profile {
		i.Profile = t.Profile
	}
	return i
}

var _ = define(Kind[Instance]{
	Name:    "instance",
	Summary: "An EC2 instance: one that the spec launched, or one that it mentions.",
	Section: &instancesSection,
	Example: []string{
		`roles: {ssm-managed: {type: instance}}
instances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 2, volume_gb: 20}, role: ssm-managed}}`,
		`roles: {ssm-managed: {type: instance}, other: {type: instance}}
instances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 2, volume_gb: 20}, role: other, tags: {App: web}}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Instance, error) {
		instances, err := sw.ec2Instances(ctx)
		if err != nil {
			return nil, err
		}
		associations, err := sw.profileAssociations(ctx)
		if err != nil {
			return nil, err
		}
		profiles, err := sw.profilesByName(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Instance, 0, len(instances))
		launched := map[string]string{} // ids by name
		for ec2ID, i := range instances {
			all = append(all, Instance{Name: ec2ID})
			if !sw.launchedBySpec(i) {
				continue
			}
			profile := ""
			if a := associations[ec2ID]; a.IamInstanceProfile != nil {
				profile = tiedTo(a.IamInstanceProfile, profiles)
			}
			read := sw.launched(i, profile)
			if other, taken := launched[read.Name]; taken {
				return nil, twins(read.Name, other, ec2ID)
			}
			launched[read.Name] = ec2ID
			all = append(all, read)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Instance, error) {
		at, err := sw.locate(ctx, launchedTags(sw.Owner, name))
		if err != nil || at == nil {
			return nil, err
		}
		if instanceID.MatchString(name) {
			return &Instance{Name: name}, nil
		}
		profile, err := sw.carries(ctx, *at.InstanceId)
		if err != nil {
			return nil, err
		}
		found := sw.launched(*at, profile)
		return &found, nil
	},
	Calls: instanceCalls,
	Write: func(ctx context.Context, w *Write, before, after *Instance) error {
		switch {
		case before == nil:
			return launch(ctx, w, *after)
		case after == nil:
			return terminate(ctx, w, *before)
		}
		return updateInstance(ctx, w, *before, *after)
	},
	Access: func(i Instance, in *picture) {
		if i.Launch != nil {
			in.launched[i.Name] = i
		}
	},
	Owned: func(i Instance, owner string) bool { return i.Launch != nil && taggedBy(i.Tags, owner) },
	Loss: func(before, after *Instance) resource.Loss {
		switch {
		case after == nil:
			return resource.Loss{What: "the instance, its instance-store data and its addresses", Final: true}
		case before != nil && before.Profile != after.Profile && strings.HasSuffix(before.Profile, deletedProfile):
			return resource.Loss{What: "the tie to a profile that is gone", Final: true}
		}
		return resource.Loss{}
	},
	Rehearse: func(ctx context.Context, r *rehearsal, before, after *Instance) error {
		switch {
		case before == nil:
			return r.launch(ctx, *after)
		case after == nil:
			r.terminate(*before)
		default:
			r.retag(after.ID(), before.Tags, after.Tags)
		}
		return nil
	},
	Preflight: preflightInstance,
})

func terminate(ctx context.Context, w *Write, i Instance) error {
	at, err := w.Session.locate(ctx, i)
	if err != nil {
		return err
	}
	if at == nil {
		return w.unseen("ec2:DescribeInstances")
	}
	_, err = call(ctx, w, w.ec2.TerminateInstances, &ec2.TerminateInstancesInput{InstanceIds: []string{*at.InstanceId}})
	return gone(err)
}

func updateInstance(ctx context.Context, w *Write, before, after Instance) error {
	at, err := w.Session.locate(ctx, before)
	if err != nil {
		return err
	}
	if at == nil {
		return fmt.Errorf("instance %s is not there any more", before.Name)
	}
	if before.Profile != after.Profile {
		if err := associate(ctx, w, *at.InstanceId, after.Profile); err != nil {
			return err
		}
	}
	return retag(before.Tags, after.Tags, func(keys []string) error {
		_, err := call(ctx, w, w.ec2.DeleteTags, &ec2.DeleteTagsInput{Resources: []string{*at.InstanceId}, Tags: ec2Keys(keys)})
		return err
	}, func(tags map[string]string) error {
		_, err := call(ctx, w, w.ec2.CreateTags, &ec2.CreateTagsInput{Resources: []string{*at.InstanceId}, Tags: ec2Tags(tags)})
		return err
	})
}

func preflightInstance(ctx context.Context, s *Session, before, after *Instance) ([]Refusal, error) {
	refuse := func(o Instance, text, help string) []Refusal {
		return []Refusal{{ID: o.ID(), Text: text, Help: help}}
	}
	switch {
	case before == nil:
		return nil, nil
	case after == nil:
		at, err := s.locate(ctx, *before)
		if err != nil || at == nil {
			return nil, err
		}
		got, err := s.read.ec2.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{InstanceId: at.InstanceId, Attribute: ec2types.InstanceAttributeNameDisableApiTermination})
		if err != nil {
			return nil, err
		}
		if got.DisableApiTermination != nil && aws.ToBool(got.DisableApiTermination.Value) {
			return refuse(*before, fmt.Sprintf("instance %s (%s) is protected from termination", before.Name, *at.InstanceId), "take the protection away in EC2 first, if it is to go"), nil
		}
		return nil, nil
	case before.Launch.digest() != after.Launch.digest():
		return refuse(*after, fmt.Sprintf("instance %s was launched with other settings, and EC2 cannot change them", after.Name), "launch a new one under another name, then remove this entry"), nil
	}
	return nil, nil
}
