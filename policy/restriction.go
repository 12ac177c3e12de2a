package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Restriction says in short what little someone may do with Systems Manager:
// run these documents on these nodes, and start these automations.
type Restriction struct {
	Documents  Names // to run as commands
	Nodes      Nodes // where to run them
	Buckets    []string
	Commands   Commands
	Automation Automation
}

// Names are names of documents: those listed, or all of the account and of
// AWS. Documents that other accounts share are never among them. A name may
// hold * and ?; beginning as AWS's names do (AWS, Amazon, AMZN) it stands for
// AWS's documents, and otherwise only for the account's own.
type Names struct {
	All  bool
	List []string
}

func (n Names) empty() bool { return !n.All && len(n.List) == 0 }

// Nodes are EC2 instances and hybrid nodes: all, or those that any of IDs and
// Tags selects. A selector by tags is a condition, so it covers nodes that do
// not exist yet.
type Nodes struct {
	All  bool
	IDs  []string            // "i-...", "mi-..."
	Tags []map[string]string // in each, all of the tags are needed
}

func (n Nodes) empty() bool { return !n.All && len(n.IDs) == 0 && len(n.Tags) == 0 }

// Commands say which commands may be dealt with once they are sent. IAM does
// not tell one's own from those of others: it knows no resource for a command.
type Commands struct {
	View   string // "any", "none"; "" is any if there are Documents, else none
	Cancel string // "any", "none"; "" is none
}

// Automation says which runbooks may be started, and which executions stopped.
// Whoever may start or stop any may see all executions.
type Automation struct {
	Start Names
	Stop  string // "any", "none"; "" is none
}

// MaxManaged is how many characters IAM allows a managed policy. It is the
// same in every account (IAM User Guide, "IAM and AWS STS quotas").
const MaxManaged = 6144

// Compile returns the managed policy that grants just what r says, in that
// place. The order within r makes no difference. An error is Problems, whose
// paths begin with the keys of a spec: documents, instances, buckets, ...
//
// Every resource of a request is authorised by itself, so each kind of it is
// in a statement of its own: a condition on the tags of nodes would deny a
// document, which has none.
func (r Restriction) Compile(at Place) (Document, error) {
	var ps Problems
	at.check(&ps)
	r.check(&ps)
	if err := ps.err(); err != nil {
		return Document{}, err
	}
	d := New(slices.Concat(r.look(at), r.run(at), r.automate(at))...)
	if size := d.Size(); size > MaxManaged {
		r.tooLarge(size, at, &ps)
		return Document{}, ps
	}
	return d, nil
}

// look returns what it takes to find and read documents, nodes, and the
// commands sent.
func (r Restriction) look(at Place) (statements []Statement) {
	if !r.Documents.empty() || !r.Automation.Start.empty() {
		statements = append(statements,
			Allow("ssm:ListDocuments").On("*").As("ListDocuments"),
			Allow("ssm:DescribeDocument", "ssm:DescribeDocumentParameters", "ssm:GetDocument", "ssm:ListDocumentVersions").
				On(at.arn("ssm", "document/*"), at.ownedByAWS("document/*")).As("ReadDocuments"))
	}
	if !r.Documents.empty() {
		statements = append(statements,
			Allow("ec2:DescribeInstanceStatus", "ssm:DescribeInstanceInformation", "ssm:DescribeInstanceProperties").
				On("*").As("ListNodes"))
	}
	if r.Commands.View == "any" || r.Commands.View == "" && !r.Documents.empty() {
		statements = append(statements,
			Allow("ssm:GetCommandInvocation", "ssm:ListCommandInvocations", "ssm:ListCommands").On("*").As("ReadCommands"))
	}
	if r.Commands.Cancel == "any" {
		statements = append(statements, Allow("ssm:CancelCommand").On("*").As("CancelCommands"))
	}
	return statements
}

// run returns what it takes to send commands.
func (r Restriction) run(at Place) (statements []Statement) {
	const send = "ssm:SendCommand"
	if r.Documents.empty() {
		return nil
	}
	statements = append(statements, Allow(send).On(r.Documents.arns(at, "document/", "")...).As("RunDocuments"))
	if r.Nodes.All || len(r.Nodes.IDs) > 0 {
		statements = append(statements, Allow(send).On(r.Nodes.arns(at)...).As("RunOnNodes"))
	}
	if !r.Nodes.All {
		statements = append(statements, r.Nodes.tagged(at, send)...)
	}
	if len(r.Buckets) > 0 {
		var arns []string
		for _, b := range r.Buckets {
			bucket, objects := bucketARNs(at, b)
			arns = append(arns, bucket, objects)
		}
		statements = append(statements, Allow(send).On(arns...).As("WriteOutput"))
	}
	return statements
}

