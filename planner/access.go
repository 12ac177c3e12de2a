package planner

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// An AccessChange is what a plan gives to a principal, or takes from it: one
// set of actions on one set of things.
type AccessChange struct {
	Principal resource.ID   `json:"principal"`           // a user or role; or a group, for all its members alike
	Members   []string      `json:"members,omitempty"`   // the users, where the principal is a group
	Service   bool          `json:"service,omitempty"`   // only services of AWS act as the role
	Effect    Effect        `json:"effect"`              // "gain" or "loss"
	Actions   []string      `json:"actions"`             // by AWS's names, sorted; none where unknown is given
	Rights    string        `json:"rights"`              // the same in words: "run any document, open sessions"
	On        *AccessSet    `json:"on,omitempty"`        // the nodes, where the actions know any
	With      *AccessSet    `json:"with,omitempty"`      // the documents, where they know any
	Resources []string      `json:"resources,omitempty"` // what else they reach, by patterns: "parameter/web/*"
	When      string        `json:"when,omitempty"`      // what it hangs on: "only with MFA"; absent: nothing
	Unknown   string        `json:"unknown,omitempty"`   // the policy whose text could not be read, and with it what it gives
	Via       []resource.ID `json:"via"`                 // the objects that give it, from the principal on; before the plan, for a loss
	Cause     []AccessCause `json:"cause"`               // the changes that make the difference
}

// An Effect says which way access changes.
type Effect string

// The effects.
const (
	Gain Effect = "gain"
	Loss Effect = "loss"
)

// An AccessSet is some of the nodes or documents of an account.
type AccessSet struct {
	Text  string            `json:"text"`            // "every instance", "3 instances with App=web"
	All   bool              `json:"all,omitempty"`   // all there are, and all there will be
	Tags  map[string]string `json:"tags,omitempty"`  // those that carry all these tags
	Names []string          `json:"names,omitempty"` // the first few, where neither all nor tags tell them
	Count int               `json:"count"`           // how many there are now
}

// An AccessCause is a change of the plan that changes access.
type AccessCause struct {
	Address resource.ID        `json:"address"`
	Source  *resource.Position `json:"source,omitempty"`
}

// key tells access changes of one plan apart.
func (c AccessChange) key() string {
	return strings.Join([]string{c.Principal.String(), strings.Join(c.Members, " "), string(c.Effect), strings.Join(c.Actions, " "), c.On.key(), c.With.key(), strings.Join(c.Resources, " "), c.When, c.Unknown}, "|")
}

// key is the same for sets that were approved alike: instances come and go,
// and "every instance" stays that.
func (s *AccessSet) key() string {
	switch {
	case s == nil:
		return ""
	case s.All:
		return "all"
	case len(s.Tags) > 0:
		var tags []string
		for _, k := range slices.Sorted(maps.Keys(s.Tags)) {
			tags = append(tags, k+"="+s.Tags[k])
		}
		return strings.Join(tags, ",")
	}
	return strings.Join(s.Names, ",") + " of " + strconv.Itoa(s.Count)
}

// access compares whose access two plans change. The objects of the account
// that the plan does not touch may have moved, and with them what it means.
func (m *moves) access(approved, now []AccessChange) {
	keys := func(list []AccessChange) map[string]AccessChange {
		all := map[string]AccessChange{}
		for _, c := range list {
			all[c.key()] = c
		}
		return all
	}
	was, is := keys(approved), keys(now)
	for _, c := range approved {
		if _, still := is[c.key()]; !still {
			m.address = c.Principal.String()
			m.words("access", c.String(), "no such "+string(c.Effect))
		}
	}
	for _, c := range now {
		if _, already := was[c.key()]; !already {
			m.address = c.Principal.String()
			m.words("access", "no such "+string(c.Effect), c.String())
		}
	}
}

// String returns the change in words, without the principal: "gain: run any
// document on every instance".
func (c AccessChange) String() string { return string(c.Effect) + ": " + c.Text() }

// Text returns in words what is gained or lost.
func (c AccessChange) Text() string {
	text := c.Rights
	if c.On != nil {
		text += " on " + c.On.Text
	}
	if c.When != "" {
		text += ", " + c.When
	}
	return text
}

func (c AccessChange) check() bool {
	return (c.Effect == Gain || c.Effect == Loss) && c.Principal != (resource.ID{}) && (len(c.Actions) > 0) != (c.Unknown != "")
}
