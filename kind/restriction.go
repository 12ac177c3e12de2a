package kind

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A RestrictionEntry is what a spec writes under restrictions: a narrow
// allow, for whoever lists it.
type RestrictionEntry struct {
	Description string              `spec:"description" doc:"Free text, kept in IAM when the policy is made. IAM cannot change it later; a plan remarks on one that differs." pattern:"^[\\t\\n\\r -~¡-ÿ]{0,1000}$" want:"at most 1,000 Latin characters"`
	Protect     *bool               `spec:"protect" doc:"Refuse any plan that deletes the policy." default:"false"`
	Only        []string            `spec:"only" reserved:"environments come with a later version; this one reads one account a file"`
	Documents   Names               `spec:"documents" doc:"Documents that commands may be sent with: own ones by name, AWS's as AWS-..., * within a name, or all." example:"AWS-RunPatchBaseline"`
	Instances   Nodes               `spec:"instances" doc:"Where: instance ids, names from instances, {tags: ...}, or all. Tags also admit instances that come later."`
	Buckets     []string            `spec:"buckets" doc:"Buckets, or BUCKET/PREFIX, that command output may go to." example:"acme-ssm-logs/commands"`
	Commands    Commands            `spec:"commands" doc:"Whose commands may be looked at and cancelled."`
	Automation  Automation          `spec:"automation" doc:"Which automation runbooks may be started, and whether runs may be stopped."`
	Enforce     string              `spec:"enforce" reserved:"a restriction is a narrow allow in this version; limits by boundary or deny come later"`
	Regions     []string            `spec:"regions" reserved:"a restriction holds in the spec's region in this version"`
	Sessions    map[string]string   `spec:"sessions" reserved:"sessions come with a later version; until then write the grant as inline"`
	Parameters  map[string][]string `spec:"parameters" reserved:"parameters come with a later version; until then write the grant as inline"`
	Conditions  entry.Tree          `spec:"conditions" reserved:"conditions come with a later version; until then write the grant as inline"`
	Expires     string              `spec:"expires" reserved:"expiry comes with a later version; until then write the grant as inline"`
}

// Names are some names, or all of them.
type Names struct {
	All  string   `spec:",scalar" doc:"every one of them." enum:"all"`
	List []string `spec:",list"`
}

// Nodes say where a restriction holds.
type Nodes struct {
	All  string `spec:",scalar" doc:"every instance." enum:"all"`
	List []Node `spec:",list" min:"1"`
}

// A Node is an instance id, the name of an entry of instances, or tags.
type Node struct {
	Name string            `spec:",scalar"`
	Tags map[string]string `spec:"tags,required" doc:"Every instance that carries all these tags, now and later." min:"1"`
}

// Commands say what may be done about commands that were sent.
type Commands struct {
	View   string `spec:"view" doc:"Whose commands may be looked at; IAM cannot limit it to one's own. Without a word: any, if documents are given." enum:"none,any"`
	Cancel string `spec:"cancel" doc:"Whose commands may be cancelled; IAM cannot limit it to one's own." enum:"none,any" default:"none"`
}

// Automation says what may be done with runbooks.
type Automation struct {
	Start Names  `spec:"start" doc:"Runbooks that may be started, by name, or all."`
	Stop  string `spec:"stop" doc:"Whose runs may be stopped; IAM cannot limit it to one's own." enum:"none,any" default:"none"`
}

var restrictionsSection = entry.Section{
	Name: "restrictions", Noun: "restriction",
	Summary: "Narrow allows: which documents may be run where. Each becomes one managed policy.",
	Example: "restart-web: {documents: [acme-restart], instances: [{tags: {App: web}}]}",
	Pattern: name128, Want: want128,
	New:    func() any { return &RestrictionEntry{} },
	Expand: func(x *entry.Expansion, e any) { e.(*RestrictionEntry).expand(x) },
}

func (e *RestrictionEntry) expand(x *entry.Expansion) {
	nodes, mentions, ok := e.Instances.resolve(x)
	if !ok {
		return
	}
	for _, d := range append(append([]string(nil), e.Documents.List...), e.Automation.Start.List...) {
		if !policy.OwnedByAWS(d) && !strings.ContainsAny(d, "*?") {
			mentions = append(mentions, id("document", d))
		}
	}
	restriction := policy.Restriction{
		Documents:  policy.Names{All: e.Documents.All != "", List: e.Documents.List},
		Nodes:      nodes,
		Buckets:    e.Buckets,
		Commands:   policy.Commands{View: e.Commands.View, Cancel: e.Commands.Cancel},
		Automation: policy.Automation{Start: policy.Names{All: e.Automation.Start.All != "", List: e.Automation.Start.List}, Stop: e.Automation.Stop},
	}
	doc, err := restriction.Compile(place(x.Spec))
	if !faultless(x, err) {
		return
	}
	p := Policy{
		Name: x.Name, Path: markedPath(x.Spec.Name, x.Spec.Defaults.Path), Document: doc,
		Tags: tagsFor(x.Spec, nil), description: e.Description, mentions: mentions,
	}
	checkTags(x, p.Tags)
	x.Add(p)
	protect(x, e.Protect, p.ID())
}

// resolve turns what a spec says of places into what the compiler takes, and
// lists the instances that must be there.
func (n Nodes) resolve(x *entry.Expansion) (nodes policy.Nodes, mentions []resource.ID, ok bool) {
	nodes.All, ok = n.All != "", true
	for i, node := range n.List {
		at := []string{"instances", strconv.Itoa(i)}
		switch named := entry.Lookup[InstanceEntry](x.Spec, "instances", node.Name); {
		case node.Tags != nil:
			nodes.Tags = append(nodes.Tags, node.Tags)
		case instanceID.MatchString(node.Name):
			nodes.IDs = append(nodes.IDs, node.Name)
			mentions = append(mentions, mentionNode(node.Name)...)
		case named == nil:
			x.Fault(fmt.Sprintf("%q is neither an instance id nor an entry of instances", node.Name), nearestEntry(x.Spec, "instances", node.Name), at...)
			ok = false
		case named.Launch != nil:
			nodes.Tags = append(nodes.Tags, map[string]string{ownerTag: x.Spec.Name, instanceTag: node.Name})
		case named.Tags != nil:
			nodes.Tags = append(nodes.Tags, named.Tags)
		default:
			for _, instance := range named.ids() {
				nodes.IDs = append(nodes.IDs, instance)
				mentions = append(mentions, mentionNode(instance)...)
			}
		}
	}
	return nodes, mentions, ok
}
