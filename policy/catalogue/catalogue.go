// Package catalogue holds AWS's service authorization data, embedded and
// dated: which actions there are, which resource types each takes, how the
// ARNs of those look, and which condition keys a request can carry.
//
// It answers offline whether an action exists, what a misspelt one was meant
// to be, and whether an ARN can be of a type. The names of actions are those of
// all services; all else is known of the services that have to do with Systems
// Manager and the access to it, those that Detailed names. It is a photograph:
// AWS adds actions every week, so what is not in it may exist nonetheless.
//
// The package does not know what a policy is, and decides nothing: package
// policy does. The file NOTICE says where the data come from and of which day
// they are; the command in refresh makes them anew. What they lack or have
// wrong, and what is put in its place, is in gaps.go and global.go.
//
// All functions are safe for concurrent use. The first call unpacks the data,
// which takes some milliseconds; a lookup then costs that of a map.
package catalogue

import (
	"iter"
	"slices"
	"strings"
)

// An Action is what a statement of a policy can allow or deny. Its slices are
// shared by all callers, who must not change them.
type Action struct {
	Name string // "ssm:SendCommand"
	// Levels are AWS's: one of Read, Write and List, or Write after Tagging or
	// Permissions management.
	Levels []string
	// Resources are the resource types that it takes, in the order of their
	// names. An action with none can be granted on "*" alone.
	Resources []Use
	// Keys are the condition keys that AWS lists for the action, with whatever
	// resource: sorted, in the form of Key.Name, without those that every
	// request may carry. Those of its resource types come on top; Supports
	// counts in all of them.
	Keys []string

	always []string // those of Keys that do not hang on the resource type
}

// A Use is a resource type that an action takes.
type Use struct {
	Type string // the name, to be looked up with Type in the action's service
	// Required says that every call touches a resource of this type, so that
	// one must be granted. Of the others a call may touch some or none.
	Required bool
	Keys     []string // of the action, with a resource of this type alone
}

// Lookup returns what is known of an action of a service that is Detailed.
// Case does not matter, as it does not to IAM. It is false for patterns.
func Lookup(action string) (Action, bool) {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	s, ok := details().services[service]
	if !ok {
		return Action{}, false
	}
	a, ok := s.actions[strings.ToLower(action)]
	return a, ok
}

// Known reports whether there is an action of that name in any service. Case
// does not matter; blanks do.
func Known(action string) bool {
	_, ok := allNames().spelling[strings.ToLower(action)]
	return ok
}

// Detailed reports whether the data of that service are complete: Lookup, Type
// and LookupKey know all that AWS lists for it. Case does not matter.
func Detailed(service string) bool {
	_, ok := details().services[strings.ToLower(service)]
	return ok
}

// Service reports whether there is a service with that prefix, such as "ssm".
// Case does not matter.
func Service(prefix string) bool {
	_, ok := allNames().services[strings.ToLower(prefix)]
	return ok
}

// Names yields all actions of all services, "ssm:SendCommand" and so on, as
// AWS spells them and in byte order.
func Names() iter.Seq[string] { return slices.Values(allNames().sorted) }

// Of returns the actions of one service, as Names yields them, the caller's to
// keep; nil if there is no such service. Case does not matter.
func Of(service string) []string { return slices.Clone(allNames().services[strings.ToLower(service)]) }

// Version returns that of the package the data were taken from.
func Version() string { return strings.Fields(version)[0] }

// Date returns the day of the data, as in "2026-09-26".
func Date() string { return strings.Fields(version)[1] }
