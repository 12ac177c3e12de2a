package lint

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// arnRules are about what a statement calls resources, whatever its actions.
var arnRules = []Rule{
	{
		Code: "wildcard-in-service", Title: "a wildcard stands in for a service", Severity: Error,
		Explanation: "AWS's pages contradict each other on whether a wildcard in the service of an action or an ARN matches. A policy must not hang on that: what was meant as a grant may grant nothing, and what was meant to be nothing may grant.",
		Fix:         "Write a value for each service.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ss*:us-east-1:111122223333:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       wildcardInService,
	},
	{
		Code: "wildcard-in-resource-type", Title: "a wildcard stands in for part of a resource type", Severity: Error,
		Explanation: "The type is what stands before the first slash or colon of the last field. AWS does not allow a wildcard in it (IAM User Guide, \"IAM identifiers\"), so the pattern matches nothing.",
		Fix:         "Write the type out, and a value for each type.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:doc*/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       wildcardInResourceType,
	},
	{
		Code: "arn-missing-region", Title: "an ARN has no region where its kind has one", Severity: Error,
		Explanation: "An empty field is a value, not a wildcard: the pattern matches no resource, so the statement does nothing with it.",
		Fix:         "Write the region, or * for every region.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm::111122223333:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       arnMissingRegion,
	},
	{
		Code: "arn-missing-account", Title: "an ARN has no account where its kind has one", Severity: Error,
		Explanation: "An empty field is a value, not a wildcard: only AWS's own documents, automations and public parameters have no account. The pattern matches no resource.",
		Fix:         "Write the account's 12 digits.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1::document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       arnMissingAccount,
	},
	{
		Code: "arn-region-not-allowed", Title: "an ARN has a region where its kind has none", Severity: Error,
		Explanation: "ARNs of IAM and of S3 buckets have no region, so the pattern matches no resource.",
		Fix:         "Leave the field empty.",
		Bad:         example(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:us-east-1::acme-logs"}`),
		Good:        example(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme-logs"}`),
		check:       func(r *reading) { notAllowed(r, 3, "a region") },
	},
	{
		Code: "arn-account-not-allowed", Title: "an ARN has an account where its kind has none", Severity: Error,
		Explanation: "ARNs of S3 buckets and objects have no account, so the pattern matches no resource.",
		Fix:         "Leave the field empty.",
		Bad:         example(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3::111122223333:acme-logs"}`),
		Good:        example(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme-logs"}`),
		check:       func(r *reading) { notAllowed(r, 4, "an account") },
	},
	{
		Code: "arn-resource-unknown", Title: "the service has no resources of that form", Severity: Error,
		Explanation: "IAM takes any text after the account. If it is of no resource type of the service, or lacks the name, it matches nothing.",
		Fix:         "Write the type as AWS's service authorization reference has it, and a name or * after it.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*"}`),
		check:       arnResourceUnknown,
	},
}

// A format is how the ARNs of a resource type of a service look.
type format struct {
	resource catalogue.Resource
	arn      string
	fields   [6]string
	head     string // of the sixth field, before the first placeholder
}

func newFormat(t catalogue.Resource, arn string) format {
	f := format{resource: t, arn: arn}
	copy(f.fields[:], strings.SplitN(arn, ":", 6))
	f.head, _, _ = strings.Cut(f.fields[5], "${")
	return f
}

// What is worked out once: as many entries as there are services and actions
// in the detailed part of the catalogue.
var (
	serviceFormats sync.Map // []format by service
	actionFormats  sync.Map // []format by action
)

// remember returns what m has under the key, which work finds out at first.
func remember(m *sync.Map, key string, work func() []format) []format {
	if all, ok := m.Load(key); ok {
		return all.([]format)
	}
	all := work()
	m.Store(key, all)
	return all
}

// formats returns the formats of a service's own ARNs, nil if they are not
// known.
func formats(service string) []format {
	if !catalogue.Detailed(service) || service != strings.ToLower(service) {
		return nil
	}
	return remember(&serviceFormats, service, func() (all []format) {
		for _, f := range formatsOf(catalogue.Types(service)) {
			if f.fields[2] == service {
				all = append(all, f)
			}
		}
		return all
	})
}

// taken returns the formats of the ARNs that an action takes.
func taken(action string) []format {
	a, ok := catalogue.Lookup(action)
	if !ok {
		return nil
	}
	return remember(&actionFormats, a.Name, func() []format { return formatsOf(catalogue.ResourcesOf(a.Name)) })
}

func formatsOf(types []catalogue.Resource) (all []format) {
	for _, t := range types {
		for _, arn := range t.ARNs {
			all = append(all, newFormat(t, arn))
		}
	}
	return all
}

// meets reports whether the resource can be of the format. It asks for the
// service and the type first, which most others differ in.
func (x resource) meets(f format) bool {
	return overlap(f.fields[2], starred(x.fields[2])) && overlap(f.head+"*", starred(x.fields[5])) && catalogue.ARNMatches(f.arn, x.text)
}

// likely returns the formats that the resource was most likely meant to have,
// going by the resource type alone.
func (x resource) likely() (all []format) {
	for _, f := range formats(x.fields[2]) {
		if overlap(f.head+"*", starred(x.fields[5])) {
			all = append(all, f)
		}
	}
	return all
}

// of returns the formats that the sixth field is of.
func (x resource) of() (all []format) {
	pattern := "arn:*:" + x.fields[2] + ":*:*:" + x.fields[5]
	for _, f := range formats(x.fields[2]) {
		if overlap(f.head+"*", starred(x.fields[5])) && (catalogue.ARNMatches(f.arn, pattern) || f.fields[4] == "" && catalogue.ARNMatches(f.arn, "arn:*:"+x.fields[2]+":*::"+x.fields[5])) {
			all = append(all, f)
		}
	}
	return all
}

// typed returns what stands after a resource type such as "document/", and
// whether the resource is of that type of Systems Manager.
func (x resource) typed(types ...string) (name string, ok bool) {
	if !x.whole || x.fields[2] != "ssm" {
		return "", false
	}
	for _, t := range types {
		if name, ok := strings.CutPrefix(x.fields[5], t+"/"); ok {
			return name, true
		}
	}
	return "", false
}

// filled returns the ARN of a format with the place filled in, and * for what
// is not known.
func (r *reading) filled(f format) string {
	arn := strings.NewReplacer("${Partition}", r.partition(), "${Region}", r.region(), "${Account}", r.account()).Replace(f.arn)
	return starred(arn)
}

// eachResource calls f with every resource that has the form of an ARN, and
// the path to it.
func (r *reading) eachResource(f func(s *statement, x resource)) {
	for i := range r.statements {
		s := &r.statements[i]
		for _, x := range slices.Concat(s.resources, resources(s.NotResource, to(s.path, "NotResource"))) {
			if x.whole {
				f(s, x)
			}
		}
	}
}

// matches says what it means that a pattern of the statement matches nothing.
func (s *statement) matches() string {
	does := "denies"
	if s.allow {
		does = "grants"
	}
	switch {
	case s.NotResource != nil:
		return "it excludes nothing"
	case len(s.Resource) > 1 || len(s.Action) == 0 || len(s.Action) > 4:
		return "it matches nothing and " + does + " nothing"
	}
	return fmt.Sprintf("the statement %s %s on nothing", does, strings.Join(s.Action, ", "))
}

func wildcardInService(r *reading) {
	r.grammar()
	r.eachResource(func(s *statement, x resource) {
		if wild(x.fields[2]) {
			r.report(x.path, fmt.Sprintf("whether the wildcard in the service of %s matches is not documented", x.text),
				`write an ARN for each service, or "*" alone`)
		}
	})
}

func wildcardInResourceType(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		end := strings.IndexAny(starred(x.fields[5]), "/:")
		if end <= 0 {
			return
		}
		head, rest := starred(x.fields[5])[:end], starred(x.fields[5])[end:]
		// With another wildcard after it, AWS's own policies have the form.
		all := formats(x.fields[2])
		untyped := func(f format) bool { return f.head == "" } // a bucket's ARN has just its name
		if !wild(head) || wild(rest) || strings.HasPrefix(x.fields[5], "${") || len(all) == 0 || slices.ContainsFunc(all, untyped) {
			return
		}
		fix := "write the type out"
		if i := slices.IndexFunc(all, func(f format) bool { return overlap(head+rest[:1]+"*", f.head+"*") }); i >= 0 {
			fix = "write " + strings.Replace(x.text, x.fields[5], all[i].head+rest[1:], 1)
		}
		r.report(x.path, fmt.Sprintf("%s has a wildcard in the resource type, so %s", x.text, s.matches()), fix)
	})
}

func arnMissingRegion(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		if x.fields[3] != "" {
			return
		}
		likely := x.likely()
		if x.fields[2] == "ssm" || len(likely) > 0 && !slices.ContainsFunc(likely, func(f format) bool { return f.fields[3] == "" }) {
			r.report(x.path, fmt.Sprintf("%s has no region, so %s", x.text, s.matches()), "write "+r.mended(x))
		}
	})
}

func arnMissingAccount(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		if x.fields[4] != "" {
			return
		}
		likely := x.likely()
		if name, ok := x.typed("document", "automation-definition", "parameter"); ok {
			if maybeAWS(name) {
				return
			}
		} else if len(likely) == 0 || slices.ContainsFunc(likely, func(f format) bool { return f.fields[4] == "" }) {
			return
		}
		r.report(x.path, fmt.Sprintf("%s has no account, so %s", x.text, s.matches()), "write "+r.mended(x))
	})
}

// mended returns the ARN with the region, the account and the name that it
// lacks: those of the place, and a star for the name.
func (r *reading) mended(x resource) string {
	likely := x.likely()
	if len(likely) == 1 || len(likely) > 0 && len(likely[0].head) > 0 {
		f := likely[0]
		if x.fields[5] == f.head {
			x.fields[5] = starred(f.fields[5])
		}
	}
	if x.fields[3] == "" {
		x.fields[3] = r.region()
	}
	if name, ok := x.typed("document", "automation-definition", "parameter"); x.fields[4] == "" && (!ok || !maybeAWS(name) || name == "*" || name == "*:*") {
		x.fields[4] = r.account()
	}
	return strings.Join(x.fields[:], ":")
}

func notAllowed(r *reading, field int, what string) {
	r.eachResource(func(s *statement, x resource) {
		if strings.Trim(x.fields[field], "*") == "" {
			return
		}
		of := x.of()
		if len(of) == 0 || slices.ContainsFunc(of, func(f format) bool { return f.fields[field] != "" }) {
			return
		}
		mended := x.fields
		mended[field] = ""
		r.report(x.path, fmt.Sprintf("the ARN of a %s has no place for %s, so %s", of[0].resource.Name, what, s.matches()), "write "+strings.Join(mended[:], ":"))
	})
}

func arnResourceUnknown(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		all := formats(x.fields[2])
		if wild(x.fields[2]) || len(all) == 0 || x.fields[2] == "iam" && x.fields[5] == "root" || x.fields[5] != "" && (len(x.of()) > 0 || strings.Contains(x.fields[5], "${")) {
			return
		}
		if likely := x.likely(); len(likely) > 0 {
			mended := r.mended(x)
			if mended == x.text {
				mended = r.filled(likely[0])
			}
			r.report(x.path, fmt.Sprintf("%s names no %s, so %s", x.text, likely[0].resource.Name, s.matches()), "write a name, or * for all: "+mended)
			return
		}
		fix := "write the resource as in " + r.filled(all[0])
		for _, f := range all {
			if len(f.head) > 3 && len(x.fields[5]) > 2 && strings.HasPrefix(f.head, x.fields[5][:3]) {
				fix = "write the resource as in " + r.filled(f)
				break
			}
		}
		r.report(x.path, fmt.Sprintf("%s has no resources of the form %s, so %s", x.fields[2], x.fields[5], s.matches()), fix)
	})
}
