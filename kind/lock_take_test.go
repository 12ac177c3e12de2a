package kind_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// racing has n sessions of one account do something at once, and returns how
// it ended for each.
func racing(t *testing.T, account *sandbox.Server, n int, do func(s *kind.Session, i int) error) ([]*kind.Session, []error) {
	t.Helper()
	sessions, errs := make([]*kind.Session, n), make([]error, n)
	for i := range sessions {
		sessions[i] = connect(t, account)
	}
	var all sync.WaitGroup
	for i, s := range sessions {
		all.Go(func() { errs[i] = do(s, i) })
	}
	all.Wait()
	return sessions, errs
}

// Of many that want the lock at once exactly one gets it, though answers are
// lost, and the others are told who.
//
// Fault 28: two runs of one spec at once.
func TestLockRace(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		synctest.Test(t, func(t *testing.T) {
			account := guideAccount()
			for nth := 1; nth < 16; nth += 1 + round%4 {
				effects := []sandbox.FaultEffect{sandbox.DropAfter, sandbox.DropBefore, sandbox.ServerError, sandbox.Throttle, sandbox.Truncate}
				account.Inject(sandbox.Fault{Operation: "ssm:PutParameter", Nth: nth, Effect: effects[(nth+round)%len(effects)]})
			}
			sessions, errs := racing(t, account, 16, func(s *kind.Session, i int) error {
				return s.TakeLock(t.Context(), lockOf(fmt.Sprintf("run-%d", i), fmt.Sprint(i)))
			})
			has := holder(t, account)
			for i, err := range errs {
				if has == fmt.Sprint(i) {
					if err := errors.Join(err, sessions[i].HoldsLock(t.Context())); err != nil {
						t.Errorf("%d has the lock, and is told: %v", i, err)
					}
					continue
				}
				lockedBy(t, err, has)
			}
		})
	}
}

// Whatever becomes of the answer, the lock is taken just if it names the
// holder. What is refused for good is an error, and nobody is said to have it.
func TestLockAnswerLost(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault sandbox.Fault
		fails bool
	}{
		"dropped after":  {fault: sandbox.Fault{Effect: sandbox.DropAfter}},
		"dropped before": {fault: sandbox.Fault{Effect: sandbox.DropBefore}},
		"truncated":      {fault: sandbox.Fault{Effect: sandbox.Truncate}},
		"failed after":   {fault: sandbox.Fault{Effect: sandbox.ServerError}},
		"throttled":      {fault: sandbox.Fault{Effect: sandbox.Throttle}},
		"hangs":          {fault: sandbox.Fault{Effect: sandbox.Hang}},
		"denied":         {fault: sandbox.Fault{Effect: sandbox.ErrorBefore}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, taken := range []bool{false, true} {
					account := guideAccount()
					if taken {
						if err := connect(t, account).TakeLock(t.Context(), lockOf("run-0", "ann")); err != nil {
							t.Fatal(err)
						}
					}
					tt.fault.Operation, tt.fault.Nth = "ssm:PutParameter", 1
					account.Inject(tt.fault)
					bob := connect(t, account)
					err := bob.TakeLock(t.Context(), lockOf("run-1", "bob"))
					switch has := holder(t, account); {
					case tt.fails:
						if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != resource.Refused || f.Help == "" {
							t.Errorf("%v, want a refusal with help", err)
						}
					case taken:
						lockedBy(t, err, "ann")
					case err != nil || has != "bob":
						t.Errorf("%v; %q has the lock", err, has)
					}
					for nth := range 2 { // the same of giving it back
						account.ClearFaults()
						tt.fault.Operation, tt.fault.Nth = "ssm:DeleteParameter", 1
						if account.Inject(tt.fault); nth == 1 {
							account.ClearFaults()
						}
						err := bob.DropLock(t.Context())
						want := map[bool]string{true: "ann", false: ""}[taken]
						if has := holder(t, account); has != want || err != nil {
							t.Errorf("dropped: %v; %q has the lock, want %q", err, has, want)
						}
					}
				}
			})
		})
	}
}

