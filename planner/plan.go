// Package planner works out how to get from one state of an account to
// another, and keeps that as a plan, in memory and on file.
//
// It is pure: no clock, no network, no files. It knows objects only by what
// package resource says of them, so a new kind needs nothing here.
package planner

import "github.com/ssmctl/ssmctl/resource"

// A Plan is an ordered list of steps. Running them one after another is
// always safe; steps may also run at once, provided each waits for its Waits.
// Steps whose undoing would lose something come as late as the others allow.
type Plan struct {
	Spec        Spec
	Environment Environment
	Steps       []Step
	Unchanged   int // how many desired objects are there already, just so
	Notes       []Note
	Access      []AccessChange // whose access the steps change, as far as anybody worked it out
	Order       Order          // what Secure found; the zero Order if nobody asked it
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
	Pause  bool               // what it waits for must have spread everywhere in AWS before it begins, and it, when undone, before that is undone
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
	Resource resource.ID        `json:"resource,omitzero"` // zero where it is about the plan as a whole
	Code     string             `json:"code,omitempty"`    // that `ssmctl explain` knows
	Text     string             `json:"text"`
	Source   *resource.Position `json:"source,omitempty"`
}

// Losses returns the steps that cannot be undone without a loss, in order.
// Those whose Loss.Final is set cannot be undone at all.
func (p *Plan) Losses() []Step {
	var lossy []Step
	for _, s := range p.Steps {
		if stageOf(s.Loss) > 0 {
			lossy = append(lossy, s)
		}
	}
	return lossy
}

// Stages returns, for each step, how late it has to start: 0 for what can be
// undone exactly and whatever else may come first, 1 for what cannot be undone
// without a loss, 2 for what cannot be undone at all. A step that waits for
// one of a later stage is of that stage too. Starting no step before all of
// the earlier stages are done keeps a failure from costing more than it must.
func (p *Plan) Stages() []int {
	stages := make([]int, len(p.Steps))
	for i, s := range p.Steps {
		stages[i] = stageOf(s.Loss)
		for _, w := range s.Waits {
			stages[i] = max(stages[i], stages[w])
		}
	}
	return stages
}

// stageOf returns the stage that a loss puts a step in, by itself.
func stageOf(l resource.Loss) int {
	switch {
	case l.Final:
		return 2
	case l.What != "":
		return 1
	}
	return 0
}

// Counts says how much a plan does, in Terraform's terms: an object counts
// once, however many steps it takes. Events are not objects and count apart.
type Counts struct{ Add, Change, Destroy, Events int }

// Counts counts what p does.
func (p *Plan) Counts() Counts {
	var n Counts
	for _, c := range p.perObject() {
		n.count(c.Action(), c.Event())
	}
	return n
}

func (n *Counts) count(a resource.Action, event bool) {
	switch {
	case event:
		n.Events++
	case a == resource.Create:
		n.Add++
	case a == resource.Delete:
		n.Destroy++
	default:
		n.Change++
	}
}

// perObject returns the steps of p, those of one object taken together: the
// first one's Before, the last one's everything else.
func (p *Plan) perObject() []Step {
	all := make([]Step, 0, len(p.Steps))
	at := make(map[resource.ID]int, len(p.Steps))
	for _, s := range p.Steps {
		if i, ok := at[s.ID()]; ok {
			s.Before = all[i].Before
			all[i] = s
			continue
		}
		at[s.ID()] = len(all)
		all = append(all, s)
	}
	return all
}
