package simulation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A deepTrial is one run of a plan of the second depth, with all of its
// recoveries.
type deepTrial struct {
	site *site
	scenario
	server *sandbox.Server
	disk   *disk
	shared *wires
	rand   *rand.Rand
	acts   []act // of somebody else
	acted  map[int]bool

	crashes, recoveries int
	locked              bool // a process could not give the lock back

	outcome             executor.Outcome
	property, violation string
	taped               bool
	tape                []string
	hash                uint64
}

// play runs the plan under a scenario and holds the result against the
// properties. It must be called in a bubble of synctest.
func (s *site) play(sc scenario, taped bool) *deepTrial {
	nextSecond()
	server, err := sandbox.Load(bytes.NewReader(s.saved))
	if err != nil {
		panic(err)
	}
	t := &deepTrial{
		site: s, scenario: sc, server: server, taped: taped,
		disk:  &disk{memory: &journal.Memory{}, faults: sc.faults},
		rand:  rand.New(rand.NewPCG(s.seed, 1)),
		acted: map[int]bool{},
	}
	t.shared = &wires{faults: sc.faults, record: t.record, meddle: t.meddle, unlock: t.unlock, violate: t.violate}
	report, begun := t.first()
	for lives := 1; begun && (report == nil || report.Stopped != nil); lives++ {
		if len(t.acts) > 0 && report != nil && lives > 3 {
			break // it will not be finished as long as they do not agree
		}
		if lives > maxLives {
			t.violate("P3", "still not recovered after %d processes: %+v", lives, report)
			return t
		}
		if lives%3 == 0 {
			t.server.ClearFaults()
		}
		report, begun = t.recover(t.finish)
	}
	if t.locked {
		t.server.ClearFaults()
		if err := t.unlock(); err != nil {
			t.violate("P3", "the lock cannot be taken away: %v", err)
		}
	}
	if !begun {
		t.outcome = executor.NotStarted
		t.same(s.before)
		return t
	}
	t.outcome = report.Outcome
	t.check(report)
	if allowed := t.expected(t.irreversible(report)); t.violation == "" && allowed != nil && !slices.Contains(allowed, report.Outcome) {
		t.violate("P3", "ended as %q: cause %v, stopped %v, left %v", report.Outcome, report.Cause, report.Stopped, report.Left)
	}
	if report.Outcome == executor.Partial || report.Outcome == executor.Applied && t.undo {
		t.afterwards()
	}
	return t
}

func (t *deepTrial) record(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	for i := range len(line) {
		t.hash = (t.hash ^ uint64(line[i])) * 1099511628211
	}
	if t.taped {
		t.tape = append(t.tape, line)
	}
}

func (t *deepTrial) violate(property, format string, args ...any) {
	if t.violation == "" {
		t.property, t.violation = property, fmt.Sprintf(format, args...)
	}
}

// meddle lets somebody else do something.
func (t *deepTrial) meddle(pick uint64) {
	n := int(pick % uint64(len(acts)))
	if !t.acted[n] && acts[n].do(context.Background(), foreigner(t.server)) == nil {
		t.acted[n] = true
		t.acts = append(t.acts, acts[n])
	}
}

// A deepProcess is one life of ssmctl.
type deepProcess struct {
	life
	wire   *wire
	volume *volume
	ctx    context.Context
	tally  tally
}

func (t *deepTrial) newProcess() *deepProcess {
	p := &deepProcess{}
	p.wire = &wire{life: &p.life, server: t.server, shared: t.shared, attempts: map[string]attempts{}}
	p.volume = &volume{t.disk.memory, &t.shared.mu, t.disk, &p.life, func(what trouble) { t.record("disk: %s", what) }}
	p.ctx, t.shared.signal = context.WithCancel(context.Background())
	return p
}

// connect opens a session that is ready for the plan's changes.
func (t *deepTrial) connect(p *deepProcess) (*kind.Session, error) {
	session, err := kind.Connect(p.ctx, kind.Target{Region: t.server.Region(), HTTPClient: &http.Client{Transport: p.wire}})
	if err != nil {
		return nil, err
	}
	session.Begin(runID)
	return session, session.Attend(p.ctx, "test", t.site.changes)
}

