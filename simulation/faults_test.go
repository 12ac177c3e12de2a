package simulation

import (
	"fmt"
	"strings"
	"time"
)

// A trouble is a way for a call, or a write to disk, to go wrong.
type trouble string

// What may become of a call. Those that say "read" are for reads alone, and so
// on; the others are for all.
const (
	throttled   trouble = "throttled"
	busy        trouble = "busy"
	notYet      trouble = "not visible yet"
	unsent      trouble = "never sent"
	refused     trouble = "refused"
	denied      trouble = "denied for good"
	lostBefore  trouble = "lost before the effect"
	lostAfter   trouble = "answer lost"
	truncated   trouble = "answer cut short"
	hang        trouble = "no answer in time"
	panics      trouble = "panic after the effect"
	stale       trouble = "reads show what was"
	slow        trouble = "a read takes long"
	expired     trouble = "credentials expired for a while"
	expiredGood trouble = "credentials expired"
	lockLost    trouble = "lock lost"
	signalled   trouble = "first signal"
	crashBefore trouble = "crash before the effect"
	crashAfter  trouble = "crash after the effect"
	foreignEdit trouble = "somebody changes an object"
	foreignMake trouble = "somebody makes or deletes an object"
	foreignNew  trouble = "somebody deletes an object and makes it again"
	foreignUse  trouble = "somebody uses an object"
)

// What may become of a write to disk.
const (
	diskCrashBefore trouble = "crash before the disk"
	diskCrashAfter  trouble = "crash after the disk"
	diskTorn        trouble = "crash half way to the disk"
	diskError       trouble = "disk error"
	diskShort       trouble = "disk error half way"
	diskFull        trouble = "disk full"
	powerBefore     trouble = "power fails before the disk"
	powerAfter      trouble = "power fails after the disk"
)

// callTroubles is what may become of each sort of call.
var callTroubles = map[string][]trouble{
	"write": {
		throttled, busy, notYet, unsent, refused, denied, lostBefore, lostAfter, truncated, hang, panics,
		expired, expiredGood, crashBefore, crashAfter,
		lockLost, signalled, foreignEdit, foreignMake, foreignNew, foreignUse,
	},
	"read": {
		throttled, unsent, refused, denied, truncated, hang, stale, slow, panics,
		expired, expiredGood, crashBefore,
		lockLost, signalled, foreignEdit, foreignMake, foreignNew, foreignUse,
	},
	"guard": {lockLost, signalled, crashBefore, crashAfter},
}

// diskTroubles is what may become of each sort of write to disk.
var diskTroubles = map[string][]trouble{
	"write": {diskCrashBefore, diskCrashAfter, diskTorn, diskError, diskShort, diskFull, powerBefore, powerAfter},
	"sync":  {diskCrashBefore, diskCrashAfter, diskError, powerBefore, powerAfter},
	"other": {diskCrashBefore, diskCrashAfter, diskError, powerAfter},
}

// passing are the troubles that a run gets over by itself.
var passing = []trouble{throttled, busy, notYet, unsent, lostBefore, lostAfter, truncated, hang, panics, stale, slow, expired, serverError}

// crashes are the troubles that end a process, whose run another can go on with.
var crashes = []trouble{
	crashBefore, crashAfter, lockLost, expiredGood,
	diskCrashBefore, diskCrashAfter, diskTorn, diskError, diskShort, diskFull, powerBefore, powerAfter,
}

// A fault is a trouble and the place where it strikes.
type fault struct {
	what trouble
	at   int    // the call or the write to disk that it strikes, from 1
	disk bool   // a write to disk
	pick uint64 // decides what else is to be decided, such as whom it strikes
}

func (f fault) String() string {
	where := "call"
	if f.disk {
		where = "disk write"
	}
	return fmt.Sprintf("%s %d: %s (%d)", where, f.at, f.what, f.pick)
}

// A spell is a time in which reads show what was: all of them, or some, as
// where several machines answer that do not agree yet.
type spell struct {
	until time.Time
	which uint64 // by bits: those whose number has the bit set, modulo 64
}

// newSpell begins a spell that pick decides about.
func newSpell(pick uint64) spell {
	s := spell{until: time.Now().Add(time.Duration(1+pick%7) * time.Second), which: ^uint64(0)}
	if pick>>32&1 == 1 {
		s.which = pick * 0x9e3779b97f4a7c15
	}
	return s
}

// strikes reports whether a read of that number shows what was.
func (s spell) strikes(read int) bool {
	return time.Now().Before(s.until) && s.which>>(read%64)&1 == 1
}

// A scenario is what happens to one run of a plan.
type scenario struct {
	faults []fault
	finish bool // recovery finishes the run where it may, else undoes it
	keep   bool // the run is kept as it is when it fails
	undo   bool // after it was applied the run is undone

	parallel int // steps at once; then not every run is the same again
}

func (s scenario) String() string {
	var b strings.Builder
	for _, f := range s.faults {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	for _, o := range []struct {
		set  bool
		text string
	}{{s.finish, "recovery finishes"}, {!s.finish, "recovery undoes"}, {s.keep, "what failed is kept"}, {s.undo, "what was applied is undone"}} {
		if o.set {
			fmt.Fprintf(&b, "  %s\n", o.text)
		}
	}
	return b.String()
}
