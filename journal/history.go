package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// Format is the version of journals that this package writes, and the only one
// that it reads. It goes up with any change of what a record holds, the plan
// included.
const Format = 1

// A History is what a journal says.
type History struct {
	Start   Start
	Records []Record // all, the first is Began
	Torn    bool     // a last record was cut short, and dropped
}

// Outcome returns how the run ended, as of the last Ended; "" if it goes on, or
// was interrupted, be it for the second time.
func (h History) Outcome() string {
	outcome := ""
	for _, r := range h.Records {
		switch r.Type {
		case Ended:
			outcome = r.Outcome
		case Resumed:
			outcome = ""
		}
	}
	return outcome
}

// A Phase says how far a run has come, and with that what can become of it.
type Phase string

// The phases.
const (
	Doing      Phase = "doing"       // it can be finished, or undone exactly
	PastReturn Phase = "past return" // it can be finished; undoing it would lose something
	Undoing    Phase = "undoing"     // it can only be undone
)

// Phase returns the last phase that the run was in, ended or not.
func (h History) Phase() Phase {
	phase := Doing
	for _, r := range h.Records {
		switch r.Type {
		case Pivot:
			phase = PastReturn
		case Rollback:
			return Undoing
		}
	}
	return phase
}

// ErrNotBegun is the error of reading a journal without one whole record. Since
// the first is durable before anything is sent, nothing was.
var ErrNotBegun = errors.New("the run was interrupted before it sent anything: there is nothing to recover")

// Read returns what the journal of a run says, whoever is at work on it. The
// error is fs.ErrNotExist if there is no journal, ErrNotBegun if it is empty, a
// *FormatError or a *DamagedError if it cannot be relied on.
func Read(disk FS, run string) (History, error) {
	t, err := read(disk, run)
	return t.history, err
}

// A text is a journal that was read.
type text struct {
	history  History
	sequence sequence
	size     int64  // in bytes, without a torn record
	last     []byte // the last whole line
}

func read(disk FS, run string) (text, error) {
	name, err := nameOf(run)
	if err != nil {
		return text{}, err
	}
	data, err := disk.ReadFile(name)
	if err != nil {
		return text{}, missing(run, err)
	}
	if len(data) > MaxSize {
		return text{}, tooLarge(disk.Path(name), int64(len(data)))
	}
	return parse(disk.Path(name), run, data)
}

func tooLarge(path string, size int64) error {
	return fmt.Errorf("%s has %d MiB, and a journal has at most %d: this is none", path, size>>20, MaxSize>>20)
}

// missing explains that there is no journal of a run.
func missing(run string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no journal of a run %s: %w; `ssmctl runs` lists those there are, and `ssmctl recover --lost %s` looks for what a run made whose journal is lost", run, err, run)
	}
	return fmt.Errorf("read the journal: %w", err)
}

// parse reads the journal of a run, which people find at path.
func parse(path, run string, data []byte) (text, error) {
	var t text
	var e encoder
	for rest := data; len(rest) > 0; rest = data[t.size:] {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 || end+1 == len(rest) && bytes.IndexByte(rest, 0) >= 0 {
			if err := checkTorn(rest); err != nil {
				return text{}, &DamagedError{Name: path, Run: run, Offset: t.size, Err: err}
			}
			t.history.Torn = true
			break
		}
		r, err := e.decode(rest[:end])
		if foreign, ok := errors.AsType[*foreignError](err); ok {
			return text{}, t.foreign(path, rest[:end], foreign.err)
		}
		if err == nil && r.Start != nil && r.Start.Format != Format {
			return text{}, &FormatError{Name: path, Format: r.Start.Format, Version: r.Start.Version}
		}
		if err == nil {
			err = t.add(run, r)
		}
		if err != nil {
			return text{}, &DamagedError{Name: path, Run: run, Offset: t.size, Err: err}
		}
		t.last = rest[:end+1]
		t.size += int64(end + 1)
	}
	if len(t.history.Records) == 0 {
		return text{}, fmt.Errorf("the journal %s has no whole record: %w", path, ErrNotBegun)
	}
	return t, nil
}

// add takes up a record that is in order by itself.
func (t *text) add(run string, r Record) error {
	if err := t.sequence.next(r); err != nil {
		return err
	}
	if r.Type == Began {
		t.history.Start = *r.Start
		if r.Start.Run != run {
			return fmt.Errorf("it is the journal of the run %q", r.Start.Run)
		}
	}
	t.history.Records = append(t.history.Records, r)
	return nil
}

// checkTorn reports an error unless a record that was cut short can look like
// that: as one does up to some byte, but for sectors never written, which read
// as zeros.
func checkTorn(tail []byte) error {
	for i, c := range bytes.TrimSuffix(tail, []byte("\n")) {
		var fits bool
		switch {
		case c == 0:
			fits = true
		case i < 8:
			fits = '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		case i == 8:
			fits = c == ' '
		case i == 9:
			fits = c == '{'
		default:
			fits = c >= ' ' // JSON escapes the others
		}
		if !fits {
			return fmt.Errorf("byte %d of the last record, 0x%02x, is of no record, whole or cut short", i, c)
		}
	}
	return nil
}

// foreign returns the error of a record that somebody wrote as it is, though
// not this version.
func (t *text) foreign(path string, line []byte, err error) error {
	f := &FormatError{Name: path, Offset: t.size, Format: Format, Version: t.history.Start.Version, Err: err}
	if t.size > 0 {
		return f
	}
	// Of the first record that much may be understood, whatever else is new.
	var first struct {
		Start struct {
			Format  int    `json:"format"`
			Version string `json:"version"`
		} `json:"start"`
	}
	if json.Unmarshal(line[len(prefix):], &first) == nil {
		f.Format, f.Version = first.Start.Format, first.Start.Version
	}
	return f
}
