package sandbox

import (
	"cmp"
	"strings"
	"time"
)

// Instance profiles as IAM answers them.
type profileView struct {
	Path                string
	InstanceProfileName string
	InstanceProfileId   string
	Arn                 string
	CreateDate          time.Time
	Roles               []roleView
	Tags                *[]tag
}

func (c *call) profile(name string) (*instanceProfile, error) {
	if p := c.Profiles.get(strings.ToLower(name)); p != nil {
		return p, nil
	}
	return nil, noSuchEntity("Instance Profile %s cannot be found.", name)
}

// viewProfile shows tags only where the call does.
func (c *call) viewProfile(p *instanceProfile, r *role, full bool) profileView {
	v := profileView{Path: p.Path, InstanceProfileName: p.Name, InstanceProfileId: p.ID, Arn: c.profileARN(p), CreateDate: p.Created}
	if r != nil {
		v.Roles = []roleView{c.viewRole(r, inProfile)}
	}
	if full {
		v.Tags = viewTags(p.Tags)
	}
	return v
}

func createInstanceProfile(c *call, in struct {
	InstanceProfileName string `is:"name128!"`
	Path                string `is:"path"`
	Tags                []tag  `is:"tags"`
},
) (out struct{ InstanceProfile profileView }, err error) {
	if c.Profiles.has(strings.ToLower(in.InstanceProfileName)) {
		return out, errorf("EntityAlreadyExists", "Instance Profile %s already exists.", in.InstanceProfileName)
	}
	if c.full(c.Profiles.len(), profileQuota) {
		return out, overQuota("InstanceProfilesPerAccount", profileQuota)
	}
	t, err := c.with(nil, in.Tags, false)
	if err != nil {
		return out, err
	}
	p := &instanceProfile{
		Name: in.InstanceProfileName, Path: cmp.Or(in.Path, "/"), ID: c.newID("AIPA"),
		Created: c.now.Truncate(time.Second), Tags: t,
	}
	c.hide(&p.unseen)
	c.Profiles.put(p)
	out.InstanceProfile = c.viewProfile(p, nil, true)
	return out, nil
}

type profileInput struct {
	InstanceProfileName string `is:"name128!"`
}

func getInstanceProfile(c *call, in profileInput) (out struct{ InstanceProfile profileView }, err error) {
	p, err := c.profile(in.InstanceProfileName)
	if err == nil {
		out.InstanceProfile = c.viewProfile(p, c.roleByID(p.Role), true)
	}
	return out, err
}

type profilesOutput struct {
	InstanceProfiles []profileView
	truncation
}

func listInstanceProfiles(c *call, in struct {
	paging
	PathPrefix string `is:"pathPrefix"`
},
) (out profilesOutput, err error) {
	profiles, t, err := page(c, &c.Profiles, in.paging, func(p *instanceProfile) bool { return strings.HasPrefix(p.Path, in.PathPrefix) })
	out.truncation = t
	roles := map[string]*role{}
	for r := range c.Roles.all {
		roles[r.ID] = r
	}
	for _, p := range profiles {
		out.InstanceProfiles = append(out.InstanceProfiles, c.viewProfile(p, roles[p.Role], false))
	}
	return out, err
}

func listInstanceProfilesForRole(c *call, in struct {
	paging
	RoleName string `is:"roleName!"`
},
) (out profilesOutput, err error) {
	r, err := c.role(in.RoleName)
	if err != nil {
		return out, err
	}
	profiles, t, err := page(c, &c.Profiles, in.paging, func(p *instanceProfile) bool { return p.Role == r.ID })
	out.truncation = t
	for _, p := range profiles {
		out.InstanceProfiles = append(out.InstanceProfiles, c.viewProfile(p, r, false))
	}
	return out, err
}

// deleteInstanceProfile minds the role, but not the instances that still use
// the profile: nor does IAM.
func deleteInstanceProfile(c *call, in profileInput) (out none, err error) {
	p, err := c.profile(in.InstanceProfileName)
	switch {
	case err != nil:
	case p.Role != "":
		err = deleteConflict("remove roles from instance profile")
	default:
		c.Profiles.remove(p.key())
	}
	return out, err
}

type profileRole struct {
	InstanceProfileName string `is:"name128!"`
	RoleName            string `is:"roleName!"`
}

// addRoleToInstanceProfile is refused when there is a role already, even when
// it is the same one.
func addRoleToInstanceProfile(c *call, in profileRole) (out none, err error) {
	p, err := c.profile(in.InstanceProfileName)
	if err != nil {
		return out, err
	}
	r, err := c.modifiableRole(in.RoleName)
	if err != nil {
		return out, err
	}
	if err := c.found(&r.principal); err != nil {
		return out, err
	}
	if p.Role != "" {
		return out, overQuota("InstanceSessionsPerInstanceProfile", 1)
	}
	p.Role = r.ID
	c.hide(&p.unseenRole)
	return out, nil
}

func removeRoleFromInstanceProfile(c *call, in profileRole) (out none, err error) {
	p, err := c.profile(in.InstanceProfileName)
	if err != nil {
		return out, err
	}
	r, err := c.modifiableRole(in.RoleName)
	if err != nil {
		return out, err
	}
	if p.Role != r.ID {
		return out, noSuchEntity("The role with name %s is not in the instance profile %s.", r.Name, p.Name)
	}
	p.Role = ""
	return out, nil
}
