// Package kind teaches ssmctl the sorts of object it manages: what a spec
// writes to ask for one, how it is read from AWS, and how a change to it is
// written. It is the only package that talks to AWS.
//
// Each kind is one file. To add one, add a file: a struct for the object and
// a call of define. Nothing else changes.
//
// The package knows nothing of YAML, plans, rollback or output. It hands out
// sections (what may be written), a live state (what there is), and a Session
// that makes one change at a time and says what became of it.
package kind

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Kind is everything ssmctl knows about one sort of object.
type Kind[O resource.Object] struct {
	Name    string // first half of each object's ID: "role"
	Summary string // one sentence for the manual

	// Section is what a spec writes to ask for objects of this kind, and of
	// the kinds that go with it; nil if only other kinds' entries ask for it.
	Section *entry.Section

	// Example is a walk through the kind's life: sections of specs, each to be
	// applied after the one before, from the account of the guide's example.
	// The conformance test makes it, undoes it, and makes it fail everywhere.
	Example []string

	// Read returns every object of this kind in the account, whoever made it,
	// in canonical form. It makes no call that the sweep has made already.
	Read func(context.Context, *Sweep) ([]O, error)

	// Find returns the one object of that name as it is now, or nil, just as
	// Read would. It is for looking at a few objects, before and after writing
	// them. Nil for events, which are not there to be found.
	Find func(ctx context.Context, sw *Sweep, name string) (*O, error)

	// Write makes before into after; nil means that the object does not
	// exist. Before is what Read returned, or a state that earlier calls of
	// Write left behind. Deleting what is gone already succeeds. Undoing is
	// the same call with the sides swapped.
	Write func(ctx context.Context, w *Write, before, after *O) error

	// Owned reports whether o carries the mark of that owner. Nil for links,
	// which belong to whoever owns their holders, and for events.
	Owned func(o O, owner string) bool

	// Loss says what undoing a change could not bring back; nil for nothing.
	Loss func(before, after *O) resource.Loss

	// Remark says what of a desired object a plan cannot make so, though the
	// object is there, since AWS has no call for it; "" for nothing. Nil if
	// there is nothing that AWS cannot change.
	Remark func(live, desired O) string

	// Calls returns what IAM authorises when before is made into after; see
	// [Session.Calls]. Nil for what is never written.
	Calls func(w Where, before, after *O) []policy.Request

	// NoCase says that AWS takes names that differ only in case for the same.
	NoCase bool

	// Access adds what o means for who can do what. Nil if it means nothing.
	Access func(o O, in *picture)

	// Rehearse adds the calls that EC2 can be asked about without making them.
	// Nil if there are none.
	Rehearse func(ctx context.Context, r *rehearsal, before, after *O) error

	// Preflight returns why AWS would refuse the change, or why it should not
	// be made, as far as that can be told beforehand; nil if there is nothing
	// to ask. It may read.
	Preflight func(ctx context.Context, s *Session, before, after *O) ([]Refusal, error)
}

// A Refusal is a reason not to make a change.
type Refusal struct {
	ID   resource.ID
	Text string // what is wrong
	Help string // what to do
}

// def is a Kind with its type erased, so that all can be held alike.
type def struct {
	name, summary string
	section       *entry.Section
	example       []string
	read          func(context.Context, *Sweep) ([]resource.Object, error)
	find          func(ctx context.Context, sw *Sweep, name string) (resource.Object, error)
	write         func(context.Context, *Write, resource.Change) error
	owned         func(resource.Object, string) bool
	loss          func(resource.Change) resource.Loss
	remark        func(live, desired resource.Object) string
	noCase        bool
	calls         func(Where, resource.Change) []policy.Request
	access        func(resource.Object, *picture)
	rehearse      func(context.Context, *rehearsal, resource.Change) error
	preflight     func(context.Context, *Session, resource.Change) ([]Refusal, error)
	decode        func([]byte) (resource.Object, error)
}

var defs = map[string]def{}

// define adds a kind. It panics if the name is taken, since only this package
// calls it, at start-up.
func define[O resource.Object](k Kind[O]) struct{} {
	if _, taken := defs[k.Name]; taken {
		panic("kind " + k.Name + " is defined twice")
	}
	side := func(o resource.Object) *O {
		if o == nil {
			return nil
		}
		v := o.(O)
		return &v
	}
	d := def{name: k.Name, summary: k.Summary, section: k.Section, example: k.Example, noCase: k.NoCase}
	d.read = func(ctx context.Context, sw *Sweep) ([]resource.Object, error) {
		if k.Read == nil {
			return nil, nil
		}
		found, err := k.Read(ctx, sw)
		all := make([]resource.Object, len(found))
		for i, o := range found {
			all[i] = o
		}
		return all, err
	}
	d.find = func(ctx context.Context, sw *Sweep, name string) (resource.Object, error) {
		if k.Find == nil {
			return nil, nil
		}
		found, err := k.Find(ctx, sw, name)
		if err != nil || found == nil {
			return nil, gone(err)
		}
		return *found, nil
	}
	d.write = func(ctx context.Context, w *Write, c resource.Change) error {
		return k.Write(ctx, w, side(c.Before), side(c.After))
	}
	d.owned = func(o resource.Object, owner string) bool {
		return k.Owned != nil && k.Owned(o.(O), owner)
	}
	d.loss = func(c resource.Change) resource.Loss {
		if k.Loss == nil {
			return resource.Loss{}
		}
		return k.Loss(side(c.Before), side(c.After))
	}
	d.remark = func(live, desired resource.Object) string {
		if k.Remark == nil {
			return ""
		}
		return k.Remark(live.(O), desired.(O))
	}
	d.access = func(o resource.Object, in *picture) {
		if k.Access != nil {
			k.Access(o.(O), in)
		}
	}
	d.calls = func(w Where, c resource.Change) []policy.Request {
		if k.Calls == nil {
			return nil
		}
		return k.Calls(w, side(c.Before), side(c.After))
	}
	d.preflight = func(ctx context.Context, s *Session, c resource.Change) ([]Refusal, error) {
		if k.Preflight == nil {
			return nil, nil
		}
		return k.Preflight(ctx, s, side(c.Before), side(c.After))
	}
	d.rehearse = func(ctx context.Context, r *rehearsal, c resource.Change) error {
		if k.Rehearse == nil {
			return nil
		}
		return k.Rehearse(ctx, r, side(c.Before), side(c.After))
	}
	d.decode = func(data []byte) (resource.Object, error) {
		var o O
		err := decodeStrictly(data, &o)
		return o, err
	}
	defs[k.Name] = d
	return struct{}{}
}

// Sections returns the sections a spec may have, in name order.
func Sections() []entry.Section {
	var all []entry.Section
	for _, d := range defs {
		if d.section != nil {
			all = append(all, *d.section)
		}
	}
	slices.SortFunc(all, func(a, b entry.Section) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Examples yields each kind's name and example, in name order.
func Examples() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, name := range names() {
			if !yield(name, defs[name].example) {
				return
			}
		}
	}
}

// names returns the names of all kinds, sorted.
func names() []string { return slices.Sorted(maps.Keys(defs)) }

// Loss says what undoing c could not bring back.
func Loss(c resource.Change) resource.Loss {
	d, ok := defs[c.ID().Kind]
	if !ok {
		return resource.Loss{}
	}
	return d.loss(c)
}

// kindOf returns the definition of id's kind.
func kindOf(id resource.ID) (def, error) {
	d, ok := defs[id.Kind]
	if !ok {
		return def{}, fmt.Errorf("%s: there is no kind %q", id, id.Kind)
	}
	return d, nil
}
