package journal_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A role stands for the objects of a plan.
type role struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

func (r role) ID() resource.ID    { return resource.ID{Kind: "iam-role", Name: r.Name} }
func (role) Needs() []resource.ID { return nil }

// night is when the runs of these tests begin.
var night = time.Date(2026, 11, 23, 23, 31, 5, 120_000_000, time.UTC)

const run = "20261123-233105-k7f3q2"

// newStart returns the start of a run that makes, changes or deletes so many
// roles in turn.
func newStart(tb testing.TB, steps int) journal.Start {
	tb.Helper()
	p := &planner.Plan{
		Spec:        planner.Spec{Name: "web", File: "access.yaml", SHA256: strings.Repeat("5e", 32)},
		Environment: planner.Environment{Account: "123456789012", Partition: "aws", Region: "eu-central-1", Caller: "arn:aws:iam::123456789012:user/ops"},
	}
	for i := range steps {
		was, is := role{Name: fmt.Sprintf("web-%04d", i)}, role{fmt.Sprintf("web-%04d", i), "ec2 <-> ssm, “web”"}
		s := planner.Step{Source: &resource.Position{File: "access.yaml", Line: i + 1, Column: 3}}
		if i%3 < 2 {
			s.After = is
		}
		if i%3 > 0 {
			s.Before = was
		}
		if i%3 == 2 {
			s.Loss = resource.Loss{What: "its unique id"}
		}
		if i > 0 {
			s.Waits = []int{i - 1}
		}
		p.Steps = append(p.Steps, s)
	}
	f, err := p.File("1.4.0")
	if err != nil {
		tb.Fatal(err)
	}
	stored, err := p.Stored()
	if err != nil {
		tb.Fatal(err)
	}
	return journal.Start{Version: "1.4.0", Run: run, Command: "apply", Plan: f, Steps: stored}
}

// story is what happened in a run of six steps, the fourth of which failed and
// the first of which somebody else changed meanwhile. It has every record that
// there is.
func story() []journal.Record {
	all := []journal.Record{
		{Type: journal.Locked, Step: -1, Holder: "6f2c19"},
		{Type: journal.Intent, Step: 0},
		{Type: journal.Done, Step: 0},
		{Type: journal.Intent, Step: 1},
		{Type: journal.Unknown, Step: 1, Text: "iam:TagRole: connection reset by peer"},
		{Type: journal.Intent, Step: 1},
		{Type: journal.Done, Step: 1},
		{Type: journal.Found, Step: 2},
		{Type: journal.Held, Step: -1, Text: "interrupted"},
		{Type: journal.Resumed, Step: -1, Text: "finish"},
		{Type: journal.Locked, Step: -1, Holder: "a90b77"},
		{Type: journal.Verified, Step: -1},
		{Type: journal.Pivot, Step: -1},
		{Type: journal.Intent, Step: 3},
		{Type: journal.Failed, Step: 3, Text: "iam:CreateRole: AccessDenied: not <authorized> & \"denied\"\nby a policy of the organization, “guard”"},
		{Type: journal.Rollback, Step: -1, Text: "step 4 failed"},
		{Type: journal.UndoIntent, Step: 1},
		{Type: journal.Undone, Step: 1},
		{Type: journal.UndoIntent, Step: 0},
		{Type: journal.UndoFailed, Step: 0, Text: "iam:DeleteRole: Throttling"},
		{Type: journal.Conflict, Step: 0, Text: "somebody else has changed it"},
		{Type: journal.Ended, Step: -1, Outcome: "partial"},
	}
	for i := range all {
		all[i].Time = night.Add(time.Duration(i+1) * 250 * time.Millisecond)
	}
	return all
}

// write makes a journal of the records on a disk.
func write(tb testing.TB, disk journal.FS, s journal.Start, records []journal.Record) {
	tb.Helper()
	j, err := journal.Create(disk, s, night)
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range records {
		if err := j.Append(r); err != nil {
			tb.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		tb.Fatal(err)
	}
}
