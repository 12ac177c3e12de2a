package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A launch is what a client token stands for.
type launch struct {
	Token       string
	Parameters  string // a digest of what was asked for
	Reservation string
}

func (l *launch) key() string { return l.Token }

type runInput struct {
	ImageId           string
	InstanceType      string
	MinCount          int `is:"!"`
	MaxCount          int `is:"!"`
	ClientToken       string
	KeyName           string
	SubnetId          string
	SecurityGroupIds  []string `form:"SecurityGroupId"`
	SecurityGroups    []string `form:"SecurityGroup"`
	NetworkInterfaces []struct {
		SubnetId string
		Groups   []string `form:"SecurityGroupId"`
	} `form:"NetworkInterface"`
	UserData              string
	IamInstanceProfile    profileSpec
	DisableApiTermination bool
	EbsOptimized          bool
	Monitoring            struct{ Enabled bool }
	MetadataOptions       metadataOptions
	Placement             struct{ AvailabilityZone string }
	TagSpecifications     []struct {
		ResourceType string
		Tags         []tag `form:"Tag"`
	} `form:"TagSpecification"`
	BlockDeviceMappings []struct {
		DeviceName string
		Ebs        *struct {
			VolumeSize          int
			VolumeType          string
			Encrypted           bool
			DeleteOnTermination *bool
		}
	} `form:"BlockDeviceMapping"`
	LaunchTemplate struct{ LaunchTemplateId, LaunchTemplateName string }
}

// tokenLife is how long after the end of its instances a client token is
// remembered.
const tokenLife = 24 * time.Hour

