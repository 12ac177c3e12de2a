package lint

import (
	"fmt"
	"slices"
	"strings"
)

// A leg is a resource of a call, which is authorised by itself: a call passes
// only if each of its legs does.
type leg struct {
	name  string
	forms []string // of its ARNs, any of which will do
}

var (
	documents  = &leg{"a document", []string{"arn:*:ssm:*:*:document/?*"}}
	nodes      = &leg{"a node", []string{"arn:*:ec2:*:*:instance/?*", "arn:*:ssm:*:*:managed-instance/?*"}}
	executions = &leg{"the execution", []string{"arn:*:ssm:*:*:automation-execution/?*"}}
)

// A call is an action of several legs.
type call struct {
	action  string
	legs    []*leg
	lenient bool // the document may be left out, and then it is not authorised
}

// calls are those of Systems Manager that reach into nodes (Service
// Authorization Reference; Systems Manager User Guide, "Setting up Run
// Command", "Setting up Automation", "Sample IAM policies for Session Manager").
var calls = []call{
	{"ssm:SendCommand", []*leg{documents, nodes}, false},
	{"ssm:StartSession", []*leg{nodes, documents}, true},
	{"ssm:StartAutomationExecution", []*leg{documents, executions}, false},
}

// executing are the actions that run a document.
var executing = []string{"ssm:SendCommand", "ssm:StartSession", "ssm:StartAutomationExecution", "ssm:CreateAssociation", "ssm:CreateAssociationBatch", "ssm:UpdateAssociation", "ssm:StartChangeRequestExecution"}

const (
	sendCommand     = "ssm:SendCommand"
	startSession    = "ssm:StartSession"
	startAutomation = "ssm:StartAutomationExecution"
)

// callRules are about what a call of Systems Manager needs as a whole.
var callRules = []Rule{
	{
		Code: "call-never-passes", Title: "a call is allowed on one of its resources only", Severity: Warning,
		Explanation: "Every resource of a call is authorised by itself: a command needs the document and the node, an automation the document and the execution. With one of them alone the call is denied, unless another policy of the same principal allows the rest.",
		Fix:         "Allow the action on the other resource too.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check: callNeverPasses,
	},
	{
		Code: "document-instance-product", Title: "two grants multiply", Severity: Warning,
		Explanation: "IAM authorises the document and the node of a command each by itself, so it cannot say this document on that node only. Two statements that pair a document with a node allow both documents on both nodes, as would any other policies of the same principal.",
		Fix:         "Accept it and write all documents and all nodes, or give the two pairs to two roles.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/reboot", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/patch", "arn:aws:ec2:us-east-1:111122223333:instance/i-0fedcba9876543210"]}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/reboot", "arn:aws:ssm:us-east-1:111122223333:document/patch"]}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ec2:us-east-1:111122223333:instance/i-0fedcba9876543210"]}`),
		check: documentInstanceProduct,
	},
	{
		Code: "hybrid-nodes-not-covered", Title: "every EC2 instance is covered, and no hybrid node", Severity: Suggestion,
		Explanation: "Nodes outside of EC2 have ARNs of their own, arn:aws:ssm:REGION:ACCOUNT:managed-instance/mi-..., which ec2 ARNs do not match.",
		Fix:         "Add managed-instance/* if hybrid nodes are meant as well.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/*"}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"]}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check: hybridNodesNotCovered,
	},
	{
		Code: "notresource-deny-hits-other-leg", Title: "a Deny on all but some nodes also denies the document", Severity: Warning,
		Explanation: "NotResource is everything that is not listed, resources of other types too. A Deny on all but some nodes denies every document, and a call that needs one is denied on every node.",
		Fix:         "List the other resources of the call as well, or deny by Resource.",
		Bad:         example(`{"Effect": "Deny", "Action": "ssm:SendCommand", "NotResource": "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"}`),
		Good:        example(`{"Effect": "Deny", "Action": "ssm:SendCommand", "NotResource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/deploy"]}`),
		check:       notResourceDenyHitsOtherLeg,
	},
	{
		Code: "sendcommand-global-key-without-viaawsservice", Title: "a global condition on SendCommand lacks its companion", Severity: Warning,
		Explanation: "Systems Manager checks a command again on its own way to the node, where the caller's address, endpoint and the like are gone. AWS asks for a second statement with aws:ViaAWSService true whenever a global key is used (Systems Manager User Guide, \"Setting up Run Command\"); without it commands are accepted and then denied. Keys that say the same on that way, such as the time or the principal's tags, are only a suggestion.",
		Fix:         `Repeat the statement with "Condition": {"Bool": {"aws:ViaAWSService": "true"}}.`,
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/deploy"], "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/deploy"], "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/deploy"], "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}`),
		check: globalKeyWithoutViaAWSService,
	},
	{
		Code: "legacy-automation-definition-only", Title: "automations are allowed by definition only", Severity: Warning,
		Explanation: "Systems Manager now authorises the start of an automation on the document and the execution; automation-definition is how it was before. With that alone no automation starts.",
		Fix:         "Allow document/NAME and automation-execution/* too, and keep the definition beside them.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": "arn:aws:ssm:us-east-1:111122223333:automation-definition/restart:*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": ["arn:aws:ssm:us-east-1:111122223333:automation-definition/restart:*", "arn:aws:ssm:us-east-1:111122223333:document/restart", "arn:aws:ssm:us-east-1:111122223333:automation-execution/*"]}`),
		check:       legacyAutomationDefinitionOnly,
	},
	{
		Code: "document-account-wildcard", Title: "documents of foreign accounts can be run", Severity: Warning,
		Explanation: "A document can be shared with every account, and is then run by its ARN. A wildcard for the account in the ARN of a document admits one of that name from whoever shares it: its owner decides what runs on the nodes. Names that begin as AWS's do are safe, for nobody else may give them.",
		Fix:         "Write the account's 12 digits; for documents of AWS leave the account empty.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:*:document/deploy", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/deploy", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`),
		check:       documentAccountWildcard,
	},
	{
		Code: "run-shell-document", Title: "any command can be run as root", Severity: Suggestion,
		Explanation: "AWS-RunShellScript, AWS-RunPowerShellScript and AWS-RunRemoteScript run whatever their caller writes, as root or SYSTEM, with the role of the instance. What the other statements withhold on these nodes, such as sessions, is within reach.",
		Fix:         "Name documents that do one thing, if that is enough.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1::document/AWS-RunShellScript", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ssm:us-east-1::document/AWS-RunPatchBaseline", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`),
		check:       runShellDocument,
	},
}

