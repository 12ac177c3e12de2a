package planner

import "github.com/ssmctl/ssmctl/resource"

// A Watch says what the states between the two ends of a plan mean for access.
// It knows the plan's steps by their index at the time when Secure is called,
// which calls it from one goroutine.
type Watch interface {
	// Parties returns those whose access depends on more than one step, each
	// with the steps that it depends on: what other steps do has no bearing on
	// a party. Whom no choice of their steps can harm, such as those who only
	// gain, may be left out.
	Parties() []Party

	// Judge returns what is wrong with a party's access when exactly those of
	// its steps are done: nothing if it lies between what it is before the plan
	// and what it is after. Done is parallel to the party's Steps, may be any
	// choice of them but none and all, and is the caller's: it changes after
	// the call. The same question always gets the same answer.
	Judge(party int, done []bool) []Breach
}

// A Party is a user or role, or several that fare alike.
type Party struct {
	Principals []resource.ID // at least one, sorted
	Steps      []int         // ascending
}
