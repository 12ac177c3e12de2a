// Package resource holds the nouns every other package speaks in: what an
// object is, how objects are named, what it means to change one, and what is
// known after a write that failed.
//
// It imports only the standard library and knows nothing of YAML or AWS.
package resource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// An ID names one object: its kind, and its name within that kind. Its text
// form is "role/ssm-managed"; a kind has no slash, a name may have several.
type ID struct{ Kind, Name string }

// String returns the text form, "kind/name".
func (id ID) String() string { return id.Kind + "/" + id.Name }

// Compare orders IDs by kind, then by name.
func (id ID) Compare(other ID) int {
	if c := strings.Compare(id.Kind, other.Kind); c != 0 {
		return c
	}
	return strings.Compare(id.Name, other.Name)
}

// MarshalText returns the text form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText accepts what MarshalText returns.
func (id *ID) UnmarshalText(text []byte) error {
	kind, name, ok := strings.Cut(string(text), "/")
	if !ok || kind == "" || name == "" {
		return fmt.Errorf("%q is not of the form kind/name", text)
	}
	*id = ID{kind, name}
	return nil
}

// An Object is one thing that exists, or ought to exist, in an AWS account.
//
// Objects are plain data in canonical form: two are the same exactly when
// their JSON is. They refer to each other by ID and never by an identifier
// that AWS made up, so every reference is known before anything is created.
// An object is immutable once it is part of a State.
type Object interface {
	ID() ID

	// Needs lists what must exist before this object can.
	Needs() []ID
}

// A Link is an object that only ties others together: an attachment, a
// membership, an association. It carries no ownership mark of its own.
type Link interface {
	Object

	// Holders lists the objects whose owner also owns this link. When none of
	// them is owned, whether the link is owned is for the ledger to say.
	Holders() []ID
}

// An Event is something to do when other objects change, such as restarting
// an agent. It is not part of any state: it is never read, never drifts, and
// stands in a plan only beside a change to one of the objects it follows.
type Event interface {
	Object

	// Follows lists the objects whose change calls for the event.
	Follows() []ID
}

// A Span is an object that, while a plan is under way, has to cover both what
// was and what will be: it is widened before any other step and narrowed
// after all of them. The ledger is one.
type Span interface {
	Object

	// Union returns the object that covers the receiver and other, which has
	// the same ID.
	Union(other Object) Object
}

// A Transient object can be seen in states that nobody asks for, while a
// write of several calls is under way.
type Transient interface {
	Object

	// Settled returns the object without what only an interrupted write from
	// one object to another, either of which may be nil, leaves behind.
	Settled(from, to Object) Object
}

// Equal reports whether a and b are the same object in the same condition.
// Nil equals only nil.
func Equal(a, b Object) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// A Change takes one object from Before to After. With no Before it creates
// the object; with no After it deletes it; one of them is never nil.
type Change struct{ Before, After Object }

// Inverse returns the change that undoes c.
func (c Change) Inverse() Change { return Change{Before: c.After, After: c.Before} }

// ID names the object c changes.
func (c Change) ID() ID {
	if c.After != nil {
		return c.After.ID()
	}
	return c.Before.ID()
}

// Action reports what c does.
func (c Change) Action() Action {
	switch {
	case c.Before == nil:
		return Create
	case c.After == nil:
		return Delete
	}
	return Update
}

// An Action says what a change does to its object, in Terraform's words.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)
