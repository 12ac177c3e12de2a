package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// What IAM allows; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
// A principal may have ten policies there, which no small plan comes near.
const (
	maxVersions = 5
	maxAttached = 4
)

// An account holds objects by IAM's rules: it refuses to make what exists, to
// use what does not, to delete what is used, to keep more versions or
// attachments than it may; and what was made a moment ago cannot be used yet,
// nor be seen by every read.
type account struct {
	at     map[resource.ID]int // of an object in items; shared by all copies
	items  []item
	nextID int
	past   []past
	lag    time.Duration // how long reads show what was
	spread time.Duration // how long what was made cannot be used
}

// An item is one object, or the place of one that does not exist.
type item struct {
	object resource.Object // nil if it does not exist
	ours   resource.Object // what the run's last write left, if it touched it
	unique int             // the id that AWS gives to each new entity
	docs   []doc           // of a policy, the oldest first; never changed in place
	force  int             // which of them is in force
	made   time.Time       // when it was created
	freed  time.Time       // when something that used it was last taken away

	changed time.Time
	version int  // counts the changes
	theirs  bool // the last change was somebody else's
	seen    int  // the version that the process last read
	stale   bool // that read showed what was, rather than what is
	hid     bool // some read showed what was before somebody else changed it
	theirAt int  // the call at which somebody else changed it last; 0 if never
	looked  int  // the call at which it was last read as it is
	readAt  int  // the call at which it was last read at all
	touched bool // the run changed it, at least for a while
	fresh   bool // it was read since it was last to be written
}

func newAccount(ids []resource.ID, objects *resource.State) *account {
	a := &account{at: make(map[resource.ID]int, len(ids)), items: make([]item, len(ids))}
	for n, id := range ids {
		a.at[id] = n
		it := &a.items[n]
		it.fresh = id.Kind == "restart"
		if it.object = objects.Get(id); it.object == nil {
			continue
		}
		a.nextID++
		it.unique = a.nextID
		if e, ok := it.object.(*entity); ok && id.Kind == "policy" {
			for n := range max(1, e.versions) - 1 {
				it.docs = append(it.docs, doc(1<<20+n)) // older texts, which nobody asks for
			}
			it.docs = append(it.docs, e.Doc)
			it.force = len(it.docs) - 1
		}
	}
	return a
}

// copyOf returns an account just like a.
func (a *account) copyOf() account {
	c := *a
	c.items = slices.Clone(a.items)
	return c
}

func (a *account) item(id resource.ID) *item {
	n, ok := a.at[id]
	if !ok {
		panic(fmt.Sprintf("nobody thought of %s", id))
	}
	return &a.items[n]
}

// object returns what exists by that ID, or nil.
func (a *account) object(id resource.ID) resource.Object { return a.item(id).object }

// A past is what an object was until it was changed.
type past struct {
	until time.Time
	at    int // in items
	was   resource.Object
}

// show returns what a read shows of an object, and whether that is the truth:
// with a lag it shows what was so long ago.
func (a *account) show(it *item, lag time.Duration) (resource.Object, bool) {
	if lag == 0 || it.version == 0 || time.Since(it.changed) >= lag {
		return it.object, true
	}
	shown := it.object
	for _, p := range slices.Backward(a.past) {
		if time.Since(p.until) >= lag {
			break
		}
		if &a.items[p.at] == it {
			shown = p.was
		}
	}
	return shown, false
}

// set changes an object.
func (a *account) set(id resource.ID, o resource.Object, theirs bool) {
	it := a.item(id)
	now := time.Now()
	if it.object != nil {
		for _, n := range it.object.Needs() {
			if o == nil || !slices.Contains(o.Needs(), n) {
				a.item(n).freed = now
			}
		}
	}
	if it.object == nil && o != nil {
		a.nextID++
		it.unique, it.made = a.nextID, now
		it.docs, it.force = nil, 0
		if e, ok := o.(*entity); ok && id.Kind == "policy" {
			it.docs = []doc{e.Doc}
		}
	}
	a.past = append(a.past, past{now, a.at[id], it.object})
	it.object, it.changed, it.theirs = o, now, theirs
	it.version++
}

// maxLag is how long a read may show what was, at worst.
const maxLag = 8 * time.Second

