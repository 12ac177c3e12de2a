package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/view"
)

// A follower shows a run while it happens.
type follower interface {
	Event(executor.Event)
	Tick(time.Time)
}

// run carries out the plan and shows how it goes. Again is the command line
// that goes on if it is left half-way.
func (o *options) run(ctx context.Context, p *prepared, again string) error {
	var (
		style    = o.style(o.stdio.out)
		progress = view.NewProgress(o.stdio.out, p.file, style)
		events   = view.NewJSONEvents(o.stdio.out, p.file)
		live     = o.liveDisplay(progress)
		follow   = follower(progress)
	)
	if o.json {
		events.Plan(time.Now())
		follow, live = events, func() {}
	}
	o.stop.during(func() {
		_ = progress.Close() // so that it does not draw over what follows
		o.draining()
	}, func() {
		_ = progress.Close()
		o.abandoning(again)
	})
	done := ticking(func(now time.Time) {
		live()
		follow.Tick(now)
	})
	runner := executor.Executor{Account: p.account, Parallel: o.parallelism, Keep: o.onFailure == keep, OnEvent: follow.Event}
	report := runner.Run(ctx, p.plan)
	o.stop.after()
	done()

	var err error
	if o.json {
		err = events.Report(report, time.Now())
	} else {
		err = errors.Join(progress.Close(), view.Report(o.stdio.out, p.file, report, style))
	}
	for _, n := range p.account.Notes() {
		fmt.Fprintf(o.stdio.err, "note: %s: %s\n", view.Escape(n.ID.String()), view.Escape(n.Text))
	}
	if err != nil { // the status is about the account
		_ = view.Error(o.stdio.err, fmt.Errorf("the run ended (%s), but its report could not be written: %w", report.Outcome, err), o.style(o.stdio.err))
	}
	if err := o.kept.save(); err != nil {
		_ = view.Error(o.stdio.err, fmt.Errorf("what was done in the sandbox was not kept: %w", err), o.style(o.stdio.err))
	}
	if report.Outcome == executor.Partial {
		fmt.Fprintf(o.stdio.err, "To go on, apply again; what is done already is left as it is:\n  %s\n", view.Escape(again))
	}
	if report.Outcome != executor.Applied {
		return runError{report}
	}
	return nil
}

// liveDisplay gives a display the size of the terminal, if there is one, and
// returns what keeps it up to date.
func (o *options) liveDisplay(progress *view.Progress) (update func()) {
	columns, rows, ok := o.screen(o.stdio.out)
	if !ok {
		return func() {}
	}
	progress.Resize(columns, rows)
	return func() {
		if c, r, ok := o.screen(o.stdio.out); ok && (c != columns || r != rows) {
			columns, rows = c, r
			progress.Resize(columns, rows)
		}
	}
}

// ticking calls tick several times a second until the function it returns is
// called.
func ticking(tick func(time.Time)) (stop func()) {
	ticker, quit, ended := time.NewTicker(200*time.Millisecond), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case now := <-ticker.C:
				tick(now)
			case <-quit:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(quit)
		<-ended
	}
}
