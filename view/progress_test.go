package view

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// at returns a time so many seconds into a run.
func at(s float64) time.Time {
	return time.Date(2026, 11, 23, 7, 12, 0, 0, time.UTC).Add(time.Duration(math.Round(s*1000)) * time.Millisecond)
}

func start(step int, t float64) executor.Event {
	return executor.Event{Type: executor.StepStarted, Step: step, Time: at(t)}
}

func end(step int, t, elapsed float64, err error) executor.Event {
	return executor.Event{Type: executor.StepEnded, Step: step, Time: at(t), Elapsed: at(elapsed).Sub(at(0)), Err: err}
}

func undo(e executor.Event) executor.Event { e.Undo = true; return e }

func of(kind executor.EventType, t float64, err error) executor.Event {
	return executor.Event{Type: kind, Step: -1, Time: at(t), Err: err}
}

func retry(step, attempt int, t float64, why string) executor.Event {
	return executor.Event{Type: executor.StepRetried, Step: step, Time: at(t), Attempt: attempt, Reason: why}
}

// tick stands among events for the passing of time.
func tick(t float64) executor.Event { return executor.Event{Time: at(t)} }

var denied = &resource.Failure{
	Class: resource.Refused, Call: "ec2:AssociateIamInstanceProfile", Code: "UnauthorizedOperation", Done: 1,
	Help: "ssmctl doctor --permissions prints the policy this plan needs",
	Err:  errors.New("UnauthorizedOperation: not allowed to pass role ssm-managed"),
}

// fleet is a plan with a step of each sort.
func fleet() planner.File {
	return planOf(
		change{address: "role/ssm-managed", after: `{}`},
		change{address: "policy/deploy", before: `{}`, after: `{"a":1}`},
		change{address: "membership/operators/carol", before: `{}`},
		change{address: "association/i-0598c7d356eba48d7", after: `{}`},
		change{address: "restart/i-0598c7d356eba48d7", after: `{}`, event: true},
	)
}

// applied is a run that ends well, failing one that is rolled back.
func appliedRun() []executor.Event {
	noticed := end(3, 33, 32, nil)
	noticed.Reason = "found done"
	return []executor.Event{
		start(0, 0), start(1, 0.1), end(0, 0.4, 0.4, nil), start(2, 0.5), start(3, 1),
		retry(1, 2, 1.2, "IAM is throttling"), end(2, 2, 1.5, nil), end(1, 2.5, 2.4, nil),
		tick(5), tick(11), retry(3, 2, 12, "the instance profile is not visible yet"), tick(13), tick(21), tick(30.9), tick(31), noticed,
		start(4, 33), end(4, 99, 65.6, nil), of(executor.VerifyStarted, 99, nil), of(executor.VerifyEnded, 100, nil),
	}
}

func failingRun() []executor.Event {
	rolling := of(executor.RollbackStarted, 5, denied)
	rolling.Steps = 4
	return []executor.Event{
		start(0, 0), end(0, 0.4, 0.4, nil), start(1, 0.4), end(1, 0.9, 0.5, nil), start(2, 1), end(2, 2, 1, nil),
		start(3, 2), end(3, 5, 3, denied), rolling,
		undo(start(2, 5)), undo(end(2, 6, 1, nil)), undo(start(1, 6)), undo(end(1, 7, 1, nil)),
		undo(start(0, 7)), tick(20), undo(end(0, 21, 14, nil)),
		of(executor.VerifyStarted, 21, nil), of(executor.VerifyEnded, 22, nil),
	}
}

func stuckRun() []executor.Event {
	events := failingRun()
	events = events[:len(events)-3]
	return append(events, undo(end(0, 21, 14, errors.New("DeleteConflict: someone\nattached a policy\x1b"))),
		of(executor.VerifyStarted, 21, nil), of(executor.VerifyEnded, 22, errors.New("role/ssm-managed is still there")))
}

