package executor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// How often, and for how long, a write is tried.
const (
	minDelay  = 10 * time.Millisecond
	baseDelay = 200 * time.Millisecond // before the second attempt, at most; doubles with each
	maxDelay  = 5 * time.Second

	maxThrottled = 10
	maxUnsent    = 5
	maxUnknown   = 5

	// Two minutes is what the Terraform AWS provider allows IAM to make a
	// change visible everywhere.
	busyWindow   = 2 * time.Minute
	notYetWindow = 2 * time.Minute

	stepTimeout = 5 * time.Minute // for all attempts of one step together
)

// errForeign is why an object was neither written on nor put back.
var errForeign = errors.New("someone else changed it meanwhile, so it was left as it is")

// A writing is one change being written, in as many attempts as it takes.
type writing struct {
	*run
	step     int
	undo     bool
	change   resource.Change // what is to be done, and what the events say
	stopping <-chan struct{} // closed when nothing more is to be sent; nil if never

	from  resource.Object // what is there, as far as is known
	tries map[resource.Class]int
	since map[resource.Class]time.Time // of the first failure of that class

	maybe  bool   // something of it may have happened
	made   bool   // a call that creates the object succeeded
	reason string // what else to know of how it ended
}

// write makes the change, from what is there. After an error, maybe says
// whether something of it may have happened all the same.
func (w *writing) write(ctx context.Context, from resource.Object) error {
	w.from = from
	w.tries = map[resource.Class]int{}
	w.since = map[resource.Class]time.Time{}
	for attempt := 1; ; attempt++ {
		f := w.send(ctx)
		if f == nil {
			return nil
		}
		ok, err := w.resolve(ctx, f)
		if ok || err != nil {
			return err
		}
		if !w.again(f) {
			return f
		}
		if err := w.pause(ctx, attempt); err != nil {
			return fmt.Errorf("%w (%w)", f, err)
		}
		w.emit(Event{Type: StepRetried, Step: w.step, Undo: w.undo, Change: w.change, Attempt: attempt + 1, Reason: reasons[f.Class]})
	}
}

// reasons says why a write is tried again.
var reasons = map[resource.Class]string{
	resource.Refused:   "part of it was done by an earlier attempt",
	resource.Throttled: "too many requests",
	resource.Busy:      "someone is changing it just now",
	resource.NotYet:    "something made a moment ago is not visible everywhere yet",
	resource.Unsent:    "the request could not be sent",
	resource.Unknown:   "no answer came, and it did not happen",
}

// send writes once, from what is there to what is wanted.
func (w *writing) send(ctx context.Context) *resource.Failure {
	c := resource.Change{Before: w.from, After: w.change.After}
	err := guard("write "+c.ID().String(), func() error { return w.Account.Write(ctx, c) })
	if err == nil {
		return nil
	}
	f, ok := errors.AsType[*resource.Failure](err)
	if !ok {
		return &resource.Failure{Class: resource.Unknown, Call: "write " + c.ID().String(), Err: err}
	}
	if _, known := reasons[f.Class]; !known {
		unknown := *f
		unknown.Class = resource.Unknown
		return &unknown
	}
	return f
}

// resolve finds out what a failed write has done, where that is in question.
// It returns true if all is done, and an error if there is no point in trying
// again; otherwise w.from is what is there now.
func (w *writing) resolve(ctx context.Context, f *resource.Failure) (bool, error) {
	after := w.change.After
	asked := w.maybe // something of an earlier attempt may have happened
	accept := func(live resource.Object) bool { return resource.Equal(live, after) }

	unclear := f.Class == resource.Unknown || f.Done > 0
	w.maybe = w.maybe || unclear
	w.made = w.made || f.Done > 0 && w.from == nil
	switch {
	case unclear && w.event():
		// Nothing can be read back, and twice is worse than not at all.
		w.reason = "no answer came, so it may not have happened"
		return true, nil
	case f.Class == resource.Unknown, f.Class == resource.Refused && asked:
	case f.Class == resource.Refused:
		return false, f
	case f.Done > 0:
		accept = func(live resource.Object) bool { return !resource.Equal(live, w.from) }
	default:
		return false, nil
	}

	live, err := w.observeOne(ctx, w.change.ID(), accept)
	switch {
	case err != nil:
		return false, fmt.Errorf("%w (and what became of it cannot be read: %w)", f, err)
	case resource.Equal(live, after):
		w.reason = "no answer came, but it was read back"
		return true, nil
	case f.Class == resource.Refused && (live == nil || resource.Equal(live, w.from)):
		return false, f // it was no earlier attempt that stood in the way
	case resource.Equal(live, w.from):
		return false, nil
	case !w.made && !between(live, w.from, after):
		return false, fmt.Errorf("%w (%w)", f, errForeign)
	}
	w.from = live
	return false, nil
}

// again counts a failure and reports whether to try once more.
func (w *writing) again(f *resource.Failure) bool {
	w.tries[f.Class]++
	if w.since[f.Class].IsZero() {
		w.since[f.Class] = time.Now()
	}
	switch f.Class {
	case resource.Throttled:
		return w.tries[f.Class] < maxThrottled
	case resource.Unsent:
		return w.tries[f.Class] < maxUnsent
	case resource.Busy:
		return time.Since(w.since[f.Class]) < busyWindow
	case resource.NotYet:
		return time.Since(w.since[f.Class]) < notYetWindow
	default:
		return w.tries[f.Class] < maxUnknown
	}
}

// event reports whether the change is an event, or the inverse of one.
func (w *writing) event() bool { return isEvent(w.change.After) || isEvent(w.change.Before) }

func isEvent(o resource.Object) bool { _, ok := o.(resource.Event); return ok }

// errStopped is why no other attempt was made.
var errStopped = errors.New("not tried again, since the run is stopping")

// pause waits before the next attempt.
func (w *writing) pause(ctx context.Context, attempt int) error {
	select {
	case <-w.stopping:
		return errStopped
	case <-ctx.Done():
		return fmt.Errorf("given up after %s", stepTimeout)
	case <-time.After(w.delay(attempt)):
		return nil
	}
}

// delay returns how long to wait after so many attempts: at random between
// next to nothing and a bound that doubles, which spreads a crowd best.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func (r *run) delay(attempt int) time.Duration {
	bound := maxDelay
	if attempt < 10 {
		bound = min(maxDelay, baseDelay<<(attempt-1))
	}
	jitter := r.Jitter
	if jitter == nil {
		jitter = rand.Float64
	}
	return max(minDelay, time.Duration(jitter()*float64(bound)))
}
