package simulation

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/resource"
)

// A trial is one run of a plan, with all of its recoveries, under a scenario.
type trial struct {
	world *world
	scenario
	disk *disk

	mu sync.Mutex // guards all below, where steps run at once
	account
	rand *rand.Rand

	calls      int
	crashes    int
	recoveries int
	restarts   int
	lastWrite  int      // the last call that changed an object
	denials    []string // calls that are denied for good
	stale      spell
	current    resource.ID // the object whose read was the last call but for writes
	meddled    bool        // somebody else changed something
	cancelled  bool
	news       []resource.ID // that reports said were made again

	outcome   executor.Outcome
	property  string // that is violated
	violation string // how; "" if none is
	excuse    string // why the run is undecidable

	close bool     // it looks at access as if the last changes were visible to some only
	sorts []string // of the calls so far
	hash  uint64
	taped bool
	tape  []string
}

// record adds a line to the trace: what was called, for which object, and
// what became of it, "" if all went well.
func (t *trial) record(op string, id int, result string) {
	h := t.hash
	for _, s := range []string{op, result} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ '|') * 1099511628211
	}
	t.hash = (h ^ uint64(id)) * 1099511628211
	if t.taped {
		line := fmt.Sprintf("%3d %s %s", t.calls, op, t.world.ids[id])
		if result != "" {
			line += ": " + result
		}
		t.tape = append(t.tape, line)
	}
}

func (t *trial) number(id resource.ID) int { return t.at[id] }

func (t *trial) isDenied(op string) bool { return slices.Contains(t.denials, op) }

func (t *trial) deny(op string) { t.denials = append(t.denials, op) }

// lift takes away the faults that last, as somebody who repairs things would.
func (t *trial) lift() {
	t.faults, t.disk.faults, t.denials = nil, nil, nil
	t.stale = spell{}
}

// newProcess starts a process.
func (t *trial) newProcess(ctx context.Context) (*process, context.Context) {
	p := &process{trial: t}
	ctx, p.cancel = context.WithCancel(ctx)
	t.current = resource.ID{}
	return p, ctx
}

// only reports whether all faults of the scenario are of those troubles.
func (s scenario) only(troubles ...[]trouble) bool {
	return !slices.ContainsFunc(s.faults, func(f fault) bool {
		return !slices.ContainsFunc(troubles, func(some []trouble) bool { return slices.Contains(some, f.what) })
	})
}

// same reports whether two objects are the same.
func same(a, b resource.Object) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a == b || bytes.Equal(jsonOf(a), jsonOf(b))
}

func jsonOf(o resource.Object) []byte {
	text, err := o.(interface{ MarshalJSON() ([]byte, error) }).MarshalJSON()
	if err != nil {
		panic(err)
	}
	return text
}

func text(o resource.Object) string {
	if o == nil {
		return "nothing"
	}
	return string(jsonOf(o))
}

// trace returns what happened, a call a line; what repeats itself once.
func (t *trial) trace() string {
	var b strings.Builder
	last := ""
	for _, line := range t.tape {
		if text := strings.TrimLeft(line, " 0123456789"); text != last {
			fmt.Fprintln(&b, line)
			last = text
		}
	}
	return b.String()
}