// automate returns what it takes to start, watch and stop automations.
func (r Restriction) automate(at Place) (statements []Statement) {
	executions := at.arn("ssm", "automation-execution/*")
	if !r.Automation.Start.empty() {
		// SSM authorises the document and the execution, and once authorised
		// the automation-definition, as AWS's own policies still allow for.
		on := slices.Concat([]string{executions},
			r.Automation.Start.arns(at, "document/", ""),
			r.Automation.Start.arns(at, "automation-definition/", ":*"))
		statements = append(statements, Allow("ssm:StartAutomationExecution").On(on...).As("StartAutomations"))
	}
	if r.Automation.Stop == "any" {
		statements = append(statements, Allow("ssm:SendAutomationSignal", "ssm:StopAutomationExecution").On(executions).As("StopAutomations"))
	}
	if len(statements) > 0 {
		statements = append(statements,
			Allow("ssm:DescribeAutomationExecutions").On("*").As("ListAutomations"),
			Allow("ssm:DescribeAutomationStepExecutions", "ssm:GetAutomationExecution").On(executions).As("ReadAutomations"))
	}
	return statements
}

// arns returns the ARNs of documents, or of what is named as they are.
func (n Names) arns(at Place, before, after string) []string {
	if n.All {
		return []string{at.arn("ssm", before+"*"+after), at.ownedByAWS(before + "*" + after)}
	}
	var arns []string
	for _, name := range n.List {
		if ownedByAWS(name) {
			arns = append(arns, at.ownedByAWS(before+name+after))
		} else {
			arns = append(arns, at.arn("ssm", before+name+after))
		}
	}
	return arns
}

// ownedByAWS reports whether a document of that name can only be AWS's: SSM
// lets nobody else begin a name so (CreateDocument in its API reference).
func ownedByAWS(name string) bool {
	name = fold(name)
	return strings.HasPrefix(name, "aws") || strings.HasPrefix(name, "amazon") || strings.HasPrefix(name, "amzn")
}

// arns returns the ARNs of the nodes that are not selected by tags.
func (n Nodes) arns(at Place) []string {
	if n.All {
		return []string{at.arn("ec2", "instance/*"), at.arn("ssm", "managed-instance/*")}
	}
	var arns []string
	for _, id := range n.IDs {
		if strings.HasPrefix(id, "mi-") {
			arns = append(arns, at.arn("ssm", "managed-instance/"+id))
		} else {
			arns = append(arns, at.arn("ec2", "instance/"+id))
		}
	}
	return arns
}

// tagged returns a statement for each selection of nodes by tags.
func (n Nodes) tagged(at Place, action string) (statements []Statement) {
	for _, tags := range n.Tags {
		// The key must be one of SSM's own: for SendCommand, a global one such
		// as aws:ResourceTag needs a second statement on aws:ViaAWSService
		// (Systems Manager User Guide, "Setting up Run Command").
		s := Allow(action).On(at.arn("ec2", "instance/*"), at.arn("ssm", "managed-instance/*"))
		for key, value := range tags {
			s = s.If("StringEquals", "ssm:resourceTag/"+key, value)
		}
		statements = append(statements, s)
	}
	slices.SortFunc(statements, func(a, b Statement) int {
		return cmp.Or(strings.Compare(a.encode(false), b.encode(false)), strings.Compare(a.encode(true), b.encode(true)))
	})
	return slices.CompactFunc(statements, func(a, b Statement) bool { return a.encode(false) == b.encode(false) })
}

// tooLarge reports the part of r that takes the most, and what to do about it.
func (r Restriction) tooLarge(size int, at Place, ps *Problems) {
	r = r.distinct()
	sizes := map[string]int{
		"documents": length(r.Documents.arns(at, "document/", "")),
		"instances": length(r.Nodes.arns(at)),
		"buckets":   2 * length(r.Buckets),
		"automation": length(r.Automation.Start.arns(at, "document/", "")) +
			length(r.Automation.Start.arns(at, "automation-definition/", ":*")),
	}
	advice := map[string]string{
		"documents":  fmt.Sprintf("name its %d documents by patterns such as team-*", len(r.Documents.List)),
		"instances":  fmt.Sprintf("select its %d instances by tags, which take the same space however many there are", len(r.Nodes.IDs)),
		"buckets":    fmt.Sprintf("name fewer than its %d buckets", len(r.Buckets)),
		"automation": fmt.Sprintf("name its %d runbooks by patterns such as team-*", len(r.Automation.Start.List)),
	}
	for _, tags := range r.Nodes.Tags {
		sizes["tags"] += 200 // the rest of its statement
		for key, value := range tags {
			sizes["tags"] += len(key) + len(value)
		}
	}
	advice["tags"] = fmt.Sprintf("give the nodes of its %d selections one tag in common and select by that", len(r.Nodes.Tags))
	most := slices.MaxFunc(slices.Sorted(maps.Keys(sizes)), func(a, b string) int { return sizes[a] - sizes[b] })
	path := Path{most}
	switch most {
	case "tags":
		path = Path{"instances"}
	case "automation":
		path = Path{"automation", "start"}
	}
	ps.add(path, fmt.Sprintf("the policy comes to %d characters, and IAM takes %d", size, MaxManaged),
		advice[most]+", or split the restriction in two")
}

// distinct returns r without values that are there twice.
func (r Restriction) distinct() Restriction {
	for _, list := range []*[]string{&r.Documents.List, &r.Nodes.IDs, &r.Buckets, &r.Automation.Start.List} {
		*list = slices.Compact(slices.Sorted(slices.Values(*list)))
	}
	return r
}

func length(values []string) (n int) {
	for _, v := range values {
		n += len(v) + len(`"",`)
	}
	return n
}
