package executor_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A process carries out, finishes or undoes a run, and may crash. A crash is
// modelled by a moment from which on nothing that the process asks for has an
// effect any more, on the account or on the disk; what it returns then is
// nobody's to read.
type process struct {
	*world
	disk    *journal.Memory
	left    func(int) int // what a loss of power leaves; nil for a crash of the process alone
	moments int           // until the crash; it never comes if they never pass
	after   bool          // at a call of the account: after its effect; at a write to the disk: half-way

	mu       sync.Mutex
	crashed  bool
	survivor *journal.Memory // if it was taken at the crash
}

var errCrashed = errors.New("crashed")

// passes lets a moment pass. It returns whether the process has crashed, and
// whether it did so just now.
func (p *process) passes(keep bool) (crashed, now bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.crashed {
		return true, false
	}
	p.moments--
	if p.crashed = p.moments == 0; p.crashed && keep {
		p.survivor = p.disk.Crash(p.left)
	}
	return p.crashed, p.crashed
}

func (p *process) dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crashed
}

// start makes the account and the disk the process's own. The moments are
// counted from now on.
func (p *process) start() {
	p.fault = func(int, resource.Change) fault {
		switch crashed, now := p.passes(true); {
		case now && p.after:
			return lostAfter
		case now:
			return lostBefore
		case crashed:
			return refused
		}
		return none
	}
	p.readErr = func(int) error {
		if p.dead() {
			return &resource.Failure{Class: resource.Refused, Call: "read", Err: errCrashed}
		}
		return nil
	}
	p.disk.Fail = func(op journal.Op, _ int) error {
		if op != journal.OpWrite && op != journal.OpSync {
			return nil
		}
		if crashed, _ := p.passes(!p.after); crashed {
			return errCrashed // half of it is written
		}
		return nil
	}
}

// end gives the account back, and returns the disk as the next process finds it.
func (p *process) end() *journal.Memory {
	p.fault, p.readErr, p.disk.Fail = nil, nil, nil
	switch {
	case !p.crashed:
		return p.disk.Crash(nil)
	case p.survivor == nil:
		return p.disk.Crash(p.left)
	}
	return p.survivor
}

func drawProcess(t *rapid.T, w *world, disk *journal.Memory, most int) *process {
	return &process{
		world: w, disk: disk,
		left:    survival(t),
		moments: rapid.IntRange(0, most).Draw(t, "moments"),
		after:   rapid.Bool().Draw(t, "after"),
	}
}

// However often a run crashes, and at whatever moment, and so its recovery, it
// can be finished, unless it was being undone, and it can be undone. Nothing is
// undone twice, and no event is done twice.
//
// Faults 31, 32, 33, 34, 35, 36: kill -9 before a send, after the effect, at
// each journal append, during rollback and during recovery, repeatedly; and
// power loss.
func TestCrashAnywhere(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		refuse := rapid.IntRange(1, 60).Draw(t, "refused") // so that some runs are in a rollback when they crash
		p := drawProcess(t, w, &journal.Memory{}, 50)
		w.run.Journal = record(t, p.disk, w.plan)
		p.start()
		first := p.fault
		p.fault = func(call int, c resource.Change) fault {
			if call == refuse && !p.dead() {
				return refused
			}
			return first(call, c)
		}
		w.run.Run(t.Context(), w.plan)
		disk := p.end()
		for range rapid.IntRange(0, 4).Draw(t, "more crashes") {
			p = drawProcess(t, w, disk, 25)
			var h journal.History
			w.run.Journal, h = resume(t, p.disk)
			done := len(w.log)
			p.start()
			if rapid.Bool().Draw(t, "finish") {
				w.run.Finish(t.Context(), w.plan, h)
			} else {
				w.run.Undo(t.Context(), w.plan, h)
			}
			disk = p.end()
			notAgain(t, w, h, w.log[done:])
		}
		_, h := resume(t, disk.Crash(nil))
		done := len(w.log)
		recovered(t, w, disk)
		notAgain(t, w, h, w.log[done:])
	})
}

