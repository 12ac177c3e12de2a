package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// A Summary is one run, as a list of runs shows it.
type Summary struct {
	Run     string
	Started time.Time
	Command string
	Account string
	Spec    string // its name
	Phase   Phase
	Outcome string // "" while it goes on or was interrupted
	Busy    bool   // it goes on: another process has the journal open, or this one
	Err     error  // the journal cannot be read; then only Run is known
}

// List returns the runs that there are, the newest first by their ids, those
// too whose journals cannot be read. The error is that of the directory. To
// see who is at work it takes the lock of each run that did not end, for a
// moment: an Open at that moment returns ErrBusy.
func List(disk FS) ([]Summary, error) {
	names, err := disk.ReadDir(".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nothing was ever run
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	var all []Summary
	for _, run := range names {
		if IsRun(run) { // the others are not ours
			all = append(all, summary(disk, run))
		}
	}
	return all, nil
}

func summary(disk FS, run string) Summary {
	h, err := Read(disk, run)
	if err != nil {
		return Summary{Run: run, Err: err}
	}
	s := Summary{
		Run:     run,
		Started: h.Records[0].Time,
		Command: h.Start.Command,
		Account: h.Start.Plan.Environment.Account,
		Spec:    h.Start.Plan.Spec.Name,
		Phase:   h.Phase(),
		Outcome: h.Outcome(),
	}
	s.Busy = s.Outcome == "" && busy(disk, run)
	return s
}

// busy reports whether somebody has the journal of a run open.
func busy(disk FS, run string) bool {
	j, err := open(disk, run)
	if err != nil {
		return errors.Is(err, ErrBusy)
	}
	j.Close()
	return false
}

// NewRun returns an id for a run that begins now, such as
// 20261123-233105-k7f3q2: the time in UTC, by which ids sort, and 30 bits of
// random. It panics if random fails, which crypto/rand.Reader never does.
func NewRun(now time.Time, random io.Reader) string {
	const letters = "0123456789abcdefghjkmnpqrstvwxyz" // Crockford's: none looks like another
	var b [6]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic(fmt.Sprintf("journal: no randomness for the id of a run: %v", err))
	}
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return now.UTC().Format("20060102-150405-") + string(b[:])
}

// IsRun reports whether s can be the id of a run: up to 64 letters, digits and
// hyphens, of which a hyphen is not the first. So none leads out of a directory
// or is an option of a command.
func IsRun(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return s != "" && s[0] != '-' && len(s) <= 64
}

// nameOf returns where the journal of a run is.
func nameOf(run string) (string, error) {
	if !IsRun(run) {
		return "", fmt.Errorf("%q is not the id of a run: `ssmctl runs` lists those there are", run)
	}
	return run + "/journal", nil
}
