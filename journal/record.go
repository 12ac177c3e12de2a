// Package journal keeps the record of a run on disk: what was about to be
// sent, and what became of it, each durable before the run goes on. From it a
// run that was interrupted can be finished or undone.
//
// A journal is text, one record a line: the CRC-32C of the JSON in eight hex
// digits, a space, the JSON. The first record holds the whole plan. Records
// are only ever added, and nothing is ever corrected: what does not check out
// is refused, never guessed at.
//
// It knows plans as data. It does not know what a step does, how a run
// decides, or what AWS is.
package journal

import (
	"time"

	"github.com/ssmctl/ssmctl/planner"
)

// A Record is one entry of a journal.
type Record struct {
	Type    Type      `json:"type"`
	Time    time.Time `json:"time"`
	Step    int       `json:"step"`              // index into the plan's steps; -1 where the record is of none
	Text    string    `json:"text,omitempty"`    // why, for people; Append cuts it to 2 KiB
	Holder  string    `json:"holder,omitempty"`  // of Locked: the nonce of the process that took, or was about to take, the lock
	Outcome string    `json:"outcome,omitempty"` // of Ended
	Start   *Start    `json:"start,omitempty"`   // of Began
}

// A Type says what a Record reports.
type Type string

// The types. Every record is durable before what comes after it is done.
const (
	Began      Type = "began"              // the first record: the run, and its whole plan
	Locked     Type = "locked"             // a process is about to take the lock of the spec, for this run
	Intent     Type = "intent"             // the step is about to be sent
	Done       Type = "done"               // it was done, as far as AWS says
	Found      Type = "found"              // it was so already, by somebody else's doing
	Failed     Type = "failed"             // it did not happen, and nothing of it did
	Unknown    Type = "unknown"            // it failed, and all or part of it may have happened
	Verified   Type = "verified"           // all that was done was read back, and is so
	Pivot      Type = "point of no return" // from here on steps are sent that cannot be undone exactly
	Rollback   Type = "rollback"           // no step is begun any more, and those begun are undone
	UndoIntent Type = "undo intent"        // the inverse of the step is about to be sent
	Undone     Type = "undone"             // the step is undone
	UndoFailed Type = "undo failed"        // the inverse did not happen, or not for certain
	Conflict   Type = "conflict"           // the step is not undone, since somebody else has changed its object
	Resumed    Type = "resumed"            // another process goes on with the run
	Held       Type = "held"               // the run stopped where it was
	Ended      Type = "ended"              // the run ended, with Outcome
)

// A Start is what a run begins with: all that is needed to finish or undo it
// on another machine.
type Start struct {
	Format  int                  `json:"format"`  // of the journal; Create sets it
	Version string               `json:"version"` // of ssmctl
	Run     string               `json:"run"`     // its id, as of NewRun
	Command string               `json:"command"` // "apply" or "destroy"
	Plan    planner.File         `json:"plan"`    // as it was shown and approved
	Steps   []planner.StoredStep `json:"steps"`   // the same to the last field
}
