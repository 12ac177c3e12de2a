package view

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

const trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com"]},"Action":["sts:AssumeRole"]}]}`

// guide is the plan of the guide's three tasks in an account that has none of
// it yet.
func guide(t *testing.T) planner.File {
	t.Helper()
	const awsPolicy = `"arn:aws:iam::aws:policy/`
	f := planOf(
		change{address: "association/i-0598c7d356eba48d7", after: `{"instance":"i-0598c7d356eba48d7","profile":"ssm-managed"}`, line: 40},
		change{address: "association/i-1234567890abcdef0", before: `{"instance":"i-1234567890abcdef0","profile":"old-profile"}`, after: `{"instance":"i-1234567890abcdef0","profile":"ssm-managed"}`, line: 40, loses: ""},
		change{address: "attachment/group/ssm-admins/aws:AWSHealthFullAccess", after: `{"to":"group/ssm-admins","policy":` + awsPolicy + `AWSHealthFullAccess"}`, line: 11},
		change{address: "attachment/group/ssm-admins/aws:AmazonSSMFullAccess", after: `{"to":"group/ssm-admins","policy":` + awsPolicy + `AmazonSSMFullAccess"}`, line: 11},
		change{address: "attachment/group/ssm-operators/run-one-document", after: `{"to":"group/ssm-operators","policy":"arn:aws:iam::123456789012:policy/ssmctl/ssm-access/run-one-document"}`, line: 18},
		change{address: "attachment/role/ssm-managed/aws:AmazonSSMManagedInstanceCore", after: `{"to":"role/ssm-managed","policy":` + awsPolicy + `AmazonSSMManagedInstanceCore"}`, line: 24},
		change{address: "group/ssm-admins", after: `{"name":"ssm-admins","path":"/ssmctl/ssm-access/"}`, line: 10},
		change{address: "group/ssm-operators", after: `{"name":"ssm-operators","path":"/ssmctl/ssm-access/"}`, line: 16},
		change{address: "inline/group/ssm-admins/resource-groups", after: `{"of":"group/ssm-admins","name":"resource-groups","document":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["resource-groups:*"],"Resource":["*"]}]}}`, line: 11},
		change{address: "instance/new", after: `{"name":"new","ami":"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64","instance_type":"t3.micro","security_groups":["sg-1","sg-2"],"tags":{"App":"web","ssmctl:name":"ssm-access"},"public_ip":false,"user_data":"#!/bin/sh\necho hello\n"}`, line: 43, final: true, loses: "its disks and addresses"},
		change{address: "ledger/ssm-access", after: `{"links":["membership/ssm-admins/alice","membership/ssm-operators/carol"]}`},
		change{address: "membership/ssm-admins/alice", after: `{"group":"ssm-admins","user":"alice"}`, line: 12},
		change{address: "membership/ssm-operators/carol", after: `{"group":"ssm-operators","user":"carol"}`, line: 19},
		change{address: "policy/run-one-document", after: `{"name":"run-one-document","path":"/ssmctl/ssm-access/","description":"One document, three instances, output to one bucket","document":` + readFile(t, "guide_policy.json") + `,"tags":{"ssmctl:name":"ssm-access"}}`, line: 50},
		change{address: "profile/ssm-managed", after: `{"name":"ssm-managed","path":"/","role":"ssm-managed","tags":{"ssmctl:name":"ssm-access"}}`, line: 24},
		change{address: "restart/i-0598c7d356eba48d7", after: `{"instance":"i-0598c7d356eba48d7","how":"agent"}`, event: true},
		change{address: "role/ssm-managed", after: `{"name":"ssm-managed","path":"/","description":"Instances managed by Systems Manager","max_session":3600,"tags":{"Owner":"platform","ssmctl:name":"ssm-access"},"trust":` + trustEC2 + `}`, line: 24},
	)
	f.Spec.Name = "ssm-access"
	f.Notes = []planner.Note{{
		Resource: resource.ID{Kind: "group", Name: "ssm-admins"},
		Text:     "AmazonSSMFullAccess is root on every instance",
		Source:   &resource.Position{File: "access.yaml", Line: 11, Column: 5},
	}}
	f.Unchanged = 0
	return f
}

