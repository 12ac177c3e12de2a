package sandbox

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/policy"
)

// agentVersion is what the nodes of the sandbox say they run.
const agentVersion = "3.3.3270.0"

// ping returns what SSM knows of an instance: "Online", "ConnectionLost" or,
// of one that never was a managed node, "".
//
// The agent of a running instance registers as soon as its profile has a role
// that EC2 may assume and whose policies allow what agents do. When they no
// longer do, or the instance stops, SSM goes on listing it as lost.
func (c *call) ping(i *instance) string {
	online := c.state(i) == "running" && c.agentAllowed(i)
	switch {
	case online:
		i.Registered = true
		return "Online"
	case i.Registered:
		return "ConnectionLost"
	}
	return ""
}

// agentAllowed reports whether the instance's role lets its agent talk to SSM.
func (c *call) agentAllowed(i *instance) bool {
	a := c.associationOf(i)
	if a == nil {
		return false
	}
	p := c.Profiles.get(strings.ToLower(a.profileName()))
	if p == nil || p.ID != a.ProfileID {
		return false // the very profile is gone, whatever has its name now
	}
	r := c.roleByID(p.Role)
	if r == nil || !trustsEC2(r.Trust) {
		return false
	}
	var documents []string
	for _, arn := range r.Attached {
		if p, err := c.policy(arn); err == nil {
			documents = append(documents, p.document())
		}
	}
	for _, document := range r.Inline {
		documents = append(documents, document)
	}
	allowed := false
	for _, document := range documents {
		switch verdict(document, "ssm:UpdateInstanceInformation") {
		case "Deny":
			return false
		case "Allow":
			allowed = true
		}
	}
	return allowed
}

func trustsEC2(trust string) bool {
	d, err := policy.Parse([]byte(trust))
	return err == nil && slices.ContainsFunc(d.Statements, func(s policy.Statement) bool {
		return s.Effect == "Allow" && s.Principal != nil && slices.ContainsFunc(s.Principal.Service, func(p string) bool {
			return p == "ec2.amazonaws.com" || p == "ec2.amazonaws.com.cn"
		})
	})
}

// verdict says what a document does about an action, by the actions of its
// statements only: the agent's calls are not about any resource.
func verdict(document, action string) string {
	d, err := policy.Parse([]byte(document))
	if err != nil {
		return ""
	}
	says := ""
	for _, s := range d.Statements {
		if slices.ContainsFunc(s.Action, func(a string) bool {
			ok, err := path.Match(strings.ToLower(a), strings.ToLower(action))
			return ok && err == nil
		}) {
			if s.Effect == "Deny" {
				return "Deny"
			}
			says = "Allow"
		}
	}
	return says
}

type nodeInput struct {
	Filters []struct {
		Key    string `is:"!"`
		Values []string
	}
	InstanceInformationFilterList []struct {
		Key      string   `json:"key"`
		ValueSet []string `json:"valueSet"`
	}
	NextToken string
}

// nodes lists the managed nodes that the filters accept. Those that are
// stopped or terminated are left out, as SSM does.
func (c *call) nodes(in nodeInput) ([]*instance, error) {
	for _, old := range in.InstanceInformationFilterList {
		in.Filters = append(in.Filters, struct {
			Key    string `is:"!"`
			Values []string
		}{old.Key, old.ValueSet})
	}
	var list []*instance
	for i := range c.region().Instances.all {
		ping := c.ping(i)
		keep := ping != "" && c.state(i) == "running"
		for _, f := range in.Filters {
			var have string
			switch key, isTag := strings.CutPrefix(f.Key, "tag:"); {
			case isTag:
				have = i.Tags[key]
			case f.Key == "InstanceIds":
				have = i.ID
			case f.Key == "PingStatus":
				have = ping
			case f.Key == "PlatformTypes", f.Key == "PlatformType":
				have = "Linux"
			case f.Key == "ResourceType":
				have = "EC2Instance"
			case f.Key == "AgentVersion":
				have = agentVersion
			default:
				return nil, errorf("InvalidInstanceInformationFilterValue", "The filter key %s is not valid.", f.Key)
			}
			keep = keep && slices.Contains(f.Values, have)
		}
		if keep {
			list = append(list, i)
		}
	}
	return list, nil
}

