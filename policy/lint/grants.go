package lint

import (
	"fmt"
	"slices"
	"strings"
)

// grantRules are about grants that are wider than they look.
var grantRules = []Rule{
	{
		Code: "allow-notresource", Title: "everything but some resources is allowed", Severity: Warning,
		Explanation: "NotResource is everything that is not listed: resources of every other type, of other accounts, and those that come to be later.",
		Fix:         "Allow the resources that are meant, and deny the ones that are not.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "NotResource": "arn:aws:ssm:us-east-1:111122223333:document/secret"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*"}`,
			`{"Effect": "Deny", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/secret"}`),
		check: allowNotResource,
	},
	{
		Code: "allow-notaction", Title: "everything but some actions is allowed", Severity: Warning,
		Explanation: "NotAction is every action of every service that is not listed, and every one that AWS will add. In a boundary, which allows nothing by itself, it may be right.",
		Fix:         "Allow the actions that are meant, and deny the ones that are not.",
		Bad:         example(`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::acme-logs/*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-logs/*"}`),
		check:       allowNotAction,
	},
	{
		Code: "passrole-star", Title: "every role may be passed", Severity: Warning,
		Explanation: "Who may pass any role to a service may use any role that trusts the service: with an automation, an instance or a function that is often an administrator's. With a condition on iam:PassedToService it is only a suggestion.",
		Fix:         "Name the roles, and add a condition on iam:PassedToService.",
		Bad:         example(`{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/automation", "Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}}`),
		check:       passRoleStar,
	},
}

func allowNotResource(r *reading) {
	for _, s := range r.statements {
		if s.allow && s.NotResource != nil {
			r.report(to(s.path, "NotResource"), fmt.Sprintf("everything but %s is allowed, of whatever type", resourceList(append(s.NotResource, "nothing")[:max(1, len(s.NotResource))])),
				"list what is allowed under Resource, and deny the rest")
		}
	}
}

func allowNotAction(r *reading) {
	for _, s := range r.statements {
		if s.allow && s.NotAction != nil {
			r.report(to(s.path, "NotAction"), fmt.Sprintf("every action but %s is allowed, of whatever service", resourceList(append(s.NotAction, "nothing")[:max(1, len(s.NotAction))])),
				"list what is allowed under Action, and deny the rest")
		}
	}
}

func passRoleStar(r *reading) {
	for _, s := range r.allows("iam:PassRole") {
		// With "*" or iam:* the principal may do far worse than pass roles.
		if !s.names("iam:PassRole") {
			continue
		}
		i := slices.IndexFunc(s.resources, func(x resource) bool {
			return x.anything() || x.whole && (x.fields[5] == "role/*" || x.fields[5] == "*")
		})
		if i < 0 {
			continue
		}
		text, severity := "every role may be passed", Warning
		if t, ok := s.test(func(t test) bool { return t.folded == "iam:passedtoservice" && t.requires() }); ok {
			text, severity = text+" to "+strings.Join(t.values, " and "), Suggestion
		}
		r.reportAs(severity, s.resources[i].path, text, fmt.Sprintf("name the roles: arn:%s:iam::%s:role/NAME", r.partition(), r.account()))
	}
}
