package kind

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A RestrictionEntry is what a spec writes under restrictions: a narrow
// allow for whoever lists it, or a limit to what they are allowed.
type RestrictionEntry struct {
	Description string     `spec:"description" doc:"Free text, kept in IAM when the policy is made. IAM cannot change it later; a plan remarks on one that differs." pattern:"^[\\t\\n\\r -~¡-ÿ]{0,1000}$" want:"at most 1,000 Latin characters"`
	Protect     *bool      `spec:"protect" doc:"Refuse any plan that deletes the policy." default:"false"`
	Only        []string   `spec:"only" reserved:"environments come with a later version; this one reads one account a file"`
	Enforce     string     `spec:"enforce" doc:"grant allows what the restriction says. boundary makes it the permissions boundary of the users and roles that list it: no policy gives them more of Systems Manager, and beyond it they keep what they have. deny denies, of the actions that it speaks of, all that it does not say, whatever else is attached; other ways to the same end, such as associations, are not among them. boundary and deny grant nothing." enum:"grant,boundary,deny" default:"grant"`
	Documents   Names      `spec:"documents" doc:"Documents that commands may be sent with: own ones by name, AWS's as AWS-..., * within a name, or all." example:"AWS-RunPatchBaseline"`
	Instances   Nodes      `spec:"instances" doc:"Where: instance ids, names from instances, {tags: ...}, or all. Tags also admit instances that come later."`
	Buckets     []string   `spec:"buckets" doc:"Buckets, or BUCKET/PREFIX, that command output may go to." example:"acme-ssm-logs/commands"`
	Commands    Commands   `spec:"commands" doc:"Whose commands may be looked at and cancelled."`
	Automation  Automation `spec:"automation" doc:"Which automation runbooks may be started, and whether runs may be stopped."`
	Sessions    Sessions   `spec:"sessions" doc:"Sessions that may be opened on the instances, and whose may be ended. Whoever may open any may resume their own."`
	Parameters  Parameters `spec:"parameters" doc:"Parameters of Parameter Store that may be read and written, and the keys that may decrypt them."`
	Regions     []string   `spec:"regions" doc:"Where it holds, if not in the spec's region. Instances that go by id are in that one; buckets are in none." pattern:"^[a-z]+(-[a-z0-9]+)+$" want:"a region such as us-east-1" example:"eu-west-1"`
	Conditions  entry.Tree `spec:"conditions" doc:"Conditions as in IAM, which every grant is under. Keys of the caller's own request, such as aws:SourceIp and aws:MultiFactorAuthPresent, do not hold for what AWS services ask on the caller's behalf: commands are allowed there without them, since Systems Manager asks so itself on its way to the instances."`
	Expires     string     `spec:"expires" doc:"The last day, such as 2027-03-31, whose end in UTC is meant, or a time such as 2027-03-31T18:00:00Z. Nothing is allowed after it." pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?$" want:"a day such as 2027-03-31, or a time such as 2027-03-31T18:00:00Z" example:"2027-03-31"`

	once   sync.Once
	result compiled
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

// Sessions say how sessions may be opened, and whose may be ended.
type Sessions struct {
	Shell          bool       `spec:"shell" doc:"A shell, under the account's session preferences." default:"false"`
	SSH            bool       `spec:"ssh" doc:"SSH and scp, for whoever has a key that the instance takes. Such sessions are not logged." default:"false"`
	PortForwarding Forwarding `spec:"port_forwarding" doc:"To ports: true or node for those of the instance, remote also for those of hosts that it reaches. IAM cannot limit which; for that, name a document of your own that fixes port and host under documents. Such sessions are not logged." default:"false"`
	Documents      Names      `spec:"documents" doc:"By session documents: own ones by name, AWS's as AWS-..., * within a name, or all." example:"acme-tunnel-5432"`
	Terminate      string     `spec:"terminate" doc:"Whose sessions may be ended, by the tag that Session Manager puts on each. Without a word: own, if any may be opened." enum:"own,any,none"`
}

// Forwarding says where ports may be forwarded to.
type Forwarding struct {
	On bool   `spec:",scalar"`
	To string `spec:",scalar" enum:"node,remote"`
}

// Parameters say what may be done with parameters.
type Parameters struct {
	Read    Names    `spec:"read" doc:"Parameters to read, with their history, by name or path: /web/* is /web and all below it. * also matches slashes. Getting all below a path is allowed where all below it may be read. /aws/service/... are those that AWS publishes." example:"/web/*"`
	Write   Names    `spec:"write" doc:"Parameters to create, change, label and delete."`
	Decrypt []string `spec:"decrypt" doc:"KMS keys that encrypt the parameters to read, by id, as alias/NAME, or by ARN; they can be used only through Systems Manager. Whoever may move an alias chooses the key behind it." example:"alias/web"`
}

var restrictionsSection = entry.Section{
	Name: "restrictions", Noun: "restriction",
	Summary: "Narrow allows: which documents may be run where, which sessions opened, which parameters read. Each becomes one managed policy, or several, NAME-2 and on, if it is too long for one; enforced as a boundary or deny, it is a limit instead.",
	Example: "restart-web: {documents: [acme-restart], instances: [{tags: {App: web}}]}",
	Pattern: name128, Want: want128,
	New:    func() any { return &RestrictionEntry{} },
	Expand: func(x *entry.Expansion, e any) { e.(*RestrictionEntry).expand(x) },
}

// What a restriction's policies are compiled to, once for all that list it.
type compiled struct {
	restriction policy.Restriction
	documents   []policy.Document // none, if there are problems
	mentions    []resource.ID     // what must be there
	problems    []entry.Problem
}

func (e *RestrictionEntry) expand(x *entry.Expansion) {
	c := e.compile(x.Spec)
	x.Problems = append(x.Problems, c.problems...)
	for i, doc := range c.documents {
		p := Policy{
			Name: policyPart(x.Name, i), Path: markedPath(x.Spec.Name, x.Spec.Defaults.Path), Document: doc,
			Tags: tagsFor(x.Spec, nil), Description: e.Description, mentions: c.mentions,
		}
		switch other := entry.Lookup[RestrictionEntry](x.Spec, "restrictions", p.Name); {
		case i > 0 && other != nil:
			x.Fault(fmt.Sprintf("the restriction takes %d policies, and the restriction %s has the name of one of them", len(c.documents), p.Name), "rename one of the two")
			continue
		case len(p.Name) > 128:
			x.Fault(fmt.Sprintf("the restriction takes %d policies, and %s is longer than IAM takes for a name", len(c.documents), p.Name), "shorten its name")
		}
		checkTags(x, p.Tags)
		x.Add(p)
		protect(x, e.Protect, p.ID())
	}
}

// policyPart returns the name of one of the policies that a restriction
// becomes.
func policyPart(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

// compile returns the policies that the restriction becomes, or what is wrong
// with it. It is the same for every call with the same spec.
func (e *RestrictionEntry) compile(s *entry.Spec) *compiled {
	e.once.Do(func() {
		x := &entry.Expansion{Spec: s}
		e.result = e.read(x)
		if len(x.Problems) == 0 {
			documents, err := e.result.restriction.Compile(place(s))
			if faultless(x, err) {
				e.result.documents = documents
			}
		}
		e.result.problems = x.Problems
	})
	return &e.result
}

// read turns what a spec says into what the compiler takes.
func (e *RestrictionEntry) read(x *entry.Expansion) compiled {
	nodes, mentions := e.Instances.resolve(x)
	here := len(e.Regions) == 0 || slices.Contains(e.Regions, x.Spec.Region) // where documents can be looked for
	for _, d := range slices.Concat(e.Documents.List, e.Automation.Start.List, e.Sessions.Documents.List) {
		if here && !policy.OwnedByAWS(d) && !strings.ContainsAny(d, "*?") {
			mentions = append(mentions, id("document", d))
		}
	}
	for i, region := range e.Regions {
		if p := entry.PartitionOf(region); p != x.Spec.Partition {
			x.Fault(fmt.Sprintf("region %s is of partition %s, and the spec's region %s of %s", region, p, x.Spec.Region, x.Spec.Partition), "name regions of one partition", "regions", strconv.Itoa(i))
		}
	}
	forwarding := e.Sessions.PortForwarding.To
	if e.Sessions.PortForwarding.On {
		forwarding = "node"
	}
	return compiled{mentions: mentions, restriction: policy.Restriction{
		Documents:  e.Documents.names(),
		Nodes:      nodes,
		Buckets:    e.Buckets,
		Commands:   policy.Commands{View: e.Commands.View, Cancel: e.Commands.Cancel},
		Automation: policy.Automation{Start: e.Automation.Start.names(), Stop: e.Automation.Stop},
		Sessions: policy.Sessions{
			Shell: e.Sessions.Shell, SSH: e.Sessions.SSH, PortForwarding: forwarding,
			Documents: e.Sessions.Documents.names(), Terminate: e.Sessions.Terminate,
		},
		Parameters: policy.Parameters{Read: e.Parameters.Read.names(), Write: e.Parameters.Write.names(), Decrypt: e.Parameters.Decrypt},
		Regions:    e.Regions,
		Conditions: e.Conditions,
		Expires:    e.Expires,
		Enforce:    e.Enforce,
	}}
}

func (n Names) names() policy.Names { return policy.Names{All: n.All != "", List: n.List} }

// resolve turns what a spec says of places into what the compiler takes, and
// lists the instances that must be there.
func (n Nodes) resolve(x *entry.Expansion) (nodes policy.Nodes, mentions []resource.ID) {
	nodes.All = n.All != ""
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
	return nodes, mentions
}
