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

	expiredWindow = 2 * time.Minute // for somebody to log in again, or the SDK to refresh

	stepTimeout = 5 * time.Minute // for all attempts of one step together
)

// errForeign is why an object was neither written on nor put back.
var errForeign = errors.New("someone else changed it meanwhile, so it was left as it is")

// A writing is one change being written, in as many attempts as it takes.
type writing struct {
	*run
	step   int
	undo   bool
	change resource.Change // what is to be done, and what the events say

	from  resource.Object // what is there, as far as is known
	tries map[resource.Class]int
	since map[resource.Class]time.Time // of the first failure of that class

	intended bool   // the journal says that it is about to be sent
	maybe    bool   // something of it may have happened
	found    bool   // somebody else has made it so
	reason   string // what else to know of how it ended
}

// write makes the change, from what is there, once the journal says so. After
// an error, maybe says whether something of it may have happened all the same.
func (w *writing) write(ctx context.Context, from resource.Object) error {
	w.from = from
	if err := w.intend(); err != nil {
		return fmt.Errorf("nothing was sent: %w", err)
	}
	w.tries = map[resource.Class]int{}
	w.since = map[resource.Class]time.Time{}
	for attempt := 1; ; attempt++ {
		f, err := w.send(ctx)
		if f == nil {
			return err
		}
		asked := w.maybe // something of an earlier attempt may have happened
		unclear := f.Class == resource.Unknown || f.Done > 0
		w.maybe = w.maybe || unclear
		switch {
		case unclear && w.event():
			// Nothing can be read back, and twice is worse than not at all.
			w.reason = "no answer came, so it may not have happened"
			return nil
		case f.Class == resource.Refused && !asked:
			return f
		}
		// Why there is to be no other attempt, if so.
		stop := w.pause(ctx, f, attempt)
		// What is certain is said before the object is read, which may take a
		// while itself; what is in question, once it is known.
		if stop == nil && !w.maybe {
			w.retry(attempt+1, f)
		}
		if !w.event() && (stop == nil || w.maybe) {
			if ok, err := w.look(ctx, f); ok || err != nil {
				return err
			}
		}
		if stop != nil {
			return stop
		}
		if w.maybe {
			w.retry(attempt+1, f)
		}
	}
}

// retry reports that an attempt begins anew.
func (w *writing) retry(attempt int, f *resource.Failure) {
	w.emit(Event{Type: StepRetried, Step: w.step, Undo: w.undo, Change: w.change, Attempt: attempt, Reason: reasons[f.Class]})
}

// reasons says why a write is tried again.
var reasons = map[resource.Class]string{
	resource.Refused:   "part of it was done by an earlier attempt",
	resource.Throttled: "too many requests",
	resource.Busy:      "someone is changing it just now",
	resource.NotYet:    "something made a moment ago is not visible everywhere yet",
	resource.Unsent:    "the request could not be sent",
	resource.Expired:   "the credentials have run out, or are another's: log in again",
	resource.Unknown:   "no answer came, and it did not happen",
}

// send writes once, from what is there to what is wanted. An error without a
// failure says that nothing may be sent any more.
//
// The guard comes last, after the intent is durable, so that nothing is
// between its answer and the call. What it holds back is an intent that failed,
// or, if the process dies now, one that recovery finds not to have happened.
func (w *writing) send(ctx context.Context) (*resource.Failure, error) {
	c := resource.Change{Before: w.from, After: w.change.After}
	call := "write " + c.ID().String()
	if w.Guard != nil {
		err := caught("guard", func() error { return w.Guard(ctx) })
		if f, ok := errors.AsType[*resource.Failure](err); ok && f.Class == resource.Expired {
			return f, nil
		}
		if err != nil {
			w.halt(err)
			return nil, errStopping
		}
	}
	if w.halted() {
		return nil, errStopping
	}
	err := caught(call, func() error { return w.Account.Write(ctx, c) })
	if err == nil {
		return nil, nil
	}
	f, ok := errors.AsType[*resource.Failure](err)
	if !ok {
		return &resource.Failure{Class: resource.Unknown, Call: call, Err: err}, nil
	}
	if _, known := reasons[f.Class]; !known {
		unknown := *f
		unknown.Class = resource.Unknown
		return &unknown, nil
	}
	return f, nil
}

// look reads the object after a write that failed: to find out what was done,
// where that is in question, and because another attempt is a new write, before
// which all that the first one took for granted has to hold again. It returns
// true if all is done, and an error if there is no point in trying again;
// otherwise w.from is what is there now.
func (w *writing) look(ctx context.Context, f *resource.Failure) (bool, error) {
	after := w.change.After
	live, err := w.observeOne(ctx, w.change.ID(), func(live resource.Object) bool {
		asIs, asWanted := resource.Equal(live, w.from), resource.Equal(live, after)
		switch {
		case w.undo:
			// What is wanted was there a moment ago, and may be what is seen of
			// that: wait until it cannot be.
			return asIs && !w.maybe
		case f.Class == resource.Unknown, f.Class == resource.Refused:
			return asWanted
		case f.Done > 0:
			return !asIs
		}
		return asIs || asWanted
	})
	switch {
	case err != nil && w.maybe:
		return false, fmt.Errorf("%w (and what became of it cannot be read: %w)", f, err)
	case err != nil:
		return false, fmt.Errorf("%w (not tried again, since it cannot be read: %w)", f, err)
	case resource.Equal(live, after) && w.maybe:
		w.reason = "no answer came, but it was read back"
		return true, nil
	case resource.Equal(live, after):
		w.found, w.reason = true, "somebody else has made it so"
		return true, nil
	case f.Class == resource.Refused && (live == nil || resource.Equal(live, w.from)):
		return false, f // it was no earlier attempt that stood in the way
	case resource.Equal(live, w.from):
		return false, nil
	case w.maybe && between(live, w.from, after):
		w.from = live
		return false, nil
	}
	return false, fmt.Errorf("%w (%w)", f, errForeign)
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
	case resource.Expired:
		if time.Since(w.since[f.Class]) < expiredWindow {
			return true
		}
		w.halt(expired(f))
		return false
	default:
		return w.tries[f.Class] < maxUnknown
	}
}

// expired is why a run ends whose credentials do not work: with them it can
// neither go on nor undo anything.
func expired(err error) error {
	return fmt.Errorf("the credentials have not worked for %s, so nothing more was sent and nothing was undone: %w", expiredWindow, err)
}

// event reports whether the change is an event, or the inverse of one.
func (w *writing) event() bool { return isEvent(w.change.After) || isEvent(w.change.Before) }

func isEvent(o resource.Object) bool { _, ok := o.(resource.Event); return ok }

// pause waits before the next attempt. It returns an error if there is to be
// none: enough were made, or the run is stopping.
func (w *writing) pause(ctx context.Context, f *resource.Failure, attempt int) error {
	if !w.again(f) {
		return f
	}
	select {
	case <-w.stopping.Done():
		return fmt.Errorf("%w (not tried again, since the run is stopping)", f)
	case <-ctx.Done():
		return fmt.Errorf("%w (given up after %s)", f, stepTimeout)
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