type nodeView struct {
	InstanceId       string
	PingStatus       string
	LastPingDateTime epoch
	AgentVersion     string
	PlatformType     string
	PlatformName     string
	PlatformVersion  string
	ResourceType     string
	IPAddress        string
	ComputerName     string
	SourceId         string
	SourceType       string
}

func (c *call) viewNode(i *instance) nodeView {
	return nodeView{
		i.ID, c.ping(i),
		epoch{c.now},
		agentVersion, "Linux", "Amazon Linux", "2023", "EC2Instance", i.Address,
		privateName(i.Address, c.region().Name), i.ID, "AWS::EC2::Instance",
	}
}

type informationView struct {
	nodeView
	IsLatestVersion bool
}

func describeInstanceInformation(c *call, in struct {
	nodeInput
	MaxResults int `is:"nodes50"`
}) (out struct {
	InstanceInformationList []informationView
	NextToken               *string `json:",omitzero"`
}, err error,
) {
	list, err := c.nodes(in.nodeInput)
	if err != nil {
		return out, err
	}
	list, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 10), (*instance).key)
	out.InstanceInformationList = []informationView{}
	for _, i := range list {
		out.InstanceInformationList = append(out.InstanceInformationList, informationView{c.viewNode(i), true})
	}
	return out, err
}

type propertyView struct {
	nodeView
	Name          string `json:",omitzero"`
	InstanceType  string
	InstanceRole  string `json:",omitzero"`
	KeyName       string `json:",omitzero"`
	InstanceState string
	Architecture  string
	LaunchTime    epoch
}

func describeInstanceProperties(c *call, in struct {
	InstancePropertyFilterList []struct {
		Key      string   `json:"key"`
		ValueSet []string `json:"valueSet"`
	}
	FiltersWithOperator []struct {
		Key, Operator string
		Values        []string
	}
	MaxResults int `is:"nodes1000"`
	NextToken  string
}) (out struct {
	InstanceProperties []propertyView
	NextToken          *string `json:",omitzero"`
}, err error,
) {
	var of nodeInput
	of.InstanceInformationFilterList = in.InstancePropertyFilterList
	for _, f := range in.FiltersWithOperator {
		if f.Operator != "" && f.Operator != "Equal" {
			return out, errorf("InvalidInstancePropertyFilterValue", "The sandbox knows the operator Equal only, not %s.", f.Operator)
		}
		of.InstanceInformationFilterList = append(of.InstanceInformationFilterList, struct {
			Key      string   `json:"key"`
			ValueSet []string `json:"valueSet"`
		}{f.Key, f.Values})
	}
	list, err := c.nodes(of)
	if err != nil {
		return out, err
	}
	list, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 50), (*instance).key)
	out.InstanceProperties = []propertyView{}
	for _, i := range list {
		v := propertyView{nodeView: c.viewNode(i), Name: i.Tags["Name"], InstanceType: i.Type, KeyName: i.Key, InstanceState: c.state(i), Architecture: "x86_64", LaunchTime: epoch{i.Launched}}
		if a := c.associationOf(i); a != nil {
			if p := c.Profiles.get(strings.ToLower(a.profileName())); p != nil && p.ID == a.ProfileID {
				if r := c.roleByID(p.Role); r != nil {
					v.InstanceRole = r.Name
				}
			}
		}
		out.InstanceProperties = append(out.InstanceProperties, v)
	}
	return out, err
}

// seconds is a duration of the API, in seconds, with a default.
func seconds(n, otherwise int) time.Duration {
	return time.Duration(cmp.Or(n, otherwise)) * time.Second
}
