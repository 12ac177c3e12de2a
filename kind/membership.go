package kind

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/resource"
)

// A Membership is one user in one group.
type Membership struct {
	Group string `json:"group"`
	User  string `json:"user"`
}

// ID returns membership/GROUP/USER.
func (m Membership) ID() resource.ID { return id("membership", m.Group+"/"+m.User) }

// Needs returns the group and the user.
func (m Membership) Needs() []resource.ID {
	return []resource.ID{id(groupKind, m.Group), id(userKind, m.User)}
}

// Holders returns the group and the user: an owner of either owns the link.
func (m Membership) Holders() []resource.ID { return m.Needs() }

var _ = define(Kind[Membership]{
	Name:    "membership",
	Summary: "One user in one group.",
	Example: []string{
		`groups: {operators: {members: [alice]}}`,
		`groups: {operators: {members: [bob, carol]}}`,
		`groups: {operators: {}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Membership, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		var all []Membership
		for _, u := range p.users {
			for _, g := range u.GroupList {
				all = append(all, Membership{Group: g, User: aws.ToString(u.UserName)})
			}
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Membership, error) {
		group, user, _ := strings.Cut(name, "/")
		pages := iam.NewListGroupsForUserPaginator(sw.read.iam, &iam.ListGroupsForUserInput{UserName: &user})
		for page, err := range eachPage(ctx, pages) {
			if err != nil {
				return nil, err
			}
			for _, g := range page.Groups {
				if aws.ToString(g.GroupName) == group {
					return &Membership{Group: group, User: user}, nil
				}
			}
		}
		return nil, nil
	},
	Access: func(m Membership, in *picture) {
		in.Members = append(in.Members, access.Member{Group: m.Group, User: m.User, From: m.ID()})
	},
	Calls: membershipCalls,
	Write: func(ctx context.Context, w *Write, before, after *Membership) error {
		if after == nil {
			_, err := call(ctx, w, w.iam.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: &before.Group, UserName: &before.User})
			return gone(err)
		}
		_, err := call(ctx, w, w.iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: &after.Group, UserName: &after.User})
		return err
	},
})
