package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/resource"
)

// runID is the id of every run: there is one an account.
const runID = "simulated"

// maxLives is how many processes may go on with one run.
const maxLives = 12

// play runs a plan under a scenario, with as many recoveries as it takes, and
// holds the result against the properties. It must be called in a bubble of
// synctest.
func (w *world) play(s scenario, taped bool) *trial {
	nextSecond()
	t := w.trial(s)
	t.taped = taped
	t.run()
	return t
}

func (w *world) trial(s scenario) *trial {
	return &trial{
		world: w, scenario: s,
		account: w.account.copyOf(),
		rand:    rand.New(rand.NewPCG(w.seed, 1)),
		disk:    &disk{memory: &journal.Memory{}, faults: s.faults},
		close:   len(s.faults) == 0 || s.faults[0].pick%4 == 0,
	}
}

func (t *trial) run() {
	report, begun := t.first()
	for lives := 1; begun && (report == nil || report.Stopped != nil); lives++ {
		if t.meddled && report != nil && lives > 3 {
			break // it will not be finished as long as they do not agree
		}
		if lives > maxLives {
			t.outcome = "never ended"
			t.violate("P3", "still not recovered after %d processes: %+v", lives, report)
			return
		}
		if lives%3 == 0 {
			t.denials = nil // by now somebody has granted what was missing
		}
		report, begun = t.recover(t.finish)
	}
	if !begun {
		t.outcome = executor.NotStarted
		t.checkUntouched()
		return
	}
	t.outcome = report.Outcome
	t.check(report)
	t.checkProgress(report)
	if t.violation == "" {
		t.afterwards(report)
	}
}

// first runs the plan. The report is nil if the process died; begun is false
// if the run does not exist, since its journal could not be begun.
func (t *trial) first() (report *executor.Report, begun bool) {
	p, ctx := t.newProcess(context.Background())
	defer p.cancel()
	j, err := journal.Create(p.volume(), t.world.begin, time.Now())
	if err != nil {
		t.mourn(p)
		return nil, t.disk.exists()
	}
	e := p.executor()
	e.Journal = j
	report = e.Run(ctx, t.world.plan)
	j.Close()
	return t.end(p, report), true
}

// recover goes on with the run in a new process.
func (t *trial) recover(finish bool) (report *executor.Report, begun bool) {
	t.recoveries++
	p, ctx := t.newProcess(context.Background())
	defer p.cancel()
	t.record("recover", 0, "")
	j, h, err := journal.Open(p.volume(), runID)
	if err != nil {
		t.mourn(p)
		if !p.dead && !errors.Is(err, errDisk) && t.disk.exists() {
			t.violate("P3", "the journal cannot be opened: %v", err)
			return nil, false
		}
		return nil, t.disk.exists()
	}
	plan := t.world.plan
	if t.calls%16 == 0 {
		if plan, err = t.world.restore(h); err != nil {
			t.violate("P3", "the plan cannot be restored: %v", err)
		}
	}
	e := p.executor()
	e.Journal = j
	if finish && h.Phase() != journal.Undoing {
		report = e.Finish(ctx, plan, h)
	} else {
		report = e.Undo(ctx, plan, h)
	}
	j.Close()
	return t.end(p, report), true
}

// mourn sees to what is lost with a process that has ended.
func (t *trial) mourn(p *process) {
	if p.dead {
		t.crashes++
	}
	t.disk.mourn(t.rand.IntN)
}

// end sees to what is left when a process has come to its end. It returns nil
// if the process died.
func (t *trial) end(p *process, report *executor.Report) *executor.Report {
	if err := p.tally.excess(); err != nil {
		t.violate("P8", "%v", err)
	}
	t.mourn(p)
	if p.dead {
		t.record("died", 0, "")
		return nil
	}
	t.news = append(t.news, report.New...)
	if t.taped {
		t.tape = append(t.tape, fmt.Sprintf("    ended: %s; cause %v; stopped %v; left %v; new %v", report.Outcome, report.Cause, report.Stopped, report.Left, report.New))
	}
	t.record("ended", 0, string(report.Outcome))
	return report
}

// volume is the disk as the process has it.
func (p *process) volume() *volume {
	return &volume{p.disk.memory, &p.mu, p.disk, &p.life, func(what trouble) { p.record("disk", 0, string(what)) }}
}

// afterwards repairs what was broken and undoes the run, which must succeed.
func (t *trial) afterwards(report *executor.Report) {
	applied := report.Outcome == executor.Applied
	if report.Outcome == executor.NotStarted || report.Outcome == executor.RolledBack || applied && !t.undo {
		return
	}
	t.lift()
	time.Sleep(time.Minute) // until all that was done shows
	meddled := t.meddled
	for range 2 { // the second time there is nothing to do
		report, _ = t.recover(false)
		if t.violation != "" {
			return
		}
		if report == nil {
			t.violate("P3", "once all was repaired, the run could not be undone")
			return
		}
		t.check(report)
		if report.Outcome != executor.RolledBack && !meddled && !t.launched() {
			t.violate("P3", "once all was repaired, undoing the run ended as %q: cause %v, stopped %v, left %v", report.Outcome, report.Cause, report.Stopped, report.Left)
		}
	}
}

// launched reports whether a step was done that cannot be undone.
func (t *trial) launched() bool {
	return slices.ContainsFunc(t.world.touches, func(id resource.ID) bool { return id.Kind == "instance" && t.item(id).touched })
}
