package view

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	reasons := planner.Refused{
		{
			ID: resource.ID{Kind: "role", Name: "ssm-managed"}, Position: &resource.Position{File: "access.yaml", Line: 12, Column: 3}, Code: "P001",
			Text: "role/ssm-managed exists already and this spec does not own it", Help: "declare it with `existing: true`, or import it",
		},
		{Text: "the spec asks for nothing, though it owns 14 objects", Code: "P007"},
		{ID: resource.ID{Kind: "user", Name: "alcie\x1b"}, Text: "no such user"},
	}
	golden(t, "refused", text(t, func(b *bytes.Buffer) error { return Refused(b, reasons, Options{}) }))
	golden(t, "refused_narrow", text(t, func(b *bytes.Buffer) error { return Refused(b, reasons, Options{Width: 40, Color: true}) }))
}

func TestStale(t *testing.T) {
	t.Parallel()
	moved := []planner.Moved{
		{Field: "region", Approved: "us-east-1", Now: "eu-west-1"},
		{Address: "policy/deploy", Field: "document.Statement[0].Action", Approved: `"ssm:SendCommand"`, Now: `"ssm:*"`},
		{Address: "policy/deploy", Field: "tags.Owner", Approved: `"a"`, Now: `"\u001b[2J"` + "\x1b"},
		{Address: "role/x", Field: "after the approval: created by someone", Approved: "absent", Now: `{"x":"` + strings.Repeat("long ", 200) + `"}`},
	}
	golden(t, "stale", text(t, func(b *bytes.Buffer) error { return Stale(b, moved, Options{}) }))
	golden(t, "stale_ascii", text(t, func(b *bytes.Buffer) error { return Stale(b, moved, Options{ASCII: true, Color: true, Width: 70}) }))

	full := text(t, func(b *bytes.Buffer) error { return Stale(b, moved, Options{Full: true}) })
	if !strings.Contains(full, strings.Repeat("long ", 200)) {
		t.Errorf("with Full, Stale cuts a value:\n%s", full)
	}
	if none := text(t, func(b *bytes.Buffer) error { return Stale(b, nil, Options{}) }); none != "" {
		t.Errorf("Stale of nothing wrote %q", none)
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err  error
		want string
	}{
		"nil":   {nil, ""},
		"plain": {errors.New("no region: set --region\x1b"), "error: no region: set --region\\x1b\n"},
		"lines": {errors.New("first\nsecond\n"), "error: first\n  second\n"},
		"a failure within": {
			fmt.Errorf("read the account: %w", &resource.Failure{Class: resource.Throttled, Call: "iam:ListRoles", Code: "Throttling", Err: errors.New("rate exceeded"), Help: "try again"}),
			"error: read the account: iam:ListRoles: rate exceeded\n   = code: Throttling\n   = effect: none, AWS was asked and did nothing\n   = help: try again\n",
		},
		"unsent": {
			&resource.Failure{Class: resource.Unsent, Call: "iam:CreateRole", Err: errors.New("no route to host"), Done: 2},
			"error: iam:CreateRole: no route to host\n   = effect: none, the request was never sent; 2 calls of the same step had been made\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text(t, func(b *bytes.Buffer) error { return Error(b, c.err, Options{}) }); got != c.want {
				t.Errorf("Error wrote:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}
