package journal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ssmctl/ssmctl/journal"
)

// Runs are listed newest first, with those that cannot be read among them.
func TestList(t *testing.T) {
	t.Parallel()
	for name, disk := range map[string]journal.FS{"memory": &journal.Memory{}, "dir": journal.Dir{Root: filepath.Join(t.TempDir(), "ssmctl")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if all, err := journal.List(disk); err != nil || len(all) != 0 {
				t.Errorf("before the first run: %v, %v", all, err)
			}
			begin := func(run string, records ...journal.Record) *journal.Journal {
				s := newStart(t, 4)
				s.Run = run
				j, err := journal.Create(disk, s, night)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range records {
					if err := j.Append(r); err != nil {
						t.Fatal(err)
					}
				}
				return j
			}
			spoil := func(name, text string) {
				f, err := disk.Create(name)
				if err != nil {
					t.Fatal(err)
				}
				_, err = f.Write([]byte(text))
				if err := errors.Join(err, f.Close()); err != nil {
					t.Fatal(err)
				}
			}
			begin("20261120-000000-aaaaaa", story()...).Close()
			begin("20261121-000000-aaaaaa", story()[:14]...).Close()
			underway := begin("20261122-000000-aaaaaa", story()[:16]...)
			defer underway.Close()
			begin("20261122-000001-aaaaaa", story()[:3]...).Close()
			spoil("20261119-000000-aaaaaa/journal", "garbage\n")
			spoil("20261118-000000-aaaaaa/journal", "0123")
			spoil("20261117-000000-aaaaaa/other", "")
			spoil("notes.txt/journal", "ours has no dot")

			got, err := journal.List(disk)
			if err != nil {
				t.Fatal(err)
			}
			known := journal.Summary{Started: night, Command: "apply", Account: "123456789012", Spec: "web"}
			of := func(run string, phase journal.Phase, outcome string, busy bool) journal.Summary {
				s := known
				s.Run, s.Phase, s.Outcome, s.Busy = run, phase, outcome, busy
				return s
			}
			want := []journal.Summary{
				of("20261122-000001-aaaaaa", journal.Doing, "", false),
				of("20261122-000000-aaaaaa", journal.Undoing, "", true),
				of("20261121-000000-aaaaaa", journal.PastReturn, "", false),
				of("20261120-000000-aaaaaa", journal.Undoing, "partial", false),
				{Run: "20261119-000000-aaaaaa"},
				{Run: "20261118-000000-aaaaaa"},
				{Run: "20261117-000000-aaaaaa"},
			}
			if d := cmp.Diff(want, got, cmpopts.IgnoreFields(journal.Summary{}, "Err")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for i, s := range got {
				if readable := i < 4; readable != (s.Err == nil) {
					t.Errorf("%s: %v", s.Run, s.Err)
				}
			}
			if j, _, err := journal.Open(disk, "20261121-000000-aaaaaa"); err != nil {
				t.Errorf("a run that was listed cannot be opened: %v", err)
			} else {
				j.Close()
			}
		})
	}
}

// One process at a time goes on with a run; all can read it.
//
// Fault 30: two processes that resume one run.
func TestOneWriter(t *testing.T) {
	t.Parallel()
	for name, disk := range map[string]journal.FS{"memory": &journal.Memory{}, "dir": journal.Dir{Root: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, err := journal.Create(disk, newStart(t, 4), night)
			if err != nil {
				t.Fatal(err)
			}
			busy := func(when string) {
				t.Helper()
				if j, _, err := journal.Open(disk, run); j != nil || !errors.Is(err, journal.ErrBusy) {
					t.Errorf("opened %s: %v", when, err)
				}
				if _, err := journal.Read(disk, run); err != nil {
					t.Errorf("read %s: %v", when, err)
				}
			}
			busy("while the run goes on")
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			second, _, err := journal.Open(disk, run)
			if err != nil {
				t.Fatal(err)
			}
			busy("while it is resumed")
			if err := second.Append(journal.Record{Type: journal.Resumed, Time: night, Step: -1}); err != nil {
				t.Fatal(err)
			}
			if err := second.Close(); err != nil {
				t.Fatal(err)
			}
			third, h, err := journal.Open(disk, run)
			if err != nil {
				t.Fatal(err)
			}
			defer third.Close()
			if n := len(h.Records); n != 2 {
				t.Errorf("there are %d records", n)
			}
		})
	}
}

