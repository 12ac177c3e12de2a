package executor

import (
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// An Event reports progress. For each step a StepStarted is followed, after
// any number of StepRetried, by one StepEnded; steps that run at once mix
// theirs. If a step fails and there is anything to undo, RollbackStarted
// follows when the steps in flight have ended, then the same for each undo.
// VerifyStarted and VerifyEnded frame the reading back, unless there is
// nothing to read: after an apply, after a rollback, and before the first step
// whose undoing would lose something. Nothing else happens meanwhile.
//
// A run that is recovered has events only of what this process does: none of
// steps that were done or undone before. Undo begins with RollbackStarted, if
// there is anything to undo.
type Event struct {
	Type    EventType
	Time    time.Time
	Step    int             // index into Plan.Steps; -1 where the event is of no step
	Change  resource.Change // of the step, or its inverse when Undo
	Undo    bool            // the step is being undone
	Attempt int             // of StepRetried: the attempt that now begins, from 2
	Reason  string          // of StepRetried: why, in a few words ("IAM is throttling"); of StepEnded: what else to know
	Elapsed time.Duration   // of ...Ended: since the start
	Err     error           // of ...Ended, and of RollbackStarted: what failed; nil if the undoing was asked for
	Steps   int             // of RollbackStarted: how many steps will be undone, and events done again
}

// An EventType says what an Event reports.
type EventType string

// The event types.
const (
	StepStarted     EventType = "step_started"
	StepRetried     EventType = "step_retried"
	StepEnded       EventType = "step_ended"
	RollbackStarted EventType = "rollback_started"
	VerifyStarted   EventType = "verify_started"
	VerifyEnded     EventType = "verify_ended"
)
