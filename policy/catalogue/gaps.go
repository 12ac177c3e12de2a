package catalogue

import (
	"slices"
	"strings"
)

// ownedByAWS are the types of which AWS owns some resources, in whose ARNs the
// account is empty, though the data give one format with an account. The
// policies that AWS manages write them so: document/AWS-RunShellScript and
// automation-definition/AWS-*:* (AWSElasticDisasterRecoveryLaunchActionsPolicy),
// parameter/aws/service/* (AWSServiceRoleForImageBuilder).
var ownedByAWS = []struct{ service, name string }{
	{"ssm", "automation-definition"},
	{"ssm", "document"},
	{"ssm", "parameter"},
}

// unlisted are types that actions take without the data saying so. None is
// required: that would be for the data to say.
var unlisted = []struct {
	action string
	Resource
}{
	// The data have no types for ssmmessages at all, but AWS's policies grant
	// this on sessions (AWSSystemsManagerJustInTimeAccessTokenPolicy), and so
	// does the Systems Manager User Guide, "Sample IAM policies for Session
	// Manager".
	{"OpenDataChannel", Resource{
		Service: "ssmmessages",
		Name:    "session",
		ARNs:    []string{"arn:${Partition}:ssm:${Region}:${Account}:session/${SessionId}"},
	}},
	// Tags of an activation are asked for on the role of its nodes
	// (AmazonSageMakerSpacesControllerPolicy).
	{"AddTagsToResource", Resource{
		Service: "ssm",
		Name:    "role",
		ARNs:    []string{"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"},
	}},
	// A template with macros needs them allowed, those of AWS too, whose account
	// is "aws" (AWS CloudFormation User Guide, using-iam-template).
	{"CreateChangeSet", Resource{
		Service: "cloudformation",
		Name:    "transform",
		ARNs:    []string{"arn:${Partition}:cloudformation:${Region}:${Account}:transform/${TransformName}"},
	}},
}

// several are keys of which a request has several values, though the data give
// their types as single ones. The IAM User Guide, "IAM and AWS STS condition
// context keys", compares this one with ForAnyValue:StringLike.
var several = []struct{ service, name string }{
	{"sts", "cognito-identity.amazonaws.com:amr"},
}

// fillGaps puts in what the data lack.
func (t detailTable) fillGaps() {
	for _, gap := range ownedByAWS {
		types := t.services[gap.service].types
		r := types[gap.name]
		r.ARNs = append(slices.Clone(r.ARNs), strings.Replace(r.ARNs[0], ":${Account}:", "::", 1))
		types[gap.name] = r
	}
	for _, gap := range unlisted {
		s := t.services[gap.Service]
		s.addType(gap.Resource)
		folded := strings.ToLower(gap.Service + ":" + gap.action)
		a := s.actions[folded]
		a.Resources = append(a.Resources, Use{Type: gap.Name})
		slices.SortFunc(a.Resources, func(x, y Use) int { return strings.Compare(x.Type, y.Type) })
		s.actions[folded] = a
	}
	for _, gap := range several {
		keys := t.services[gap.service].keys
		k := keys.exact[gap.name]
		k.Type, k.Multi = "ArrayOf"+k.Type, true
		keys.exact[gap.name] = k
	}
}
