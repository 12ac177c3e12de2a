package sandbox

import (
	"regexp"
	"slices"
	"strings"
)

type tagsInput struct {
	Resources []string `form:"ResourceId" is:"!"`
	Tags      []struct {
		Key   string
		Value *string
	} `form:"Tag"`
}

var resourceID = regexp.MustCompile(`^(vpc|subnet|sg|ami|vol|eni)-[0-9a-f]{8}([0-9a-f]{9})?$`)

// ec2Tags returns the tags of all resources named, or why one has none.
func (c *call) ec2Tags(ids []string) (map[string]tags, error) {
	found := map[string]tags{}
	for _, id := range ids {
		switch {
		case strings.HasPrefix(id, "i-"):
			i, err := c.instance(id)
			if err != nil {
				return nil, err
			}
			found[id] = i.Tags
		case resourceID.MatchString(id):
			found[id] = c.region().Tags[id]
		default:
			return nil, errorf("InvalidID", "The ID '%s' is not valid", id)
		}
	}
	return found, nil
}

func (c *call) setTags(id string, t tags) {
	r := c.region()
	if i := r.Instances.get(id); i != nil {
		i.Tags = t
		return
	}
	if r.Tags == nil {
		r.Tags = map[string]tags{}
	}
	r.Tags[id] = t
	if len(t) == 0 {
		delete(r.Tags, id)
	}
}

// createTags tags every resource, or none.
func createTags(c *call, in tagsInput) (out none, err error) {
	of, err := c.ec2Tags(in.Resources)
	if err != nil {
		return out, err
	}
	if len(in.Tags) == 0 {
		return out, errorf("MissingParameter", "The request must contain the parameter tagSet")
	}
	var more []tag
	for _, t := range in.Tags {
		one := tag{Key: t.Key}
		if t.Value != nil {
			one.Value = *t.Value
		}
		more = append(more, one)
	}
	for id, t := range of {
		if of[id], err = c.with(t, more, false); err != nil {
			return out, err
		}
	}
	for id, t := range of {
		c.setTags(id, t)
	}
	return out, nil
}

// deleteTags removes the tags of those keys; where a value is given, only if
// the tag has that value; and all tags, when none are named.
func deleteTags(c *call, in tagsInput) (out none, err error) {
	of, err := c.ec2Tags(in.Resources)
	if err != nil {
		return out, err
	}
	for id, t := range of {
		var keys []string
		for _, d := range in.Tags {
			if have, ok := t[d.Key]; ok && (d.Value == nil || *d.Value == have) {
				keys = append(keys, d.Key)
			}
		}
		if len(in.Tags) == 0 {
			keys = keysOf(t)
		}
		c.setTags(id, t.without(keys, false))
	}
	return out, nil
}

type tagView struct{ ResourceId, ResourceType, Key, Value string }

func describeTags(c *call, in struct {
	pages
	Filters []filter `form:"Filter"`
}) (out struct {
	TagSet    []tagView
	NextToken *string
}, err error,
) {
	if err := in.check(nil); err != nil {
		return out, err
	}
	var list []tagView
	for i := range c.region().Instances.all {
		for _, t := range i.Tags.list() {
			list = append(list, tagView{i.ID, "instance", t.Key, t.Value})
		}
	}
	types := map[string]string{"sg": "security-group", "ami": "image", "vol": "volume", "eni": "network-interface"}
	for id, of := range c.region().Tags {
		prefix, _, _ := strings.Cut(id, "-")
		for _, t := range of.list() {
			name := prefix
			if types[prefix] != "" {
				name = types[prefix]
			}
			list = append(list, tagView{id, name, t.Key, t.Value})
		}
	}
	list = slices.DeleteFunc(list, func(v tagView) bool {
		ok, bad := matches(in.Filters, tags{v.Key: v.Value}, func(name string) ([]string, bool) {
			switch name {
			case "resource-id":
				return []string{v.ResourceId}, true
			case "resource-type":
				return []string{v.ResourceType}, true
			case "key":
				return []string{v.Key}, true
			case "value":
				return []string{v.Value}, true
			}
			return nil, false
		})
		if bad != nil {
			err = bad
		}
		return !ok
	})
	if err != nil {
		return out, err
	}
	out.TagSet, out.NextToken, err = tokenPage(c, list, in.NextToken, in.MaxResults, func(v tagView) string { return v.ResourceId + "/" + v.Key })
	return out, err
}
