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
	CodeTransient     = "P015" // on the way somebody would have too much or too little
)

// A Rule is what one code stands for.
type Rule struct {
	Code    string
	Title   string // what is wrong, in a few words
	Explain string // why it is refused, and what to do
}

// Rules lists every code, in order.
var Rules = []Rule{
	{CodeNotOwned, "it is somebody else's", "What a section declares, ssmctl owns: it creates it, changes it, and removes it when the entry goes. Something of that name exists already without the mark of this spec. If the entry is only to add access to it, write `existing: true`, where the section has that key; else choose another name."},
	{CodeMissing, "it does not exist", "What a spec only mentions, such as a member of a group or a document, must be there already: a misspelt name never creates a user. Correct the name, declare it in its section, or make it first."},
	{CodeNeedsDeleted, "it needs what would be deleted", "The plan would delete something, because its entry has gone from the spec, that another entry still relies on. Keep the entry, or change the one that relies on it."},
	{CodeStillUsed, "somebody else still uses it", "The plan would delete something that objects outside the spec use, and AWS would refuse that or they would break. Take it away from them first, or keep the entry."},
	{CodeProtected, "it is protected", "The entry says `protect: true`, or did when it was last applied. To delete it, write `protect: false`, apply that, and then remove the entry."},
	{CodeBudget, "too much would be deleted", "A plan that deletes much more than it leaves is most often made from a spec that was cut off, or from the wrong file. If it is meant, allow it by number with --max-deletes."},
	{CodeEmpty, "the spec asks for nothing", "An empty spec never means that all is to be deleted. To remove all that a spec owns, use `ssmctl destroy`."},
	{CodeCycle, "objects wait for each other", "Each of the objects can only be made after the other. Break the circle in two applies: leave one of the references out, apply, and add it."},
	{CodeContradiction, "asked for and ruled out", "One entry asks for an object that another says must not exist."},
	{CodeImpossible, "AWS would refuse it", "The change breaks a rule of AWS's that can be told beforehand, or there is no call by which to make it. The text says which."},
	{CodeTransient, "no safe order", "There is no order of the steps in which nobody would, for a moment, hold a right that they hold neither before nor after, or be without one that they hold both before and after; or none was found. A moment is long enough: a command that was sent keeps running, and a run that is interrupted may stay there. Split the change into two applies, with a state between them that is right by itself; or accept it for whom it concerns with --allow-transient PRINCIPAL, such as --allow-transient user/amy."},
}

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
			resource.ComparePositions(a.Position, b.Position),
			a.ID.Compare(b.ID),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Text, b.Text),
		)
	})
}
