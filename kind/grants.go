package kind

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
	"github.com/ssmctl/ssmctl/resource"
)

// Grants is what any principal may be given: the keys that groups, users and
// roles have in common.
type Grants struct {
	Access       Access                `spec:"access" doc:"Task 1 of the guide: a preset, or a level for each area." default:"none"`
	Restrictions []string              `spec:"restrictions" doc:"Names from the restrictions section. Each is one managed policy, or a few." ref:"restrictions"`
	AllowProduct bool                  `spec:"allow_product" doc:"Accept that several restrictions allow more together than each says: IAM lets whoever may send one document to some instances, and another to others, send either to all of them." default:"false"`
	Policies     []string              `spec:"policies" doc:"Managed policies: AWS's own by name, any by ARN." max:"20" example:"CloudWatchAgentServerPolicy"`
	Inline       map[string]entry.Tree `spec:"inline" doc:"Policy documents by name, for what the other keys cannot say."`
}

// Access is how much of Systems Manager a principal may use, by the areas of
// the guide's Task 1.
type Access struct {
	Preset         string `spec:",scalar" doc:"full is full everywhere; read-only is full insights and read-only otherwise; none is nothing." enum:"none,read-only,full"`
	ResourceGroups string `spec:"resource_groups" doc:"Resource Groups: full is resource-groups:*." enum:"none,read-only,full"`
	Insights       string `spec:"insights" doc:"Insights: full is AWSHealthFullAccess, AWSConfigUserAccess and CloudWatchReadOnlyAccess." enum:"none,full"`
	Actions        string `spec:"actions" doc:"Actions and shared resources: AmazonSSMFullAccess or AmazonSSMReadOnlyAccess." enum:"none,read-only,full"`
}

// resourceGroupsPolicy is the inline policy that says resource-groups:*, for
// which AWS has no managed policy of just that.
const resourceGroupsPolicy = "ssmctl-resource-groups"

// An area of access and what each of its levels attaches.
type area struct {
	key    string
	level  func(Access) string
	preset map[string]string              // what a preset means here
	grants map[string]map[string][]string // level to "policies" or "inline"
}

var areas = []area{
	{
		key: "resource_groups", level: func(a Access) string { return a.ResourceGroups },
		preset: map[string]string{"none": "none", "read-only": "read-only", "full": "full"},
		grants: map[string]map[string][]string{
			"read-only": {"policies": {"AWSResourceGroupsReadOnlyAccess"}},
			"full":      {"inline": {resourceGroupsPolicy}},
		},
	},
	{
		key: "insights", level: func(a Access) string { return a.Insights },
		preset: map[string]string{"none": "none", "read-only": "full", "full": "full"},
		grants: map[string]map[string][]string{
			"full": {"policies": {"AWSHealthFullAccess", "AWSConfigUserAccess", "CloudWatchReadOnlyAccess"}},
		},
	},
	{
		key: "actions", level: func(a Access) string { return a.Actions },
		preset: map[string]string{"none": "none", "read-only": "read-only", "full": "full"},
		grants: map[string]map[string][]string{
			"read-only": {"policies": {"AmazonSSMReadOnlyAccess"}},
			"full":      {"policies": {"AmazonSSMFullAccess"}},
		},
	},
}

// expand asks for all that g grants to the principal. On an existing
// principal an area that says none is ensured to be absent, and one that says
// nothing is left alone. Grants wait for what limits them: the bound, and the
// restrictions that deny.
func (g Grants) expand(x *entry.Expansion, to resource.ID, existing bool, bound []resource.ID) {
	g.checkRestrictions(x, to)
	named := map[string]bool{} // what is asked for by one key is not forbidden by another
	attach := func(a Attachment, at ...string) {
		named[a.ID().Name] = true
		x.Add(a, at...)
	}
	for _, l := range g.enforced(x.Spec, "deny") {
		for _, a := range l.attachments(x.Spec, to, bound) {
			attach(a, l.at...)
		}
	}
	bound = slices.Concat(bound, g.denials(x.Spec, to))
	for _, l := range g.enforced(x.Spec, "grant") {
		for _, a := range l.attachments(x.Spec, to, bound) {
			attach(a, l.at...)
		}
	}
	for i, name := range g.Policies {
		if arn, ok := policyARN(x, name, "policies", strconv.Itoa(i)); ok {
			attach(Attachment{To: to, Policy: arn, after: bound}, "policies", strconv.Itoa(i))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.Inline)) {
		if !policyNames.MatchString(name) {
			x.Fault(fmt.Sprintf("%q is not a name for a policy", name), "write "+want128, "inline", name)
			continue
		}
		doc, ok := inlineDocument(x, g.Inline[name], "inline", name)
		if !ok {
			continue
		}
		in := InlinePolicy{Of: to, Name: name, Document: doc, after: bound}
		named[in.ID().Name] = true
		x.Add(in, "inline", name)
	}
	for _, a := range areas {
		g.Access.expandArea(x, a, to, existing, bound, named)
	}
	checkQuotas(x, to)
}