func TestPlan(t *testing.T) {
	t.Parallel()
	document := readFile(t, "guide_policy.json")
	update := planOf(
		change{address: "announce/group/operators", after: `{"to":"group/operators","how":"mail"}`, event: true},
		change{address: "attachment/group/operators/aws:AmazonSSMFullAccess", after: `{"to":"group/operators","policy":"arn:aws:iam::aws:policy/AmazonSSMFullAccess"}`, line: 8},
		change{address: "attachment/group/operators/aws:AmazonSSMReadOnlyAccess", before: `{"to":"group/operators","policy":"arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"}`},
		change{address: "attachment/role/dba/AmazonSSMReadOnlyAccess", after: `{"to":"role/dba","policy":"arn:aws:iam::999999999999:policy/AmazonSSMReadOnlyAccess"}`},
		change{address: "boundary/user/svc", before: `{"of":"user/svc","policy":"arn:aws:iam::123456789012:policy/b1"}`, after: `{"of":"user/svc","policy":"arn:aws:iam::123456789012:policy/b2"}`, line: 31},
		change{address: "ledger/web-fleet", before: `{"links":["a","b","c"]}`, after: `{"links":["b","d"]}`},
		change{address: "membership/operators/alice", after: `{"group":"operators","user":"alice"}`, line: 7},
		change{address: "membership/operators/carol", before: `{"group":"operators","user":"carol"}`},
		change{
			address: "policy/run-one-document", line: 50,
			before: `{"name":"run-one-document","path":"/ssmctl/web-fleet/","document":` + document + `,"tags":{"Env":"dev","Team":"a"}}`,
			after: `{"name":"run-one-document","path":"/ssmctl/web-fleet/","document":` +
				strings.NewReplacer(`"ssm:GetDocument", `, "", `"arn:aws:s3:::bucket-name"`, `"arn:aws:s3:::*"`).Replace(document) + `,"tags":{"Env":"prod","Owner":"platform"}}`,
		},
		change{
			address: "role/ssm-managed", line: 12,
			before: `{"name":"ssm-managed","path":"/","max_session":3600,"permissions_boundary":"arn:aws:iam::aws:policy/A","trust":` + trustEC2 + `,"zones":["a","b"],"order":[1,2],"steps":[{"a":1}],"script":"one\ntwo\nthree"}`,
			after:  `{"name":"ssm-managed","path":"/","description":"of the web fleet","max_session":7200,"trust":` + strings.Replace(trustEC2, `"ec2.amazonaws.com"`, `"ec2.amazonaws.com","ssm.amazonaws.com"`, 1) + `,"zones":["b","c"],"order":[2,1],"steps":[{"a":2}],"script":"one\n2\nthree"}`,
		},
		change{address: "activation/web/7", after: `{"limit":5,"paused":false,"nothing":null,"nested":{"deep":{"x":1,"list":[{"k":"v"}]}}}`},
	)
	remove := planOf(
		change{address: "association/i-1", before: `{"instance":"i-1","profile":"ssm-managed"}`},
		change{address: "ledger/web-fleet", before: `{"links":["x"]}`},
		change{address: "policy/deploy", before: `{"name":"deploy","path":"/ssmctl/web-fleet/","document":` + document + `}`, loses: "its unique id and its earlier versions"},
		change{address: "profile/ssm-managed", before: `{"name":"ssm-managed","path":"/","role":"ssm-managed"}`, loses: "its unique id, by which instances are tied to it"},
		change{address: "user/svc", before: `{"name":"svc","path":"/","tags":{}}`, loses: "its unique id, which policies elsewhere may name"},
	)
	sandbox := planOf(change{address: "value/x", after: `7`})
	sandbox.Environment.Sandbox = true
	sandbox.Complete, sandbox.Errored, sandbox.Environment.Caller = false, true, "arn:aws:iam::999999999999:user/else"
	ordered := guide(t)
	ordered.Order = planner.OrderSafe
	ordered.Steps[5].After, ordered.Steps[5].Pause = []int{3}, true
	passing := update
	passing.Order = planner.OrderTransient
	passing.Transient = []planner.Breach{
		{
			Principal: resource.ID{Kind: "user", Name: "amy"}, Effect: planner.Gain, Text: "ssm:SendCommand on any resource",
			From: resource.ID{Kind: "membership", Name: "operators/amy"}, Until: resource.ID{Kind: "restriction", Name: "no-shell"},
		},
		{Principal: resource.ID{Kind: "role", Name: "dba"}, Effect: planner.Loss, Text: "ssm:StartSession on i-1"},
	}
	incomplete := planOf()
	incomplete.Complete = false

	cases := map[string]struct {
		file    planner.File
		options Options
	}{
		"plan_guide":          {guide(t), Options{}},
		"plan_guide_full":     {guide(t), Options{Full: true, ASCII: true}},
		"plan_guide_narrow":   {guide(t), Options{Width: 60}},
		"plan_guide_color":    {guide(t), Options{Width: 100, Color: true}},
		"plan_update":         {update, Options{}},
		"plan_update_color":   {update, Options{Color: true, ASCII: true}},
		"plan_delete":         {remove, Options{}},
		"plan_order":          {ordered, Options{}},
		"plan_transient":      {passing, Options{}},
		"plan_transient_thin": {passing, Options{Width: 60, Color: true}},
		"plan_empty":          {planOf(), Options{}},
		"plan_sandbox":        {sandbox, Options{}},
		"plan_incomplete":     {incomplete, Options{}},
		"plan_hostile":        {hostilePlan(), Options{}},
		"plan_access":         {accessed(), Options{}},
		"plan_access_narrow":  {accessed(), Options{Width: 60}},
		"plan_access_color":   {accessed(), Options{Width: 100, Color: true}},
		"plan_access_hostile": {hostileAccess(), Options{Width: 30, Color: true}},
		"plan_hostile_thin":   {hostilePlan(), Options{Width: 20, Color: true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, text(t, func(b *bytes.Buffer) error { return Plan(b, c.file, c.options) }))
		})
	}
}

