package view

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with testdata/name.golden. Escapes are kept in the file
// in a form that can be read in a diff.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got = strings.ReplaceAll(got, "\x1b", "␛")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// A change is one line of a plan under test: what was, and what is to be.
type change struct {
	address       string
	before, after string // JSON; "" for none
	line          int    // in the spec
	loses         string
	final, event  bool
}

// planOf returns a plan of the given changes, one step each, with the ledger
// in two as planner does it.
func planOf(list ...change) planner.File {
	f := planner.File{
		FormatVersion: "1.2", SsmctlFormat: 3, SsmctlVersion: "1.0.0",
		Spec:        planner.Spec{Name: "web-fleet", File: "access.yaml"},
		Environment: planner.Environment{Account: "123456789012", Partition: "aws", Region: "us-east-1", Caller: "arn:aws:iam::123456789012:role/ssmctl-plan"},
		Order:       planner.OrderUnchecked, Unchanged: 14, Applyable: len(list) > 0, Complete: true,
	}
	for _, c := range list {
		kind, name, _ := strings.Cut(c.address, "/")
		id := resource.ID{Kind: kind, Name: name}
		action := resource.Update
		switch {
		case c.before == "":
			action = resource.Create
		case c.after == "":
			action = resource.Delete
		}
		rc := planner.ResourceChange{
			Address: c.address, Type: kind, Name: name, Loses: c.loses, Final: c.final, Event: c.event,
			Change: planner.ValueChange{Actions: []resource.Action{action}, Before: orNull(c.before), After: orNull(c.after)},
		}
		if c.line > 0 {
			rc.Source = &resource.Position{File: "access.yaml", Line: c.line, Column: 3}
		}
		f.ResourceChanges = append(f.ResourceChanges, rc)
		f.Steps = append(f.Steps, planner.FileStep{ID: len(f.Steps) + 1, Resource: id, Action: action})
	}
	return f
}

func orNull(text string) json.RawMessage {
	if text == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}

// readFile returns a file of testdata.
func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// text returns what write writes.
func text(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
