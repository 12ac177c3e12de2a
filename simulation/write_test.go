package simulation

import (
	"context"
	"errors"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// Write makes a change by as many calls as the kinds would take.
func (p *process) Write(ctx context.Context, c resource.Change) error {
	w := &write{process: p, ctx: ctx, id: c.ID(), at: p.item(c.ID()), creates: c.Before == nil}
	if err := w.begin(); err != nil {
		return err
	}
	return w.change(c)
}

// begin notes that a change is sent, and what is wrong with that.
func (w *write) begin() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return errDead
	}
	w.tally.sends++
	if !w.at.fresh {
		w.violate("P8", "%s was sent without being read just before", w.id)
	}
	w.at.fresh = w.id.Kind == "restart" // which cannot be read
	if w.lost {
		// One each that had just been told that they may.
		if w.late++; w.late >= max(w.parallel, 1) {
			w.violate("P8", "%s was sent after the lock was lost", w.id)
		}
	}
	return nil
}

// A write is one change being made.
type write struct {
	*process
	ctx     context.Context
	id      resource.ID
	at      *item
	done    int // calls
	creates bool
}

// call is one request.
func (w *write) call(op string, effect func() refusal) error {
	w.travel()
	hangs, err := w.request(op, effect)
	if hangs {
		time.Sleep(30 * time.Second)
	}
	return err
}

func (w *write) request(op string, effect func() refusal) (hangs bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead && w.parallel > 1 && w.rand.IntN(2) == 0 {
		w.effect(effect) // it was on its way when the process died
		return false, errDead
	}
	if w.dead {
		return false, errDead
	}
	err = w.answer(op, effect, &hangs)
	return hangs, err
}

// answer lets a request have its effect and answers it.
func (w *write) answer(op string, effect func() refusal, hangs *bool) error {
	fail := func(class resource.Class, code string) error {
		w.record(op, w.number(w.id), string(class))
		return &resource.Failure{Class: class, Call: op, Code: code, Done: w.done, Err: errors.New(code)}
	}
	what := w.strike("write")
	if w.dead {
		return errDead
	}
	if f := w.credentials(op); f != nil {
		f.Done = w.done
		w.record(op, w.number(w.id), string(f.Class))
		return f
	}
	if w.ctx.Err() != nil {
		return fail(resource.Unsent, "cancelled")
	}
	if w.isDenied(op + " " + w.id.Kind) {
		what = refused
	}
	switch what {
	case throttled:
		return fail(resource.Throttled, "Throttling")
	case busy:
		return fail(resource.Busy, "ConcurrentModification")
	case notYet:
		return fail(resource.NotYet, "NoSuchEntity")
	case unsent:
		return fail(resource.Unsent, "")
	case denied:
		w.deny(op + " " + w.id.Kind)
		return fail(resource.Refused, "AccessDenied")
	case refused:
		return fail(resource.Refused, "AccessDenied")
	case hang:
		*hangs = true
		fallthrough
	case lostBefore:
		return fail(resource.Unknown, "")
	}
	if why := w.effect(effect); why != "" {
		switch why {
		case notVisible, ungone:
			return fail(resource.NotYet, string(why))
		}
		if why == exists && w.creates && !w.at.theirs && w.at.object != nil && !w.at.stale {
			w.violate("P8", "%s was created twice", w.id)
		}
		return fail(resource.Refused, string(why))
	}
	switch what {
	case crashAfter:
		w.record(op, w.number(w.id), string(what))
		w.dead = true
		return errDead
	case lostAfter, truncated:
		return fail(resource.Unknown, "")
	case panics:
		w.record(op, w.number(w.id), string(what))
		panic("a bug in a kind")
	}
	w.record(op, w.number(w.id), "")
	w.done++
	return nil
}

// effect lets a call have its effect, and notes what it means for other
// people's changes.
func (w *write) effect(do func() refusal) refusal {
	was := *w.at
	why := do()
	if w.at.version == was.version {
		return why
	}
	w.at.touched = true
	w.at.ours = w.at.object
	w.lastWrite = w.calls
	w.at.seen, w.at.stale = w.at.version, false
	w.at.looked = w.calls
	if was.theirs {
		w.overwrote(w.id, was)
	}
	w.checkAccess()
	return why
}