// reaches reports whether the statement speaks of resources that can be such a
// leg.
func (s *statement) reaches(l *leg) bool { return slices.ContainsFunc(l.forms, s.on) }

func callNeverPasses(r *reading) {
	for _, c := range calls {
		i := slices.IndexFunc(r.statements, func(s statement) bool { return s.allow && s.names(c.action) })
		if c.lenient || i < 0 {
			continue
		}
		var reached, lacking []string
		for _, l := range c.legs {
			if slices.ContainsFunc(r.allows(c.action), func(s *statement) bool { return s.reaches(l) }) {
				reached = append(reached, l.name)
			} else {
				lacking = append(lacking, l.name)
			}
		}
		if len(lacking) == 0 || len(reached) == 0 || c.action == startAutomation && len(r.definitions()) > 0 {
			continue
		}
		r.report(r.statements[i].path, fmt.Sprintf("%s is allowed on %s but not on %s, and a call needs both", c.action, reached[0], lacking[0]),
			fmt.Sprintf("allow %s on %s too, unless another policy of the principal does", c.action, map[string]string{
				documents.name: r.ssm("document/NAME"), executions.name: r.ssm("automation-execution/*"),
				nodes.name: "arn:" + r.partition() + ":ec2:" + r.region() + ":" + r.account() + ":instance/ID",
			}[lacking[0]]))
	}
}

// of returns the statement's resources that can be such a leg, sorted.
func (s *statement) of(l *leg) (all []string) {
	for _, x := range s.resources {
		if x.whole && slices.ContainsFunc(l.forms, func(form string) bool { return reaches(x.text, form) }) {
			all = append(all, x.text)
		}
	}
	slices.Sort(all)
	return all
}

func documentInstanceProduct(r *reading) {
	for _, action := range []string{sendCommand, startSession} {
		var first *statement
		for _, s := range r.allows(action) {
			if len(s.of(documents)) == 0 || len(s.of(nodes)) == 0 {
				continue
			}
			if first == nil {
				first = s
				continue
			}
			if slices.Equal(first.of(documents), s.of(documents)) || slices.Equal(first.of(nodes), s.of(nodes)) {
				continue
			}
			r.report(s.path, fmt.Sprintf("together with %s, this also allows %s with %s on %s, and the other way round", first.path, action, first.of(documents)[0], s.of(nodes)[0]),
				"write one statement of all documents and one of all nodes, if that is meant; else give the two to two roles")
		}
	}
}

func hybridNodesNotCovered(r *reading) {
	for _, action := range []string{sendCommand, startSession} {
		if r.grants(action, nodes.forms[1]) {
			continue
		}
		for _, s := range r.allows(action) {
			for _, x := range s.resources {
				if x.whole && x.fields[2] == "ec2" && (x.fields[5] == "instance/*" || x.fields[5] == "*") {
					hybrid := "arn:" + x.fields[1] + ":ssm:" + x.fields[3] + ":" + x.fields[4] + ":managed-instance/*"
					r.report(x.path, fmt.Sprintf("%s is allowed on every EC2 instance, and on no hybrid node", action), fmt.Sprintf("add %s, if they are meant as well", hybrid))
				}
			}
		}
	}
}

