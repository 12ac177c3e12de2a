package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// verifyApplied reads back what the steps were to make. What is not so is the
// failure of the last step that was to make it so.
func (r *run) verifyApplied(ctx context.Context) {
	want := map[resource.ID]resource.Object{}
	by := map[resource.ID]int{}
	for i, s := range r.plan.Steps {
		if !s.Event() {
			want[s.ID()] = s.After
			by[s.ID()] = i
		}
	}
	wrong, err := r.verify(ctx, want)
	switch {
	case err != nil:
		r.report.Cause = err
	case len(wrong) > 0:
		r.report.Cause = mismatch(wrong)
		r.report.Failed = by[wrong[0]]
	}
}

// verify reads back what is to be there, and returns what is not so.
func (r *run) verify(ctx context.Context, want map[resource.ID]resource.Object) (wrong []resource.ID, err error) {
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
	seen, err := r.observe(ctx, slices.SortedFunc(maps.Keys(want), resource.ID.Compare), verifyWindow, same)
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
// left; what is was undone, even where the answer to its undo was lost.
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
	wrong, err := r.verify(ctx, want)
	for _, id := range slices.SortedFunc(maps.Keys(by), resource.ID.Compare) {
		switch {
		case err != nil:
			r.leave(id, err)
		case slices.Contains(wrong, id):
			r.leave(id, errors.New("read back, it is not as it was before"))
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
