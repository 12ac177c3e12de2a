package view

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

func TestJSONEvents(t *testing.T) {
	t.Parallel()
	hostile := fleet()
	hostile.SsmctlVersion = "\u202e"
	hostile.Steps[0].Resource.Name = "x\x1b\u0085\U000e0041##[error]"
	cases := map[string]struct {
		file   planner.File
		events []executor.Event
		report executor.Report
	}{
		"json_applied": {fleet(), appliedRun(), executor.Report{Outcome: executor.Applied, Failed: -1, Done: []int{0, 2, 1, 3, 4}}},
		"json_partial": {fleet(), stuckRun(), executor.Report{
			Outcome: executor.Partial, Failed: 3, Cause: denied, Done: []int{0, 1, 2}, Undone: []int{2, 1},
			Left: []executor.Left{{ID: resource.ID{Kind: "role", Name: "ssm-managed"}, Err: denied}, {ID: resource.ID{Kind: "role", Name: "x"}}},
			New:  []resource.ID{{Kind: "membership", Name: "operators/carol"}},
		}},
		"json_hostile": {hostile, failingRun()[:2], executor.Report{Outcome: executor.NotStarted, Failed: -1, Cancelled: true, Cause: context.Canceled}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			j := NewJSONEvents(&b, c.file, "20261123-233105-k7f3q2")
			j.Plan(at(-1))
			for _, e := range c.events {
				if e.Type == "" {
					j.Tick(e.Time)
				} else {
					j.Event(e)
				}
			}
			if err := j.Report(&c.report, at(101)); err != nil {
				t.Fatal(err)
			}
			for line := range bytes.Lines(b.Bytes()) {
				var decoded map[string]any
				if err := json.Unmarshal(line, &decoded); err != nil {
					t.Errorf("%s is not JSON: %v", line, err)
				}
				for _, key := range []string{"@level", "@message", "@module", "@timestamp", "type"} {
					if s, _ := decoded[key].(string); s == "" {
						t.Errorf("%s has no %s", line, key)
					}
				}
			}
			golden(t, name, b.String())
		})
	}
}

func TestJSONEventsKeepTheFirstError(t *testing.T) {
	t.Parallel()
	w := &worsening{}
	j := NewJSONEvents(w, fleet(), "")
	j.Plan(at(0))
	err := j.Report(&executor.Report{Outcome: executor.Applied}, at(1))
	if err == nil || err.Error() != "failure 1" || w.writes != 1 {
		t.Errorf("Report: %v after %d writes, want failure 1 after 1", err, w.writes)
	}
}

// TestPlanJSON demands that what PlanJSON writes is the plan still, however it
// had to be escaped.
func TestPlanJSON(t *testing.T) {
	t.Parallel()
	f := fleet()
	f.Spec.SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	f.Notes = []planner.Note{{Resource: resource.ID{Kind: "role", Name: "x"}, Text: "\u202e\u0085\U000e0041\u007f \"##[error]\" é 漢 \\"}}
	got := text(t, func(b *bytes.Buffer) error { return PlanJSON(b, f) })
	if bad := firstRaw(got); bad != "" {
		t.Errorf("PlanJSON wrote %s", bad)
	}
	var decoded planner.File
	if err := json.Unmarshal([]byte(got), &decoded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.Notes, decoded.Notes); diff != "" {
		t.Errorf("notes after decoding (-want +got):\n%s", diff)
	}
	f.Notes = nil
	want, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text(t, func(b *bytes.Buffer) error { return PlanJSON(b, f) })); diff != "" {
		t.Errorf("a plan without anything to escape (-encoded +written):\n%s", diff)
	}
}
