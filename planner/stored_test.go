package planner_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// decode reads the objects of these tests.
func decode(id resource.ID, data []byte) (resource.Object, error) {
	switch id.Kind {
	case "thing":
		return decodeAs[thing](data)
	case "tie":
		return decodeAs[tie](data)
	case "bell":
		return decodeAs[bell](data)
	case "cover":
		return decodeAs[cover](data)
	}
	return nil, fmt.Errorf("there is no kind %q", id.Kind)
}

func decodeAs[T resource.Object](data []byte) (resource.Object, error) {
	var o T
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	return o, nil
}

// A plan comes back from a file and its stored steps, by way of JSON, as it was.
func TestRestore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := made(t, input(t, objects(t, "want"), objects(t, "live")))
		p.Spec, p.Environment = planner.Spec{Name: "web", File: "a.yaml", SHA256: "aa"}, planner.Environment{Account: "123456789012", Sandbox: true}
		if len(p.Steps) > 0 {
			p.Steps[0].Source = &resource.Position{File: "a.yaml", Line: 1, Column: 2}
			p.Steps[0].Loss = resource.Loss{What: "all", Final: true}
		}
		f, err := p.File("1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		steps, err := p.Stored()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(steps)
		if err != nil {
			t.Fatal(err)
		}
		var read []planner.StoredStep
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		f, err = planner.Decode(encode(t, f))
		if err != nil {
			t.Fatal(err)
		}
		again, err := planner.Restore(f, read, decode)
		if err != nil {
			t.Fatal(err)
		}
		store := func(p *planner.Plan) string {
			f, err := p.File("1.0.0")
			if err != nil {
				t.Fatal(err)
			}
			steps, err := p.Stored()
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(steps, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			return string(encode(t, f)) + string(text)
		}
		if d := cmp.Diff(store(p), store(again)); d != "" {
			t.Fatalf("(-before +after):\n%s", d)
		}
		if d := cmp.Diff(p.Steps, again.Steps); d != "" {
			t.Fatalf("steps (-before +after):\n%s", d)
		}
		if p.Order.Pauses != again.Order.Pauses || p.Order.Safe != again.Order.Safe {
			t.Fatalf("order %v has become %v", p.Order, again.Order)
		}
	})
}

// Fault 40: what is in a journal is not made a plan of by guessing.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	a, b := json.RawMessage(`{"name":"a","value":""}`), json.RawMessage(`{"name":"b","value":""}`)
	for name, tc := range map[string]struct {
		steps []planner.StoredStep
		want  string
	}{
		"nothing to do":           {[]planner.StoredStep{{ID: thingID("a")}}, "step 1, thing/a: it changes nothing"},
		"null, which is nothing":  {[]planner.StoredStep{{ID: thingID("a"), Before: json.RawMessage("null"), After: json.RawMessage("null")}}, "step 1, thing/a: it changes nothing"},
		"a wait for itself":       {[]planner.StoredStep{{ID: thingID("a"), After: a, Waits: []int{0}}}, "step 1, thing/a: it cannot wait for step 1"},
		"a wait for none":         {[]planner.StoredStep{{ID: thingID("a"), After: a, Waits: []int{-1}}}, "step 1, thing/a: it cannot wait for step 0"},
		"a wait twice":            {[]planner.StoredStep{{ID: thingID("a"), After: a}, {ID: thingID("b"), After: b, Waits: []int{0, 0}}}, "step 2, thing/b: it cannot wait for step 1"},
		"a pause for nothing":     {[]planner.StoredStep{{ID: thingID("a"), After: a, Pause: true}}, "step 1, thing/a: it pauses, and waits for nothing"},
		"another object":          {[]planner.StoredStep{{ID: thingID("a"), After: b}}, "step 1, thing/a: what is stored is thing/b"},
		"a kind that is not":      {[]planner.StoredStep{{ID: resource.ID{Kind: "ghost", Name: "a"}, After: a}}, `step 1, ghost/a: there is no kind "ghost"`},
		"data that is not":        {[]planner.StoredStep{{ID: thingID("a"), Before: json.RawMessage(`{"name":1}`)}}, "step 1, thing/a: json: cannot unmarshal number"},
		"a plan of another shape": {nil, "the plan has 1 steps, and 0 are stored"},
		"a plan of other steps":   {[]planner.StoredStep{{ID: thingID("b"), After: b}}, "step 1 of the plan is for thing/a, and thing/b is stored"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := planner.File{}
			for _, s := range tc.steps {
				f.Steps = append(f.Steps, planner.FileStep{Resource: s.ID})
			}
			if strings.HasPrefix(name, "a plan of") {
				f.Steps = []planner.FileStep{{Resource: thingID("a")}}
			}
			p, err := planner.Restore(f, tc.steps, decode)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) || p != nil {
				t.Errorf("plan %v, error %v, want %s", p, err, tc.want)
			}
		})
	}
}

// mute is an object that has no JSON.
type mute struct{ thing }

func (mute) MarshalJSON() ([]byte, error) { return nil, errors.New("no words") }

func TestStoredOfMute(t *testing.T) {
	t.Parallel()
	p := &planner.Plan{Steps: []planner.Step{{Change: resource.Change{After: mute{thing{Name: "a"}}}}}}
	if _, err := p.Stored(); err == nil || !strings.HasPrefix(err.Error(), "thing/a: ") || !strings.Contains(err.Error(), "no words") {
		t.Errorf("error %v", err)
	}
}
