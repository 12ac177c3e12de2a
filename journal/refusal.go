package journal

import (
	"cmp"
	"fmt"
)

// A DamagedError says that a journal is not as it was written.
type DamagedError struct {
	Name   string // where the journal is
	Run    string
	Offset int64 // of the record at fault, in bytes
	Err    error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the journal %s is damaged at byte %d: %v; restore a copy of it, or run `ssmctl recover --lost %s`, which looks for what the run made", e.Name, e.Offset, e.Err, e.Run)
}

// Unwrap returns what is wrong.
func (e *DamagedError) Unwrap() error { return e.Err }

// A FormatError says that a journal is sound, but was written by a version of
// ssmctl that knows more, or other things, than this one.
type FormatError struct {
	Name    string // where the journal is
	Offset  int64  // of the record that is not understood, in bytes
	Format  int    // of the journal
	Version string // of the ssmctl that began the run; "" if that cannot be told
	Err     error  // what is not understood; nil if the format alone decides
}

func (e *FormatError) Error() string {
	if e.Format != Format {
		wrote := cmp.Or(e.Version, "another version")
		return fmt.Sprintf("the journal %s has format %d, and this ssmctl reads %d: go on with the ssmctl that wrote it, %s", e.Name, e.Format, Format, wrote)
	}
	begun := ""
	if e.Version != "" {
		begun = " (" + e.Version + " began the run)"
	}
	return fmt.Sprintf("the journal %s is not understood at byte %d: %v; was it written by a newer ssmctl, or an older one%s? go on with that one", e.Name, e.Offset, e.Err, begun)
}

// Unwrap returns what is not understood.
func (e *FormatError) Unwrap() error { return e.Err }
