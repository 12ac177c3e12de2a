package kind

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// A User is an IAM user, without credentials, groups and policies, and without
// the boundary of one that the spec does not own, which is a Boundary. ssmctl
// never makes credentials.
type User struct {
	Name                string            `json:"name"`
	Path                string            `json:"path"`
	PermissionsBoundary string            `json:"permissions_boundary,omitempty"` // ARN
	Tags                map[string]string `json:"tags"`
}

// ID returns user/NAME.
func (u User) ID() resource.ID { return id(userKind, u.Name) }

// Needs returns the policy that bounds the user.
func (u User) Needs() []resource.ID { return boundaryNeeds(u.PermissionsBoundary) }

// A UserEntry is what a spec writes under users.
type UserEntry struct {
	Existing            bool              `spec:"existing" doc:"The user is there already and stays somebody else's: only what this entry names is added and removed." default:"false"`
	Protect             *bool             `spec:"protect" doc:"Refuse any plan that deletes the user." default:"false"`
	Only                []string          `spec:"only" reserved:"environments come with a later version; this one reads one account a file"`
	Path                string            `spec:"path" doc:"IAM path, instead of the defaults' one." pattern:"^/([A-Za-z0-9.,+@=_-]+/)*$" want:"a path such as /ssm/"`
	PermissionsBoundary string            `spec:"permissions_boundary" doc:"ARN of the policy that bounds what the user can be given." pattern:"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$" want:"the ARN of a managed policy"`
	Tags                map[string]string `spec:"tags" doc:"Tags beside the defaults' ones." max:"45"`
	Grants
}

