package kind

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ssmctl/ssmctl/resource"
)

// An Association ties an instance profile to an instance that the spec did
// not launch.
type Association struct {
	Instance string `json:"instance"` // EC2 id
	Profile  string `json:"profile"`  // name; with deletedProfile behind it if that is gone
}

// deletedProfile marks a profile that was deleted, and perhaps made again,
// while an instance carried it: the name is the same, but the instance is
// still tied to the one that is gone.
const deletedProfile = " (deleted)"

// ID returns association/INSTANCE: an instance carries at most one profile.
func (a Association) ID() resource.ID { return id("association", a.Instance) }

// Needs returns the instance and the profile.
func (a Association) Needs() []resource.ID {
	needs := []resource.ID{id("instance", a.Instance)}
	if !strings.HasSuffix(a.Profile, deletedProfile) {
		needs = append(needs, id("profile", a.Profile))
	}
	return needs
}

// Holders returns the instance.
func (a Association) Holders() []resource.ID { return []resource.ID{id("instance", a.Instance)} }

var _ = define(Kind[Association]{
	Name:    "association",
	Summary: "The instance profile that an instance carries.",
	Example: []string{
		`roles: {ssm-managed: {type: instance}}
instances: {web: {id: i-1234567890abcdef0, role: ssm-managed}}`,
		`roles: {ssm-managed: {type: instance}, other: {type: instance}}
instances: {web: {id: i-1234567890abcdef0, role: other, if_profile: replace}}`,
		`roles: {ssm-managed: {type: instance}, other: {type: instance}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Association, error) {
		associations, err := sw.profileAssociations(ctx)
		if err != nil {
			return nil, err
		}
		instances, err := sw.ec2Instances(ctx)
		if err != nil {
			return nil, err
		}
		profiles, err := sw.profilesByName(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Association, 0, len(associations))
		for instance, a := range associations {
			i, there := instances[instance]
			if tags := fromEC2Tags(i.Tags); !there || a.IamInstanceProfile == nil || taggedBy(tags, sw.Owner) && tags[instanceTag] != "" {
				continue
			}
			read := Association{Instance: instance, Profile: lastSegment(aws.ToString(a.IamInstanceProfile.Arn))}
			if now, there := profiles[read.Profile]; !there || aws.ToString(now.InstanceProfileId) != aws.ToString(a.IamInstanceProfile.Id) {
				read.Profile += deletedProfile
			}
			all = append(all, read)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Association, error) {
		got, err := sw.read.ec2.DescribeIamInstanceProfileAssociations(ctx, associationsOf(name))
		if err != nil || len(got.IamInstanceProfileAssociations) == 0 {
			return nil, err
		}
		a := got.IamInstanceProfileAssociations[0]
		found := &Association{Instance: name, Profile: lastSegment(aws.ToString(a.IamInstanceProfile.Arn))}
		now, err := sw.read.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &found.Profile})
		if gone(err) != nil {
			return nil, err
		}
		if err != nil || aws.ToString(now.InstanceProfile.InstanceProfileId) != aws.ToString(a.IamInstanceProfile.Id) {
			found.Profile += deletedProfile
		}
		return found, nil
	},
	Write: func(ctx context.Context, w *Write, before, after *Association) error {
		switch {
		case before == nil:
			return newAssociation(ctx, w, after.Instance, after.Profile)
		case after == nil:
			return associate(ctx, w, before.Instance, "")
		}
		return associate(ctx, w, after.Instance, after.Profile)
	},
	Loss: func(before, after *Association) resource.Loss {
		if before != nil && strings.HasSuffix(before.Profile, deletedProfile) {
			return resource.Loss{What: "the tie to a profile that is gone"}
		}
		return resource.Loss{}
	},
})

// associationsOf asks for the association in force of one instance.
func associationsOf(instance string) *ec2.DescribeIamInstanceProfileAssociationsInput {
	return &ec2.DescribeIamInstanceProfileAssociationsInput{
		Filters: []ec2types.Filter{{Name: new("instance-id"), Values: []string{instance}}, {Name: new("state"), Values: []string{"associating", "associated"}}},
	}
}

func newAssociation(ctx context.Context, w *Write, instance, profile string) error {
	_, err := call(ctx, w, w.ec2.AssociateIamInstanceProfile, &ec2.AssociateIamInstanceProfileInput{
		InstanceId: &instance, IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: &profile},
	})
	return err
}

// associate makes profile the one that instance carries, whatever it carries
// now; "" takes it away.
func associate(ctx context.Context, w *Write, instance, profile string) error {
	got, err := w.Session.read.ec2.DescribeIamInstanceProfileAssociations(ctx, associationsOf(instance))
	if err != nil {
		return err
	}
	if len(got.IamInstanceProfileAssociations) == 0 {
		if profile == "" {
			return nil
		}
		return newAssociation(ctx, w, instance, profile)
	}
	current := got.IamInstanceProfileAssociations[0].AssociationId
	if profile != "" {
		_, err := call(ctx, w, w.ec2.ReplaceIamInstanceProfileAssociation, &ec2.ReplaceIamInstanceProfileAssociationInput{
			AssociationId: current, IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: &profile},
		})
		// EC2 replaces only on a running instance.
		if code(err) != "IncorrectState" {
			return err
		}
	}
	if _, err := call(ctx, w, w.ec2.DisassociateIamInstanceProfile, &ec2.DisassociateIamInstanceProfileInput{AssociationId: current}); gone(err) != nil {
		return err
	}
	if profile == "" {
		return nil
	}
	return newAssociation(ctx, w, instance, profile)
}
