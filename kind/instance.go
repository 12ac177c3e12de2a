package kind

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/ssmctl/ssmctl/resource"
)

var instanceID = regexp.MustCompile(`^m?i-[0-9a-f]{8}([0-9a-f]{9})?$`)

// An Instance is an EC2 instance. One that the spec launched goes by the name
// of its entry; any other by its id, and then nothing else is said of it.
type Instance struct {
	Name    string            `json:"name"`
	Launch  *Launch           `json:"launch,omitempty"`
	Profile string            `json:"profile,omitempty"` // of a launched one
	Tags    map[string]string `json:"tags,omitempty"`    // of a launched one
}

// A Launch is what a new instance is made with. EC2 can change none of it
// later.
type Launch struct {
	AMI            string   `spec:"ami,required" json:"ami" doc:"An AMI id, or a public parameter that names one." pattern:"^(ami-[0-9a-f]{8,17}|/aws/service/.+)$" want:"ami-... or /aws/service/..." example:"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"`
	InstanceType   string   `spec:"instance_type,required" json:"instance_type" doc:"The instance type." pattern:"^[a-z0-9-]+\\.[a-z0-9-]+$" want:"an instance type such as t3.micro" example:"t3.micro"`
	Count          int      `spec:"count" json:"-" doc:"How many." min:"1" max:"50" default:"1"`
	Subnet         string   `spec:"subnet" json:"subnet,omitempty" doc:"The subnet; without one, the default one." pattern:"^subnet-[0-9a-f]{8,17}$" want:"a subnet id"`
	SecurityGroups []string `spec:"security_groups" json:"security_groups,omitempty" doc:"Security groups, by id." pattern:"^sg-[0-9a-f]{8,17}$" want:"a security group id"`
	KeyName        string   `spec:"key_name" json:"key_name,omitempty" doc:"The key pair. Session Manager needs none."`
	PublicIP       bool     `spec:"public_ip" json:"public_ip,omitempty" doc:"Give it a public address." default:"false"`
	UserData       string   `spec:"user_data" json:"user_data,omitempty" doc:"What it runs at its first start. Everybody who may describe the instance can read it: no secrets."`
	VolumeGB       int      `spec:"volume_gb" json:"volume_gb,omitempty" doc:"Size of the root volume." min:"1" max:"16384"`
	Name           string   `spec:"name" json:"-" doc:"Its Name tag; without one, the entry's name."`
}

// ID returns instance/NAME or instance/ID.
func (i Instance) ID() resource.ID { return id("instance", i.Name) }

// Needs returns the instance profile.
func (i Instance) Needs() []resource.ID {
	if i.Profile == "" {
		return nil
	}
	return []resource.ID{id("profile", i.Profile)}
}

