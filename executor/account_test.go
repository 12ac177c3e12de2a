package executor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// A thing is an object that takes several calls to write.
type thing struct {
	Name string
	On   []resource.ID `json:",omitempty"`
	A, B string
}

func (t thing) ID() resource.ID      { return thingID(t.Name) }
func (t thing) Needs() []resource.ID { return t.On }

// Settled is t without what AWS made up for one that is half made.
func (t thing) Settled(from, to resource.Object) resource.Object {
	if (from == nil || to == nil) && t.B == "AWS's default" {
		t.B = ""
	}
	return t
}

func thingID(name string) resource.ID { return resource.ID{Kind: "thing", Name: name} }

// A tie is a link from one thing, which holds it, to another.
type tie struct{ From, To string }

func (t tie) ID() resource.ID        { return resource.ID{Kind: "tie", Name: t.From + "/" + t.To} }
func (t tie) Needs() []resource.ID   { return []resource.ID{thingID(t.From), thingID(t.To)} }
func (t tie) Holders() []resource.ID { return []resource.ID{thingID(t.From)} }

// A bell is an event that follows things.
type bell struct {
	Name string
	Of   []resource.ID
}

func (b bell) ID() resource.ID        { return resource.ID{Kind: "bell", Name: b.Name} }
func (b bell) Needs() []resource.ID   { return nil }
func (b bell) Follows() []resource.ID { return b.Of }

// A cover is a span over names.
type cover struct{ Names []string }

func (c cover) ID() resource.ID      { return resource.ID{Kind: "cover", Name: "all"} }
func (c cover) Needs() []resource.ID { return nil }
func (c cover) Union(other resource.Object) resource.Object {
	names := slices.Concat(c.Names, other.(cover).Names)
	slices.Sort(names)
	return cover{slices.Compact(names)}
}

// A fault is what goes wrong with one call of a write.
type fault string

const (
	none       fault = ""
	refused    fault = "refused"
	throttled  fault = "throttled"
	busy       fault = "busy"
	notYet     fault = "not yet"
	unsent     fault = "unsent"
	lostBefore fault = "lost before" // no answer, no effect
	lostAfter  fault = "lost after"  // no answer, the effect all the same
	plainError fault = "plain error" // not a *resource.Failure; no effect
	panics     fault = "panics"      // after the effect
)

// account is an AWS account in memory. It refuses what IAM refuses: what needs
// something missing, what exists already, deleting what is still needed.
type account struct {
	latency time.Duration                           // of each call
	lag     time.Duration                           // how long reads show what was before
	fault   func(call int, c resource.Change) fault // called for each call of a write, numbered from 1
	onCall  func(call int, c resource.Change)       // called before each call, may call set
	readErr func(read int) error                    // called for each read, numbered from 1

	mu      sync.Mutex
	objects map[resource.ID]resource.Object
	past    []version
	calls   int
	reads   int
	log     []string    // the calls that had an effect
	times   []time.Time // and when
}

type version struct {
	at     time.Time
	id     resource.ID
	before resource.Object // what it was until then
}

func newAccount(objects ...resource.Object) *account {
	a := &account{objects: map[resource.ID]resource.Object{}}
	for _, o := range objects {
		a.objects[o.ID()] = o
	}
	return a
}

// set changes an object behind everybody's back.
func (a *account) set(id resource.ID, o resource.Object) {
	a.past = append(a.past, version{time.Now(), id, a.objects[id]})
	delete(a.objects, id)
	if o != nil {
		a.objects[id] = o
	}
}

func (a *account) Read(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reads++
	if a.readErr != nil {
		if err := a.readErr(a.reads); err != nil {
			return nil, err
		}
	}
	seen := maps.Clone(a.objects)
	for _, v := range slices.Backward(a.past) {
		if time.Since(v.at) >= a.lag {
			break
		}
		delete(seen, v.id)
		if v.before != nil {
			seen[v.id] = v.before
		}
	}
	var s resource.State
	for _, id := range ids {
		if o := seen[id]; o != nil {
			if err := s.Add(o); err != nil {
				return nil, err
			}
		}
	}
	return &s, nil
}