func (acc Access) expandArea(x *entry.Expansion, a area, to resource.ID, existing bool, bound []resource.ID, named map[string]bool) {
	level, at := a.level(acc), []string{"access", a.key}
	if level == "" && acc.Preset != "" {
		level, at = a.preset[acc.Preset], []string{"access"}
	}
	for _, l := range slices.Sorted(maps.Keys(a.grants)) {
		if l != level && (!existing || level == "") {
			continue
		}
		for _, name := range a.grants[l]["policies"] {
			arn, ok := policyARN(x, name, at...)
			if !ok {
				continue
			}
			link := Attachment{To: to, Policy: arn, after: bound}
			if l == level {
				x.Add(link, at...)
			} else if !named[link.ID().Name] {
				x.Forbid(link.ID(), at...)
			}
		}
		for _, name := range a.grants[l]["inline"] {
			in := InlinePolicy{Of: to, Name: name, Document: policy.New(policy.Allow("resource-groups:*").On("*")), after: bound}
			if l == level {
				x.Add(in, at...)
			} else if !named[in.ID().Name] {
				x.Forbid(in.ID(), at...)
			}
		}
	}
}

// policyARN turns what a spec calls a managed policy into its ARN, or reports
// what is wrong with it. AWS's policies live under several paths, so a bare
// name is looked up and never pasted into an ARN.
func policyARN(x *entry.Expansion, name string, at ...string) (string, bool) {
	p, known := managed.Lookup(name)
	if strings.HasPrefix(name, "arn:") {
		fields := strings.SplitN(name, ":", 6)
		if len(fields) != 6 || fields[2] != "iam" || !strings.HasPrefix(fields[5], "policy/") {
			x.Fault(fmt.Sprintf("%q is not the ARN of a managed policy", name), "write arn:aws:iam::ACCOUNT:policy/NAME, or the bare name of one of AWS's policies", at...)
			return "", false
		}
		if fields[1] != x.Spec.Partition {
			x.Fault(fmt.Sprintf("%q is of partition %s, but region %s is of %s", name, fields[1], x.Spec.Region, x.Spec.Partition), "write arn:"+x.Spec.Partition+":…", at...)
			return "", false
		}
		if p, known = managed.FromARN(name); !known {
			if fields[4] == "aws" {
				x.Fault(fmt.Sprintf("AWS has no managed policy %s", name), nearestPolicy(lastSegment(name)), at...)
				return "", false
			}
			if fields[4] != x.Spec.Account {
				x.Fault(fmt.Sprintf("%q is a policy of account %s; a principal of %s cannot carry it", name, fields[4], x.Spec.Account), "name a policy of this account", at...)
				return "", false
			}
			return name, true
		}
	}
	switch {
	case !known:
		x.Fault(fmt.Sprintf("AWS has no managed policy %q", name), nearestPolicy(name), at...)
	case !p.Attachable():
		x.Fault(fmt.Sprintf("%s belongs to a service-linked role and cannot be attached", p.Name), "choose another policy", at...)
	case !p.In(x.Spec.Partition):
		x.Fault(fmt.Sprintf("%s does not exist in partition %s", p.Name, x.Spec.Partition), "write the grant as `inline`", at...)
	default:
		return p.ARN(x.Spec.Partition), true
	}
	return "", false
}

func nearestPolicy(name string) string {
	if near, ok := managed.Nearest(name); ok {
		return fmt.Sprintf("did you mean %s? A policy of your own account is named by its ARN", near)
	}
	return "a policy of your own account is named by its ARN"
}

// inlineDocument reads a raw policy document of a spec.
func inlineDocument(x *entry.Expansion, tree json.RawMessage, at ...string) (policy.Document, bool) {
	doc, err := policy.Parse(tree)
	if found := doc.Check(policy.ForIdentity); err == nil && len(found) > 0 {
		err = found
	}
	return doc, faultless(x, err, at...)
}

// faultless reports the problems that package policy found with what stands at
// the path, and whether there were none.
func faultless(x *entry.Expansion, err error, at ...string) bool {
	var found policy.Problems
	switch one, _ := errors.AsType[*policy.Problem](err); {
	case err == nil:
		return true
	case errors.As(err, &found):
	case one != nil:
		found = policy.Problems{*one}
	default:
		x.Fault(err.Error(), "", at...)
		return false
	}
	for _, p := range found {
		x.Fault(p.Text, p.Help, slices.Concat(at, p.Path)...)
	}
	return false
}
