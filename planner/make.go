package planner

import (
	"fmt"

	"github.com/ssmctl/ssmctl/resource"
)

// Input is what a plan is made from. Make changes nothing in it.
type Input struct {
	Desired     *resource.Desired // nil asks for nothing
	Live        *resource.Live    // nil is an empty account
	Spec        Spec
	Environment Environment

	// Loss says what undoing a change could not bring back; nil for nothing.
	Loss func(resource.Change) resource.Loss

	// Destroy plans to delete all that the spec owns, whatever it asks for.
	// What it protects is still refused.
	Destroy bool

	// MaxDeletes is how many owned objects the plan may delete. Nil allows 10,
	// or 30 % of the owned ones if that is more, provided that the spec asks
	// for anything at all; with Destroy, nil allows any number.
	MaxDeletes *int
}

// Make returns the plan that takes an account from what is live to what is
// desired. The same input gives the same plan, in whatever order it was put
// together. The error is a Refused.
//
// What is desired and not live is created; what differs is updated; what is
// live, owned and not desired is deleted, and so is what must be absent.
// Links belong to whoever owns one of their holders, or to whom the ledger
// says. Nothing else in the account is touched. A link that somebody else
// made, just as the spec asks for it, is left alone and stays theirs.
//
// An object is created or updated after everything it needs, and deleted
// after everything that needed it is deleted or needs it no longer. An event
// stands in the plan, after what it follows, if that is changed.
func Make(in Input) (*Plan, error) {
	d := newDiff(in)
	d.wanted()
	d.unwanted()
	d.events()
	d.checkNeeds()
	d.checkUsers()
	d.checkProtected()
	d.checkBudget()
	if len(d.refused) > 0 {
		d.refused.sort()
		return nil, d.refused
	}
	steps, refused := d.order()
	if refused != nil {
		return nil, refused
	}
	return &Plan{
		Spec:        in.Spec,
		Environment: in.Environment,
		Steps:       steps,
		Unchanged:   d.unchanged,
		Notes:       d.notes,
	}, nil
}

// The deletion budget: a plan that deletes more owned objects than both of
// these is more often a cut-off spec than a wish.
const (
	maxDeletes        = 10
	maxDeletesPercent = 30
)

// checkBudget refuses a plan that deletes more than it may.
func (d *diff) checkBudget() {
	n, owned := d.ownedDeletes, d.ownedObjects
	help := fmt.Sprintf("check that the spec is whole; if so, allow %s with --max-deletes %d", these(n), n)
	switch limit := d.in.MaxDeletes; {
	case limit != nil:
		if n > *limit {
			d.refuse(Refusal{
				Code: CodeBudget,
				Text: fmt.Sprintf("the plan deletes %d of the %d objects that this spec owns, and at most %d are allowed", n, owned, *limit),
				Help: help,
			})
		}
	case d.in.Destroy:
	case n > 0 && !d.asks:
		d.refuse(Refusal{
			Code: CodeEmpty,
			Text: fmt.Sprintf("the spec asks for nothing, and owns %d objects, which would all be deleted", owned),
			Help: "use destroy to delete what a spec owns; if the spec should not be empty, restore it",
		})
	case n > maxDeletes && 100*n > maxDeletesPercent*owned:
		d.refuse(Refusal{
			Code: CodeBudget,
			Text: fmt.Sprintf("the plan deletes %d of the %d objects that this spec owns, more than %d and more than %d %%", n, owned, maxDeletes, maxDeletesPercent),
			Help: help,
		})
	}
}

func these(n int) string {
	if n == 1 {
		return "this deletion"
	}
	return fmt.Sprintf("these %d deletions", n)
}

// checkProtected refuses to delete what the spec protects.
func (d *diff) checkProtected() {
	for _, c := range d.changes {
		if id := c.ID(); c.After == nil && d.protected[id] {
			d.refuse(Refusal{
				ID: id, Position: d.source(id), Code: CodeProtected,
				Text: fmt.Sprintf("%s is protected, and this plan would delete it", id),
				Help: "take `protect` away in one apply and delete it in the next",
			})
		}
	}
}
