package lint

import (
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// grammarRules are what package policy itself finds when it reads and checks a
// document: here it gets a code, an explanation and an example.
var grammarRules = []Rule{
	{
		Code: "syntax", Title: "the text is not a policy document", Severity: Error,
		Explanation: "IAM refuses a text that is not JSON, or not of the elements of a policy. Reading stops at the first such fault, so there may be more behind it.",
		Fix:         "Correct what the finding says and check again.",
		Bad:         example(`{"Effect": "Allow", "Actions": "ssm:ListDocuments", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		check:       func(*reading) {}, // Text reports it: there is no document to check
	},
	{
		Code: "duplicate-json-key", Title: "a name is there twice in one object", Severity: Error,
		Explanation: "Readers of JSON do not agree which of the two counts: what was reviewed and what IAM enforces may be different policies.",
		Fix:         "Keep one of them, or put both values in one list.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Action": "ssm:ListCommands", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": ["ssm:ListDocuments", "ssm:ListCommands"], "Resource": "*"}`),
		check:       func(*reading) {}, // Text reports it: there is no document to check
	},
	{
		Code: "missing-version", Title: "the document has no Version", Severity: Error,
		Explanation: "IAM then takes version 2008-10-17 of the language, in which ${aws:username} and all other variables are plain text: a statement that relies on one matches nothing.",
		Fix:         `Write "Version": "2012-10-17" as the first element.`,
		Bad:         `{"Statement": [{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}]}`,
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "duplicate-sid", Title: "two statements have one Sid", Severity: Error,
		Explanation: "IAM refuses an identity policy whose Sids are not unique.",
		Fix:         "Rename or remove one of them.",
		Bad: example(`{"Sid": "Read", "Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`,
			`{"Sid": "Read", "Effect": "Allow", "Action": "ssm:ListCommands", "Resource": "*"}`),
		Good: example(`{"Sid": "ReadDocuments", "Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`,
			`{"Sid": "ReadCommands", "Effect": "Allow", "Action": "ssm:ListCommands", "Resource": "*"}`),
		check: (*reading).grammar,
	},
	{
		Code: "malformed-sid", Title: "a Sid has characters other than letters and digits", Severity: Error,
		Explanation: "IAM refuses an identity policy with such a Sid, though it takes one in some policies of resources, from where it may have been copied.",
		Fix:         "Keep only A to Z, a to z and 0 to 9.",
		Bad:         example(`{"Sid": "read-documents", "Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		Good:        example(`{"Sid": "ReadDocuments", "Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "misplaced-element", Title: "an element has no place in this use of a policy", Severity: Error,
		Explanation: "A policy of an identity speaks of whoever has it, so it has no Principal; a trust policy speaks of the role that has it, so it has no Resource; an Id is only for policies of resources. IAM refuses the document.",
		Fix:         "Remove the element, or say it in the other policy.",
		Bad:         example(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ssm:ListDocuments", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "missing-element", Title: "a statement lacks an element", Severity: Error,
		Explanation: "A statement of an identity's policy says on what (Resource), one of a trust policy says who (Principal). IAM refuses the document.",
		Fix:         "Add the element.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "empty-list", Title: "a list or one of its values is empty", Severity: Error,
		Explanation: "A statement about nothing grants and denies nothing. An empty value is often a template's variable that was not set.",
		Fix:         "Name what the statement is about, or remove the statement.",
		Bad:         example(`{"Effect": "Allow", "Action": ["ssm:ListDocuments", ""], "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": ["ssm:ListDocuments"], "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "action-whitespace", Title: "an action holds white space", Severity: Error,
		Explanation: "The blank counts: the action matches nothing, so an Allow grants nothing and a Deny stops nothing. It cannot be seen in most editors.",
		Fix:         "Remove the white space.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:DescribeAutomationExecutions ", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:DescribeAutomationExecutions", "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "malformed-action", Title: "an action is not service:Name", Severity: Error,
		Explanation: "IAM refuses an action without a service, and one action with several names in it.",
		Fix:         "Write each action as service:Name, in a string of its own.",
		Bad:         example(`{"Effect": "Allow", "Action": "SendCommand", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListCommands", "Resource": "*"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "action-not-for-trust", Title: "a trust policy speaks of another action than assuming the role", Severity: Error,
		Explanation: "A trust policy decides who may assume the role, by sts:AssumeRole and its relatives. What the role may then do is for the policies attached to it.",
		Fix:         "Write sts:AssumeRole here, and put the action in a policy of the role.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "ssm:ListDocuments"}`),
		Good:        example(`{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "unknown-operator", Title: "a condition has an operator that IAM does not know", Severity: Error,
		Explanation: "IAM refuses the document.",
		Fix:         "Write one such as StringEquals, StringLike, ArnLike, Bool or IpAddress.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringMatches": {"aws:PrincipalTag/team": "web"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "web"}}}`),
		check:       (*reading).grammar,
	},
	{
		Code: "null-with-ifexists", Title: "Null is given IfExists or a set operator", Severity: Error,
		Explanation: "Null asks whether a key is there, so to ask it only if the key is there makes no sense, and IAM has no such operator.",
		Fix:         "Write Null alone.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"NullIfExists": {"aws:PrincipalTag/team": "false"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"Null": {"aws:PrincipalTag/team": "false"}}}`),
		check:       (*reading).grammar,
	},
	{
		Code: "malformed-key", Title: "a condition key is not service:key", Severity: Error,
		Explanation: "No request has a key of that form, so the condition is as if the key were missing.",
		Fix:         "Write service:key, without white space.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"PrincipalTag/team": "web"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "web"}}}`),
		check:       (*reading).grammar,
	},
	{
		Code: "character-not-allowed", Title: "the document holds a character that IAM takes in no policy", Severity: Error,
		Explanation: "A policy is of the characters up to U+00FF, besides tab, newline and carriage return. Values of tags and names of parameters may hold others; a policy then cannot name them, except by a wildcard.",
		Fix:         "Leave the character out, put a ? under StringLike in its place, or select by another tag.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "東京"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "tokyo"}}}`),
		check:       (*reading).grammar,
	},
	{
		Code: "resource-whitespace", Title: "a resource begins or ends in white space", Severity: Error,
		Explanation: "The blank counts: the pattern matches no resource that was meant.",
		Fix:         "Remove the white space.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy "}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "malformed-arn", Title: "a resource is neither an ARN nor a star", Severity: Error,
		Explanation: "IAM refuses a Resource that does not begin arn:PARTITION:SERVICE:.",
		Fix:         `Write the resource's ARN, or "*" for all.`,
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "arn-too-few-fields", Title: "an ARN has fewer than six fields", Severity: Error,
		Explanation: "A wildcard does not reach over a colon into the next field, and IAM refuses some ARNs with fewer than six: whether the others match as they were meant to is not documented.",
		Fix:         "Write all six fields, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, with * in those that may be anything.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:*:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:*:111122223333:document/deploy"}`),
		check:       (*reading).grammar,
	},
}

// twice reports whether a problem of policy.Parse is a name that is there twice.
func twice(p *policy.Problem) bool { return strings.Contains(p.Text, "is there twice") }

// grammar reports what policy.Document.Check finds under the rule's code.
func (r *reading) grammar() {
	for _, p := range r.refused {
		if r.code(p.Path) == r.rule.Code {
			r.report(p.Path, p.Text, p.Help)
		}
	}
}

// code returns the code of a problem that Check reports at the path, or ""
// where the rules about ARNs say it better.
func (r *reading) code(path policy.Path) string {
	if len(path) < 3 {
		switch path[0] {
		case "Version":
			return "missing-version"
		case "Id":
			return "misplaced-element"
		}
		return "missing-element"
	}
	value, given := r.value(path)
	switch path[2] {
	case "Sid":
		if strings.ContainsFunc(value, func(c rune) bool { return !letterOrDigit(c) }) {
			return "malformed-sid"
		}
		return "duplicate-sid"
	case "Action", "NotAction":
		return r.actionCode(value)
	case "Condition":
		return conditionCode(path)
	case "Principal", "NotPrincipal":
		if r.use == policy.ForIdentity {
			return "misplaced-element"
		}
		return principalCode(path, value, given)
	}
	if r.use == policy.ForTrust {
		return "misplaced-element"
	}
	return resourceCode(value)
}

// value returns the value of a list, or the Sid, that the path leads to.
func (r *reading) value(path policy.Path) (string, bool) {
	s := r.document.Statements[number(path[1])]
	p := s.Principal
	if path[2] == "NotPrincipal" {
		p = s.NotPrincipal
	}
	var list []string
	switch {
	case path[2] == "Sid":
		return s.Sid, true
	case len(path) == 5 && p != nil:
		list = map[string][]string{"AWS": p.AWS, "Service": p.Service, "Federated": p.Federated, "CanonicalUser": p.CanonicalUser}[path[3]]
	case len(path) == 4:
		list = map[string][]string{"Action": s.Action, "NotAction": s.NotAction, "Resource": s.Resource, "NotResource": s.NotResource}[path[2]]
	}
	if i := number(path[len(path)-1]); i < len(list) {
		return list[i], true
	}
	return "", false
}

func (r *reading) actionCode(action string) string {
	service, _, colon := strings.Cut(action, ":")
	switch {
	case strings.TrimSpace(action) == "":
		return "empty-list"
	case strings.Join(strings.Fields(action), "") != action:
		return "action-whitespace"
	case colon && wild(service):
		return "wildcard-in-service"
	case r.use == policy.ForTrust && colon && match.Fold(service) != "sts":
		return "action-not-for-trust"
	}
	return "malformed-action"
}

func conditionCode(path policy.Path) string {
	if len(path) == 4 {
		if name := match.Fold(path[3]); name == "nullifexists" || strings.HasSuffix(name, ":null") || strings.HasSuffix(name, ":nullifexists") {
			return "null-with-ifexists"
		}
		return "unknown-operator"
	}
	key := path[4]
	if len(path) == 5 && (strings.TrimSpace(key) != key || !strings.Contains(key, ":")) {
		return "malformed-key"
	}
	return "character-not-allowed"
}

func resourceCode(resource string) string {
	switch {
	case strings.ContainsFunc(resource, func(c rune) bool { return c > '\u00ff' || c < ' ' && !strings.ContainsRune("\t\n\r", c) }):
		return "character-not-allowed"
	case resource == "":
		return "empty-list"
	case strings.TrimSpace(resource) != resource:
		return "resource-whitespace"
	}
	f := strings.SplitN(resource, ":", 6)
	switch {
	case f[0] != "arn" || len(f) < 3 || f[1] == "" || f[2] == "":
		return "malformed-arn"
	case len(f) < 6:
		return "arn-too-few-fields"
	}
	return ""
}

func letterOrDigit(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// number returns the number that an element of a path is, or 0.
func number(element string) (n int) {
	for _, c := range []byte(element) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
