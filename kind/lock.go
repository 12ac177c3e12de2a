package kind

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Lock says who is at work on a spec in an account and Region. It is kept in
// Parameter Store, which makes a parameter for one of several that ask at once
// and refuses the others.
//
// A lock is advice: IAM does not know it, so what a run writes rests on
// reading each object just before its step. The lock keeps two runs from
// undoing each other's work. It has no time at which it ends by itself, since
// nothing could keep a run that was only asleep from writing on.
type Lock struct {
	Spec    string    `json:"-"`
	Run     string    `json:"run"`
	Holder  string    `json:"holder"` // which no other process has: a random text
	Caller  string    `json:"caller"` // ARN
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

// A LockedError says that somebody else holds the lock. Of a lock whose value
// cannot be read, Lock has only what Parameter Store knows: Caller, who put it
// there, and Since, when.
type LockedError struct {
	Lock Lock
	At   string // the name of the parameter
}

func (e *LockedError) Error() string {
	if e.Lock.Run == "" {
		return fmt.Sprintf("spec %s is locked, and what the parameter %s says of it cannot be read; %s. If nothing of ssmctl's is at work on the spec, delete it: aws ssm delete-parameter --name %s", e.Lock.Spec, e.At, e.Lock.put(), e.At)
	}
	return fmt.Sprintf("spec %s is locked by run %s, `%s`, in process %d on %s; %s", e.Lock.Spec, e.Lock.Run, e.Lock.Command, e.Lock.PID, e.Lock.Host, e.Lock.put())
}

func (l Lock) put() string {
	return fmt.Sprintf("%s locked it at %s", or(l.Caller, "somebody"), l.Since.UTC().Format(time.RFC3339))
}

// A LockLostError says that a lock that was taken is no longer held: somebody
// took it away, or another process recovers the run.
type LockLostError struct {
	Spec, Run string
	Now       *Lock // who has it now; nil if nobody does
}

func (e *LockLostError) Error() string {
	by := "somebody took it away"
	if e.Now != nil {
		by = fmt.Sprintf("run %s in process %d on %s has it now", or(e.Now.Run, "(unknown)"), e.Now.PID, or(e.Now.Host, "another machine"))
	}
	return fmt.Sprintf("run %s no longer holds the lock of spec %s: %s", e.Run, e.Spec, by)
}

// Locked returns the lock of a spec as it is held now, or nil. Of a damaged one
// it has what a LockedError has.
func (s *Session) Locked(ctx context.Context, spec string) (*Lock, error) {
	found, err := s.locks(ctx, spec)
	if err != nil || found[mainLock] == nil {
		return nil, err
	}
	return &s.locked(ctx, found[mainLock]).Lock, nil
}

// DropLock gives back what TakeLock or TakeOver took, if it is still held. It
// may be called again, and when nothing was taken.
func (s *Session) DropLock(ctx context.Context) error {
	h := s.held()
	if h == nil {
		return nil
	}
	for attempt, tries := 1, 0; ; attempt++ {
		asked := time.Now()
		found, err := s.locks(ctx, h.Spec)
		if err != nil {
			return err
		}
		if h.shows(found) || h.settled(asked) { // else what was put there may be yet to show
			tries++
			err = s.dropHeld(ctx, h, found[mainLock], found[recoverLock])
			if err == nil {
				s.holdOn(nil)
				return nil
			}
			if !passing(err) || tries == lockAttempts {
				return fmt.Errorf("giving back the lock of spec %s: %w", h.Spec, err)
			}
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// dropHeld deletes what is h's. The first lock goes before the second: with
// the second gone and the first still there, another could begin to recover a
// run that has ended. Who was killed between the two has left the second one
// behind; it then belongs to a run that cannot have the first, and goes too.
func (s *Session) dropHeld(ctx context.Context, h *hold, main, second *lockFound) error {
	recovering := h.recovers && second != nil && second.Holder == h.Holder
	if main != nil && main.Holder == h.Holder && second != nil && !second.damaged && second.Run != h.Run {
		if err := s.deleteLock(ctx, recoverLock, h.Spec); err != nil {
			return err
		}
	}
	if main != nil && (main.Holder == h.Holder && (second == nil || recovering || second.Run != h.Run) || recovering && main.Run == h.Run) {
		if err := s.deleteLock(ctx, mainLock, h.Spec); err != nil {
			return err
		}
	}
	if recovering {
		return s.deleteLock(ctx, recoverLock, h.Spec)
	}
	return nil
}

// BreakLock takes the lock of a spec away from a run that will not give it
// back, and returns it, or what was left of it; nil if there was none. If another
// run has the lock, or what it says cannot be read, it is left alone and the
// error is a *LockedError. A process of the run that is still at work finds so before
// its next write.
func (s *Session) BreakLock(ctx context.Context, spec, run string) (*Lock, error) {
	found, err := s.locks(ctx, spec)
	if err != nil {
		return nil, err
	}
	var broken *Lock
	for _, sort := range []lockSort{recoverLock, mainLock} {
		at := found[sort]
		switch {
		case at == nil || sort == recoverLock && at.Run != run:
			continue
		case at.Run != run:
			return broken, s.locked(ctx, at)
		}
		if err := s.deleteLock(ctx, sort, spec); err != nil {
			return broken, err
		}
		broken = &at.Lock
	}
	return broken, nil
}

// HoldsLock returns nil if the lock that this session took is still its own,
// and a *LockLostError if it is not. Another error says that this could not be
// read, though it was tried several times. Calls that wait at the same time
// share a request, but none is answered by one that was made before it came.
func (s *Session) HoldsLock(ctx context.Context) error {
	h := s.held()
	if h == nil {
		return errors.New("no lock was taken")
	}
	return h.ask(ctx, s.stillHeld)
}

// stillHeld asks Parameter Store. What is not as it was put there is asked for
// again for a while, since a read may be answered from before that.
func (s *Session) stillHeld(ctx context.Context, h *hold) error {
	for attempt := 1; ; attempt++ {
		asked := time.Now()
		found, err := s.locks(ctx, h.Spec)
		if err != nil {
			return err
		}
		lost := h.lost(found[mainLock], found[recoverLock])
		if lost == nil {
			return nil
		}
		if h.settled(asked) && (attempt >= 3 || lost.Now != nil) {
			return lost
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// lost compares what there is with what h took.
func (h *hold) lost(main, second *lockFound) *LockLostError {
	lost := func(now *lockFound) *LockLostError {
		e := &LockLostError{Spec: h.Spec, Run: h.Run}
		if now != nil {
			e.Now = &now.Lock
		}
		return e
	}
	switch {
	case main == nil || main.Run != h.Run || !h.recovers && main.Holder != h.Holder:
		return lost(main)
	case h.recovers && (second == nil || second.Holder != h.Holder):
		return lost(second)
	case !h.recovers && second != nil && second.Run == h.Run:
		return lost(second) // somebody recovers the run
	}
	return nil
}

// text is the value that says who holds the lock. Two braces in a row are
// those of a reference to another parameter, which AWS takes nowhere but there.
func (l Lock) text() string {
	for {
		value := lockBraces.Replace(encode(l))
		if len(value) <= partSize {
			return value
		}
		l.Command, l.Host = l.Command[:len(l.Command)/2], l.Host[:len(l.Host)/2]
	}
}

var lockBraces = strings.NewReplacer("{{", `{\u007b`, "}}", `}\u007d`)
