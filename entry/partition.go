package entry

import "strings"

// PartitionOf returns the partition that a Region belongs to, which ARNs
// begin with: "aws", "aws-cn", ...
func PartitionOf(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p.name
		}
	}
	return "aws"
}

// partitions are all but "aws", by how the names of their Regions begin.
var partitions = []struct{ regions, name string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"eusc-", "aws-eusc"},
	{"us-iso-", "aws-iso"},
	{"us-isob-", "aws-iso-b"},
	{"eu-isoe-", "aws-iso-e"},
	{"us-isof-", "aws-iso-f"},
}
