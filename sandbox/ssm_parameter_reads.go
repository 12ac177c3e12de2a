package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

// Parameters as SSM answers them.
type parameterView struct {
	Name             string
	Type             string
	Value            string
	Version          int
	LastModifiedDate epoch
	ARN              string
	DataType         string
	Selector         string `json:",omitzero"`
}

func (c *call) viewParameter(p *parameter, v parameterVersion, decrypt bool, asked string) parameterView {
	view := parameterView{p.Name, p.Type, v.Value, v.Version, epoch{v.Modified}, c.parameterARN(p.Name), p.DataType, ""}
	if p.Type == "SecureString" && !decrypt {
		sum := sha256.Sum256([]byte(p.Name + "/" + itoa(v.Version) + "/" + v.Value))
		view.Value = "AQICAH" + base64.StdEncoding.EncodeToString(sum[:])
	}
	if strings.HasPrefix(asked, p.Name+":") {
		view.Selector = asked[len(p.Name):]
	}
	return view
}

func getParameter(c *call, in struct {
	Name           string `is:"parameterName!"`
	WithDecryption bool
},
) (out struct{ Parameter parameterView }, err error) {
	p, v, err := c.parameterVersion(in.Name)
	if err == nil {
		out.Parameter = c.viewParameter(p, v, in.WithDecryption, in.Name)
	}
	return out, err
}

func getParameters(c *call, in struct {
	Names          []string `is:"names10!"`
	WithDecryption bool
}) (out struct {
	Parameters        []parameterView
	InvalidParameters []string
}, err error,
) {
	out.Parameters, out.InvalidParameters = []parameterView{}, []string{}
	for _, name := range in.Names {
		if p, v, err := c.parameterVersion(name); err == nil {
			out.Parameters = append(out.Parameters, c.viewParameter(p, v, in.WithDecryption, name))
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return out, nil
}

func getParametersByPath(c *call, in struct {
	Path           string `is:"parameterName!"`
	Recursive      bool
	WithDecryption bool
	MaxResults     int `is:"max10"`
	NextToken      string
}) (out struct {
	Parameters []parameterView
	NextToken  *string `json:",omitzero"`
}, err error,
) {
	if !strings.HasPrefix(in.Path, "/") {
		return out, c.invalid(`The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`)
	}
	all := slices.Collect(c.region().Parameters.all)
	if strings.HasPrefix(in.Path, "/aws/service/") {
		all = c.publicParameters()
	}
	list := slices.DeleteFunc(all, func(p *parameter) bool { return !under(p.Name, in.Path, in.Recursive) })
	list, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 10), (*parameter).key)
	out.Parameters = []parameterView{}
	for _, p := range list {
		out.Parameters = append(out.Parameters, c.viewParameter(p, p.latest(), in.WithDecryption, ""))
	}
	return out, err
}

// under reports whether a name is in the hierarchy below a path.
func under(name, path string, recursive bool) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/")
	return ok && strings.HasPrefix(name, "/") && (recursive || !strings.Contains(rest, "/"))
}

type metadataOfParameter struct {
	Name             string
	ARN              string
	Type             string
	KeyId            string `json:",omitzero"`
	LastModifiedDate epoch
	LastModifiedUser string
	Description      string `json:",omitzero"`
	AllowedPattern   string `json:",omitzero"`
	Version          int
	Tier             string
	Policies         []none
	DataType         string
}

type parameterFilter struct {
	Key    string `is:"!"`
	Option string
	Values []string
}

func describeParameters(c *call, in struct {
	Filters []struct { // the older kind, which compares beginnings of names
		Key    string `is:"!"`
		Values []string
	}
	ParameterFilters []parameterFilter
	MaxResults       int `is:"max50"`
	NextToken        string
}) (out struct {
	Parameters []metadataOfParameter
	NextToken  *string `json:",omitzero"`
}, err error,
) {
	out.Parameters = []metadataOfParameter{}
	for _, f := range in.Filters {
		option := "Equals"
		if f.Key == "Name" {
			option = "BeginsWith"
		}
		in.ParameterFilters = append(in.ParameterFilters, parameterFilter{f.Key, option, f.Values})
	}
	var list []*parameter
	for p := range c.region().Parameters.all {
		keep := true
		for _, f := range in.ParameterFilters {
			ok, err := f.matches(p)
			if err != nil {
				return out, err
			}
			keep = keep && ok
		}
		if keep {
			list = append(list, p)
		}
	}
	list, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 10), (*parameter).key)
	for _, p := range list {
		v := p.latest()
		out.Parameters = append(out.Parameters, metadataOfParameter{
			p.Name, c.parameterARN(p.Name), p.Type, p.KeyID,
			epoch{v.Modified},
			c.arn("iam", "", "root"), p.Description, p.Pattern,
			v.Version, p.Tier,
			[]none{},
			p.DataType,
		})
	}
	return out, err
}

func (f parameterFilter) matches(p *parameter) (bool, error) {
	any := func(match func(value string) bool) (bool, error) { return slices.ContainsFunc(f.Values, match), nil }
	text := func(have string) (bool, error) {
		switch f.Option {
		case "", "Equals":
			return any(func(v string) bool { return have == v })
		case "BeginsWith":
			return any(func(v string) bool { return strings.HasPrefix(have, v) || strings.HasPrefix(have, "/"+v) })
		case "Contains":
			return any(func(v string) bool { return strings.Contains(have, v) })
		}
		return false, errorf("InvalidFilterOption", "The following filter option is not valid: %s.", f.Option)
	}
	if key, ok := strings.CutPrefix(f.Key, "tag:"); ok {
		value, there := p.Tags[key]
		if !there || len(f.Values) == 0 {
			return there, nil
		}
		return text(value)
	}
	switch f.Key {
	case "Name":
		return text(p.Name)
	case "Type":
		return text(p.Type)
	case "Tier":
		return text(p.Tier)
	case "DataType":
		return text(p.DataType)
	case "KeyId":
		return text(p.KeyID)
	case "Path":
		return any(func(v string) bool { return under(p.Name, v, f.Option == "Recursive") })
	}
	return false, errorf("InvalidFilterKey", "The following filter key is not valid: %s. Valid filter keys include: [Path, Name, Type, KeyId, Tier, DataType].", f.Key)
}

func getParameterHistory(c *call, in struct {
	Name           string `is:"parameterName!"`
	WithDecryption bool
	MaxResults     int `is:"max50"`
	NextToken      string
}) (out struct {
	Parameters []parameterPast
	NextToken  *string `json:",omitzero"`
}, err error,
) {
	p := c.parameter(in.Name)
	if p == nil {
		return out, parameterNotFound(in.Name)
	}
	versions, next, err := tokenPage(c, p.Versions, in.NextToken, cmp.Or(in.MaxResults, 50), func(v parameterVersion) string { return itoa(1000000 + v.Version) })
	out.Parameters, out.NextToken = []parameterPast{}, next
	for _, v := range versions {
		view := c.viewParameter(p, v, in.WithDecryption, "")
		out.Parameters = append(out.Parameters, parameterPast{view.Name, view.Type, view.Value, view.Version, view.LastModifiedDate, p.Tier, p.DataType, []string{}})
	}
	return out, err
}

type parameterPast struct {
	Name             string
	Type             string
	Value            string
	Version          int
	LastModifiedDate epoch
	Tier             string
	DataType         string
	Labels           []string
}