// change makes the calls that a change takes.
func (w *write) change(c resource.Change) error {
	if _, ok := cmpOr(c.After, c.Before).(*restart); ok {
		return w.call("restart", func() refusal { w.restarts++; return "" })
	}
	before, _ := c.Before.(*entity)
	after, isEntity := c.After.(*entity)
	switch {
	case c.After == nil:
		return w.remove(before)
	case !isEntity:
		return w.call("put", func() refusal { return w.put(c.After, false) })
	case before == nil:
		bare := newEntity(w.id, entity{Doc: after.Doc, Bound: after.Bound})
		if err := w.call("create", func() refusal { return w.create(bare, false) }); err != nil {
			return err
		}
		before = bare
	}
	return w.update(before, after)
}

// update makes a call for each field that differs.
func (w *write) update(before, after *entity) error {
	if w.id.Kind == "policy" && (before.Doc != after.Doc || before.Newer != after.Newer) {
		if err := w.setDocument(after); err != nil {
			return err
		}
	}
	edits := []struct {
		op     string
		differ bool
		change func(*entity)
	}{
		{"set document", w.id.Kind != "policy" && before.Doc != after.Doc, func(e *entity) { e.Doc = after.Doc }},
		{"tag", before.Tag != after.Tag, func(e *entity) { e.Tag = after.Tag }},
		{"set boundary", before.Bound != after.Bound, func(e *entity) { e.Bound = after.Bound }},
		{"remove role", before.Role != after.Role && before.Role != "", func(e *entity) { e.Role = "" }},
		{"add role", before.Role != after.Role && after.Role != "", func(e *entity) { e.Role = after.Role }},
	}
	for _, e := range edits {
		if !e.differ {
			continue
		}
		if err := w.call(e.op, func() refusal { return w.edit(w.id, false, e.change) }); err != nil {
			return err
		}
	}
	return nil
}

// versions returns a policy's versions as they are, the oldest first, and
// which of them is in force.
func (w *write) versions() ([]doc, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at.object == nil {
		return nil, 0
	}
	return w.at.docs, w.at.force
}

// dropVersion deletes a version.
func (w *write) dropVersion(n int) error {
	return w.call("delete version", func() refusal { return w.deleteVersion(w.id, n, false) })
}

// setDocument makes a policy say what after does, by the version that says so
// already if it is the newest or the one before it, else by a new one.
func (w *write) setDocument(after *entity) error {
	docs, force := w.versions()
	for n := len(docs) - 1; n >= max(0, len(docs)-2); n-- {
		if docs[n] != after.Doc {
			continue
		}
		if n != force {
			if err := w.call("set default version", func() refusal { return w.setDefault(w.id, n, false) }); err != nil {
				return err
			}
		}
		for newest := len(docs) - 1; newest > n; newest-- {
			if err := w.dropVersion(newest); err != nil {
				return err
			}
		}
		return nil
	}
	if len(docs) >= maxVersions {
		if err := w.dropVersion(oldest(force)); err != nil {
			return err
		}
	}
	return w.call("create version", func() refusal { return w.newVersion(w.id, after.Doc, false) })
}

// oldest returns the oldest version that is not in force.
func oldest(force int) int {
	if force == 0 {
		return 1
	}
	return 0
}

// remove deletes an object, and first what AWS wants gone before.
func (w *write) remove(before *entity) error {
	if before != nil && before.Role != "" {
		if err := w.call("remove role", func() refusal {
			if w.at.object == nil {
				return ""
			}
			return w.edit(w.id, false, func(e *entity) { e.Role = "" })
		}); err != nil {
			return err
		}
	}
	if w.id.Kind == "policy" {
		for docs, force := w.versions(); len(docs) > 1; docs, force = w.versions() {
			if err := w.dropVersion(oldest(force)); err != nil {
				return err
			}
		}
	}
	return w.call("delete", func() refusal { return w.account.remove(w.id, false) })
}
