package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A run is one plan being carried out or undone.
type run struct {
	*Executor
	plan *planner.Plan

	// Each step is changed only by the goroutine that runs or undoes it.
	steps []progress

	// Stopping is cancelled when nothing more is to be begun, by stop.
	stopping context.Context
	stop     context.CancelFunc

	mu      sync.Mutex // guards what follows, while steps run
	report  Report
	results []int // steps that were done, found or may have happened, in the order in which that was known

	emitting   sync.Mutex
	unreadable atomic.Bool // see observe
}

// progress is how far a step has come.
type progress struct {
	state state
	err   error // why the step is maybe

	undoing bool // the inverse was sent once, and all or part of it may have happened
	gone    bool // the object was there, and did not exist any more when it was undone
	undone  bool // by this process
	owed    bool // of an event: something it follows was undone, and it was not done again

	doneAt   time.Time // of a step that was found done: when the last of those it waits for was
	undoneAt time.Time
}

// A state says what is known of a step.
type state int

const (
	untouched state = iota // nothing was changed by it
	found                  // it was as wanted already, by somebody else's doing
	done
	maybe // it failed, or was interrupted, and all or part of it may have happened
	back  // undone
	left  // could not be undone
)

// newRun returns a run that begins nothing more once ctx is cancelled.
func newRun(ctx context.Context, e *Executor, p *planner.Plan) *run {
	r := &run{Executor: e, plan: p, steps: make([]progress, len(p.Steps)), report: Report{Failed: -1}}
	r.stopping, r.stop = context.WithCancel(ctx)
	return r
}

// apply carries out what is still to be done, or undoes everything.
func (r *run) apply(ctx context.Context) *Report {
	safe := context.WithoutCancel(ctx)
	r.forward(ctx)
	if r.report.Cause == nil {
		if _, i, err := r.verifyDone(safe); err != nil {
			r.fail(i, err)
		}
	}
	touched := len(r.touched()) > 0
	switch {
	case r.report.Cause == nil:
		r.report.Outcome = Applied
		_ = r.recordRun(journal.Verified, "") // if not, the report says so
	case !touched && (r.report.Failed < 0 || r.halted()):
		r.report.Outcome = NotStarted
	case touched && (r.halted() || r.Keep):
		r.hold()
	case touched && r.pastReturn():
		r.report.Stopped = errPastReturn
		r.hold()
	default:
		r.stop()
		r.stopping, r.stop = context.WithCancel(safe) // what stopped the steps does not stop their undoing
		r.rollback(safe)
	}
	return r.end()
}

// end records how the run ended.
func (r *run) end() *Report {
	_ = r.record(journal.Record{Type: journal.Ended, Step: -1, Outcome: string(r.report.Outcome)}) // if not, the report says so
	return r.close()
}

// close completes the report.
func (r *run) close() *Report {
	r.stop()
	for i, p := range r.steps {
		if p.state == back && p.gone {
			r.report.New = append(r.report.New, r.plan.Steps[i].ID())
		}
	}
	slices.SortFunc(r.report.Left, func(a, b Left) int { return a.ID.Compare(b.ID) })
	return &r.report
}

// errStopping is why nothing was sent, or nothing more.
var errStopping = errors.New("not sent, since the run is stopping")

// forward carries out the steps until all are done, one fails, or ctx is
// cancelled.
func (r *run) forward(ctx context.Context) {
	waits := make([][]int, len(r.plan.Steps))
	for i, s := range r.plan.Steps {
		waits[i] = s.Waits
	}
	stages := r.plan.Stages()
	through := func(last int) { // no step of a stage begins before all of the earlier stages have ended
		schedule{waits, stages, heights(waits)}.run(r.Parallel, func(i int) bool {
			if s := r.steps[i].state; s == done || s == found {
				return true // by now, or by an earlier process
			}
			if r.stopping.Err() != nil || stages[i] > last {
				return false
			}
			err := r.step(i)
			if err != nil && ctx.Err() == nil && !errors.Is(err, errStopping) {
				c := r.plan.Steps[i].Change
				r.fail(i, fmt.Errorf("%s %s: %w", c.Action(), c.ID(), err))
			}
			if err != nil {
				r.stop()
			}
			return err == nil
		})
	}
	through(0)
	if r.stopping.Err() == nil && len(r.report.Done) < len(r.plan.Steps) && r.passReturn() {
		through(slices.Max(stages))
	}
	switch {
	case r.report.Cause != nil:
	case r.report.Stopped != nil:
		r.report.Cause = r.report.Stopped
	case len(r.report.Done) < len(r.plan.Steps):
		r.report.Cause, r.report.Cancelled = context.Cause(ctx), true
	}
}

