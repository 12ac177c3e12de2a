package kind

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
	"github.com/ssmctl/ssmctl/resource"
)

// An inventory is what access reaches, and what it is given by, that is not
// among the objects of any kind: every node and document, and AWS's policies.
type inventory struct {
	instances map[string]ec2types.Instance // by id
	launched  map[string]string            // ids of those that the spec launched, by name
	hybrid    []access.Node
	documents []access.Document
	policies  map[string]access.Managed // AWS's own, and those that cannot be read, by ARN
	unread    []access.Grant            // policies of principals that cannot be read
	notes     []SessionNote             // what could not be found out
}

// inventory reads what there is besides the objects in state. What the caller
// may not read is left out and noted: it bears on what can be said about
// access, not on whether the spec can be carried out.
func (sw *Sweep) inventory(ctx context.Context, states ...*resource.State) (*inventory, error) {
	inv, err := sw.machines(ctx)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	var hybrid, documents, policies error
	wg.Go(func() { inv.hybrid, hybrid = sw.hybridNodes(ctx) })
	wg.Go(func() { inv.documents, documents = sw.ownDocuments(ctx) })
	wg.Go(func() { inv.policies, policies = sw.awsPolicies(ctx, states) })
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, missing := range []struct {
		err  error
		text string
	}{
		{hybrid, "hybrid nodes could not be listed, so access to them is not shown"},
		{documents, "the account's documents could not be listed, so access is shown as if there were only AWS's"},
		{policies, "AWS's managed policies could not be read, so access is worked out from their text as of " + managed.Date()},
	} {
		if missing.err != nil {
			inv.notes = append(inv.notes, SessionNote{Text: fmt.Sprintf("%s: %v", missing.text, plain(missing.err))})
		}
	}
	inv.documents = append(inv.documents, awsDocuments(sw.place())...)
	for _, u := range sw.unreadable() {
		in := u.policy
		inv.unread = append(inv.unread, access.Grant{To: in.Of, ARN: in.ID().String(), Name: in.Name, From: in.ID()})
		inv.policies[in.ID().String()] = access.Managed{Name: in.Name, ARN: in.ID().String(), Unread: u.err.Error()}
	}
	return inv, nil
}

// machines is the part of the inventory that calls about instances follow from.
func (sw *Sweep) machines(ctx context.Context) (*inventory, error) {
	instances, err := sw.ec2Instances(ctx)
	if err != nil {
		return nil, err
	}
	inv := &inventory{instances: instances, launched: map[string]string{}}
	for ec2ID, i := range instances {
		if sw.launchedBySpec(i) {
			inv.launched[sw.launched(i, "").Name] = ec2ID
		}
	}
	return inv, nil
}

// hybridNodes lists the machines outside EC2, whose tags only the tagging API
// tells in bulk.
func (sw *Sweep) hybridNodes(ctx context.Context) ([]access.Node, error) {
	return once(sw, "ssm:DescribeInstanceInformation", func() ([]access.Node, error) {
		var nodes []access.Node
		pages := ssm.NewDescribeInstanceInformationPaginator(sw.read.ssm, &ssm.DescribeInstanceInformationInput{
			MaxResults: new(int32(50)),
			Filters:    []ssmtypes.InstanceInformationStringFilter{{Key: new("ResourceType"), Values: []string{string(ssmtypes.ResourceTypeManagedInstance)}}},
		})
		for page, err := range eachPage(ctx, pages, func(o *ssm.Options) { o.RetryMaxAttempts = inventoryAttempts }) {
			if err != nil {
				return nil, err
			}
			for _, n := range page.InstanceInformationList {
				node := aws.ToString(n.InstanceId)
				nodes = append(nodes, access.Node{
					ID: node, Name: aws.ToString(n.ComputerName), Role: aws.ToString(n.IamRole),
					ARN: sw.place().ARN("ssm", "managed-instance/"+node), From: []resource.ID{id("instance", node)},
				})
			}
		}
		if len(nodes) == 0 {
			return nil, nil
		}
		tags := map[string]map[string]string{}
		tagged := resourcegroupstaggingapi.NewGetResourcesPaginator(sw.read.tagging, &resourcegroupstaggingapi.GetResourcesInput{
			ResourcesPerPage: new(int32(100)), ResourceTypeFilters: []string{"ssm:managed-instance"},
		})
		for page, err := range eachPage(ctx, tagged, func(o *resourcegroupstaggingapi.Options) { o.Region = sw.Region }) {
			if err != nil {
				return nil, err
			}
			for _, r := range page.ResourceTagMappingList {
				of := map[string]string{}
				for _, t := range r.Tags {
					of[aws.ToString(t.Key)] = aws.ToString(t.Value)
				}
				tags[aws.ToString(r.ResourceARN)] = of
			}
		}
		for i, n := range nodes {
			nodes[i].Tags = tags[n.ARN]
		}
		return nodes, nil
	})
}