// Of many hosts that would go on with one run exactly one does, and the process
// that was at work on it before finds that it has lost it.
//
// Fault 30: two hosts take up one run.
func TestLockTakeOver(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		main, second *kind.Lock // that are there
		mine         []string
		locked       string // who has it, if nobody may take it over
	}{
		"by the run that died":       {main: new(lockOf("run-1", "dead"))},
		"by nobody":                  {},
		"by a recovery that died":    {main: new(lockOf("run-1", "dead")), second: new(lockOf("run-1", "dead too")), mine: []string{"dead", "dead too"}},
		"by a recovery elsewhere":    {main: new(lockOf("run-1", "dead")), second: new(lockOf("run-1", "alive")), mine: []string{"dead"}, locked: "alive"},
		"by another run":             {main: new(lockOf("run-2", "alive")), mine: []string{"dead"}, locked: "alive"},
		"what another run left":      {main: new(lockOf("run-1", "dead")), second: new(lockOf("run-0", "long gone"))},
		"left behind by its own end": {second: new(lockOf("run-0", "long gone"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range 10 {
				synctest.Test(t, func(t *testing.T) {
					account := guideAccount()
					var before *kind.Session
					put := func(parameter string, l *kind.Lock) {
						if l == nil {
							return
						}
						s := connect(t, account)
						if err := s.TakeLock(t.Context(), *l); err != nil {
							t.Fatal(err)
						}
						text := parameterOf(t, account, "lock")
						if parameter == "lock" {
							before = s
							return
						}
						if err := s.DropLock(t.Context()); err != nil {
							t.Fatal(err)
						}
						somebody{t, account, clientsOf(account)}.writes(parameter, text)
					}
					put("recover", tt.second)
					put("lock", tt.main)
					if seed%2 == 1 {
						account.Inject(sandbox.Fault{Operation: "ssm:PutParameter", Nth: 1 + seed/2, Effect: sandbox.DropAfter})
					}
					sessions, errs := racing(t, account, 6, func(s *kind.Session, i int) error {
						return s.TakeOver(t.Context(), lockOf("run-1", fmt.Sprint("host-", i)), tt.mine)
					})
					winner := -1
					for i, s := range sessions {
						if tt.locked != "" {
							lockedBy(t, errs[i], tt.locked)
						}
						if s.HoldsLock(t.Context()) != nil {
							continue
						}
						if errs[i] != nil || winner >= 0 {
							t.Errorf("seed %d: host %d has it too, or is told that it has not: %v", seed, i, errs[i])
						}
						winner = i
					}
					if (winner >= 0) != (tt.locked == "") {
						t.Fatalf("seed %d: host %d has it: %v", seed, winner, errs)
					}
					if winner < 0 {
						return
					}
					if before != nil {
						if _, lost := errors.AsType[*kind.LockLostError](before.HoldsLock(t.Context())); !lost {
							t.Error("the process before still holds the lock")
						}
						if err := before.DropLock(t.Context()); err != nil || sessions[winner].HoldsLock(t.Context()) != nil {
							t.Errorf("the process before took it away: %v", err)
						}
					}
					for i, s := range sessions {
						if i != winner {
							if err := s.DropLock(t.Context()); err != nil {
								t.Errorf("host %d: %v", i, err)
							}
						}
					}
					if err := sessions[winner].HoldsLock(t.Context()); err != nil {
						t.Fatalf("another host dropped the lock: %v", err)
					}
					if err := sessions[winner].DropLock(t.Context()); err != nil || strings.Contains(string(account.Dump()), "/access/ssmctl/test/") {
						t.Errorf("something is left: %v\n%s", err, account.Dump())
					}
				})
			}
		})
	}
}
