package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// keyRules are about the keys of conditions.
var keyRules = []Rule{
	{
		Code: "unknown-condition-key", Title: "no request has that condition key", Severity: Error,
		Explanation: "IAM takes any key. One that does not exist is missing from every request: a condition on it never holds, a negated one or one with IfExists always does, and a fence made of it is not there.",
		Fix:         "Write the key as AWS's service authorization reference has it.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:TerminateSession", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*", "Condition": {"StringEquals": {"ssm:SessionOwner": "amy"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:TerminateSession", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*", "Condition": {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": "AROAEXAMPLEEXAMPLE123:amy"}}}`),
		check:       unknownConditionKey,
	},
	{
		Code: "condition-key-unsupported", Title: "the statement's actions do not have that condition key", Severity: Warning,
		Explanation: "Each action has keys of its own, besides those that all have. Where a key is missing, a condition on it never holds, a negated one or one with IfExists always does.",
		Fix:         "Use a key that the action has, or put the actions that have it in a statement of their own.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`),
		check:       conditionKeyUnsupported,
	},
}

// services returns the services of the statement's actions, in lower case. It
// is nil for "*" and NotAction, which may be any.
func (s *statement) services() (all []string) {
	for _, action := range s.Action {
		service, _, ok := strings.Cut(match.Fold(action), ":")
		if !ok || wild(service) {
			return nil
		}
		if !slices.Contains(all, service) {
			all = append(all, service)
		}
	}
	return all
}

// key looks a key up, as those of the statement's services and as the one that
// it names itself.
func (r *reading) key(s *statement, name string) (catalogue.Key, bool) {
	for _, service := range append([]string{""}, s.services()...) {
		if key, ok := catalogue.LookupKey(service, name); ok {
			return key, true
		}
	}
	return catalogue.Key{}, false
}

// without says what a condition does if its key is missing.
func (t test) without() string {
	if t.Base == match.Null {
		if t.is("true") {
			return "always holds"
		}
		return "never holds"
	}
	if t.IfExists || t.Negated || t.Set == match.ForAll {
		return "always holds"
	}
	return "never holds"
}

func unknownConditionKey(r *reading) {
	r.eachTest(func(s *statement, t test) {
		service, name, ok := strings.Cut(t.folded, ":")
		if !ok || name == "" || strings.TrimSpace(t.key) != t.key || service != "aws" && !catalogue.Detailed(service) {
			return // malformed, or of a service whose keys are not known
		}
		if _, ok := r.key(s, t.key); ok {
			return
		}
		if services := s.services(); len(services) == 0 && service != "aws" {
			return // any service's action may have it
		}
		r.report(t.path, fmt.Sprintf("no request has a key %s, so the condition %s", t.key, t.without()), "write a key that requests have: "+r.keysLike(service))
	})
}

// keysLike names some keys that could have been meant.
func (r *reading) keysLike(service string) string {
	if service == "ssm" {
		return "ssm:resourceTag/KEY, ssm:SessionDocumentAccessCheck, ssm:DocumentType, ssm:Recursive or a global one such as aws:PrincipalTag/KEY"
	}
	return "such as aws:PrincipalTag/KEY, aws:ResourceTag/KEY or aws:SourceIp"
}

func conditionKeyUnsupported(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if _, ok := r.key(s, t.key); !ok || s.NotAction != nil {
			return
		}
		var first string
		for _, action := range s.Action {
			names := r.meaning(action)
			if len(names) == 0 {
				return
			}
			for _, name := range names {
				a, ok := catalogue.Lookup(name)
				if !ok || a.Supports(t.key, "") {
					return
				}
			}
			if first == "" {
				first = action
			}
		}
		if first == "" {
			return
		}
		text := fmt.Sprintf("%s does not have the key %s", first, t.key)
		if len(s.Action) > 1 {
			text = fmt.Sprintf("none of the %d actions has the key %s", len(s.Action), t.key)
		}
		severity := Warning
		if t.IfExists && !t.Negated {
			severity = Suggestion // it says itself that the key may be missing
		}
		r.reportAs(severity, t.path, text+", so the condition "+t.without(), "remove the condition, or use a key that the action has")
	})
}
