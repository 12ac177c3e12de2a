package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/resource"
)

// rollback undoes what the steps did, proves it, and sets the outcome. It ends
// early when r.stopping does; ctx is for what is in flight by then.
func (r *run) rollback(ctx context.Context) {
	why := "as asked"
	if r.report.Cause != nil {
		why = r.report.Cause.Error()
	}
	standing := r.standing()
	again := r.eventsToRepeat(standing)
	if len(standing)+len(again) > 0 && r.recordRun(journal.Rollback, why) == nil {
		r.emit(Event{Type: RollbackStarted, Step: -1, Err: r.report.Cause, Steps: len(standing) + len(again)})
		r.undoAll(ctx)
		for _, i := range again {
			r.repeat(ctx, i)
		}
	}
	r.verifyRestored(ctx)
	for _, i := range r.standing() {
		r.leave(r.plan.Steps[i].ID(), errNotUndone)
	}
	r.report.Outcome = RolledBack
	if len(r.report.Left) > 0 {
		r.report.Outcome = Partial
	}
}

// errNotUndone is why an object was not put back in a rollback that was stopped.
var errNotUndone = errors.New("changed, or may have been, and not undone yet")

// standing returns the steps that are to be undone, in a rollback that has not
// come to them yet.
func (r *run) standing() []int {
	var all []int
	for i, p := range r.steps {
		if r.wasTouched(i) && p.state != back && p.state != left {
			all = append(all, i)
		}
	}
	return all
}

// undoAll undoes the steps that were begun, each after all that waited for
// it, the newest first: one at a time, that leads back through the states that
// led here.
func (r *run) undoAll(ctx context.Context) {
	order := slices.Clone(r.results) // steps; the newest first
	slices.Reverse(order)
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
			if u, ok := task[w]; ok {
				waits[u] = append(waits[u], t)
			}
		}
	}
	stuck := make([]resource.ID, len(order)) // what stands in the way of undoing what comes after
	free := make([]time.Time, len(order))    // when what comes after may be undone
	schedule{waits, make([]int, len(order)), urgency}.run(r.Parallel, func(t int) bool {
		if r.stopping.Err() != nil {
			return false
		}
		var inTheWay resource.ID
		var when time.Time
		for _, w := range waits[t] {
			inTheWay = cmp.Or(inTheWay, stuck[w])
			when = later(when, free[w])
		}
		stuck[t] = r.undo(ctx, order[t], inTheWay, when)
		free[t] = when
		if i := order[t]; r.plan.Steps[i].Pause {
			free[t] = later(when, r.steps[i].undoneAt.Add(r.Settle))
		}
		return true
	})
}

// undo undoes a step, unless the undo of something that was built on it did
// not succeed, and not before the time given. It returns what stands in the way
// of undoing what the step was built on; the zero ID if nothing does.
func (r *run) undo(ctx context.Context, i int, inTheWay resource.ID, when time.Time) resource.ID {
	p := &r.steps[i]
	if !r.wasTouched(i) || p.state == back {
		return inTheWay
	}
	c := r.plan.Steps[i].Change
	start := time.Now()
	r.emit(Event{Type: StepStarted, Step: i, Change: c.Inverse(), Undo: true})
	w := writing{run: r, step: i, undo: true, change: c.Inverse()}
	var err error
	if inTheWay != (resource.ID{}) {
		err = fmt.Errorf("not undone, since %s, which came after it, could not be", inTheWay)
	} else if err = r.waitUntil(when); err == nil {
		err = r.putBack(ctx, &w)
		_ = w.conclude(err) // if it cannot be recorded, the run is halted
	}
	r.emit(Event{Type: StepEnded, Step: i, Change: c.Inverse(), Undo: true, Err: err, Reason: w.reason, Elapsed: time.Since(start)})
	if err != nil {
		p.state = left
		r.leave(c.ID(), err)
		return c.ID()
	}
	p.state, p.undone, p.undoneAt = back, true, time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Undone = append(r.report.Undone, i)
	return resource.ID{}
}

// putBack writes the inverse of a step's change, if the object is as the step
// left it, or may have left it. An object is known by its name only: where
// somebody has deleted what the step left and made the very same again, that
// cannot be told, and theirs is undone.
func (r *run) putBack(ctx context.Context, w *writing) error {
	s, p := r.plan.Steps[w.step], &r.steps[w.step]
	w.maybe = p.undoing
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
	case (p.state == maybe || p.undoing) && between(live, s.Before, s.After):
	default:
		return errForeign
	}
	_, link := s.Before.(resource.Link)
	p.gone = p.gone || live == nil && !link
	return w.write(ctx, live)
}

// eventsToRepeat returns the events that were done, or may have been, and
// follow something that is to be undone, or was.
func (r *run) eventsToRepeat(standing []int) []int {
	ids := make(map[resource.ID]bool, len(standing))
	for _, i := range standing {
		ids[r.plan.Steps[i].ID()] = true
	}
	var events []int
	for _, i := range r.results {
		e, ok := r.plan.Steps[i].After.(resource.Event)
		if ok && (r.steps[i].owed || slices.ContainsFunc(e.Follows(), func(id resource.ID) bool { return ids[id] })) {
			events = append(events, i)
		}
	}
	return events
}

// repeat does an event again, so that it takes note of what was undone.
func (r *run) repeat(ctx context.Context, i int) {
	if r.stopping.Err() != nil {
		return
	}
	c := r.plan.Steps[i].Change
	event := c.After.(resource.Event)
	start := time.Now()
	r.emit(Event{Type: StepStarted, Step: i, Change: c.Inverse(), Undo: true})
	w := writing{run: r, step: i, undo: true, change: c.Inverse()}
	var err error
	if r.steps[i].owed || r.anyUndone(event.Follows()) {
		ctx, cancel := context.WithTimeout(ctx, stepTimeout)
		defer cancel()
		err = w.write(ctx, event)
		_ = w.conclude(err) // if it cannot be recorded, the run is halted
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

// anyUndone reports whether this process has undone a step of one of those
// objects.
func (r *run) anyUndone(ids []resource.ID) bool {
	for i, p := range r.steps {
		if p.undone && slices.Contains(ids, r.plan.Steps[i].ID()) {
			return true
		}
	}
	return false
}
