package policy

import (
	"cmp"
	"slices"
	"strings"
)

// look returns what it takes to find and read documents, nodes, and the
// commands sent.
func (r Restriction) look(in scope) (statements []Statement) {
	if !r.Documents.empty() || !r.Automation.Start.empty() || !r.Sessions.Documents.empty() {
		statements = append(statements,
			Allow("ssm:ListDocuments").On("*").As("ListDocuments"),
			Allow("ssm:DescribeDocument", "ssm:DescribeDocumentParameters", "ssm:GetDocument", "ssm:ListDocumentVersions").
				On(slices.Concat(in.arns("ssm", "document/*"), in.ownedByAWS("document/*"))...).As("ReadDocuments"))
	}
	if !r.Documents.empty() || r.Sessions.open() {
		statements = append(statements,
			Allow("ec2:DescribeInstanceStatus", "ssm:DescribeInstanceInformation", "ssm:DescribeInstanceProperties").
				On("*").As("ListNodes"))
	}
	if r.Commands.View == "any" || r.Commands.View == "" && !r.Documents.empty() {
		statements = append(statements, Allow(viewCommands...).On("*").As("ReadCommands"))
	}
	if r.Commands.Cancel == "any" {
		statements = append(statements, Allow(cancelCommands...).On("*").As("CancelCommands"))
	}
	return statements
}

// The actions that the keys of a restriction stand for, where more than one
// place needs them.
var (
	sendCommand     = []string{"ssm:SendCommand"}
	viewCommands    = []string{"ssm:GetCommandInvocation", "ssm:ListCommandInvocations", "ssm:ListCommands"}
	cancelCommands  = []string{"ssm:CancelCommand"}
	startAutomation = []string{"ssm:StartAutomationExecution"}
	stopAutomation  = []string{"ssm:SendAutomationSignal", "ssm:StopAutomationExecution"}
)

// run returns what it takes to send commands.
func (r Restriction) run(in scope) (statements []Statement) {
	if r.Documents.empty() {
		return nil
	}
	statements = append(statements, Allow(sendCommand...).On(r.Documents.arns(in, "document/", "")...).As("RunDocuments"))
	statements = append(statements, r.Nodes.statements(in, Allow(sendCommand...), "RunOnNodes")...)
	if len(r.Buckets) > 0 {
		var arns []string
		for _, b := range r.Buckets {
			bucket, objects := bucketARNs(in.home, b)
			arns = append(arns, bucket, objects)
		}
		statements = append(statements, Allow(sendCommand...).On(arns...).As("WriteOutput"))
	}
	return statements
}

// automate returns what it takes to start, watch and stop automations.
func (r Restriction) automate(in scope) (statements []Statement) {
	executions := in.arns("ssm", "automation-execution/*")
	if !r.Automation.Start.empty() {
		// SSM authorises the document and the execution, and once authorised
		// the automation-definition, as AWS's own policies still allow for.
		on := slices.Concat(executions,
			r.Automation.Start.arns(in, "document/", ""),
			r.Automation.Start.arns(in, "automation-definition/", ":*"))
		statements = append(statements, Allow(startAutomation...).On(on...).As("StartAutomations"))
	}
	if r.Automation.Stop == "any" {
		statements = append(statements, Allow(stopAutomation...).On(executions...).As("StopAutomations"))
	}
	if len(statements) > 0 {
		statements = append(statements,
			Allow("ssm:DescribeAutomationExecutions").On("*").As("ListAutomations"),
			Allow("ssm:DescribeAutomationStepExecutions", "ssm:GetAutomationExecution").On(executions...).As("ReadAutomations"))
	}
	return statements
}

// arns returns the ARNs of documents, or of what is named as they are.
func (n Names) arns(in scope, before, after string) []string {
	if n.All {
		return slices.Concat(in.arns("ssm", before+"*"+after), in.ownedByAWS(before+"*"+after))
	}
	var arns []string
	for _, name := range n.List {
		if ownedByAWS(name) {
			arns = append(arns, in.ownedByAWS(before+name+after)...)
		} else {
			arns = append(arns, in.arns("ssm", before+name+after)...)
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
func (n Nodes) arns(in scope) []string {
	if n.All {
		return allNodes(in)
	}
	var arns []string
	for _, id := range n.IDs {
		if strings.HasPrefix(id, "mi-") {
			arns = append(arns, in.home.ARN("ssm", "managed-instance/"+id))
		} else {
			arns = append(arns, in.home.ARN("ec2", "instance/"+id))
		}
	}
	return arns
}

// allNodes returns the patterns of all nodes of the account.
func allNodes(in scope) []string {
	return slices.Concat(in.arns("ec2", "instance/*"), in.arns("ssm", "managed-instance/*"))
}

// statements returns grant on the nodes: under sid for those that are named,
// and a statement for each selection by tags.
func (n Nodes) statements(in scope, grant Statement, sid string) (statements []Statement) {
	if n.All || len(n.IDs) > 0 {
		statements = append(statements, grant.On(n.arns(in)...).As(sid))
	}
	if n.All {
		return statements
	}
	return append(statements, n.tagged(in, grant)...)
}

// tagged returns grant for each selection of nodes by tags.
func (n Nodes) tagged(in scope, grant Statement) (statements []Statement) {
	for _, tags := range n.Tags {
		// The key must be one of SSM's own: for SendCommand, a global one such
		// as aws:ResourceTag needs a second statement on aws:ViaAWSService
		// (Systems Manager User Guide, "Setting up Run Command").
		s := grant.On(allNodes(in)...)
		for key, value := range tags {
			s = s.If("StringEquals", "ssm:resourceTag/"+key, value)
		}
		statements = append(statements, s)
	}
	slices.SortFunc(statements, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.encode(false), b.encode(false)), cmp.Compare(a.encode(true), b.encode(true)))
	})
	return slices.CompactFunc(statements, func(a, b Statement) bool { return a.encode(false) == b.encode(false) })
}
