package access

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// foldGroups puts a change that all members of a group share in the place of
// theirs, if there are several: who it is told of is the group, and the chain
// begins with what the group holds.
func (c *comparison) foldGroups(changes []Change) []Change {
	type slot struct {
		first   Change
		members map[string]int // position of the member's change
	}
	slots := map[string]*slot{} // by group and what changes
	var order []string
	for i, change := range changes {
		if change.Who.Kind != userKind {
			continue
		}
		side := 1
		if change.Effect == Loss {
			side = 0
		}
		for _, m := range c.memberOf[side][change.Who.Name] {
			if len(change.Via) == 0 || !slices.Contains(change.Via, m.From) {
				continue // it has it from elsewhere
			}
			key := m.Group + "\x00" + c.shared(change, m.Group)
			s, ok := slots[key]
			if !ok {
				s = &slot{first: change, members: map[string]int{}}
				slots[key] = s
				order = append(order, key)
			}
			s.members[change.Who.Name] = i
		}
	}
	gone := map[int]bool{}
	var folded []Change
	for _, key := range order {
		s := slots[key]
		name, _, _ := strings.Cut(key, "\x00")
		side := 1
		if s.first.Effect == Loss {
			side = 0
		}
		all := c.members(side, name)
		if len(all) < 2 || len(s.members) != len(all) {
			continue
		}
		change := s.first
		change.Who = resource.ID{Kind: groupKind, Name: name}
		change.Members = sortedKeys(s.members)
		change.Via = c.withoutMemberships(s.first.Via, name)
		change.Cause = nil
		taken := false
		for _, member := range change.Members {
			i := s.members[member]
			taken = taken || gone[i]
			change.Cause = append(change.Cause, changes[i].Cause...)
		}
		if taken {
			continue // another group stands for some of them
		}
		for _, i := range s.members {
			gone[i] = true
		}
		slices.SortFunc(change.Cause, resource.ID.Compare)
		change.Cause = slices.Compact(change.Cause)
		folded = append(folded, change)
	}
	var rest []Change
	for i, change := range changes {
		if !gone[i] {
			rest = append(rest, change)
		}
	}
	return append(rest, folded...)
}

// shared returns what a change has in common with those of other members of
// the group.
func (c *comparison) shared(change Change, group string) string {
	change.Who = resource.ID{}
	change.Via = c.withoutMemberships(change.Via, group)
	change.Cause = slices.DeleteFunc(c.withoutMemberships(change.Cause, group), func(id resource.ID) bool { return id.Kind == userKind })
	text, err := json.Marshal(change)
	if err != nil {
		panic("access: a change is not JSON: " + err.Error()) // it has nothing that could not be
	}
	return string(text)
}

// members returns the users of the account who are in a group, sorted.
func (c *comparison) members(side int, group string) []string {
	var names []string
	for _, m := range c.membersOf[side][group] {
		if c.parties[side][resource.ID{Kind: userKind, Name: m.User}] != nil {
			names = append(names, m.User)
		}
	}
	return set(names)
}

// withoutMemberships leaves out the objects that put users into the group.
func (c *comparison) withoutMemberships(ids []resource.ID, group string) []resource.ID {
	rest := []resource.ID{}
	for _, id := range ids {
		if in, ok := c.puts[id]; !ok || in != group {
			rest = append(rest, id)
		}
	}
	return rest
}
