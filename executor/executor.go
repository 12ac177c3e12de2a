// Package executor carries out plans, and undoes what it did when one fails.
//
// It knows nothing of AWS: an Account writes and reads for it, and a
// resource.Failure tells it what is known after a write that failed. It
// speaks only in events and in the Report it returns.
package executor

import (
	"context"
	"slices"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// An Account is what a plan is run against. Several writes and reads may be
// under way at once. A method that panics counts as one that failed with an
// outcome unknown.
type Account interface {
	// Write makes one change, by as few calls as it takes, each sent once. An
	// error is a *resource.Failure; any other counts as one of class Unknown.
	// Writing from any state in which earlier writes of the same object may
	// have left it is allowed: Before then is what Read returned.
	Write(ctx context.Context, c resource.Change) error

	// Read returns the named objects as they are now, never from a cache,
	// without those that do not exist. An event is never found. An error that
	// is a *resource.Failure of class Refused is final; any other read is
	// tried again.
	Read(ctx context.Context, ids []resource.ID) (*resource.State, error)
}

// An Executor runs plans against one account.
type Executor struct {
	Account  Account
	Parallel int            // steps in flight at once; 0 means 1
	Keep     bool           // leave things as they are when a step fails, instead of rolling back
	OnEvent  func(Event)    // called for each event, never two at once; may be nil
	Jitter   func() float64 // in [0,1), spreads the waits between attempts; called from several goroutines; nil means at random
}

// An Outcome is how a run ended.
type Outcome string

// The outcomes.
const (
	Applied    Outcome = "applied"     // every step done, and read back
	NotStarted Outcome = "not started" // cancelled before anything was changed
	RolledBack Outcome = "rolled back" // failed, everything undone, and read back
	Partial    Outcome = "partial"     // failed, and the account is neither as wanted nor as before
)

// A Report is the result of a run.
type Report struct {
	Outcome Outcome
	Cause   error         // what failed first, or what cancelled the context; nil if Applied
	Failed  int           // the step that failed; -1 if none did
	Done    []int         // steps that were done, in the order they ended
	Undone  []int         // of those, and of those that failed, the ones undone or found undone; and the events done again for it
	Left    []Left        // where the account differs from what it was, in ID order; only if Partial
	New     []resource.ID // objects that were deleted and made again in a rollback, with ids of their own anew; not links, which have none
}

// Left is one object that could not be put back.
type Left struct {
	ID  resource.ID
	Err error
}

// Run carries out p.
//
// A step is begun when those it waits for are done, the longest way to the end
// first; what cannot be undone is begun when all else is done. Each object is
// read just before its step: if it is no longer what the plan found, somebody
// else is at work and the step fails; if it is already as wanted, the step is
// done and not Run's to undo.
//
// When a step fails, or ctx is cancelled, no other is begun, and those in
// flight come to an end. Unless Keep is set, everything done is then undone in
// the opposite order, whatever becomes of ctx. An object is only put back if
// it is as its step left it: what somebody else has changed since is left to
// them. What cannot be put back is in the report, and so is all that the plan
// had built on it.
//
// Finally everything touched is read back, after an apply as after a rollback,
// and only what was read so is reported so.
func (e *Executor) Run(ctx context.Context, p *planner.Plan) *Report {
	r := newRun(e, p)
	r.forward(ctx)
	safe := context.WithoutCancel(ctx)
	if r.report.Cause == nil {
		r.verifyApplied(safe)
	}
	switch {
	case r.report.Cause == nil:
		r.report.Outcome = Applied
	case r.report.Failed < 0 && len(r.touched()) == 0:
		r.report.Outcome = NotStarted
	case e.Keep:
		r.keep()
	default:
		r.rollback(safe)
	}
	slices.SortFunc(r.report.Left, func(a, b Left) int { return a.ID.Compare(b.ID) })
	return &r.report
}
