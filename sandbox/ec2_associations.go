package sandbox

import (
	"slices"
	"strings"
	"time"
)

// An association ties an instance to an instance profile: to the very one,
// by its unique id, and not to another made later under the same name.
type association struct {
	ID         string
	Instance   string
	ProfileARN string
	ProfileID  string
	Since      time.Time
	Ending     bool // it is no longer in force, and vanishes when it has been seen to go
	settling   unseen
}

// key puts the associations of an instance next to each other.
func (a *association) key() string { return a.Instance + "/" + a.ID }

func (a *association) profileName() string {
	return a.ProfileARN[strings.LastIndexByte(a.ProfileARN, '/')+1:]
}

// associationOf returns the association in force for an instance, or nil.
func (c *call) associationOf(i *instance) *association {
	return c.region().associationOf(i)
}

func (r *region) associationOf(i *instance) *association {
	for a := range r.Associations.after(i.ID + "/") {
		if a.Instance != i.ID {
			break
		}
		if !a.Ending {
			return a
		}
	}
	return nil
}

func (c *call) associate(i *instance, p *instanceProfile) *association {
	a := &association{ID: c.newResourceID("iip-assoc"), Instance: i.ID, ProfileARN: c.profileARN(p), ProfileID: p.ID, Since: c.now.Truncate(time.Second)}
	c.hide(&a.settling)
	c.region().Associations.put(a)
	return a
}

// end takes an association out of force.
func (c *call) end(a *association) {
	a.Ending = true
	c.hide(&a.settling)
	if c.hiding == 0 {
		c.region().Associations.remove(a.key())
	}
}

// A profileSpec names an instance profile in a request of EC2.
type profileSpec struct{ Name, Arn string }

// launchable finds a profile that an instance can have; nil if none is named.
// EC2 learns of new profiles, and of new roles in them, later than IAM.
func (c *call) launchable(s profileSpec) (*instanceProfile, error) {
	if s.Name == "" && s.Arn == "" {
		return nil, nil
	}
	invalid := func(format string, args ...any) error {
		if s.Arn != "" {
			return errorf("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.arn is invalid. "+format, append([]any{s.Arn}, args...)...)
		}
		return errorf("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. "+format, append([]any{s.Name}, args...)...)
	}
	if s.Name != "" && s.Arn != "" {
		return nil, errorf("InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'")
	}
	name := s.Name + s.Arn[strings.LastIndexByte(s.Arn, '/')+1:]
	p := c.Profiles.get(strings.ToLower(name))
	known := p != nil && c.sees(&p.unseen)
	withRole := p != nil && p.Role != "" && c.sees(&p.unseenRole)
	switch {
	case s.Arn != "" && (!known || c.profileARN(p) != s.Arn):
		return nil, invalid("Invalid IAM Instance Profile ARN")
	case !known:
		return nil, invalid("Invalid IAM Instance Profile name")
	case !withRole:
		return nil, invalid(`IAM Instance Profile "%s" has no associated IAM Roles`, c.profileARN(p))
	}
	return p, nil
}

type associationView struct {
	AssociationId      string
	InstanceId         string
	IamInstanceProfile profileRef
	State              string
	Timestamp          time.Time
}

func viewAssociation(a *association, state string) associationView {
	return associationView{a.ID, a.Instance, profileRef{a.ProfileARN, a.ProfileID}, state, a.Since}
}

type associationOutput struct {
	Association associationView `xml:"iamInstanceProfileAssociation"`
}

func associateIamInstanceProfile(c *call, in struct {
	InstanceId         string      `is:"!"`
	IamInstanceProfile profileSpec `is:"!"`
},
) (out associationOutput, err error) {
	i, err := c.instance(in.InstanceId)
	if err != nil {
		return out, err
	}
	if state := c.state(i); state != "running" && state != "stopped" {
		return out, errorf("IncorrectInstanceState", "The instance '%s' is not in the 'running' or 'stopped' states.", i.ID)
	}
	if c.associationOf(i) != nil {
		return out, errorf("IncorrectState", "There is an existing association for instance %s", i.ID)
	}
	p, err := c.launchable(in.IamInstanceProfile)
	if err != nil {
		return out, err
	}
	out.Association = viewAssociation(c.associate(i, p), "associating")
	return out, nil
}

// association finds an association in force.
func (c *call) association(id string) (*association, error) {
	for a := range c.region().Associations.all {
		if a.ID == id && !a.Ending {
			return a, nil
		}
	}
	return nil, errorf("InvalidAssociationID.NotFound", "An invalid association-id of '%s' was given", id)
}

// replaceIamInstanceProfileAssociation makes a new association, with a new
// id, for a running instance.
func replaceIamInstanceProfileAssociation(c *call, in struct {
	AssociationId      string      `is:"!"`
	IamInstanceProfile profileSpec `is:"!"`
},
) (out associationOutput, err error) {
	old, err := c.association(in.AssociationId)
	if err != nil {
		return out, err
	}
	i, err := c.instance(old.Instance)
	if err != nil {
		return out, err
	}
	if c.state(i) != "running" {
		return out, errorf("IncorrectState", "The association %s is not the active association", old.ID)
	}
	p, err := c.launchable(in.IamInstanceProfile)
	if err != nil {
		return out, err
	}
	c.end(old)
	out.Association = viewAssociation(c.associate(i, p), "associating")
	return out, nil
}

func disassociateIamInstanceProfile(c *call, in struct {
	AssociationId string `is:"!"`
},
) (out associationOutput, err error) {
	a, err := c.association(in.AssociationId)
	if err == nil {
		c.end(a)
		out.Association = viewAssociation(a, "disassociating")
	}
	return out, err
}

func describeIamInstanceProfileAssociations(c *call, in struct {
	pages
	AssociationIds []string `form:"AssociationId"`
	Filters        []filter `form:"Filter"`
}) (out struct {
	IamInstanceProfileAssociationSet []associationView
	NextToken                        *string
}, err error,
) {
	if err := in.check(nil); err != nil {
		return out, err
	}
	for _, id := range in.AssociationIds {
		if _, err := c.association(id); err != nil {
			return out, err
		}
	}
	var list []associationView
	for a := range c.region().Associations.all {
		if len(in.AssociationIds) > 0 && !slices.Contains(in.AssociationIds, a.ID) {
			continue
		}
		settled, state := c.sees(&a.settling), "associated"
		switch {
		case a.Ending && settled:
			continue
		case a.Ending:
			state = "disassociating"
		case !settled:
			state = "associating"
		}
		ok, err := matches(in.Filters, nil, func(name string) ([]string, bool) {
			switch name {
			case "instance-id":
				return []string{a.Instance}, true
			case "state":
				return []string{state}, true
			}
			return nil, false
		})
		if err != nil {
			return out, err
		}
		if ok {
			list = append(list, viewAssociation(a, state))
		}
	}
	out.IamInstanceProfileAssociationSet, out.NextToken, err = tokenPage(c, list, in.NextToken, in.MaxResults, func(v associationView) string { return v.AssociationId })
	return out, err
}
