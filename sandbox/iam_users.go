package sandbox

import (
	"strings"
	"time"
)

// Users as IAM answers them.
type userView struct {
	Path                string
	UserName            string
	UserId              string
	Arn                 string
	CreateDate          time.Time
	PermissionsBoundary *boundaryView
	Tags                *[]tag
}

type boundaryView struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

// nameable is what a request says about whom it is for: one of the three.
type nameable struct {
	UserName  string `is:"userName"`
	GroupName string `is:"name128"`
	RoleName  string `is:"roleName"`
}

func (c *call) user(name string) (*user, error) {
	if u := c.Users.get(strings.ToLower(name)); u != nil {
		return u, nil
	}
	return nil, noSuchEntity("The user with name %s cannot be found.", name)
}

// principal finds the user, group or role that a request of that kind names.
func (c *call) principal(k kind, n nameable) (*principal, error) {
	missing := func(field string) error {
		return c.invalidAll([]string{"Value null at '" + field + "' failed to satisfy constraint: Member must not be null"})
	}
	switch k {
	case userKind:
		if n.UserName == "" {
			return nil, missing("userName")
		}
		u, err := c.user(n.UserName)
		if err != nil {
			return nil, err
		}
		return &u.principal, nil
	case groupKind:
		if n.GroupName == "" {
			return nil, missing("groupName")
		}
		g, err := c.group(n.GroupName)
		if err != nil {
			return nil, err
		}
		return &g.principal, nil
	default:
		if n.RoleName == "" {
			return nil, missing("roleName")
		}
		r, err := c.role(n.RoleName)
		if err != nil {
			return nil, err
		}
		return &r.principal, nil
	}
}

// modifiable finds the same, and refuses what only AWS may change.
func (c *call) modifiable(k kind, n nameable) (*principal, error) {
	p, err := c.principal(k, n)
	if err != nil {
		return nil, err
	}
	return p, protected(p)
}

// protected refuses roles that belong to an AWS service.
func protected(p *principal) error {
	if p.Kind == roleKind && (strings.HasPrefix(p.Path, "/aws-service-role/") || strings.HasPrefix(p.Path, "/aws-reserved/")) {
		return errorf("UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", p.Name)
	}
	return nil
}

// newPrincipal makes a principal that is in no table yet.
func (c *call) newPrincipal(k kind, name, path string) principal {
	if path == "" {
		path = "/"
	}
	p := principal{Kind: k, Name: name, Path: path, ID: c.newID(k.prefix()), Created: c.now.Truncate(time.Second)}
	c.hide(&p.unseen)
	return p
}

func (c *call) viewUser(u *user, full bool) userView {
	v := userView{Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: c.principalARN(&u.principal), CreateDate: u.Created}
	if full {
		v.PermissionsBoundary = viewBoundary(u.Boundary)
		v.Tags = viewTags(u.Tags)
	}
	return v
}

func viewBoundary(arn string) *boundaryView {
	if arn == "" {
		return nil
	}
	return &boundaryView{"Policy", arn}
}

// viewTags leaves the element out when there is no tag, as IAM does.
func viewTags(t tags) *[]tag {
	if len(t) == 0 {
		return nil
	}
	return new(t.list())
}

// userQuota, and the like below, are IAM's default quotas.
const (
	userQuota    = 5000
	groupQuota   = 300
	roleQuota    = 1000
	profileQuota = 1000
	policyQuota  = 1500
)

func createUser(c *call, in struct {
	UserName            string `is:"userName!"`
	Path                string `is:"path"`
	PermissionsBoundary string `is:"arn"`
	Tags                []tag  `is:"tags"`
},
) (out struct{ User userView }, err error) {
	if c.Users.has(strings.ToLower(in.UserName)) {
		return out, errorf("EntityAlreadyExists", "User with name %s already exists.", in.UserName)
	}
	if c.full(c.Users.len(), userQuota) {
		return out, overQuota("UsersPerAccount", userQuota)
	}
	t, err := c.with(nil, in.Tags, true)
	if err != nil {
		return out, err
	}
	if err := c.boundary(in.PermissionsBoundary); err != nil {
		return out, err
	}
	u := &user{principal: c.newPrincipal(userKind, in.UserName, in.Path)}
	u.Tags, u.Boundary = t, in.PermissionsBoundary
	c.Users.put(u)
	out.User = c.viewUser(u, true)
	return out, nil
}

func getUser(c *call, in struct {
	UserName string `is:"userName"`
},
) (out struct{ User userView }, err error) {
	if in.UserName == "" {
		u := c.caller()
		if u == nil { // the root of the account
			out.User = userView{Path: "/", UserName: "root", UserId: c.ID, Arn: c.arn("iam", "", "root")}
			return out, nil
		}
		in.UserName = u.Name
	}
	u, err := c.user(in.UserName)
	if err == nil {
		out.User = c.viewUser(u, true)
	}
	return out, err
}

func listUsers(c *call, in struct {
	paging
	PathPrefix string `is:"pathPrefix"`
}) (out struct {
	Users []userView
	truncation
}, err error,
) {
	users, t, err := page(c, &c.Users, in.paging, func(u *user) bool { return strings.HasPrefix(u.Path, in.PathPrefix) })
	out.truncation = t
	for _, u := range users {
		out.Users = append(out.Users, c.viewUser(u, false))
	}
	return out, err
}

func updateUser(c *call, in struct {
	UserName    string `is:"userName!"`
	NewUserName string `is:"userName"`
	NewPath     string `is:"path"`
},
) (out none, err error) {
	u, err := c.user(in.UserName)
	if err != nil {
		return out, err
	}
	if to := c.Users.get(strings.ToLower(in.NewUserName)); to != nil && to != u {
		return out, errorf("EntityAlreadyExists", "User with name %s already exists.", in.NewUserName)
	}
	c.Users.remove(u.key())
	rename(&u.principal, in.NewUserName, in.NewPath)
	c.Users.put(u)
	return out, nil
}

// rename gives what is not "".
func rename(p *principal, name, path string) {
	if name != "" {
		p.Name = name
	}
	if path != "" {
		p.Path = path
	}
}

func deleteUser(c *call, in struct {
	UserName string `is:"userName!"`
},
) (out none, err error) {
	u, err := c.user(in.UserName)
	switch {
	case err != nil:
	case u.Login != nil:
		err = deleteConflict("delete login profile")
	case len(u.Keys) > 0:
		err = deleteConflict("delete access keys")
	case len(u.Inline) > 0:
		err = deleteConflict("delete policies")
	case len(u.Attached) > 0:
		err = deleteConflict("detach all policies")
	case len(u.Groups) > 0:
		err = deleteConflict("remove users from group")
	default:
		c.Users.remove(u.key())
	}
	return out, err
}
