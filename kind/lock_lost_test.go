package kind_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A run whose lock was taken away is told so before its next write, be the lock
// free, another run's, or taken over.
//
// Fault 29: a run that was asleep goes on after its lock was taken away.
func TestLockLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		by  func(s *kind.Session) error
		now string // holder
	}{
		"free":                     {by: func(*kind.Session) error { return nil }},
		"another's":                {func(s *kind.Session) error { return s.TakeLock(context.Background(), lockOf("run-2", "bob")) }, "bob"},
		"the same run begun again": {func(s *kind.Session) error { return s.TakeLock(context.Background(), lockOf("run-1", "bob")) }, "bob"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				zombie, other := connect(t, account), connect(t, account)
				if err := zombie.TakeLock(t.Context(), lockOf("run-1", "ann")); err != nil {
					t.Fatal(err)
				}
				if _, err := other.BreakLock(t.Context(), "test", "run-9"); err == nil {
					t.Error("the lock of run-1 was taken away as that of run-9")
				} else {
					lockedBy(t, err, "ann")
				}
				broken, err := other.BreakLock(t.Context(), "test", "run-1")
				if err != nil || broken == nil || broken.Holder != "ann" {
					t.Fatalf("broken: %v, %v", broken, err)
				}
				if err := tt.by(other); err != nil {
					t.Fatal(err)
				}
				lost, ok := errors.AsType[*kind.LockLostError](zombie.HoldsLock(t.Context()))
				if !ok || lost.Run != "run-1" || (lost.Now == nil) != (tt.now == "") || lost.Now != nil && lost.Now.Holder != tt.now {
					t.Errorf("%+v, want a lock lost to %q", lost, tt.now)
				}
				if err := zombie.DropLock(t.Context()); err != nil || holder(t, account) != tt.now {
					t.Errorf("the zombie dropped another's lock: %v; %q has it", err, holder(t, account))
				}
				if again, err := other.BreakLock(t.Context(), "test", "run-9"); tt.now == "" && (again != nil || err != nil) {
					t.Errorf("breaking a lock that is not there: %v, %v", again, err)
				}
			})
		})
	}
}

// The lock of a run that is being recovered is taken away as a whole.
func TestLockBrokenOfRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		host, other := connect(t, account), connect(t, account)
		if err := host.TakeOver(t.Context(), lockOf("run-1", "host"), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := other.BreakLock(t.Context(), "test", "run-1"); err != nil {
			t.Fatal(err)
		}
		if _, lost := errors.AsType[*kind.LockLostError](host.HoldsLock(t.Context())); !lost {
			t.Error("the recovery still holds the lock")
		}
		if dump := string(account.Dump()); strings.Contains(dump, "/access/ssmctl/test/") {
			t.Errorf("something is left:\n%s", dump)
		}
	})
}

// A recovery that was killed between giving back its two locks leaves the second
// one behind, which stands in nobody's way and goes with the next run, or when
// it is asked for.
func TestLockLeftBehind(t *testing.T) {
	t.Parallel()
	for name, goes := range map[string]func(*testing.T, *kind.Session) error{
		"next run": func(t *testing.T, s *kind.Session) error {
			if err := s.TakeLock(t.Context(), lockOf("run-2", "other")); err != nil {
				return err
			}
			return s.DropLock(t.Context())
		},
		"next recovery": func(t *testing.T, s *kind.Session) error {
			if err := s.TakeOver(t.Context(), lockOf("run-2", "other"), nil); err != nil {
				return err
			}
			return s.DropLock(t.Context())
		},
		"broken": func(t *testing.T, s *kind.Session) error {
			broken, err := s.BreakLock(t.Context(), "test", "run-1")
			if broken == nil || broken.Holder != "host" {
				t.Errorf("broken: %v", broken)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				killed, other := connect(t, account), connect(t, account)
				if err := killed.TakeOver(t.Context(), lockOf("run-1", "host"), nil); err != nil {
					t.Fatal(err)
				}
				account.Inject(sandbox.Fault{Operation: "ssm:DeleteParameter", Nth: 2, Effect: sandbox.ErrorBefore})
				if err := killed.DropLock(t.Context()); err == nil {
					t.Fatal("both locks were given back")
				}
				if !strings.Contains(string(account.Dump()), "/access/ssmctl/test/recover") {
					t.Fatal("nothing was left behind")
				}
				if err := goes(t, other); err != nil {
					t.Error(err)
				}
				if dump := string(account.Dump()); strings.Contains(dump, "/access/ssmctl/test/") {
					t.Errorf("something is left:\n%s", dump)
				}
			})
		})
	}
}

// slowAnswers are answers that arrive a while after they were true.
type slowAnswers struct{ http.RoundTripper }

func (s slowAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(r)
	time.Sleep(time.Second)
	return answer, err
}

