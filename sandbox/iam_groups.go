package sandbox

import (
	"slices"
	"strings"
	"time"
)

// Groups as IAM answers them.
type groupView struct {
	Path       string
	GroupName  string
	GroupId    string
	Arn        string
	CreateDate time.Time
}

func (c *call) group(name string) (*group, error) {
	if g := c.Groups.get(strings.ToLower(name)); g != nil {
		return g, nil
	}
	return nil, noSuchEntity("The group with name %s cannot be found.", name)
}

func (c *call) viewGroup(g *group) groupView {
	return groupView{g.Path, g.Name, g.ID, c.principalARN(&g.principal), g.Created}
}

// groupsByID is for following the references that users hold.
func (a *account) groupsByID() map[string]*group {
	byID := make(map[string]*group, a.Groups.len())
	for g := range a.Groups.all {
		byID[g.ID] = g
	}
	return byID
}

// hasMembers reports whether any user is in the group.
func (a *account) hasMembers(g *group) bool {
	for u := range a.Users.all {
		if slices.Contains(u.Groups, g.ID) {
			return true
		}
	}
	return false
}

func createGroup(c *call, in struct {
	GroupName string `is:"name128!"`
	Path      string `is:"path"`
},
) (out struct{ Group groupView }, err error) {
	if c.Groups.has(strings.ToLower(in.GroupName)) {
		return out, errorf("EntityAlreadyExists", "Group with name %s already exists.", in.GroupName)
	}
	if c.full(c.Groups.len(), groupQuota) {
		return out, overQuota("GroupsPerAccount", groupQuota)
	}
	g := &group{c.newPrincipal(groupKind, in.GroupName, in.Path)}
	c.Groups.put(g)
	out.Group = c.viewGroup(g)
	return out, nil
}

func getGroup(c *call, in struct {
	paging
	GroupName string `is:"name128!"`
}) (out struct {
	Group groupView
	Users []userView
	truncation
}, err error,
) {
	g, err := c.group(in.GroupName)
	if err != nil {
		return out, err
	}
	users, t, err := page(c, &c.Users, in.paging, func(u *user) bool { return slices.Contains(u.Groups, g.ID) })
	out.Group, out.truncation = c.viewGroup(g), t
	for _, u := range users {
		out.Users = append(out.Users, c.viewUser(u, false))
	}
	return out, err
}

type groupsOutput struct {
	Groups []groupView
	truncation
}

func listGroups(c *call, in struct {
	paging
	PathPrefix string `is:"pathPrefix"`
},
) (out groupsOutput, err error) {
	groups, t, err := page(c, &c.Groups, in.paging, func(g *group) bool { return strings.HasPrefix(g.Path, in.PathPrefix) })
	out.truncation = t
	for _, g := range groups {
		out.Groups = append(out.Groups, c.viewGroup(g))
	}
	return out, err
}

func listGroupsForUser(c *call, in struct {
	paging
	UserName string `is:"userName!"`
},
) (out groupsOutput, err error) {
	u, err := c.user(in.UserName)
	if err != nil {
		return out, err
	}
	groups, t, err := page(c, &c.Groups, in.paging, func(g *group) bool { return slices.Contains(u.Groups, g.ID) })
	out.truncation = t
	for _, g := range groups {
		out.Groups = append(out.Groups, c.viewGroup(g))
	}
	return out, err
}

func updateGroup(c *call, in struct {
	GroupName    string `is:"name128!"`
	NewGroupName string `is:"name128"`
	NewPath      string `is:"path"`
},
) (out none, err error) {
	g, err := c.group(in.GroupName)
	if err != nil {
		return out, err
	}
	if to := c.Groups.get(strings.ToLower(in.NewGroupName)); to != nil && to != g {
		return out, errorf("EntityAlreadyExists", "Group with name %s already exists.", in.NewGroupName)
	}
	c.Groups.remove(g.key())
	rename(&g.principal, in.NewGroupName, in.NewPath)
	c.Groups.put(g)
	return out, nil
}

func deleteGroup(c *call, in struct {
	GroupName string `is:"name128!"`
},
) (out none, err error) {
	g, err := c.group(in.GroupName)
	switch {
	case err != nil:
	case c.hasMembers(g):
		err = deleteConflict("remove users from group")
	case len(g.Inline) > 0:
		err = deleteConflict("delete policies")
	case len(g.Attached) > 0:
		err = deleteConflict("detach all policies")
	default:
		c.Groups.remove(g.key())
	}
	return out, err
}

// groupsPerUserQuota cannot be raised.
const groupsPerUserQuota = 10

type membership struct {
	UserName  string `is:"userName!"`
	GroupName string `is:"name128!"`
}

// addUserToGroup is content when the user is in the group already.
func addUserToGroup(c *call, in membership) (out none, err error) {
	g, err := c.group(in.GroupName)
	if err != nil {
		return out, err
	}
	u, err := c.user(in.UserName)
	if err != nil {
		return out, err
	}
	if err := c.found(&u.principal, &g.principal); err != nil {
		return out, err
	}
	if slices.Contains(u.Groups, g.ID) {
		return out, nil
	}
	if len(u.Groups) >= groupsPerUserQuota {
		return out, overQuota("GroupsPerUser", groupsPerUserQuota)
	}
	u.Groups = append(u.Groups, g.ID)
	return out, nil
}

func removeUserFromGroup(c *call, in membership) (out none, err error) {
	g, err := c.group(in.GroupName)
	if err != nil {
		return out, err
	}
	u, err := c.user(in.UserName)
	if err != nil {
		return out, err
	}
	i := slices.Index(u.Groups, g.ID)
	if i < 0 {
		return out, noSuchEntity("The user with name %s is not in the group %s.", u.Name, g.Name)
	}
	u.Groups = slices.Delete(u.Groups, i, i+1)
	return out, nil
}

// found answers NoSuchEntity for principals made so shortly ago that
// references to them do not find them yet.
func (c *call) found(ps ...*principal) error {
	for _, p := range ps {
		if !c.sees(&p.unseen) {
			return noSuchEntity("The %s with name %s cannot be found.", p.Kind, p.Name)
		}
	}
	return nil
}
