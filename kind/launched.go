package kind

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ssmctl/ssmctl/resource"
)

// launchedBySpec reports whether the spec launched the instance.
func (s Scope) launchedBySpec(i ec2types.Instance) bool {
	tags := fromEC2Tags(i.Tags)
	return taggedBy(tags, s.Owner) && tags[instanceTag] != ""
}

// launchedBy returns the object that launched an instance with those tags.
func launchedBy(tags map[string]string) resource.ID {
	name := tags[instanceTag]
	if n := tags[indexTag]; n != "" {
		name += "/" + n
	}
	return id("instance", name)
}

// launched reads an instance that the spec made and that is tied to that
// profile. What it was launched with is told by the digest in its tag: AWS
// shows some of it changed (an AMI parameter as the AMI it named that day) and
// some not at all.
func (sw *Sweep) launched(i ec2types.Instance, profile string) Instance {
	tags := fromEC2Tags(i.Tags)
	read := Instance{Name: launchedBy(tags).Name, Tags: tags, Profile: profile, Launch: &Launch{
		AMI: aws.ToString(i.ImageId), InstanceType: string(i.InstanceType), Subnet: aws.ToString(i.SubnetId), KeyName: aws.ToString(i.KeyName),
	}}
	if want, ok := sw.wants(read.ID()).(Instance); ok && want.Launch != nil && want.Launch.digest() == tags[launchTag] {
		read.Launch = want.Launch
	}
	return read
}

// twins is the error for two instances that only one launch can have made.
func twins(name, a, b string) error {
	return fmt.Errorf("instances %s and %s both carry the tags of instance %s, as when one is launched \"like\" another: take the tags ssmctl:... off the one that ssmctl did not launch", min(a, b), max(a, b), name)
}

// locate finds the instance in EC2; nil if it is not there, or no longer.
func (s *Session) locate(ctx context.Context, i Instance) (*ec2types.Instance, error) {
	if instanceID.MatchString(i.Name) {
		all, err := s.described(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{i.Name}})
		for _, found := range all {
			if found.State == nil || !over(found.State.Name) {
				return &found, nil
			}
		}
		return nil, gone(err)
	}
	filters := []ec2types.Filter{
		{Name: new("tag:" + ownerTag), Values: []string{i.Tags[ownerTag]}},
		{Name: new("tag:" + instanceTag), Values: []string{i.Tags[instanceTag]}},
		{Name: new("instance-state-name"), Values: notOver},
	}
	all, err := s.described(ctx, &ec2.DescribeInstancesInput{Filters: filters})
	if err != nil {
		return nil, err
	}
	var at *ec2types.Instance
	for _, found := range all {
		switch {
		case fromEC2Tags(found.Tags)[indexTag] != i.Tags[indexTag]:
		case at != nil:
			return nil, twins(i.Name, *at.InstanceId, *found.InstanceId)
		default:
			at = &found
		}
	}
	return at, nil
}

// described lists the instances that are asked for.
func (s *Session) described(ctx context.Context, in *ec2.DescribeInstancesInput) ([]ec2types.Instance, error) {
	return allRows(ctx, ec2.NewDescribeInstancesPaginator(s.read.ec2, in), func(page *ec2.DescribeInstancesOutput) []ec2types.Instance {
		var all []ec2types.Instance
		for _, r := range page.Reservations {
			all = append(all, r.Instances...)
		}
		return all
	})
}

// over reports whether an instance in that state is one no more.
func over(state ec2types.InstanceStateName) bool {
	return state == ec2types.InstanceStateNameShuttingDown || state == ec2types.InstanceStateNameTerminated
}

// notOver are the states of instances that are still some.
var notOver = []string{"pending", "running", "stopping", "stopped"}

// launchedTags is the instance of that name as far as its tags tell it from
// others.
func launchedTags(owner, name string) Instance {
	entry, n, _ := strings.Cut(name, "/")
	tags := map[string]string{ownerTag: owner, instanceTag: entry}
	if n != "" {
		tags[indexTag] = n
	}
	return Instance{Name: name, Tags: tags}
}

// launchedName is the name of the nth of an entry's instances, from 1. The
// first has the entry's own, however many there are, so that another count
// launches and terminates only what is more or less.
func launchedName(entry string, n int) string {
	if n == 1 {
		return entry
	}
	return entry + "/" + strconv.Itoa(n)
}
