package sandbox

import (
	"slices"
	"time"
)

type idsInput struct {
	InstanceIds []string `form:"InstanceId" is:"!"`
}

type changeView struct {
	InstanceId    string
	CurrentState  stateView
	PreviousState stateView
}

type changesOutput struct{ InstancesSet []changeView }

func (o *changesOutput) add(i *instance, before, now string) {
	o.InstancesSet = append(o.InstancesSet, changeView{i.ID, viewState(now), viewState(before)})
}

// terminateInstances terminates all or, when one is protected or unknown,
// none. Instances that are terminated already stay so.
func terminateInstances(c *call, in idsInput) (out changesOutput, err error) {
	list, err := c.instances(in.InstanceIds)
	if err != nil {
		return out, err
	}
	for _, i := range list {
		if i.Protected && i.State != "terminated" {
			return out, errorf("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", i.ID)
		}
	}
	for _, i := range list {
		before := c.state(i)
		if i.State == "terminated" {
			out.add(i, before, before)
			continue
		}
		c.move(i, "shutting-down", "terminated")
		i.Ended = c.now.Truncate(time.Second)
		if a := c.associationOf(i); a != nil {
			c.region().Associations.remove(a.key())
		}
		out.add(i, before, "shutting-down")
	}
	return out, nil
}

func startInstances(c *call, in idsInput) (changesOutput, error) {
	return c.change(in, "pending", "running", []string{"stopped", "running", "pending"})
}

func stopInstances(c *call, in idsInput) (changesOutput, error) {
	return c.change(in, "stopping", "stopped", []string{"running", "stopped", "stopping"})
}

// change moves all instances to a state, from one of those, or none.
func (c *call) change(in idsInput, passing, state string, from []string) (out changesOutput, err error) {
	list, err := c.instances(in.InstanceIds)
	if err != nil {
		return out, err
	}
	for _, i := range list {
		if !slices.Contains(from, c.state(i)) {
			return out, errorf("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be %s.", i.ID, map[string]string{"running": "started", "stopped": "stopped"}[state])
		}
	}
	for _, i := range list {
		before := c.state(i)
		if before == state || before == passing {
			out.add(i, before, before)
			continue
		}
		c.move(i, passing, state)
		out.add(i, before, passing)
	}
	return out, nil
}

// rebootInstances leaves the instances running, as they were.
func rebootInstances(c *call, in idsInput) (out none, err error) {
	list, err := c.instances(in.InstanceIds)
	for _, i := range list {
		if c.state(i) == "terminated" || c.state(i) == "shutting-down" {
			return out, errorf("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be rebooted.", i.ID)
		}
	}
	return out, err
}

type valueView struct{ Value string }

type attributeView struct {
	InstanceId            string
	DisableApiTermination *valueView
	InstanceType          *valueView
	UserData              *valueView
	EbsOptimized          *valueView
	GroupSet              *[]groupIDView
}

func describeInstanceAttribute(c *call, in struct {
	InstanceId string `is:"!"`
	Attribute  string `is:"!"`
},
) (out attributeView, err error) {
	i, err := c.instance(in.InstanceId)
	if err != nil {
		return out, err
	}
	yes := func(b bool) *valueView {
		return &valueView{map[bool]string{true: "true", false: "false"}[b]}
	}
	out.InstanceId = i.ID
	switch in.Attribute {
	case "disableApiTermination":
		out.DisableApiTermination = yes(i.Protected)
	case "instanceType":
		out.InstanceType = &valueView{i.Type}
	case "userData":
		out.UserData = &valueView{i.UserData}
	case "ebsOptimized":
		out.EbsOptimized = yes(i.Optimized)
	case "groupSet":
		out.GroupSet = &[]groupIDView{}
		for _, g := range i.Groups {
			*out.GroupSet = append(*out.GroupSet, groupIDView{g, c.groupName(g)})
		}
	default:
		return out, errorf("InvalidParameterValue", "Value (%s) for parameter attribute is invalid. The sandbox knows disableApiTermination, instanceType, userData, ebsOptimized and groupSet.", in.Attribute)
	}
	return out, nil
}

// modifyInstanceAttribute changes termination protection, which is the only
// attribute of a running instance that anything here depends on.
func modifyInstanceAttribute(c *call, in struct {
	InstanceId            string `is:"!"`
	DisableApiTermination *struct{ Value bool }
	Attribute             string
	Value                 string
},
) (out none, err error) {
	i, err := c.instance(in.InstanceId)
	switch {
	case err != nil:
	case in.DisableApiTermination != nil:
		i.Protected = in.DisableApiTermination.Value
	case in.Attribute == "disableApiTermination":
		i.Protected = in.Value == "true"
	default:
		err = errorf("InvalidParameterCombination", "No attributes specified. The sandbox can change disableApiTermination.")
	}
	return out, err
}

func modifyInstanceMetadataOptions(c *call, in struct {
	InstanceId string `is:"!"`
	metadataOptions
}) (out struct {
	InstanceId              string
	InstanceMetadataOptions metadataView
}, err error,
) {
	i, err := c.instance(in.InstanceId)
	if err != nil {
		return out, err
	}
	i.Metadata = in.metadataOptions.or(i.Metadata)
	out.InstanceId, out.InstanceMetadataOptions = i.ID, c.viewInstance(i, i.State).MetadataOptions
	out.InstanceMetadataOptions.State = "pending"
	return out, nil
}
