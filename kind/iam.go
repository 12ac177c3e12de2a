package kind

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/ssmctl/ssmctl/resource"
)

// What names must match, by IAM's own rules; see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const (
	name64  = `^[A-Za-z0-9+=,.@_-]{1,64}$`
	name128 = `^[A-Za-z0-9+=,.@_-]{1,128}$`
	want64  = "1 to 64 letters, digits and any of + = , . @ _ -"
	want128 = "1 to 128 letters, digits and any of + = , . @ _ -"
)

// cannotMove refuses to change the path of what IAM has no call to move.
func cannotMove(id resource.ID, name, it, from, to, help string) []Refusal {
	if from == to {
		return nil
	}
	return []Refusal{{ID: id, Text: fmt.Sprintf("%s has the path %s and IAM cannot move %s to %s", name, from, it, to), Help: help}}
}

// policyNames match what inline policies may be called.
var policyNames = regexp.MustCompile(name128)

// The three kinds of principal that policies are given to.
const (
	userKind  = "user"
	groupKind = "group"
	roleKind  = "role"
)

func id(kind, name string) resource.ID { return resource.ID{Kind: kind, Name: name} }

// policyName returns the short name of a managed policy, by which people know
// it: AWS's own as "aws:NAME", since an account may have one of the same name.
func policyName(arn string) string {
	if awsOwned(arn) {
		return "aws:" + lastSegment(arn)
	}
	return lastSegment(arn)
}

func iamTags(tags map[string]string) []iamtypes.Tag {
	list := make([]iamtypes.Tag, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, iamtypes.Tag{Key: &k, Value: new(tags[k])})
	}
	return list
}

// newTags are the tags of what is created.
func (w *Write) newTags(tags map[string]string) []iamtypes.Tag {
	return iamTags(withRun(w.Session.begun(), tags))
}

func fromIAMTags(list []iamtypes.Tag) map[string]string { return wantable(iamTagMap(list)) }

// iamTagMap has all tags, those included that nobody can want.
func iamTagMap(list []iamtypes.Tag) map[string]string {
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

func ec2Tags(tags map[string]string) []ec2types.Tag {
	list := make([]ec2types.Tag, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, ec2types.Tag{Key: &k, Value: new(tags[k])})
	}
	return list
}

// ec2Keys are tags of which only the keys count.
func ec2Keys(keys []string) []ec2types.Tag {
	list := make([]ec2types.Tag, len(keys))
	for i, k := range keys {
		list[i].Key = &k
	}
	return list
}

func fromEC2Tags(list []ec2types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return wantable(tags)
}

func tagFilter(key, value string) []taggingtypes.TagFilter {
	return []taggingtypes.TagFilter{{Key: &key, Values: []string{value}}}
}

// boundaryARN returns the policy that bounds a principal, or "".
func boundaryARN(b *iamtypes.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return aws.ToString(b.PermissionsBoundaryArn)
}

// optional returns a pointer to s, or nil if it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