// A refusal is an error code that AWS answers.
type refusal string

func (r refusal) Error() string { return string(r) }

const (
	exists     refusal = "EntityAlreadyExists"
	missing    refusal = "NoSuchEntity"
	conflict   refusal = "DeleteConflict"
	limit      refusal = "LimitExceeded"
	notVisible refusal = "NoSuchEntity (of what was made a moment ago)"
	ungone     refusal = "DeleteConflict (with what was taken away a moment ago)"
)

// usable reports why an object cannot refer to what it needs, or "".
func (a *account) usable(o resource.Object) refusal {
	for _, n := range o.Needs() {
		it := a.item(n)
		switch {
		case it.object == nil:
			return missing
		case !it.made.IsZero() && time.Since(it.made) < a.spread:
			return notVisible
		}
	}
	return ""
}

// create makes an object that does not exist.
func (a *account) create(o resource.Object, theirs bool) refusal {
	if a.object(o.ID()) != nil {
		return exists
	}
	return a.put(o, theirs)
}

// put makes an object, or one that replaces it, as IAM's Attach and Put do.
func (a *account) put(o resource.Object, theirs bool) refusal {
	if why := a.usable(o); why != "" {
		return why
	}
	if l, ok := o.(*link); ok && l.id.Kind == "attachment" && a.object(l.id) == nil && a.attached(l.holders[0]) >= maxAttached {
		return limit
	}
	a.set(o.ID(), o, theirs)
	return ""
}

func (a *account) attached(holder resource.ID) int {
	n := 0
	for i := range a.items {
		if l, ok := a.items[i].object.(*link); ok && l.id.Kind == "attachment" && l.holders[0] == holder {
			n++
		}
	}
	return n
}

// edit changes an entity that exists.
func (a *account) edit(id resource.ID, theirs bool, change func(*entity)) refusal {
	e, ok := a.object(id).(*entity)
	if !ok {
		return missing
	}
	edited := e.with(change)
	if why := a.usable(edited); why != "" {
		return why
	}
	a.set(id, edited, theirs)
	return ""
}

// remove deletes what nothing uses. Deleting what is gone already succeeds, as
// the kinds have it.
func (a *account) remove(id resource.ID, theirs bool) refusal {
	it := a.item(id)
	if it.object == nil {
		return ""
	}
	if a.used(id) {
		return conflict
	}
	if !it.freed.IsZero() && time.Since(it.freed) < a.spread {
		return ungone
	}
	if e, ok := it.object.(*entity); ok && (len(it.docs) > 1 || e.Role != "") {
		return conflict
	}
	a.set(id, nil, theirs)
	return ""
}

// used reports whether some other object refers to one.
func (a *account) used(id resource.ID) bool {
	for i := range a.items {
		if o := a.items[i].object; o != nil && slices.Contains(o.Needs(), id) {
			return true
		}
	}
	return false
}

// newVersion makes a policy say something else.
func (a *account) newVersion(id resource.ID, d doc, theirs bool) refusal {
	it := a.item(id)
	switch {
	case it.object == nil:
		return missing
	case len(it.docs) >= maxVersions:
		return limit
	}
	it.docs = append(slices.Clip(it.docs), d)
	return a.setDefault(id, len(it.docs)-1, theirs)
}

// setDefault puts a version in force.
func (a *account) setDefault(id resource.ID, n int, theirs bool) refusal {
	it := a.item(id)
	if it.object == nil || n >= len(it.docs) {
		return missing
	}
	it.force = n
	return a.showVersions(id, theirs)
}

// deleteVersion removes a version that is not in force.
func (a *account) deleteVersion(id resource.ID, n int, theirs bool) refusal {
	it := a.item(id)
	switch {
	case it.object == nil || n >= len(it.docs):
		return missing
	case n == it.force:
		return conflict
	}
	it.docs = slices.Delete(slices.Clone(it.docs), n, n+1)
	if n < it.force {
		it.force--
	}
	return a.showVersions(id, theirs)
}

// showVersions makes a policy look as its versions have it.
func (a *account) showVersions(id resource.ID, theirs bool) refusal {
	it := a.item(id)
	return a.edit(id, theirs, func(e *entity) { e.Doc, e.Newer = it.docs[it.force], len(it.docs)-1-it.force })
}