// digest identifies what an instance was launched with, as its tag does.
func (l Launch) digest() string {
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // plain data always encodes
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

var _ = define(Kind[Instance]{
	Name:    "instance",
	Summary: "An EC2 instance: one that the spec launched, or one that it mentions.",
	Section: &instancesSection,
	Example: []string{
		`roles: {ssm-managed: {type: instance}}
instances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 2, volume_gb: 20}, role: ssm-managed}}`,
		`roles: {ssm-managed: {type: instance}, other: {type: instance}}
instances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 2, volume_gb: 20}, role: other, tags: {App: web}}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Instance, error) {
		instances, err := sw.ec2Instances(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Instance, 0, len(instances))
		for ec2ID, i := range instances {
			read := Instance{Name: ec2ID}
			if tags := fromEC2Tags(i.Tags); taggedBy(tags, sw.Owner) && tags[instanceTag] != "" {
				read = sw.launched(i, tags)
			}
			all = append(all, read)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Instance, error) {
		at, err := sw.locate(ctx, launchedTags(sw.Owner, name))
		if err != nil || at == nil {
			return nil, err
		}
		found := sw.launched(*at, fromEC2Tags(at.Tags))
		return &found, nil
	},
	Write: func(ctx context.Context, w *Write, before, after *Instance) error {
		switch {
		case before == nil:
			return launch(ctx, w, *after)
		case after == nil:
			return terminate(ctx, w, *before)
		}
		return updateInstance(ctx, w, *before, *after)
	},
	Owned: func(i Instance, owner string) bool { return i.Launch != nil && taggedBy(i.Tags, owner) },
	Loss: func(before, after *Instance) resource.Loss {
		if after == nil {
			return resource.Loss{What: "the instance, its instance-store data and its addresses", Final: true}
		}
		return resource.Loss{}
	},
	Preflight: preflightInstance,
})

// launched reads an instance that the spec made. What it was launched with is
// told by the digest in its tag: AWS shows some of it changed (an AMI
// parameter as the AMI it named that day) and some not at all.
func (sw *Sweep) launched(i ec2types.Instance, tags map[string]string) Instance {
	name := tags[instanceTag]
	if n := tags[indexTag]; n != "" {
		name += "/" + n
	}
	read := Instance{Name: name, Tags: tags, Launch: &Launch{
		AMI: aws.ToString(i.ImageId), InstanceType: string(i.InstanceType), Subnet: aws.ToString(i.SubnetId), KeyName: aws.ToString(i.KeyName),
	}}
	if want, ok := sw.wants(read.ID()).(Instance); ok && want.Launch != nil && want.Launch.digest() == tags[launchTag] {
		read.Launch = want.Launch
	}
	if i.IamInstanceProfile != nil {
		read.Profile = lastSegment(aws.ToString(i.IamInstanceProfile.Arn))
	}
	return read
}

func launch(ctx context.Context, w *Write, i Instance) error {
	l := i.Launch
	image := l.AMI
	if strings.HasPrefix(image, "/") {
		image = "resolve:ssm:" + image
	}
	tags := ec2Tags(i.Tags)
	in := &ec2.RunInstancesInput{
		ImageId: &image, InstanceType: ec2types.InstanceType(l.InstanceType),
		MinCount: new(int32(1)), MaxCount: new(int32(1)),
		// The same token gives the same instance, so asking again is safe. It
		// holds for this run only: a token of a terminated instance would
		// give that dead one back.
		ClientToken:       new(token(w.Session.run, i)),
		KeyName:           optional(l.KeyName),
		MetadataOptions:   &ec2types.InstanceMetadataOptionsRequest{HttpTokens: ec2types.HttpTokensStateRequired},
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeInstance, Tags: tags}, {ResourceType: ec2types.ResourceTypeVolume, Tags: tags}},
	}
	if i.Profile != "" {
		in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: &i.Profile}
	}
	if l.UserData != "" {
		in.UserData = new(base64.StdEncoding.EncodeToString([]byte(l.UserData)))
	}
	if l.PublicIP {
		in.NetworkInterfaces = []ec2types.InstanceNetworkInterfaceSpecification{{
			DeviceIndex: new(int32(0)), AssociatePublicIpAddress: new(true), SubnetId: optional(l.Subnet), Groups: l.SecurityGroups,
		}}
	} else {
		in.SubnetId, in.SecurityGroupIds = optional(l.Subnet), l.SecurityGroups
	}
	if l.VolumeGB > 0 {
		root, err := w.Session.rootDevice(ctx, image)
		if err != nil {
			return err
		}
		in.BlockDeviceMappings = []ec2types.BlockDeviceMapping{{DeviceName: &root, Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(l.VolumeGB))}}}
	}
	_, err := call(ctx, w, w.ec2.RunInstances, in)
	return err
}

// token makes a ClientToken of at most 64 characters.
func token(run string, i Instance) string {
	sum := sha256.Sum256([]byte(run + "\x00" + i.Name + "\x00" + i.Launch.digest() + "\x00" + i.Profile))
	return hex.EncodeToString(sum[:])
}

// rootDevice returns the name of the root volume of an image.
func (s *Session) rootDevice(ctx context.Context, image string) (string, error) {
	ami, err := s.imageID(ctx, image)
	if err != nil {
		return "", err
	}
	got, err := s.read.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{ami}})
	if err != nil {
		return "", err
	}
	if len(got.Images) == 0 || got.Images[0].RootDeviceName == nil {
		return "", fmt.Errorf("image %s is not there or names no root device", ami)
	}
	return *got.Images[0].RootDeviceName, nil
}

// imageID returns the AMI that image is or, as EC2 resolves it, names.
func (s *Session) imageID(ctx context.Context, image string) (string, error) {
	parameter, ok := strings.CutPrefix(image, "resolve:ssm:")
	if !ok {
		return image, nil
	}
	got, err := s.read.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &parameter})
	if err != nil {
		return "", err
	}
	return aws.ToString(got.Parameter.Value), nil
}

func terminate(ctx context.Context, w *Write, i Instance) error {
	at, err := w.Session.locate(ctx, i)
	if err != nil || at == nil {
		return err
	}
	_, err = call(ctx, w, w.ec2.TerminateInstances, &ec2.TerminateInstancesInput{InstanceIds: []string{*at.InstanceId}})
	return gone(err)
}

// locate finds the instance in EC2; nil if it is not there.
func (s *Session) locate(ctx context.Context, i Instance) (*ec2types.Instance, error) {
	if instanceID.MatchString(i.Name) {
		got, err := s.read.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{i.Name}})
		if err != nil {
			return nil, gone(err)
		}
		for _, r := range got.Reservations {
			return &r.Instances[0], nil
		}
		return nil, nil
	}
	filters := []ec2types.Filter{
		{Name: new("tag:" + ownerTag), Values: []string{i.Tags[ownerTag]}},
		{Name: new("tag:" + instanceTag), Values: []string{i.Tags[instanceTag]}},
		{Name: new("instance-state-name"), Values: []string{"pending", "running", "stopping", "stopped"}},
	}
	if n := i.Tags[indexTag]; n != "" {
		filters = append(filters, ec2types.Filter{Name: new("tag:" + indexTag), Values: []string{n}})
	}
	got, err := s.read.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: filters})
	if err != nil {
		return nil, err
	}
	for _, r := range got.Reservations {
		for _, found := range r.Instances {
			return &found, nil
		}
	}
	return nil, nil
}

func updateInstance(ctx context.Context, w *Write, before, after Instance) error {
	at, err := w.Session.locate(ctx, before)
	if err != nil {
		return err
	}
	if at == nil {
		return fmt.Errorf("instance %s is not there any more", before.Name)
	}
	if before.Profile != after.Profile {
		if err := associate(ctx, w, *at.InstanceId, after.Profile); err != nil {
			return err
		}
	}
	set, remove := tagsToWrite(before.Tags, after.Tags, false)
	if len(remove) > 0 {
		var tags []ec2types.Tag
		for _, k := range remove {
			tags = append(tags, ec2types.Tag{Key: &k})
		}
		if _, err := call(ctx, w, w.ec2.DeleteTags, &ec2.DeleteTagsInput{Resources: []string{*at.InstanceId}, Tags: tags}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := call(ctx, w, w.ec2.CreateTags, &ec2.CreateTagsInput{Resources: []string{*at.InstanceId}, Tags: ec2Tags(set)}); err != nil {
			return err
		}
	}
	return nil
}

func preflightInstance(ctx context.Context, s *Session, before, after *Instance) ([]Refusal, error) {
	refuse := func(o Instance, text, help string) []Refusal {
		return []Refusal{{ID: o.ID(), Text: text, Help: help}}
	}
	switch {
	case before == nil:
		return nil, nil
	case after == nil:
		at, err := s.locate(ctx, *before)
		if err != nil || at == nil {
			return nil, err
		}
		got, err := s.read.ec2.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{InstanceId: at.InstanceId, Attribute: ec2types.InstanceAttributeNameDisableApiTermination})
		if err != nil {
			return nil, err
		}
		if got.DisableApiTermination != nil && aws.ToBool(got.DisableApiTermination.Value) {
			return refuse(*before, fmt.Sprintf("instance %s (%s) is protected from termination", before.Name, *at.InstanceId), "take the protection away in EC2 first, if it is to go"), nil
		}
		return nil, nil
	case before.Launch.digest() != after.Launch.digest():
		return refuse(*after, fmt.Sprintf("instance %s was launched with other settings, and EC2 cannot change them", after.Name), "launch a new one under another name, then remove this entry"), nil
	}
	return nil, nil
}

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

// launchedName is the name of the nth of an entry's instances, from 1.
func launchedName(entry string, n, count int) string {
	if count <= 1 {
		return entry
	}
	return entry + "/" + strconv.Itoa(n)
}
