package planner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A shelf is an object with structure.
type shelf struct {
	Name     string           `json:"name"`
	Document map[string]any   `json:"document,omitempty"`
	Rows     []map[string]any `json:"rows,omitempty"`
}

func (s shelf) ID() resource.ID      { return resource.ID{Kind: "shelf", Name: s.Name} }
func (s shelf) Needs() []resource.ID { return nil }

func TestStale(t *testing.T) {
	t.Parallel()
	row := func(v string) map[string]any { return map[string]any{"v": v} }
	want := []resource.Object{thing{Name: "a", Value: "<new>"}, bell{"a", []resource.ID{thingID("a")}}, shelf{Name: "s", Document: map[string]any{"Sid": "x"}, Rows: []map[string]any{row("1"), row("2"), row("3")}}}
	live := []resource.Object{thing{Name: "a", Value: "old"}, thing{Name: "gone"}, shelf{Name: "s", Document: map[string]any{"Action": []any{"a", "b"}}, Rows: []map[string]any{row("1"), row("3")}}}
	makeFile := func(t *testing.T, want, live []resource.Object, change func(*planner.Input)) planner.File {
		in := planner.Input{
			Spec:        planner.Spec{Name: "web", File: "access.yaml", SHA256: "aa"},
			Environment: planner.Environment{Account: "123456789012", Partition: "aws", Region: "us-east-1", Caller: "arn:aws:iam::123456789012:role/plan"},
			Desired:     &resource.Desired{State: state(t, want...)},
			Live:        &resource.Live{State: state(t, live...), Owned: owned(live...)},
			MaxDeletes:  new(10),
		}
		if change != nil {
			change(&in)
		}
		p, err := planner.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.File("1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for name, tc := range map[string]struct {
		want, live []resource.Object // nil for the same
		change     func(*planner.Input)
		edit       func(*planner.File) // of the fresh plan
		moved      []planner.Moved
	}{
		"nothing": {},
		"who, by what, from where": {
			change: func(in *planner.Input) { in.Environment.Caller, in.Spec.File = "apply", "/ci/access.yaml" },
			edit:   func(f *planner.File) { f.SsmctlVersion = "1.0.1" },
		},
		"another account and region": {
			live:   []resource.Object{},
			change: func(in *planner.Input) { in.Environment.Account, in.Environment.Region = "210987654321", "eu-west-1" },
			moved: []planner.Moved{
				{Field: "account", Approved: "123456789012", Now: "210987654321"},
				{Field: "region", Approved: "us-east-1", Now: "eu-west-1"},
			},
		},
		"another partition, and no sandbox": {
			change: func(in *planner.Input) { in.Environment.Partition, in.Environment.Sandbox = "aws-cn", true },
			moved: []planner.Moved{
				{Field: "partition", Approved: "aws", Now: "aws-cn"},
				{Field: "sandbox", Approved: "false", Now: "true"},
			},
		},
		"another spec": {
			want:   []resource.Object{},
			change: func(in *planner.Input) { in.Spec.SHA256, in.Spec.Name = "bb", "db" },
			moved: []planner.Moved{
				{Field: "spec name", Approved: "web", Now: "db"},
				{Field: "sha256 of the spec", Approved: "aa", Now: "bb"},
			},
		},
		"a value": {
			live:  []resource.Object{thing{Name: "a", Value: "older"}, live[1], live[2]},
			moved: []planner.Moved{{"thing/a", "value", `"old"`, `"older"`}},
		},
		"a value that is wanted": {
			want:  []resource.Object{thing{Name: "a", Value: "newer"}, want[1], want[2]},
			moved: []planner.Moved{{"thing/a", "planned value", `"<new>"`, `"newer"`}},
		},
		"within a structure": {
			live: []resource.Object{live[0], live[1], shelf{Name: "s", Document: map[string]any{"Action": []any{"b"}, "a.b": 1}, Rows: []map[string]any{row("1"), row("2"), row("3")}}},
			moved: []planner.Moved{
				{"shelf/s", "document.Action", `["a","b"]`, `["b"]`},
				{"shelf/s", "document.a.b", "absent", "1"},
				{"shelf/s", "rows[1]", "absent", `{"v":"2"}`},
			},
		},
		"within an element": {
			live:  []resource.Object{live[0], live[1], shelf{Name: "s", Document: map[string]any{"Action": []any{"a", "b"}}, Rows: []map[string]any{row("1"), row("4")}}},
			moved: []planner.Moved{{"shelf/s", "rows[1].v", `"3"`, `"4"`}},
		},
		"deleted by someone, to be deleted": {
			live:  []resource.Object{live[0], live[2]},
			moved: []planner.Moved{{"thing/gone", "after the approval: deleted by someone", "delete", "nothing to do"}},
		},
		"deleted by someone, to be updated": {
			live:  []resource.Object{live[1], live[2]},
			moved: []planner.Moved{{"thing/a", "after the approval: deleted by someone", `{"name":"a","value":"old"}`, "absent"}},
		},
		"updated by someone, just so": {
			live: []resource.Object{want[0], live[1], live[2]},
			moved: []planner.Moved{
				{"bell/a", "after the approval: no longer called for", "create", "nothing to do"},
				{"thing/a", "after the approval: changed by someone, just as planned", "update", "nothing to do"},
			},
		},
		"made by someone, to be deleted": {
			live:  append([]resource.Object{thing{Name: "z"}}, live...),
			moved: []planner.Moved{{"thing/z", "after the approval: created by someone", "nothing to do", "delete"}},
		},
		"other losses": {
			change: func(in *planner.Input) {
				in.Loss = func(c resource.Change) resource.Loss {
					if c.After == nil {
						return resource.Loss{What: "its id", Final: true}
					}
					return resource.Loss{}
				}
			},
			moved: []planner.Moved{
				{"thing/gone", "what undoing it loses", "", "its id"},
				{"thing/gone", "cannot be undone", "false", "true"},
			},
		},
		"another order": {
			edit:  func(f *planner.File) { f.Steps[2].After = []int{1, 2} },
			moved: []planner.Moved{{"bell/a", "order", "step 3, after 2", "step 3, after 1, 2"}},
		},
		"a pause": {
			edit:  func(f *planner.File) { f.Steps[2].Pause = true },
			moved: []planner.Moved{{"bell/a", "order", "step 3, after 2", "step 3, after 2 and a pause"}},
		},
		"a breach on the way": {
			edit: func(f *planner.File) {
				f.Order = planner.OrderTransient
				f.Transient = []planner.Breach{{Principal: thingID("amy"), Effect: planner.Gain, Text: "a"}}
			},
			moved: []planner.Moved{
				{"", "access on the way", "unchecked", "transient"},
				{"thing/amy", "access on the way", "not so", "thing/amy would for a moment be able to a, which they can neither before nor after"},
			},
		},
		"a step less": {
			edit:  func(f *planner.File) { f.Steps = f.Steps[:3] },
			moved: []planner.Moved{{"thing/gone", "order", "step 4, after ", "no such step"}},
		},
		"whose access it changes": {
			edit: func(f *planner.File) {
				f.AccessChanges = []planner.AccessChange{{
					Principal: thingID("gone"), Effect: planner.Gain, Actions: []string{"ssm:StartSession"}, Rights: "open sessions",
					On: &planner.AccessSet{Text: "every instance", All: true, Count: 3}, When: "only with MFA",
				}}
			},
			moved: []planner.Moved{{"thing/gone", "access", "no such gain", "gain: open sessions on every instance, only with MFA"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			approved := makeFile(t, want, live, nil)
			if tc.want == nil {
				tc.want = want
			}
			if tc.live == nil {
				tc.live = live
			}
			fresh := makeFile(t, tc.want, tc.live, tc.change)
			if tc.edit != nil {
				tc.edit(&fresh)
			}
			if d := cmp.Diff(tc.moved, planner.Stale(approved, fresh)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Breaches that were approved are those, and no others.
func TestStaleBreaches(t *testing.T) {
	t.Parallel()
	of := func(effect planner.Effect, text string) planner.File {
		return planner.File{Order: planner.OrderTransient, Transient: []planner.Breach{{Principal: thingID("amy"), Effect: effect, Text: text}}}
	}
	got := planner.Stale(of(planner.Loss, "a"), of(planner.Gain, "a"))
	want := []planner.Moved{
		{"thing/amy", "access on the way", "thing/amy would for a moment be unable to a, which they can both before and after", "not so"},
		{"thing/amy", "access on the way", "not so", "thing/amy would for a moment be able to a, which they can neither before nor after"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if moved := planner.Stale(of(planner.Loss, "a"), of(planner.Loss, "a")); moved != nil {
		t.Errorf("the same differs: %v", moved)
	}
}

// What was to be created or was as wanted, and is no longer so.
func TestStaleExistence(t *testing.T) {
	t.Parallel()
	makeFile := func(live ...resource.Object) planner.File {
		p, err := planner.Make(planner.Input{
			Desired: &resource.Desired{State: state(t, thing{Name: "a", Value: "1"})},
			Live:    &resource.Live{State: state(t, live...), Owned: owned(live...)},
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.File("1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for name, tc := range map[string]struct {
		then, now []resource.Object
		moved     planner.Moved
	}{
		"created just so":     {nil, []resource.Object{thing{Name: "a", Value: "1"}}, planner.Moved{Address: "thing/a", Field: "after the approval: created by someone, just as planned", Approved: "create", Now: "nothing to do"}},
		"created otherwise":   {nil, []resource.Object{thing{Name: "a"}}, planner.Moved{Address: "thing/a", Field: "after the approval: created by someone", Approved: "absent", Now: `{"name":"a","value":""}`}},
		"deleted":             {[]resource.Object{thing{Name: "a", Value: "1"}}, nil, planner.Moved{Address: "thing/a", Field: "after the approval: deleted by someone", Approved: "nothing to do", Now: "create"}},
		"no longer as wanted": {[]resource.Object{thing{Name: "a", Value: "1"}}, []resource.Object{thing{Name: "a", Value: "2"}}, planner.Moved{Address: "thing/a", Field: "value", Approved: `"1"`, Now: `"2"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff([]planner.Moved{tc.moved}, planner.Stale(makeFile(tc.then...), makeFile(tc.now...))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
