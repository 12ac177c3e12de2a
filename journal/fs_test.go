package journal_test

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/journal"
)

// Disks do the same, be they real or not.
func TestFS(t *testing.T) {
	t.Parallel()
	for name, disk := range map[string]journal.FS{
		"memory": &journal.Memory{},
		"dir":    journal.Dir{Root: filepath.Join(t.TempDir(), "state", "ssmctl", "123456789012")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const file = "run/journal"
			content := func(want string) {
				t.Helper()
				if got, err := disk.ReadFile(file); err != nil || string(got) != want {
					t.Errorf("the file holds %q, want %q: %v", got, want, err)
				}
			}
			absent := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s of what does not exist: %v", what, err)
				}
			}
			_, err := disk.Open(file)
			absent("Open", err)
			_, err = disk.ReadFile(file)
			absent("ReadFile", err)
			_, err = disk.ReadDir("run")
			absent("ReadDir", err)
			absent("SyncDir", disk.SyncDir("run"))

			f, err := disk.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := disk.Create(file); !errors.Is(err, fs.ErrExist) {
				t.Errorf("created twice: %v", err)
			}
			if err := errors.Join(f.Lock(), f.Reserve(1<<16), disk.SyncDir("run"), disk.SyncDir(".")); err != nil {
				t.Fatal(err)
			}
			content("")
			for _, text := range []string{"one ", "two ", "three"} {
				if n, err := f.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			content("one two three")
			if _, err := f.WriteAt([]byte("TWO"), 4); err != nil {
				t.Fatal(err)
			}
			content("one TWO three")
			if err := errors.Join(f.Truncate(7), f.Sync()); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write([]byte("!")); err != nil {
				t.Fatal(err)
			}
			content("one TWO!")

			g, err := disk.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Lock(); !errors.Is(err, journal.ErrBusy) {
				t.Errorf("the lock was had twice: %v", err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if err := g.Lock(); err != nil {
				t.Errorf("the lock was not given back: %v", err)
			}
			if _, err := f.Write(nil); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("written to though closed: %v", err)
			}
			if _, err := g.Write([]byte("?")); err != nil {
				t.Fatal(err)
			}
			content("one TWO!?")
			if err := g.Close(); err != nil {
				t.Fatal(err)
			}

			h, err := disk.Create("another/journal")
			if err != nil {
				t.Fatal(err)
			}
			h.Close()
			for dir, want := range map[string][]string{".": {"another", "run"}, "run": {"journal"}} {
				got, err := disk.ReadDir(dir)
				slices.Sort(got)
				if d := cmp.Diff(want, got); d != "" || err != nil {
					t.Errorf("%s (-want +got):\n%s\n%v", dir, d, err)
				}
			}
			if got := filepath.ToSlash(disk.Path(file)); !strings.HasSuffix(got, file) {
				t.Errorf("the path is %q", got)
			}
		})
	}
}

// What a loss of power leaves of the memory is what it can leave of a disk.
func TestCrash(t *testing.T) {
	t.Parallel()
	create := func(disk *journal.Memory) journal.File {
		f, err := disk.Create("run/journal")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	write := func(f journal.File, text string) {
		t.Helper()
		_, err := f.Write([]byte(text))
		must(err)
	}
	long := strings.Repeat("a", 510) // the rest of a sector has room for two more
	tests := map[string]struct {
		do   func(disk *journal.Memory)
		want []string // what is read, among all that can be; "-" for no such file
		not  []string // what is never
		all  int      // how many there are; 0 for any number
	}{
		"nothing synced": {
			do:   func(disk *journal.Memory) { write(create(disk), "ab") },
			want: []string{"-", "", "a", "ab", "\x00", "\x00\x00"}, all: 6,
		},
		"the file synced, not its directory": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, "ab")
				must(f.Sync())
			},
			want: []string{"-", "ab"}, all: 2,
		},
		"the directory synced, not the one above": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, "ab")
				must(f.Sync(), disk.SyncDir("run"))
			},
			want: []string{"-", "ab"}, all: 2,
		},
		"all synced": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, "ab")
				must(f.Sync(), disk.SyncDir("run"), disk.SyncDir("."))
			},
			want: []string{"ab"}, all: 1,
		},
		"a write after, over the end of a sector": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, long)
				must(f.Sync(), disk.SyncDir("run"), disk.SyncDir("."))
				write(f, "bcde")
			},
			want: []string{long, long + "b", long + "\x00", long + "bc", long + "bcd", long + "bcde", long + "\x00\x00de", long + "bc\x00\x00", long + "\x00\x00\x00\x00"},
			not:  []string{"-", "", long + "b\x00", long + "bcd\x00"},
		},
		"a failed sync, and a good one": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, long+"..")
				must(f.Sync(), disk.SyncDir("run"), disk.SyncDir("."))
				write(f, strings.Repeat("b", 512))
				disk.Fail = func(op journal.Op, _ int) error { return errors.New("broken") }
				if f.Sync() == nil {
					t.Error("the sync did not fail")
				}
				disk.Fail = nil
				write(f, "c")
				must(f.Sync())
			},
			want: []string{long + ".." + strings.Repeat("\x00", 512) + "c", long + ".." + strings.Repeat("b", 512) + "c"}, all: 2,
		},
		"a failed sync, and a good one of the same sector": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, "a")
				must(f.Sync(), disk.SyncDir("run"), disk.SyncDir("."))
				write(f, "b")
				disk.Fail = func(op journal.Op, _ int) error { return errors.New("broken") }
				if f.Sync() == nil {
					t.Error("the sync did not fail")
				}
				disk.Fail = nil
				write(f, "c")
				must(f.Sync())
			},
			want: []string{"abc"}, all: 1,
		},
		"a failed write": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				must(disk.SyncDir("run"), disk.SyncDir("."))
				disk.Fail = func(op journal.Op, _ int) error { return errors.New("broken") }
				if n, err := f.Write([]byte("abcd")); n != 2 || err == nil {
					t.Errorf("%d bytes were written: %v", n, err)
				}
				disk.Fail = nil
				must(f.Sync())
			},
			want: []string{"ab"}, all: 1,
		},
		"cut": {
			do: func(disk *journal.Memory) {
				f := create(disk)
				write(f, "abc")
				must(f.Sync(), disk.SyncDir("run"), disk.SyncDir("."), f.Truncate(1))
			},
			want: []string{"a", "ab", "abc"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			disk := &journal.Memory{}
			tc.do(disk)
			before, err := disk.ReadFile("run/journal")
			must(err)
			got := map[string]bool{}
			outcomes(func(choose func(int) int) {
				after := disk.Crash(choose)
				data, err := after.ReadFile("run/journal")
				if err != nil {
					data = []byte("-")
				}
				got[string(data)] = true
				again, _ := after.Crash(func(int) int { return 0 }).ReadFile("run/journal")
				if err == nil && string(again) != string(data) {
					t.Errorf("%q became %q in a second crash", data, again)
				}
			})
			for _, want := range tc.want {
				if !got[want] {
					t.Errorf("%q is never left", want)
				}
			}
			for _, not := range tc.not {
				if got[not] {
					t.Errorf("%q is left", not)
				}
			}
			if tc.all > 0 && len(got) != tc.all {
				t.Errorf("there are %d outcomes, want %d: %q", len(got), tc.all, slices.Sorted(maps.Keys(got)))
			}
			killed, err := disk.Crash(nil).ReadFile("run/journal")
			if err != nil || string(killed) != string(before) {
				t.Errorf("when only the process dies, %q is left of %q: %v", killed, before, err)
			}
		})
	}
}
