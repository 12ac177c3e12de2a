//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/ssmctl/ssmctl/journal"
)

// kept returns a directory on disk with the journal of one run, and its path.
func kept(t *testing.T) (disk journal.Dir, path string) {
	t.Helper()
	disk = journal.Dir{Root: filepath.Join(t.TempDir(), "state", "ssmctl", "123456789012")}
	write(t, disk, newStart(t, 4), story())
	return disk, disk.Path(run + "/journal")
}

// Nobody else reads a journal, nor what directory it is in.
func TestDirIsPrivate(t *testing.T) {
	t.Parallel()
	disk, path := kept(t)
	for name, want := range map[string]os.FileMode{
		path:                                  0o600,
		filepath.Dir(path):                    0o700 | os.ModeDir,
		disk.Root:                             0o700 | os.ModeDir,
		filepath.Dir(disk.Root):               0o700 | os.ModeDir,
		filepath.Dir(filepath.Dir(disk.Root)): 0o700 | os.ModeDir,
	} {
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has the mode %v, want %v", name, info.Mode(), want)
		}
	}
}

// A journal that somebody else may have written is not believed, and nothing
// is followed out of the directory.
//
// Fault 51: a journal that is a link or a pipe.
func TestDirRefuses(t *testing.T) {
	t.Parallel()
	type refusal struct {
		do   func(disk journal.Dir, path string) error
		want string
	}
	tests := map[string]refusal{
		"writable by the group": {func(_ journal.Dir, path string) error { return os.Chmod(path, 0o620) }, "can be written by others (its mode is 0620): make sure that nobody did, then `chmod 600` it"},
		"writable by all":       {func(_ journal.Dir, path string) error { return os.Chmod(path, 0o602) }, "can be written by others"},
		"a link": {func(_ journal.Dir, path string) error {
			return errors.Join(os.Rename(path, path+"~"), os.Symlink("journal~", path))
		}, "is not a file but L"},
		"a link out of the directory": {func(disk journal.Dir, path string) error {
			out := filepath.Join(filepath.Dir(disk.Root), "elsewhere")
			return errors.Join(os.Rename(filepath.Dir(path), out), os.Symlink(out, filepath.Dir(path)))
		}, "escapes"},
		"a pipe": {func(_ journal.Dir, path string) error {
			return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600))
		}, "is not a file but p"},
		"a directory": {func(_ journal.Dir, path string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		}, "is not a file but d"},
	}
	if os.Geteuid() == 0 { // nobody else can give files away
		tests["somebody else's"] = refusal{
			func(_ journal.Dir, path string) error { return os.Chown(path, 12345, -1) },
			"belongs to the user with id 12345, and you are 0: go on as that user",
		}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			disk, path := kept(t)
			if err := tc.do(disk, path); err != nil {
				t.Fatal(err)
			}
			check := func(what string, err error) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("%s: the error is %v, want in it %q", what, err, tc.want)
				}
			}
			_, err := journal.Read(disk, run)
			check("Read", err)
			_, _, err = journal.Open(disk, run)
			check("Open", err)
			all, err := journal.List(disk)
			if err != nil || len(all) != 1 || all[0].Run != run {
				t.Fatalf("List returned %v, %v", all, err)
			}
			check("List", all[0].Err)
		})
	}
}

// One of 1 GiB is refused unread.
//
// Fault 49: a journal of 1 GB.
func TestDirRefusesTheHuge(t *testing.T) { // alone, to measure memory
	disk, path := kept(t)
	if err := os.Truncate(path, 1<<30); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := journal.Read(disk, run)
	runtime.ReadMemStats(&after)
	if want := path + " has 1024 MiB, and a journal has at most 256"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want in it %q", err, want)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("it took %d MiB to say so", took>>20)
	}
}

// A dangling link where the journal is to be is not written through.
func TestCreateFollowsNoLink(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	target := filepath.Join(root, "target")
	if err := errors.Join(os.Mkdir(filepath.Join(root, run), 0o700), os.Symlink(target, filepath.Join(root, run, "journal"))); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Create(journal.Dir{Root: root}, newStart(t, 1), night); !errors.Is(err, os.ErrExist) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the target of the link: %v", err)
	}
}

// While the run goes on, its journal has room for what is to come; when it has
// ended, it takes up what is in it.
func TestRoom(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux makes room")
	}
	disk := journal.Dir{Root: t.TempDir()}
	blocks := func() (length, taken int64) {
		info, err := os.Stat(disk.Path(run + "/journal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size(), 512 * info.Sys().(*syscall.Stat_t).Blocks
	}
	const steps = 100
	j, err := journal.Create(disk, newStart(t, steps), night)
	if err != nil {
		t.Fatal(err)
	}
	length, taken := blocks()
	if taken < length+steps*4096 {
		t.Errorf("the journal of %d bytes takes up %d", length, taken)
	}
	if err := j.Append(journal.Record{Type: journal.Intent, Time: night}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	length, taken = blocks()
	if taken > length+64<<10 {
		t.Errorf("when closed, the journal of %d bytes takes up %d", length, taken)
	}
	if h, err := journal.Read(disk, run); err != nil || len(h.Records) != 2 {
		t.Errorf("there are %d records: %v", len(h.Records), err)
	}
}

// A plan with steps that fail at length fits in the room that was made.
func TestRoomIsEnough(t *testing.T) {
	t.Parallel()
	var reserved int64
	disk := &measured{Memory: &journal.Memory{}, reserved: &reserved}
	const steps = 50
	j, err := journal.Create(disk, newStart(t, steps), night)
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		for _, kind := range []journal.Type{journal.Intent, journal.Unknown, journal.UndoIntent, journal.UndoFailed} {
			r := journal.Record{Type: kind, Time: night, Step: step}
			if kind == journal.Unknown || kind == journal.UndoFailed {
				r.Text = strings.Repeat("AccessDenied ", 1000)
			}
			if err := j.Append(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if used := int64(len(text(t, disk))); used > reserved {
		t.Errorf("%d bytes were written, and there was room for %d", used, reserved)
	}
}

// A measured disk says how much room was asked for.
type measured struct {
	*journal.Memory
	reserved *int64
}

func (m *measured) Create(name string) (journal.File, error) {
	f, err := m.Memory.Create(name)
	return &measuredFile{f, m.reserved}, err
}

type measuredFile struct {
	journal.File
	reserved *int64
}

func (f *measuredFile) Reserve(size int64) error {
	*f.reserved += size
	return f.File.Reserve(size)
}
