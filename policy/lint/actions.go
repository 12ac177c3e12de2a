package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// actionRules are about what a statement calls actions.
var actionRules = []Rule{
	{
		Code: "unknown-action", Title: "there is no such action", Severity: Error,
		Explanation: "IAM takes any name, and one that no service has grants and denies nothing. The names are those of AWS's service authorization reference, which has actions that no API operation is called by (ssm:DescribeDocumentParameters). A name that resembles none may be newer than the data here, so it is only a warning.",
		Fix:         "Write the name as the reference has it.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocumentsVersions", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocumentVersions", "Resource": "*"}`),
		check:       unknownAction,
	},
	{
		Code: "unknown-service", Title: "there is no such service", Severity: Warning,
		Explanation: "IAM takes any prefix, and one that no service has grants and denies nothing. The prefix is often not the name of the product: Systems Manager is ssm.",
		Fix:         "Write the prefix as AWS's service authorization reference has it.",
		Bad:         example(`{"Effect": "Allow", "Action": "systemsmanager:ListDocuments", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*"}`),
		check:       unknownService,
	},
	{
		Code: "redundant-value", Title: "a value is covered by another of its list", Severity: Suggestion,
		Explanation: "It changes nothing, takes from the policy's size, and misleads who removes one of the two to take the access away.",
		Fix:         "Remove the narrower one.",
		Bad:         example(`{"Effect": "Allow", "Action": ["ssm:ListDocuments", "ssm:List*"], "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:List*", "Resource": "*"}`),
		check:       redundantValue,
	},
}

// meaning returns the actions of the catalogue that the pattern names. It is
// nil for "*", for what is malformed, and where there are none.
func (r *reading) meaning(pattern string) []string {
	if names, ok := r.meanings[pattern]; ok {
		return names
	}
	var names []string
	service, name, ok := strings.Cut(pattern, ":")
	switch {
	case !ok || wild(service):
	case !wild(name):
		if a, ok := catalogue.Lookup(pattern); ok {
			names = []string{a.Name}
		} else if catalogue.Known(pattern) {
			names = []string{pattern}
		}
	default:
		names = slices.DeleteFunc(catalogue.Of(service), func(action string) bool { return !match.Names(pattern, action) })
	}
	r.meanings[pattern] = names
	return names
}

// void says what it means for a statement that one of its actions is none.
func (s *statement) void() string {
	switch {
	case s.NotAction != nil:
		return "it excludes nothing"
	case s.allow:
		return "it grants nothing"
	}
	return "it denies nothing"
}

// eachAction calls f with every well-formed action of every statement.
func (r *reading) eachAction(f func(s *statement, i int, action, service string)) {
	for i := range r.statements {
		s := &r.statements[i]
		for i, action := range slices.Concat(s.Action, s.NotAction) {
			service, name, ok := strings.Cut(action, ":")
			if ok && name != "" && match.ParseAction(action).Name != nil {
				f(s, i, action, service)
			}
		}
	}
}

// actionPath returns the path to the i-th of the statement's actions.
func (s *statement) actionPath(i int) []string {
	if s.NotAction != nil {
		return index(s.path, "NotAction", i)
	}
	return index(s.path, "Action", i)
}

func unknownAction(r *reading) {
	r.eachAction(func(s *statement, i int, action, service string) {
		if !catalogue.Service(service) || everything(action) || len(r.meaning(action)) > 0 {
			return
		}
		text := fmt.Sprintf("there is no action %s, so %s", action, s.void())
		if wild(action) {
			text = fmt.Sprintf("no action of %s matches %s, so %s", service, action, s.void())
			if near, ok := catalogue.Nearest(strings.TrimRight(action, "*?")); ok {
				r.report(s.actionPath(i), text, fmt.Sprintf("correct the part before the wildcard: the nearest name is %s", near))
				return
			}
		} else if near, ok := catalogue.Nearest(action); ok {
			r.report(s.actionPath(i), text, "write "+near)
			return
		}
		r.reportAs(Warning, s.actionPath(i), text+fmt.Sprintf(", unless it is newer than %s, the day of the data", catalogue.Date()),
			"look the name up in the service authorization reference, or remove it")
	})
}

func unknownService(r *reading) {
	r.eachAction(func(s *statement, i int, action, service string) {
		if catalogue.Service(service) {
			return
		}
		fix := "look the prefix up in the service authorization reference; that of Systems Manager is ssm"
		if near, ok := catalogue.Nearest(action); ok {
			fix = "write " + near
		}
		r.report(s.actionPath(i), fmt.Sprintf("no service has the prefix %s, so %s", service, s.void()), fix)
	})
}

func redundantValue(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		for _, list := range []struct {
			name   string
			values []string
			same   func(string) string // what two values that are the same have in common
			covers func(a, b string) bool
		}{
			{"Action", s.Action, match.Fold, coversAction},
			{"NotAction", s.NotAction, match.Fold, coversAction},
			{"Resource", s.Resource, asIs, coversResource},
			{"NotResource", s.NotResource, asIs, coversResource},
		} {
			if len(list.values) < 2 {
				continue
			}
			same := make([]string, len(list.values))
			var patterns []int
			for j, value := range list.values {
				same[j] = list.same(value)
				if wild(value) {
					patterns = append(patterns, j)
				}
			}
			for j, value := range list.values {
				by := slices.Index(same[:j], same[j])
				if by < 0 {
					k := slices.IndexFunc(patterns, func(k int) bool {
						// Of two that match the same, the first stays.
						return same[k] != same[j] && list.covers(list.values[k], value) && (k < j || !list.covers(value, list.values[k]))
					})
					if k < 0 {
						continue
					}
					by = patterns[k]
				}
				r.report(index(s.path, list.name, j), fmt.Sprintf("%s is covered by %s in the same list", value, list.values[by]), "remove "+value)
			}
		}
	}
}

func asIs(s string) string { return s }

// coversAction reports whether one pattern of actions matches all that another
// action of a policy does. A ? could match less, so it is left out.
func coversAction(pattern, action string) bool {
	return pattern == "*" || match.EqualFold(pattern, action) || !strings.Contains(action, "?") && match.Names(pattern, action)
}

// coversResource is coversAction for resources, without variables, of which it
// is not known what they hold.
func coversResource(pattern, resource string) bool {
	return pattern == "*" || !strings.ContainsAny(pattern, "?$") && !strings.ContainsAny(resource, "?$") && match.Resource(pattern, resource)
}
