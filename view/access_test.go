package view

import (
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// accessed is a plan that changes access in every way there is to say it.
func accessed() planner.File {
	f := planOf(
		change{address: "membership/operators/alice", after: `{"group":"operators","user":"alice"}`, line: 7},
		change{address: "membership/operators/carol", before: `{"group":"operators","user":"carol"}`},
	)
	id := func(kind, name string) resource.ID { return resource.ID{Kind: kind, Name: name} }
	every := &planner.AccessSet{Text: "every instance", All: true, Count: 120}
	f.AccessChanges = []planner.AccessChange{
		{
			Principal: id("user", "alice"), Effect: planner.Gain, Actions: []string{"ssm:SendCommand", "ssm:StartSession"}, Rights: "run any document, open sessions", On: every,
			Via:   []resource.ID{id("membership", "operators/alice"), id("attachment", "group/operators/aws:AmazonSSMFullAccess")},
			Cause: []planner.AccessCause{{Address: id("membership", "operators/alice"), Source: &resource.Position{File: "access.yaml", Line: 7, Column: 14}}},
		},
		{
			Principal: id("user", "alice"), Effect: planner.Gain, Actions: []string{"ssm:GetParameter"}, Rights: "read parameters",
			Via:   []resource.ID{id("membership", "operators/alice")},
			Cause: []planner.AccessCause{{Address: id("a", "b"), Source: &resource.Position{File: "b.yaml", Line: 3}}, {Address: id("a", "c"), Source: &resource.Position{File: "access.yaml", Line: 9, Column: 3}}, {Address: id("a", "d"), Source: &resource.Position{File: "access.yaml", Line: 9, Column: 7}}},
		},
		{
			Principal: id("group", "web"), Members: []string{"amy", "ben", "cho", "dee", "eli", "fay", "gus"}, Effect: planner.Gain,
			Actions: []string{"ssm:SendCommand"}, Rights: "run acme-deploy", When: "only with MFA",
			On:  &planner.AccessSet{Text: "2 instances with App=web", Tags: map[string]string{"App": "web"}, Count: 2},
			Via: []resource.ID{id("attachment", "group/web/deploy-web"), id("policy", "deploy-web")},
			Cause: []planner.AccessCause{
				{Address: id("policy", "deploy-web")},
				{Address: id("instance", "a")},
				{Address: id("instance", "b")},
				{Address: id("instance", "c")},
				{Address: id("instance", "d")},
				{Address: id("instance", "e")},
				{Address: id("instance", "f")},
			},
		},
		{
			Principal: id("user", "carol"), Effect: planner.Loss, Actions: []string{"ssm:GetParameter"}, Rights: "read parameters /web/*",
			Via:   []resource.ID{id("inline", "user/carol/look")},
			Cause: []planner.AccessCause{{Address: id("membership", "operators/carol")}},
		},
	}
	for i, name := range []string{"ssm-a", "ssm-b", "ssm-c"} {
		f.AccessChanges = append(f.AccessChanges, planner.AccessChange{
			Principal: id("role", name), Service: true, Effect: planner.Gain, Actions: []string{"sts:AssumeRole"}, Rights: "be assumed by ec2.amazonaws.com",
			Via:   []resource.ID{id("role", name)},
			Cause: []planner.AccessCause{{Address: id("role", name), Source: &resource.Position{File: "access.yaml", Line: 20 - i}}},
		})
	}
	return f
}

// hostileAccess is access to things whose names mean harm.
func hostileAccess() planner.File {
	f := planOf()
	evil := "\x1b[2K::set-output\u202e\nx"
	f.AccessChanges = []planner.AccessChange{{
		Principal: resource.ID{Kind: "user", Name: evil}, Members: []string{evil}, Effect: planner.Gain, Actions: []string{evil}, Rights: evil, When: evil,
		On:    &planner.AccessSet{Text: evil},
		Via:   []resource.ID{{Kind: "attachment", Name: evil}, {Kind: "membership", Name: evil}, {Kind: evil, Name: evil}},
		Cause: []planner.AccessCause{{Address: resource.ID{Kind: evil, Name: evil}, Source: &resource.Position{File: evil, Line: 1}}},
	}}
	return f
}
