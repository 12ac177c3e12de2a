package planner_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	x, y := thing{Name: "x"}, thing{Name: "y", On: []resource.ID{thingID("x")}}
	for name, tc := range map[string]struct {
		want      []resource.Object
		live      []resource.Object
		foreign   []resource.Object
		absent    []resource.ID
		protected []resource.ID
		destroy   bool
		refusals  []string // "code id @line: text; help"
	}{
		"it exists and is somebody else's": {
			want: []resource.Object{x}, foreign: []resource.Object{x},
			refusals: []string{"P001 thing/x @1: thing/x exists already, and this spec does not own it; choose another name; or say `existing: true` to use it as it is, where the section has that key"},
		},
		"a slip in a name": {
			want: []resource.Object{tie{"operators", "alcie", ""}}, foreign: []resource.Object{thing{Name: "alice"}, thing{Name: "alfred"}, thing{Name: "operators"}},
			refusals: []string{"P002 tie/operators/alcie @1: tie/operators/alcie needs thing/alcie, which is neither in the account nor declared in the spec; did you mean thing/alice? Otherwise declare it, or create it first: a spec does not create what it only mentions"},
		},
		"a name like no other": {
			want: []resource.Object{tie{"operators", "zoe", ""}}, foreign: []resource.Object{thing{Name: "alice"}, thing{Name: "operators"}},
			refusals: []string{"P002 tie/operators/zoe @1: tie/operators/zoe needs thing/zoe, which is neither in the account nor declared in the spec; declare it, or create it first: a spec does not create what it only mentions"},
		},
		"it needs what is deleted": {
			want: []resource.Object{y}, live: []resource.Object{x, y},
			refusals: []string{"P003 thing/y @1: thing/y needs thing/x, which this plan deletes; declare thing/x again, or stop asking for what needs it"},
		},
		"somebody else uses what is deleted": {
			want: []resource.Object{thing{Name: "z"}}, live: []resource.Object{x, thing{Name: "z"}},
			foreign:  []resource.Object{thing{Name: "a"}, thing{Name: "b"}, thing{Name: "c"}, thing{Name: "d"}, tie{"a", "x", ""}, tie{"b", "x", ""}, tie{"c", "x", ""}, tie{"d", "x", ""}},
			refusals: []string{"P004 thing/x: thing/x would be deleted, but is still used by tie/a/x, tie/b/x, tie/c/x and 1 more, which this spec does not own; remove that use first, or keep thing/x in the spec"},
		},
		"it is protected": {
			want: []resource.Object{y}, live: []resource.Object{x, thing{Name: "z"}},
			protected: []resource.ID{thingID("z")},
			refusals: []string{
				"P003 thing/y @1: thing/y needs thing/x, which this plan deletes; declare thing/x again, or stop asking for what needs it",
				"P005 thing/z: thing/z is protected, and this plan would delete it; take `protect` away in one apply and delete it in the next",
			},
		},
		"destroy spares nothing that is protected": {
			want: []resource.Object{x}, live: []resource.Object{x}, protected: []resource.ID{thingID("x")}, destroy: true,
			refusals: []string{"P005 thing/x @1: thing/x is protected, and this plan would delete it; take `protect` away in one apply and delete it in the next"},
		},
		"there and not there": {
			want: []resource.Object{x}, absent: []resource.ID{thingID("x")},
			refusals: []string{"P009 thing/x @1: the spec asks for thing/x, and also for it not to exist; remove one of the two"},
		},
		"in a circle": {
			want: []resource.Object{
				thing{Name: "a", On: []resource.ID{thingID("c")}},
				thing{Name: "b", On: []resource.ID{thingID("a")}},
				thing{Name: "c", On: []resource.ID{thingID("b")}},
				thing{Name: "d", On: []resource.ID{thingID("a")}},
			},
			refusals: []string{"P008 thing/a @1: there is no order to do this in: thing/a has to wait for thing/c has to wait for thing/b has to wait for thing/a; take one of these needs out of the spec"},
		},
		"for itself": {
			want:     []resource.Object{thing{Name: "a", On: []resource.ID{thingID("a")}}},
			refusals: []string{"P008 thing/a @1: there is no order to do this in: thing/a has to wait for thing/a; take one of these needs out of the spec"},
		},
		"all at once, in the order of the spec": {
			want:    []resource.Object{thing{Name: "b"}, thing{Name: "a", On: []resource.ID{thingID("nothing"), thingID("none")}}},
			foreign: []resource.Object{thing{Name: "b"}},
			refusals: []string{
				"P001 thing/b @1: thing/b exists already, and this spec does not own it; choose another name; or say `existing: true` to use it as it is, where the section has that key",
				"P002 thing/a @2: thing/a needs thing/none, which is neither in the account nor declared in the spec; declare it, or create it first: a spec does not create what it only mentions",
				"P002 thing/a @2: thing/a needs thing/nothing, which is neither in the account nor declared in the spec; declare it, or create it first: a spec does not create what it only mentions",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := planner.Input{
				Desired: &resource.Desired{State: state(t, tc.want...), Absent: map[resource.ID]bool{}, Protected: map[resource.ID]bool{}, Source: map[resource.ID]resource.Position{}},
				Live:    &resource.Live{State: state(t, append(tc.foreign, tc.live...)...), Owned: owned(tc.live...)},
				Destroy: tc.destroy,
			}
			for i, o := range tc.want {
				in.Desired.Source[o.ID()] = resource.Position{File: "access.yaml", Line: i + 1, Column: 1}
			}
			for _, id := range tc.absent {
				in.Desired.Absent[id] = true
			}
			for _, id := range tc.protected {
				in.Desired.Protected[id] = true
			}
			_, err := planner.Make(in)
			refused, ok := errors.AsType[planner.Refused](err)
			if !ok {
				t.Fatalf("error %v, want a Refused", err)
			}
			var got []string
			for _, r := range refused {
				at := ""
				if r.Position != nil {
					at = fmt.Sprintf(" @%d", r.Position.Line)
				}
				got = append(got, fmt.Sprintf("%s %s%s: %s; %s", r.Code, r.ID, at, r.Text, r.Help))
			}
			if d := cmp.Diff(tc.refusals, got); d != "" {
				t.Errorf("refusals (-want +got):\n%s", d)
			}
		})
	}
}

