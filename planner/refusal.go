package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A Refusal is a reason not to make a plan.
type Refusal struct {
	ID       resource.ID        // the object it is about; the zero ID when it is about the plan as a whole
	Position *resource.Position // what in the spec is the reason; nil if nothing in it is
	Text     string             // what is wrong
	Help     string             // what to do about it
	Code     string             // one of the codes below
}

// The codes of refusals. They never change their meaning.
const (
	CodeNotOwned      = "P001" // what the spec declares exists already and is somebody else's
	CodeMissing       = "P002" // what the spec mentions does not exist
	CodeNeedsDeleted  = "P003" // what the spec asks for needs something that would be deleted
	CodeStillUsed     = "P004" // what would be deleted is used by something that is not the spec's
	CodeProtected     = "P005" // what would be deleted is protected
	CodeBudget        = "P006" // more would be deleted than one plan may
	CodeEmpty         = "P007" // the spec asks for nothing, though it owns something
	CodeCycle         = "P008" // objects wait for each other
	CodeContradiction = "P009" // the spec asks for the same object to exist and not to exist
	CodeImpossible    = "P010" // AWS would refuse the change, or it cannot be made as asked
)

// Refused is the error of Make when there are reasons not to make the plan:
// all of them, in the order of their positions.
type Refused []Refusal

// Error lists the refusals, one a line.
func (r Refused) Error() string {
	lines := make([]string, len(r))
	for i, one := range r {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// String returns "file:line:column: text [code]; help", without what is empty.
func (r Refusal) String() string {
	var b strings.Builder
	if r.Position != nil {
		fmt.Fprintf(&b, "%s: ", r.Position)
	}
	fmt.Fprintf(&b, "%s [%s]", r.Text, r.Code)
	if r.Help != "" {
		fmt.Fprintf(&b, "; %s", r.Help)
	}
	return b.String()
}

// sort puts r into an order that does not depend on how it was found.
func (r Refused) sort() {
	slices.SortFunc(r, func(a, b Refusal) int {
		return cmp.Or(
			comparePositions(a.Position, b.Position),
			a.ID.Compare(b.ID),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Text, b.Text),
		)
	})
}

// comparePositions orders positions as they stand in the spec, none last.
func comparePositions(a, b *resource.Position) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
