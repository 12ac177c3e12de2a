package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// resourceRules are about resources that the actions beside them do not take.
var resourceRules = []Rule{
	{
		Code: "resource-level-unsupported", Title: "an action that knows no resources is limited to some", Severity: Error,
		Explanation: "Many actions that list and describe take no resource: IAM checks them against \"*\", which only a star matches. Limited to an ARN, an Allow grants nothing, and a Deny stops nothing. Some services are seen to check them against an ARN that ends in a star, so for that it is only a suggestion.",
		Fix:         `Put the action in a statement on "*".`,
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:DescribeInstanceInformation", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:DescribeInstanceInformation", "Resource": "*"}`),
		check:       resourceLevelUnsupported,
	},
	{
		Code: "resource-type-mismatch", Title: "an action takes none of the statement's resources", Severity: Error,
		Explanation: "Every action takes resources of certain types. If the statement names none of them, it does nothing with the action: s3:GetObject takes objects, bucket/*, not the bucket.",
		Fix:         "Name resources of a type that the action takes, in a statement for it.",
		Bad:         example(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-logs"}`),
		Good:        example(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-logs/*"}`),
		check:       resourceTypeMismatch,
	},
	{
		Code: "resource-unused", Title: "none of the statement's actions takes a resource", Severity: Suggestion,
		Explanation: "The resource changes nothing, and makes the policy look as if it granted something on it.",
		Fix:         "Remove the resource, or add the action that was meant.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": ["arn:aws:ssm:us-east-1:111122223333:document/deploy", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0"]}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       resourceUnused,
	},
}

// unlisted are actions that policies managed by AWS limit to resources, though
// the service authorization reference has no type for them: of the two, the
// policies are in use.
var unlisted = []string{
	"logs:DescribeLogGroups",      // on log-group:* (AWSLambda_FullAccess and others)
	"resource-groups:CreateGroup", // on group/NAME* (AWSSSMForSAPServiceLinkedRolePolicy)
	"ssm:CreateOpsItem",           // on opsitem/* (AWSSystemsManagerJustInTimeAccessServicePolicy)
}

// untyped reports whether the action takes no resource at all.
func untyped(action string) bool {
	a, ok := catalogue.Lookup(action)
	return ok && len(a.Resources) == 0 && !slices.Contains(unlisted, a.Name)
}

// anything reports whether the pattern is a star alone, which the "*" of an
// action without resources matches.
func (x resource) anything() bool { return x.text != "" && strings.Trim(x.text, "*") == "" }

// takes reports whether an action takes resources that the ARN can match.
func takes(action string, x resource) bool {
	return slices.ContainsFunc(taken(action), x.meets)
}

// sound returns the resources that are well-formed, and whether all are and
// none is a star.
func (s *statement) sound() bool {
	return len(s.resources) > 0 && !slices.ContainsFunc(s.resources, func(x resource) bool { return !x.whole || wild(x.fields[2]) })
}

func resourceLevelUnsupported(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		if !s.sound() {
			continue
		}
		for j, action := range s.Action {
			names := r.meaning(action)
			if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return !untyped(name) }) {
				continue
			}
			const fix = `put it in a statement of its own with "Resource": "*"`
			if slices.ContainsFunc(s.resources, func(x resource) bool {
				return x.fields[5] == "*" && names[0][:strings.IndexByte(names[0], ':')] == x.fields[2]
			}) {
				r.reportAs(Suggestion, index(s.path, "Action", j), fmt.Sprintf(`%s takes no resource, and AWS documents only "*" for it`, action), fix)
				continue
			}
			r.report(index(s.path, "Action", j), fmt.Sprintf("%s takes no resource, so limited to %s %s", action, resourceList(s.Resource), s.void()), fix)
		}
	}
}

func resourceTypeMismatch(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		if !s.sound() || r.broken(s) {
			continue
		}
		for j, action := range s.Action {
			var typed string // an action that the pattern names and that takes resources
			names := r.meaning(action)
			if !slices.ContainsFunc(names, func(name string) bool {
				a, ok := catalogue.Lookup(name)
				if ok && len(a.Resources) > 0 {
					typed = a.Name
				}
				return !ok || len(a.Resources) > 0 && slices.ContainsFunc(s.resources, func(x resource) bool { return takes(name, x) })
			}) && typed != "" {
				r.report(index(s.path, "Action", j), fmt.Sprintf("%s takes %s, and %s is none, so %s", action, r.kinds(typed), resourceList(s.Resource), s.void()),
					"name what it takes, such as "+r.exampleFor(typed, s.resources[0]))
			}
		}
	}
}

// broken reports whether a rule about ARNs has found one of the statement's to
// match nothing.
func (r *reading) broken(s *statement) bool {
	return slices.ContainsFunc(s.resources, func(x resource) bool {
		all := formats(x.fields[2])
		return x.fields[2] != strings.ToLower(x.fields[2]) || len(all) > 0 && !slices.ContainsFunc(all, x.meets)
	})
}

func resourceUnused(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		if len(s.resources) < 2 || len(s.Action) == 0 || !s.sound() || r.broken(s) {
			continue
		}
		var names []string
		known := true
		for _, action := range s.Action {
			meaning := r.meaning(action)
			known = known && len(meaning) > 0 && !slices.ContainsFunc(meaning, func(name string) bool { _, ok := catalogue.Lookup(name); return !ok })
			names = append(names, meaning...)
		}
		if !known {
			continue
		}
		var unused []resource
		for _, x := range s.resources {
			if !slices.ContainsFunc(names, func(name string) bool { return takes(name, x) }) {
				unused = append(unused, x)
			}
		}
		if len(unused) == len(s.resources) {
			continue // resource-type-mismatch says so
		}
		for _, x := range unused {
			r.report(x.path, fmt.Sprintf("no action of the statement takes %s", x.text), "remove it, or add the action that was meant")
		}
	}
}

// kinds names the resource types that an action takes.
func (r *reading) kinds(action string) string {
	var names []string
	for _, t := range catalogue.ResourcesOf(action) {
		names = append(names, t.Name)
	}
	if len(names) > 4 {
		names = append(names[:4], "others")
	}
	return strings.Join(names, ", ")
}

// exampleFor returns an ARN that the action takes, of those the one that is
// most like the statement's resource.
func (r *reading) exampleFor(action string, x resource) (best string) {
	most := -1
	for _, f := range taken(action) {
		arn := r.filled(f)
		common := 0
		for common < len(arn) && common < len(x.text) && arn[common] == x.text[common] {
			common++
		}
		if common > most {
			best, most = arn, common
		}
	}
	return best
}

// resourceList shows the resources of a statement.
func resourceList(resources []string) string {
	if len(resources) == 1 {
		return resources[0]
	}
	return fmt.Sprintf("%s and %d more", resources[0], len(resources)-1)
}
