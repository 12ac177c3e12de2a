package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// calls says, for the calls of Systems Manager that touch more than one
// resource, what they touch. Each is authorised on its own, and the call
// passes only if every one of them does: what is granted on documents and what
// is granted on nodes multiply, in whichever statements they stand.
//
// The source is the Service Authorization Reference, "Actions, resources, and
// condition keys for AWS Systems Manager", and where that calls a resource
// optional that no call can do without, or has it that a call takes one of
// several, this table does better.
var calls = map[string][]Leg{
	"ssm:SendCommand":           {aDocument, aNode, optional(aBucket)},
	"ssm:CreateAssociation":     {anAssociation, aDocument, optional(aNode)},
	"ssm:UpdateAssociation":     {anAssociation, optional(aDocument), optional(aNode)},
	"ssm:StartAccessRequest":    {aNode},
	"ssm:GetConnectionStatus":   {aNodeOrTask},
	"ssm:StartAssociationsOnce": {anAssociation},

	// Without a document, a session uses SSM-SessionManagerRunShell. Whether that
	// has to be granted depends on which copy of "Start a default shell session by
	// specifying the default session document in IAM policies" one reads, so here
	// it need not: better to say that someone may who may not than the reverse.
	"ssm:StartSession": {aNodeOrTask, optional(aDocument)},

	// The targets of a batch stand in the associations that it makes.
	"ssm:CreateAssociationBatch": {aDocument, optional(aNode)},

	// AWS's own policies still name the automation definition beside the other
	// two, for accounts where it is what counts.
	"ssm:StartAutomationExecution":    {aDocument, anExecution, optional(aDefinition)},
	"ssm:StartChangeRequestExecution": {aDocument, anExecution, optional(aDefinition)},
}

// The legs of those calls.
var (
	aDocument     = Leg{Type: DocumentLeg, Types: []string{"document"}, Required: true}
	aNode         = Leg{Type: NodeLeg, Types: []string{"instance", "managed-instance"}, Required: true}
	aNodeOrTask   = Leg{Type: NodeLeg, Types: []string{"instance", "managed-instance", "task"}, Required: true}
	anAssociation = Leg{Type: "association", Types: []string{"association"}, Required: true}
	anExecution   = Leg{Type: "automation-execution", Types: []string{"automation-execution"}, Required: true}
	aDefinition   = Leg{Type: "automation-definition", Types: []string{"automation-definition"}, Required: true}
	aBucket       = Leg{Type: "bucket", Types: []string{"bucket"}, Required: true}
)

func optional(l Leg) Leg {
	l.Required = false
	return l
}

// The types of a leg that are not types of AWS's.
const (
	NodeLeg     = "node"     // an instance, or a managed instance outside of EC2
	DocumentLeg = "document" // also AWS's name for it
	OneOfLeg    = "resource" // a resource of any one of several types
	NoLeg       = "*"        // the action knows no resources: AWS checks it on "*"
)

// A Leg is one of the resources that a call touches. AWS authorises each leg
// of a call separately.
type Leg struct {
	Type     string   // NodeLeg, OneOfLeg, NoLeg, or AWS's name of the only type, such as "document"
	Types    []string // AWS's names of the types that the resource can be of; nil of NoLeg
	Required bool     // no call is without it
}

// LegsOf returns what a call of the action touches, the required legs first.
// An action has at least one leg; one that is not known has NoLeg. The action
// is in any case, such as "ssm:SendCommand".
func LegsOf(action string) []Leg {
	known, ok := catalogue.Lookup(action)
	if !ok {
		return []Leg{{Type: NoLeg, Required: true}}
	}
	if legs, ok := calls[known.Name]; ok {
		legs = slices.Clone(legs)
		slices.SortStableFunc(legs, func(a, b Leg) int { return order(a) - order(b) })
		return legs
	}
	var required, alternatives []string
	for _, use := range known.Resources {
		if use.Required {
			required = append(required, use.Type)
		} else {
			alternatives = append(alternatives, use.Type)
		}
	}
	switch {
	case len(required) > 0:
		var legs []Leg
		for _, name := range required {
			legs = append(legs, Leg{Type: legType(name), Types: []string{name}, Required: true})
		}
		return legs
	case len(alternatives) > 0: // one of them, as of AddTagsToResource
		l := Leg{Type: OneOfLeg, Types: alternatives, Required: true}
		if types := slices.Compact(apply(alternatives, legType)); len(types) == 1 {
			l.Type = types[0]
		}
		return []Leg{l}
	}
	return []Leg{{Type: NoLeg, Required: true}}
}

// legType returns the type of a leg that AWS's type of resource fills.
func legType(name string) string {
	if slices.Contains(aNode.Types, name) {
		return NodeLeg
	}
	return name
}

func order(l Leg) int {
	if l.Required {
		return 0
	}
	return 1
}

func apply[A, B any](list []A, f func(A) B) []B {
	result := make([]B, len(list))
	for i, a := range list {
		result[i] = f(a)
	}
	return result
}

// A Target is a resource that fills a leg of a call.
type Target struct {
	Leg  string            `json:"leg"` // its type
	Name string            `json:"name,omitempty"`
	ARN  string            `json:"arn"` // "*" of NoLeg
	Tags map[string]string `json:"-"`

	Known bool `json:"-"` // it is in the account, so that Tags are all it has
}

// Requests returns what AWS checks when the principal makes a call of the
// action that touches the targets: a request each. The context of each holds
// what follows from the principal, the target and the place; a key in given
// counts before what follows.
func (a *Account) Requests(p Principal, action string, targets []Target, given policy.Context) []policy.Request {
	requests := make([]policy.Request, len(targets))
	for i, t := range targets {
		requests[i] = policy.Request{
			Principal: p.ARN,
			Action:    action,
			Resource:  t.ARN,
			Account:   a.Place.Account, // also of a document that AWS owns, as anyone may use it
			Context:   a.context(p, action, t, given),
		}
	}
	return requests
}

// context returns the keys of a request that no circumstance of a call
// changes, and what is given.
func (a *Account) context(p Principal, action string, t Target, given policy.Context) policy.Context {
	service, _, _ := strings.Cut(action, ":")
	region := a.Place.Region
	if fields := strings.SplitN(t.ARN, ":", 6); len(fields) == 6 && fields[3] != "" {
		region = fields[3]
	}
	c := settled(p)
	c["aws:RequestedRegion"] = policy.One(region)
	c["aws:ViaAWSService"] = policy.One("false")
	for key, value := range t.Tags {
		c["aws:ResourceTag/"+key] = policy.One(value)
		c[tagPrefix(service)+key] = policy.One(value)
	}
	if !strings.EqualFold(action, "ssm:StartSession") {
		delete(c, "ssm:SessionDocumentAccessCheck")
	}
	for key := range given {
		maps.DeleteFunc(c, func(have string, _ policy.Value) bool { return strings.EqualFold(have, key) })
	}
	maps.Copy(c, given)
	return c
}

// tagPrefix returns how a service's own condition keys for the tags of a
// resource begin.
func tagPrefix(service string) string {
	if strings.EqualFold(service, "ssm") {
		return "ssm:resourceTag/"
	}
	return strings.ToLower(service) + ":ResourceTag/"
}