func notResourceDenyHitsOtherLeg(r *reading) {
	for _, c := range calls {
		for i := range r.statements {
			s := &r.statements[i]
			if s.allow || s.NotResource == nil || !s.names(c.action) {
				continue
			}
			listed := statement{resources: resources(s.NotResource, nil)}
			var spared, hit []string
			for _, l := range c.legs {
				if listed.reaches(l) {
					spared = append(spared, l.name)
				} else {
					hit = append(hit, l.name)
				}
			}
			if len(spared) > 0 && len(hit) > 0 {
				r.report(to(s.path, "NotResource"), fmt.Sprintf("the list spares %s of %s, but every call also needs %s, which it denies", spared[0], c.action, hit[0]),
					fmt.Sprintf("list %s that may be used as well", hit[0]))
			}
		}
	}
}

// connection are the global keys that say how the caller came: gone, or
// another, when Systems Manager calls on.
var connection = []string{
	"aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:useragent", "aws:referer", "aws:securetransport", "aws:chatbotsourcearn",
}

func globalKeyWithoutViaAWSService(r *reading) {
	for _, s := range r.allows(sendCommand) {
		severity, key := Suggestion, test{}
		for _, t := range s.tests {
			switch {
			case slices.Contains(connection, t.folded):
				severity, key = Warning, t
			case key.key == "" && s.names(sendCommand) && strings.HasPrefix(t.folded, "aws:") && !forwarded(t):
				key = t
			}
		}
		if key.key == "" || s.NotResource != nil || s.forwarded() {
			continue
		}
		companion := func(x resource) bool {
			return slices.ContainsFunc(r.allows(sendCommand), func(other *statement) bool {
				return (other.forwarded() || len(other.tests) == 0) && other.on(x.text)
			})
		}
		if slices.ContainsFunc(s.resources, func(x resource) bool { return !companion(x) }) {
			r.reportAs(severity, key.path, fmt.Sprintf("%s limits ssm:SendCommand, and no statement lets the service's own check of the command pass", key.key),
				`add a statement for ssm:SendCommand on the same resources with "Condition": {"Bool": {"aws:ViaAWSService": "true"}}`)
		}
	}
}

// forwarded reports whether the test is of a call that a service makes on
// behalf of the caller.
func forwarded(t test) bool {
	return t.folded == "aws:viaawsservice" || strings.HasPrefix(t.folded, "aws:calledvia")
}

// forwarded reports whether the statement is for such calls.
func (s *statement) forwarded() bool {
	_, ok := s.test(func(t test) bool { return forwarded(t) && !t.is("false") })
	return ok
}

// definitions returns the automation definitions that automations may be
// started by.
func (r *reading) definitions() (all []resource) {
	for _, s := range r.allows(startAutomation) {
		for _, x := range s.resources {
			if _, ok := x.typed("automation-definition"); ok {
				all = append(all, x)
			}
		}
	}
	return all
}

func legacyAutomationDefinitionOnly(r *reading) {
	if r.grants(startAutomation, documents.forms[0]) {
		return
	}
	for _, x := range r.definitions() {
		definition, _ := x.typed("automation-definition")
		name, _, _ := strings.Cut(or(definition, "*"), ":")
		if definition == "" {
			name = "*"
		}
		document := r.ssm("document/" + name)
		if ownedHead(name) {
			document = strings.Replace(document, ":"+r.account()+":", "::", 1)
		}
		r.report(x.path, "an automation is authorised by its document and its execution, not by its definition alone, so none can be started",
			fmt.Sprintf("add %s and %s", document, r.ssm("automation-execution/*")))
	}
}

func documentAccountWildcard(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		j := slices.IndexFunc(executing, s.covers)
		if !s.allow || j < 0 {
			continue
		}
		for _, x := range s.resources {
			name, ok := x.typed("document", "automation-definition")
			if !ok || name == "" || !wild(x.fields[4]) || ownedHead(name) {
				continue
			}
			pinned, owned := x.fields, x.fields
			pinned[4], owned[4] = r.account(), ""
			fix := "write " + strings.Join(pinned[:], ":")
			if maybeAWS(name) {
				fix += ", and for documents of AWS also " + strings.Join(owned[:], ":")
			}
			r.report(x.path, fmt.Sprintf("the wildcard for the account admits a document %s that any foreign account shares, and %s runs it", name, executing[j]), fix)
		}
	}
}

// scripts are the documents of AWS that run what their caller writes.
var scripts = []string{"AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-RunRemoteScript"}

func runShellDocument(r *reading) {
	for _, s := range r.allows(sendCommand) {
		if _, tagged := s.tagged(); tagged || !s.names(sendCommand) {
			continue
		}
		for _, script := range scripts {
			form := "arn:*:ssm:*::document/" + script
			i := slices.IndexFunc(s.resources, func(x resource) bool { return reaches(x.text, form) })
			if i < 0 || slices.ContainsFunc(r.statements, func(d statement) bool { return !d.allow && len(d.tests) == 0 && d.covers(sendCommand) && d.on(form) }) {
				continue
			}
			r.report(s.resources[i].path, fmt.Sprintf("%s matches %s, which runs any command as root", s.resources[i].text, script), "name documents that do one thing, if that is enough")
			break
		}
	}
}
