package executor

import "time"

// awaitSpread waits until what a step waits for has spread everywhere, if the
// step asks for it. It returns an error if the run stops meanwhile.
func (r *run) awaitSpread(i int) error {
	s := r.plan.Steps[i]
	if !s.Pause {
		return nil
	}
	return r.waitUntil(r.latest(s.Waits).Add(r.Settle))
}

// latest returns when the last of the steps was done. Of one that was found
// done, that is when the last of those it waits for was: they spread still.
func (r *run) latest(steps []int) time.Time {
	var last time.Time
	for _, i := range steps {
		last = later(last, r.steps[i].doneAt)
	}
	return last
}

// waitUntil waits, for Settle at most, since the time may be that of another
// machine's clock. It returns an error if the run stops meanwhile.
func (r *run) waitUntil(t time.Time) error {
	d := min(time.Until(t), r.Settle)
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.stopping.Done():
		return errStopping
	case <-timer.C:
		return nil
	}
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
