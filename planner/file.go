package planner

import (
	"encoding/json"

	"github.com/ssmctl/ssmctl/resource"
)

// The versions of the format that this package writes, and the only ones that
// it reads.
const (
	formatVersion = "1.2" // Terraform's, as of its version 1.5
	ssmctlFormat  = 3
)

// A File is a plan as data: what `plan --json` prints, what `--out` saves, and
// what every renderer reads. Its encoding is canonical: the same plan always
// gives the same bytes. It is a superset of the part of Terraform's plan JSON
// that tools read, so those work on it as it is.
type File struct {
	FormatVersion   string           `json:"format_version"` // of Terraform's plan JSON
	SsmctlFormat    int              `json:"ssmctl_format"`  // of what ssmctl adds to it
	SsmctlVersion   string           `json:"ssmctl_version"`
	Spec            Spec             `json:"spec"`
	Environment     Environment      `json:"environment"`
	AccessChanges   []AccessChange   `json:"access_changes"`   // whose access the plan changes
	ResourceChanges []ResourceChange `json:"resource_changes"` // one an object, in ID order
	Steps           []FileStep       `json:"steps"`            // in order
	Order           Verdict          `json:"order"`            // how access fares while the steps are under way
	Transient       []Breach         `json:"transient"`        // where it leaves what it is before and after; none unless order is "transient"
	Unchanged       int              `json:"unchanged"`
	Notes           []Note           `json:"notes"`
	Applyable       bool             `json:"applyable"` // there is something to apply
	Complete        bool             `json:"complete"`  // applying it reaches all that the spec asks for
	Errored         bool             `json:"errored"`
}

// A ResourceChange is what a plan does to one object.
type ResourceChange struct {
	Address string             `json:"address"` // the ID's text form
	Type    string             `json:"type"`
	Name    string             `json:"name"`
	Source  *resource.Position `json:"source,omitempty"`
	Event   bool               `json:"event,omitempty"`
	Change  ValueChange        `json:"change"`
	Loses   string             `json:"loses,omitempty"` // what undoing it could not bring back
	Final   bool               `json:"final,omitempty"` // it cannot be undone at all
}

// A ValueChange is a Change as data.
type ValueChange struct {
	Actions      []resource.Action `json:"actions"` // always one
	Before       json.RawMessage   `json:"before"`  // null when there is none
	After        json.RawMessage   `json:"after"`
	AfterUnknown struct{}          `json:"after_unknown"` // always empty: nothing is known only after apply
}

// A FileStep is a step as data.
type FileStep struct {
	ID       int             `json:"id"` // counts from 1
	Resource resource.ID     `json:"resource"`
	Action   resource.Action `json:"action"`
	After    []int           `json:"after"`           // the steps it waits for
	Pause    bool            `json:"pause,omitempty"` // once those are done it waits until AWS has spread them everywhere
}

// Pauses returns how many pauses a run makes one after another, at the most.
func (f File) Pauses() int {
	return pausesInTurn(len(f.Steps), func(step int) (waits []int, pause bool) {
		for _, id := range f.Steps[step].After {
			if 0 < id && id <= step {
				waits = append(waits, id-1)
			}
		}
		return waits, f.Steps[step].Pause
	})
}

// Counts counts what the plan in f does.
func (f File) Counts() Counts {
	var n Counts
	for _, c := range f.ResourceChanges {
		for _, a := range c.Change.Actions {
			n.count(a, c.Event)
		}
	}
	return n
}
