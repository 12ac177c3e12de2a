package sandbox

import "time"

// Instances as EC2 answers them.
type (
	reservationView struct {
		ReservationId string
		OwnerId       string
		GroupSet      []none
		InstancesSet  []instanceView
	}

	instanceView struct {
		InstanceId          string
		ImageId             string
		InstanceState       stateView
		PrivateDnsName      string
		DnsName             string
		Reason              string
		KeyName             *string
		AmiLaunchIndex      int
		InstanceType        string
		LaunchTime          time.Time
		Placement           placementView
		Monitoring          struct{ State string }
		SubnetId            *string
		VpcId               *string
		PrivateIpAddress    *string
		SourceDestCheck     *bool
		GroupSet            []groupIDView
		Architecture        string
		RootDeviceType      string
		RootDeviceName      string
		BlockDeviceMapping  []deviceView
		VirtualizationType  string
		ClientToken         string
		TagSet              []ec2Tag
		Hypervisor          string
		NetworkInterfaceSet []none
		IamInstanceProfile  *profileRef
		EbsOptimized        bool
		EnaSupport          bool
		MetadataOptions     metadataView
		PlatformDetails     string
		StateReason         *struct{ Code, Message string }
	}

	stateView struct {
		Code int
		Name string
	}

	placementView struct{ AvailabilityZone, GroupName, Tenancy string }

	groupIDView struct{ GroupId, GroupName string }

	deviceView struct {
		DeviceName string
		Ebs        struct {
			VolumeId            string
			Status              string
			DeleteOnTermination bool
		}
	}

	metadataView struct {
		State                   string
		HttpTokens              string
		HttpPutResponseHopLimit int
		HttpEndpoint            string
		InstanceMetadataTags    string
	}

	profileRef struct{ Arn, Id string }

	// An ec2Tag is a tag on the wire of EC2.
	ec2Tag struct{ Key, Value string }
)

var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

func viewState(name string) stateView { return stateView{stateCodes[name], name} }

func (c *call) reservation(id string) reservationView {
	return reservationView{ReservationId: id, OwnerId: c.ID}
}

// viewInstance leaves out what an instance loses when it is terminated.
func (c *call) viewInstance(i *instance, state string) instanceView {
	v := instanceView{
		InstanceId: i.ID, ImageId: i.Image, InstanceState: viewState(state), KeyName: optional(i.Key),
		AmiLaunchIndex: i.Index, InstanceType: i.Type, LaunchTime: i.Launched,
		Placement: placementView{AvailabilityZone: i.Zone, Tenancy: "default"}, Architecture: "x86_64",
		RootDeviceType: "ebs", RootDeviceName: "/dev/xvda", VirtualizationType: "hvm", Hypervisor: "xen",
		ClientToken: i.Token, TagSet: viewEC2Tags(i.Tags), EbsOptimized: i.Optimized, EnaSupport: true,
		MetadataOptions: metadataView{"applied", i.Metadata.HttpTokens, i.Metadata.HttpPutResponseHopLimit, i.Metadata.HttpEndpoint, i.Metadata.InstanceMetadataTags},
		PlatformDetails: "Linux/UNIX",
	}
	v.Monitoring.State = "disabled"
	if i.Monitoring {
		v.Monitoring.State = "enabled"
	}
	if i.State == "terminated" {
		v.Reason = "User initiated (" + i.Ended.Format("2006-01-02 15:04:05 GMT") + ")"
		v.StateReason = &struct{ Code, Message string }{"Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown"}
		return v
	}
	v.SubnetId, v.VpcId, v.PrivateIpAddress, v.SourceDestCheck = &i.Subnet, new(c.vpc()), &i.Address, new(true)
	v.PrivateDnsName = privateName(i.Address, c.region().Name)
	for _, g := range i.Groups {
		v.GroupSet = append(v.GroupSet, groupIDView{g, c.groupName(g)})
	}
	for _, d := range i.Volumes {
		one := deviceView{DeviceName: d.Device}
		one.Ebs.VolumeId, one.Ebs.Status, one.Ebs.DeleteOnTermination = d.ID, "attached", !d.Keep
		v.BlockDeviceMapping = append(v.BlockDeviceMapping, one)
	}
	if a := c.associationOf(i); a != nil {
		v.IamInstanceProfile = &profileRef{a.ProfileARN, a.ProfileID}
	}
	return v
}

func viewEC2Tags(t tags) []ec2Tag {
	var list []ec2Tag
	for _, one := range t.list() {
		list = append(list, ec2Tag(one))
	}
	return list
}
