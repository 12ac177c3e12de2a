package kind

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/resource"
)

// A Profile is an instance profile with its role.
type Profile struct {
	Name string            `json:"name"`
	Path string            `json:"path"`
	Role string            `json:"role,omitempty"` // "" while it has none; instances of it then never register
	Tags map[string]string `json:"tags"`

	after []resource.ID // the role's grants
}

// ID returns profile/NAME.
func (p Profile) ID() resource.ID { return id("profile", p.Name) }

// Needs returns the role, and what the role must be given before an instance
// can find it.
func (p Profile) Needs() []resource.ID {
	if p.Role == "" {
		return nil
	}
	return append([]resource.ID{id(roleKind, p.Role)}, p.after...)
}

// Settled returns the profile with the role it was about to get, if it is
// between two: IAM takes the one away before it takes the other.
func (p Profile) Settled(from, to resource.Object) resource.Object {
	f, okFrom := from.(Profile)
	t, okTo := to.(Profile)
	if okFrom && okTo && p.Role == "" && f.Role != t.Role {
		p.Role = t.Role
	}
	return p
}

var _ = define(Kind[Profile]{
	Name:    "profile",
	Summary: "An instance profile with its role.",
	Example: []string{
		`roles: {ssm-managed: {type: instance}}`,
		`defaults: {tags: {Team: ops}}
roles: {ssm-managed: {type: instance}}`,
		`defaults: {tags: {Team: ops}}
roles: {ssm-managed: {type: instance, instance_profile: none}, other: {type: instance, instance_profile: ssm-managed}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Profile, error) {
		profiles, err := sw.profilesByName(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Profile, 0, len(profiles))
		for _, p := range profiles {
			read := profileOf(p)
			if marked(read.Path, sw.Owner) {
				want, _ := sw.wants(read.ID()).(Profile)
				read.Tags, err = sw.tagsOf(ctx, aws.ToString(p.Arn), want.Tags, func() (map[string]string, error) {
					got, err := sw.read.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &read.Name})
					if err != nil {
						return nil, err
					}
					return fromIAMTags(got.InstanceProfile.Tags), nil
				})
				if err != nil {
					return nil, err
				}
			}
			all = append(all, read)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Profile, error) {
		got, err := sw.read.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name})
		if err != nil {
			return nil, err
		}
		p := profileOf(*got.InstanceProfile)
		return &p, nil
	},
	Access: func(p Profile, in *picture) { in.roles[p.Name] = tie{p.Role, p.ID()} },
	Calls:  profileCalls,
	Write:  writeProfile,
	NoCase: true,
	Owned:  func(p Profile, owner string) bool { return marked(p.Path, owner) },
	Loss: func(before, after *Profile) resource.Loss {
		if after == nil {
			return resource.Loss{What: "its unique id, by which instances are tied to it"}
		}
		return resource.Loss{}
	},
	Preflight: func(ctx context.Context, s *Session, before, after *Profile) ([]Refusal, error) {
		if before == nil || after == nil {
			return nil, nil
		}
		return cannotMove(after.ID(), "instance profile "+after.Name, "it", before.Path, after.Path, "give the role another `instance_profile`, let the instances take it, then go back"), nil
	},
})

// profileOf puts a profile as IAM tells it in canonical form. A list has no
// tags.
func profileOf(p iamtypes.InstanceProfile) Profile {
	read := Profile{Name: aws.ToString(p.InstanceProfileName), Path: aws.ToString(p.Path), Tags: fromIAMTags(p.Tags)}
	if len(p.Roles) > 0 {
		read.Role = aws.ToString(p.Roles[0].RoleName)
	}
	return read
}

func writeProfile(ctx context.Context, w *Write, before, after *Profile) error {
	if after == nil {
		if before.Role != "" {
			if err := gone(removeRole(ctx, w, *before)); err != nil {
				return err
			}
		}
		_, err := call(ctx, w, w.iam.DeleteInstanceProfile, &iam.DeleteInstanceProfileInput{InstanceProfileName: &before.Name})
		return gone(err)
	}
	if before == nil {
		_, err := call(ctx, w, w.iam.CreateInstanceProfile, &iam.CreateInstanceProfileInput{
			InstanceProfileName: &after.Name, Path: &after.Path, Tags: w.newTags(after.Tags),
		})
		if err != nil {
			return err
		}
		before = &Profile{Name: after.Name, Path: after.Path, Tags: after.Tags}
		w.Session.wrote(resource.Change{After: *before}) // the role's call may not see it yet
	}
	if before.Role != after.Role {
		if before.Role != "" {
			if err := gone(removeRole(ctx, w, *before)); err != nil {
				return err
			}
		}
		if after.Role != "" {
			if _, err := call(ctx, w, w.iam.AddRoleToInstanceProfile, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &after.Name, RoleName: &after.Role}); err != nil {
				return err
			}
		}
	}
	return retag(before.Tags, after.Tags, func(keys []string) error {
		_, err := call(ctx, w, w.iam.UntagInstanceProfile, &iam.UntagInstanceProfileInput{InstanceProfileName: &after.Name, TagKeys: keys})
		return err
	}, func(tags map[string]string) error {
		_, err := call(ctx, w, w.iam.TagInstanceProfile, &iam.TagInstanceProfileInput{InstanceProfileName: &after.Name, Tags: iamTags(tags)})
		return err
	})
}

func removeRole(ctx context.Context, w *Write, p Profile) error {
	_, err := call(ctx, w, w.iam.RemoveRoleFromInstanceProfile, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: &p.Name, RoleName: &p.Role})
	return err
}
