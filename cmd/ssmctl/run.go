package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/view"
)

// settling is how long a change of IAM is given to spread everywhere before
// something that is only safe after it is begun. IAM promises no time; see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html.
const settling = 10 * time.Second

// settleTime is how long to let a change spread. The sandbox in this process
// has nowhere to spread it to.
func (o *options) settleTime() time.Duration {
	if o.kept != nil {
		return 0
	}
	return o.settle
}

// run carries out a plan: records it, takes the lock, and shows how it goes.
// Approved says that somebody approved this very plan, rather than whatever
// the spec comes to.
func (o *options) run(ctx context.Context, p *prepared, command string, approved bool) error {
	id := o.runID
	k, err := o.keep(p, command, id)
	if err != nil {
		return err
	}
	if !o.noLock {
		l := newLock(p.file.Spec.Name, id, command, p.account.Caller.ARN)
		waited, err := o.lockSpec(ctx, k, p.account, l, p.file.Spec.File)
		if err != nil { // though the lock may have been taken, its answer lost
			if drop := o.dropLock(p.account); drop != nil {
				_ = k.Close() // and the journal stays: with it recover takes the lock away
				return fmt.Errorf("%w\nnothing was changed but the lock, which may have been taken and could not be given back (%w); take it away with:\n  %s", err, drop, o.again("recover", id))
			}
			k.forget()
			return err
		}
		if waited {
			again, err := o.replan(ctx, p, command, approved)
			if err != nil || len(again.plan.Steps) == 0 {
				k.forget()
				if err := o.dropLock(p.account); err != nil {
					o.complain(o.stillLocked(err, p.file.Spec.File, id))
				}
				if err != nil {
					return err
				}
				return o.nothingToDo(again)
			}
			k.forget()
			if k, err = o.keep(again, command, id); err == nil {
				err = k.locked(l)
			}
			if err != nil {
				return errors.Join(err, o.dropLock(p.account))
			}
			p = again
		}
	}
	w := working{account: p.account, file: p.file, journal: k}
	report, err := o.work(ctx, w, func(ctx context.Context, e *executor.Executor) *executor.Report { return e.Run(ctx, p.plan) })
	if report.Outcome == executor.NotStarted {
		k.forget() // there is nothing to recover, and nothing to tell
	}
	return err
}

// replan plans again once another run has ended. A plan that was approved has
// to be the same still; another one is shown.
func (o *options) replan(ctx context.Context, p *prepared, command string, approved bool) (*prepared, error) {
	again, err := o.prepareFrom(ctx, p.loaded, p.file.Spec.File, command == "destroy", p.account)
	if err != nil {
		return nil, err
	}
	moved := planner.Stale(p.file, again.file)
	switch {
	case len(moved) == 0 || len(again.plan.Steps) == 0:
		return again, nil
	case approved:
		return nil, staleError(moved)
	}
	if err := o.accept(again.plan); err != nil {
		return nil, err
	}
	if !o.json {
		err = o.showPlan(again.file)
	}
	return again, err
}

// dropLock gives the lock back, even after an interruption.
func (o *options) dropLock(account *kind.Session) error {
	if o.noLock {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockDropTimeout)
	defer cancel()
	return account.DropLock(ctx)
}

const lockDropTimeout = 30 * time.Second

// A follower shows a run while it happens.
type follower interface {
	Event(executor.Event)
	Tick(time.Time)
}

// A working is what a run needs, be it new or recovered.
type working struct {
	account *kind.Session
	file    planner.File
	journal *keptRun
	ending  func(*executor.Report, view.Options) error // writes the report; nil writes that of an apply
	wanted  executor.Outcome                           // that exits with 0; "" is Applied
}

// work runs the executor and shows how it goes. The error is how the process
// ends.
func (o *options) work(ctx context.Context, w working, do func(context.Context, *executor.Executor) *executor.Report) (*executor.Report, error) {
	var (
		style    = o.style(o.stdio.out)
		progress = view.NewProgress(o.stdio.out, w.file, style)
		events   = view.NewJSONEvents(o.stdio.out, w.file, w.journal.id)
		live     = o.liveDisplay(progress)
		follow   = follower(progress)
	)
	if o.json {
		events.Plan(time.Now())
		follow, live = events, func() {}
	}
	o.stop.during(func() {
		briefly(progress.Close) // so that it does not draw over what follows
		o.draining()
	}, func() {
		briefly(progress.Close)
		o.abandoning(w.journal.id)
	})
	done := ticking(func(now time.Time) {
		live()
		follow.Tick(now)
	})
	e := &executor.Executor{
		Account: w.account, Journal: w.journal.Journal, Parallel: o.parallelism, Keep: o.onFailure == keep,
		Settle: o.settleTime(), OnEvent: follow.Event,
	}
	if !o.noLock {
		e.Guard = w.account.HoldsLock
	}
	report := do(ctx, e)
	o.stop.after()
	done()
	unlocked := o.dropLock(w.account)
	closed := w.journal.Close()

	var err error
	switch {
	case o.json:
		err = events.Report(report, time.Now())
	case w.ending != nil:
		err = errors.Join(progress.Close(), w.ending(report, style))
	default:
		err = errors.Join(progress.Close(), view.Report(o.stdio.out, w.file, report, style))
	}
	for _, n := range w.account.Notes() {
		fmt.Fprintf(o.stdio.err, "note: %s: %s\n", view.Escape(n.ID.String()), view.Escape(n.Text))
	}
	if err != nil { // the status is about the account
		o.complain(fmt.Errorf("the run ended (%s), but its report could not be written: %w", report.Outcome, err))
	}
	if err := o.kept.save(); err != nil {
		o.complain(fmt.Errorf("what was done in the sandbox was not kept: %w", err))
	}
	if unlocked != nil {
		o.complain(o.stillLocked(unlocked, w.file.Spec.File, w.journal.id))
	}
	if closed != nil && report.Stopped == nil {
		o.complain(closed)
	}
	if report.Outcome == executor.Partial {
		fmt.Fprint(o.stdio.err, o.waysOut(w.journal.id, report))
	}
	if wanted := w.wanted; report.Outcome != wanted && (wanted != "" || report.Outcome != executor.Applied) {
		return report, runError{report}
	}
	return report, nil
}

// stillLocked is the error of a lock that could not be given back.
func (o *options) stillLocked(err error, file, run string) error {
	return fmt.Errorf("the lock of the spec was not given back: %w\ntake it away with:\n  %s", err, o.unlockLine(file, run))
}

// complain writes what went wrong beside the account.
func (o *options) complain(err error) { _ = view.Error(o.stdio.err, err, o.style(o.stdio.err)) }

// waysOut says how to finish or undo a run that was left half-way. After a
// rollback has begun it can only be undone.
func (o *options) waysOut(run string, r *executor.Report) string {
	text := "To undo what was done:\n  " + view.Escape(o.again("recover", "--undo", run)) + "\n"
	if r == nil || len(r.Undone) == 0 && !o.rollingBack(run) {
		text += "To finish it:\n  " + view.Escape(o.again("recover", "--finish", run)) + "\n"
	}
	return text
}

// rollingBack reports whether the journal says that the run is being undone.
func (o *options) rollingBack(run string) bool {
	r, err := o.findRun(run)
	if err != nil {
		return false
	}
	h, err := journal.Read(r.dir, r.Run)
	return err == nil && undoing(h)
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

// briefly waits for f, but not for long: a display whose reader has stopped
// reading is never done, and a signal must not wait for that.
func briefly(f func() error) {
	done := make(chan struct{})
	go func() {
		_ = f()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(100 * time.Millisecond):
	}
}
