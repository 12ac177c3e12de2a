package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

type tagMapping struct {
	ResourceARN string
	Tags        []tag
}

// getResources shows what is tagged in one region. What is global, such as
// policies and instance profiles, shows in one region of the partition only;
// IAM users and roles show nowhere.
func getResources(c *call, in struct {
	TagFilters []struct {
		Key    string
		Values []string
	}
	ResourceTypeFilters []string
	ResourceARNList     []string
	ResourcesPerPage    int `is:"perPage100"`
	TagsPerPage         int
	PaginationToken     string
}) (out struct {
	PaginationToken        string
	ResourceTagMappingList []tagMapping
}, err error,
) {
	if len(in.TagFilters) > 50 {
		return out, c.invalid("At most 50 TagFilters may be given.")
	}
	var list []tagMapping
	add := func(kind, arn string, t tags) {
		service, _, _ := strings.Cut(kind, ":")
		if len(in.ResourceTypeFilters) > 0 && !slices.Contains(in.ResourceTypeFilters, kind) && !slices.Contains(in.ResourceTypeFilters, service) {
			return
		}
		if len(t) == 0 || len(in.ResourceARNList) > 0 && !slices.Contains(in.ResourceARNList, arn) {
			return
		}
		for _, f := range in.TagFilters {
			value, ok := t[f.Key]
			if !ok || len(f.Values) > 0 && !slices.Contains(f.Values, value) {
				return
			}
		}
		list = append(list, tagMapping{arn, t.list()})
	}
	r := c.region()
	if r.Name == c.globalRegion() {
		for p := range c.Policies.all {
			add("iam:policy", c.policyARN(p), p.Tags)
		}
		for p := range c.Profiles.all {
			add("iam:instance-profile", c.profileARN(p), p.Tags)
		}
	}
	for i := range r.Instances.all {
		if !c.gone(i) {
			add("ec2:instance", c.arn("ec2", r.Name, "instance/"+i.ID), i.Tags)
		}
	}
	for p := range r.Parameters.all {
		add("ssm:parameter", c.parameterARN(p.Name), p.Tags)
	}
	for d := range r.Documents.all {
		add("ssm:document", c.arn("ssm", r.Name, "document/"+d.Name), d.Tags)
	}
	mappings, next, err := tokenPage(c, list, in.PaginationToken, cmp.Or(in.ResourcesPerPage, 50), func(m tagMapping) string { return m.ResourceARN })
	if next != nil {
		out.PaginationToken = *next
	}
	out.ResourceTagMappingList = append([]tagMapping{}, mappings...)
	return out, err
}

// globalRegion is where the tagging API shows what belongs to no region.
func (a *account) globalRegion() string {
	switch a.partition() {
	case "aws":
		return "us-east-1"
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	}
	return a.Home
}
