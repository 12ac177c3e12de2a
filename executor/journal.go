package executor

import (
	"errors"
	"time"

	"github.com/ssmctl/ssmctl/journal"
)

// halt ends the run where it is: from now on nothing is sent, neither to go on
// nor to undo. What is in flight comes to its end. The first reason counts.
func (r *run) halt(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.report.Stopped != nil {
		return
	}
	r.report.Stopped = why
	r.stop()
}

// halted reports whether nothing may be sent any more.
func (r *run) halted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report.Stopped != nil
}

// record adds to the journal, and halts the run if that fails: what is not
// recorded could neither be finished nor undone by another process, so it must
// not be done.
func (r *run) record(rec journal.Record) error {
	if r.Journal == nil {
		return nil
	}
	rec.Time = time.Now()
	err := r.Journal.Append(rec)
	if err != nil {
		r.halt(err)
	}
	return err
}

// recordRun is record for what is of the whole run.
func (r *run) recordRun(t journal.Type, text string) error {
	return r.record(journal.Record{Type: t, Step: -1, Text: text})
}

// intend records that the change is about to be sent.
func (w *writing) intend() error {
	rec := journal.Record{Type: journal.Intent, Step: w.step}
	if w.undo {
		rec.Type = journal.UndoIntent
	}
	if err := w.record(rec); err != nil {
		return err
	}
	w.intended = true
	return nil
}

// conclude records what became of the change, given the error it ended with.
func (w *writing) conclude(err error) error {
	rec := journal.Record{Step: w.step, Text: w.reason}
	if err != nil {
		rec.Text = err.Error()
	}
	switch {
	case err == nil && w.undo:
		rec.Type = journal.Undone
	case err == nil && w.found:
		rec.Type = journal.Found
	case err == nil:
		rec.Type = journal.Done
	case !w.intended && w.undo && errors.Is(err, errForeign):
		rec.Type = journal.Conflict
	case !w.intended:
		return nil // nothing was sent, and nothing has become known
	case w.maybe:
		rec.Type = journal.Unknown
	case w.undo:
		// This closes the intent. Were it left open, the next attempt would
		// take what somebody else has done since for half of its own work.
		rec.Type = journal.UndoFailed
	default:
		rec.Type = journal.Failed
	}
	return w.record(rec)
}
