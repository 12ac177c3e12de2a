package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// unread returns a change for each policy whose text is not known and that a
// principal comes to hold, or holds no more: nobody can say what it changes,
// so that is what is said.
func (c *comparison) unread() []Change {
	var changes []Change
	ids := map[resource.ID]bool{}
	for _, side := range c.parties {
		for id := range side {
			ids[id] = true
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(ids), resource.ID.Compare) {
		for side := range c.parties {
			var others []Unread
			if p := c.parties[1-side][id]; p != nil {
				others = p.effective.Unread
			}
			p := c.parties[side][id]
			if p == nil {
				continue
			}
			for _, u := range p.effective.Unread {
				if slices.ContainsFunc(others, func(o Unread) bool { return o.ARN == u.ARN && o.Boundary == u.Boundary }) {
					continue
				}
				change := Change{
					Who: id, Service: c.party(id).Service, Effect: [2]string{Loss, Gain}[side],
					Actions: []string{}, Rights: "whatever " + u.Name + " allows", Unknown: u.Why, Via: u.Chain, Cause: []resource.ID{},
				}
				if u.Boundary { // what a boundary takes away is gained when it goes
					change.Effect = [2]string{Gain, Loss}[side]
					change.Rights = "whatever the boundary " + u.Name + " does not allow"
				}
				for _, o := range u.Chain {
					if c.differs(o) {
						change.Cause = append(change.Cause, o)
					}
				}
				slices.SortFunc(change.Cause, resource.ID.Compare)
				if !slices.ContainsFunc(changes, func(have Change) bool {
					return have.Who == id && have.Effect == change.Effect && have.Rights == change.Rights && strings.EqualFold(have.Unknown, change.Unknown)
				}) {
					changes = append(changes, change)
				}
			}
		}
	}
	return changes
}
