package view

import (
	"fmt"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A run follows what the events of one run say, for whoever shows it.
type run struct {
	steps      []step
	running    []*step // in the order they started
	begun      int     // steps that have left the queue
	next       int     // the first step that has not
	start, now time.Time
	done       int // steps that ended well
	failed     int // steps that did not; in a rollback, undos that did not
	undoing    bool
	toUndo     int // how many steps the rollback will undo
	undone     int
	checking   bool
}

// A step is one step of the plan as far as it has come.
type step struct {
	id      resource.ID
	address string // of id
	action  resource.Action
	event   bool
	begun   bool // it has left the queue
	undo    bool
	start   time.Time
	waiting string        // why it was tried again last
	told    time.Duration // how long it had been running when that was last said
}

func newRun(f planner.File) *run {
	event := map[string]bool{}
	for _, rc := range f.ResourceChanges {
		event[rc.Address] = rc.Event
	}
	r := &run{}
	for _, s := range f.Steps {
		address := s.Resource.String()
		r.steps = append(r.steps, step{id: s.Resource, address: address, action: s.Action, event: event[address]})
	}
	return r
}

// step returns the step an event is of, or nil if it is of none.
func (r *run) step(e executor.Event) *step {
	if e.Step < 0 || e.Step >= len(r.steps) {
		return nil
	}
	return &r.steps[e.Step]
}

// follow takes in one event.
func (r *run) follow(e executor.Event) {
	if r.start.IsZero() {
		r.start = e.Time
	}
	if e.Time.After(r.now) {
		r.now = e.Time
	}
	s := r.step(e)
	switch e.Type {
	case executor.StepStarted:
		if s != nil {
			if !s.begun {
				r.begun++
			}
			s.begun, s.undo, s.start, s.waiting, s.told = true, e.Undo, e.Time, "", 0
			r.running = append(r.running, s)
			for r.next < len(r.steps) && r.steps[r.next].begun {
				r.next++
			}
		}
	case executor.StepRetried:
		if s != nil {
			s.waiting = e.Reason
		}
	case executor.StepEnded:
		for i, running := range r.running {
			if running == s {
				r.running = append(r.running[:i], r.running[i+1:]...)
				break
			}
		}
		switch {
		case e.Err != nil:
			r.failed++
		case e.Undo:
			r.undone++
		default:
			r.done++
		}
	case executor.RollbackStarted:
		r.undoing, r.toUndo, r.failed = true, e.Steps, 0
	case executor.VerifyStarted:
		r.checking = true
	case executor.VerifyEnded:
		r.checking = false
	}
}

// heartbeat is how long a step may run before it is said that it still does,
// and then again, as Terraform does.
const heartbeat = 10 * time.Second

// due returns the steps of which it is time to say that they still run, and
// takes it that this is said.
func (r *run) due(now time.Time) []*step {
	if now.After(r.now) {
		r.now = now
	}
	var due []*step
	for _, s := range r.running {
		if elapsed := now.Sub(s.start); elapsed-s.told >= heartbeat {
			s.told = elapsed.Truncate(heartbeat)
			due = append(due, s)
		}
	}
	return due
}

// doing and did say what a step does, in the words of its action.
func (s *step) doing() string {
	switch {
	case s.event:
		return "in progress"
	case s.undo:
		return "undoing"
	case s.action == resource.Create:
		return "creating"
	case s.action == resource.Delete:
		return "deleting"
	}
	return "updating"
}

func (s *step) did() string {
	forward, back := "updated", "put back"
	switch {
	case s.event:
		forward, back = "done", "done again"
	case s.action == resource.Create:
		forward, back = "created", "removed"
	case s.action == resource.Delete:
		forward, back = "deleted", "made again"
	}
	if s.undo {
		return back
	}
	return forward
}

// seconds writes a duration the way a person reads it: 0.4s, 12s, 3m05s.
func seconds(d time.Duration) string {
	switch {
	case d < 0:
		return "0.0s"
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	whole := int(d.Round(time.Second) / time.Second)
	if whole < 60 {
		return fmt.Sprintf("%ds", whole)
	}
	return fmt.Sprintf("%dm%02ds", whole/60, whole%60)
}
