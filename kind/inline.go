package kind

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// An InlinePolicy is a policy document that belongs to one principal.
type InlinePolicy struct {
	Of       resource.ID     `json:"of"` // user, group or role
	Name     string          `json:"name"`
	Document policy.Document `json:"document"`

	after []resource.ID // what limits the grant and must be there first
}

// ID returns inline/KIND/PRINCIPAL/NAME.
func (p InlinePolicy) ID() resource.ID { return id("inline", p.Of.String()+"/"+p.Name) }

// Needs returns the principal and what limits the grant.
func (p InlinePolicy) Needs() []resource.ID { return append([]resource.ID{p.Of}, p.after...) }

// Holders returns the principal.
func (p InlinePolicy) Holders() []resource.ID { return []resource.ID{p.Of} }

var _ = define(Kind[InlinePolicy]{
	Name:    "inline",
	Summary: "A policy document that belongs to one user, group or role.",
	Example: []string{
		`groups: {operators: {access: {resource_groups: full}}}`,
		`users: {alice: {existing: true, inline: {look: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "ssm:List*", Resource: "*"}}}}}`,
		`users: {alice: {existing: true, inline: {look: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "ssm:Get*", Resource: "*"}}}}}
roles: {ssm-managed: {type: instance, buckets: [acme-logs/commands]}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]InlinePolicy, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		var all []InlinePolicy
		add := func(kind string, name *string, policies []iamtypes.PolicyDetail, owned bool) error {
			for _, in := range policies {
				of := id(kind, aws.ToString(name))
				doc, err := document(in.PolicyDocument)
				if err != nil && !owned && sw.wants(id("inline", of.String()+"/"+aws.ToString(in.PolicyName))) == nil {
					sw.leaveOut(unreadable{InlinePolicy{Of: of, Name: aws.ToString(in.PolicyName)}, err})
					sw.log.Warn("left out a policy that cannot be read", "of", of.String(), "policy", aws.ToString(in.PolicyName), "error", err)
					continue
				}
				if err != nil {
					return fmt.Errorf("inline policy %s of %s cannot be read: %w; put it right by hand, then plan again", aws.ToString(in.PolicyName), of, err)
				}
				all = append(all, InlinePolicy{Of: of, Name: aws.ToString(in.PolicyName), Document: doc})
			}
			return nil
		}
		for _, u := range p.users {
			if err := add(userKind, u.UserName, u.UserPolicyList, taggedBy(fromIAMTags(u.Tags), sw.Owner)); err != nil {
				return nil, err
			}
		}
		for _, g := range p.groups {
			if err := add(groupKind, g.GroupName, g.GroupPolicyList, marked(aws.ToString(g.Path), sw.Owner)); err != nil {
				return nil, err
			}
		}
		for _, r := range p.roles {
			if err := add(roleKind, r.RoleName, r.RolePolicyList, taggedBy(fromIAMTags(r.Tags), sw.Owner)); err != nil {
				return nil, err
			}
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*InlinePolicy, error) {
		of, name := holderOf(name)
		text, err := sw.inlineOf(ctx, of, name)
		if err != nil {
			return nil, err
		}
		doc, err := document(text)
		return &InlinePolicy{Of: of, Name: name, Document: doc}, err
	},
	Access: func(p InlinePolicy, in *picture) {
		in.Grants = append(in.Grants, access.Grant{To: p.Of, Name: p.Name, Document: &p.Document, From: p.ID()})
	},
	Calls: inlineCalls,
	Write: func(ctx context.Context, w *Write, before, after *InlinePolicy) error {
		if after == nil {
			return gone(deleteInline(ctx, w, *before))
		}
		return putInline(ctx, w, *after)
	},
})

// inlineOf returns the text of one inline policy, as IAM encodes it.
func (sw *Sweep) inlineOf(ctx context.Context, of resource.ID, name string) (*string, error) {
	switch of.Kind {
	case userKind:
		got, err := sw.read.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &of.Name, PolicyName: &name})
		if err != nil {
			return nil, err
		}
		return got.PolicyDocument, nil
	case groupKind:
		got, err := sw.read.iam.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &of.Name, PolicyName: &name})
		if err != nil {
			return nil, err
		}
		return got.PolicyDocument, nil
	}
	got, err := sw.read.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &of.Name, PolicyName: &name})
	if err != nil {
		return nil, err
	}
	return got.PolicyDocument, nil
}

func putInline(ctx context.Context, w *Write, p InlinePolicy) (err error) {
	text := p.Document.String()
	switch p.Of.Kind {
	case userKind:
		_, err = call(ctx, w, w.iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: &p.Of.Name, PolicyName: &p.Name, PolicyDocument: &text})
	case groupKind:
		_, err = call(ctx, w, w.iam.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: &p.Of.Name, PolicyName: &p.Name, PolicyDocument: &text})
	case roleKind:
		_, err = call(ctx, w, w.iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: &p.Of.Name, PolicyName: &p.Name, PolicyDocument: &text})
	default:
		err = fmt.Errorf("%s cannot have inline policies", p.Of)
	}
	return err
}

func deleteInline(ctx context.Context, w *Write, p InlinePolicy) (err error) {
	switch p.Of.Kind {
	case userKind:
		_, err = call(ctx, w, w.iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: &p.Of.Name, PolicyName: &p.Name})
	case groupKind:
		_, err = call(ctx, w, w.iam.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: &p.Of.Name, PolicyName: &p.Name})
	case roleKind:
		_, err = call(ctx, w, w.iam.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: &p.Of.Name, PolicyName: &p.Name})
	default:
		err = fmt.Errorf("%s cannot have inline policies", p.Of)
	}
	return err
}
