package executor

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/resource"
)

// replay takes up what the journal says of each step, by whichever processes
// the run was carried out. The error is that of a journal of another plan.
func (r *run) replay(h journal.History) error {
	if err := r.sameSteps(h.Start); err != nil {
		return err
	}
	latest := make([]int, len(r.steps)) // the last record of doing each step
	for n, rec := range h.Records {
		if rec.Step < 0 {
			continue
		}
		switch rec.Type {
		case journal.Intent, journal.Done, journal.Found, journal.Failed:
			latest[rec.Step] = n
		case journal.Unknown:
			if !r.steps[rec.Step].undoing {
				latest[rec.Step] = n
			}
		}
		r.replayStep(rec)
	}
	for i := range r.steps {
		if r.steps[i].state != untouched {
			r.results = append(r.results, i)
		}
	}
	slices.SortFunc(r.results, func(a, b int) int { return cmp.Compare(latest[a], latest[b]) })
	for _, i := range r.results {
		if s := r.steps[i].state; s == done || s == found || s == back && !r.steps[i].doneAt.IsZero() {
			r.report.Done = append(r.report.Done, i)
		}
	}
	return nil
}

func (r *run) sameSteps(s journal.Start) error {
	if len(s.Steps) != len(r.plan.Steps) {
		return fmt.Errorf("the journal is of a plan of %d steps, and this one has %d", len(s.Steps), len(r.plan.Steps))
	}
	for i, stored := range s.Steps {
		if id := r.plan.Steps[i].ID(); stored.ID != id {
			return fmt.Errorf("the journal is of another plan: its step %d is of %s, and not of %s", i+1, stored.ID, id)
		}
	}
	return nil
}

// errInterrupted is why a step is maybe of which the journal says only that it
// was about to be sent.
var errInterrupted = errors.New("the run was interrupted at it")

func (r *run) replayStep(rec journal.Record) {
	i := rec.Step
	p, s := &r.steps[i], r.plan.Steps[i]
	switch rec.Type {
	case journal.Intent:
		// Until its result comes. One that was maybe before stays what it is.
		if p.state == untouched {
			p.state, p.err = maybe, errInterrupted
		}
	case journal.Done:
		p.state, p.doneAt = done, rec.Time
	case journal.Found:
		p.state, p.doneAt = found, r.latest(s.Waits)
	case journal.Failed:
		p.state = untouched
	case journal.Unknown:
		if !p.undoing {
			p.state, p.err = maybe, errors.New(rec.Text)
		}
	case journal.UndoIntent:
		p.undoing, p.owed = true, false // an event is rather not done again than twice
		_, link := s.Before.(resource.Link)
		p.gone = s.After == nil && !link
	case journal.UndoFailed:
		p.undoing, p.owed = false, s.Event()
	case journal.Undone:
		r.replayUndone(rec)
	case journal.Conflict:
		r.replayConflict(i)
	}
}

func (r *run) replayUndone(rec journal.Record) {
	i := rec.Step
	p, s := &r.steps[i], r.plan.Steps[i]
	r.report.Undone = append(slices.DeleteFunc(r.report.Undone, func(u int) bool { return u == i }), i)
	if s.Event() {
		p.owed = false
		return
	}
	p.state, p.undoneAt = back, rec.Time
	for e, event := range r.plan.Steps {
		if f, ok := event.After.(resource.Event); ok && slices.Contains(f.Follows(), s.ID()) {
			r.steps[e].owed = true
		}
	}
}

// replayConflict takes back that a step was undone, if it was said to be, and
// read back was not. Any other conflict is to be looked at again anyway.
func (r *run) replayConflict(i int) {
	p := &r.steps[i]
	if p.state != back {
		return
	}
	r.report.Undone = slices.DeleteFunc(r.report.Undone, func(u int) bool { return u == i })
	p.state = done
	if p.doneAt.IsZero() {
		p.state = maybe
	}
}
