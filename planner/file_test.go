package planner_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample returns a plan with something of everything.
func sample(t fataler) planner.File {
	p, err := planner.Make(planner.Input{
		Spec:        planner.Spec{Name: "web-fleet", File: "access.yaml", SHA256: "9f86d081"},
		Environment: planner.Environment{Account: "123456789012", Partition: "aws", Region: "us-east-1", Caller: "arn:aws:iam::123456789012:user/ci", Sandbox: true},
		Desired: &resource.Desired{
			State: state(t,
				thing{Name: "same"}, thing{Name: "new", On: []resource.ID{thingID("changed")}},
				thing{Name: "changed", Value: "a <-> b"}, bell{"new", []resource.ID{thingID("new")}},
				tie{"foreign", "same", ""}, covers("b"),
			),
			Source: map[resource.ID]resource.Position{
				thingID("new"):                      {File: "access.yaml", Line: 4, Column: 3},
				{Kind: "tie", Name: "foreign/same"}: {File: "access.yaml", Line: 9, Column: 5},
			},
		},
		Live: &resource.Live{
			State: state(t, thing{Name: "same"}, thing{Name: "changed", Value: "a -> b"}, thing{Name: "old"}, covers("a"), thing{Name: "foreign"}, tie{"foreign", "same", ""}),
			Owned: owned(thing{Name: "same"}, thing{Name: "changed"}, thing{Name: "old"}, covers("a")),
		},
		Loss: func(c resource.Change) resource.Loss {
			if c.ID() == thingID("old") {
				return resource.Loss{What: "its unique id", Final: true}
			}
			return resource.Loss{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Access = []planner.AccessChange{{
		Principal: resource.ID{Kind: "group", Name: "web"}, Members: []string{"alice", "bob"}, Effect: planner.Gain,
		Actions: []string{"ssm:SendCommand"}, Rights: "run AWS-RunPatchBaseline", When: "only with MFA",
		On:   &planner.AccessSet{Text: "2 instances with App=web", Tags: map[string]string{"App": "web"}, Count: 2},
		With: &planner.AccessSet{Text: "AWS-RunPatchBaseline", Names: []string{"AWS-RunPatchBaseline"}, Count: 1},
		Via:  []resource.ID{thingID("new")},
		Cause: []planner.AccessCause{{
			Address: thingID("new"), Source: &resource.Position{File: "access.yaml", Line: 4, Column: 3},
		}},
	}}
	p.Steps[3].Pause = true
	p.Order = planner.Order{Pauses: 1, Breaches: []planner.Breach{{
		Principal: resource.ID{Kind: "user", Name: "amy"}, Effect: planner.Gain, Text: "ssm:SendCommand on any resource",
		From: thingID("changed"), Until: thingID("new"), Source: &resource.Position{File: "access.yaml", Line: 4, Column: 3},
	}}}
	f, err := p.File("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func encode(t fataler, f planner.File) []byte {
	b, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The encoding is canonical: it never changes unless the format does, and
// decoding and encoding it again gives the same bytes.
func TestEncode(t *testing.T) {
	t.Parallel()
	got := encode(t, sample(t))
	const golden = "testdata/plan.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	f, err := planner.Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(encode(t, f))); d != "" {
		t.Errorf("encoded again (-want +got):\n%s", d)
	}
	if d := cmp.Diff(planner.File{}, f); d == "" {
		t.Error("decoded to nothing")
	}
}

// An empty plan has lists, not nulls, and can be read.
func TestEncodeOfNothing(t *testing.T) {
	t.Parallel()
	f, err := (&planner.Plan{}).File("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	b := encode(t, f)
	if bytes.Contains(b, []byte("null")) || f.Applyable {
		t.Errorf("an empty plan: %s", b)
	}
	if _, err := planner.Decode(b); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(string(b), string(encode(t, planner.File{FormatVersion: "1.2", SsmctlFormat: 3, SsmctlVersion: "1.0.0", Order: planner.OrderUnchecked, Complete: true}))); d != "" {
		t.Errorf("nil and empty lists (-empty +nil):\n%s", d)
	}
}

func TestDecodeEveryPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, err := made(t, input(t, objects(t, "want"), objects(t, "live"))).File("1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		b := encode(t, f)
		again, err := planner.Decode(b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if d := cmp.Diff(string(b), string(encode(t, again))); d != "" {
			t.Fatalf("(-first +again):\n%s", d)
		}
		if moved := planner.Stale(f, again); len(moved) != 0 {
			t.Fatalf("a plan differs from itself: %v", moved)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := string(encode(t, sample(t)))
	for name, tc := range map[string]struct {
		old, new string // replaced once in a good plan; with no old, new is the plan
		want     string // of the error
	}{
		"nothing":                  {"", "", "1:1: unexpected end of JSON input"},
		"no JSON":                  {"", "name: web-fleet\n", "1:2: invalid character 'a' in literal null (expecting 'u')"},
		"no plan":                  {"", `{"format_version": "1.2"}`, "this is not a plan that ssmctl made: it has no ssmctl_format"},
		"a list":                   {"", "\n [1]", "2:2: the plan has the wrong type, array"},
		"binary":                   {"", "\xff", "this is not a plan: it is not UTF-8 text"},
		"too big":                  {"", strings.Repeat(" ", 64<<20+1), "the plan has 64 MiB, and may have at most 64"},
		"cut off":                  {good[len(good)-60:], "", "unexpected end of JSON input"},
		"two plans":                {good[len(good)-20:], good[len(good)-20:] + "{}", "243:1: invalid character '{' after top-level value"},
		"a newer format":           {`"ssmctl_format": 3`, `"ssmctl_format": 4`, "the plan was made by a newer ssmctl, 1.0.0: its ssmctl_format is 4, and this ssmctl reads 3; update ssmctl or make the plan anew"},
		"an older format":          {`"ssmctl_format": 3`, `"ssmctl_format": 2`, `the plan has ssmctl_format 2 and format_version "1.2", and this ssmctl reads 3 and "1.2"; make the plan anew`},
		"no order":                 {`"order": "transient"`, `"order": ""`, `order is ""`},
		"an order that hides":      {`"order": "transient"`, `"order": "safe"`, `order is "safe", with 1 breaches in transient`},
		"an order that is none":    {`"order": "transient"`, `"order": "mostly"`, `order is "mostly"`},
		"a breach of nothing":      {`"text": "ssm:SendCommand on any resource"`, `"text": ""`, `transient[0]: user/amy has the effect "gain" and the text ""`},
		"a breach of no kind":      {`"effect": "gain",` + "\n      \"text\"", `"effect": "both", "text"`, `transient[0]: user/amy has the effect "both"`},
		"a pause for nothing":      {`"after": []`, `"after": [], "pause": true`, "steps[0]: it pauses, and waits for nothing"},
		"another of Terraform":     {`"format_version": "1.2"`, `"format_version": "2.0"`, `the plan has ssmctl_format 3 and format_version "2.0", and this ssmctl reads 3 and "1.2"; make the plan anew`},
		"an unknown field":         {`  "unchanged": 2`, `  "unchnaged": 2`, "227:3: unchnaged is not a field of a plan"},
		"a field in capitals":      {`  "unchanged": 2`, `  "Unchanged": 2`, "Unchanged is not a field of a plan"},
		"an unknown field deep":    {`"line": 4`, `"lime": 4`, "52:13: access_changes[0].cause[0].source.lime is not a field of a plan"},
		"a field twice":            {`  "unchanged": 2`, `  "unchanged": 2, "unchanged": 2`, "unchanged is there twice"},
		"an object's twice":        {`"value": "a -> b"`, `"value": "a -> b", "value": ""`, "change.before.value is there twice"},
		"a wrong type":             {`"unchanged": 2`, `"unchanged": "1"`, ":18: unchanged has the wrong type, string"},
		"too deep":                 {`"before": null`, `"before": ` + strings.Repeat("[", 70) + strings.Repeat("]", 70), "is nested more than 64 deep"},
		"no ID":                    {`"resource": "thing/new"`, `"resource": "thing"`, `steps[2].resource: "thing" is not of the form kind/name`},
		"a wrong address":          {`"address": "thing/new",` + "\n      \"type\"", `"address": "thing/old",` + "\n      \"type\"", `resource_changes[3]: address "thing/old" is not of type "thing" and name "new"`},
		"a cause that is none":     {`"address": "thing/new"`, `"address": "thing/newer"`, "access_changes[0]: its cause thing/newer is not among resource_changes"},
		"no name":                  {`"name": "new",`, ``, `resource_changes[0]: address "bell/new" is not of type "bell" and name ""`},
		"an object twice":          {`"address": "thing/new",` + "\n" + `      "type": "thing",` + "\n" + `      "name": "new"`, `"address": "thing/changed", "type": "thing", "name": "changed"`, "thing/changed stands after thing/changed"},
		"two actions":              {`"create"`, `"create", "delete"`, "bell/new has 2 actions"},
		"an unknown action":        {`"delete"`, `"destroy"`, `thing/old: the action "destroy" does not fit before and after`},
		"access that goes nowhere": {`"effect": "gain"`, `"effect": "both"`, `access_changes[0]: group/web has the effect "both" and 1 actions`},
		"a tag twice":              {`"App": "web"`, `"App": "web", "App": "db"`, "access_changes[0].on.tags.App is there twice"},
		"an action that lies":      {`"create"`, `"update"`, `bell/new: the action "update" does not fit before and after`},
		"no steps":                 {`"id": 1,`, `"id": 2,`, "steps[0]: its id is 2"},
		"a step of nothing":        {`"resource": "thing/new"`, `"resource": "thing/newer"`, "thing/newer is not among resource_changes"},
		"a step for a later one": {`"after": [
        1
      ]`, `"after": [9]`, "after is [9], which are not earlier steps in order"},
		"a step before all": {`"after": []`, `"after": [0]`, "after is [0], which are not earlier steps in order"},
		"a step for itself": {`"after": []`, `"after": [1]`, "after is [1], which are not earlier steps in order"},
		"waits twice": {`"after": [
        1
      ]`, `"after": [1, 1]`, "after is [1 1], which are not earlier steps in order"},
		"less than nothing": {`"unchanged": 2`, `"unchanged": -1`, "unchanged is -1"},
		"not applyable":     {`"applyable": true`, `"applyable": false`, "applyable is false, with 6 steps"},
		"a step of another sort": {`"resource": "thing/old",
      "action": "delete"`, `"resource": "thing/old", "action": "create"`, "thing/old is to be a create here and a delete in resource_changes"},
		"one object three times": {`"resource": "thing/changed"`, `"resource": "cover/all"`, "cover/all has too many steps"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := strings.Replace(good, tc.old, tc.new, 1)
			if tc.old == "" {
				data = tc.new
			} else if data == good {
				t.Fatalf("there is no %q in the plan", tc.old)
			}
			_, err := planner.Decode([]byte(data))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %s", err, tc.want)
			}
		})
	}
}

// Whatever decodes encodes to something that decodes to the same.
func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample(f)))
	empty, err := (&planner.Plan{}).File("1.0.0")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encode(f, empty))
	empty.Order = planner.OrderSafe
	f.Add(encode(f, empty))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file planner.File
		var err error
		cost.Within(t, func() { file, err = planner.Decode(data) })
		if err != nil {
			return
		}
		once := encode(t, file)
		again, err := planner.Decode(once)
		if err != nil {
			t.Fatalf("decoded, encoded, and then refused: %v\n%s", err, once)
		}
		if twice := encode(t, again); !bytes.Equal(once, twice) {
			t.Fatalf("(-once +twice):\n%s", cmp.Diff(string(once), string(twice)))
		}
		if moved := planner.Stale(file, again); len(moved) != 0 {
			t.Fatalf("moved by encoding: %v", moved)
		}
	})
}
