package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A diff is the difference between desired and live while it is worked out.
type diff struct {
	in        Input
	want      *resource.State
	have      *resource.State
	wants     []resource.Object // of want, in ID order
	haves     []resource.Object // of have, in ID order
	absent    map[resource.ID]bool
	protected map[resource.ID]bool

	changes   []resource.Change // one an object, events last
	changed   map[resource.ID]bool
	deleted   map[resource.ID]bool
	unchanged int
	notes     []Note
	refused   Refused

	asks         bool // the spec asks for something
	ownedObjects int  // live ones
	ownedDeletes int
}

func newDiff(in Input) *diff {
	d := &diff{in: in, want: &resource.State{}, have: &resource.State{}, changed: map[resource.ID]bool{}, deleted: map[resource.ID]bool{}}
	if in.Desired != nil {
		d.protected = in.Desired.Protected
		if !in.Destroy {
			d.absent = in.Desired.Absent
			if in.Desired.State != nil {
				d.want = in.Desired.State
			}
		}
	}
	if in.Live == nil {
		d.in.Live = &resource.Live{}
	} else if in.Live.State != nil {
		d.have = in.Live.State
	}
	d.wants = slices.Collect(d.want.All())
	d.haves = slices.Collect(d.have.All())
	return d
}

// wanted finds what to create and what to update.
func (d *diff) wanted() {
	for _, o := range d.wants {
		id := o.ID()
		if d.absent[id] {
			d.refuse(Refusal{
				ID: id, Position: d.source(id), Code: CodeContradiction,
				Text: fmt.Sprintf("the spec asks for %s, and also for it not to exist", id),
				Help: "remove one of the two",
			})
			continue
		}
		if isEvent(o) {
			continue
		}
		d.asks = d.asks || !isSpan(o)
		live := d.have.Get(id)
		switch {
		case live == nil:
			d.change(resource.Change{After: o})
		case !d.owned(live) && !isLink(o) && !isSpan(o):
			d.refuse(Refusal{
				ID: id, Position: d.source(id), Code: CodeNotOwned,
				Text: fmt.Sprintf("%s exists already, and this spec does not own it", id),
				Help: "choose another name; or say `existing: true` to use it as it is, where the section has that key",
			})
		case !resource.Equal(live, o):
			if !d.owned(live) && isLink(o) {
				d.note(id, "somebody else made it as it is now; this plan replaces that, and the spec owns it from then on")
			}
			d.change(resource.Change{Before: live, After: o})
		default:
			if !d.owned(live) && isLink(o) {
				d.note(id, "was there before this spec asked for it, so taking it out of the spec will not remove it")
			}
			d.unchanged++
		}
	}
}

// unwanted finds what to delete.
func (d *diff) unwanted() {
	for _, o := range d.haves {
		id, owned := o.ID(), d.owned(o)
		if owned && !isSpan(o) {
			d.ownedObjects++
		}
		if !d.absent[id] && (!owned || d.want.Get(id) != nil) {
			continue
		}
		d.change(resource.Change{Before: o})
		d.deleted[id] = true
		if owned && !isSpan(o) {
			d.ownedDeletes++
		}
	}
}

// events finds the events that the other changes call for.
func (d *diff) events() {
	var waiting []resource.Event
	for _, o := range d.wants {
		if e, ok := o.(resource.Event); ok {
			waiting = append(waiting, e)
		}
	}
	for found := true; found; { // an event may follow another
		found = false
		waiting = slices.DeleteFunc(waiting, func(e resource.Event) bool {
			called := slices.ContainsFunc(e.Follows(), func(id resource.ID) bool { return d.changed[id] })
			if called {
				d.change(resource.Change{After: e})
				found = true
			}
			return called
		})
	}
}

// checkNeeds refuses what needs something that is not there, or will not be.
func (d *diff) checkNeeds() {
	nearest := nearest{d: d}
	for _, o := range d.wants {
		id := o.ID()
		for _, need := range requires(o) {
			switch {
			case d.deleted[need]:
				d.refuse(Refusal{
					ID: id, Position: d.source(id), Code: CodeNeedsDeleted,
					Text: fmt.Sprintf("%s needs %s, which this plan deletes", id, need),
					Help: fmt.Sprintf("declare %s again, or stop asking for what needs it", need),
				})
			case d.want.Get(need) == nil && d.have.Get(need) == nil:
				help := "declare it, or create it first: a spec does not create what it only mentions"
				if near, ok := nearest.to(need); ok {
					help = fmt.Sprintf("did you mean %s? Otherwise %s", near, help)
				}
				d.refuse(Refusal{
					ID: id, Position: d.source(id), Code: CodeMissing,
					Text: fmt.Sprintf("%s needs %s, which is neither in the account nor declared in the spec", id, need),
					Help: help,
				})
			}
		}
	}
}

// checkUsers refuses to delete what somebody else's objects need.
func (d *diff) checkUsers() {
	users := map[resource.ID][]string{}
	for _, o := range d.haves {
		id := o.ID()
		if d.deleted[id] || d.want.Get(id) != nil { // checkNeeds looks at the desired ones
			continue
		}
		for _, need := range requires(o) {
			if d.deleted[need] {
				users[need] = append(users[need], id.String())
			}
		}
	}
	for id, by := range users {
		more := ""
		if n := len(by) - 3; n > 0 {
			by, more = by[:3], fmt.Sprintf(" and %d more", n)
		}
		d.refuse(Refusal{
			ID: id, Position: d.source(id), Code: CodeStillUsed,
			Text: fmt.Sprintf("%s would be deleted, but is still used by %s%s, which this spec does not own", id, strings.Join(by, ", "), more),
			Help: fmt.Sprintf("remove that use first, or keep %s in the spec", id),
		})
	}
}

// owned reports whether the spec owns a live object. A link belongs to
// whoever owns one of its holders.
func (d *diff) owned(o resource.Object) bool {
	marked := d.in.Live.Owned
	if marked[o.ID()] {
		return true
	}
	l, ok := o.(resource.Link)
	return ok && slices.ContainsFunc(l.Holders(), func(h resource.ID) bool { return marked[h] })
}

// requires returns what must exist for o to: what it needs, and for a link
// what holds it.
func requires(o resource.Object) []resource.ID {
	needs := o.Needs()
	l, ok := o.(resource.Link)
	if !ok {
		return needs
	}
	for _, h := range l.Holders() {
		if !slices.Contains(needs, h) {
			needs = append(slices.Clip(needs), h)
		}
	}
	return needs
}

func (d *diff) change(c resource.Change) {
	d.changes = append(d.changes, c)
	d.changed[c.ID()] = true
}

func (d *diff) refuse(r Refusal) { d.refused = append(d.refused, r) }

func (d *diff) note(id resource.ID, text string) {
	d.notes = append(d.notes, Note{Resource: id, Text: text, Source: d.source(id)})
}

// source returns where the spec asks for id, or nil.
func (d *diff) source(id resource.ID) *resource.Position {
	if d.in.Desired == nil {
		return nil
	}
	p, ok := d.in.Desired.Source[id]
	if !ok {
		return nil
	}
	return &p
}

func isEvent(o resource.Object) bool { _, ok := o.(resource.Event); return ok }
func isLink(o resource.Object) bool  { _, ok := o.(resource.Link); return ok }
func isSpan(o resource.Object) bool  { _, ok := o.(resource.Span); return ok }
