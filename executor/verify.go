package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/resource"
)

// verifyDone reads back what the steps done so far were to make, if there is
// anything to read, and it is known how far they came. What is not so is the
// failure of the last of them that was to make it so; the step is -1 if it
// cannot be told.
func (r *run) verifyDone(ctx context.Context) (verified bool, step int, err error) {
	want := map[resource.ID]resource.Object{}
	by := map[resource.ID]int{}
	for i, s := range r.plan.Steps {
		switch p := r.steps[i].state; {
		case s.Event():
		case p == done, p == found:
			want[s.ID()] = s.After
			by[s.ID()] = i
		case p == maybe: // by a process that was interrupted
			delete(want, s.ID())
		}
	}
	wrong, err := r.verify(ctx, want, nil)
	switch {
	case err != nil:
		return false, -1, err
	case len(wrong) > 0:
		return false, by[wrong[0]], mismatch(wrong)
	}
	return len(want) > 0, -1, nil
}

// verify reads back what is to be there, and returns what is not so. What is
// doubtful was there a moment ago, and may not be any more: that it is seen
// counts only once a read cannot be stale.
func (r *run) verify(ctx context.Context, want map[resource.ID]resource.Object, doubtful map[resource.ID]bool) (wrong []resource.ID, err error) {
	if len(want) == 0 {
		return nil, nil
	}
	start := time.Now()
	r.emit(Event{Type: VerifyStarted, Step: -1})
	defer func() {
		e := Event{Type: VerifyEnded, Step: -1, Err: err, Elapsed: time.Since(start)}
		if err == nil && len(wrong) > 0 {
			e.Err = mismatch(wrong)
		}
		r.emit(e)
	}()
	same := func(id resource.ID, live resource.Object) bool { return resource.Equal(live, want[id]) }
	seen, err := r.observe(ctx, slices.SortedFunc(maps.Keys(want), resource.ID.Compare), verifyWindow, func(id resource.ID, live resource.Object, asked time.Time) bool {
		return same(id, live) && (!doubtful[id] || asked.Sub(start) >= settleWindow)
	})
	if err != nil {
		return nil, unverified(err)
	}
	for id, live := range seen {
		if !same(id, live) {
			wrong = append(wrong, id)
		}
	}
	slices.SortFunc(wrong, resource.ID.Compare)
	return wrong, nil
}

// verifyRestored reads back what was touched. What is not as it was before is
// left; what is was undone, even where the answer to its undo was lost. If the
// run was stopped, only what is said to be undone is read.
func (r *run) verifyRestored(ctx context.Context) {
	want := map[resource.ID]resource.Object{}
	by := map[resource.ID][]int{}
	for _, i := range r.touched() {
		id := r.plan.Steps[i].ID()
		if by[id] == nil {
			want[id] = r.plan.Steps[i].Before
		}
		by[id] = append(by[id], i)
	}
	doubtful := map[resource.ID]bool{}
	for id, steps := range by {
		doubtful[id] = slices.ContainsFunc(steps, func(i int) bool { return r.steps[i].state != back })
		if doubtful[id] && r.stopping.Err() != nil {
			delete(want, id)
			delete(by, id)
		}
	}
	wrong, err := r.verify(ctx, want, doubtful)
	for _, id := range slices.SortedFunc(maps.Keys(by), resource.ID.Compare) {
		switch {
		case err != nil:
			r.leave(id, err)
		case slices.Contains(wrong, id):
			r.leave(id, errNotBefore)
			r.reopen(by[id])
		default:
			r.restored(id, by[id])
		}
	}
}

// restored notes that an object is as it was, whatever was said of its undo.
func (r *run) restored(id resource.ID, steps []int) {
	r.report.Left = slices.DeleteFunc(r.report.Left, func(l Left) bool { return l.ID == id })
	for _, i := range steps {
		if r.steps[i].state == left {
			r.steps[i].state = back
			r.report.Undone = append(r.report.Undone, i)
			_ = r.record(journal.Record{Type: journal.Undone, Step: i, Text: "read back in the end"}) // if not, the report says so
		}
	}
}

var errNotBefore = errors.New("read back, it is not as it was before")

// reopen notes that an object is not as it was, whatever was said of its undo:
// it is to be looked at again when the run is undone again.
func (r *run) reopen(steps []int) {
	for _, i := range steps {
		if r.steps[i].state == back {
			r.steps[i].state = left
			r.report.Undone = slices.DeleteFunc(r.report.Undone, func(u int) bool { return u == i })
			_ = r.record(journal.Record{Type: journal.Conflict, Step: i, Text: errNotBefore.Error()}) // if not, the report says so
		}
	}
}

// mismatch is the error of objects that are not what they should be.
func mismatch(ids []resource.ID) error {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return fmt.Errorf("verification: read back, not as it should be: %s", strings.Join(names, ", "))
}

// unverified is the error of a verification that could not read.
func unverified(err error) error { return fmt.Errorf("verification: cannot read back: %w", err) }
