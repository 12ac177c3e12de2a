package planner

import (
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spelling"
)

// maxNearest bounds for how many missing objects a likely name is looked up,
// since each takes a pass over all names. Nobody reads more than that.
const maxNearest = 20

// nearest finds the object that somebody probably meant.
type nearest struct {
	d     *diff
	found map[resource.ID]resource.ID // answers given; the zero ID for none
}

// to returns the live or desired object of id's kind whose name is closest to
// id's, provided it is close enough to be a slip.
func (n *nearest) to(id resource.ID) (resource.ID, bool) {
	best, known := n.found[id]
	if known || len(n.found) == maxNearest {
		return best, best != resource.ID{}
	}
	if n.found == nil {
		n.found = map[resource.ID]resource.ID{}
	}
	least := max(1, len(id.Name)/4) + 1
	for _, objects := range [][]resource.Object{n.d.wants, n.d.haves} {
		for _, o := range objects {
			other := o.ID()
			if other.Kind != id.Kind || n.d.deleted[other] {
				continue
			}
			// At equal distance the first in ID order wins.
			if d := spelling.Distance(id.Name, other.Name, least-1); d < least || d == least && best.Name > other.Name {
				best, least = other, d
			}
		}
	}
	n.found[id] = best
	return best, best != resource.ID{}
}