// notAgain checks that nothing is written of an object all of whose steps were
// undone, by the journal, and no event done that was begun and, by the journal, did not fail.
func notAgain(t *rapid.T, w *world, h journal.History, log []string) {
	var begun, undone []int
	for _, r := range h.Records[1:] {
		switch r.Type {
		case journal.Intent:
			begun = append(begun, r.Step)
		case journal.Failed:
			begun = slices.DeleteFunc(begun, func(i int) bool { return i == r.Step })
		case journal.Undone:
			undone = append(undone, r.Step)
		}
	}
	for _, i := range begun {
		id := w.plan.Steps[i].ID()
		if w.plan.Steps[i].Event() {
			if slices.Contains(log, "ring "+id.String()) {
				t.Fatalf("%s was begun, and was done again:\n%s", id, strings.Join(log, "\n"))
			}
			continue
		}
		other := slices.ContainsFunc(begun, func(j int) bool { return w.plan.Steps[j].ID() == id && !slices.Contains(undone, j) })
		again := slices.ContainsFunc(log, func(call string) bool { return strings.HasSuffix(call, " "+id.String()) })
		if again && !other {
			t.Fatalf("%s was undone, and was written again:\n%s", id, strings.Join(log, "\n"))
		}
	}
}

// What somebody else changes while nobody is at work on a run survives its
// recovery, and the report does not pretend otherwise.
//
// Faults 22, 25, 26: a foreign change on a later step, of an object the run
// has made, or in the way of undoing one.
func TestForeignChangesSurviveRecovery(t *testing.T) {
	check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.lag = 0
		p := drawProcess(t, w, &journal.Memory{}, 40)
		w.run.Journal = record(t, p.disk, w.plan)
		p.start()
		w.run.Run(t.Context(), w.plan)
		disk := p.end()

		var there []resource.ID
		for o := range w.state().All() {
			if o.ID().Kind == "thing" {
				there = append(there, o.ID())
			}
		}
		if len(there) == 0 {
			t.Skip("nothing to change")
		}
		victim := rapid.SampledFrom(there).Draw(t, "victim")
		o := w.objects[victim].(thing)
		theirs := resource.Object(tie{o.Name, "theirs"})
		if rapid.Bool().Draw(t, "in the way") {
			w.set(thingID("theirs"), thing{Name: "theirs"})
			w.set(theirs.ID(), theirs) // it needs the victim
		} else {
			o.A = "foreign"
			w.set(victim, o)
			theirs = o
		}

		var h journal.History
		w.run.Journal, h = resume(t, disk)
		ended := h.Outcome() != ""
		var r *executor.Report
		if rapid.Bool().Draw(t, "finish") {
			r = w.run.Finish(t.Context(), w.plan, h)
		} else {
			r = w.run.Undo(t.Context(), w.plan, h)
		}
		now := w.snapshot()
		if got := w.objects[theirs.ID()]; !resource.Equal(got, theirs) {
			t.Fatalf("somebody else made %v, and now it is %v; %s, cause %v, left %v", theirs, got, r.Outcome, r.Cause, r.Left)
		}
		left := map[string]bool{}
		for _, l := range r.Left {
			left[l.ID.String()] = true
		}
		for id := range merged(w.before, now) {
			if id == theirs.ID().String() || id == "thing/theirs" {
				continue
			}
			switch {
			case r.Outcome == executor.Applied && now[id] != w.after[id],
				r.Outcome != executor.Applied && now[id] != w.before[id] && !left[id]:
				t.Fatalf("%s: %s was %q, is to be %q, is %q, and the report does not say so: %v", r.Outcome, id, w.before[id], w.after[id], now[id], r.Left)
			}
		}
		touched := slices.ContainsFunc(w.plan.Steps, func(s planner.Step) bool { return s.ID() == theirs.ID() })
		if r.Outcome == executor.Applied && touched && !ended {
			t.Fatalf("said to be applied, though %s is not as desired", victim)
		}
	})
}
