package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Every region has one VPC with a subnet in each of three zones and a
// security group. They cannot be changed, so their ids follow from their
// names and nothing has to be kept.

func (c *call) placeID(prefix, name string) string {
	sum := sha256.Sum256([]byte(c.ID + "/" + c.region().Name + "/" + name))
	return prefix + "-0" + hex.EncodeToString(sum[:])[:16]
}

func (c *call) vpc() string                 { return c.placeID("vpc", "default") }
func (c *call) defaultGroup() string        { return c.placeID("sg", "default") }
func (c *call) zones() []string             { r := c.region().Name; return []string{r + "a", r + "b", r + "c"} }
func (c *call) subnetIn(zone string) string { return c.placeID("subnet", zone) }

func (c *call) groupName(id string) string {
	if id == c.defaultGroup() {
		return "default"
	}
	return id
}

// place decides where an instance goes. A subnet that is not one of the
// default ones is taken to be in the first zone.
func (c *call) place(subnet, zone string) (id, in string) {
	for _, z := range c.zones() {
		if subnet == c.subnetIn(z) || subnet == "" && z == zone {
			return c.subnetIn(z), z
		}
	}
	first := c.zones()[0]
	return cmp.Or(subnet, c.subnetIn(first)), first
}

// address makes up the private address of the nth instance.
func address(n int) string {
	n += 10
	return "172.31." + itoa(n/250%256) + "." + itoa(n%250+4)
}

func privateName(address, region string) string {
	domain := region + ".compute.internal"
	if region == "us-east-1" {
		domain = "ec2.internal"
	}
	return "ip-" + strings.ReplaceAll(address, ".", "-") + "." + domain
}

type vpcView struct {
	VpcId, OwnerId, State, CidrBlock, DhcpOptionsId, InstanceTenancy string
	IsDefault                                                        bool
	TagSet                                                           []ec2Tag
}

