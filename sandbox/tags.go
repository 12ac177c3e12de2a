package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// tags are the tags of one resource, by key.
type tags map[string]string

// A tag is one tag on the wire of IAM and SSM.
type tag struct {
	Key   string `is:"tagKey!"`
	Value string `is:"tagValue"`
}

// tagQuota is how many tags a resource may carry.
const tagQuota = 50

// list returns the tags in the order of their keys.
func (t tags) list() []tag {
	list := make([]tag, 0, len(t))
	for _, k := range slices.Sorted(maps.Keys(t)) {
		list = append(list, tag{k, t[k]})
	}
	return list
}

// with returns t with more tags, or why the service does not take them. Keys
// of users and roles are told apart without regard to case: a new tag k takes
// the place of K.
func (c *call) with(t tags, more []tag, foldCase bool) (tags, error) {
	same := func(a, b string) bool { return a == b || foldCase && strings.EqualFold(a, b) }
	out := maps.Clone(t)
	if out == nil {
		out = tags{}
	}
	for i, one := range more {
		if strings.HasPrefix(strings.ToLower(one.Key), "aws:") {
			if c.service.name == "iam" {
				return nil, errorf("InvalidInput", "Tag keys beginning with 'aws:' are reserved for system use. Caller: %s", one.Key)
			}
			return nil, c.invalid("Value ( %s ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use", one.Key)
		}
		if c.service.name == "ec2" && (len(one.Key) > 127 || len(one.Value) > 256) {
			return nil, c.invalid("Value ( %s ) for a tag is invalid. Tag keys have at most 127 characters, and values 256.", one.Key)
		}
		for _, other := range more[:i] {
			if same(one.Key, other.Key) {
				return nil, c.duplicateTag(one.Key)
			}
		}
		maps.DeleteFunc(out, func(k, _ string) bool { return same(k, one.Key) })
		out[one.Key] = one.Value
	}
	if len(out) > tagQuota {
		return nil, errorf(c.service.codes.tooManyTags, "The number of tags has reached the maximum limit.")
	}
	return out, nil
}

func (c *call) duplicateTag(key string) error {
	switch c.service.name {
	case "iam":
		return errorf("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	case "ec2":
		return errorf("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
	}
	return c.invalid("Duplicate tag key %s", key)
}

// without returns t without the tags of those keys.
func (t tags) without(keys []string, foldCase bool) tags {
	out := maps.Clone(t)
	maps.DeleteFunc(out, func(k, _ string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return k == key || foldCase && strings.EqualFold(k, key) })
	})
	return out
}
