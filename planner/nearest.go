package planner

import (
	"github.com/ssmctl/ssmctl/resource"
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
			if d := distance(id.Name, other.Name, least); d < least || d == least && best.Name > other.Name {
				best, least = other, d
			}
		}
	}
	n.found[id] = best
	return best, best != resource.ID{}
}

// distance returns how many insertions, deletions, replacements and swaps of
// neighbours turn a into b, without regard to case, or limit if that is less.
// It works on bytes: AWS's names are ASCII.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			x, y := lower(a[i-1]), lower(b[j-1])
			cost := 1
			if x == y {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x == lower(b[j-2]) && lower(a[i-2]) == y {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
