package kind

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Role is an IAM role, without its policies and instance profiles, and
// without the boundary of one that the spec does not own, which is a Boundary.
type Role struct {
	Name                string            `json:"name"`
	Path                string            `json:"path"`
	Description         string            `json:"description,omitempty"`
	MaxSession          int32             `json:"max_session"` // seconds
	PermissionsBoundary string            `json:"permissions_boundary,omitempty"`
	Tags                map[string]string `json:"tags"`
	Trust               policy.Document   `json:"trust"`

	account string // that the role is in
}

// defaultMaxSession is what IAM gives a role that says nothing, in seconds.
const defaultMaxSession = 3600

// ID returns role/NAME.
func (r Role) ID() resource.ID { return id(roleKind, r.Name) }

// Needs returns the policy that bounds the role, and the users and roles of
// its own account that its trust policy names: IAM refuses one that names a
// principal that does not exist.
func (r Role) Needs() []resource.ID {
	needs := boundaryNeeds(r.PermissionsBoundary)
	for _, arn := range r.Trust.AWSPrincipals() {
		fields := strings.SplitN(arn, ":", 6)
		if len(fields) != 6 || fields[2] != "iam" || fields[4] != r.account {
			continue
		}
		kind, _, _ := strings.Cut(fields[5], "/")
		name := lastSegment(fields[5])
		if (kind == userKind || kind == roleKind) && name != r.Name {
			needs = append(needs, id(kind, name))
		}
	}
	return needs
}

