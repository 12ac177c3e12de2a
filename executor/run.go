package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A run is one plan being carried out.
type run struct {
	*Executor
	plan *planner.Plan

	// Each step is changed only by the goroutine that runs or undoes it.
	steps []progress

	mu     sync.Mutex // guards report, while steps run
	report Report

	emitting   sync.Mutex
	unreadable atomic.Bool // see observe
}

// progress is how far a step has come.
type progress struct {
	state state
	made  bool  // the object did not exist, and a call that creates it succeeded
	gone  bool  // the object was there, and did not exist any more when it was undone
	err   error // why the step is maybe
}

// A state says what is known of a step.
type state int

const (
	untouched state = iota // nothing was changed by it
	found                  // it was as wanted already, by somebody else's doing
	done
	maybe // it failed, and all or part of it may have happened
	back  // undone
	left  // could not be undone
)

func newRun(e *Executor, p *planner.Plan) *run {
	return &run{Executor: e, plan: p, steps: make([]progress, len(p.Steps)), report: Report{Failed: -1}}
}

// forward carries out the steps until all are done, one fails, or ctx is
// cancelled.
func (r *run) forward(ctx context.Context) {
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	waits := make([][]int, len(r.plan.Steps))
	for i, s := range r.plan.Steps {
		waits[i] = s.Waits
	}
	schedule{waits, r.plan.Stages(), heights(waits)}.run(r.Parallel, func(i int) bool {
		if stopping.Err() != nil {
			return false
		}
		err := r.step(stopping, i)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err == nil {
			r.report.Done = append(r.report.Done, i)
			return true
		}
		if r.report.Cause == nil && ctx.Err() == nil {
			c := r.plan.Steps[i].Change
			r.report.Cause = fmt.Errorf("%s %s: %w", c.Action(), c.ID(), err)
			r.report.Failed = i
		}
		stop()
		return false
	})
	if r.report.Cause == nil && len(r.report.Done) < len(r.plan.Steps) {
		r.report.Cause = context.Cause(ctx)
	}
}

// errMoved is why a step is not begun whose object is not what the plan found.
var errMoved = errors.New("it is no longer as it was when the plan was made: someone else changed it, and it was left alone; plan again")

// step carries out one step. Stopping cuts short only what has not been sent.
func (r *run) step(stopping context.Context, i int) error {
	c := r.plan.Steps[i].Change
	start := time.Now()
	r.emit(Event{Type: StepStarted, Step: i, Change: c})
	w := writing{run: r, step: i, change: c, stopping: stopping.Done()}
	err := r.tryStep(stopping, i, &w)
	r.emit(Event{Type: StepEnded, Step: i, Change: c, Err: err, Reason: w.reason, Elapsed: time.Since(start)})
	return err
}

func (r *run) tryStep(stopping context.Context, i int, w *writing) error {
	c, p := w.change, &r.steps[i]
	if !w.event() {
		live, err := r.observeOne(stopping, c.ID(), func(live resource.Object) bool {
			return resource.Equal(live, c.Before) || resource.Equal(live, c.After)
		})
		switch {
		case stopping.Err() != nil:
			return errors.New("not begun, since the run is stopping")
		case err != nil:
			return fmt.Errorf("nothing was sent, since it cannot be read: %w", err)
		case resource.Equal(live, c.Before):
		case resource.Equal(live, c.After):
			p.state = found
			w.reason = "it was so already"
			return nil
		default:
			return errMoved
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stopping), stepTimeout)
	defer cancel()
	err := w.write(ctx, c.Before)
	switch {
	case err == nil:
		p.state = done
	case w.maybe:
		*p = progress{state: maybe, made: w.made, err: err}
	}
	return err
}

// touched returns the steps that changed the account, or may have.
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

// keep reports what was changed and is left so.
func (r *run) keep() {
	touched := r.touched()
	if len(touched) == 0 {
		r.report.Outcome = RolledBack // there is nothing to keep, and nothing to undo
		return
	}
	r.report.Outcome = Partial
	for _, i := range touched {
		err := errKept
		if e := r.steps[i].err; e != nil {
			err = fmt.Errorf("may have been changed, and kept as it is: %w", e)
		}
		r.leave(r.plan.Steps[i].ID(), err)
	}
}

// leave reports that an object could not be put back, once.
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
