package sandbox

import (
	"cmp"
	"strings"
	"time"
)

// Roles as IAM answers them. Documents are URL-encoded.
type roleView struct {
	Path                     string
	RoleName                 string
	RoleId                   string
	Arn                      string
	CreateDate               time.Time
	AssumeRolePolicyDocument string
	Description              *string
	MaxSessionDuration       *int
	PermissionsBoundary      *boundaryView
	Tags                     *[]tag
	RoleLastUsed             *none
}

func (c *call) role(name string) (*role, error) {
	if r := c.Roles.get(strings.ToLower(name)); r != nil {
		return r, nil
	}
	return nil, noSuchEntity("The role with name %s cannot be found.", name)
}

// modifiableRole refuses roles that only AWS may change.
func (c *call) modifiableRole(name string) (*role, error) {
	r, err := c.role(name)
	if err != nil {
		return nil, err
	}
	return r, protected(&r.principal)
}

// A detail says which call a role is shown by: lists leave things out.
type detail int

const (
	inProfile detail = iota // neither description nor session length
	inList                  // no boundary, no tags
	inFull
)

func (c *call) viewRole(r *role, d detail) roleView {
	v := roleView{
		Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: c.principalARN(&r.principal), CreateDate: r.Created,
		AssumeRolePolicyDocument: urlEncode(c.showTrust(r.Trust)),
	}
	if d >= inList {
		v.Description, v.MaxSessionDuration = optional(r.Description), &r.MaxSession
	}
	if d >= inFull {
		v.PermissionsBoundary, v.Tags, v.RoleLastUsed = viewBoundary(r.Boundary), viewTags(r.Tags), &none{}
	}
	return v
}

// optional leaves an element out when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

const defaultSession = 3600

func createRole(c *call, in struct {
	RoleName                 string `is:"roleName!"`
	Path                     string `is:"path"`
	AssumeRolePolicyDocument string `is:"document!"`
	Description              string `is:"description"`
	MaxSessionDuration       int    `is:"session"`
	PermissionsBoundary      string `is:"arn"`
	Tags                     []tag  `is:"tags"`
},
) (out struct{ Role roleView }, err error) {
	if c.Roles.has(strings.ToLower(in.RoleName)) {
		return out, errorf("EntityAlreadyExists", "Role with name %s already exists.", in.RoleName)
	}
	if strings.HasPrefix(in.Path, "/aws-service-role/") || strings.HasPrefix(in.Path, "/aws-reserved/") {
		return out, errorf("InvalidInput", "Role path %s is reserved for AWS.", in.Path)
	}
	if c.full(c.Roles.len(), roleQuota) {
		return out, overQuota("RolesPerAccount", roleQuota)
	}
	t, err := c.with(nil, in.Tags, true)
	if err != nil {
		return out, err
	}
	trust, err := c.trust(in.AssumeRolePolicyDocument)
	if err != nil {
		return out, err
	}
	if err := c.boundary(in.PermissionsBoundary); err != nil {
		return out, err
	}
	r := &role{
		principal: c.newPrincipal(roleKind, in.RoleName, in.Path),
		Trust:     trust, Description: in.Description, MaxSession: cmp.Or(in.MaxSessionDuration, defaultSession),
	}
	r.Tags, r.Boundary = t, in.PermissionsBoundary
	c.Roles.put(r)
	out.Role = c.viewRole(r, inFull)
	return out, nil
}

type roleInput struct {
	RoleName string `is:"roleName!"`
}

func getRole(c *call, in roleInput) (out struct{ Role roleView }, err error) {
	r, err := c.role(in.RoleName)
	if err == nil {
		out.Role = c.viewRole(r, inFull)
	}
	return out, err
}

func listRoles(c *call, in struct {
	paging
	PathPrefix string `is:"pathPrefix"`
}) (out struct {
	Roles []roleView
	truncation
}, err error,
) {
	roles, t, err := page(c, &c.Roles, in.paging, func(r *role) bool { return strings.HasPrefix(r.Path, in.PathPrefix) })
	out.truncation = t
	for _, r := range roles {
		out.Roles = append(out.Roles, c.viewRole(r, inList))
	}
	return out, err
}

// An updateResult has nothing in it, and yet is there.
type updateResult struct{}

// updateRole leaves alone what is not given.
func updateRole(c *call, in struct {
	RoleName           string  `is:"roleName!"`
	Description        *string `is:"description"`
	MaxSessionDuration int     `is:"session"`
},
) (out updateResult, err error) {
	r, err := c.modifiableRole(in.RoleName)
	if err != nil {
		return out, err
	}
	if in.Description != nil {
		r.Description = *in.Description
	}
	r.MaxSession = cmp.Or(in.MaxSessionDuration, r.MaxSession)
	return out, nil
}

func updateRoleDescription(c *call, in struct {
	RoleName    string  `is:"roleName!"`
	Description *string `is:"description!"`
},
) (out struct{ Role roleView }, err error) {
	r, err := c.modifiableRole(in.RoleName)
	if err == nil {
		r.Description = *in.Description
		out.Role = c.viewRole(r, inList)
	}
	return out, err
}

func updateAssumeRolePolicy(c *call, in struct {
	RoleName       string `is:"roleName!"`
	PolicyDocument string `is:"document!"`
},
) (out none, err error) {
	r, err := c.modifiableRole(in.RoleName)
	if err != nil {
		return out, err
	}
	trust, err := c.trust(in.PolicyDocument)
	if err == nil {
		r.Trust = trust
	}
	return out, err
}

func deleteRole(c *call, in roleInput) (out none, err error) {
	r, err := c.modifiableRole(in.RoleName)
	switch {
	case err != nil:
	case len(c.profilesOf(r)) > 0:
		err = deleteConflict("remove roles from instance profile")
	case len(r.Inline) > 0:
		err = deleteConflict("delete policies")
	case len(r.Attached) > 0:
		err = deleteConflict("detach all policies")
	default:
		c.Roles.remove(r.key())
	}
	return out, err
}

// profilesOf lists the instance profiles the role is in.
func (a *account) profilesOf(r *role) []*instanceProfile {
	var list []*instanceProfile
	for p := range a.Profiles.all {
		if p.Role == r.ID {
			list = append(list, p)
		}
	}
	return list
}

// roleByID finds the role an instance profile holds, or nil.
func (a *account) roleByID(id string) *role {
	if id != "" {
		for r := range a.Roles.all {
			if r.ID == id {
				return r
			}
		}
	}
	return nil
}
