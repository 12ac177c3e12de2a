package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// parameterRules are about parameters and service settings.
var parameterRules = []Rule{
	{
		Code: "reads-parameters", Title: "a wildcard of read actions reads every parameter", Severity: Warning,
		Explanation: "ssm:Get* looks like harmless reading, and includes GetParameter, GetParameters, GetParametersByPath and GetParameterHistory: all parameters, and the secrets among them where the default key encrypts them. AWS's own AmazonSSMReadOnlyAccess is so.",
		Fix:         "List the read actions that are needed, and allow parameters by their path.",
		Bad:         example(`{"Effect": "Allow", "Action": ["ssm:Describe*", "ssm:Get*", "ssm:List*"], "Resource": "*"}`),
		Good:        example(`{"Effect": "Allow", "Action": ["ssm:Describe*", "ssm:GetDocument", "ssm:GetInventory", "ssm:List*"], "Resource": "*"}`),
		check:       readsParameters,
	},
	{
		Code: "parameters-path-leaks-children", Title: "a parameter is denied, and its path is not", Severity: Warning,
		Explanation: "Who may read a path by GetParametersByPath reads all that is below it, recursively, also a parameter that is denied by name (Systems Manager User Guide, \"Restricting access to Parameter Store parameters using IAM policies\").",
		Fix:         "Deny ssm:GetParametersByPath on the path above it, or with ssm:Recursive true, or keep the parameter outside of the path.",
		Bad: example(`{"Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:GetParametersByPath"], "Resource": ["arn:aws:ssm:us-east-1:111122223333:parameter/web", "arn:aws:ssm:us-east-1:111122223333:parameter/web/*"]}`,
			`{"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web/secret"}`),
		Good: example(`{"Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:GetParametersByPath"], "Resource": ["arn:aws:ssm:us-east-1:111122223333:parameter/web", "arn:aws:ssm:us-east-1:111122223333:parameter/web/*"]}`,
			`{"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web/secret"}`,
			`{"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "*", "Condition": {"Bool": {"ssm:Recursive": "true"}}}`),
		check: parametersPathLeaksChildren,
	},
	{
		Code: "parameter-double-slash", Title: "the ARN of a parameter has two slashes", Severity: Error,
		Explanation: "The name of a parameter such as /web/key begins with a slash already: the ARN is parameter/web/key. With two, the pattern matches nothing.",
		Fix:         "Write one slash.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter//web/key"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web/key"}`),
		check:       parameterDoubleSlash,
	},
	{
		Code: "prefix-without-separator", Title: "a prefix also matches other trees", Severity: Warning,
		Explanation: "A star takes any characters: parameter/prod* matches prod/key, and production/key as well.",
		Fix:         "End the prefix with a slash; where the parent itself is meant too, name it without a star.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/prod*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/prod/*"}`),
		check:       prefixWithoutSeparator,
	},
	{
		Code: "unknown-service-setting", Title: "Systems Manager has no such setting", Severity: Warning,
		Explanation: "Some of AWS's own samples call the setting of Default Host Management default-instance-management-role, which is not its id. The pattern matches nothing.",
		Fix:         "Write servicesetting/ssm/managed-instance/default-ec2-instance-management-role.",
		Bad:         example(`{"Effect": "Deny", "Action": "ssm:UpdateServiceSetting", "Resource": "arn:aws:ssm:us-east-1:111122223333:servicesetting/ssm/managed-instance/default-instance-management-role"}`),
		Good:        example(`{"Effect": "Deny", "Action": "ssm:UpdateServiceSetting", "Resource": "arn:aws:ssm:us-east-1:111122223333:servicesetting/ssm/managed-instance/default-ec2-instance-management-role"}`),
		check:       unknownServiceSetting,
	},
}

const parameter = "arn:*:ssm:*:*:parameter/?*"

func readsParameters(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		if !s.allow {
			continue
		}
		for j, pattern := range s.Action {
			if !wild(pattern) || everything(pattern) || !match.Names(pattern, "ssm:GetParameter") {
				continue
			}
			all := s.NotResource != nil || slices.ContainsFunc(s.resources, func(x resource) bool {
				return x.anything() || x.whole && reaches(x.text, parameter) && strings.HasSuffix(x.fields[5], "*") && strings.Trim(strings.TrimPrefix(x.fields[5], "parameter"), "*/") == ""
			})
			denied := slices.ContainsFunc(r.statements, func(d statement) bool {
				return !d.allow && len(d.tests) == 0 && d.covers("ssm:GetParameter") && d.on(parameter)
			})
			if all && !denied {
				r.report(index(s.path, "Action", j), fmt.Sprintf("%s includes GetParameter and its relatives, on every parameter", pattern), "list the actions that are needed in place of "+pattern)
			}
		}
	}
}

func parametersPathLeaksChildren(r *reading) {
	const byPath = "ssm:GetParametersByPath"
	// What is denied of the child by its own ARN does not matter: the ARN that
	// the call is authorised on is the path's.
	guarded := func(parent string) bool {
		return slices.ContainsFunc(r.statements, func(s statement) bool {
			_, recursive := s.test(func(t test) bool { return t.folded == "ssm:recursive" })
			return !s.allow && s.NotResource == nil && s.covers(byPath) && s.on(parent) && (recursive || len(s.tests) == 0)
		})
	}
	for i := range r.statements {
		d := &r.statements[i]
		if d.allow || !d.covers("ssm:GetParameter") && !d.covers("ssm:GetParameters") {
			continue
		}
		for _, x := range d.resources {
			child, ok := x.typed("parameter")
			if !ok {
				continue
			}
			// The path is the parent, or one above it.
			for path := above(strings.TrimSuffix(child, "/*")); path != ""; path = above(path) {
				parent := "arn:*:ssm:*:*:parameter/" + path
				j := slices.IndexFunc(r.statements, func(s statement) bool { return s.allow && s.covers(byPath) && s.on(parent) })
				if j < 0 || guarded(parent) {
					continue
				}
				r.report(x.path, fmt.Sprintf("%s on /%s reads this parameter too, as %s allows", byPath, path, r.statements[j].path),
					fmt.Sprintf(`deny %s with "Condition": {"Bool": {"ssm:Recursive": "true"}} as well`, byPath))
				break
			}
		}
	}
}

// above returns the path of parameters that a path is in, or "".
func above(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }

func parameterDoubleSlash(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		if name, ok := x.typed("parameter"); ok && strings.HasPrefix(name, "/") {
			r.report(x.path, fmt.Sprintf("no parameter has the ARN %s, so %s", x.text, s.matches()), "write "+strings.Replace(x.text, "parameter//", "parameter/", 1))
		}
	})
}

func prefixWithoutSeparator(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		name, ok := x.typed("parameter")
		head, star := strings.CutSuffix(name, "*")
		public := strings.HasPrefix(name, "aws/") // what AWS publishes is for everybody
		if !s.allow || !ok || public || !star || head == "" || wild(head) || strings.HasSuffix(head, "}") || !letterOrDigit(rune(head[len(head)-1])) {
			return
		}
		base := strings.TrimSuffix(x.text, "*")
		r.report(x.path, fmt.Sprintf("%s also matches what begins with /%s and goes on with other letters", x.text, head), fmt.Sprintf("write %s/*, and %[1]s if that is a parameter itself", base))
	})
}

func unknownServiceSetting(r *reading) {
	const wrong, right = "default-instance-management-role", "default-ec2-instance-management-role"
	r.eachResource(func(s *statement, x resource) {
		if name, ok := x.typed("servicesetting"); ok && strings.HasSuffix(name, "/"+wrong) {
			r.report(x.path, fmt.Sprintf("there is no setting %s, so %s", name, s.matches()), "write "+strings.Replace(x.text, wrong, right, 1))
		}
	})
}
