package kind

import (
	"context"
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/resource"
)

// Attend readies the session for the changes of a stored plan, such as that
// of an interrupted run, without the spec that the plan was made from: it
// reads the account by the bulk calls of a survey, and from then on Read,
// Write, Preflight and Calls work for those changes and their inverses. Owner
// is the name of the spec.
//
// Any of the changes, and of their inverses, may have been made a moment ago
// by another process. What they make may not be visible everywhere yet, and
// what they take away may still be: refusals for that reason are
// resource.NotYet, as if this session had made the changes.
func (s *Session) Attend(ctx context.Context, owner string, changes []resource.Change) error {
	both := &resource.State{}
	for _, c := range slices.Backward(changes) { // of several of one object, the last
		if both.Get(c.ID()) != nil {
			continue
		}
		o := c.After
		if o == nil {
			o = c.Before
		}
		if err := both.Add(o); err != nil {
			return err
		}
	}
	sw := &Sweep{Session: s, Scope: Scope{Owner: owner, Desired: &resource.Desired{State: both}, attended: true}}
	state, err := sw.state(ctx, names())
	if err != nil {
		return err
	}
	out := &Survey{place: s.place(), Live: &resource.Live{State: state}, Desired: sw.Desired}
	if out.inventory, err = sw.machines(ctx); err != nil {
		return fmt.Errorf("reading the instances: %w", plain(err))
	}
	s.surveyedBy(sw, out)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.mayHaveWritten(s.here(c))
	}
	return nil
}

// mayHaveWritten remembers what others may not see for a while if the change
// or its inverse was written just now. The caller holds the lock.
func (s *Session) mayHaveWritten(c resource.Change) {
	if c.Before == nil || c.After == nil {
		s.made[c.ID()] = true
	}
	if c.Before != nil && c.After != nil {
		s.freed[c.ID()] = true // of what stood in its place
		if c.ID().Kind == "association" {
			// EC2 takes one profile off a stopped instance before it takes the
			// other, so an instance without one may be between the two.
			s.swapping[c.ID().Name] = true
		}
	}
	for _, side := range []resource.Object{c.Before, c.After} {
		if side == nil {
			continue
		}
		for _, id := range side.Needs() {
			s.freed[id] = true
		}
	}
}
