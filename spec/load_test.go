package spec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
)

const head = "ssmctl: v1\nname: web-fleet\naccount: \"012345678901\"\nregion: us-east-1\n"

func load(t *testing.T, text string) *spec.Loaded {
	t.Helper()
	loaded, err := spec.Load("access.yaml", []byte(text), sections())
	if err != nil {
		t.Fatalf("Load of\n%s\n%v", text, err)
	}
	return loaded
}

func TestTop(t *testing.T) {
	t.Parallel()
	got := load(t, "\ufeff"+head+`
description: who runs $(name) in $(region)
x-anything: {$(no.variable): [$(at all)]}
defaults:
  tags: {Owner: platform, Since: 2027-03-31}
  path: /ssm/
  permissions_boundary: arn:aws:iam::$(account):policy/bound
  instance_role: ssm-managed
  protect: true
`).Spec
	want := &entry.Spec{
		Name: "web-fleet", Description: "who runs web-fleet in us-east-1",
		Account: "012345678901", Region: "us-east-1", Partition: "aws",
		Defaults: entry.Defaults{
			Tags: map[string]string{"Owner": "platform", "Since": "2027-03-31"}, Path: "/ssm/",
			PermissionsBoundary: "arn:aws:iam::012345678901:policy/bound", InstanceRole: "ssm-managed", Protect: true,
		},
		Entries: map[string]map[string]any{"groups": {}, "restrictions": {}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
}

// What break_glass names has to exist, and asks for nothing else.
func TestBreakGlass(t *testing.T) {
	t.Parallel()
	got := load(t, head+"vars: {who: admin}\nbreak_glass: [user/$(var.who), role/ops-break-glass]\n")
	want := []resource.ID{{Kind: "user", Name: "admin"}, {Kind: "role", Name: "ops-break-glass"}}
	if diff := cmp.Diff(want, got.Spec.BreakGlass); diff != "" {
		t.Errorf("break glass (-want +got):\n%s", diff)
	}
	for i, id := range want {
		o := got.Desired.State.Get(resource.ID{Kind: entry.BreakGlassKind, Name: id.String()})
		if o == nil {
			t.Fatalf("nothing asks for %s", id)
		}
		if diff := cmp.Diff([]resource.ID{id}, o.Needs()); diff != "" {
			t.Errorf("%s needs (-want +got):\n%s", o.ID(), diff)
		}
		if at, line := got.Desired.Source[o.ID()], []int{15, 32}[i]; at.Line != 6 || at.Column != line {
			t.Errorf("%s stands at %v, want 6:%d", o.ID(), at, line)
		}
	}
	if n := got.Desired.State.Len(); n != len(want) {
		t.Errorf("the spec asks for %d objects, want %d", n, len(want))
	}
}

func TestPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "ap-southeast-4": "aws", "mx-central-1": "aws",
		"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b",
	} {
		if got := load(t, strings.Replace(head, "us-east-1", region, 1)).Spec.Partition; got != want {
			t.Errorf("partition of %s = %q, want %q", region, got, want)
		}
	}
}

