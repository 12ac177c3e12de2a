// Package planner works out how to get from one state of an account to
// another, and keeps that as a plan, in memory and on file.
//
// It is pure: no clock, no network, no files. It knows objects only by what
// package resource says of them, so a new kind needs nothing here.
package planner

import "github.com/ssmctl/ssmctl/resource"

// A Plan is an ordered list of steps. Running them one after another is
// always safe; steps may also run at once, provided each waits for its Waits.
type Plan struct {
	Spec        Spec
	Environment Environment
	Steps       []Step
	Unchanged   int // how many desired objects are there already, just so
	Notes       []Note
}

// A Spec says which file a plan was made from.
type Spec struct {
	Name   string `json:"name"`   // the owner mark
	File   string `json:"file"`   // as the user gave it
	SHA256 string `json:"sha256"` // of the file's bytes, in hex
}

// An Environment says where a plan applies.
type Environment struct {
	Account   string `json:"account"`
	Partition string `json:"partition"`
	Region    string `json:"region"`
	Caller    string `json:"caller"` // ARN of who made the plan
	Sandbox   bool   `json:"sandbox,omitempty"`
}

// A Step is one change and the earlier steps it waits for.
type Step struct {
	resource.Change
	Waits  []int              // indexes into Plan.Steps, each smaller than this step's own, ascending
	Source *resource.Position // what in the spec asked for it; nil for what left the spec
	Loss   resource.Loss      // what undoing it could not bring back
}

// Event reports whether the step does something rather than change state.
func (s Step) Event() bool {
	_, ok := s.After.(resource.Event)
	return ok
}

// A Note is something a reviewer should know that stops nothing.
type Note struct {
	Resource resource.ID        `json:"resource"`
	Text     string             `json:"text"`
	Source   *resource.Position `json:"source,omitempty"`
}
