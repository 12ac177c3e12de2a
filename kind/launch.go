package kind

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// A Launch is what a new instance is made with. EC2 can change none of it
// later.
type Launch struct {
	AMI            string   `spec:"ami,required" json:"ami" doc:"An AMI id, or a public parameter that names one." pattern:"^(ami-[0-9a-f]{8,17}|/aws/service/.+)$" want:"ami-... or /aws/service/..." example:"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"`
	InstanceType   string   `spec:"instance_type,required" json:"instance_type" doc:"The instance type." pattern:"^[a-z0-9-]+\\.[a-z0-9-]+$" want:"an instance type such as t3.micro" example:"t3.micro"`
	Count          int      `spec:"count" json:"-" doc:"How many. The first goes by the name of the entry, the others by NAME/2, NAME/3 and so on; a lower count terminates the last." min:"1" max:"50" default:"1"`
	Subnet         string   `spec:"subnet" json:"subnet,omitempty" doc:"The subnet; without one, the default one." pattern:"^subnet-[0-9a-f]{8,17}$" want:"a subnet id"`
	SecurityGroups []string `spec:"security_groups" json:"security_groups,omitempty" doc:"Security groups, by id." pattern:"^sg-[0-9a-f]{8,17}$" want:"a security group id"`
	KeyName        string   `spec:"key_name" json:"key_name,omitempty" doc:"The key pair. Session Manager needs none."`
	PublicIP       bool     `spec:"public_ip" json:"public_ip,omitempty" doc:"Give it a public address." default:"false"`
	UserData       string   `spec:"user_data" json:"user_data,omitempty" doc:"What it runs at its first start. Everybody who may describe the instance can read it: no secrets."`
	VolumeGB       int      `spec:"volume_gb" json:"volume_gb,omitempty" doc:"Size of the root volume." min:"1" max:"16384"`
	Name           string   `spec:"name" json:"-" doc:"Its Name tag; without one, the entry's name."`
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

func launch(ctx context.Context, w *Write, i Instance) error {
	in, err := w.Session.runInstances(ctx, i)
	if err != nil {
		return err
	}
	_, err = call(ctx, w, w.ec2.RunInstances, in)
	return err
}

// runInstances is what EC2 is asked for, to launch one instance.
func (s *Session) runInstances(ctx context.Context, i Instance) (*ec2.RunInstancesInput, error) {
	l := i.Launch
	image := l.AMI
	if strings.HasPrefix(image, "/") {
		image = "resolve:ssm:" + image
	}
	run := s.begun()
	tags := ec2Tags(withRun(run, i.Tags))
	in := &ec2.RunInstancesInput{
		ImageId: &image, InstanceType: ec2types.InstanceType(l.InstanceType),
		MinCount: new(int32(1)), MaxCount: new(int32(1)),
		// The same token gives the same instance, so asking again is safe. It
		// holds for this run only: a token of a terminated instance would
		// give that dead one back.
		ClientToken:       new(token(or(run, s.nonce), i)),
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
		root, err := s.rootDevice(ctx, image)
		if err != nil {
			return nil, err
		}
		in.BlockDeviceMappings = []ec2types.BlockDeviceMapping{{DeviceName: &root, Ebs: &ec2types.EbsBlockDevice{VolumeSize: new(int32(l.VolumeGB))}}}
	}
	return in, nil
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
