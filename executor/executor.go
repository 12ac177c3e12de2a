// Package executor carries out plans, and undoes what it did when one fails.
//
// It knows nothing of AWS: an Account writes and reads for it, and a
// resource.Failure tells it what is known after a write that failed. It
// speaks only in events and in the Report it returns.
package executor

import (
	"context"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// An Account is what a plan is run against.
type Account interface {
	// Write makes one change, by as few calls as it takes, each sent once. An
	// error is a *resource.Failure. Writing from any state in which earlier
	// writes of the same object may have left it is allowed: Before then is
	// what Read returned.
	Write(ctx context.Context, c resource.Change) error

	// Read returns the named objects as they are now, never from a cache,
	// without those that do not exist. An event is never found.
	Read(ctx context.Context, ids []resource.ID) (*resource.State, error)
}

// An Executor runs plans against one account.
type Executor struct {
	Account  Account
	Parallel int         // steps in flight at once; 0 means 1
	Keep     bool        // leave things as they are when a step fails, instead of rolling back
	OnEvent  func(Event) // called for each event, never two at once; may be nil
}

// An Outcome is how a run ended.
type Outcome string

// The outcomes.
const (
	Applied    Outcome = "applied"     // every step done, and read back
	NotStarted Outcome = "not started" // stopped before the first step was begun
	RolledBack Outcome = "rolled back" // failed, everything undone, and read back
	Partial    Outcome = "partial"     // failed, and the account is neither as wanted nor as before
)

// A Report is the result of a run.
type Report struct {
	Outcome Outcome
	Cause   error         // what failed first; nil if Applied
	Failed  int           // the step that failed; -1 if none did
	Done    []int         // steps that were done, in the order they ended
	Undone  []int         // of those, and of the failed one, the ones undone or found undone
	Left    []Left        // where the account differs from what it was; only if Partial
	New     []resource.ID // objects that were deleted and made again in a rollback, with ids of their own anew
}

// Left is one object that could not be put back.
type Left struct {
	ID  resource.ID
	Err error
}

// Run carries out p.
func (e *Executor) Run(ctx context.Context, p *planner.Plan) *Report { panic("unwritten") }
