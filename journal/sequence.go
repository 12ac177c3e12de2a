package journal

import (
	"errors"
	"fmt"

	"github.com/ssmctl/ssmctl/resource"
)

// A sequence knows which record may come next. The writer asks it as well as
// the reader, so that nothing is written that will not be read.
type sequence struct {
	begun  bool
	intent []bool // by step: it was about to be sent at least once
	undo   []bool // by step: its inverse was
}

// next takes up a record, or says why it cannot be the next one.
func (q *sequence) next(r Record) error {
	if !q.begun {
		return q.begin(r)
	}
	if r.Start != nil || r.Type == Began {
		return errors.New("the run begins a second time")
	}
	if !r.Type.ofStep() {
		if r.Step != -1 {
			return fmt.Errorf("the record %q is of the whole run, and names step %d", r.Type, r.Step)
		}
		return nil
	}
	if r.Step < 0 || r.Step >= len(q.intent) {
		return fmt.Errorf("the record %q is of step %d, and the plan has %d", r.Type, r.Step, len(q.intent))
	}
	sent := true
	switch r.Type {
	case Intent:
		q.intent[r.Step] = true
	case UndoIntent:
		q.undo[r.Step] = true
	case Done, Failed:
		sent = q.intent[r.Step]
	case UndoFailed:
		sent = q.undo[r.Step]
	case Unknown: // it tells of either
		sent = q.intent[r.Step] || q.undo[r.Step]
	}
	if !sent {
		return fmt.Errorf("step %d is %q without an intent", r.Step, r.Type)
	}
	return nil
}

func (q *sequence) begin(r Record) error {
	if r.Type != Began || r.Start == nil || r.Step != -1 {
		return fmt.Errorf("the first record is %q", r.Type)
	}
	s := r.Start
	if len(s.Plan.Steps) != len(s.Steps) {
		return fmt.Errorf("the plan shows %d steps, and %d are stored", len(s.Plan.Steps), len(s.Steps))
	}
	for i, step := range s.Steps {
		if step.ID != s.Plan.Steps[i].Resource {
			return fmt.Errorf("step %d is %s in the plan and %s as stored", i, s.Plan.Steps[i].Resource, step.ID)
		}
	}
	for _, id := range ids(s) {
		if id.Kind == "" || id.Name == "" {
			return fmt.Errorf("the plan speaks of an object %q, which has no kind or no name", id)
		}
	}
	q.begun, q.intent, q.undo = true, make([]bool, len(s.Steps)), make([]bool, len(s.Steps))
	return nil
}

// ids returns the objects that s speaks of, as far as they stand in it as ids:
// package resource reads no id that it has written if that is not whole.
func ids(s *Start) []resource.ID {
	var all []resource.ID
	for _, step := range s.Steps {
		all = append(all, step.ID)
	}
	for _, c := range s.Plan.AccessChanges {
		all = append(append(all, c.Principal), c.Via...)
		for _, cause := range c.Cause {
			all = append(all, cause.Address)
		}
	}
	for _, b := range s.Plan.Transient {
		all = append(all, b.Principal)
	}
	for _, n := range s.Plan.Notes {
		if n.Resource != (resource.ID{}) {
			all = append(all, n.Resource)
		}
	}
	return all
}

// ofStep reports whether records of the type are each about one step.
func (t Type) ofStep() bool {
	switch t {
	case Intent, Done, Found, Failed, Unknown, UndoIntent, Undone, UndoFailed, Conflict:
		return true
	}
	return false
}
