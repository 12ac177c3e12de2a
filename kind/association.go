package kind

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/resource"
)

// An Association ties an instance profile to an instance that the spec did
// not launch.
type Association struct {
	Instance string `json:"instance"` // EC2 id
	Profile  string `json:"profile"`  // name; with deletedProfile behind it if that is gone; "" while one takes the place of another
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
	if a.Profile != "" && !strings.HasSuffix(a.Profile, deletedProfile) {
		needs = append(needs, id("profile", a.Profile))
	}
	return needs
}

// Holders returns the instance.
func (a Association) Holders() []resource.ID { return []resource.ID{id("instance", a.Instance)} }

// Settled returns the association with the profile it was about to get, if it
// is between two: EC2 takes the one off a stopped instance before it takes the
// other.
func (a Association) Settled(from, to resource.Object) resource.Object {
	_, okFrom := from.(Association)
	t, okTo := to.(Association)
	if okFrom && okTo && a.Profile == "" {
		a.Profile = t.Profile
	}
	return a
}

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
		for instance, i := range instances {
			if _, tied := associations[instance]; !tied && sw.swaps(instance) && !sw.launchedBySpec(i) {
				all = append(all, Association{Instance: instance})
			}
		}
		for instance, a := range associations {
			i, there := instances[instance]
			if !there || a.IamInstanceProfile == nil || sw.launchedBySpec(i) {
				continue // of what the spec launched it is a part
			}
			all = append(all, Association{Instance: instance, Profile: tiedTo(a.IamInstanceProfile, profiles)})
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Association, error) {
		profile, err := sw.carries(ctx, name)
		if err != nil || profile == "" && !sw.swaps(name) {
			return nil, err
		}
		return &Association{Instance: name, Profile: profile}, nil
	},
	Access: func(a Association, in *picture) { in.profiles[a.Instance] = tie{a.Profile, a.ID()} },
	Calls:  associationCalls,
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
			return resource.Loss{What: "the tie to a profile that is gone", Final: true}
		}
		return resource.Loss{}
	},
})

// tiedTo returns the name of the profile that an instance is tied to, marked
// if that is not the one that has the name now.
func tiedTo(ref *ec2types.IamInstanceProfile, profiles map[string]iamtypes.InstanceProfile) string {
	name := lastSegment(aws.ToString(ref.Arn))
	if now, there := profiles[name]; !there || aws.ToString(now.InstanceProfileId) != aws.ToString(ref.Id) {
		name += deletedProfile
	}
	return name
}

// carries returns the profile that one instance is tied to now, as tiedTo
// does, or "".
func (sw *Sweep) carries(ctx context.Context, instance string) (string, error) {
	a, err := sw.associationOf(ctx, instance)
	if err != nil || a == nil || a.IamInstanceProfile == nil {
		return "", err
	}
	name := lastSegment(aws.ToString(a.IamInstanceProfile.Arn))
	now, err := sw.read.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name})
	if gone(err) != nil {
		return "", err
	}
	profiles := map[string]iamtypes.InstanceProfile{}
	if err == nil {
		profiles[name] = *now.InstanceProfile
	}
	return tiedTo(a.IamInstanceProfile, profiles), nil
}

// inForce returns which of one instance's associations holds, or nil. While
// one takes the place of another both may be listed, and the new one is the
// one that is still associating.
func inForce(all []ec2types.IamInstanceProfileAssociation) *ec2types.IamInstanceProfileAssociation {
	var found *ec2types.IamInstanceProfileAssociation
	for i, a := range all {
		if found == nil || a.State == ec2types.IamInstanceProfileAssociationStateAssociating {
			found = &all[i]
		}
	}
	return found
}

// associationOf returns the association in force of one instance, or nil.
func (s *Session) associationOf(ctx context.Context, instance string) (*ec2types.IamInstanceProfileAssociation, error) {
	pages := ec2.NewDescribeIamInstanceProfileAssociationsPaginator(s.read.ec2, &ec2.DescribeIamInstanceProfileAssociationsInput{
		Filters: []ec2types.Filter{{Name: new("instance-id"), Values: []string{instance}}, {Name: new("state"), Values: []string{"associating", "associated"}}},
	})
	all, err := allRows(ctx, pages, func(page *ec2.DescribeIamInstanceProfileAssociationsOutput) []ec2types.IamInstanceProfileAssociation {
		return page.IamInstanceProfileAssociations
	})
	return inForce(all), err
}

func newAssociation(ctx context.Context, w *Write, instance, profile string) error {
	if err := mayTie(w, profile); err != nil {
		return err
	}
	_, err := call(ctx, w, w.ec2.AssociateIamInstanceProfile, &ec2.AssociateIamInstanceProfileInput{
		InstanceId: &instance, IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: &profile},
	})
	if err == nil {
		w.Session.swap(instance, false)
	}
	return err
}

// associate makes profile the one that instance carries, whatever it carries
// now; "" takes it away.
func associate(ctx context.Context, w *Write, instance, profile string) error {
	if err := mayTie(w, profile); err != nil {
		return err
	}
	current, err := w.Session.associationOf(ctx, instance)
	if err != nil {
		return err
	}
	if current == nil {
		if profile == "" {
			return w.unseen("ec2:DescribeIamInstanceProfileAssociations")
		}
		return newAssociation(ctx, w, instance, profile)
	}
	if profile != "" {
		_, err := call(ctx, w, w.ec2.ReplaceIamInstanceProfileAssociation, &ec2.ReplaceIamInstanceProfileAssociationInput{
			AssociationId: current.AssociationId, IamInstanceProfile: &ec2types.IamInstanceProfileSpecification{Name: &profile},
		})
		// EC2 replaces only on a running instance.
		if code(err) != "IncorrectState" {
			return err
		}
	}
	w.Session.swap(instance, profile != "")
	if _, err := call(ctx, w, w.ec2.DisassociateIamInstanceProfile, &ec2.DisassociateIamInstanceProfileInput{AssociationId: current.AssociationId}); gone(err) != nil {
		return err
	}
	w.Session.untied(w.change.ID())
	if profile == "" {
		return nil
	}
	return newAssociation(ctx, w, instance, profile)
}

// swap remembers whether this session is about to give an instance another
// profile by taking the one away first, so that the time between is not
// mistaken for somebody else's doing.
func (s *Session) swap(instance string, under bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.swapping[instance] = under
}

func (s *Session) swaps(instance string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.swapping[instance]
}

// mayTie refuses a profile that is gone: nothing can be tied to it again.
func mayTie(w *Write, profile string) error {
	if name, dead := strings.CutSuffix(profile, deletedProfile); dead {
		return fmt.Errorf("%s: the instance was tied to a profile %s that has been deleted, and nothing can be tied to that again", w.change.ID(), name)
	}
	return nil
}
