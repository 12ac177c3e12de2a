package view

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ssmctl/ssmctl/journal"
)

// clock is how times are written: by the local clock, to the second.
const clock = "2006-01-02 15:04:05"

// A ListedRun is a run as a list shows it.
type ListedRun struct {
	journal.Summary
	Superseded string // the later run of its spec that dealt with what this one left half-way; "" if none did
}

// Runs writes a table of runs, in the order given. It writes once and returns
// the writer's error.
func Runs(w io.Writer, runs []ListedRun, o Options) error {
	p := &page{Options: o}
	if len(runs) == 0 {
		p.line(0, "No runs are recorded here.")
		_, err := w.Write(p.text.Bytes())
		return err
	}
	table := [][]string{{"RUN", "STARTED", "COMMAND", "SPEC", "ACCOUNT", "OUTCOME"}}
	for _, r := range runs {
		row := []string{r.Run, r.Started.Local().Format(clock), r.Command, r.Spec, r.Account, Standing(r)}
		if r.Superseded != "" {
			row[5] += " by " + r.Superseded
		}
		if r.Started.IsZero() {
			row[1] = "-"
		}
		for i, cell := range row {
			if row[i] = Escape(cell); cell == "" {
				row[i] = "-"
			}
		}
		table = append(table, row)
	}
	columns := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			columns[i] = max(columns[i], width(cell))
		}
	}
	for n, row := range table {
		line := ""
		for i, cell := range row {
			line += pad(cell, columns[i]) + "  "
		}
		style := plain
		switch {
		case n == 0:
			style = dim
		case runs[n-1].Err != nil:
			style = red
		case runs[n-1].Outcome == "" && runs[n-1].Superseded == "":
			style = yellow
		}
		p.put(0, p.paint(style, line[:len(line)-2]))
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// Standing says in a few words what has become of a run.
func Standing(r ListedRun) string {
	switch {
	case r.Superseded != "":
		return "superseded"
	case errors.Is(r.Err, journal.ErrNotBegun):
		return "not begun"
	case r.Err != nil:
		return "unreadable: " + r.Err.Error()
	case r.Busy:
		return "under way"
	case r.Outcome == "":
		return "interrupted"
	}
	return r.Outcome
}

// History writes what a run did, record by record, and where it stands. It
// writes once and returns the writer's error.
func History(w io.Writer, h journal.History, standing string, o Options) error {
	p := &page{Options: o}
	s := h.Start
	p.styled(bold, 0, fmt.Sprintf("Run %s of ssmctl %s %s", Escape(s.Run), Escape(s.Command), Escape(s.Plan.Spec.File)))
	e := s.Plan.Environment
	where := "account " + e.Account
	if e.Sandbox {
		where = "the sandbox"
	}
	p.styled(dim, 0, Escape(fmt.Sprintf("in %s %s, as %s, by ssmctl %s", where, e.Region, e.Caller, s.Version)))
	p.blank()
	for _, r := range h.Records {
		p.record(r, s)
	}
	p.blank()
	if h.Torn {
		p.item(0, alerts, "The last record was cut short, as a crash leaves it, and does not count.")
	}
	p.styled(bold, 0, standing)
	_, err := w.Write(p.text.Bytes())
	return err
}

// recorded says what a type of record means, and with which symbol.
var recorded = map[journal.Type]struct {
	symbol symbol
	text   string
}{
	journal.Began:      {has, "began"},
	journal.Locked:     {has, "took the lock of the spec"},
	journal.Intent:     {waits, "about to be sent"},
	journal.Done:       {done, "done"},
	journal.Found:      {done, "was so already"},
	journal.Failed:     {failed, "did not happen"},
	journal.Unknown:    {failed, "may have happened"},
	journal.Verified:   {has, "read back: all that was done is so"},
	journal.Pivot:      {alerts, "point of no return: what follows cannot be undone exactly"},
	journal.Rollback:   {undone, "rolling back"},
	journal.UndoIntent: {waits, "about to be undone"},
	journal.Undone:     {undone, "undone"},
	journal.UndoFailed: {failed, "not undone"},
	journal.Conflict:   {failed, "not undone, since somebody else has changed it"},
	journal.Resumed:    {has, "taken up again"},
	journal.Held:       {alerts, "held: nothing more was done"},
	journal.Ended:      {has, "ended"},
}

// verbs say what a done step did.
var verbs = map[string]string{"create": "created", "update": "changed", "delete": "destroyed"}

func (p *page) record(r journal.Record, s journal.Start) {
	shape, known := recorded[r.Type]
	if !known {
		shape.symbol, shape.text = alerts, string(r.Type)
	}
	text := shape.text
	if r.Step >= 0 && r.Step < len(s.Plan.Steps) {
		step := s.Plan.Steps[r.Step]
		if r.Type == journal.Done {
			text = verbs[string(step.Action)]
		}
		text = Escape(step.Resource.String()) + " " + text
	}
	if r.Outcome != "" {
		text += ": " + Escape(r.Outcome)
	}
	if r.Text != "" {
		text += ": " + Escape(r.Text)
	}
	p.led(0, looks[shape.symbol].style, r.Time.Local().Format(time.TimeOnly)+" "+p.sign(shape.symbol)+" ", text)
}
