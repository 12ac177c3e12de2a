package kind_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/sandbox"
)

// lockOf is a lock of the spec "test".
func lockOf(run, holder string) kind.Lock {
	return kind.Lock{
		Spec: "test", Run: run, Holder: holder, Caller: "arn:aws:iam::123456789012:user/" + holder, Host: "host-of-" + holder,
		PID: 7, Since: time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC), Command: "apply access.yaml",
	}
}

// holder returns who has the lock of the spec "test", "" if nobody does.
func holder(t *testing.T, account *sandbox.Server) string {
	t.Helper()
	l, err := connect(t, account).Locked(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if l == nil {
		return ""
	}
	return l.Holder
}

// lockedBy fails unless err says that holder has the lock.
func lockedBy(t *testing.T, err error, holder string) {
	t.Helper()
	if locked, ok := errors.AsType[*kind.LockedError](err); !ok || locked.Lock.Holder != holder {
		t.Errorf("%v, want a lock of %s", err, holder)
	}
}

// Whoever has the lock keeps others out until it is given back.
func TestLock(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	ann, bob := connect(t, account), connect(t, account)
	if err := ann.DropLock(t.Context()); err != nil {
		t.Errorf("dropping a lock that nobody took: %v", err)
	}
	if err := ann.HoldsLock(t.Context()); err == nil {
		t.Error("a lock that nobody took is held")
	}
	const braces = "apply {{ssm:x}} {{{}}} \"\x00é"
	l := lockOf("run-1", "ann")
	l.Command = braces
	if err := ann.TakeLock(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	err := bob.TakeLock(t.Context(), lockOf("run-2", "bob"))
	locked, ok := errors.AsType[*kind.LockedError](err)
	if !ok {
		t.Fatalf("%v, want a lock", err)
	}
	if diff := cmp.Diff(l, locked.Lock); diff != "" {
		t.Errorf("the lock (-want +got):\n%s", diff)
	}
	if text := parameterOf(t, account, "lock"); strings.Contains(text, "{{") || strings.Contains(text, "}}") {
		t.Errorf("AWS would take the value for a reference: %s", text)
	}
	if err := bob.HoldsLock(t.Context()); err == nil {
		t.Error("bob holds ann's lock")
	}
	if err := ann.HoldsLock(t.Context()); err != nil {
		t.Errorf("ann does not hold her lock: %v", err)
	}
	mustApply(t, account, head+"users: {alice: {existing: true, access: {actions: read-only}}}\n") // the ledger is beside it
	for range 2 {
		if err := ann.DropLock(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := bob.TakeLock(t.Context(), lockOf("run-2", "bob")); err != nil || holder(t, account) != "bob" {
		t.Errorf("bob: %v; %q has the lock", err, holder(t, account))
	}
	if err := ann.DropLock(t.Context()); err != nil || holder(t, account) != "bob" {
		t.Errorf("ann dropped bob's lock: %v; %q has it", err, holder(t, account))
	}
}

// parameterOf returns the value of a parameter of the spec "test".
func parameterOf(t *testing.T, account *sandbox.Server, name string) string {
	t.Helper()
	got := must(clientsOf(account).ssm.GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("/access/ssmctl/test/" + name)}))
	return *got.Parameter.Value
}

// A command that is too long for a parameter is cut, and the lock is still one.
func TestLockOfLongCommand(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	l := lockOf("run-1", "ann")
	l.Command = strings.Repeat("<é{{", 5000)
	if err := connect(t, account).TakeLock(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if n := len(parameterOf(t, account, "lock")); n > 4096 || n < 1000 || holder(t, account) != "ann" {
		t.Errorf("%d bytes, held by %q", n, holder(t, account))
	}
}

// A lock that says nothing still says who put it there and when, and is
// nobody's to take away.
func TestLockDamaged(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"not JSON": "hello", "another's JSON": `{"run":1}`, "no holder": `{"run":"run-1"}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				somebody{t, account, clientsOf(account)}.writes("lock", text)
				session := connect(t, account)
				_, broken := session.BreakLock(t.Context(), "test", "run-1")
				for what, err := range map[string]error{
					"taking":        session.TakeLock(t.Context(), lockOf("run-1", "ann")),
					"taking over":   session.TakeOver(t.Context(), lockOf("run-1", "ann"), nil),
					"breaking":      broken,
					"dropping none": session.DropLock(t.Context()),
				} {
					locked, ok := errors.AsType[*kind.LockedError](err)
					if what == "dropping none" {
						if err != nil {
							t.Error(err)
						}
						continue
					}
					want := kind.LockedError{Lock: kind.Lock{Spec: "test", Caller: "arn:aws:iam::123456789012:root", Since: time.Now()}, At: "/access/ssmctl/test/lock"}
					if !ok || locked.Lock.Spec != "test" || locked.Lock.Caller != want.Lock.Caller || !locked.Lock.Since.Equal(want.Lock.Since) || locked.At != want.At {
						t.Errorf("%s: %+v, want %+v", what, err, want)
					}
					if !strings.Contains(err.Error(), "aws ssm delete-parameter --name /access/ssmctl/test/lock") {
						t.Errorf("%s: %v", what, err)
					}
				}
			})
		})
	}
}