var _ = define(Kind[User]{
	Name:    userKind,
	Summary: "An IAM user, without credentials, groups and policies.",
	Section: &entry.Section{
		Name: "users", Noun: "user",
		Summary: "Users that the spec owns, or that have access of their own. No credentials are ever made.",
		Example: "svc-patcher: {access: read-only}",
		Pattern: name64, Want: want64,
		New:    func() any { return &UserEntry{} },
		Expand: func(x *entry.Expansion, e any) { e.(*UserEntry).expand(x) },
	},
	Example: []string{
		`users: {svc-patcher: {}}`,
		`users: {svc-patcher: {path: /svc/, tags: {Team: ops}, permissions_boundary: "arn:aws:iam::aws:policy/AmazonSSMFullAccess"}}`,
		`users: {svc-patcher: {path: /svc/, tags: {Team: web}}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]User, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]User, 0, len(p.users))
		for _, u := range p.users {
			all = append(all, sw.user(u.UserName, u.Path, u.PermissionsBoundary, u.Tags))
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*User, error) {
		got, err := sw.read.iam.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		if err != nil {
			return nil, err
		}
		u := sw.user(got.User.UserName, got.User.Path, got.User.PermissionsBoundary, got.User.Tags)
		return &u, nil
	},
	Calls: userCalls,
	Write: writeUser,
	Access: func(u User, in *picture) {
		in.Principals = append(in.Principals, access.Principal{ID: u.ID(), ARN: in.arn(userKind, u.Path, u.Name), Tags: u.Tags})
		if u.PermissionsBoundary != "" {
			in.Bounds = append(in.Bounds, access.Bound{Of: u.ID(), ARN: u.PermissionsBoundary, From: u.ID()})
		}
	},
	NoCase: true,
	Owned:  func(u User, owner string) bool { return taggedBy(u.Tags, owner) },
	Loss: func(before, after *User) resource.Loss {
		if after == nil {
			return resource.Loss{What: "its unique id, which policies elsewhere may name"}
		}
		return resource.Loss{}
	},
	Preflight: func(ctx context.Context, s *Session, before, after *User) ([]Refusal, error) {
		if after != nil {
			return nil, nil
		}
		held, err := s.credentialsOf(ctx, before.Name)
		if err != nil || len(held) == 0 {
			return nil, err
		}
		return []Refusal{{
			ID:   before.ID(),
			Text: fmt.Sprintf("user %s still has %s, which nothing could bring back", before.Name, strings.Join(held, ", ")),
			Help: "remove the credentials first, when nobody uses them any more",
		}}, nil
	},
})

// user puts a user as IAM tells it in canonical form.
func (sw *Sweep) user(name, path *string, boundary *iamtypes.AttachedPermissionsBoundary, tags []iamtypes.Tag) User {
	u := User{Name: aws.ToString(name), Path: aws.ToString(path), Tags: fromIAMTags(tags)}
	if taggedBy(u.Tags, sw.Owner) {
		u.PermissionsBoundary = boundaryARN(boundary) // else it is a Boundary
	}
	return u
}

func (e *UserEntry) expand(x *entry.Expansion) {
	boundary, at := e.boundary(x, e.PermissionsBoundary, e.Existing)
	u := User{
		Name:                x.Name,
		Path:                pathOf(x.Spec, e.Path),
		PermissionsBoundary: boundary,
		Tags:                tagsFor(x.Spec, e.Tags),
	}
	var limits []resource.ID
	if e.Existing {
		if e.Path != "" {
			notOwned(x, "path")
		}
		if e.Tags != nil {
			notOwned(x, "tags")
		}
		limits = boundExisting(x, u.ID(), boundary, at...)
	} else {
		checkTags(x, u.Tags, "tags")
		x.Add(u)
		protect(x, e.Protect, u.ID())
	}
	e.Grants.expand(x, u.ID(), e.Existing, limits)
}

// notOwned reports a key that only an owner could honour.
func notOwned(x *entry.Expansion, key string) {
	x.Fault(fmt.Sprintf("`existing: true` leaves %s as it is, so %q has no effect", x.Name, key), fmt.Sprintf("drop %q, or `existing`", key), key)
}

// boundExisting asks for the boundary of a principal that the spec does not
// own, for what stands at the path, and returns what the principal's grants
// must wait for.
func boundExisting(x *entry.Expansion, of resource.ID, arn string, at ...string) []resource.ID {
	if arn == "" {
		return nil
	}
	b := Boundary{Of: of, Policy: arn}
	x.Add(b, at...)
	return []resource.ID{b.ID()}
}

// or returns the first of the values that is not empty.
func or(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func writeUser(ctx context.Context, w *Write, before, after *User) error {
	switch {
	case before == nil:
		_, err := call(ctx, w, w.iam.CreateUser, &iam.CreateUserInput{
			UserName: &after.Name, Path: &after.Path,
			PermissionsBoundary: optional(after.PermissionsBoundary), Tags: w.newTags(after.Tags),
		})
		return err
	case after == nil:
		_, err := call(ctx, w, w.iam.DeleteUser, &iam.DeleteUserInput{UserName: &before.Name})
		return gone(err)
	}
	if before.PermissionsBoundary != after.PermissionsBoundary {
		if err := bound(ctx, w, after.ID(), after.PermissionsBoundary); err != nil {
			return err
		}
	}
	if before.Path != after.Path {
		if _, err := call(ctx, w, w.iam.UpdateUser, &iam.UpdateUserInput{UserName: &after.Name, NewPath: &after.Path}); err != nil {
			return err
		}
	}
	return retag(before.Tags, after.Tags, func(keys []string) error {
		_, err := call(ctx, w, w.iam.UntagUser, &iam.UntagUserInput{UserName: &after.Name, TagKeys: keys})
		return err
	}, func(tags map[string]string) error {
		_, err := call(ctx, w, w.iam.TagUser, &iam.TagUserInput{UserName: &after.Name, Tags: iamTags(tags)})
		return err
	})
}

// credentialsOf names the credentials that stop IAM from deleting a user, and
// that could not be restored; see
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html.
func (s *Session) credentialsOf(ctx context.Context, user string) ([]string, error) {
	var held []string
	note := func(n int, what string) {
		switch {
		case n == 1:
			held = append(held, "1 "+what)
		case n > 1:
			held = append(held, fmt.Sprintf("%d %ss", n, what))
		}
	}
	if _, err := s.read.iam.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: &user}); err == nil {
		held = append(held, "a console password")
	} else if gone(err) != nil {
		return nil, err
	}
	keys, err := allRows(ctx, iam.NewListAccessKeysPaginator(s.read.iam, &iam.ListAccessKeysInput{UserName: &user}),
		func(page *iam.ListAccessKeysOutput) []iamtypes.AccessKeyMetadata { return page.AccessKeyMetadata })
	if err != nil {
		return nil, err
	}
	note(len(keys), "access key")
	mfa, err := allRows(ctx, iam.NewListMFADevicesPaginator(s.read.iam, &iam.ListMFADevicesInput{UserName: &user}),
		func(page *iam.ListMFADevicesOutput) []iamtypes.MFADevice { return page.MFADevices })
	if err != nil {
		return nil, err
	}
	note(len(mfa), "MFA device")
	certificates, err := allRows(ctx, iam.NewListSigningCertificatesPaginator(s.read.iam, &iam.ListSigningCertificatesInput{UserName: &user}),
		func(page *iam.ListSigningCertificatesOutput) []iamtypes.SigningCertificate { return page.Certificates })
	if err != nil {
		return nil, err
	}
	note(len(certificates), "signing certificate")
	ssh, err := allRows(ctx, iam.NewListSSHPublicKeysPaginator(s.read.iam, &iam.ListSSHPublicKeysInput{UserName: &user}),
		func(page *iam.ListSSHPublicKeysOutput) []iamtypes.SSHPublicKeyMetadata { return page.SSHPublicKeys })
	if err != nil {
		return nil, err
	}
	note(len(ssh), "SSH key")
	service, err := s.read.iam.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: &user})
	if err != nil {
		return nil, err
	}
	note(len(service.ServiceSpecificCredentials), "service credential")
	return held, nil
}
