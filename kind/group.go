package kind

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// A Group is an IAM group, without its members and policies. Groups carry no
// tags; the path says who owns one.
type Group struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// ID returns group/NAME.
func (g Group) ID() resource.ID { return id(groupKind, g.Name) }

// Needs returns nothing.
func (g Group) Needs() []resource.ID { return nil }

// A GroupEntry is what a spec writes under groups.
type GroupEntry struct {
	Existing bool     `spec:"existing" doc:"The group is there already and stays somebody else's: only what this entry names is added and removed." default:"false"`
	Protect  *bool    `spec:"protect" doc:"Refuse any plan that deletes the group." default:"false"`
	Only     []string `spec:"only" reserved:"environments come with a later version; this one reads one account a file"`
	Members  []string `spec:"members" doc:"Names of users. One that is not declared under users must be there already." pattern:"^[A-Za-z0-9+=,.@_-]{1,64}$" want:"a user name: 1 to 64 letters, digits and any of + = , . @ _ -" example:"alice"`
	Grants
}

var _ = define(Kind[Group]{
	Name:    groupKind,
	Summary: "An IAM group, without its members and policies.",
	Section: &entry.Section{
		Name: "groups", Noun: "group",
		Summary: "IAM groups, what they may do, and who is in them.",
		Example: "operators: {access: full, members: [alice, bob]}",
		Pattern: name128, Want: want128,
		New: func() any { return &GroupEntry{} },
		Expand: func(x *entry.Expansion, e any) {
			g := e.(*GroupEntry)
			group := Group{Name: x.Name, Path: markedPath(x.Spec.Name, x.Spec.Defaults.Path)}
			if !g.Existing {
				x.Add(group)
				protect(x, g.Protect, group.ID())
			}
			for i, user := range g.Members {
				x.Add(Membership{Group: x.Name, User: user}, "members", strconv.Itoa(i))
			}
			g.Grants.expand(x, group.ID(), g.Existing, nil)
		},
	},
	Example: []string{
		`groups: {operators: {}}`,
		`defaults: {path: /ssm/}
groups: {operators: {}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Group, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Group, 0, len(p.groups))
		for _, g := range p.groups {
			all = append(all, Group{Name: aws.ToString(g.GroupName), Path: aws.ToString(g.Path)})
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Group, error) {
		got, err := sw.read.iam.GetGroup(ctx, &iam.GetGroupInput{GroupName: &name, MaxItems: new(int32(1))})
		if err != nil {
			return nil, err
		}
		return &Group{Name: aws.ToString(got.Group.GroupName), Path: aws.ToString(got.Group.Path)}, nil
	},
	Calls: groupCalls,
	Write: func(ctx context.Context, w *Write, before, after *Group) error {
		switch {
		case before == nil:
			_, err := call(ctx, w, w.iam.CreateGroup, &iam.CreateGroupInput{GroupName: &after.Name, Path: &after.Path})
			return err
		case after == nil:
			_, err := call(ctx, w, w.iam.DeleteGroup, &iam.DeleteGroupInput{GroupName: &before.Name})
			return gone(err)
		}
		_, err := call(ctx, w, w.iam.UpdateGroup, &iam.UpdateGroupInput{GroupName: &after.Name, NewPath: &after.Path})
		return err
	},
	Access: func(g Group, in *picture) {
		in.Groups = append(in.Groups, access.Group{ID: g.ID(), ARN: in.arn(groupKind, g.Path, g.Name)})
	},
	NoCase: true,
	Owned:  func(g Group, owner string) bool { return marked(g.Path, owner) },
	Loss: func(before, after *Group) resource.Loss {
		if after == nil {
			return resource.Loss{What: "its unique id"}
		}
		return resource.Loss{}
	},
})

// protect asks for the protection that an entry, or the spec's defaults, want.
func protect(x *entry.Expansion, own *bool, id resource.ID) {
	if own != nil && *own || own == nil && x.Spec.Defaults.Protect {
		x.Protect(id)
	}
}
