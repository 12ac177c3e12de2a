package schemas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/samples"
	"github.com/ssmctl/ssmctl/schemas"
)

func compile(t *testing.T, name string, data []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name) // checks it against draft 7's own schema
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value returns YAML as an editor's language server takes it: dates are text.
func value(t *testing.T, data []byte) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return plain(t, n.Content[0])
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = plain(t, item)
		}
		return list
	}
	var v any
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if i, ok := v.(int); ok {
		return float64(i)
	}
	return v
}

func TestSamples(t *testing.T) {
	t.Parallel()
	s := compile(t, "spec.schema.json", schemas.Spec)
	for name, data := range map[string][]byte{"minimal": samples.Minimal, "guide": samples.Guide, "team": samples.Team} {
		if err := s.Validate(value(t, data)); err != nil {
			t.Errorf("%s.yaml: %v", name, err)
		}
		if want := "# yaml-language-server: $schema=../schemas/spec.schema.json\n"; !bytes.HasPrefix(data, []byte(want)) {
			t.Errorf("%s.yaml does not begin with %q", name, want)
		}
	}
}

// Of the malformed specs a schema catches those whose fault lies in one value,
// and puts the mark in the same place.
func TestMalformed(t *testing.T) {
	t.Parallel()
	s := compile(t, "spec.schema.json", schemas.Spec)
	for file, want := range map[string][]string{
		"account_number":  {"/account"},
		"defaults":        {"/defaults", "/defaults/path", "/defaults/protect", "/defaults/tags"},
		"duplicate_items": {"/groups/a/members"},
		"environments":    {"/environments", "/include"},
		"facts_malformed": {"/account", "/name", "/region"},
		"just_text":       {""},
		"later_version":   {"/ssmctl"},
		"missing_facts":   {""},
		"no_match":        {"/groups/a/members/1"},
		"not_a_choice":    {"/groups/a/access", "/groups/b/access/actions"},
		"not_a_mapping":   {""},
		"null_values":     {"/groups/operators/access", "/groups/operators/members", "/groups/others"},
		"reserved_key":    {"/groups/operators/only"},
		"section_list":    {"/groups"},
		"section_null":    {"/groups"},
		"unknown_key":     {"/groups/operators"},
		"unknown_section": {""},
		"vars_list":       {"/vars"},
		"wrong_types":     {"/groups/operators/access", "/groups/operators/existing", "/groups/operators/inline", "/groups/operators/members", "/groups/others"},
	} {
		data, err := os.ReadFile("../spec/testdata/bad/" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		at := places(s.Validate(value(t, data)))
		for _, place := range want {
			if !at[place] {
				t.Errorf("%s.yaml: the schema finds nothing wrong with %q, only with %v", file, place, at)
			}
		}
	}
}

// places returns where in a document a schema found something wrong.
func places(err error) map[string]bool {
	at := map[string]bool{}
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			place := ""
			for _, element := range e.InstanceLocation {
				place += "/" + element
			}
			at[place] = true
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	if e, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		walk(e)
	}
	return at
}

// Values with variables pass wherever a value of the right form would.
func TestVariables(t *testing.T) {
	t.Parallel()
	s := compile(t, "spec.schema.json", schemas.Spec)
	spec := `
ssmctl: v1
name: web-fleet
account: "123456789012"
region: us-east-1
vars: {count: 2, protect: true, level: full, account: "210987654321"}
defaults: {permissions_boundary: "arn:aws:iam::$(account):policy/bound", protect: $(var.protect)}
groups: {g: {access: $(var.level), protect: $(var.protect)}}
roles: {r: {type: people, trust: {accounts: [$(var.account)]}}}
instances: {i: {launch: {ami: /aws/service/x, instance_type: t3.micro, count: $(var.count)}, role: r}}
`
	if err := s.Validate(value(t, []byte(spec))); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"count: $(var.count)", "protect: $(var.protect)}\ngroups", "access: $(var.level)"} {
		text := strings.Replace(spec, wrong, strings.Replace(wrong, "$(var", "(var", 1), 1)
		if text == spec || s.Validate(value(t, []byte(text))) == nil {
			t.Errorf("the schema lets this pass:\n%s", text)
		}
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	s := compile(t, "plan.schema.json", schemas.Plan)
	id := resource.ID{Kind: "group", Name: "operators"}
	plan := func(change func(*planner.File)) []byte {
		f := planner.File{
			FormatVersion: "1.2", SsmctlFormat: 3, SsmctlVersion: "1.0.0",
			AccessChanges: []planner.AccessChange{{
				Principal: resource.ID{Kind: "user", Name: "alice"}, Effect: planner.Gain, Actions: []string{"ssm:StartSession"}, Rights: "open sessions",
				Via: []resource.ID{id}, Cause: []planner.AccessCause{{Address: id}},
			}},
			ResourceChanges: []planner.ResourceChange{{
				Address: id.String(), Type: id.Kind, Name: id.Name, Source: &resource.Position{File: "a.yaml", Line: 1, Column: 1},
				Change: planner.ValueChange{Actions: []resource.Action{resource.Create}, After: json.RawMessage(`{"name":"operators"}`)},
			}},
			Steps: []planner.FileStep{{ID: 1, Resource: id, Action: resource.Create, After: []int{}}},
			Order: planner.OrderTransient,
			Transient: []planner.Breach{{
				Principal: resource.ID{Kind: "user", Name: "alice"}, Effect: planner.Loss, Text: "ssm:StartSession on any resource", From: id, Until: id,
			}},
			Notes: []planner.Note{{Resource: id, Text: "note"}, {Code: "P011", Text: "about the whole"}},
		}
		change(&f)
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, test := range map[string]struct {
		change func(*planner.File)
		want   []string
	}{
		"whole":      {func(*planner.File) {}, nil},
		"odd action": {func(f *planner.File) { f.Steps[0].Action = "replace" }, []string{"/steps/0/action"}},
		"odd effect": {func(f *planner.File) { f.AccessChanges[0].Effect = "both" }, []string{"/access_changes/0/effect"}},
		"odd order":  {func(f *planner.File) { f.Order = "mostly" }, []string{"/order"}},
		"odd breach": {func(f *planner.File) { f.Transient[0].Effect = "both" }, []string{"/transient/0/effect"}},
		"no steps":   {func(f *planner.File) { f.Steps = nil }, []string{"/steps"}},
		"after a list": {
			func(f *planner.File) { f.ResourceChanges[0].Change.After = json.RawMessage(`[]`) },
			[]string{"/resource_changes/0/change/after"},
		},
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(plan(test.change)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for place := range places(s.Validate(doc)) {
			got = append(got, place)
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: places at fault (-want +got):\n%s", name, diff)
		}
	}
}
