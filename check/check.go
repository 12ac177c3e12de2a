// Package check holds the safety rules over a plan, one file each: that who
// applies it may do so and undo it and is not locked out on the way, that it
// takes nothing from those who must always get in, that it can be put back,
// stays within the account's quotas, and, where that is asked for, gives nobody
// anything new. It also works out the least policy that a plan takes.
//
// A rule looks at a plan, at who can do what before and after it, and says why
// the plan should not be applied. It knows nothing of how the account was
// read, of YAML, or of how a refusal is shown.
package check

import (
	"cmp"
	"slices"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// The codes of refusals, which go on from package planner's. They never
// change their meaning.
const (
	CodeLockOut    = "P011" // the plan takes from its own caller what finishing or undoing it needs
	CodeBreakGlass = "P012" // the plan takes something from a break-glass principal
	CodeQuota      = "P013" // the plan goes over a quota of IAM's
	CodeNewAccess  = "P014" // the plan gives somebody something new, and it must not
	CodeCaller     = "P016" // the caller may not make a call that doing or undoing the plan takes
	CodeDead       = "P017" // a trust policy that is to be written names who is not there
)

// Input is what the rules look at. They change nothing in it.
type Input struct {
	Plan          *planner.Plan
	Before, After *access.Account // the account as it is, and as the plan leaves it
	Changes       []access.Change // whose access differs between the two
	Caller        string          // ARN of who would apply the plan
	BreakGlass    []resource.ID   // users and roles that must lose nothing

	// Calls returns what writing a change asks of IAM, and for the empty
	// change what reading the account does.
	Calls func(resource.Change) []policy.Request

	// At returns the account once exactly those steps are done, ascending. Nil
	// leaves the states between the two ends of the plan unchecked.
	At func(done []int) *access.Account

	// Quotas are the account's, and its counts, by the names that IAM's
	// GetAccountSummary gives them; nil if they could not be read.
	Quotas map[string]int

	// NoNewAccess refuses a plan that gives anybody anything new.
	NoNewAccess bool
}

// Run applies every rule. The refusals are in the order of their positions,
// and empty if the plan may be applied as far as the rules go; the notes are
// what a reviewer should know besides.
func Run(in Input) (planner.Refused, []planner.Note) {
	r := newRun(in)
	if len(in.Plan.Steps) > 0 {
		r.callerRules()
		r.breakGlass()
		r.deadPrincipals()
		r.checkQuotas()
		if in.NoNewAccess {
			r.newAccess()
		}
		r.managedNotes()
	}
	r.sort()
	return r.refused, r.notes
}

// sort puts the refusals into the order of the spec.
func (r *run) sort() {
	slices.SortStableFunc(r.refused, func(a, b planner.Refusal) int {
		return cmp.Or(resource.ComparePositions(a.Position, b.Position), cmp.Compare(a.Code, b.Code), a.ID.Compare(b.ID), cmp.Compare(a.Text, b.Text))
	})
}

// A run is one application of the rules.
type run struct {
	Input
	before, after *access.Holdings
	steps         map[resource.ID]planner.Step // the first one of each object
	asks          *asked                       // nil until somebody asks
	reached       map[int]*access.Holdings     // by the last step done
	refused       planner.Refused
	notes         []planner.Note
}

func newRun(in Input) *run {
	r := &run{Input: in, before: in.Before.Holdings(), after: in.After.Holdings(), steps: map[resource.ID]planner.Step{}, reached: map[int]*access.Holdings{}}
	for _, s := range in.Plan.Steps {
		if _, known := r.steps[s.ID()]; !known {
			r.steps[s.ID()] = s
		}
	}
	return r
}

// asked returns what the plan asks of IAM.
func (r *run) asked() *asked {
	if r.asks == nil {
		r.asks = askedOf(r.Plan, r.Calls)
	}
	return r.asks
}

// refuse adds a refusal that the step of the object is the reason for.
func (r *run) refuse(code string, id resource.ID, text, help string) {
	r.refused = append(r.refused, planner.Refusal{ID: id, Position: r.steps[id].Source, Text: text, Help: help, Code: code})
}

func (r *run) note(id resource.ID, text string) {
	r.notes = append(r.notes, planner.Note{Resource: id, Text: text, Source: r.steps[id].Source})
}

// changed returns which of the objects the plan changes, in the order given,
// each once.
func (r *run) changed(ids ...resource.ID) []resource.ID {
	var found []resource.ID
	for _, id := range ids {
		if _, ok := r.steps[id]; ok && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	return found
}
