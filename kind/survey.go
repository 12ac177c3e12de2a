package kind

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Survey is an account as read for a spec, and what the spec comes to in
// it.
type Survey struct {
	Live     *resource.Live
	Desired  *resource.Desired // with selections resolved, and the ledger
	Refusals []Refusal         // why the spec cannot be carried out in this account
	Notes    []SessionNote

	place     policy.Place
	inventory *inventory
}

// Survey reads the account by bulk calls and works out what the spec, of that
// owner, asks for in it. What it finds is what Read will read again.
func (s *Session) Survey(ctx context.Context, owner string, desired *resource.Desired) (*Survey, error) {
	sw := &Sweep{Session: s, Scope: Scope{Owner: owner, Desired: desired}}
	out := &Survey{place: s.place()}
	var err error
	if out.Desired, err = out.resolve(ctx, sw); err != nil {
		return nil, err
	}
	sw.Desired = out.Desired
	state, err := sw.state(ctx, names())
	if err != nil {
		return nil, err
	}
	listed, err := sw.ledger(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", plain(err))
	}
	if listed == nil {
		listed = &Ledger{}
	}
	out.Refusals = append(out.Refusals, clashesWith(state, out.Desired)...)
	for o := range out.Desired.State.All() {
		if at := state.Get(o.ID()); at != nil {
			if text := defs[o.ID().Kind].remark(at, o); text != "" {
				out.Notes = append(out.Notes, SessionNote{o.ID(), text})
			}
		}
	}
	out.Live = &resource.Live{State: state, Owned: ownership(state, owner, listed.Links)}
	if err := out.addLedger(owner, listed); err != nil {
		return nil, err
	}
	if out.inventory, err = sw.inventory(ctx, state, out.Desired.State); err != nil {
		return nil, fmt.Errorf("reading what access reaches: %w", plain(err))
	}
	out.Notes = append(out.Notes, out.inventory.notes...)
	s.surveyedBy(sw, out)
	return out, nil
}

// surveyedBy remembers what a sweep was about, and what it found.
func (s *Session) surveyedBy(sw *Sweep, found *Survey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scope = sw.Scope
	s.scope.paths = policyPaths(found.Live.State)
	s.surveyed = found
}

// Read returns the named objects as they are now, never as remembered: few of
// them one by one, many by the bulk calls of a survey. Not being allowed to
// read is a *resource.Failure of class Refused; credentials that have run out
// or become another caller's are one of class Expired. After another error
// reading again may help: the SDK has tried several times.
func (s *Session) Read(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	found, err := s.readNow(ctx, ids)
	return found, notRead("reading back", err)
}

