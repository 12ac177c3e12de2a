package executor

import (
	"errors"

	"github.com/ssmctl/ssmctl/journal"
)

// errPastReturn is why a run that failed late is not undone.
var errPastReturn = errors.New("the point of no return was passed: something was done that cannot be undone, " +
	"so the rest was not undone either; all that was done is as the plan has it; once the cause is mended, recover goes on from here")

// passReturn is called when all is done that can be undone exactly, and
// something is about to begin that cannot. It reads back what was done, since
// this is the last moment at which a difference costs nothing, and reports
// whether the run may go on.
func (r *run) passReturn() bool {
	verified, i, err := r.verifyDone(r.stopping)
	switch {
	case r.stopping.Err() != nil:
		return false
	case err != nil:
		r.fail(i, err)
		return false
	case verified && r.recordRun(journal.Verified, "") != nil:
		return false
	}
	return r.recordRun(journal.Pivot, "") == nil
}

// pastReturn reports whether something was done, or may have been, that cannot
// be undone at all. Undoing what led there would not bring back the account as
// it was, and take away from what was approved.
func (r *run) pastReturn() bool {
	for i, s := range r.plan.Steps {
		if p := r.steps[i].state; s.Loss.Final && (p == done || p == maybe) {
			return true
		}
	}
	return false
}
