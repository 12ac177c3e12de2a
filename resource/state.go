package resource

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// A State is a set of objects, no two of which share an ID. It is not safe to
// change while others read it.
type State struct{ objects map[ID]Object }

// NewState returns a state of the given objects, or an error if two share an ID.
func NewState(objects ...Object) (*State, error) {
	s := &State{objects: make(map[ID]Object, len(objects))}
	for _, o := range objects {
		if err := s.Add(o); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Add puts o into the state, or reports that its ID is taken. The zero State
// is empty and ready to be added to.
func (s *State) Add(o Object) error {
	id := o.ID()
	if _, taken := s.objects[id]; taken {
		return fmt.Errorf("%s is there twice", id)
	}
	if s.objects == nil {
		s.objects = map[ID]Object{}
	}
	s.objects[id] = o
	return nil
}

// Get returns the object named id, or nil.
func (s *State) Get(id ID) Object { return s.objects[id] }

// Len returns how many objects there are.
func (s *State) Len() int { return len(s.objects) }

// All yields the objects in ID order.
func (s *State) All() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for _, id := range slices.SortedFunc(maps.Keys(s.objects), ID.Compare) {
			if !yield(s.objects[id]) {
				return
			}
		}
	}
}

// A Position is a place in a file. Line and Column count from 1.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// String returns "file:line:column".
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// ComparePositions orders positions as they stand in the spec, none last.
func ComparePositions(a, b *Position) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// Desired is what a spec asks for.
type Desired struct {
	State     *State          // what must exist, just so; events included
	Absent    map[ID]bool     // what must not exist
	Protected map[ID]bool     // what no plan may delete
	Source    map[ID]Position // where each object, and each absence, was asked for
}

// Live is what an account holds, whoever made it.
type Live struct {
	State *State
	Owned map[ID]bool // the objects that carry the spec's mark or stand in its ledger
}
