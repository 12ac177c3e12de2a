package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
)

// Why a run is not finished.
var (
	errBegunToUndo = errors.New("the run has begun to undo what it did, so it cannot be finished, only undone")
	errUndone      = errors.New("the run was undone: plan and apply again")
	errNotRead     = errors.New("undone, but not read back")
)

// Finish goes on with a run that was interrupted or held, from what its
// journal says, until all of p is done. P is the plan of the journal, and
// e.Journal is open on it.
//
// What was done stays done. A step of which the journal does not say what
// became of it is looked at: it may be done, be tried again, or be gone on
// with from half-way. If somebody else has changed its object since, or
// anything fails, everything is undone that the run did, in this process or in
// others, as in Run. In the end all of the plan is read back, not only what
// this process did. Events are not done twice: one at which the run was
// interrupted counts as done.
//
// A run that was applied in full is left alone, and reported as it is. One that
// has begun to undo is not finished; that is the report's Cause, and nothing
// was sent. Whatever interrupts Finish, it can be called again, and so can Undo.
func (e *Executor) Finish(ctx context.Context, p *planner.Plan, h journal.History) *Report {
	r := newRun(ctx, e, p)
	err := r.replay(h)
	ended := Outcome(h.Outcome())
	switch {
	case err != nil:
		return r.refuse(err)
	case ended == Applied:
		r.report.Outcome = Applied
		return r.close()
	case ended == RolledBack:
		r.report.Outcome, r.report.Cause = RolledBack, errUndone
		return r.close()
	case h.Phase() == journal.Undoing:
		return r.refuse(errBegunToUndo)
	}
	_ = r.recordRun(journal.Resumed, "finish") // if not, the run is halted
	return r.apply(ctx)
}

// Undo undoes a run that was interrupted, was held, or has ended, from what
// its journal says: what it did and may have done, in whichever process, where
// that was not undone yet; the newest first, events again as in Run. P is the
// plan of the journal, and e.Journal is open on it.
//
// What is no longer as the run left it was changed by somebody else since, and
// is left to them; the report names it. Once they agree, or it is as the run
// left it again, Undo can be called again. When ctx is cancelled, nothing more
// is undone, and what is in flight comes to its end. Whatever interrupts Undo,
// it can be called again: nothing is undone twice.
//
// If all is undone and read back, the outcome is RolledBack, and there is no
// Cause.
func (e *Executor) Undo(ctx context.Context, p *planner.Plan, h journal.History) *Report {
	r := newRun(ctx, e, p)
	if err := r.replay(h); err != nil {
		return r.refuse(err)
	}
	if Outcome(h.Outcome()) == RolledBack {
		r.report.Outcome = RolledBack
		return r.close()
	}
	_ = r.recordRun(journal.Resumed, "undo") // if not, the run is halted
	r.rollback(context.WithoutCancel(ctx))
	switch {
	case r.report.Outcome == RolledBack:
	case r.report.Stopped != nil:
		r.report.Cause = r.report.Stopped
	case ctx.Err() != nil && len(r.standing()) > 0:
		r.report.Cause, r.report.Cancelled = context.Cause(ctx), true
	}
	return r.end()
}

// refuse reports a run that was not touched, as it stands by its journal.
func (r *run) refuse(why error) *Report {
	r.report.Outcome, r.report.Cause = Partial, why
	for _, i := range r.touched() {
		id := r.plan.Steps[i].ID()
		switch p := r.steps[i]; p.state {
		case back:
			r.leave(id, errNotRead)
		case maybe:
			r.leave(id, fmt.Errorf("may have been changed: %w", p.err))
		default:
			r.leave(id, errNotUndone)
		}
	}
	return r.close()
}
