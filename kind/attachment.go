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
	"github.com/ssmctl/ssmctl/resource"
)

// An Attachment is one managed policy on one principal.
type Attachment struct {
	To     resource.ID `json:"to"`     // user, group or role
	Policy string      `json:"policy"` // ARN

	after []resource.ID // what limits the grant and must be there first
}

// ID returns attachment/KIND/PRINCIPAL/POLICY, AWS's own policies as aws:NAME.
func (a Attachment) ID() resource.ID {
	return id("attachment", a.To.String()+"/"+policyName(a.Policy))
}

// awsOwned reports whether the ARN is of one of AWS's own policies, be it
// known here or newer.
func awsOwned(arn string) bool {
	return strings.Contains(arn, ":iam::aws:policy/")
}

// Needs returns the principal, the policy unless it is AWS's, and what limits
// the grant.
func (a Attachment) Needs() []resource.ID {
	needs := append([]resource.ID{a.To}, a.after...)
	if !awsOwned(a.Policy) {
		needs = append(needs, id("policy", lastSegment(a.Policy)))
	}
	return needs
}

// Holders returns the principal.
func (a Attachment) Holders() []resource.ID { return []resource.ID{a.To} }

var _ = define(Kind[Attachment]{
	Name:    "attachment",
	Summary: "One managed policy on one user, group or role.",
	Example: []string{
		`groups: {operators: {access: full}}`,
		`groups: {operators: {access: {actions: read-only}}}`,
		`users: {alice: {existing: true, policies: [AmazonSSMReadOnlyAccess]}}`,
		`users: {alice: {existing: true}}
roles: {ssm-managed: {type: instance, policies: [CloudWatchAgentServerPolicy]}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Attachment, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		var all []Attachment
		add := func(kind string, name *string, attached []iamtypes.AttachedPolicy) {
			for _, a := range attached {
				all = append(all, Attachment{To: id(kind, aws.ToString(name)), Policy: aws.ToString(a.PolicyArn)})
			}
		}
		for _, u := range p.users {
			add(userKind, u.UserName, u.AttachedManagedPolicies)
		}
		for _, g := range p.groups {
			add(groupKind, g.GroupName, g.AttachedManagedPolicies)
		}
		for _, r := range p.roles {
			add(roleKind, r.RoleName, r.AttachedManagedPolicies)
		}
		// A second copy of an attachment is none: they are sets.
		slices.SortFunc(all, func(a, b Attachment) int { return a.ID().Compare(b.ID()) })
		return slices.CompactFunc(all, func(a, b Attachment) bool { return a.ID() == b.ID() }), nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Attachment, error) {
		to, policy := holderOf(name)
		attached, err := sw.attachedTo(ctx, to)
		for _, a := range attached {
			if arn := aws.ToString(a.PolicyArn); policyName(arn) == policy {
				return &Attachment{To: to, Policy: arn}, nil
			}
		}
		return nil, err
	},
	Access: func(a Attachment, in *picture) {
		in.Grants = append(in.Grants, access.Grant{To: a.To, ARN: a.Policy, Name: lastSegment(a.Policy), From: a.ID()})
	},
	Calls: attachmentCalls,
	Write: func(ctx context.Context, w *Write, before, after *Attachment) error {
		if after == nil {
			return gone(detach(ctx, w, *before))
		}
		return attach(ctx, w, *after)
	},
	Preflight: func(_ context.Context, s *Session, _, after *Attachment) ([]Refusal, error) {
		if after == nil || awsOwned(after.Policy) {
			return nil, nil
		}
		name := lastSegment(after.Policy)
		s.mu.Lock()
		path, there := s.scope.paths[name]
		s.mu.Unlock()
		if arn := (Policy{Name: name, Path: path}).arn(s); there && arn != after.Policy {
			return []Refusal{{
				ID:   after.ID(),
				Text: fmt.Sprintf("there is no policy %s: the account has %s", after.Policy, arn),
				Help: "write that ARN",
			}}, nil
		}
		return nil, nil
	},
})

// holderOf splits KIND/PRINCIPAL/REST, the name of a link on a principal.
func holderOf(name string) (holder resource.ID, rest string) {
	kind, name, _ := strings.Cut(name, "/")
	name, rest, _ = strings.Cut(name, "/")
	return id(kind, name), rest
}

// attachedTo lists the policies on one principal.
func (sw *Sweep) attachedTo(ctx context.Context, to resource.ID) ([]iamtypes.AttachedPolicy, error) {
	switch to.Kind {
	case userKind:
		pages := iam.NewListAttachedUserPoliciesPaginator(sw.read.iam, &iam.ListAttachedUserPoliciesInput{UserName: &to.Name})
		return allRows(ctx, pages, func(page *iam.ListAttachedUserPoliciesOutput) []iamtypes.AttachedPolicy { return page.AttachedPolicies })
	case groupKind:
		pages := iam.NewListAttachedGroupPoliciesPaginator(sw.read.iam, &iam.ListAttachedGroupPoliciesInput{GroupName: &to.Name})
		return allRows(ctx, pages, func(page *iam.ListAttachedGroupPoliciesOutput) []iamtypes.AttachedPolicy {
			return page.AttachedPolicies
		})
	}
	pages := iam.NewListAttachedRolePoliciesPaginator(sw.read.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &to.Name})
	return allRows(ctx, pages, func(page *iam.ListAttachedRolePoliciesOutput) []iamtypes.AttachedPolicy { return page.AttachedPolicies })
}

func attach(ctx context.Context, w *Write, a Attachment) (err error) {
	switch a.To.Kind {
	case userKind:
		_, err = call(ctx, w, w.iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: &a.To.Name, PolicyArn: &a.Policy})
	case groupKind:
		_, err = call(ctx, w, w.iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: &a.To.Name, PolicyArn: &a.Policy})
	case roleKind:
		_, err = call(ctx, w, w.iam.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: &a.To.Name, PolicyArn: &a.Policy})
	default:
		err = fmt.Errorf("policies cannot be attached to %s", a.To)
	}
	return err
}

func detach(ctx context.Context, w *Write, a Attachment) (err error) {
	switch a.To.Kind {
	case userKind:
		_, err = call(ctx, w, w.iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: &a.To.Name, PolicyArn: &a.Policy})
	case groupKind:
		_, err = call(ctx, w, w.iam.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: &a.To.Name, PolicyArn: &a.Policy})
	case roleKind:
		_, err = call(ctx, w, w.iam.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: &a.To.Name, PolicyArn: &a.Policy})
	default:
		err = fmt.Errorf("policies cannot be detached from %s", a.To)
	}
	return err
}