// hostilePlan is a plan whose every text was chosen by somebody who wants to
// fool its reader or the machine that prints it.
func hostilePlan() planner.File {
	f := planOf(
		change{address: "role/\x1b[2Kadmin\r\n::set-output name=x::y", line: 1, after: `{"name":"x","description":"a\u001b[31m\u202egnp.exe ::error::no ##[error]x ##vso[task.complete] \u0085\u2028","tags":{"\u001b]0;t\u0007":"\u0000","宽":"e\u0301 漢字 \u200b|"},"script":"::stop-commands::x\nrm\u001b[1A\n"}`},
		change{address: "policy/p", before: `{"document":{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"\u001b[8m*"}]}}`, after: `{"document":{"Statement":{"Effect":"Allow\u001b","Action":"\u009b1m","Resource":["\u202e"]}}}`, loses: "::error::x", final: true},
		change{address: "policy/q", after: `{"document":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Surprise":"\u001b"},{"Effect":"Deny","NotAction":["\u007f"],"NotPrincipal":{"AWS":["\u2066x"]},"NotResource":"*","Condition":{"Bool":{"\u001b":["\n"]},"odd":"\u001b"}},7]}}`},
		change{address: "restart/i\u2066-1", after: `{"how":"agent\nnow"}`, event: true},
	)
	f.Spec.Name, f.Spec.File = "x\x9b", "::f\tile.yaml"
	f.Environment = planner.Environment{Account: "\xff", Partition: "aws", Region: "\u00ad", Caller: "\x00"}
	f.Notes = []planner.Note{{Text: "long enough to be wrapped somewhere ::warning::gotcha ::warning::again \x1b[0m"}}
	f.ResourceChanges[0].Source.File = "\x1b[0m"
	evil := resource.ID{Kind: "user", Name: "\x1b[2K\n::error::"}
	f.Order = planner.OrderTransient
	f.Transient = []planner.Breach{{Principal: evil, Effect: planner.Gain, Text: "\u202e\r::warning::x", From: evil, Until: evil}}
	return f
}

func TestPlanErrors(t *testing.T) {
	t.Parallel()
	broken := planOf(change{address: "role/x", after: `{"name":`})
	var b bytes.Buffer
	err := Plan(&b, broken, Options{})
	if err == nil || !strings.Contains(err.Error(), "role/x") || b.Len() > 0 {
		t.Errorf("Plan of broken JSON: error %v, wrote %q; want an error naming role/x and nothing written", err, b.String())
	}
	full := errors.New("disk full")
	if err := Plan(failing{full}, planOf(), Options{}); err != full {
		t.Errorf("Plan to a failing writer: error %v, want %v", err, full)
	}
	if err := PlanJSON(failing{full}, planOf()); err != full {
		t.Errorf("PlanJSON to a failing writer: error %v, want %v", err, full)
	}
}

// failing is a writer that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