func TestRefusedError(t *testing.T) {
	t.Parallel()
	err := planner.Refused{
		{ID: thingID("x"), Position: &resource.Position{File: "access.yaml", Line: 3, Column: 5}, Text: "x is wrong", Help: "right it", Code: "P001"},
		{Text: "all is wrong", Code: "P006"},
	}
	want := "access.yaml:3:5: x is wrong [P001]; right it\nall is wrong [P006]"
	if got := err.Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDeletionBudget(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		owned, kept int
		max         *int
		destroy     bool
		code        string // of the refusal; "" for none
	}{
		"ten of eleven":                       {owned: 11, kept: 1},
		"eleven of thirty-six":                {owned: 36, kept: 25, code: planner.CodeBudget},
		"eleven of thirty-seven":              {owned: 37, kept: 26},
		"twelve of forty, 30 % exactly":       {owned: 40, kept: 28},
		"nothing kept, one owned":             {owned: 1, kept: 0, code: planner.CodeEmpty},
		"nothing kept, as many as allowed":    {owned: 20, kept: 0, max: new(20)},
		"nothing kept, more than allowed":     {owned: 20, kept: 0, max: new(19), code: planner.CodeBudget},
		"none allowed":                        {owned: 2, kept: 1, max: new(0), code: planner.CodeBudget},
		"none allowed and none deleted":       {owned: 2, kept: 2, max: new(0)},
		"destroy has no budget":               {owned: 20, kept: 0, destroy: true},
		"unless a number is given":            {owned: 20, kept: 0, destroy: true, max: new(19), code: planner.CodeBudget},
		"nothing owned, nothing asked for":    {},
		"more than a default plan could lose": {owned: 100, kept: 40, max: new(60)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []resource.Object
			for i := range tc.owned {
				all = append(all, thing{Name: fmt.Sprint(i)})
			}
			// Neither a foreign object, nor the span, nor an event sways it.
			want := append([]resource.Object{covers("a"), bell{"b", nil}}, all[:tc.kept]...)
			live := append([]resource.Object{covers("a"), thing{Name: "foreign"}}, all...)
			p, err := planner.Make(planner.Input{
				Desired:    &resource.Desired{State: state(t, want...)},
				Live:       &resource.Live{State: state(t, live...), Owned: owned(append(all, covers("a"))...)},
				MaxDeletes: tc.max,
				Destroy:    tc.destroy,
			})
			refused, _ := errors.AsType[planner.Refused](err)
			switch {
			case tc.code == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.code == "" && p.Counts().Destroy < tc.owned-tc.kept:
				t.Errorf("counts %v", p.Counts())
			case tc.code != "" && (len(refused) != 1 || refused[0].Code != tc.code):
				t.Errorf("error %v, want a refusal %s", err, tc.code)
			}
		})
	}
}

// The budget is for what the spec owns. What it says must be absent, it says.
func TestDeletionBudgetSparesAbsences(t *testing.T) {
	t.Parallel()
	x := thing{Name: "x"}
	live, absent := []resource.Object{x}, map[resource.ID]bool{}
	for i := range 20 {
		foreign := tie{fmt.Sprint(i), "x", ""}
		live = append(live, foreign)
		absent[foreign.ID()] = true
	}
	p, err := planner.Make(planner.Input{
		Desired: &resource.Desired{State: state(t, x), Absent: absent},
		Live:    &resource.Live{State: state(t, live...), Owned: owned(x)},
	})
	if err != nil || p.Counts().Destroy != 20 {
		t.Errorf("%v, %v", p, err)
	}
}