// inventoryAttempts is how often a list is asked for that a plan can do
// without: nobody should wait long for a service that does not answer it.
const inventoryAttempts = 2

// ownDocuments lists the account's own SSM documents.
func (sw *Sweep) ownDocuments(ctx context.Context) ([]access.Document, error) {
	listed, err := sw.documents(ctx)
	all := make([]access.Document, 0, len(listed))
	for _, d := range listed {
		name := aws.ToString(d.Name)
		tags := map[string]string{}
		for _, t := range d.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		all = append(all, access.Document{Name: name, ARN: sw.place().ARN("ssm", "document/"+name), Tags: tags, From: id("document", name)})
	}
	return all, err
}

// awsDocuments returns those of AWS's hundreds of documents that decide what
// somebody can do on a node: run anything, patch it, and open any kind of
// session. The others are told apart where a policy names them.
func awsDocuments(at policy.Place) []access.Document {
	var all []access.Document
	for _, name := range []string{
		"AWS-ConfigureAWSPackage", "AWS-RunAnsiblePlaybook", "AWS-RunPatchBaseline", "AWS-RunPowerShellScript",
		"AWS-RunRemoteScript", "AWS-RunShellScript", "AWS-StartInteractiveCommand", "AWS-StartPortForwardingSession",
		"AWS-StartPortForwardingSessionToRemoteHost", "AWS-StartSSHSession", "AWS-UpdateSSMAgent",
	} {
		all = append(all, access.Document{Name: name, ARN: at.AWSOwned("document/" + name)})
	}
	return all
}

// awsPolicies returns AWS's own policies as far as anything in the states
// carries them. Their text is embedded; where AWS has another version by now,
// it is read.
func (sw *Sweep) awsPolicies(ctx context.Context, states []*resource.State) (map[string]access.Managed, error) {
	all := map[string]access.Managed{}
	for _, arn := range awsPoliciesIn(states) {
		all[arn] = embedded(arn)
	}
	if len(all) == 0 {
		return all, nil
	}
	arns := slices.Sorted(maps.Keys(all))
	current, err := sw.awsVersions(ctx, arns)
	if err != nil {
		return all, err
	}
	for _, arn := range arns {
		version := current[arn]
		if p, known := managed.FromARN(arn); version == "" || known && p.Version == version {
			continue
		}
		m := all[arn]
		got, err := sw.read.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: &version})
		if err != nil {
			return all, err
		}
		if m.Document, err = document(got.PolicyVersion.Document); err != nil {
			m.Unread = err.Error()
		} else {
			m.Unread = ""
		}
		all[arn] = m
	}
	return all, nil
}

// embedded returns one of AWS's own policies as of the day of the embedded
// data.
func embedded(arn string) access.Managed {
	m := access.Managed{Name: lastSegment(arn), ARN: arn}
	p, known := managed.FromARN(arn)
	if !known {
		m.Unread = "it is not among AWS's policies as of " + managed.Date()
		return m
	}
	_, partition, _ := strings.Cut(arn, ":")
	partition, _, _ = strings.Cut(partition, ":")
	doc, err := policy.Parse(bytes.ReplaceAll(p.Document(), []byte(`"arn:aws:`), []byte(`"arn:`+partition+":")))
	if err != nil {
		m.Unread = err.Error()
	}
	m.Document = doc
	return m
}

// awsVersions tells which version of each of AWS's policies is in force, by
// ARN: of those that are attached to anything by one list, of the others, which
// are few and new to the account, one by one.
func (sw *Sweep) awsVersions(ctx context.Context, arns []string) (map[string]string, error) {
	current := map[string]string{}
	pages := iam.NewListPoliciesPaginator(sw.read.iam, &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeAws, OnlyAttached: true, MaxItems: new(int32(1000))})
	for page, err := range eachPage(ctx, pages) {
		if err != nil {
			return nil, err
		}
		for _, p := range page.Policies {
			current[aws.ToString(p.Arn)] = aws.ToString(p.DefaultVersionId)
		}
	}
	for _, arn := range arns {
		if current[arn] != "" {
			continue
		}
		got, err := sw.read.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if gone(err) != nil {
			return nil, err
		}
		if err == nil {
			current[arn] = aws.ToString(got.Policy.DefaultVersionId)
		}
	}
	return current, nil
}

// awsPoliciesIn returns the ARNs of AWS's own policies that anything in the
// states carries or is bound by.
func awsPoliciesIn(states []*resource.State) []string {
	found := map[string]bool{}
	for _, state := range states {
		for o := range state.All() {
			arn := ""
			switch o := o.(type) {
			case Attachment:
				arn = o.Policy
			case Boundary:
				arn = o.Policy
			case User:
				arn = o.PermissionsBoundary
			case Role:
				arn = o.PermissionsBoundary
			}
			if awsOwned(arn) {
				found[arn] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
