package kind

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/ssmctl/ssmctl/resource"
)

// An Orphan is something that a run made, by the tag of the run on it.
type Orphan struct {
	ID      resource.ID `json:"id,omitzero"` // zero if it is of no kind of ssmctl's, such as an instance's volume
	ARN     string      `json:"arn"`
	Owner   string      `json:"owner,omitempty"`  // the name of the spec, by its tag ssmctl:name; "" without one
	Created time.Time   `json:"created,omitzero"` // zero if the lists do not tell
}

// Made lists what carries the tag of a run, in order of ARNs: what is left to
// look through when the run's journal is lost. It asks by bulk calls, whatever
// the run made, in the session's Region and in IAM. An error means that the
// list would not be whole.
//
// IAM cannot tag groups, nor can it tag what only ties others together, so
// those are not among them: a group that a run made is in the path
// /ssmctl/SPEC/. The tags of policies and instance profiles come from the
// tagging API, which may be some minutes behind.
func (s *Session) Made(ctx context.Context, run string) ([]Orphan, error) {
	sw := &Sweep{Session: s}
	made := map[string]Orphan{} // by ARN
	for _, find := range []func(context.Context, string, map[string]Orphan) error{sw.madePrincipals, sw.madeMachines, sw.madeElse} {
		if err := find(ctx, run, made); err != nil {
			return nil, fmt.Errorf("looking for what run %s made: %w", run, plain(err))
		}
	}
	return slices.SortedFunc(maps.Values(made), func(a, b Orphan) int { return cmp.Compare(a.ARN, b.ARN) }), nil
}

// madePrincipals adds users and roles, whose tags IAM lists.
func (sw *Sweep) madePrincipals(ctx context.Context, run string, made map[string]Orphan) error {
	p, err := sw.principals(ctx)
	if err != nil {
		return err
	}
	add := func(of resource.ID, arn *string, created *time.Time, tags map[string]string) {
		if tags[runTag] == run {
			made[aws.ToString(arn)] = Orphan{of, aws.ToString(arn), tags[ownerTag], aws.ToTime(created)}
		}
	}
	for _, u := range p.users {
		add(id(userKind, aws.ToString(u.UserName)), u.Arn, u.CreateDate, iamTagMap(u.Tags))
	}
	for _, r := range p.roles {
		add(id(roleKind, aws.ToString(r.RoleName)), r.Arn, r.CreateDate, iamTagMap(r.Tags))
	}
	return nil
}

// madeMachines adds instances that have not been terminated.
func (sw *Sweep) madeMachines(ctx context.Context, run string, made map[string]Orphan) error {
	found, err := sw.described(ctx, &ec2.DescribeInstancesInput{
		MaxResults: new(int32(1000)),
		Filters:    []ec2types.Filter{{Name: new("tag:" + runTag), Values: []string{run}}, {Name: new("instance-state-name"), Values: notOver}},
	})
	for _, i := range found {
		tags := fromEC2Tags(i.Tags)
		arn := sw.place().ARN("ec2", "instance/"+aws.ToString(i.InstanceId))
		o := Orphan{ARN: arn, Owner: tags[ownerTag], Created: aws.ToTime(i.LaunchTime)}
		if tags[instanceTag] != "" {
			o.ID = launchedBy(tags)
		}
		made[arn] = o
	}
	return err
}

// madeElse adds what only the tagging API lists: policies, instance profiles,
// and whatever else in the Region carries the tag.
func (sw *Sweep) madeElse(ctx context.Context, run string, made map[string]Orphan) error {
	global := globalRegions[sw.Caller.Partition]
	for _, region := range slices.Compact([]string{global, sw.Region}) {
		pages := resourcegroupstaggingapi.NewGetResourcesPaginator(sw.read.tagging, &resourcegroupstaggingapi.GetResourcesInput{
			ResourcesPerPage: new(int32(100)), TagFilters: tagFilter(runTag, run),
		})
		for page, err := range eachPage(ctx, pages, func(o *resourcegroupstaggingapi.Options) { o.Region = region }) {
			if err != nil {
				return err
			}
			for _, r := range page.ResourceTagMappingList {
				arn, tags := aws.ToString(r.ResourceARN), map[string]string{}
				for _, t := range r.Tags {
					tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
				}
				of, ours := kindOfARN(arn)
				_, known := made[arn]
				switch {
				case known || of.Kind == "instance": // EC2 says which instances there still are
				case region != sw.Region && !ours: // of another Region, which is none of this session's
				default:
					made[arn] = Orphan{ID: of, ARN: arn, Owner: tags[ownerTag]}
				}
			}
		}
	}
	return sw.dateMade(ctx, made)
}

// dateMade tells when the policies and instance profiles were created.
func (sw *Sweep) dateMade(ctx context.Context, made map[string]Orphan) error {
	p, err := sw.principals(ctx)
	if err != nil {
		return err
	}
	profiles, err := sw.profilesByName(ctx)
	if err != nil {
		return err
	}
	date := func(arn *string, created *time.Time) {
		if o, ok := made[aws.ToString(arn)]; ok {
			o.Created = aws.ToTime(created)
			made[o.ARN] = o
		}
	}
	for _, policy := range p.policies {
		date(policy.Arn, policy.CreateDate)
	}
	for _, profile := range profiles {
		date(profile.Arn, profile.CreateDate)
	}
	return nil
}

// kindOfARN returns the object that an ARN is of, among those that the tagging
// API lists; false if it is of none of ssmctl's kinds.
func kindOfARN(arn string) (resource.ID, bool) {
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) != 6 {
		return resource.ID{}, false
	}
	sort, name, _ := strings.Cut(fields[5], "/")
	switch fields[2] + ":" + sort {
	case "iam:policy":
		return id("policy", lastSegment(name)), true
	case "iam:instance-profile":
		return id("profile", lastSegment(name)), true
	case "ec2:instance":
		return id("instance", name), true
	}
	return resource.ID{}, false
}
