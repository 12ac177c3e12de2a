package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A Breach is access in some state on the way that somebody has neither before
// nor after, or lacks though they have it both before and after.
type Breach struct {
	Principal resource.ID        `json:"principal"`
	Effect    Effect             `json:"effect"`           // "gain": had on the way only; "loss": lacked on the way only
	Text      string             `json:"text"`             // what, for people: "ssm:SendCommand on any resource"
	From      resource.ID        `json:"from,omitzero"`    // whose step brings it about
	Until     resource.ID        `json:"until,omitzero"`   // whose step puts an end to it
	Source    *resource.Position `json:"source,omitempty"` // what in the spec asked for one of those two
}

// String says for people what happens, and to whom.
func (b Breach) String() string {
	if b.Effect == Loss {
		return fmt.Sprintf("%s would for a moment be unable to %s, which they can both before and after", b.Principal, b.Text)
	}
	return fmt.Sprintf("%s would for a moment be able to %s, which they can neither before nor after", b.Principal, b.Text)
}

func (b Breach) check() bool {
	return (b.Effect == Gain || b.Effect == Loss) && b.Principal != (resource.ID{}) && b.Text != ""
}

// compareBreaches orders breaches by whom they happen to, gains first.
func compareBreaches(a, b Breach) int {
	return cmp.Or(a.Principal.Compare(b.Principal), cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.Text, b.Text))
}

// RefuseTransient returns the breaches as reasons not to apply a plan: one for
// each principal and effect, which names the first few of its texts.
func RefuseTransient(breaches []Breach) Refused {
	var refused Refused
	all := slices.SortedFunc(slices.Values(breaches), compareBreaches)
	for len(all) > 0 {
		first := all[0]
		n := slices.IndexFunc(all, func(b Breach) bool { return b.Principal != first.Principal || b.Effect != first.Effect })
		if n < 0 {
			n = len(all)
		}
		refused = append(refused, refuseTransient(all[:n]))
		all = all[n:]
	}
	refused.sort()
	return refused
}

// maxBreaches is how many of the breaches of a principal are named.
const maxBreaches = 3

// refuseTransient returns the refusal for the breaches of one principal and
// effect.
func refuseTransient(breaches []Breach) Refusal {
	first := breaches[0]
	r := Refusal{
		ID: first.Principal, Code: CodeTransient,
		Help: fmt.Sprintf("split the change into two applies, with a state between them that is right by itself; or accept this with --allow-transient %s", first.Principal),
	}
	var texts []string
	for i, b := range breaches {
		if i < maxBreaches {
			texts = append(texts, b.Text)
		}
		if r.Position == nil || b.Source != nil && resource.ComparePositions(b.Source, r.Position) < 0 {
			r.Position = b.Source
		}
	}
	if more := len(breaches) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	whole := first
	whole.Text = strings.Join(texts, "; ")
	r.Text = whole.String()
	if first.From != (resource.ID{}) && first.Until != (resource.ID{}) {
		r.Text += fmt.Sprintf(": from the step for %s until that for %s", first.From, first.Until)
	}
	return r
}
