package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

// A Journal is one run's, open for appending. It is safe for concurrent use.
type Journal struct {
	run  string
	path string // for people

	mu       sync.Mutex
	file     File
	encoder  encoder
	sequence sequence
	size     int64
	broken   error
}

// Create begins the journal of a new run and makes it durable, with room for
// all that the run may add to it: a disk that is full shows now. After an error
// there is no such run, though an empty journal may be left behind. The error
// is fs.ErrExist if there is a journal of that run.
func Create(disk FS, s Start, now time.Time) (*Journal, error) {
	name, err := nameOf(s.Run)
	if err != nil {
		return nil, err
	}
	j := &Journal{run: s.Run, path: disk.Path(name)}
	s.Format = Format
	r := Record{Type: Began, Time: now, Step: -1, Start: &s}
	line, err := j.encoder.line(r)
	if err == nil {
		err = j.sequence.next(r)
	}
	if err != nil {
		return nil, fmt.Errorf("the run %s cannot be recorded: %w", s.Run, err)
	}
	if j.file, err = disk.Create(name); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("there is a run %s already: %w", s.Run, err)
	} else if err != nil {
		return nil, fmt.Errorf("begin the journal: %w", err)
	}
	if err := j.begin(disk, line); err != nil {
		j.file.Close()
		return nil, fmt.Errorf("begin the journal %s: %w", j.path, err)
	}
	return j, nil
}

func (j *Journal) begin(disk FS, line []byte) error {
	if err := j.file.Lock(); err != nil {
		return err
	}
	if err := j.file.Reserve(int64(len(line)) + j.room()); err != nil {
		return err
	}
	if err := j.write(line); err != nil {
		return err
	}
	return j.syncDirs(disk)
}

// syncDirs makes durable that there is the journal.
func (j *Journal) syncDirs(disk FS) error {
	if err := disk.SyncDir(j.run); err != nil {
		return err
	}
	return disk.SyncDir(".")
}

// room is what a run may add to its journal, in bytes: for each step an intent
// and a result, doing and undoing, of which two explain a failure at length.
func (j *Journal) room() int64 {
	const perStep, perRun = 2*maxText + 1<<10, 64 << 10
	return perRun + perStep*int64(len(j.sequence.intent))
}

// Open reads the journal of a run and opens it to go on with. A record that
// was cut short is taken off it, and all the others are made durable. The error
// is ErrBusy if another process is at work on the run; else as Read's, or that
// of a disk on which nothing can be recorded.
func Open(disk FS, run string) (*Journal, History, error) {
	j, err := open(disk, run)
	if err != nil {
		return nil, History{}, err
	}
	h, err := j.resume(disk)
	if err != nil {
		j.file.Close()
		return nil, History{}, err
	}
	return j, h, nil
}

// open opens the journal of a run and takes its lock.
func open(disk FS, run string) (*Journal, error) {
	name, err := nameOf(run)
	if err != nil {
		return nil, err
	}
	j := &Journal{run: run, path: disk.Path(name)}
	if j.file, err = disk.Open(name); err != nil {
		return nil, missing(run, err)
	}
	if err := j.file.Lock(); err != nil {
		j.file.Close()
		return nil, fmt.Errorf("open the journal %s: %w", j.path, err)
	}
	return j, nil
}

func (j *Journal) resume(disk FS) (History, error) {
	t, err := read(disk, j.run)
	if err != nil {
		return History{}, err
	}
	j.sequence, j.size = t.sequence, t.size
	if err := j.retain(disk, t); err != nil {
		return History{}, fmt.Errorf("the run cannot be recorded, so nothing was sent: %w", err)
	}
	return t.history, nil
}

// retain makes what was read durable. Whoever wrote the last record may have
// died before it was, or seen it fail: then the kernel shows it although it
// will never reach the disk, unless it is written again.
func (j *Journal) retain(disk FS, t text) error {
	if t.history.Torn {
		if err := j.file.Truncate(t.size); err != nil {
			return err
		}
	}
	if _, err := j.file.WriteAt(t.last, t.size-int64(len(t.last))); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	if err := j.syncDirs(disk); err != nil {
		return err
	}
	return j.file.Reserve(j.room())
}

// Append adds a record, and returns when it is durable. After an error nothing
// is appended any more, and every call returns that error: whoever appends must
// then send nothing any more. A record that cannot come next, such as a result
// of a step that has no intent, is an error like any other.
func (j *Journal) Append(r Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		if err := j.append(r); err != nil {
			j.broken = fmt.Errorf("the journal %s cannot be written: %w; nothing more is sent; once the disk is sound, `ssmctl recover %s`", j.path, err, j.run)
		}
	}
	return j.broken
}

func (j *Journal) append(r Record) error {
	if err := j.sequence.next(r); err != nil {
		return err
	}
	line, err := j.encoder.line(r)
	if err != nil {
		return err
	}
	if err := fits(j.size, len(line)); err != nil {
		return err
	}
	return j.write(line)
}

// fits reports an error if a journal of that size is full.
func fits(size int64, more int) error {
	if size+int64(more) > MaxSize {
		return fmt.Errorf("it has %d bytes, and may have at most %d", size, MaxSize)
	}
	return nil
}

// write adds a line and makes it durable. It never tries again: after an fsync
// that failed, the next one says that all is well though nothing was written.
// (Rebello and others: Can Applications Recover from fsync Failures? USENIX
// ATC 2020.)
func (j *Journal) write(line []byte) error {
	n, err := j.file.Write(line)
	if err != nil {
		return err
	}
	j.size += int64(n)
	return j.file.Sync()
}

// Close gives the journal back. Closing it again does nothing; appending to it
// is an error.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	if j.broken == nil {
		j.broken = fmt.Errorf("the journal %s is closed", j.path)
	}
	return err
}