func (t *deepTrial) first() (*executor.Report, bool) {
	p := t.newProcess()
	session, err := t.connect(p)
	if err != nil {
		panic(err) // no fault strikes yet
	}
	p.wire.open = true
	j, err := journal.Create(p.volume, t.site.begin, time.Now())
	if err != nil {
		t.mourn(p)
		return nil, t.disk.exists()
	}
	defer j.Close()
	e := t.executor(p, session, j)
	e.Keep = t.keep
	if !t.lock(p, session, &e, session.TakeLock) {
		t.mourn(p)
		return nil, p.dead || t.locked // else the journal is removed
	}
	return t.end(p, session, e.Run(p.ctx, t.site.plan)), true
}

// recover goes on with the run in a new process, which knows of it what the
// journal says.
func (t *deepTrial) recover(finish bool) (*executor.Report, bool) {
	t.recoveries++
	t.record("recover")
	p := t.newProcess()
	p.wire.open = true
	j, h, err := journal.Open(p.volume, runID)
	if err != nil {
		t.mourn(p)
		if !p.dead && !errors.Is(err, errDisk) && t.disk.exists() {
			t.violate("P3", "the journal cannot be opened: %v", err)
			return nil, false
		}
		return nil, t.disk.exists()
	}
	defer j.Close()
	plan, err := planner.Restore(h.Start.Plan, h.Start.Steps, kind.Decode)
	if err != nil {
		t.violate("P3", "the plan cannot be restored: %v", err)
		return nil, false
	}
	session, err := t.connect(p)
	if err != nil {
		t.record("cannot connect: %v", err)
		t.mourn(p)
		return nil, true
	}
	e := t.executor(p, session, j)
	if !t.lock(p, session, &e, func(ctx context.Context, l kind.Lock) error { return session.TakeOver(ctx, l, holders(h)) }) {
		t.mourn(p)
		return nil, true
	}
	if finish && h.Phase() != journal.Undoing {
		return t.end(p, session, e.Finish(p.ctx, plan, h)), true
	}
	return t.end(p, session, e.Undo(p.ctx, plan, h)), true
}

// executor returns an executor that works for a process, and counts what it
// sends.
func (t *deepTrial) executor(p *deepProcess, session *kind.Session, j *journal.Journal) executor.Executor {
	return executor.Executor{
		Account: counted{session, &p.tally}, Journal: j, Jitter: t.rand.Float64, Settle: settle, OnEvent: p.tally.event,
	}
}

func (t *deepTrial) mourn(p *deepProcess) {
	if p.dead {
		t.crashes++
	}
	t.disk.mourn(t.rand.IntN)
}

func (t *deepTrial) end(p *deepProcess, session *kind.Session, r *executor.Report) *executor.Report {
	if err := p.tally.excess(); err != nil {
		t.violate("P8", "%v", err)
	}
	t.drop(p, session)
	t.mourn(p)
	t.shared.signal()
	if p.dead {
		t.record("died")
		return nil
	}
	t.record("ended: %s", r.Outcome)
	if t.taped {
		t.tape = append(t.tape, fmt.Sprintf("  cause %v; stopped %v; left %v; new %v", r.Cause, r.Stopped, r.Left, r.New))
	}
	return r
}

// irreversible reports whether something is left different, or done, that the
// plan said cannot be undone.
func (t *deepTrial) irreversible(r *executor.Report) bool {
	return slices.ContainsFunc(t.site.plan.Losses(), func(s planner.Step) bool {
		return s.Loss.Final && (r.Outcome == executor.Applied || r.Stopped != nil || slices.ContainsFunc(r.Left, func(l executor.Left) bool { return l.ID == s.ID() }))
	})
}

// afterwards repairs what was broken and undoes the run, which must succeed.
func (t *deepTrial) afterwards() {
	t.shared.faults, t.disk.faults = nil, nil
	t.server.ClearFaults()
	time.Sleep(time.Minute)
	acted := len(t.acts) > 0
	r, _ := t.recover(false)
	switch {
	case t.violation != "":
	case r == nil:
		t.violate("P3", "once all was repaired, the run could not be undone")
	case r.Outcome == executor.RolledBack:
		t.check(r)
	case !acted && !t.irreversible(r):
		t.violate("P3", "once all was repaired, undoing the run ended as %q: cause %v, stopped %v, left %v", r.Outcome, r.Cause, r.Stopped, r.Left)
	}
}
