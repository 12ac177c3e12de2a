package sandbox

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// An instance of EC2.
type instance struct {
	ID          string
	Reservation string
	Index       int // within the reservation
	Image       string
	Type        string
	State       string // where it is, or is going: "running", "stopped", "terminated"
	Passing     string // what it is called on the way there: "pending", ...
	Launched    time.Time
	Ended       time.Time // when it was terminated
	Tags        tags
	Subnet      string
	Zone        string
	Address     string
	Groups      []string // of security
	Key         string
	Token       string
	UserData    string // base64
	Metadata    metadataOptions
	Protected   bool // from termination
	Monitoring  bool
	Optimized   bool // for EBS
	Volumes     []volume
	Registered  bool // it has been a managed node
	settling    unseen
}

type metadataOptions struct {
	HttpTokens              string
	HttpEndpoint            string
	HttpPutResponseHopLimit int
	InstanceMetadataTags    string
}

type volume struct {
	Device    string
	ID        string
	Size      int
	Type      string
	Encrypted bool
	Keep      bool // when the instance is terminated
}

func (i *instance) key() string { return i.ID }

// state returns the state a request finds the instance in.
func (c *call) state(i *instance) string {
	if !c.sees(&i.settling) {
		return i.Passing
	}
	return i.State
}

// move sends the instance to another state, through a passing one.
func (c *call) move(i *instance, passing, state string) {
	i.Passing, i.State = passing, state
	c.hide(&i.settling)
}

// lingering is how long terminated instances are still shown.
const lingering = time.Hour

// gone reports whether the instance has been terminated so long ago that EC2
// does not know it any more.
func (c *call) gone(i *instance) bool {
	return i.State == "terminated" && c.now.Sub(i.Ended) > lingering
}

var instanceID = regexp.MustCompile(`^i-([0-9a-f]{8}|[0-9a-f]{17})$`)

// instances finds all instances named, or says which are not there.
func (c *call) instances(ids []string) ([]*instance, error) {
	var found []*instance
	var missing []string
	for _, id := range ids {
		if !instanceID.MatchString(id) {
			return nil, errorf("InvalidInstanceID.Malformed", `Invalid id: "%s"`, id)
		}
		switch i := c.region().Instances.get(id); {
		case i == nil || c.gone(i):
			missing = append(missing, id)
		case !slices.Contains(found, i):
			found = append(found, i)
		}
	}
	switch len(missing) {
	case 0:
		return found, nil
	case 1:
		return nil, errorf("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", missing[0])
	}
	return nil, errorf("InvalidInstanceID.NotFound", "The instance IDs '%s' do not exist", strings.Join(missing, ", "))
}

func (c *call) instance(id string) (*instance, error) {
	list, err := c.instances([]string{id})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

type describeInput struct {
	pages
	InstanceIds []string `form:"InstanceId"`
	Filters     []filter `form:"Filter"`
}

// instancesPage finds the instances a describe call asks for.
func (c *call) instancesPage(in describeInput) ([]*instance, *string, error) {
	if err := in.check(in.InstanceIds); err != nil {
		return nil, nil, err
	}
	list, err := c.instances(in.InstanceIds)
	if err != nil {
		return nil, nil, err
	}
	if len(in.InstanceIds) == 0 {
		list = slices.Collect(c.region().Instances.all)
	}
	kept := list[:0]
	for _, i := range list {
		ok, err := matches(in.Filters, i.Tags, func(name string) ([]string, bool) { return c.instanceValues(i, name) })
		if err != nil {
			return nil, nil, err
		}
		if ok && !c.gone(i) {
			kept = append(kept, i)
		}
	}
	limit := in.MaxResults
	if limit == 0 && len(in.InstanceIds) == 0 {
		limit = 1000
	}
	return tokenPage(c, kept, in.NextToken, limit, (*instance).key)
}

func (c *call) instanceValues(i *instance, name string) ([]string, bool) {
	one := func(s string) ([]string, bool) {
		if s == "" {
			return nil, true
		}
		return []string{s}, true
	}
	switch name {
	case "instance-id":
		return one(i.ID)
	case "instance-state-name":
		return one(c.state(i))
	case "instance-state-code":
		return one(itoa(stateCodes[c.state(i)]))
	case "instance-type":
		return one(i.Type)
	case "image-id":
		return one(i.Image)
	case "key-name":
		return one(i.Key)
	case "client-token":
		return one(i.Token)
	case "vpc-id":
		return one(c.vpc())
	case "subnet-id":
		return one(i.Subnet)
	case "availability-zone":
		return one(i.Zone)
	case "private-ip-address":
		return one(i.Address)
	case "reservation-id":
		return one(i.Reservation)
	case "owner-id":
		return one(c.ID)
	case "instance.group-id":
		return i.Groups, true
	case "iam-instance-profile.arn", "iam-instance-profile.id", "iam-instance-profile.name":
		a := c.associationOf(i)
		if a == nil {
			return nil, true
		}
		return one(map[string]string{"arn": a.ProfileARN, "id": a.ProfileID, "name": a.profileName()}[name[len("iam-instance-profile."):]])
	}
	return nil, false
}

func describeInstances(c *call, in describeInput) (out struct {
	ReservationSet []reservationView
	NextToken      *string
}, err error,
) {
	list, next, err := c.instancesPage(in)
	out.NextToken = next
	for _, i := range list {
		j := slices.IndexFunc(out.ReservationSet, func(r reservationView) bool { return r.ReservationId == i.Reservation })
		if j < 0 {
			out.ReservationSet = append(out.ReservationSet, c.reservation(i.Reservation))
			j = len(out.ReservationSet) - 1
		}
		out.ReservationSet[j].InstancesSet = append(out.ReservationSet[j].InstancesSet, c.viewInstance(i, c.state(i)))
	}
	return out, err
}

type statusView struct {
	InstanceId       string
	AvailabilityZone string
	InstanceState    stateView
	InstanceStatus   struct{ Status string }
	SystemStatus     struct{ Status string }
}

func describeInstanceStatus(c *call, in struct {
	describeInput
	IncludeAllInstances bool
}) (out struct {
	InstanceStatusSet []statusView
	NextToken         *string
}, err error,
) {
	list, next, err := c.instancesPage(in.describeInput)
	out.NextToken = next
	for _, i := range list {
		state := c.state(i)
		if state != "running" && !in.IncludeAllInstances {
			continue
		}
		v := statusView{InstanceId: i.ID, AvailabilityZone: i.Zone, InstanceState: viewState(state)}
		v.InstanceStatus.Status = "not-applicable"
		if state == "running" {
			v.InstanceStatus.Status = "ok"
		}
		v.SystemStatus = v.InstanceStatus
		out.InstanceStatusSet = append(out.InstanceStatusSet, v)
	}
	return out, err
}
