package policy

import (
	"fmt"
	"regexp"
)

// A Place is where a document will hold. What is compiled for one place grants
// nothing in another.
type Place struct {
	Partition string // "aws", "aws-cn", ...
	Account   string // 12 digits
	Region    string // of what the document speaks of; IAM itself has none
}

var (
	partitionForm = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	regionForm    = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)
)

// check reports what is missing from the place. An ARN with a part left empty
// is legal, and matches something else than was meant.
func (at Place) check(ps *Problems) {
	switch {
	case !partitionForm.MatchString(at.Partition):
		ps.add(nil, fmt.Sprintf("%q is not a partition", at.Partition), "give one such as aws or aws-cn")
	case !isAccount(at.Account):
		ps.add(nil, fmt.Sprintf("%q is not an account id", at.Account), "give its 12 digits")
	case !regionForm.MatchString(at.Region):
		ps.add(nil, fmt.Sprintf("%q is not a region", at.Region), "give one such as us-east-1")
	}
}

// ARN returns the ARN of a resource of the place's account and region.
func (at Place) ARN(service, resource string) string {
	return "arn:" + at.Partition + ":" + service + ":" + at.Region + ":" + at.Account + ":" + resource
}

// AWSOwned returns the ARN of a resource of Systems Manager that AWS owns,
// such as a document: the account in it is empty.
func (at Place) AWSOwned(resource string) string {
	return "arn:" + at.Partition + ":ssm:" + at.Region + "::" + resource
}

// IAM returns the ARN of a resource of IAM's, which has no region: "role/ci".
func (at Place) IAM(resource string) string {
	return "arn:" + at.Partition + ":iam::" + at.Account + ":" + resource
}