func (a *account) Write(ctx context.Context, c resource.Change) error {
	done := 0
	call := func(name string, effect func() error) error {
		if a.latency > 0 {
			time.Sleep(a.latency)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.calls++
		if a.onCall != nil {
			a.onCall(a.calls, c)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fail := func(class resource.Class, err error) error {
			f := &resource.Failure{Class: class, Call: name, Done: done, Err: err}
			if code, ok := errors.AsType[code](err); ok {
				f.Code = string(code)
			}
			return f
		}
		var f fault
		if a.fault != nil {
			f = a.fault(a.calls, c)
		}
		if f == lostBefore {
			return fail(resource.Unknown, errors.New("connection reset"))
		}
		if f == plainError {
			return errors.New("plain error")
		}
		if f != none && f != lostAfter && f != panics {
			return fail(resource.Class(f), errors.New(string(f)))
		}
		if err := effect(); err != nil {
			return fail(resource.Refused, err)
		}
		a.log, a.times = append(a.log, name+" "+c.ID().String()), append(a.times, time.Now())
		if f == lostAfter {
			return fail(resource.Unknown, errors.New("connection reset"))
		}
		if f == panics {
			panic("a bug")
		}
		done++
		return nil
	}
	return a.write(c, call)
}

// A code is an error that AWS answers.
type code string

func (c code) Error() string { return string(c) }

func (a *account) write(c resource.Change, call func(string, func() error) error) error {
	id := c.ID()
	if _, ok := c.After.(bell); ok {
		return call("ring", func() error { return nil })
	}
	if _, ok := c.Before.(bell); ok {
		return call("ring again", func() error { return nil })
	}
	after, isThing := c.After.(thing)
	before, _ := c.Before.(thing)
	switch {
	case c.After == nil:
		if before.B != "" {
			err := call("clear", func() error { return a.edit(id, func(t *thing) { t.B = "" }) })
			if err != nil {
				return err
			}
		}
		return call("delete", func() error { return a.remove(id) })
	case !isThing:
		return call("put", func() error { return a.put(c.After) })
	case c.Before == nil:
		bare := after
		bare.B = defaultOf(after)
		if err := call("create", func() error {
			if a.objects[id] != nil {
				return code("EntityAlreadyExists")
			}
			return a.put(bare)
		}); err != nil {
			return err
		}
		before = bare
	}
	if before.A != after.A || !slices.Equal(before.On, after.On) {
		if err := call("set A", func() error {
			if err := a.needed(after); err != nil {
				return err
			}
			return a.edit(id, func(t *thing) { t.A, t.On = after.A, after.On })
		}); err != nil {
			return err
		}
	}
	if before.B != after.B {
		return call("set B", func() error { return a.edit(id, func(t *thing) { t.B = after.B }) })
	}
	return nil
}

// defaultOf returns the B that AWS gives a thing which is created, until the
// next call sets it.
func defaultOf(t thing) string {
	if t.B == "custom" {
		return "AWS's default"
	}
	return ""
}

func (a *account) needed(o resource.Object) error {
	for _, n := range o.Needs() {
		if a.objects[n] == nil {
			return fmt.Errorf("%w: %s", code("NoSuchEntity"), n)
		}
	}
	return nil
}

func (a *account) put(o resource.Object) error {
	if err := a.needed(o); err != nil {
		return err
	}
	a.set(o.ID(), o)
	return nil
}

func (a *account) edit(id resource.ID, change func(*thing)) error {
	t, ok := a.objects[id].(thing)
	if !ok {
		return code("NoSuchEntity")
	}
	change(&t)
	a.set(id, t)
	return nil
}

// remove deletes what is there; deleting what is gone already succeeds.
func (a *account) remove(id resource.ID) error {
	for _, o := range a.objects {
		if slices.Contains(o.Needs(), id) {
			return fmt.Errorf("%w: %s needs it", code("DeleteConflict"), o.ID())
		}
	}
	a.set(id, nil)
	return nil
}

// snapshot returns everything in the account, as JSON.
func (a *account) snapshot() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[string]string{}
	for id, o := range a.objects {
		text, err := json.Marshal(o)
		if err != nil {
			panic(err)
		}
		all[id.String()] = string(text)
	}
	return all
}

func (a *account) state() *resource.State {
	var s resource.State
	for _, o := range a.objects {
		if err := s.Add(o); err != nil {
			panic(err)
		}
	}
	return &s
}
