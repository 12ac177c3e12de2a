package access

import (
	"github.com/ssmctl/ssmctl/resource"
)

// A Change is a like set of rights that one principal gains or loses. Rights
// are calls: what stands in On can be acted on with what stands in With.
type Change struct {
	Who     resource.ID `json:"principal"`         // a user or a role; a group, when all its members change alike
	Members []string    `json:"members,omitempty"` // the users, when Who is a group
	Service bool        `json:"service,omitempty"` // only services of AWS act as the role
	Effect  string      `json:"effect"`            // Gain or Loss
	Actions []string    `json:"actions"`           // AWS's names, sorted; none when Unknown
	Rights  string      `json:"rights"`            // in words: "run any document, open sessions"
	On      *Set        `json:"on,omitempty"`      // nodes; nil where the actions have none
	With    *Set        `json:"with,omitempty"`    // documents; nil where the actions have none
	// Resources are those that no inventory has, by the patterns of the policies
	// without what is plain from the place: "parameter/web/*". "*" is everything.
	Resources []string      `json:"resources,omitempty"`
	When      string        `json:"when,omitempty"`    // "only with MFA"; "" is always
	Unknown   string        `json:"unknown,omitempty"` // the policy whose text is not known, so that what it does is not either
	Via       []resource.ID `json:"via"`               // what gives it, before the change for a loss: membership, grant, policy
	Cause     []resource.ID `json:"cause"`             // the objects whose change makes the difference, sorted
}

// The effects of a change.
const (
	Gain = "gain"
	Loss = "loss"
)

// A Set is some of the nodes or the documents.
type Set struct {
	Text  string            `json:"text"`            // "every instance", "3 instances with App=web", "i-1, i-2 and 7 more"
	All   bool              `json:"all,omitempty"`   // those of tomorrow too
	Tags  map[string]string `json:"tags,omitempty"`  // it is just those with these tags
	Names []string          `json:"names,omitempty"` // ids of nodes or names of documents, at most 5
	Count int               `json:"count"`           // how many there are today
}

// A Right is what a principal may do: a like set of calls. The fields are
// those of a Change.
type Right struct {
	Actions   []string      `json:"actions"`
	Rights    string        `json:"rights"`
	On        *Set          `json:"on,omitempty"`
	With      *Set          `json:"with,omitempty"`
	Resources []string      `json:"resources,omitempty"`
	When      string        `json:"when,omitempty"`
	Unknown   string        `json:"unknown,omitempty"`
	Via       []resource.ID `json:"via"`
}
