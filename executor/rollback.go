package executor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// rollback undoes what the steps did, proves it, and sets the outcome.
func (r *run) rollback(ctx context.Context) {
	touched := r.touched()
	again := r.eventsToRepeat(touched)
	if len(touched) > 0 {
		r.emit(Event{Type: RollbackStarted, Step: -1, Err: r.report.Cause, Steps: len(touched) + len(again)})
		r.undoAll(ctx)
		for _, i := range again {
			r.repeat(ctx, i)
		}
		r.verifyRestored(ctx)
	}
	for i, p := range r.steps {
		if p.state == back && p.gone {
			r.report.New = append(r.report.New, r.plan.Steps[i].ID())
		}
	}
	r.report.Outcome = RolledBack
	if len(r.report.Left) > 0 {
		r.report.Outcome = Partial
	}
}

// undoAll undoes the steps that were begun, each after all that waited for
// it, the newest first: one at a time, that leads back through the states that
// led here.
func (r *run) undoAll(ctx context.Context) {
	var order []int // steps; the newest first
	for i, p := range r.steps {
		if p.state == maybe {
			order = append(order, i)
		}
	}
	for _, i := range slices.Backward(r.report.Done) {
		order = append(order, i)
	}
	task := make(map[int]int, len(order)) // of a step
	for t, i := range order {
		task[i] = t
	}
	// Whatever waited for a step has to be undone before it.
	waits := make([][]int, len(order))
	urgency := make([]int, len(order))
	for t, i := range order {
		urgency[t] = -t
		for _, w := range r.plan.Steps[i].Waits {
			waits[task[w]] = append(waits[task[w]], t)
		}
	}
	stuck := make([]resource.ID, len(order)) // what stands in the way of undoing what comes after
	schedule{waits, make([]int, len(order)), urgency}.run(r.Parallel, func(t int) bool {
		var inTheWay resource.ID
		for _, w := range waits[t] {
			inTheWay = cmp.Or(inTheWay, stuck[w])
		}
		stuck[t] = r.undo(ctx, order[t], inTheWay)
		return true
	})
}

// undo undoes a step, unless the undo of something that was built on it did
// not succeed. It returns what stands in the way of undoing what the step was
// built on; the zero ID if nothing does.
func (r *run) undo(ctx context.Context, i int, inTheWay resource.ID) resource.ID {
	if !r.wasTouched(i) {
		return inTheWay
	}
	c, p := r.plan.Steps[i].Change, &r.steps[i]
	start := time.Now()
	r.emit(Event{Type: StepStarted, Step: i, Change: c.Inverse(), Undo: true})
	w := writing{run: r, step: i, undo: true, change: c.Inverse()}
	var err error
	if inTheWay != (resource.ID{}) {
		err = fmt.Errorf("not undone, since %s, which came after it, could not be", inTheWay)
	} else {
		err = r.putBack(ctx, i, &w)
	}
	r.emit(Event{Type: StepEnded, Step: i, Change: c.Inverse(), Undo: true, Err: err, Reason: w.reason, Elapsed: time.Since(start)})
	if err != nil {
		p.state = left
		r.leave(c.ID(), err)
		return c.ID()
	}
	p.state = back
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Undone = append(r.report.Undone, i)
	return resource.ID{}
}

// putBack writes the inverse of a step's change, if the object is as the step
// left it, or may have left it.
func (r *run) putBack(ctx context.Context, i int, w *writing) error {
	s, p := r.plan.Steps[i], &r.steps[i]
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	// Wait for all of it to show, even if only a part may have happened: what
	// shows after it was undone would stay.
	live, err := r.observeOne(ctx, s.ID(), func(live resource.Object) bool { return resource.Equal(live, s.After) })
	switch {
	case err != nil:
		return fmt.Errorf("not undone, since it cannot be read: %w", err)
	case resource.Equal(live, s.Before):
		w.reason = "it was so already"
		return nil
	case s.Loss.Final:
		return fmt.Errorf("this cannot be undone: %s", cmp.Or(s.Loss.What, "it is final"))
	case resource.Equal(live, s.After):
	case p.state == maybe && (p.made || between(live, s.Before, s.After)):
	default:
		return errForeign
	}
	_, link := s.Before.(resource.Link)
	p.gone = live == nil && !link
	return w.write(ctx, live)
}

// eventsToRepeat returns the events that were done and follow something that
// is to be undone.
func (r *run) eventsToRepeat(touched []int) []int {
	ids := make(map[resource.ID]bool, len(touched))
	for _, i := range touched {
		ids[r.plan.Steps[i].ID()] = true
	}
	var events []int
	for _, i := range r.report.Done {
		e, ok := r.plan.Steps[i].After.(resource.Event)
		if ok && slices.ContainsFunc(e.Follows(), func(id resource.ID) bool { return ids[id] }) {
			events = append(events, i)
		}
	}
	return events
}

// repeat does an event again, so that it takes note of what was undone.
func (r *run) repeat(ctx context.Context, i int) {
	c := r.plan.Steps[i].Change
	event := c.After.(resource.Event)
	start := time.Now()
	r.emit(Event{Type: StepStarted, Step: i, Change: c.Inverse(), Undo: true})
	w := writing{run: r, step: i, undo: true, change: c.Inverse()}
	var err error
	if r.anyBack(event.Follows()) {
		ctx, cancel := context.WithTimeout(ctx, stepTimeout)
		defer cancel()
		err = w.write(ctx, event)
	} else {
		w.reason = "not needed, since nothing that it follows was undone"
	}
	r.emit(Event{Type: StepEnded, Step: i, Change: c.Inverse(), Undo: true, Err: err, Reason: w.reason, Elapsed: time.Since(start)})
	if err != nil {
		r.leave(c.ID(), fmt.Errorf("what it follows was undone, but it could not be done again: %w", err))
		return
	}
	r.report.Undone = append(r.report.Undone, i)
}

// anyBack reports whether a step of one of those objects has been undone.
func (r *run) anyBack(ids []resource.ID) bool {
	for i, p := range r.steps {
		if p.state == back && slices.Contains(ids, r.plan.Steps[i].ID()) {
			return true
		}
	}
	return false
}
