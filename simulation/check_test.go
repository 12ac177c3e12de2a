package simulation

import (
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/resource"
)

// check holds the account against what the report says.
func (t *trial) check(r *executor.Report) {
	for _, id := range t.world.ids {
		t.checkObject(r, id, left(r, id))
	}
	if err := contradiction(r, t.recoveries > 0); err != nil {
		t.violate("P6", "%v", err)
	}
}

// left reports whether the report says that an object differs from what it was.
func left(r *executor.Report, id resource.ID) bool {
	return slices.ContainsFunc(r.Left, func(l executor.Left) bool { return l.ID == id })
}

// contradiction is the error of a report of which one part does not fit another.
// A run that was recovered may have been undone as asked, for no cause.
func contradiction(r *executor.Report, recovered bool) error {
	for _, l := range r.Left {
		if l.Err == nil {
			return fmt.Errorf("%s is left for no reason", l.ID)
		}
	}
	fits := false
	switch r.Outcome {
	case executor.Applied:
		fits = r.Cause == nil && len(r.Left) == 0
	case executor.RolledBack, executor.NotStarted:
		fits = (r.Cause != nil || recovered) && len(r.Left) == 0
	case executor.Partial:
		fits = len(r.Left) > 0
	}
	if !fits {
		return fmt.Errorf("said to be %q; cause %v, stopped %v, left %v", r.Outcome, r.Cause, r.Stopped, r.Left)
	}
	return nil
}

// checkObject holds one object against what the report says.
func (t *trial) checkObject(r *executor.Report, id resource.ID, left bool) {
	it := t.item(id)
	changes := slices.Contains(t.world.touches, id)
	want := t.world.start[id]
	if it.touched && it.readAt <= t.lastWrite && r.Outcome != executor.Partial {
		t.violate("P6", "said to be %s, and %s was not read back in the end", r.Outcome, id)
	}
	if r.Outcome == executor.Applied && changes {
		want = t.world.goal[id]
	}
	unseen := it.theirAt > it.looked // they changed it after the last look at it
	if r.Outcome != executor.Applied && r.Outcome != executor.Partial && it.object != nil {
		t.checkUnique(id, it)
	}
	if same(it.object, want) || unseen {
		return
	}
	if it.hid && it.theirs {
		t.undecidable("a stale read together with a foreign write")
	}
	switch {
	case !it.touched && !(r.Outcome == executor.Applied && changes):
		// It is theirs alone.
		if !it.theirs {
			t.violate("P6", "%s is %s, and nobody made it so", id, text(it.object))
		}
	case r.Outcome == executor.Partial:
		if !left {
			t.violate("P6", "%s was %s, is %s, and the report does not say so", id, text(want), text(it.object))
		}
	case r.Outcome == executor.Applied:
		t.violate("P1", "said to be applied, but %s is %s and should be %s", id, text(it.object), text(want))
	default:
		t.violate("P2", "said to be %s, but %s was %s and is %s", r.Outcome, id, text(want), text(it.object))
	}
}

// checkUnique checks that an entity that was made again is reported.
func (t *trial) checkUnique(id resource.ID, it *item) {
	was := t.world.account.item(id)
	_, isEntity := it.object.(*entity)
	if isEntity && was.object != nil && it.unique != was.unique && it.theirAt == 0 && !slices.Contains(t.news, id) {
		t.violate("P6", "%s was made again, and the report does not say so", id)
	}
}

// checkUntouched checks that a run that does not exist did nothing.
func (t *trial) checkUntouched() {
	for _, id := range t.world.touches {
		if t.item(id).touched {
			t.violate("P3", "%s was changed by a run of which there is no journal", id)
		}
	}
}

// checkProgress checks that a run did not give up for nothing.
func (t *trial) checkProgress(r *executor.Report) {
	if allowed := t.expected(t.launched()); allowed != nil && !slices.Contains(allowed, r.Outcome) {
		t.violate("P3", "ended as %q: cause %v, stopped %v, left %v", r.Outcome, r.Cause, r.Stopped, r.Left)
	}
}

// expected returns how a run must end under the scenario, nil if that cannot
// be said beforehand.
func (s scenario) expected(launched bool) []executor.Outcome {
	switch {
	case s.keep || s.manyExpired():
		return nil
	case s.only(passing):
		return []executor.Outcome{executor.Applied}
	case s.only(passing, crashes) && s.finish:
		return []executor.Outcome{executor.Applied}
	case s.only(passing, crashes) && !launched:
		return []executor.Outcome{executor.Applied, executor.RolledBack}
	case len(s.faults) == 1 && s.only([]trouble{refused, signalled}) && !launched:
		return []executor.Outcome{executor.Applied, executor.RolledBack, executor.NotStarted}
	}
	return nil
}

// manyExpired reports whether credentials expired more often than a run waits
// for.
func (s scenario) manyExpired() bool {
	n := 0
	for _, f := range s.faults {
		if f.what == expired {
			n++
		}
	}
	return n > 1
}
