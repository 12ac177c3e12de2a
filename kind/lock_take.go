package kind

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/resource"
)

// TakeLock takes the lock of l.Spec for the run l.Run, held by l.Holder. If
// somebody has it the error is a *LockedError. Where the answer is lost the
// lock is read back: it is taken only if it names l.Holder. After any other
// error the lock may come to be held all the same, and DropLock is called.
func (s *Session) TakeLock(ctx context.Context, l Lock) error {
	s.holdOn(&hold{Lock: l})
	err := s.acquire(ctx, mainLock, l)
	if _, locked := err.(*LockedError); locked {
		s.holdOn(nil)
	}
	return err
}

// TakeOver takes the lock for going on with the run l.Run in another process.
// The lock may be that run's, or nobody's, and then it is taken. A second one
// then decides between those who would recover the run: it is taken if nobody
// has it, if it was left behind by a run that has ended, or if its holder is
// among mine, which are the processes of this run that are known to be dead.
// Else the error is a *LockedError. The process that held the lock before
// finds that it has lost it.
func (s *Session) TakeOver(ctx context.Context, l Lock, mine []string) error {
	s.holdOn(&hold{Lock: l, recovers: true})
	err := s.takeOver(ctx, l, mine)
	if locked, ok := err.(*LockedError); ok {
		if drop := s.DropLock(ctx); drop != nil { // the first one, if it was free
			return fmt.Errorf("%w (and the lock that was taken meanwhile could not be given back: %w)", locked, drop)
		}
	}
	return err
}

func (s *Session) takeOver(ctx context.Context, l Lock, mine []string) error {
	for attempt := 1; ; attempt++ {
		found, err := s.locks(ctx, l.Spec)
		if err != nil {
			return err
		}
		main, second := found[mainLock], found[recoverLock]
		switch {
		case main != nil && main.Run != l.Run:
			return s.locked(ctx, main)
		case second != nil && second.Holder == l.Holder && main != nil:
			return nil
		case second != nil && second.Holder != l.Holder && (second.damaged || second.Run == l.Run && !slices.Contains(mine, second.Holder)):
			return s.locked(ctx, second)
		case main == nil:
			err = s.acquire(ctx, mainLock, l)
		case second == nil:
			err = s.acquire(ctx, recoverLock, l)
		default:
			// Of several that replace it at once the last has it, and the others
			// find so before their next write.
			err = plainly(s.putLock(ctx, recoverLock, l, true))
		}
		_, raced := err.(*LockedError) // look who it was
		switch {
		case err == nil && attempt <= 2: // one for each lock
			continue // and read back
		case err == nil && attempt >= lockAttempts+2:
			return fmt.Errorf("taking the lock of spec %s: what was written does not show", l.Spec)
		case err == nil: // and it does not show yet
			if err := pause(ctx, attempt-2); err != nil {
				return err
			}
			continue
		case !raced && !passing(err) || attempt >= lockAttempts:
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// acquire puts a lock where there is none.
func (s *Session) acquire(ctx context.Context, sort lockSort, l Lock) error {
	for attempt := 1; ; attempt++ {
		f := s.putLock(ctx, sort, l, false)
		if f == nil {
			return nil
		}
		if f.Code != "ParameterAlreadyExists" && !passing(f) {
			return fmt.Errorf("taking the lock of spec %s: %w", l.Spec, f)
		}
		if f.Code == "ParameterAlreadyExists" || f.Class == resource.Unknown {
			found, err := s.locks(ctx, l.Spec)
			switch at := found[sort]; {
			case err != nil:
				return fmt.Errorf("taking the lock of spec %s: %w (and who has it cannot be read: %w)", l.Spec, f, err)
			case at != nil && at.Holder == l.Holder:
				return nil
			case at != nil:
				return s.locked(ctx, at)
			}
		}
		if attempt == lockAttempts {
			return fmt.Errorf("taking the lock of spec %s: %w", l.Spec, f)
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// lockAttempts is how often a call about a lock is made.
const lockAttempts = 6

// passing reports whether a call that failed so may be made again.
func passing(err error) bool {
	f, ok := err.(*resource.Failure)
	return ok && slices.Contains([]resource.Class{resource.Throttled, resource.Busy, resource.Unsent, resource.Unknown}, f.Class)
}

// plainly makes an error of a failure that may be none.
func plainly(f *resource.Failure) error {
	if f == nil {
		return nil
	}
	return f
}

// pause waits after so many attempts, for longer each time.
func pause(ctx context.Context, attempt int) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(100 * time.Millisecond << attempt):
		return nil
	}
}