// Many that ask at once share a request, but nobody is answered by one that was
// made before they asked.
func TestHoldsLockTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		session := connectBy(t, account, slowAnswers{account.Client().Transport})
		if err := session.TakeLock(t.Context(), lockOf("run-1", "ann")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // until it shows for certain
		account.ResetRequests()
		var wrong atomic.Int32
		var all sync.WaitGroup
		ask := func(held bool) {
			for range 100 {
				all.Go(func() {
					if err := session.HoldsLock(t.Context()); (err == nil) != held {
						wrong.Add(1)
					}
				})
			}
		}
		first := make(chan error, 1)
		go func() { first <- session.HoldsLock(t.Context()) }()
		synctest.Wait() // the first question has been answered, and the answer is on its way
		ask(true)
		time.Sleep(1500 * time.Millisecond) // the second as well
		if _, err := connect(t, account).BreakLock(t.Context(), "test", "run-1"); err != nil {
			t.Fatal(err)
		}
		if err := connect(t, account).TakeLock(t.Context(), lockOf("run-2", "bob")); err != nil {
			t.Fatal(err)
		}
		ask(false)
		all.Wait()
		if err := <-first; err != nil || wrong.Load() > 0 {
			t.Errorf("the first: %v; %d of the others were told wrong", err, wrong.Load())
		}
		asked := 0
		for _, r := range account.Requests() {
			if r.Operation == "GetParameters" {
				asked++
			}
		}
		if asked > 4 { // three of this session, one of the other
			t.Errorf("%d requests, want 4", asked)
		}

		stopped, stop := context.WithCancel(t.Context())
		stop()
		if err := session.HoldsLock(stopped); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that it was cancelled", err)
		}
		time.Sleep(time.Minute) // the question that nobody waits for any more
	})
}

// An answer from before a lock was put there is neither taken for its loss nor
// for a reason to leave it there.
//
// Fault 15: a read that shows what was.
func TestLockStaleRead(t *testing.T) {
	t.Parallel()
	ways := map[string]func(context.Context, *kind.Session) error{
		"taken": func(ctx context.Context, s *kind.Session) error { return s.TakeLock(ctx, lockOf("run-1", "ann")) },
		"taken over": func(ctx context.Context, s *kind.Session) error {
			return s.TakeOver(ctx, lockOf("run-1", "ann"), []string{"dead", "killed"})
		},
	}
	for name, take := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				if name == "taken over" { // from one that recovered it already
					if err := connect(t, account).TakeLock(t.Context(), lockOf("run-1", "dead")); err != nil {
						t.Fatal(err)
					}
					if err := connect(t, account).TakeOver(t.Context(), lockOf("run-1", "killed"), []string{"dead"}); err != nil {
						t.Fatal(err)
					}
				}
				times := 0 // that what was is still answered
				by := &behind{now: account.Client().Transport, was: copyOf(t, account).Client().Transport, stale: func(operation string) bool {
					if times == 0 || operation != "GetParameters" {
						return false
					}
					times--
					return true
				}}
				session := connectBy(t, account, by)
				if err := take(t.Context(), session); err != nil {
					t.Fatal(err)
				}
				times = 2
				if err := session.HoldsLock(t.Context()); err != nil || times != 0 {
					t.Errorf("held: %v, %d stale answers to go", err, times)
				}
				times = 2
				if err := session.DropLock(t.Context()); err != nil || times != 0 {
					t.Errorf("given back: %v, %d stale answers to go", err, times)
				}
				if dump := string(account.Dump()); strings.Contains(dump, "/access/ssmctl/test/") {
					t.Errorf("a lock is left:\n%s", dump)
				}
			})
		})
	}
}

// Not being able to read the lock is not to have lost it.
func TestHoldsLockUnreadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			fault sandbox.Fault
			class resource.Class
		}{
			"denied":  {sandbox.Fault{Effect: sandbox.ErrorBefore}, resource.Refused},
			"expired": {sandbox.Fault{Effect: sandbox.ErrorBefore, Code: "ExpiredTokenException", Status: 400}, resource.Expired},
			"down":    {sandbox.Fault{Effect: sandbox.DropBefore}, ""},
		} {
			account := guideAccount()
			session := connect(t, account)
			if err := session.TakeLock(t.Context(), lockOf("run-1", "ann")); err != nil {
				t.Fatal(err)
			}
			for nth := range 3 {
				account.Inject(sandbox.Fault{Operation: "ssm:GetParameters", Nth: nth + 1, Effect: sandbox.DropBefore})
			}
			if err := session.HoldsLock(t.Context()); err != nil {
				t.Errorf("%s: after three answers were lost: %v", name, err)
			}
			tt.fault.Operation = "ssm:GetParameters"
			account.Inject(tt.fault)
			err := session.HoldsLock(t.Context())
			if _, lost := errors.AsType[*kind.LockLostError](err); lost || err == nil {
				t.Errorf("%s: %v, want that it could not be read", name, err)
			}
			f, _ := errors.AsType[*resource.Failure](err)
			if tt.class != "" && (f == nil || f.Class != tt.class) || tt.class == "" && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %v, want class %q", name, err, tt.class)
			}
		}
	})
}
