package catalogue_test

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/managed"
)

// The policies that AWS manages are written by people who can ask IAM, so they
// tell whether the catalogue is right.

type statement struct {
	Action, Resource any
	Condition        map[string]map[string]any
}

// statements returns those of a policy.
func statements(t *testing.T, p managed.Policy) []statement {
	t.Helper()
	var many struct{ Statement []statement }
	if json.Unmarshal(p.Document(), &many) == nil {
		return many.Statement
	}
	var one struct{ Statement statement }
	if err := json.Unmarshal(p.Document(), &one); err != nil {
		t.Fatalf("policy %s: %v", p.Name, err)
	}
	return []statement{one.Statement}
}

// texts are those of a string or a list of them.
func texts(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, text := range v {
			list = append(list, text.(string))
		}
	}
	return list
}

// expand returns the actions that a pattern matches.
func expand(pattern string) (actions []string) {
	if !strings.ContainsAny(pattern, "*?") {
		if catalogue.Known(pattern) {
			actions = []string{pattern}
		}
		return actions
	}
	service, _, _ := strings.Cut(pattern, ":")
	for _, name := range catalogue.Of(service) {
		if ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(name)); ok {
			actions = append(actions, name)
		}
	}
	return actions
}

func ofSystemsManager(p managed.Policy) bool {
	return strings.Contains(p.Name, "SSM") || strings.Contains(p.Name, "SystemsManager")
}

// Every action that the policies for Systems Manager name is known, and every
// wildcard in them means some action.
func TestManagedActions(t *testing.T) {
	t.Parallel()
	n := 0
	for p := range managed.All() {
		if !ofSystemsManager(p) {
			continue
		}
		for _, s := range statements(t, p) {
			for _, action := range texts(s.Action) {
				n++
				if len(expand(action)) == 0 {
					t.Errorf("%s allows %s, which is not known", p.Name, action)
				}
			}
		}
	}
	if n < 700 {
		t.Errorf("only %d actions were looked at", n)
	}
}

// Every resource in the policies can be of a type that one of its actions
// takes, and every condition key be in one of its requests. Of the policies for
// Systems Manager those that are not are written down here, of the others there
// are few: AWS grants lists on ARNs, too.
func TestManagedResourcesAndKeys(t *testing.T) {
	t.Parallel()
	var odd []string
	resources, oddResources, keys, oddKeys := 0, 0, 0, 0
	for p := range managed.All() {
		for _, s := range statements(t, p) {
			actions, ok := lookup(texts(s.Action))
			if !ok {
				continue
			}
			for _, arn := range texts(s.Resource) {
				resources++
				if arn == "*" || slices.ContainsFunc(actions, func(a catalogue.Action) bool { return takes(a, arn) }) {
					continue
				}
				oddResources++
				if ofSystemsManager(p) {
					odd = append(odd, p.Name+": "+actions[0].Name+" on "+arn)
				}
			}
			for _, condition := range s.Condition {
				for key := range condition {
					keys++
					if slices.ContainsFunc(actions, func(a catalogue.Action) bool { return a.Supports(key, "") }) {
						continue
					}
					oddKeys++
					if ofSystemsManager(p) {
						odd = append(odd, p.Name+": "+actions[0].Name+" with "+key)
					}
				}
			}
		}
	}
	slices.Sort(odd)
	if diff := cmp.Diff([]string{
		// Takes no resource.
		"AWSSSMForSAPServiceLinkedRolePolicy: resource-groups:CreateGroup on arn:*:resource-groups:*:*:group/AWS_AppRegistry_AppTag_*",
		"AWSSystemsManagerJustInTimeAccessServicePolicy: ssm:CreateOpsItem on arn:aws:ssm:*:*:opsitem/*",
		// Take a stackset, not its stacks.
		"SSMQuickSetupRolePolicy: cloudformation:DeleteStackInstances on arn:aws:cloudformation:*:*:stack/StackSet-AWS-QuickSetup-*",
		"SSMQuickSetupRolePolicy: cloudformation:DeleteStackInstances on arn:aws:cloudformation:*:*:stack/StackSet-SSMQuickSetup*",
	}, odd); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if resources < 5000 || oddResources*50 > resources {
		t.Errorf("%d of %d resources can be of no type that an action takes", oddResources, resources)
	}
	if keys < 3000 || oddKeys*500 > keys {
		t.Errorf("%d of %d condition keys can be in no request", oddKeys, keys)
	}
}

// lookup returns the actions of these patterns. It is false if their service
// is not known in full.
func lookup(patterns []string) (actions []catalogue.Action, ok bool) {
	for _, pattern := range patterns {
		for _, name := range expand(pattern) {
			if a, known := catalogue.Lookup(name); known {
				actions = append(actions, a)
			}
		}
		service, _, _ := strings.Cut(pattern, ":")
		if !catalogue.Detailed(service) {
			return nil, false
		}
	}
	return actions, len(actions) > 0
}

// takes reports whether an ARN can be of a type that an action takes.
func takes(a catalogue.Action, arn string) bool {
	return slices.ContainsFunc(catalogue.ResourcesOf(a.Name), func(r catalogue.Resource) bool {
		return slices.ContainsFunc(r.ARNs, func(format string) bool { return catalogue.ARNMatches(format, arn) })
	})
}
