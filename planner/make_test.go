package planner_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

func TestMake(t *testing.T) {
	t.Parallel()
	x, y := thing{Name: "x"}, thing{Name: "y", On: []resource.ID{thingID("x")}}
	x2 := thing{Name: "x", Value: "2"}
	ring := bell{"x", []resource.ID{thingID("x")}}
	for name, tc := range map[string]struct {
		want      []resource.Object
		live      []resource.Object // things and covers are owned
		foreign   []resource.Object
		ledger    []resource.ID // links that are owned
		absent    []resource.ID
		destroy   bool
		steps     []string
		unchanged int
		notes     []string
	}{
		"nothing": {},
		"the same": {
			want: []resource.Object{x, y}, live: []resource.Object{x, y}, unchanged: 2,
		},
		"create what is needed first": {
			want:  []resource.Object{y, x, tie{"x", "y", ""}},
			steps: []string{"0 create thing/x", "1 create thing/y after 0", "2 create tie/x/y after 0 1"},
		},
		"update after what it needs": {
			want:  []resource.Object{thing{Name: "a", Value: "2", On: []resource.ID{thingID("x")}}, x2},
			live:  []resource.Object{thing{Name: "a", On: []resource.ID{thingID("x")}}, x},
			steps: []string{"0 update thing/x", "1 update thing/a after 0"},
		},
		"delete what needs it first, links before holders": {
			want:  []resource.Object{thing{Name: "kept"}},
			live:  []resource.Object{thing{Name: "kept"}, x, y, tie{"x", "y", ""}},
			steps: []string{"0 delete tie/x/y", "1 delete thing/y after 0", "2 delete thing/x after 0 1"}, unchanged: 1,
		},
		"delete after what no longer needs it": {
			want:  []resource.Object{thing{Name: "y"}},
			live:  []resource.Object{x, y},
			steps: []string{"0 update thing/y", "1 delete thing/x after 0"},
		},
		"foreign objects are never touched": {
			want: []resource.Object{x}, live: []resource.Object{x},
			foreign: []resource.Object{thing{Name: "theirs"}, tie{"theirs", "x", ""}}, unchanged: 1,
		},
		"a mention is not taken over": {
			want: []resource.Object{tie{"theirs", "x", ""}, x}, live: []resource.Object{x},
			foreign: []resource.Object{thing{Name: "theirs"}},
			steps:   []string{"0 create tie/theirs/x"}, unchanged: 1,
		},
		"a link more on an owned holder is drift": {
			want: []resource.Object{x, y}, live: []resource.Object{x, y, tie{"x", "y", ""}},
			steps: []string{"0 delete tie/x/y"}, unchanged: 2,
		},
		"a link of the ledger is owned": {
			want: []resource.Object{x}, live: []resource.Object{x},
			foreign: []resource.Object{thing{Name: "theirs"}, tie{"theirs", "x", ""}},
			ledger:  []resource.ID{{Kind: "tie", Name: "theirs/x"}},
			steps:   []string{"0 delete tie/theirs/x"}, unchanged: 1,
		},
		"a foreign link that is there already stays foreign": {
			want: []resource.Object{x, tie{"theirs", "x", ""}}, live: []resource.Object{x},
			foreign:   []resource.Object{thing{Name: "theirs"}, tie{"theirs", "x", ""}},
			unchanged: 2,
			notes:     []string{"tie/theirs/x: was there before this spec asked for it, so taking it out of the spec will not remove it"},
		},
		"a foreign link that is otherwise is replaced, and that is said": {
			want: []resource.Object{x, tie{"theirs", "x", "2"}}, live: []resource.Object{x},
			foreign:   []resource.Object{thing{Name: "theirs"}, tie{"theirs", "x", ""}},
			steps:     []string{"0 update tie/theirs/x"},
			unchanged: 1,
			notes:     []string{"tie/theirs/x: somebody else made it as it is now; this plan replaces that, and the spec owns it from then on"},
		},
		"what must be absent is deleted, whoever made it": {
			want: []resource.Object{x}, live: []resource.Object{x},
			foreign: []resource.Object{thing{Name: "theirs"}, tie{"theirs", "x", ""}},
			absent:  []resource.ID{{Kind: "tie", Name: "theirs/x"}, {Kind: "tie", Name: "theirs/nothing"}},
			steps:   []string{"0 delete tie/theirs/x"}, unchanged: 1,
		},
		"an event follows a change": {
			want: []resource.Object{x2, ring}, live: []resource.Object{x},
			steps: []string{"0 update thing/x", "1 create bell/x after 0"},
		},
		"an event follows a deletion": {
			want:  []resource.Object{x, thing{Name: "y"}, bell{"x", []resource.ID{{Kind: "tie", Name: "y/x"}}}},
			live:  []resource.Object{x, thing{Name: "y"}, tie{"y", "x", ""}},
			steps: []string{"0 delete tie/y/x", "1 create bell/x after 0"}, unchanged: 2,
		},
		"a step waits for another once": {
			want:  []resource.Object{x2, thing{Name: "y", On: []resource.ID{thingID("x"), thingID("x")}}, bell{"x", []resource.ID{thingID("y"), thingID("x"), thingID("y")}}},
			live:  []resource.Object{x},
			steps: []string{"0 update thing/x", "1 create thing/y after 0", "2 create bell/x after 0 1"},
		},
		"an event without a change is left out": {
			want: []resource.Object{x, ring}, live: []resource.Object{x}, unchanged: 1,
		},
		"an event may follow an event": {
			want:  []resource.Object{bell{"a", []resource.ID{{Kind: "bell", Name: "x"}}}, x2, ring},
			live:  []resource.Object{x},
			steps: []string{"0 update thing/x", "1 create bell/x after 0", "2 create bell/a after 1"},
		},
		"a span is widened first and narrowed last": {
			want: []resource.Object{x2, thing{Name: "z"}, covers("b c")}, live: []resource.Object{x, covers("a b")},
			steps: []string{
				"0 update cover/all [a b c]",
				"1 update thing/x after 0",
				"2 create thing/z after 0",
				"3 update cover/all [b c] after 1 2",
			},
		},
		"a span that only grows is widened first": {
			want: []resource.Object{x, covers("a b")}, live: []resource.Object{covers("a")},
			steps: []string{"0 update cover/all [a b]", "1 create thing/x after 0"},
		},
		"a span that only shrinks is narrowed last": {
			want: []resource.Object{x, covers("a")}, live: []resource.Object{covers("a b")},
			steps: []string{"0 create thing/x", "1 update cover/all [a] after 0"},
		},
		"a new span comes first": {
			want:  []resource.Object{x, covers("a")},
			steps: []string{"0 create cover/all [a]", "1 create thing/x after 0"},
		},
		"a span that changes alone": {
			want: []resource.Object{covers("b")}, live: []resource.Object{covers("a")},
			steps: []string{"0 update cover/all [a b]", "1 update cover/all [b] after 0"},
		},
		"destroy deletes what is owned, the span last": {
			want:    []resource.Object{x, ring},
			live:    []resource.Object{x, y, tie{"x", "y", ""}, covers("a")},
			foreign: []resource.Object{thing{Name: "theirs"}, tie{"theirs", "theirs", ""}},
			absent:  []resource.ID{{Kind: "tie", Name: "theirs/theirs"}},
			destroy: true,
			steps:   []string{"0 delete tie/x/y", "1 delete thing/y after 0", "2 delete thing/x after 0 1", "3 delete cover/all after 2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := planner.Input{
				Desired: &resource.Desired{State: state(t, tc.want...), Absent: map[resource.ID]bool{}},
				Live:    &resource.Live{State: state(t, append(tc.foreign, tc.live...)...), Owned: owned(tc.live...)},
				Destroy: tc.destroy,
			}
			for _, id := range tc.ledger {
				in.Live.Owned[id] = true
			}
			for _, id := range tc.absent {
				in.Desired.Absent[id] = true
			}
			p, err := planner.Make(in)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.steps, describe(p)); d != "" {
				t.Errorf("steps (-want +got):\n%s", d)
			}
			if p.Unchanged != tc.unchanged {
				t.Errorf("%d unchanged, want %d", p.Unchanged, tc.unchanged)
			}
			var notes []string
			for _, n := range p.Notes {
				notes = append(notes, n.Resource.String()+": "+n.Text)
			}
			if d := cmp.Diff(tc.notes, notes); d != "" {
				t.Errorf("notes (-want +got):\n%s", d)
			}
		})
	}
}