// Every sort of value, and every way to write one.
func TestEntries(t *testing.T) {
	t.Parallel()
	got := load(t, head+`
vars: {logs: acme-$(account)-logs, size: 42, port: 08, flag: true, quoted: "7"}
groups:
  all:
    existing: true
    protect: false
    members: [alice, bob]
    access: read-only
    restrictions: [web]
    tags: {"a": "", b: $(var.port)}
    size: 42
    window: 2027-03-31
    x-person: "👩‍💻"
    trust: {provider: p, subject: [s], mfa: true, x-why: [1]}
    inline:
      raw:
        Version: 2012-10-17
        Statement:
          - {Sid: 0123, Effect: Allow, Resource: ["${aws:username}", $(var.logs), "yes"], NotAction: null}
          - {Condition: {Bool: {x: true, y: "true"}, Num: {z: 1.50}}}
  areas:
    access: {actions: full}
    members: []
    tags: {}
  vars:
    size: $(var.size)
    existing: $(var.flag)
    window: $(var.size)
    tags: {a: "$(var.size)-$(name)", b: $$(hostname) $(region)}
  empty: {}
restrictions:
  web:
    documents: all
    nodes: [i-1, {tags: {App: web}}]
    note: some text
  two:
    documents: [a, b]
    note: true
  three:
    note: $(var.size)
  four:
    note: |
      one
      two
  five:
    note: {text: "8"}
`).Spec.Entries
	yes, no := true, false
	want := map[string]map[string]any{
		"groups": {
			"all": &group{
				Existing: true, Protect: &no, Members: []string{"alice", "bob"}, Access: access{Preset: "read-only"},
				Restrictions: []string{"web"}, Tags: map[string]string{"a": "", "b": "08"},
				Inline: map[string]entry.Tree{"raw": entry.Tree(`{"Version":"2012-10-17","Statement":[` +
					`{"Sid":"0123","Effect":"Allow","Resource":["${aws:username}","acme-012345678901-logs","yes"],"NotAction":null},` +
					`{"Condition":{"Bool":{"x":true,"y":"true"},"Num":{"z":"1.50"}}}]}`)},
				shared: shared{Size: 42, Window: "2027-03-31", Trust: &trust{Provider: "p", Subject: []string{"s"}, MFA: true}},
			},
			"areas": &group{Access: access{Actions: "full"}, Members: []string{}, Tags: map[string]string{}},
			"vars": &group{
				Existing: true, Tags: map[string]string{"a": "42-web-fleet", "b": "$(hostname) us-east-1"},
				shared: shared{Size: 42, Window: "42"},
			},
			"empty": &group{},
		},
		"restrictions": {
			"web": &restriction{
				Documents: names{All: "all"}, Note: note{Text: "some text"},
				Nodes: []node{{Name: "i-1"}, {Tags: map[string]string{"App": "web"}}},
			},
			"two":   &restriction{Documents: names{List: []string{"a", "b"}}, Note: note{Flag: yes}},
			"three": &restriction{Note: note{Size: 42}},
			"four":  &restriction{Note: note{Text: "one\ntwo\n"}},
			"five":  &restriction{Note: note{Text: "8"}},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(group{})); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for name, e := range got["groups"] {
		for policy, tree := range e.(*group).Inline {
			if !json.Valid(tree) {
				t.Errorf("inline %s of %s is not JSON: %s", policy, name, tree)
			}
		}
	}
}

func TestDesired(t *testing.T) {
	t.Parallel()
	got := load(t, head+`groups:
  b:
    protect: true
    size: 3
    trust: {provider: p, subject: [s], mfa: true}
    members:
      - alice
      - bob
    forbid: [dave, dave2]
  a: {size: 3}
restrictions:
  r:
    documents:
      - x
`).Desired
	at := func(line, column int) resource.Position {
		return resource.Position{File: "access.yaml", Line: line, Column: column}
	}
	id := func(kind, name string) resource.ID { return resource.ID{Kind: kind, Name: name} }
	state, err := resource.NewState(
		object{Kind: "group", Name: "a"}, object{Kind: "group", Name: "b"},
		object{Kind: "membership", Name: "alice/b"}, object{Kind: "membership", Name: "bob/b"},
		object{Kind: "quota", Name: "size", Size: 3}, object{Kind: "policy", Name: "r"},
		object{Kind: "trust", Name: "b"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := &resource.Desired{
		State:     state,
		Absent:    map[resource.ID]bool{id("membership", "dave/b"): true, id("membership", "dave2/b"): true},
		Protected: map[resource.ID]bool{id("group", "b"): true},
		Source: map[resource.ID]resource.Position{
			id("group", "a"):            at(14, 3),
			id("group", "b"):            at(6, 3),
			id("membership", "alice/b"): at(11, 9),
			id("membership", "bob/b"):   at(12, 9),
			id("membership", "dave/b"):  at(13, 14),
			id("membership", "dave2/b"): at(13, 20),
			id("quota", "size"):         at(14, 13), // both ask for it; a comes first
			id("trust", "b"):            at(9, 5),   // the path leads to a key that is not there
			id("policy", "r"):           at(17, 5),  // the path leads past the end of documents
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(resource.State{})); diff != "" {
		t.Errorf("desired (-want +got):\n%s", diff)
	}
}

// A problem on one line is for logs and for tools that read positions.
func TestError(t *testing.T) {
	t.Parallel()
	_, err := spec.Load("a\u202eb.yaml", []byte(head+"grups: {}\nx: 1\n"), sections())
	want := "a<U+202E>b.yaml:5:1: unknown key \"grups\" in the spec; did you mean \"groups\"? [S012]\n" +
		"a<U+202E>b.yaml:6:1: unknown key \"x\" in the spec [S012]"
	if err == nil || err.Error() != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
}

// Fault 49: what is too much is said once, and shown up to a point.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	list := func(n int, form string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf(form, i)
		}
		return strings.Join(items, "")
	}
	for name, test := range map[string]struct {
		text string
		want map[string]int // how often each code
	}{
		"file":      {head + "description: " + strings.Repeat("x", 1<<20), map[string]int{spec.TooLarge: 1}},
		"values":    {head + list(60_000, "k%d: 1\n"), map[string]int{spec.TooMany: 1}},
		"keys":      {head + "defaults: {tags: {" + list(1001, "k%d: v, ") + "}}", map[string]int{spec.TooMany: 1}},
		"entries":   {head + "groups:\n" + list(10_001, "  g%d: {}\n"), map[string]int{spec.TooMany: 1}},
		"items":     {head + "groups: {g: {members: [" + list(10_001, "u%d, ") + "]}}", map[string]int{spec.TooMany: 1}},
		"problems":  {head + "groups: {g: {members: [" + list(1200, "U%d, ") + "]}}", map[string]int{spec.NoMatch: 1000, spec.Unsaid: 1}},
		"aliases":   {head + "groups: {g: {members: [&a b, " + strings.Repeat("*a, ", 2000) + "]}}", map[string]int{spec.Alias: 1000, spec.Unsaid: 1}},
		"variables": {head + "vars: {a: " + strings.Repeat("x", 10_000) + "}\ngroups: {g: {forbid: [" + list(1000, "$(var.a)%d, ") + "]}}", map[string]int{spec.TooMany: 1}},
		"invisible": {head + "description: " + strings.Repeat("\u200b", 1200), map[string]int{spec.Invisible: 1000, spec.Unsaid: 1}},
		"tree":      {head + "groups: {g: {inline: {p: [" + list(7000, "word%d, ") + "]}}}", map[string]int{spec.TooMany: 1}},
		"comments":  {head + strings.Repeat("# c\n", 40_000), map[string]int{spec.TooMany: 1}},
		"depth":     {head + "x-a: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), map[string]int{spec.TooDeep: 1}},
		"parser":    {head + "x-a: " + strings.Repeat("[", 20_000), map[string]int{spec.Syntax: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := spec.Load("big.yaml", []byte(test.text), sections())
			problems, _ := errors.AsType[spec.Problems](err)
			got := map[string]int{}
			for _, p := range problems {
				got[p.Code]++
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
			for line := range strings.Lines(problems.Render()) {
				if len(line) > 400 {
					t.Errorf("a line of %d bytes is shown: %.200s…", len(line), line)
				}
			}
		})
	}
}

// Every code is explained once, and in order.
func TestRules(t *testing.T) {
	t.Parallel()
	last := ""
	for _, r := range spec.Rules {
		if r.Code <= last || r.Title == "" || r.Explain == "" {
			t.Errorf("rule %+v after %s: out of order or without words", r, last)
		}
		last = r.Code
	}
}

// Line endings of Windows change nothing, not even positions.
func TestCarriageReturns(t *testing.T) {
	t.Parallel()
	text := head + "groups:\n  g:\n    members: [alice]\n    window: |\n      one\n      two\n"
	want, got := load(t, text), load(t, strings.ReplaceAll(text, "\n", "\r\n"))
	options := cmp.AllowUnexported(group{}, resource.State{})
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("with CRLF (-LF +CRLF):\n%s", diff)
	}
	_, err := spec.Load("a.yaml", []byte(head+"groups: {}\r\r\n"), sections())
	if problems, _ := errors.AsType[spec.Problems](err); len(problems) != 1 || problems[0].Code != spec.Invisible || problems[0].Position.Column != 11 {
		t.Errorf("a stray carriage return: %v", err)
	}
}

// A table that is not as package entry says does not get past its first use.
func TestTableOf(t *testing.T) {
	t.Parallel()
	type fine struct {
		A string `spec:"a"`
	}
	for name, table := range map[string]any{
		"not a struct": "",
		"not exported": struct {
			a string `spec:"a"`
		}{},
		"no key": struct {
			A string `spec:",required"`
		}{},
		"unknown option": struct {
			A string `spec:"a,optional"`
		}{},
		"pattern": struct {
			A string `spec:"a" pattern:"a{2,1224}"`
		}{},
		"min": struct {
			A int `spec:"a" min:"one"`
		}{},
		"type": struct {
			A float64 `spec:"a"`
		}{},
		"scalar of a list": struct {
			A []string `spec:",scalar"`
		}{},
		"list of a scalar": struct {
			A string `spec:",list"`
		}{},
	} {
		func() {
			defer func() {
				if said, ok := recover().(string); !ok || !strings.HasPrefix(said, "spec: ") {
					t.Errorf("%s: TableOf panicked with %q", name, said)
				}
			}()
			spec.TableOf(reflect.TypeOf(table))
		}()
	}
	got := spec.TableOf(reflect.TypeFor[fine]()).Fields[0]
	if got.Key != "a" || got.Shape != spec.Text || got.Empty() {
		t.Errorf("field %+v", got)
	}
}

func ExampleLoad() {
	text := `ssmctl: v1
name: web-fleet
account: "123456789012"
region: us-east-1
groups:
  operators:
    acces: full
`
	_, err := spec.Load("access.yaml", []byte(text), sections())
	if problems, ok := errors.AsType[spec.Problems](err); ok {
		fmt.Print(problems.Render())
	}
	// Output:
	// error[S012]: unknown key "acces" in group "operators"
	//   --> access.yaml:7:5
	//    |
	//  7 |     acces: full
	//    |     ^^^^^ did you mean "access"?
	//    = known: access, existing, forbid, inline, members, protect, restrictions, size, tags, trust, window
}