// fail notes why the run fails, unless it did before. After it was halted,
// that is why whatever fails.
func (r *run) fail(i int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.report.Cause != nil:
	case r.report.Stopped != nil:
		r.report.Cause = r.report.Stopped
	default:
		r.report.Failed, r.report.Cause = i, err
	}
}

// errMoved is why a step is not begun whose object is not what the plan found.
var errMoved = errors.New("it is no longer as it was when the plan was made: someone else changed it, and it was left alone; plan again")

// step carries out one step. That the run is stopping cuts short only what has
// not been sent.
func (r *run) step(i int) error {
	c := r.plan.Steps[i].Change
	start := time.Now()
	r.emit(Event{Type: StepStarted, Step: i, Change: c})
	w := writing{run: r, step: i, change: c}
	err := r.tryStep(&w)
	_ = w.conclude(err) // if it cannot be recorded, the run is halted, and nothing that waits for it is sent
	r.settled(&w, err)
	r.emit(Event{Type: StepEnded, Step: i, Change: c, Err: err, Reason: w.reason, Elapsed: time.Since(start)})
	return err
}

// tryStep reads the object of a step, and writes it if it is as it should be.
func (r *run) tryStep(w *writing) error {
	c, p := w.change, &r.steps[w.step]
	w.maybe = p.state == maybe
	if err := r.awaitSpread(w.step); err != nil {
		return err
	}
	from := c.Before
	switch {
	case w.event() && w.maybe:
		w.reason = "the run was interrupted at it, so it may not have happened"
		return nil
	case w.event() && r.stopping.Err() != nil:
		return errStopping
	case !w.event():
		live, err := r.observeOne(r.stopping, c.ID(), func(live resource.Object) bool {
			// What may have been sent may yet come to show.
			return resource.Equal(live, c.After) || !w.maybe && resource.Equal(live, c.Before)
		})
		switch {
		case r.stopping.Err() != nil:
			return errStopping
		case err != nil:
			return fmt.Errorf("nothing was sent, since it cannot be read: %w", err)
		case resource.Equal(live, c.Before):
		case resource.Equal(live, c.After):
			// If it may have been sent and somebody else made the very same
			// before it arrived, nothing in the account tells; it counts as ours.
			w.found = !w.maybe
			w.reason = "it was so already"
			return nil
		case w.maybe && between(live, c.Before, c.After):
			from = live
		case w.maybe:
			return errForeign
		default:
			return errMoved
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.stopping), stepTimeout)
	defer cancel()
	return w.write(ctx, from)
}

// settled takes down what is known of a step that ended.
func (r *run) settled(w *writing, err error) {
	p := &r.steps[w.step]
	switch {
	case err == nil && w.found:
		p.state, p.doneAt = found, r.latest(r.plan.Steps[w.step].Waits)
	case err == nil:
		p.state, p.doneAt = done, time.Now()
	case w.maybe && w.intended:
		p.state, p.err = maybe, err
	default:
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(slices.DeleteFunc(r.results, func(i int) bool { return i == w.step }), w.step)
	if err == nil {
		r.report.Done = append(r.report.Done, w.step)
	}
}

// touched returns the steps that changed the account, or may have, even if
// they have been undone since.
func (r *run) touched() []int {
	var all []int
	for i := range r.steps {
		if r.wasTouched(i) {
			all = append(all, i)
		}
	}
	return all
}

// wasTouched reports whether a step changed the account, or may have, even if
// it has been undone since. An event has not, since it changes no state.
func (r *run) wasTouched(i int) bool {
	s := r.steps[i].state
	return s != untouched && s != found && !r.plan.Steps[i].Event()
}

// errKept is why an object was not put back when nothing is to be.
var errKept = errors.New("changed, and kept as it is")

// hold leaves everything as it is, and reports what was changed.
func (r *run) hold() {
	r.report.Outcome = Partial
	for _, i := range r.touched() {
		switch p := r.steps[i]; {
		case p.state == maybe:
			r.leave(r.plan.Steps[i].ID(), fmt.Errorf("may have been changed, and kept as it is: %w", p.err))
		case p.state != back:
			r.leave(r.plan.Steps[i].ID(), errKept)
		}
	}
	_ = r.recordRun(journal.Held, cmp.Or(r.report.Stopped, r.report.Cause).Error()) // if not, the report says so
}

// leave reports that an object was not put back, once.
func (r *run) leave(id resource.ID, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.ContainsFunc(r.report.Left, func(l Left) bool { return l.ID == id }) {
		r.report.Left = append(r.report.Left, Left{id, err})
	}
}

// emit hands out an event, one at a time.
func (r *run) emit(e Event) {
	if r.OnEvent == nil {
		return
	}
	r.emitting.Lock()
	defer r.emitting.Unlock()
	e.Time = time.Now()
	r.OnEvent(e)
}
