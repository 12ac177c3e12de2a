package simulation

import (
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// theirTag is what other people write, which no plan asks for.
const (
	theirTag  = "theirs"
	theirDoc  = doc(1 << 16)
	theirName = "theirs"
)

// meddle lets somebody else change the account. Where it is undecidable whose
// a change is, they seldom do: between the read of an object and its write,
// where reads may show what was, and with the very content that the plan has.
func (t *trial) meddle(f fault, reading bool) {
	rare := f.pick%128 == 0
	pick := int(f.pick / 128 % (1 << 30))
	if (t.lag > 0 || time.Now().Before(t.stale.until)) && !rare {
		return
	}
	var candidates []resource.ID
	for _, id := range t.world.touches {
		if reading || rare || id != t.current {
			candidates = append(candidates, id)
		}
	}
	if len(candidates) == 0 {
		return
	}
	id := candidates[pick%len(candidates)]
	pick /= len(candidates)
	it := t.item(id)
	version := it.version
	switch {
	case f.what == foreignUse:
		id = t.use(id, pick)
	case f.what == foreignEdit && it.object != nil:
		t.rewrite(id, pick)
	case f.what == foreignNew && it.object != nil:
		was, is := it.object, t.other(it.object, rare)
		if (rare || is != was) && t.account.remove(id, true) == "" {
			t.create(is, true)
		}
	case it.object != nil:
		t.account.remove(id, true)
	default:
		o := cmpOr(t.world.goal[id], t.world.start[id])
		n := t.other(o, rare || it.version == 0 && pick%4 == 0)
		if rare || it.version == 0 || n != o {
			t.create(n, true)
		}
	}
	if it = t.item(id); it.version != version || f.what == foreignUse {
		it.theirAt = t.calls
		t.meddled = true
	}
	t.record("somebody", t.number(id), string(f.what))
}

// other returns an object like o as somebody else would make it, or the very
// same.
func (t *trial) other(o resource.Object, same bool) resource.Object {
	if same {
		return o
	}
	switch o := o.(type) {
	case *entity:
		return o.with(func(e *entity) { e.Tag = theirTag })
	case *link:
		if o.id.Kind == "inline" {
			return newLink(o.id, o.Doc|theirDoc, "")
		}
		if o.id.Kind == "association" {
			return newLink(o.id, 0, theirName)
		}
	case *ledger:
		return newLedger(append(slices.Clone(o.Names), theirName)...)
	}
	return o // there is only one way to make it
}

// rewrite changes an object that exists.
func (t *trial) rewrite(id resource.ID, pick int) {
	switch o := t.object(id).(type) {
	case *entity:
		if id.Kind == "policy" && pick%2 == 0 && t.newVersion(id, o.Doc|theirDoc, true) == "" {
			return
		}
		t.edit(id, true, func(e *entity) { e.Tag = theirTag })
	case *link:
		if n := t.other(o, false); n != resource.Object(o) {
			t.put(n, true)
			return
		}
		t.account.remove(id, true)
	case *ledger:
		t.put(t.other(o, false), true)
	}
}

// use lets somebody tie something of theirs to an object, and returns the tie.
func (t *trial) use(id resource.ID, pick int) resource.ID {
	to := useOf(id, pick)
	if t.at[to] == 0 && to != t.world.ids[0] || t.object(id) == nil || t.object(to) != nil {
		return id
	}
	o := newLink(to, theirDoc, "")
	switch to.Kind {
	case "association":
		o = newLink(to, 0, id.Name)
	case "attachment", "membership":
		o = newLink(to, 0, "")
	}
	t.create(o, true)
	return to
}

// useOf returns a link of somebody else's that an object can have.
func useOf(id resource.ID, pick int) resource.ID {
	switch id.Kind {
	case "user", "role":
		if pick%2 == 0 {
			return resource.ID{Kind: "inline", Name: id.Kind + ":" + id.Name + "+" + theirName}
		}
		return resource.ID{Kind: "attachment", Name: id.Kind + ":" + id.Name + "+" + theirName}
	case "group":
		return resource.ID{Kind: "membership", Name: "user:" + theirName + "+" + id.Name}
	case "policy":
		return resource.ID{Kind: "attachment", Name: "role:" + theirName + "+" + id.Name}
	case "profile":
		return resource.ID{Kind: "association", Name: theirName}
	}
	return id
}

// overwrote judges that a write of the run has replaced what somebody else
// wrote. Nobody can tell whose it is if it is what the plan has, or what the run
// had left there half-way.
func (t *trial) overwrote(id resource.ID, was item) {
	switch {
	case was.seen < was.version && was.stale:
		t.undecidable("a stale read together with a foreign write")
	case was.seen < was.version:
		t.undecidable("a foreign write between the read and the write of an object")
	case t.world.asks(id, was.object), was.touched && same(was.ours, was.object):
		t.undecidable("a foreign write of the very content of the plan")
	}
	t.violate("P4", "%s had been changed by somebody else to %s, and was overwritten", id, text(was.object))
}

// undecidable notes why the run cannot be held to its promises.
func (t *trial) undecidable(reason string) {
	if t.excuse == "" {
		t.excuse = reason
	}
}