func (s *Session) readNow(ctx context.Context, ids []resource.ID) (*resource.State, error) {
	s.mu.Lock()
	sw := &Sweep{Session: s, Scope: s.scope}
	s.mu.Unlock()
	look := sw.find
	if len(ids) > fewObjects {
		kinds := map[string]bool{}
		for _, id := range ids {
			kinds[id.Kind] = true
		}
		all, err := sw.state(ctx, slices.Sorted(maps.Keys(kinds)))
		if err != nil {
			return nil, err
		}
		look = func(_ context.Context, id resource.ID) (resource.Object, error) { return all.Get(id), nil }
	}
	found := &resource.State{}
	for _, id := range ids {
		o, err := look(ctx, id)
		if err != nil {
			return nil, err
		}
		if o != nil && found.Get(id) == nil {
			if err := found.Add(o); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// policyPaths tells where each policy is, by name: a policy is asked for by
// its ARN, which has the path.
func policyPaths(state *resource.State) map[string]string {
	paths := map[string]string{}
	for o := range state.All() {
		if p, ok := o.(Policy); ok {
			paths[p.Name] = p.Path
		}
	}
	return paths
}

// fewObjects is up to how many objects are asked for one by one, rather than
// in bulk.
const fewObjects = 5

// find reads one object by itself; nil if it does not exist.
func (sw *Sweep) find(ctx context.Context, id resource.ID) (resource.Object, error) {
	d, err := kindOf(id)
	if err != nil {
		return nil, err
	}
	o, err := d.find(ctx, sw, id.Name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", id, plain(err))
	}
	return o, nil
}

// state reads all objects of some kinds, as many kinds at once as there are.
func (sw *Sweep) state(ctx context.Context, kinds []string) (*resource.State, error) {
	found := make([][]resource.Object, len(kinds))
	errs := make([]error, len(kinds))
	var wg sync.WaitGroup
	for i, name := range kinds {
		wg.Go(func() { found[i], errs[i] = defs[name].read(ctx, sw) })
	}
	wg.Wait()
	state := &resource.State{}
	for i, name := range kinds {
		if errs[i] != nil {
			return nil, fmt.Errorf("reading each %s: %w", name, plain(errs[i]))
		}
		for _, o := range found[i] {
			if err := state.Add(o); err != nil {
				return nil, fmt.Errorf("reading each %s: %w", name, err)
			}
		}
	}
	return state, nil
}

// resolve returns the desired state with every object that stands for others
// replaced by those.
func (out *Survey) resolve(ctx context.Context, sw *Sweep) (*resource.Desired, error) {
	from := sw.Desired
	to := &resource.Desired{State: &resource.State{}, Absent: from.Absent, Protected: from.Protected, Source: maps.Clone(from.Source)}
	for o := range from.State.All() {
		stands, ok := o.(resolver)
		if !ok {
			if err := to.State.Add(o); err != nil {
				return nil, err
			}
			continue
		}
		r, err := stands.resolve(ctx, sw)
		if err != nil {
			return nil, fmt.Errorf("reading what entry %s of instances stands for: %w", o.ID().Name, plain(err))
		}
		at, located := from.Source[o.ID()]
		for _, made := range r.objects {
			if other := to.State.Get(made.ID()); other != nil {
				if !resource.Equal(other, made) {
					r.refusals = append(r.refusals, Refusal{made.ID(), fmt.Sprintf("entry %s and another want %s differently", o.ID().Name, made.ID()), "let one entry say it"})
				}
				continue
			}
			if err := to.State.Add(made); err != nil {
				return nil, err
			}
			if _, known := to.Source[made.ID()]; !known && located {
				to.Source[made.ID()] = at
			}
		}
		for _, refusal := range r.refusals {
			if located {
				to.Source[refusal.ID] = at
			}
		}
		for _, n := range r.notes {
			if located {
				to.Source[n.ID] = at
			}
		}
		out.Refusals = append(out.Refusals, r.refusals...)
		out.Notes = append(out.Notes, r.notes...)
	}
	return to, nil
}

// ownership tells which objects are the owner's: those that carry its mark,
// the links on those, and the links in its ledger.
func ownership(state *resource.State, owner string, ledger []string) map[resource.ID]bool {
	owned := map[resource.ID]bool{}
	for o := range state.All() {
		if defs[o.ID().Kind].owned(o, owner) {
			owned[o.ID()] = true
		}
	}
	listed := map[string]bool{}
	for _, link := range ledger {
		listed[link] = true
	}
	for o := range state.All() {
		link, ok := o.(resource.Link)
		if !ok {
			continue
		}
		if listed[ledgerName(o)] || slices.ContainsFunc(link.Holders(), func(id resource.ID) bool { return owned[id] }) {
			owned[o.ID()] = true
		}
	}
	return owned
}

// addLedger asks for the ledger that the desired state calls for, and takes
// over the protection of what has left the spec since the last apply. A link
// that was there before anybody asked for it was not granted by the spec, so
// it does not go into the ledger, and dropping its line does not revoke it.
func (out *Survey) addLedger(owner string, listed *Ledger) error {
	l := Ledger{Spec: owner, Links: []string{}}
	for o := range out.Desired.State.All() {
		link, ok := o.(resource.Link)
		if !ok {
			continue
		}
		held := slices.ContainsFunc(link.Holders(), func(id resource.ID) bool {
			return out.Desired.State.Get(id) != nil || out.Live.Owned[id]
		})
		_, already := slices.BinarySearch(listed.Links, ledgerName(o))
		if !held && (already || !resource.Equal(out.Live.State.Get(o.ID()), o)) {
			l.Links = append(l.Links, ledgerName(o))
		}
	}
	for id := range out.Desired.Protected {
		l.Protected = append(l.Protected, id.String())
	}
	slices.Sort(l.Links)
	slices.Sort(l.Protected)

	protected := map[resource.ID]bool{}
	maps.Copy(protected, out.Desired.Protected)
	out.Desired.Protected = protected
	for _, name := range listed.Protected {
		var id resource.ID
		if err := id.UnmarshalText([]byte(name)); err != nil {
			return fmt.Errorf("the ledger: %w", err)
		}
		if out.Desired.State.Get(id) == nil && out.Live.State.Get(id) != nil {
			protected[id] = true
			l.Protected = union(l.Protected, []string{name})
		}
	}
	if len(l.Links)+len(l.Protected) == 0 {
		return nil
	}
	return out.Desired.State.Add(l)
}
