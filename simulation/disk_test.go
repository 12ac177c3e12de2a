package simulation

import (
	"errors"
	"slices"
	"sync"

	"github.com/ssmctl/ssmctl/journal"
)

// A disk holds the journal of a trial, whatever becomes of the processes.
type disk struct {
	memory *journal.Memory
	faults []fault
	sorts  []string // of the calls so far that changed the disk
	power  bool     // it fails when the process has died
	full   bool
}

// mourn lets the disk lose what it loses when a process has ended.
func (d *disk) mourn(choose func(n int) int) {
	if d.power {
		d.memory = d.memory.Crash(choose)
	}
	d.power, d.full = false, false
}

// exists reports whether the run has a journal that says anything.
func (d *disk) exists() bool {
	_, err := journal.Read(d.memory, runID)
	return err == nil
}

// A life is that of a process. Once it is dead, nothing that it does has any
// effect, and all that it asks is refused, so that it comes to an end.
type life struct{ dead bool }

// A volume is the disk as a process has it.
type volume struct {
	*journal.Memory
	mu     *sync.Mutex // of the trial
	disk   *disk
	life   *life
	record func(what trouble)
}

var errDisk = errors.New("input/output error")

// op makes a call that changes the disk, as the faults have it.
func (v *volume) op(sort string, do func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.life.dead {
		return errDead
	}
	d := v.disk
	d.sorts = append(d.sorts, sort)
	what := d.strike()
	if what != "" {
		v.record(what)
	}
	switch what {
	case powerBefore:
		d.power = true
		fallthrough
	case diskCrashBefore:
		v.life.dead = true
		return errDead
	case diskError:
		if sort == "write" {
			return errDisk
		}
		return v.fail(do)
	case diskShort:
		return v.fail(do)
	case diskFull:
		d.full = true
	case diskTorn:
		err := v.fail(do)
		v.life.dead = true
		return err
	}
	if d.full && sort != "sync" {
		return v.fail(do)
	}
	err := do()
	switch what {
	case powerAfter:
		d.power = true
		fallthrough
	case diskCrashAfter:
		v.life.dead = true
	}
	return err
}

// strike returns what is to become of the call just begun, "" if nothing.
func (d *disk) strike() trouble {
	for _, f := range d.faults {
		if f.disk && f.at == len(d.sorts) && slices.Contains(diskTroubles[d.sorts[f.at-1]], f.what) {
			return f.what
		}
	}
	return ""
}

// fail makes a call that fails half way.
func (v *volume) fail(do func() error) error {
	v.Memory.Fail = func(journal.Op, int) error { return errDisk }
	defer func() { v.Memory.Fail = nil }()
	return do()
}

func (v *volume) Create(name string) (journal.File, error) {
	var f journal.File
	err := v.op("other", func() (err error) {
		f, err = v.Memory.Create(name)
		return err
	})
	return &handle{f, v}, err
}

func (v *volume) Open(name string) (journal.File, error) {
	if v.life.dead {
		return nil, errDead
	}
	f, err := v.Memory.Open(name)
	return &handle{f, v}, err
}

func (v *volume) SyncDir(name string) error {
	return v.op("other", func() error { return v.Memory.SyncDir(name) })
}

// A handle is an open file of a volume.
type handle struct {
	journal.File
	volume *volume
}

func (h *handle) Write(b []byte) (n int, err error) {
	err = h.volume.op("write", func() error {
		n, err = h.File.Write(b)
		return err
	})
	return n, err
}

func (h *handle) WriteAt(b []byte, at int64) (n int, err error) {
	err = h.volume.op("write", func() error {
		n, err = h.File.WriteAt(b, at)
		return err
	})
	return n, err
}

func (h *handle) Sync() error { return h.volume.op("sync", h.File.Sync) }

func (h *handle) Truncate(n int64) error {
	return h.volume.op("other", func() error { return h.File.Truncate(n) })
}

func (h *handle) Reserve(n int64) error {
	return h.volume.op("other", func() error { return h.File.Reserve(n) })
}