// play sends events to a Progress.
func play(p *Progress, events []executor.Event) {
	for _, e := range events {
		if e.Type == "" {
			p.Tick(e.Time)
		} else {
			p.Event(e)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	hostile := fleet()
	hostile.Steps[0].Resource.Name = "x\x1b[2J\n::error::"
	cases := map[string]struct {
		file    planner.File
		events  []executor.Event
		options Options
	}{
		"progress_applied":   {fleet(), appliedRun(), Options{}},
		"progress_rollback":  {fleet(), failingRun(), Options{}},
		"progress_color":     {fleet(), failingRun(), Options{Color: true}},
		"progress_ascii":     {fleet(), failingRun(), Options{ASCII: true}},
		"progress_stuck":     {fleet(), stuckRun(), Options{}},
		"progress_hostile":   {hostile, append(stuckRun(), retry(0, 2, 30, "\x1b\r::")), Options{}},
		"progress_live":      {fleet(), appliedRun()[:8], Options{Width: 60, Height: 24, Color: true}},
		"progress_live_late": {fleet(), []executor.Event{start(3, 0), tick(1)}, Options{Width: 50, Height: 5}},
		"progress_live_undo": {fleet(), failingRun(), Options{Height: 24, ASCII: true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			p := NewProgress(&b, c.file, c.options)
			play(p, c.events)
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.String())
		})
	}
}

// TestProgressEndsOnCleanScreen plays runs on terminals of every small size
// and demands that the block never outgrows the screen, never wraps, and
// leaves nothing behind but what a pipe would have got at the same ends.
func TestProgressEndsOnCleanScreen(t *testing.T) {
	t.Parallel()
	var many []change
	var events []executor.Event
	for i := range 40 {
		many = append(many, change{address: fmt.Sprintf("membership/operators-with-a-long-name/user-%02d-漢字", i), after: `{}`})
		events = append(events, start(i, float64(i)))
		if i >= 20 {
			events = append(events, end(i-20, float64(i), 20, nil), tick(float64(i)))
		}
	}
	for i := 20; i < 40; i++ {
		events = append(events, end(i, 60, 20, nil))
	}
	for height := 1; height <= 30; height++ {
		for _, columns := range []int{1, 20, 40, 80} {
			screen := &terminal{columns: columns, rows: height}
			p := NewProgress(screen, planOf(many...), Options{Width: columns, Height: height, Color: true})
			play(p, events)
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if screen.fault != "" {
				t.Fatalf("%dx%d: %s", columns, height, screen.fault)
			}
			ends := 0
			for _, line := range screen.lines() {
				switch {
				case strings.HasPrefix(line, "  ✓ membership/"):
					ends++
				case strings.TrimSpace(line) != "":
					t.Errorf("%dx%d: left on the screen: %q", columns, height, line)
				}
			}
			if ends != 40 {
				t.Errorf("%dx%d: %d ends on the screen, want 40", columns, height, ends)
			}
		}
	}
}

func TestProgressResize(t *testing.T) {
	t.Parallel()
	screen := &terminal{columns: 80, rows: 24}
	p := NewProgress(screen, fleet(), Options{Width: 80, Height: 24})
	play(p, appliedRun()[:5])
	screen.rows = 4
	p.Resize(80, 4)
	play(p, appliedRun()[5:7])
	if screen.fault != "" {
		t.Error(screen.fault)
	}
	p.Resize(80, 0)
	p.Tick(at(11))
	want := "  · association/i-0598c7d356eba48d7  Still creating… [10s elapsed]"
	if got := screen.lines(); got[len(got)-1] != want {
		t.Errorf("as plain lines, the last is %q, want %q", got[len(got)-1], want)
	}
}

// TestProgressIsShared is for the race detector.
func TestProgressIsShared(t *testing.T) {
	t.Parallel()
	p, j := NewProgress(io.Discard, fleet(), Options{Height: 9}), NewJSONEvents(io.Discard, fleet(), "")
	var wg sync.WaitGroup
	for _, e := range failingRun() {
		wg.Go(func() { play(p, []executor.Event{e}) })
		wg.Go(func() { p.Resize(80, 5) })
		wg.Go(func() { p.Tick(e.Time) })
		wg.Go(func() { j.Tick(e.Time) })
		wg.Go(func() { j.Event(e) })
	}
	wg.Wait()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestProgressKeepsTheFirstError(t *testing.T) {
	t.Parallel()
	w := &worsening{}
	p := NewProgress(w, fleet(), Options{})
	play(p, failingRun())
	if err := p.Close(); err == nil || err.Error() != "failure 1" || w.writes != 1 {
		t.Errorf("Close: %v after %d writes, want failure 1 after 1", err, w.writes)
	}
}

// worsening is a writer that fails otherwise each time.
type worsening struct{ writes int }

func (w *worsening) Write([]byte) (int, error) {
	w.writes++
	return 0, fmt.Errorf("failure %d", w.writes)
}

func TestProgressIgnoresForeignSteps(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := NewProgress(&b, fleet(), Options{})
	play(p, []executor.Event{start(99, 0), retry(-5, 2, 0, "x"), end(99, 0, 0, nil)})
	if b.Len() > 0 {
		t.Errorf("events of steps the plan does not have wrote %q", b.String())
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	ledger := planOf(
		change{address: "ledger/web-fleet", before: `{"links":[]}`, after: `{"links":["x"]}`},
		change{address: "role/x", after: `{}`}, change{address: "role/y", after: `{}`},
	)
	ledger.Steps = append(ledger.Steps, ledger.Steps[0]) // the span's other end
	left := []executor.Left{
		{ID: resource.ID{Kind: "role", Name: "ssm-managed"}, Err: &resource.Failure{Class: resource.Unknown, Call: "iam:DeleteRole", Help: "detach the policy that someone attached", Err: errors.New("connection reset\nby peer")}},
		{ID: resource.ID{Kind: "membership", Name: "operators/carol"}, Err: errors.New("someone else changed it")},
		{ID: resource.ID{Kind: "policy", Name: "\x1b"}},
	}
	cases := map[string]struct {
		file    planner.File
		report  executor.Report
		options Options
	}{
		"report_applied":      {fleet(), executor.Report{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2, 3, 4}}, Options{}},
		"report_span":         {ledger, executor.Report{Outcome: executor.Applied, Failed: -1, Done: []int{0, 1, 2}}, Options{Color: true}},
		"report_not_started":  {fleet(), executor.Report{Outcome: executor.NotStarted, Failed: -1, Cancelled: true, Cause: errors.New("interrupt signal received")}, Options{}},
		"report_rolled_back":  {fleet(), executor.Report{Outcome: executor.RolledBack, Failed: 3, Cause: denied, Done: []int{0, 1, 2}, Undone: []int{2, 1, 0}, New: []resource.ID{{Kind: "role", Name: "old"}, {Kind: "user", Name: "bob"}}}, Options{Width: 72}},
		"report_partial":      {fleet(), executor.Report{Outcome: executor.Partial, Failed: 3, Cause: denied, Done: []int{0, 1, 2}, Undone: []int{1}, Left: left}, Options{Color: true}},
		"report_partial_kept": {fleet(), executor.Report{Outcome: executor.Partial, Failed: 3, Cause: denied, Done: []int{0, 1, 2}, Left: left[1:2]}, Options{ASCII: true, Width: 60}},
		"report_unverified":   {fleet(), executor.Report{Outcome: executor.RolledBack, Failed: -1, Cause: errors.New("the account cannot be read back"), Done: []int{0, 1, 2, 3, 4}, Undone: []int{3, 2, 1, 0, 4}}, Options{}},
		"report_told":         {fleet(), executor.Report{Outcome: executor.RolledBack, Failed: 0, Cause: fmt.Errorf("create role/ssm-managed: %w", denied)}, Options{}},
		"report_stopped":      {fleet(), executor.Report{Outcome: executor.RolledBack, Failed: -1, Cancelled: true, Cause: context.Canceled, Done: []int{0}, Undone: []int{0}}, Options{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, text(t, func(b *bytes.Buffer) error { return Report(b, c.file, &c.report, c.options) }))
		})
	}
}
