// Package entry is the contract between the spec language and the kinds: what
// a section of a spec may hold, and what an entry in it asks for.
//
// Package spec reads entries and package kind says what they mean; neither
// knows the other. This package imports only resource, and knows neither YAML
// nor AWS.
//
// # The table
//
// An entry is a Go struct. Its exported fields and their tags are the one
// table from which the parser, the JSON Schema and the manual are made:
//
//	spec:"members"      the key; ",required" demands it; ",scalar" marks the
//	                    field filled when the struct's place is taken by a
//	                    plain scalar, ",list" when it is taken by a list
//	doc:"..."           one sentence or two for the manual and for editors
//	enum:"a,b"          the only values allowed
//	pattern:"^...$"     what each string must match
//	want:"an ARN, ..."  what to say was expected when pattern fails
//	ref:"restrictions"  each value must name an entry of that section
//	min:"1" max:"50"    bounds of an int; of the length of a list or map
//	default:"none"      what an absent key means, for the manual; the kind applies it
//	example:"..."       a value to show
//	reserved:"..."      the key is refused, with this reason
//
// Field types are string, bool, int, *bool, []T, map[string]T, structs,
// pointers to structs, and Tree. Lists hold no duplicates. What is said of
// strings holds for each value of a list or map. A string is not empty, unless
// its pattern allows it or it is a value of a map. Structs that are embedded
// without a tag lend their fields; other fields without one are left alone.
// Several fields may be ",scalar" if their types differ. Patterns are Go's
// regular expressions, in the part of the syntax that JavaScript shares.
package entry

import (
	"encoding/json"

	"github.com/ssmctl/ssmctl/resource"
)

// A Tree is a value taken as it stands, such as a raw policy document: its
// JSON, every scalar that is not a bool or null in quotes exactly as written,
// so that dates and account ids survive.
type Tree = json.RawMessage

// A Section is one top-level map of a spec, from names to entries.
type Section struct {
	Name    string // the key: "groups"
	Noun    string // what one entry is called: "group"
	Summary string // one sentence for the manual and the schema
	Example string // an entry in YAML, "operators: {access: full}"
	Pattern string // what names must match
	Want    string // what to say was expected when a name does not match

	// New returns a pointer to an empty entry, whose struct tags are the table.
	New func() any

	// Expand adds to x what the entry asks for. The entry is what New
	// returned, filled in; it has passed every check of the table.
	Expand func(x *Expansion, entry any)
}

// A Spec is a spec as read: its top-level facts and every section's entries.
type Spec struct {
	Name        string
	Description string
	Account     string // 12 digits
	Region      string
	Partition   string // "aws", "aws-cn", ...: follows from the region
	Defaults    Defaults
	BreakGlass  []resource.ID             // users and roles that no plan may take anything from
	Entries     map[string]map[string]any // section, then name, to what its New returned
}

// Defaults apply to every entry that does not say otherwise.
type Defaults struct {
	Tags                map[string]string `spec:"tags" doc:"Tags for everything that can carry tags. IAM groups cannot." max:"45"`
	Path                string            `spec:"path" doc:"IAM path of users, roles and instance profiles, and the last part of the path of groups and policies." pattern:"^/([A-Za-z0-9.,+@=_-]+/)*$" want:"a path such as /ssm/" default:"/"`
	PermissionsBoundary string            `spec:"permissions_boundary" doc:"ARN of the policy that bounds every user and role." pattern:"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$" want:"the ARN of a managed policy"`
	InstanceRole        string            `spec:"instance_role" doc:"The role of instances that name none."`
	Protect             bool              `spec:"protect" doc:"Refuse any plan that deletes what is declared here." default:"false"`
}

// Lookup returns the entry of that section and name, or nil.
func Lookup[E any](s *Spec, section, name string) *E {
	e, _ := s.Entries[section][name].(*E)
	return e
}

// An Expansion collects what one entry asks for. Paths lead from the entry to
// the value that is the reason, as in "members", "0"; the empty path is the
// entry itself.
type Expansion struct {
	Spec *Spec
	Name string // of the entry

	Objects   []Located[resource.Object]
	Absent    []Located[resource.ID]
	Protected []resource.ID
	Problems  []Problem
}

// Located is a value and the path to what asked for it.
type Located[T any] struct {
	Value T
	At    []string
}

// A Problem is something wrong with an entry, and what to do about it.
type Problem struct {
	At   []string // path to the value at fault
	Text string   // what is wrong, without the position
	Help string   // what to do instead; may be ""
}

// Add asks for o to exist. The same object may be asked for more than once,
// even by other entries, as long as everybody wants it just so.
func (x *Expansion) Add(o resource.Object, at ...string) {
	x.Objects = append(x.Objects, Located[resource.Object]{o, at})
}

// Forbid asks for id not to exist.
func (x *Expansion) Forbid(id resource.ID, at ...string) {
	x.Absent = append(x.Absent, Located[resource.ID]{id, at})
}

// Protect asks that no plan delete id.
func (x *Expansion) Protect(id resource.ID) { x.Protected = append(x.Protected, id) }

// Fault reports a problem with the value at the path.
func (x *Expansion) Fault(text, help string, at ...string) {
	x.Problems = append(x.Problems, Problem{At: at, Text: text, Help: help})
}