// runInstances launches all instances asked for, or none.
func runInstances(c *call, in runInput) (out reservationView, err error) {
	r := c.region()
	digest := c.form.digest()
	if l := r.Launches.get(in.ClientToken); in.ClientToken != "" && l != nil {
		if list := c.launchedBy(l); len(list) > 0 {
			if l.Parameters != digest {
				return out, errorf("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
			}
			out = c.reservation(l.Reservation)
			for _, i := range list {
				out.InstancesSet = append(out.InstancesSet, c.viewInstance(i, c.state(i)))
			}
			return out, nil
		}
	}
	blank, profile, err := c.prepare(in)
	if err != nil {
		return out, err
	}
	out = c.reservation(c.newResourceID("r"))
	if in.ClientToken != "" {
		r.Launches.put(&launch{in.ClientToken, digest, out.ReservationId})
	}
	for n := range in.MaxCount {
		i := new(*blank)
		i.ID, i.Reservation, i.Index, i.Tags = c.newResourceID("i"), out.ReservationId, n, maps.Clone(blank.Tags)
		i.Volumes = slices.Clone(blank.Volumes)
		for v := range i.Volumes {
			i.Volumes[v].ID = c.newResourceID("vol")
		}
		i.Address = address(r.Instances.len())
		c.move(i, "pending", "running")
		r.Instances.put(i)
		if profile != nil {
			c.associate(i, profile)
		}
		out.InstancesSet = append(out.InstancesSet, c.viewInstance(i, "pending"))
	}
	return out, nil
}

// launchedBy lists the instances of a launch that still keep its token alive.
func (c *call) launchedBy(l *launch) []*instance {
	var list []*instance
	for i := range c.region().Instances.all {
		if i.Reservation == l.Reservation && (i.State != "terminated" || c.now.Sub(i.Ended) <= tokenLife) {
			list = append(list, i)
		}
	}
	return list
}

// digest tells apart requests of different parameters.
func (n *node) digest() string {
	var b strings.Builder
	var write func(prefix string, n *node)
	write = func(prefix string, n *node) {
		if n.set {
			fmt.Fprintf(&b, "%q=%q\n", prefix, n.value)
		}
		for _, k := range slices.Sorted(maps.Keys(n.kids)) {
			write(prefix+"."+k, n.kids[k])
		}
	}
	write("", n)
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

var (
	imageID      = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	instanceType = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	subnetID     = regexp.MustCompile(`^subnet-([0-9a-f]{8}|[0-9a-f]{17})$`)
	groupID      = regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

// prepare checks a launch and returns what its instances have in common.
func (c *call) prepare(in runInput) (*instance, *instanceProfile, error) {
	image, err := c.image(in.ImageId)
	if err != nil {
		return nil, nil, err
	}
	t := in.LaunchTemplate
	subnet := in.SubnetId
	groups := in.SecurityGroupIds
	if len(in.NetworkInterfaces) > 0 {
		subnet = cmp.Or(subnet, in.NetworkInterfaces[0].SubnetId)
		groups = append(groups, in.NetworkInterfaces[0].Groups...)
	}
	for _, name := range in.SecurityGroups {
		if name != "default" {
			return nil, nil, errorf("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", name, c.vpc())
		}
		groups = append(groups, c.defaultGroup())
	}
	switch {
	case t.LaunchTemplateId != "":
		err = errorf("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", t.LaunchTemplateId)
	case t.LaunchTemplateName != "":
		err = errorf("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", t.LaunchTemplateName)
	case in.MinCount < 1 || in.MaxCount < in.MinCount || in.MaxCount > 1000:
		err = errorf("InvalidParameterValue", "Value ( %d-%d ) for the number of instances is invalid. Expecting 1 <= MinCount <= MaxCount <= 1000.", in.MinCount, in.MaxCount)
	case len(in.ClientToken) > 64:
		err = errorf("InvalidParameterValue", "Value (%s) for parameter clientToken is invalid. Client token must be at most 64 ASCII characters.", in.ClientToken)
	case !instanceType.MatchString(cmp.Or(in.InstanceType, "m1.small")):
		err = errorf("InvalidParameterValue", "Invalid value '%s' for InstanceType.", in.InstanceType)
	case subnet != "" && !subnetID.MatchString(subnet):
		err = errorf("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", subnet)
	case len(in.UserData) > 16384*4/3+4:
		err = errorf("InvalidParameterValue", "User data is limited to 16384 bytes")
	}
	if i := slices.IndexFunc(groups, func(g string) bool { return !groupID.MatchString(g) }); err == nil && i >= 0 {
		err = errorf("InvalidGroupId.Malformed", `Invalid id: "%s" (expecting "sg-...")`, groups[i])
	}
	if err != nil {
		return nil, nil, err
	}
	if len(groups) == 0 {
		groups = []string{c.defaultGroup()}
	}
	i := &instance{
		Image: image, Type: cmp.Or(in.InstanceType, "m1.small"), Launched: c.now.Truncate(time.Second), Token: in.ClientToken,
		Key: in.KeyName, UserData: in.UserData, Groups: groups, Protected: in.DisableApiTermination, Optimized: in.EbsOptimized,
		Monitoring: in.Monitoring.Enabled, Metadata: in.MetadataOptions.or(metadataOptions{"optional", "enabled", 1, "disabled"}),
		Volumes: []volume{{Device: "/dev/xvda", Size: 8, Type: "gp3"}},
	}
	i.Subnet, i.Zone = c.place(subnet, in.Placement.AvailabilityZone)
	for _, m := range in.BlockDeviceMappings {
		if m.Ebs == nil {
			continue
		}
		v := volume{
			Device: m.DeviceName, Size: cmp.Or(m.Ebs.VolumeSize, 8), Type: cmp.Or(m.Ebs.VolumeType, "gp3"), Encrypted: m.Ebs.Encrypted,
			Keep: m.Ebs.DeleteOnTermination != nil && !*m.Ebs.DeleteOnTermination,
		}
		i.Volumes = append(slices.DeleteFunc(i.Volumes, func(o volume) bool { return o.Device == v.Device }), v)
	}
	for _, s := range in.TagSpecifications {
		checked, err := c.with(nil, s.Tags, false)
		if err != nil {
			return nil, nil, err
		}
		if s.ResourceType == "instance" {
			i.Tags = checked
		}
	}
	profile, err := c.launchable(in.IamInstanceProfile)
	return i, profile, err
}

// or fills in what is not given.
func (m metadataOptions) or(d metadataOptions) metadataOptions {
	return metadataOptions{
		cmp.Or(m.HttpTokens, d.HttpTokens), cmp.Or(m.HttpEndpoint, d.HttpEndpoint),
		cmp.Or(m.HttpPutResponseHopLimit, d.HttpPutResponseHopLimit), cmp.Or(m.InstanceMetadataTags, d.InstanceMetadataTags),
	}
}

// image returns the id of an image, looking it up in a parameter when asked to.
func (c *call) image(id string) (string, error) {
	if id == "" {
		return "", errorf("MissingParameter", "The request must contain the parameter ImageId")
	}
	if name, ok := strings.CutPrefix(id, "resolve:ssm:"); ok {
		name = strings.TrimPrefix(name, "arn:"+c.partition()+":ssm:"+c.region().Name+":"+c.ID+":parameter")
		p, v, err := c.parameterVersion(name)
		if err != nil {
			return "", errorf("InvalidParameterValue", "The parameter '%s' of the image ID could not be resolved: %s", name, err)
		}
		if p != nil {
			id = v.Value
		}
	}
	if !imageID.MatchString(id) {
		return "", errorf("InvalidAMIID.Malformed", `Invalid id: "%s" (expecting "ami-...")`, id)
	}
	return id, nil
}
