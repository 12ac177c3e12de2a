package sandbox

import "cmp"

// A taggable is whatever of IAM carries tags: where its tags are, and whether
// their keys are told apart by case.
type taggable struct {
	tags     *tags
	foldCase bool
	locked   error // why its tags must not be changed, or nil
}

// taggableInput names a taggable in the words of its own operations.
type taggableInput interface {
	find(*call) (taggable, error)
}

type (
	userTags struct {
		UserName string `is:"userName!"`
	}
	roleTags struct {
		RoleName string `is:"roleName!"`
	}
	policyTags struct {
		PolicyArn string `is:"arn!"`
	}
	profileTags struct {
		InstanceProfileName string `is:"name128!"`
	}
)

func (in userTags) find(c *call) (taggable, error) {
	u, err := c.user(in.UserName)
	if err != nil {
		return taggable{}, err
	}
	return taggable{&u.Tags, true, nil}, nil
}

func (in roleTags) find(c *call) (taggable, error) {
	r, err := c.role(in.RoleName)
	if err != nil {
		return taggable{}, err
	}
	return taggable{&r.Tags, true, protected(&r.principal)}, nil
}

func (in policyTags) find(c *call) (taggable, error) {
	p, err := c.ownPolicy(in.PolicyArn)
	if err != nil {
		return taggable{}, err
	}
	return taggable{&p.Tags, false, nil}, nil
}

func (in profileTags) find(c *call) (taggable, error) {
	p, err := c.profile(in.InstanceProfileName)
	if err != nil {
		return taggable{}, err
	}
	return taggable{&p.Tags, false, nil}, nil
}

// addTags returns the operation that tags. Either all tags are added or none.
func addTags[In taggableInput]() operation {
	return write(func(c *call, in struct {
		Of   In    `form:",inline"`
		Tags []tag `is:"tags!"`
	},
	) (out none, err error) {
		to, err := in.Of.find(c)
		if err := cmp.Or(err, to.locked); err != nil {
			return out, err
		}
		t, err := c.with(*to.tags, in.Tags, to.foldCase)
		if err == nil {
			*to.tags = t
		}
		return out, err
	})
}

// removeTags does not mind tags that are not there.
func removeTags[In taggableInput]() operation {
	return write(func(c *call, in struct {
		Of      In       `form:",inline"`
		TagKeys []string `is:"tags!"`
	},
	) (out none, err error) {
		from, err := in.Of.find(c)
		if err := cmp.Or(err, from.locked); err != nil {
			return out, err
		}
		*from.tags = from.tags.without(in.TagKeys, from.foldCase)
		return out, nil
	})
}

func listTags[In taggableInput]() operation {
	return read(func(c *call, in struct {
		Of In `form:",inline"`
		paging
	}) (out struct {
		Tags []tag
		truncation
	}, err error,
	) {
		of, err := in.Of.find(c)
		if err == nil {
			out.Tags, out.truncation, err = pageOf(c, of.tags.list(), in.paging, func(t tag) string { return t.Key })
		}
		return out, err
	})
}
