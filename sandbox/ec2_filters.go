package sandbox

import (
	"path"
	"slices"
	"strings"
)

// A filter of EC2: any of the values must match, with * and ? as wildcards.
type filter struct {
	Name   string   `is:"!"`
	Values []string `form:"Value"`
}

// matches reports whether all filters accept what has these values. Unknown
// filters are errors. Values returns false for a name it does not know.
func matches(filters []filter, t tags, values func(name string) ([]string, bool)) (bool, error) {
	for _, f := range filters {
		have, known := values(f.Name)
		if key, ok := strings.CutPrefix(f.Name, "tag:"); ok {
			known, have = true, nil
			if v, ok := t[key]; ok {
				have = []string{v}
			}
		}
		if f.Name == "tag-key" {
			known, have = true, keysOf(t)
		}
		if !known {
			return false, errorf("InvalidParameterValue", "The filter '%s' is invalid", f.Name)
		}
		if len(f.Values) == 0 {
			return false, errorf("InvalidParameterValue", "The filter '%s' has no values", f.Name)
		}
		if !slices.ContainsFunc(have, func(v string) bool {
			return slices.ContainsFunc(f.Values, func(p string) bool { return wild(p, v) })
		}) {
			return false, nil
		}
	}
	return true, nil
}

func keysOf(t tags) []string {
	var keys []string
	for _, one := range t.list() {
		keys = append(keys, one.Key)
	}
	return keys
}

// escaped makes a pattern of package path of one of EC2: slashes are
// characters like any other, and brackets mean nothing.
var escaped = strings.NewReplacer("/", "\x00", "[", `\[`, "]", `\]`)

func wild(pattern, value string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return pattern == value
	}
	ok, err := path.Match(escaped.Replace(pattern), strings.ReplaceAll(value, "/", "\x00"))
	return ok && err == nil
}

// pages is the paging of EC2.
type pages struct {
	MaxResults int
	NextToken  string
}

// check holds MaxResults against the bounds EC2 keeps.
func (p pages) check(ids []string) error {
	switch {
	case p.MaxResults == 0:
		return nil
	case len(ids) > 0:
		return errorf("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
	case p.MaxResults < 5 || p.MaxResults > 1000:
		return errorf("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.", p.MaxResults)
	}
	return nil
}
