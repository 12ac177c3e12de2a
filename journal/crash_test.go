package journal_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/journal"
)

// outcomes calls try with a choose for Memory.Crash, once for each way in which
// its questions can be answered. Of a question with very many answers it takes
// the first and last few, and some between.
func outcomes(try func(choose func(n int) int)) {
	type question struct{ answers, answer int }
	var asked []question
	for {
		next := 0
		try(func(n int) int {
			answers := min(n, 300)
			if next == len(asked) {
				asked = append(asked, question{answers, 0})
			}
			q := asked[next]
			next++
			if n > answers && q.answer >= 8 {
				return n - 1 - (answers-1-q.answer)*(n-8)/answers
			}
			return q.answer
		})
		asked = asked[:next]
		for len(asked) > 0 && asked[len(asked)-1].answer == asked[len(asked)-1].answers-1 {
			asked = asked[:len(asked)-1]
		}
		if len(asked) == 0 {
			return
		}
		asked[len(asked)-1].answer++
	}
}

// A witness knows what has to be in a journal, and what may be.
type witness struct {
	start    journal.Start
	begun    bool             // Create has returned
	told     []journal.Record // whose Append has returned, Began included
	underway *journal.Record  // whose Append was called and has not returned
}

// check holds a disk that a crash left against what is known.
func (w *witness) check(disk *journal.Memory) error {
	h, err := journal.Read(disk, run)
	if !w.begun && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, journal.ErrNotBegun)) {
		return nil
	}
	if err != nil {
		return err
	}
	told := len(w.told)
	if len(h.Records) < told {
		return fmt.Errorf("%d records, and %d were durable", len(h.Records), told)
	}
	if d := cmp.Diff(w.told, h.Records[:told:told]); told > 0 && d != "" {
		return fmt.Errorf("(-want +got):\n%s", d)
	}
	switch more := h.Records[told:]; {
	case len(more) > 1, len(more) == 1 && w.underway == nil:
		return fmt.Errorf("%d records that nobody wrote", len(more))
	case len(more) == 1:
		if d := cmp.Diff(*w.underway, more[0]); d != "" {
			return fmt.Errorf("the record under way (-want +got):\n%s", d)
		}
	}
	return w.goOn(disk, h)
}

// goOn recovers from the crash, and crashes again with the least left.
func (w *witness) goOn(disk *journal.Memory, h journal.History) error {
	j, again, err := journal.Open(disk, run)
	if err != nil {
		return err
	}
	if len(again.Records) != len(h.Records) {
		return fmt.Errorf("opened with %d records, read with %d", len(again.Records), len(h.Records))
	}
	none := func(int) int { return 0 }
	if after, err := journal.Read(disk.Crash(none), run); err != nil || len(after.Records) != len(h.Records) || after.Torn {
		return fmt.Errorf("crashed when opened: %d records, had %d, torn %t: %w", len(after.Records), len(h.Records), after.Torn, err)
	}
	resumed := journal.Record{Type: journal.Resumed, Time: night, Step: -1}
	if err := j.Append(resumed); err != nil {
		return err
	}
	after, err := journal.Read(disk.Crash(none), run)
	if err != nil {
		return err
	}
	if len(after.Records) != len(h.Records)+1 || after.Records[len(h.Records)].Type != journal.Resumed {
		return fmt.Errorf("after going on: %d records, had %d", len(after.Records), len(h.Records))
	}
	return nil
}

// Whenever the power goes, and whatever of the unsynced writes is left, all
// records whose Append had returned are there, in order, none is invented, and
// the run can go on.
//
// Fault 36: power loss that drops, cuts short and reorders unsynced writes.
// Faults 31, 32: kill -9 at any moment.
func TestEveryCrash(t *testing.T) {
	t.Parallel()
	crashes := 0
	w := &witness{start: newStart(t, 1)}
	disk := &journal.Memory{}
	disk.Fail = func(op journal.Op, n int) error {
		check := func(what string, choose func(int) int) {
			crashes++
			if err := w.check(disk.Crash(choose)); err != nil {
				t.Fatalf("%s before %s %d, of %d records: %v", what, op, n, len(w.told), err)
			}
		}
		check("killed", nil)
		outcomes(func(choose func(int) int) { check("power lost", choose) })
		return nil
	}
	s := w.start
	s.Format = journal.Format
	began := journal.Record{Type: journal.Began, Time: night, Step: -1, Start: &s}
	w.underway = &began
	j, err := journal.Create(disk, w.start, night)
	if err != nil {
		t.Fatal(err)
	}
	w.begun, w.told = true, []journal.Record{began}
	for n, r := range story()[:9] {
		r.Step = min(r.Step, 0)
		r.Time = night.Add(time.Duration(n) * time.Second)
		w.underway = &r
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
		w.told, w.underway = append(w.told, r), nil
		if n == 4 { // another process goes on
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if j, _, err = journal.Open(disk, run); err != nil {
				t.Fatal(err)
			}
		}
	}
	disk.Fail(journal.OpSync, -1)
	if crashes < 1000 {
		t.Errorf("only %d crashes", crashes)
	}
	t.Logf("%d crashes", crashes)
}
