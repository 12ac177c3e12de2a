package kind

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/resource"
)

// A Boundary is the permissions boundary of a user or role that the spec does
// not own. On what it owns the boundary is part of the user or role itself,
// so that the call that makes one already bounds it.
type Boundary struct {
	Of     resource.ID `json:"of"`     // user or role
	Policy string      `json:"policy"` // ARN
}

// ID returns boundary/KIND/PRINCIPAL.
func (b Boundary) ID() resource.ID { return id("boundary", b.Of.String()) }

// Needs returns the principal, and the policy unless it is AWS's.
func (b Boundary) Needs() []resource.ID {
	return append([]resource.ID{b.Of}, boundaryNeeds(b.Policy)...)
}

// Holders returns the principal.
func (b Boundary) Holders() []resource.ID { return []resource.ID{b.Of} }

// boundaryNeeds returns the policy that a boundary names, unless it is none
// or AWS's own.
func boundaryNeeds(arn string) []resource.ID {
	if arn == "" || awsOwned(arn) {
		return nil
	}
	return []resource.ID{id("policy", lastSegment(arn))}
}

var _ = define(Kind[Boundary]{
	Name:    "boundary",
	Summary: "The permissions boundary of a user or role that the spec does not own.",
	Example: []string{
		`users: {alice: {existing: true, permissions_boundary: "arn:aws:iam::aws:policy/AmazonSSMFullAccess"}}`,
		`users: {alice: {existing: true, permissions_boundary: "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess", access: full}}`,
		`users: {alice: {existing: true}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Boundary, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		var all []Boundary
		add := func(kind string, name *string, b *iamtypes.AttachedPermissionsBoundary, tags []iamtypes.Tag) {
			if arn := boundaryARN(b); arn != "" && !taggedBy(fromIAMTags(tags), sw.Owner) {
				all = append(all, Boundary{Of: id(kind, aws.ToString(name)), Policy: arn})
			}
		}
		for _, u := range p.users {
			add(userKind, u.UserName, u.PermissionsBoundary, u.Tags)
		}
		for _, r := range p.roles {
			add(roleKind, r.RoleName, r.PermissionsBoundary, r.Tags)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Boundary, error) {
		of, _ := holderOf(name)
		var arn string
		var tags []iamtypes.Tag
		if of.Kind == userKind {
			got, err := sw.read.iam.GetUser(ctx, &iam.GetUserInput{UserName: &of.Name})
			if err != nil {
				return nil, err
			}
			arn, tags = boundaryARN(got.User.PermissionsBoundary), got.User.Tags
		} else {
			got, err := sw.read.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &of.Name})
			if err != nil {
				return nil, err
			}
			arn, tags = boundaryARN(got.Role.PermissionsBoundary), got.Role.Tags
		}
		if arn == "" || taggedBy(fromIAMTags(tags), sw.Owner) {
			return nil, nil
		}
		return &Boundary{Of: of, Policy: arn}, nil
	},
	Access: func(b Boundary, in *picture) {
		in.Bounds = append(in.Bounds, access.Bound{Of: b.Of, ARN: b.Policy, From: b.ID()})
	},
	Calls: boundaryCalls,
	Write: func(ctx context.Context, w *Write, before, after *Boundary) error {
		if after == nil {
			return gone(bound(ctx, w, before.Of, ""))
		}
		return bound(ctx, w, after.Of, after.Policy)
	},
})

// bound sets the boundary of a user or role; "" takes it away.
func bound(ctx context.Context, w *Write, of resource.ID, arn string) (err error) {
	switch {
	case of.Kind == userKind && arn == "":
		_, err = call(ctx, w, w.iam.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: &of.Name})
	case of.Kind == userKind:
		_, err = call(ctx, w, w.iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: &of.Name, PermissionsBoundary: &arn})
	case arn == "":
		_, err = call(ctx, w, w.iam.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: &of.Name})
	default:
		_, err = call(ctx, w, w.iam.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: &of.Name, PermissionsBoundary: &arn})
	}
	return err
}