var _ = define(Kind[Role]{
	Name:    roleKind,
	Summary: "An IAM role, without its policies and instance profiles.",
	Section: &rolesSection,
	Example: []string{
		`roles: {oncall: {type: people, trust: {accounts: ["111111111111"]}}}`,
		`roles: {oncall: {type: people, description: On call, max_session: 2h, tags: {Team: ops}, trust: {accounts: ["111111111111"], mfa: true}, permissions_boundary: "arn:aws:iam::aws:policy/AmazonSSMFullAccess"}}`,
		`users: {svc: {}}
roles: {oncall: {type: people, trust: {principals: ["arn:aws:iam::123456789012:user/svc"]}}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Role, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		more, err := sw.rolesByName(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Role, 0, len(p.roles))
		for _, r := range p.roles {
			listed := more[aws.ToString(r.RoleName)]
			listed.RoleName, listed.Path, listed.AssumeRolePolicyDocument = r.RoleName, r.Path, r.AssumeRolePolicyDocument
			listed.PermissionsBoundary, listed.Tags = r.PermissionsBoundary, r.Tags
			role, err := sw.role(listed)
			if err != nil {
				return nil, err
			}
			all = append(all, role)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Role, error) {
		got, err := sw.read.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return nil, err
		}
		role, err := sw.role(*got.Role)
		return &role, err
	},
	Calls: roleCalls,
	Write: writeRole,
	Access: func(r Role, in *picture) {
		in.Principals = append(in.Principals, access.Principal{
			ID: r.ID(), ARN: in.arn(roleKind, r.Path, r.Name), Tags: r.Tags, Trust: r.Trust,
			Service: strings.HasPrefix(r.Path, "/aws-service-role/") || onlyServices(r.Trust),
		})
		if r.PermissionsBoundary != "" {
			in.Bounds = append(in.Bounds, access.Bound{Of: r.ID(), ARN: r.PermissionsBoundary, From: r.ID()})
		}
	},
	NoCase: true,
	Owned:  func(r Role, owner string) bool { return taggedBy(r.Tags, owner) },
	Loss: func(before, after *Role) resource.Loss {
		if before == nil {
			return resource.Loss{}
		}
		if dead := before.deadPrincipals(); dead != nil && (after == nil || !before.Trust.Equal(after.Trust)) {
			return resource.Loss{What: "its trust in " + strings.Join(dead, ", ") + ", which has been deleted: IAM takes no such trust policy", Final: true}
		}
		if after == nil {
			return resource.Loss{What: "its unique id, which trust policies elsewhere may name"}
		}
		return resource.Loss{}
	},
	Preflight: func(_ context.Context, _ *Session, before, after *Role) ([]Refusal, error) {
		switch {
		case after == nil:
		case before == nil && after.trustsItself():
			return []Refusal{{
				ID:   after.ID(),
				Text: fmt.Sprintf("role %s trusts itself, and IAM makes no role whose trust policy names one that is not there yet", after.Name),
				Help: "leave it out of `trust` in one apply and add it in the next",
			}}, nil
		case before != nil:
			return cannotMove(after.ID(), "role "+after.Name, "a role", before.Path, after.Path, "declare a role of another name, let it take over, then remove this one"), nil
		}
		return nil, nil
	},
})

// deadPrincipals returns the unique ids that the trust policy names. IAM shows
// one in place of an ARN when the user or role has been deleted, even if
// another has its name now; see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.
func (r Role) deadPrincipals() []string {
	var dead []string
	for _, p := range r.Trust.AWSPrincipals() {
		if strings.HasPrefix(p, "AIDA") || strings.HasPrefix(p, "AROA") {
			dead = append(dead, p)
		}
	}
	return dead
}

func (r Role) trustsItself() bool {
	return slices.ContainsFunc(r.Trust.AWSPrincipals(), func(arn string) bool {
		fields := strings.SplitN(arn, ":", 6)
		return len(fields) == 6 && fields[4] == r.account && strings.HasPrefix(fields[5], "role/") && lastSegment(fields[5]) == r.Name
	})
}

// role puts a role as IAM tells it in canonical form.
func (sw *Sweep) role(r iamtypes.Role) (Role, error) {
	role := Role{
		Name:        aws.ToString(r.RoleName),
		Path:        aws.ToString(r.Path),
		Description: aws.ToString(r.Description),
		MaxSession:  defaultMaxSession,
		Tags:        fromIAMTags(r.Tags),
		account:     sw.Caller.Account,
	}
	if taggedBy(role.Tags, sw.Owner) {
		role.PermissionsBoundary = boundaryARN(r.PermissionsBoundary) // else it is a Boundary
	}
	if r.MaxSessionDuration != nil {
		role.MaxSession = *r.MaxSessionDuration
	}
	trust, err := document(r.AssumeRolePolicyDocument)
	if err != nil && (taggedBy(role.Tags, sw.Owner) || sw.wants(role.ID()) != nil) {
		return role, fmt.Errorf("role %s has a trust policy that ssmctl cannot read: %w; put it right by hand, then plan again", role.Name, err)
	}
	role.Trust = trust // of a role that is nobody's concern it may be one that cannot be read
	return role, nil
}

func writeRole(ctx context.Context, w *Write, before, after *Role) error {
	switch {
	case before == nil:
		_, err := call(ctx, w, w.iam.CreateRole, &iam.CreateRoleInput{
			RoleName: &after.Name, Path: &after.Path, Description: optional(after.Description),
			MaxSessionDuration: &after.MaxSession, PermissionsBoundary: optional(after.PermissionsBoundary),
			AssumeRolePolicyDocument: new(after.Trust.String()), Tags: w.newTags(after.Tags),
		})
		return err
	case after == nil:
		_, err := call(ctx, w, w.iam.DeleteRole, &iam.DeleteRoleInput{RoleName: &before.Name})
		return gone(err)
	}
	if before.PermissionsBoundary != after.PermissionsBoundary {
		if err := bound(ctx, w, after.ID(), after.PermissionsBoundary); err != nil {
			return err
		}
	}
	if !before.Trust.Equal(after.Trust) {
		if _, err := call(ctx, w, w.iam.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: &after.Name, PolicyDocument: new(after.Trust.String())}); err != nil {
			return err
		}
	}
	if before.Description != after.Description || before.MaxSession != after.MaxSession {
		// Both, always: what is left out may be reset.
		if _, err := call(ctx, w, w.iam.UpdateRole, &iam.UpdateRoleInput{RoleName: &after.Name, Description: &after.Description, MaxSessionDuration: &after.MaxSession}); err != nil {
			return err
		}
	}
	return retag(before.Tags, after.Tags, func(keys []string) error {
		_, err := call(ctx, w, w.iam.UntagRole, &iam.UntagRoleInput{RoleName: &after.Name, TagKeys: keys})
		return err
	}, func(tags map[string]string) error {
		_, err := call(ctx, w, w.iam.TagRole, &iam.TagRoleInput{RoleName: &after.Name, Tags: iamTags(tags)})
		return err
	})
}
