package view

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// JSONEvents writes a run as a stream of JSON objects, one a line, in the
// shape of Terraform's machine-readable output: @level, @message, @module,
// @timestamp and type, with apply_start, apply_progress, apply_complete,
// apply_errored, diagnostic and change_summary where Terraform has them. What
// Terraform does not know has types of its own: apply_retry; undo_start and so
// on for the steps of a rollback, framed by rollback_start; verify_start,
// verify_complete and verify_errored; and result, which ends the stream.
//
// Its methods may be called from several goroutines. A writer that fails does
// not stop the run: what follows is dropped, and Report returns the error.
type JSONEvents struct {
	mu   sync.Mutex
	w    io.Writer
	file planner.File
	id   string
	run  *run
	err  error
}

// NewJSONEvents returns a JSONEvents for a run of the plan f, of that id; ""
// if nothing is run.
func NewJSONEvents(w io.Writer, f planner.File, id string) *JSONEvents {
	return &JSONEvents{w: w, file: f, id: id, run: newRun(f)}
}

// Plan writes what is about to be applied: the version, each planned change
// and their summary, stamped with the given time.
func (j *JSONEvents) Plan(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	version := j.file.SsmctlVersion
	j.write(line{Type: "version", Message: "ssmctl " + version, Ssmctl: version, UI: "1.0", Timestamp: now})
	for _, rc := range j.file.ResourceChanges {
		h := &hook{Resource: named(resource.ID{Kind: rc.Type, Name: rc.Name})}
		if len(rc.Change.Actions) > 0 {
			h.Action = rc.Change.Actions[0]
		}
		j.write(line{Type: "planned_change", Message: fmt.Sprintf("%s: plan to %s", rc.Address, h.Action), Change: h, Timestamp: now})
	}
	n := countChanges(j.file.ResourceChanges)
	j.write(line{
		Type: "change_summary", Timestamp: now, Changes: n.summarized("plan"),
		Message: fmt.Sprintf("Plan: %d to add, %d to change, %d to destroy.", n.Add, n.Change, n.Destroy),
	})
}

// Event writes e. It is made to be an executor's OnEvent.
func (j *JSONEvents) Event(e executor.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.run.follow(e)
	l := line{Timestamp: e.Time}
	switch s := j.run.step(e); {
	case s != nil:
		l.ofStep(s, e)
	case e.Type == executor.RollbackStarted:
		l.Type, l.Message, l.Steps = "rollback_start", "Rolling back "+count(e.Steps, "step"), e.Steps
	case e.Type == executor.VerifyStarted:
		l.Type, l.Message = "verify_start", "Reading the account to check"
	case e.Type == executor.VerifyEnded && e.Err != nil:
		l.fail("verify_errored", "Check failed", e.Err)
	case e.Type == executor.VerifyEnded:
		l.Type, l.Message = "verify_complete", "The account is as it should be"
	default:
		return
	}
	j.write(l)
}

// ofStep fills in what happened to a step.
func (l *line) ofStep(s *step, e executor.Event) {
	phase := "apply"
	if e.Undo {
		phase = "undo"
	}
	l.Hook = &hook{Resource: named(s.id), Action: s.action, Reason: e.Reason}
	switch {
	case e.Type == executor.StepStarted:
		l.Type, l.Message = phase+"_start", s.address+": "+s.doing()
	case e.Type == executor.StepRetried:
		l.Type, l.Message = phase+"_retry", fmt.Sprintf("%s: attempt %d: %s", s.address, e.Attempt, e.Reason)
		l.Hook.Attempt = e.Attempt
	default:
		l.Type, l.Message = phase+"_complete", fmt.Sprintf("%s: %s after %s", s.address, s.did(), seconds(e.Elapsed))
		l.Hook.Elapsed = new(e.Elapsed.Seconds())
		if e.Err != nil {
			l.fail(phase+"_errored", s.address, e.Err)
		}
	}
}

// Tick tells j the time, to be called about once a second: every ten seconds
// it writes apply_progress for each step that still runs.
func (j *JSONEvents) Tick(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.run.due(now) {
		elapsed := now.Sub(s.start)
		kind := "apply_progress"
		if s.undo {
			kind = "undo_progress"
		}
		j.write(line{
			Type: kind, Timestamp: now,
			Message: fmt.Sprintf("%s: still %s after %s", s.address, s.doing(), seconds(elapsed)),
			Hook:    &hook{Resource: named(s.id), Action: s.action, Elapsed: new(elapsed.Seconds()), Reason: s.waiting},
		})
	}
}

// Report writes how the run ended: the cause as a diagnostic, the summary of
// what was done, and the result, stamped with the given time. It returns the
// first error of the writer since j was made.
func (j *JSONEvents) Report(r *executor.Report, now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	res := &result{Run: j.id, Outcome: r.Outcome, Cancelled: r.Cancelled, Done: j.addresses(r.Done), Undone: j.addresses(r.Undone), Left: []leftover{}, New: []string{}}
	if r.Failed >= 0 && r.Failed < len(j.run.steps) {
		res.Failed = j.run.steps[r.Failed].address
	}
	if r.Stopped != nil {
		res.Stopped = r.Stopped.Error()
	}
	if r.Cause != nil {
		res.Cause = r.Cause.Error()
		j.write(diagnosed(now, res.Failed, r.Cause))
	}
	for _, left := range r.Left {
		entry := leftover{Address: left.ID.String()}
		if left.Err != nil {
			entry.Error, entry.Help = left.Err.Error(), help(left.Err)
			j.write(diagnosed(now, entry.Address, left.Err))
		}
		res.Left = append(res.Left, entry)
	}
	for _, id := range r.New {
		res.New = append(res.New, id.String())
	}
	if r.Outcome == executor.Applied {
		n := countDone(j.file, r.Done)
		j.write(line{
			Type: "change_summary", Timestamp: now, Changes: n.summarized("apply"),
			Message: fmt.Sprintf("Apply complete! Resources: %d added, %d changed, %d destroyed.", n.Add, n.Change, n.Destroy),
		})
	}
	end := line{Type: "result", Timestamp: now, Message: "Apply ended: " + string(r.Outcome), Result: res}
	if r.Outcome != executor.Applied {
		end.Level = "error"
	}
	j.write(end)
	return j.err
}

// addresses returns the addresses of steps, each once.
func (j *JSONEvents) addresses(steps []int) []string {
	out, seen := []string{}, map[resource.ID]bool{}
	for _, i := range steps {
		if i < 0 || i >= len(j.run.steps) || seen[j.run.steps[i].id] {
			continue
		}
		seen[j.run.steps[i].id] = true
		out = append(out, j.run.steps[i].address)
	}
	return out
}

// write writes one line.
func (j *JSONEvents) write(l line) {
	if j.err != nil {
		return
	}
	if l.Level == "" {
		l.Level = "info"
	}
	l.Module = "ssmctl.ui"
	text, err := json.Marshal(l)
	if err != nil {
		j.err = err
		return
	}
	_, j.err = j.w.Write(append(escapeJSON(text), '\n'))
}
