package kind_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/sandbox"
)

var anyARN = regexp.MustCompile(`arn:[a-z-]+:`)

// In every partition all ARNs that are made are of it, and a spec applies and
// is then done.
func TestPartitions(t *testing.T) {
	t.Parallel()
	const sections = `
defaults: {tags: {Team: ops}}
restrictions: {run: {documents: [AWS-RunPatchBaseline], instances: [{tags: {App: web}}], buckets: [acme-logs]}}
groups: {ops: {access: {actions: read-only}, restrictions: [run]}}
roles:
  node: {type: instance, buckets: [acme-logs]}
  fleet: {type: hybrid}
  people: {type: people, trust: {accounts: ["123456789012"]}}
`
	for region, partition := range map[string]string{"eu-west-1": "aws", "cn-northwest-1": "aws-cn", "us-gov-east-1": "aws-us-gov"} {
		t.Run(partition, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if got := entry.PartitionOf(region); got != partition {
					t.Errorf("PartitionOf(%q) = %q, want %q", region, got, partition)
				}
				account := sandbox.New(sandbox.Options{Region: region})
				text := strings.Replace(head, "us-east-1", region, 1) + sections
				session := connect(t, account)
				if session.Caller.Partition != partition {
					t.Errorf("the caller is of partition %q, want %q", session.Caller.Partition, partition)
				}
				p := makePlan(t, session, text)
				made := 0
				for _, s := range p.Steps {
					for _, arn := range anyARN.FindAllString(string(must(json.Marshal(s.After))), -1) {
						made++
						if want := "arn:" + partition + ":"; arn != want {
							t.Errorf("%s holds %s, want %s", s.ID(), arn, want)
						}
					}
				}
				if made < 8 {
					t.Errorf("only %d ARNs were made", made)
				}
				mustApply(t, account, text)
				mustApply(t, account, strings.Replace(text, "Team: ops", "Team: web", 1))
				mustApply(t, account, strings.Replace(head, "us-east-1", region, 1)+"groups: {}\n")
			})
		})
	}
}

// Every partition that a spec may name is told from its regions.
func TestPartitionOf(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc", "": "aws",
	} {
		if got := entry.PartitionOf(region); got != want {
			t.Errorf("PartitionOf(%q) = %q, want %q", region, got, want)
		}
	}
}