func describeVpcs(c *call, in struct {
	VpcIds  []string `form:"VpcId"`
	Filters []filter `form:"Filter"`
},
) (out struct{ VpcSet []vpcView }, err error) {
	v := vpcView{c.vpc(), c.ID, "available", "172.31.0.0/16", c.placeID("dopt", "default"), "default", true, viewEC2Tags(c.region().Tags[c.vpc()])}
	for _, id := range in.VpcIds {
		if id != v.VpcId {
			return out, errorf("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
		}
	}
	ok, err := matches(in.Filters, c.region().Tags[v.VpcId], func(name string) ([]string, bool) {
		value, ok := map[string]string{"vpc-id": v.VpcId, "is-default": "true", "isDefault": "true", "state": v.State, "cidr": v.CidrBlock, "owner-id": c.ID}[name]
		return []string{value}, ok
	})
	if ok {
		out.VpcSet = []vpcView{v}
	}
	return out, err
}

type subnetView struct {
	SubnetId, SubnetArn, VpcId, OwnerId, State, CidrBlock, AvailabilityZone string
	AvailableIpAddressCount                                                 int
	DefaultForAz, MapPublicIpOnLaunch                                       bool
	TagSet                                                                  []ec2Tag
}

func describeSubnets(c *call, in struct {
	SubnetIds []string `form:"SubnetId"`
	Filters   []filter `form:"Filter"`
},
) (out struct{ SubnetSet []subnetView }, err error) {
	var ids []string
	for n, zone := range c.zones() {
		id := c.subnetIn(zone)
		ids = append(ids, id)
		if len(in.SubnetIds) > 0 && !slices.Contains(in.SubnetIds, id) {
			continue
		}
		cidr := "172.31." + itoa(16*n) + ".0/20"
		ok, err := matches(in.Filters, c.region().Tags[id], func(name string) ([]string, bool) {
			value, ok := map[string]string{
				"subnet-id": id, "vpc-id": c.vpc(), "availability-zone": zone, "availabilityZone": zone,
				"default-for-az": "true", "defaultForAz": "true", "state": "available", "cidr-block": cidr, "owner-id": c.ID,
			}[name]
			return []string{value}, ok
		})
		if err != nil {
			return out, err
		}
		if ok {
			out.SubnetSet = append(out.SubnetSet, subnetView{
				id, c.arn("ec2", c.region().Name, "subnet/"+id), c.vpc(), c.ID, "available", cidr, zone,
				4091, true, true, viewEC2Tags(c.region().Tags[id]),
			})
		}
	}
	for _, id := range in.SubnetIds {
		if !slices.Contains(ids, id) {
			return out, errorf("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
		}
	}
	return out, nil
}

type securityGroupView struct {
	GroupId, GroupName, GroupDescription, OwnerId, VpcId string
	IpPermissions, IpPermissionsEgress                   []none
	TagSet                                               []ec2Tag
}

func describeSecurityGroups(c *call, in struct {
	GroupIds []string `form:"GroupId"`
	Filters  []filter `form:"Filter"`
},
) (out struct{ SecurityGroupInfo []securityGroupView }, err error) {
	id := c.defaultGroup()
	for _, want := range in.GroupIds {
		if want != id {
			return out, errorf("InvalidGroup.NotFound", "The security group '%s' does not exist", want)
		}
	}
	ok, err := matches(in.Filters, c.region().Tags[id], func(name string) ([]string, bool) {
		value, ok := map[string]string{"group-id": id, "group-name": "default", "vpc-id": c.vpc(), "owner-id": c.ID}[name]
		return []string{value}, ok
	})
	if ok {
		out.SecurityGroupInfo = []securityGroupView{{
			GroupId: id, GroupName: "default", GroupDescription: "default VPC security group", OwnerId: c.ID,
			VpcId: c.vpc(), TagSet: viewEC2Tags(c.region().Tags[id]),
		}}
	}
	return out, err
}

type imageView struct {
	ImageId, ImageLocation, ImageState, ImageOwnerId, Architecture, ImageType, Name, RootDeviceType, RootDeviceName, VirtualizationType string
	IsPublic                                                                                                                            bool
	TagSet                                                                                                                              []ec2Tag
}

// describeImages shows the images that the public parameters name, and any
// other by its id.
func describeImages(c *call, in struct {
	ImageIds []string `form:"ImageId"`
	Filters  []filter `form:"Filter"`
},
) (out struct{ ImagesSet []imageView }, err error) {
	names := map[string]string{}
	for _, p := range c.publicParameters() {
		names[p.Versions[0].Value] = p.Name[strings.LastIndexByte(p.Name, '/')+1:]
	}
	ids := in.ImageIds
	if len(ids) == 0 {
		for id := range names {
			ids = append(ids, id)
		}
		slices.Sort(ids)
	}
	for _, id := range ids {
		if !imageID.MatchString(id) {
			return out, errorf("InvalidAMIID.Malformed", `Invalid id: "%s" (expecting "ami-...")`, id)
		}
		name := cmp.Or(names[id], id)
		arch := "x86_64"
		if strings.HasSuffix(name, "arm64") {
			arch = "arm64"
		}
		ok, err := matches(in.Filters, c.region().Tags[id], func(filter string) ([]string, bool) {
			value, ok := map[string]string{
				"image-id": id, "name": name, "state": "available", "architecture": arch, "owner-alias": "amazon",
				"owner-id": "137112412989", "is-public": "true", "image-type": "machine", "root-device-type": "ebs", "virtualization-type": "hvm",
			}[filter]
			return []string{value}, ok
		})
		if err != nil {
			return out, err
		}
		if ok {
			out.ImagesSet = append(out.ImagesSet, imageView{
				id, "amazon/" + name, "available", "137112412989", arch, "machine", name, "ebs", "/dev/xvda", "hvm", true,
				viewEC2Tags(c.region().Tags[id]),
			})
		}
	}
	return out, nil
}

// regionNames are the regions of partition aws that need no opting in.
var regionNames = strings.Fields(`ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1
	eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2`)

type regionView struct {
	RegionName     string
	RegionEndpoint string
	OptInStatus    string
}

func describeRegions(c *call, in struct {
	RegionNames []string `form:"RegionName"`
},
) (out struct{ RegionInfo []regionView }, err error) {
	names, domain := regionNames, ".amazonaws.com"
	if c.partition() != "aws" {
		names = []string{c.Home}
	}
	if c.partition() == "aws-cn" {
		domain += ".cn"
	}
	for _, name := range in.RegionNames {
		if !slices.Contains(names, name) {
			return out, errorf("InvalidParameterValue", "Invalid region provided: %s", name)
		}
	}
	for _, name := range names {
		if len(in.RegionNames) == 0 || slices.Contains(in.RegionNames, name) {
			out.RegionInfo = append(out.RegionInfo, regionView{name, "ec2." + name + domain, "opt-in-not-required"})
		}
	}
	return out, nil
}
