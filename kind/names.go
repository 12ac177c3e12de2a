package kind

import (
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A foldedID is an ID that is the same for names that AWS takes for the same.
type foldedID resource.ID

func folded(id resource.ID) foldedID {
	return foldedID{id.Kind, strings.ToLower(id.Name)}
}

// clashesWithin reports objects of a spec whose names differ only in case, of
// which AWS would make the first and refuse the second.
func clashesWithin(d *resource.Desired) []Refusal {
	var all []Refusal
	first := map[foldedID]resource.ID{}
	for o := range d.State.All() {
		id := o.ID()
		if !defs[id.Kind].noCase {
			continue
		}
		if other, taken := first[folded(id)]; taken {
			all = append(all, Refusal{id, fmt.Sprintf("%s and %s differ only in case, and IAM takes them for one name", other, id), "rename one of them"})
			continue
		}
		first[folded(id)] = id
	}
	return all
}

// clashesWith reports objects of a spec that are not there under their own
// name, but under one that differs only in case.
func clashesWith(live *resource.State, d *resource.Desired) []Refusal {
	var all []Refusal
	there := map[foldedID]resource.ID{}
	for o := range live.All() {
		if id := o.ID(); defs[id.Kind].noCase {
			there[folded(id)] = id
		}
	}
	for o := range d.State.All() {
		id := o.ID()
		if other, taken := there[folded(id)]; taken && live.Get(id) == nil {
			all = append(all, Refusal{
				ID:   id,
				Text: fmt.Sprintf("%s is in the account as %q, and IAM takes names that differ only in case for the same", id, other.Name),
				Help: fmt.Sprintf("write %s, or choose another name", other.Name),
			})
		}
	}
	return all
}
