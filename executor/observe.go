package executor

import (
	"context"
	"errors"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// How long an account may show what was, or fail to show anything.
const (
	settleWindow = 10 * time.Second // for one object, while others wait for it
	verifyWindow = 30 * time.Second // for everything, at the end
	readWindow   = 2 * time.Minute  // for reads that fail
	readTimeout  = 5 * time.Minute  // for one read
)

// observe reads objects until accept is content with each, or they were read
// anew when the window had passed since they could first be read: what was just
// written may take a while to show. It returns each as last seen, nil if it does
// not exist. A read that takes long may show what was when it was asked for, so
// that is the time that counts, and that accept is told.
func (r *run) observe(ctx context.Context, ids []resource.ID, window time.Duration, accept func(id resource.ID, live resource.Object, asked time.Time) bool) (map[resource.ID]resource.Object, error) {
	seen := make(map[resource.ID]resource.Object, len(ids))
	var start time.Time
	for attempt := 1; len(ids) > 0; attempt++ {
		asked := time.Now()
		state, err := r.read(ctx, ids)
		if err != nil {
			return nil, err
		}
		if start.IsZero() {
			start = time.Now()
		}
		var open []resource.ID
		for _, id := range ids {
			seen[id] = state.Get(id)
			if !accept(id, seen[id], asked) {
				open = append(open, id)
			}
		}
		if ids = open; len(ids) == 0 || asked.Sub(start) >= window {
			break
		}
		if err := r.wait(ctx, attempt); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// observeOne is observe for one object that others wait for.
func (r *run) observeOne(ctx context.Context, id resource.ID, accept func(resource.Object) bool) (resource.Object, error) {
	seen, err := r.observe(ctx, []resource.ID{id}, settleWindow, func(_ resource.ID, o resource.Object, _ time.Time) bool { return accept(o) })
	return seen[id], err
}

// read reads objects, and tries again for a while if that fails. Once it has
// failed for so long, later reads are tried only once, until one succeeds:
// a rollback of a thousand steps must not wait for each anew. Credentials that
// have not worked for so long halt the run.
func (r *run) read(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	start := time.Now()
	for attempt := 1; ; attempt++ {
		var state *resource.State
		err := caught("read", func() (err error) {
			ctx, cancel := context.WithTimeout(ctx, readTimeout)
			defer cancel()
			state, err = r.Account.Read(ctx, ids)
			return err
		})
		if err == nil {
			r.unreadable.Store(false)
			return state, nil
		}
		f, ok := errors.AsType[*resource.Failure](err)
		giveUp := time.Since(start) >= readWindow || r.unreadable.Load()
		switch {
		case ok && f.Class == resource.Refused:
			return nil, err
		case ok && f.Class == resource.Expired && !r.halted():
			if giveUp = time.Since(start) >= expiredWindow; giveUp {
				r.halt(expired(err))
			}
		}
		if giveUp {
			r.unreadable.Store(true)
			return nil, err
		}
		if r.wait(ctx, attempt) != nil {
			return nil, err
		}
	}
}

// wait waits before the next read.
func (r *run) wait(ctx context.Context, attempt int) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(r.delay(attempt)):
		return nil
	}
}
