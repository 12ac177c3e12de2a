package planner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Fault 45: what no order avoids is refused, by principal, with what to do.
func TestRefuseTransient(t *testing.T) {
	t.Parallel()
	amy, ben := resource.ID{Kind: "user", Name: "amy"}, resource.ID{Kind: "user", Name: "ben"}
	at := func(line int) *resource.Position {
		return &resource.Position{File: "access.yaml", Line: line, Column: 1}
	}
	got := planner.RefuseTransient([]planner.Breach{
		{Principal: ben, Effect: planner.Loss, Text: "ssm:StartSession on i-1"},
		{Principal: amy, Effect: planner.Gain, Text: "ssm:SendCommand on any resource", From: thingID("a"), Until: thingID("b"), Source: at(9)},
		{Principal: amy, Effect: planner.Gain, Text: "ssm:StartSession on any resource", Source: at(7)},
		{Principal: amy, Effect: planner.Gain, Text: "t1"},
		{Principal: amy, Effect: planner.Gain, Text: "t2"},
		{Principal: amy, Effect: planner.Gain, Text: "t3"},
		{Principal: amy, Effect: planner.Loss, Text: "ssm:GetParameter on /web/*", Source: at(8)},
	})
	const help = "split the change into two applies, with a state between them that is right by itself; or accept this with --allow-transient user/"
	want := planner.Refused{
		{ID: amy, Position: at(7), Code: "P015", Help: help + "amy", Text: "user/amy would for a moment be able to ssm:SendCommand on any resource; ssm:StartSession on any resource; t1; 2 more, which they can neither before nor after: from the step for thing/a until that for thing/b"},
		{ID: amy, Position: at(8), Code: "P015", Help: help + "amy", Text: "user/amy would for a moment be unable to ssm:GetParameter on /web/*, which they can both before and after"},
		{ID: ben, Code: "P015", Help: help + "ben", Text: "user/ben would for a moment be unable to ssm:StartSession on i-1, which they can both before and after"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if planner.RefuseTransient(nil) != nil {
		t.Error("nothing is a reason to refuse")
	}
}