// What loses something when it is undone comes after what does not.
func TestLossesComeLate(t *testing.T) {
	t.Parallel()
	p, err := planner.Make(planner.Input{
		Desired: &resource.Desired{State: state(t,
			thing{Name: "z"},
			thing{Name: "d", Value: "2"},
			thing{Name: "c"},
			thing{Name: "e", Value: "2"}, // needs b no longer
			thing{Name: "needs-final", On: []resource.ID{thingID("final")}},
			thing{Name: "final"},
		)},
		Live: &resource.Live{
			State: state(t, thing{Name: "a"}, thing{Name: "b"}, thing{Name: "c"}, thing{Name: "d"}, thing{Name: "e", On: []resource.ID{thingID("b")}}),
			Owned: owned(thing{Name: "a"}, thing{Name: "b"}, thing{Name: "c"}, thing{Name: "d"}, thing{Name: "e"}),
		},
		Loss: func(c resource.Change) resource.Loss {
			switch {
			case c.ID() == thingID("a"), c.ID() == thingID("final"):
				return resource.Loss{What: "everything", Final: true}
			case c.After == nil:
				return resource.Loss{What: "its id"}
			}
			return resource.Loss{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0 update thing/d", "1 update thing/e", "2 create thing/z",
		"3 delete thing/b after 1",
		"4 delete thing/a", "5 create thing/final", "6 create thing/needs-final after 5",
	}
	if d := cmp.Diff(want, describe(p)); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]int{0, 0, 0, 1, 2, 2, 2}, p.Stages()); d != "" {
		t.Errorf("stages (-want +got):\n%s", d)
	}
	var lossy []string
	for _, s := range p.Losses() {
		lossy = append(lossy, s.ID().String()+" loses "+s.Loss.What)
	}
	if d := cmp.Diff([]string{"thing/b loses its id", "thing/a loses everything", "thing/final loses everything"}, lossy); d != "" {
		t.Errorf("losses (-want +got):\n%s", d)
	}
	if d := cmp.Diff(planner.Counts{Add: 3, Change: 2, Destroy: 2}, p.Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	p, err := planner.Make(planner.Input{
		Desired: &resource.Desired{State: state(t, thing{Name: "new"}, covers("b"), bell{"b", []resource.ID{thingID("new")}})},
		Live:    &resource.Live{State: state(t, covers("a"), thing{Name: "old"}), Owned: owned(covers("a"), thing{Name: "old"})},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.File("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	// The span takes two steps, and is one object.
	want := planner.Counts{Add: 1, Change: 1, Destroy: 1, Events: 1}
	if d := cmp.Diff(want, p.Counts()); d != "" {
		t.Errorf("counts of the plan (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want, f.Counts()); d != "" {
		t.Errorf("counts of the file (-want +got):\n%s", d)
	}
}

// An account and a spec that are not there at all are empty.
func TestMakeOfNothing(t *testing.T) {
	t.Parallel()
	p, err := planner.Make(planner.Input{})
	if err != nil || len(p.Steps) != 0 {
		t.Errorf("Make of nothing: %v, %v", p, err)
	}
	_, err = planner.Make(planner.Input{Live: &resource.Live{State: state(t, thing{Name: "x"}), Owned: owned(thing{Name: "x"})}})
	if r, ok := errors.AsType[planner.Refused](err); !ok || r[0].Code != planner.CodeEmpty {
		t.Errorf("deleting all for want of a spec: %v", err)
	}
}
