// Package executor carries out plans, undoes what it did when one fails, and
// goes on with a run that was interrupted, from the run's journal.
//
// It knows nothing of AWS: an Account writes and reads for it, and a
// resource.Failure tells it what is known after a write that failed. Nor does
// it know where a journal is kept, or who else could be at work: it is given
// both. It speaks only in events and in the Report it returns.
package executor

import (
	"context"
	"time"

	"github.com/ssmctl/ssmctl/journal"
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
	// have left it is allowed: Before then is what Read returned. In such a
	// state each field of the object is as before or as wanted; one that can
	// have others as well is a resource.Transient. What else is read then is
	// somebody else's.
	Write(ctx context.Context, c resource.Change) error

	// Read returns the named objects as they are now, never from a cache,
	// without those that do not exist. An event is never found. An error that
	// is a *resource.Failure of class Refused is final; any other read is
	// tried again for a while. One of class Expired that lasts ends the run.
	Read(ctx context.Context, ids []resource.ID) (*resource.State, error)
}

// An Executor runs plans against one account.
type Executor struct {
	Account Account

	// Journal is where the run is recorded: that something is about to be
	// sent, before it is, and what became of it, before anything that waits
	// for it is sent. If it cannot be written, the run stops where it is:
	// nothing more is sent, not even to undo. Nil records nothing; the run
	// then cannot be recovered.
	Journal *journal.Journal

	// Guard is asked just before each write, retries and undos included,
	// whether this run may still write; it may be called several times at
	// once. An error says that it may not, since another run has taken over:
	// nothing more is sent, not even to undo. Only one that is a
	// *resource.Failure of class Expired is treated as the write's own. With
	// one step at a time no write begins after the loss but the one whose
	// Guard had just said yes; with more, one each. Nil means that it may.
	Guard func(context.Context) error

	Parallel int            // steps in flight at once; 0 means 1
	Keep     bool           // leave things as they are when a step fails, instead of rolling back
	Settle   time.Duration  // how long AWS takes to spread a change everywhere, which a step with Pause waits for; 0 waits for nothing
	OnEvent  func(Event)    // called for each event, never two at once; may be nil
	Jitter   func() float64 // in [0,1), spreads the waits between attempts; called from several goroutines; nil means at random
}

// An Outcome is how a run ended.
type Outcome string

// The outcomes.
const (
	Applied    Outcome = "applied"     // every step done, and read back
	NotStarted Outcome = "not started" // stopped before anything was changed
	RolledBack Outcome = "rolled back" // failed, or to be undone; everything undone, and read back
	Partial    Outcome = "partial"     // stopped, and the account is neither as wanted nor as before, or may not be
)

// A Report is the result of a run. That of a run which was recovered covers
// all that was done in it, by whichever process.
type Report struct {
	Outcome   Outcome
	Cause     error  // what failed first, or what cancelled the context; nil if Applied, or undone as asked
	Failed    int    // the step that failed; -1 if none did
	Cancelled bool   // it was the context that ended the run, and no failure
	Done      []int  // steps that were done, or found done, in the order they ended
	Undone    []int  // of those, and of those that failed, the ones undone or found undone; and the events done again for it
	Left      []Left // objects that differ from what they were, or may; in ID order; only if Partial

	// Stopped is why nothing more was sent though there was more to do or to
	// undo: the journal cannot be written, the credentials have run out,
	// another run has taken over, or the point of no return was passed. The
	// outcome is then Partial, or NotStarted; with any other outcome all was
	// done and read back, but that could not be written to the journal.
	Stopped error

	New []resource.ID // objects that were deleted and made again in a rollback, with ids of their own anew; not links, which have none
}

// Left is one object that was not put back, or not for certain, and why.
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
// Before the first step whose undoing would lose something, all that was done
// is read back, while it can still be undone exactly. Once a step that cannot
// be undone at all was done, or may have been, a failure undoes nothing: what
// is done is as approved, and Finish goes on from there.
//
// Finally everything touched is read back, after an apply as after a rollback,
// and only what was read so is reported so.
func (e *Executor) Run(ctx context.Context, p *planner.Plan) *Report {
	return newRun(ctx, e, p).apply(ctx)
}