// How a run stands is decided by what came last.
func TestStanding(t *testing.T) {
	t.Parallel()
	ended := journal.Record{Type: journal.Ended, Step: -1, Outcome: "applied"}
	of := func(t journal.Type) journal.Record { return journal.Record{Type: t, Step: -1} }
	for name, tc := range map[string]struct {
		records []journal.Record
		outcome string
		phase   journal.Phase
	}{
		"begun":                {nil, "", journal.Doing},
		"applied":              {[]journal.Record{ended}, "applied", journal.Doing},
		"taken up again":       {[]journal.Record{ended, of(journal.Resumed)}, "", journal.Doing},
		"ended twice":          {[]journal.Record{ended, of(journal.Resumed), {Type: journal.Ended, Step: -1, Outcome: "rolled back"}}, "rolled back", journal.Doing},
		"held":                 {[]journal.Record{of(journal.Held)}, "", journal.Doing},
		"past return":          {[]journal.Record{of(journal.Pivot), of(journal.Resumed)}, "", journal.PastReturn},
		"undone after return":  {[]journal.Record{of(journal.Pivot), of(journal.Rollback)}, "", journal.Undoing},
		"return after undoing": {[]journal.Record{of(journal.Rollback), of(journal.Pivot)}, "", journal.Undoing},
		"undoing":              {[]journal.Record{of(journal.Rollback), of(journal.Resumed)}, "", journal.Undoing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := journal.History{Records: tc.records}
			if got := h.Outcome(); got != tc.outcome {
				t.Errorf("the outcome is %q, want %q", got, tc.outcome)
			}
			if got := h.Phase(); got != tc.phase {
				t.Errorf("the phase is %q, want %q", got, tc.phase)
			}
		})
	}
}

// Ids are those of runs, sort by time, and are hardly ever the same.
func TestNewRun(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*3600)
	if got, want := journal.NewRun(night.In(zone), bytes.NewReader([]byte{0, 31, 32, 255, 10, 22})), "20261123-233105-0z0zap"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	var ids []string
	for n := range 100 {
		id := journal.NewRun(night.Add(time.Duration(n)*time.Second), rand.Reader)
		if !journal.IsRun(id) {
			t.Errorf("%q is no id", id)
		}
		ids = append(ids, id[len(id)-6:])
		if n > 0 && !slices.IsSorted([]string{journal.NewRun(night, rand.Reader), id}) {
			t.Errorf("%q sorts before the first", id)
		}
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n < 99 {
		t.Errorf("100 ids end in %d ways", n)
	}
}

// What is no id leads nowhere.
func TestIsRun(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		run: true, "a": true, "0": true, "A-b": true,
		"": false, "-a": false, ".": false, "..": false, "../x": false, "a/b": false, `a\b`: false, "a b": false,
		"plan.json": false, "a\x00": false, "ä": false,
		"0123456789012345678901234567890123456789012345678901234567890123":  true,
		"01234567890123456789012345678901234567890123456789012345678901234": false,
	} {
		if got := journal.IsRun(id); got != want {
			t.Errorf("IsRun(%q) is %t", id, got)
		}
		disk := journal.Dir{Root: t.TempDir()}
		s := newStart(t, 1)
		s.Run = id
		j, err := journal.Create(disk, s, night)
		if (err == nil) != want {
			t.Errorf("Create with the id %q: %v", id, err)
		}
		if err == nil {
			j.Close()
		} else if _, err := journal.Read(disk, id); err == nil {
			t.Errorf("Read with the id %q succeeded", id)
		}
	}
}
