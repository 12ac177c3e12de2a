package journal_test

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// failing makes the nth call of a sort fail, and counts the calls after it.
func failing(disk *journal.Memory, op journal.Op, nth int, err error) (after *int) {
	after = new(int)
	failed := false
	disk.Fail = func(o journal.Op, n int) error {
		if failed {
			*after++
		}
		if o == op && n == nth {
			failed = true
			return err
		}
		return nil
	}
	return after
}

// A journal that could not be written is not written again: after a failed
// fsync the next one would succeed although the record is lost. Another
// process, once the disk is sound, has all records from before and can go on.
//
// Fault 37: a full disk, an input/output error, a failed fsync.
func TestBroken(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		op  journal.Op
		err error
	}{
		"full disk":    {journal.OpWrite, syscall.ENOSPC},
		"broken disk":  {journal.OpWrite, syscall.EIO},
		"failed fsync": {journal.OpSync, syscall.EIO},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const good = 3
			disk := &journal.Memory{}
			after := failing(disk, tc.op, 1+good, tc.err)
			j, err := journal.Create(disk, newStart(t, 4), night)
			if err != nil {
				t.Fatal(err)
			}
			var first error
			for n, r := range story() {
				r.Text = strings.Repeat("x", 1500) // fills sectors that nothing later is in
				err := j.Append(r)
				switch {
				case n < good && err != nil:
					t.Fatal(err)
				case n == good:
					first = err
				case n > good && (err == nil || err.Error() != first.Error()):
					t.Errorf("record %d: the error is %v, and the first was %v", n, err, first)
				}
			}
			if !errors.Is(first, tc.err) {
				t.Fatalf("the error is %v", first)
			}
			for _, want := range []string{run + "/journal", "nothing more is sent", "ssmctl recover " + run} {
				if !strings.Contains(first.Error(), want) {
					t.Errorf("the error is %q, want in it %q", first, want)
				}
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if *after != 0 {
				t.Errorf("the disk was written to %d times more", *after)
			}

			// The kernel goes on to show what it could not write.
			j, h, err := journal.Open(disk, run)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(h.Records); n != 1+good && n != 1+good+1 {
				t.Errorf("there are %d records, want %d or one more", n, 1+good)
			}
			if err := j.Append(journal.Record{Type: journal.Resumed, Time: night, Step: -1}); err != nil {
				t.Fatal(err)
			}
			outcomes(func(choose func(int) int) {
				again, err := journal.Read(disk.Crash(choose), run)
				if err != nil || len(again.Records) != len(h.Records)+1 {
					t.Fatalf("after the power was lost: %d records, want %d: %v", len(again.Records), len(h.Records)+1, err)
				}
			})
		})
	}
}

// A run whose journal does not become durable does not begin, and one whose
// journal does not open does not go on; nothing is lost by trying.
//
// Fault 37: a disk that is full or fails before anything is sent.
func TestDiskFailsAtFirst(t *testing.T) {
	t.Parallel()
	for op := journal.OpCreate; op <= journal.OpReserve; op++ {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			disk := &journal.Memory{}
			failing(disk, op, 0, syscall.ENOSPC)
			j, err := journal.Create(disk, newStart(t, 4), night)
			if j != nil || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "journal") {
				if op != journal.OpTruncate { // only Open does that
					t.Fatalf("Create returned %v", err)
				}
			}
			if op == journal.OpCreate {
				return // Open does not
			}
			data := golden(t)
			disk = on(t, data[:len(data)-5])
			want := 0
			switch op {
			case journal.OpWrite, journal.OpSync:
				want = 1 // the first was on's
			case journal.OpSyncDir:
				want = 2
			}
			failing(disk, op, want, syscall.ENOSPC)
			if j, _, err := journal.Open(disk, run); j != nil || !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("Open returned %v", err)
			}
			j, h, err := journal.Open(disk, run)
			if err != nil || j == nil || len(h.Records) != len(story()) {
				t.Errorf("opened again: %d records of %d, %v", len(h.Records), len(story()), err)
			}
		})
	}
}

// A record that could not be read is not written, and neither is what follows.
func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		record journal.Record
		want   string
	}{
		"a result without intent": {journal.Record{Type: journal.Done}, `step 0 is "done" without an intent`},
		"a step too many":         {journal.Record{Type: journal.Intent, Step: 4}, "is of step 4"},
		"an unknown type":         {journal.Record{Type: "paused", Step: -1}, `there is no record "paused"`},
		"a second beginning":      {journal.Record{Type: journal.Began, Step: -1}, "begins a second time"},
		"too long":                {journal.Record{Type: journal.Locked, Step: -1, Holder: strings.Repeat("x", 64<<10)}, "at most 65536"},
		"a year with five digits": {journal.Record{Type: journal.Held, Step: -1, Time: night.AddDate(9000, 0, 0)}, "year"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := &journal.Memory{}
			j, err := journal.Create(disk, newStart(t, 4), night)
			if err != nil {
				t.Fatal(err)
			}
			if err := j.Append(tc.record); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("the error is %v, want in it %s", err, tc.want)
			}
			if err := j.Append(journal.Record{Type: journal.Held, Time: night, Step: -1}); err == nil {
				t.Error("another record was appended")
			}
			if h, err := journal.Read(disk, run); err != nil || len(h.Records) != 1 {
				t.Errorf("there are %d records: %v", len(h.Records), err)
			}
		})
	}
}

// A run that exists is not begun again, and a plan that no journal can hold is
// not begun at all.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	disk := &journal.Memory{}
	write(t, disk, newStart(t, 1), nil)
	s := newStart(t, 1)
	if _, err := journal.Create(disk, s, night); err == nil || !strings.Contains(err.Error(), "there is a run "+run+" already") {
		t.Errorf("the error is %v", err)
	}
	s.Run, s.Steps = "another", nil
	if _, err := journal.Create(disk, s, night); err == nil || !strings.Contains(err.Error(), "the plan shows 1 steps, and 0 are stored") {
		t.Errorf("the error is %v", err)
	}
	s = newStart(t, 1)
	s.Run, s.Plan.Notes = "another", []planner.Note{{Resource: resource.ID{Name: "web"}}}
	if _, err := journal.Create(disk, s, night); err == nil || !strings.Contains(err.Error(), `an object "/web", which has no kind or no name`) {
		t.Errorf("the error is %v", err)
	}
	if names, err := disk.ReadDir("."); err != nil || len(names) != 1 {
		t.Errorf("there are the runs %q: %v", names, err)
	}
}

// Records of several goroutines are all there, each one's in order, none mixed
// with another.
func TestAppendAtOnce(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 50
	disk := &journal.Memory{}
	j, err := journal.Create(disk, newStart(t, workers), night)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range each {
				if err := j.Append(journal.Record{Type: journal.Intent, Time: night.AddDate(0, 0, n), Step: w}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(journal.Record{Type: journal.Intent}); err == nil || !strings.Contains(err.Error(), "is closed") {
		t.Errorf("appending to a closed journal: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	h, err := journal.Read(disk, run)
	if err != nil {
		t.Fatal(err)
	}
	var next [workers]int
	for _, r := range h.Records[1:] {
		if want := night.AddDate(0, 0, next[r.Step]); r.Time != want {
			t.Fatalf("worker %d: %v, want %v", r.Step, r.Time, want)
		}
		next[r.Step]++
	}
	for w, n := range next {
		if n != each {
			t.Errorf("worker %d has %d records, want %d", w, n, each)
		}
	}
}
