package view

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Report writes how a run of the plan f ended: what was done or, after a
// failure, what failed, what was undone, what came back with a new id, and
// what is left with the reason for each. The command that recovers a Partial
// outcome is for the caller to add. It writes once and returns the writer's
// error.
func Report(w io.Writer, f planner.File, r *executor.Report, o Options) error {
	p := &page{Options: o}
	switch r.Outcome {
	case executor.Applied:
		stopped(p, r)
		applied(p, f, r)
	case executor.NotStarted:
		cause(p, f, r)
		p.styled(bold, 0, ending(r)+" before its first step; nothing was changed.")
	case executor.RolledBack:
		cause(p, f, r)
		p.line(0, tally(r))
		anew(p, r.New)
		different := "nothing is different."
		if len(r.New) > 0 {
			different = "nothing is different but the ids."
		}
		p.styled(bold, 0, ending(r)+"; "+different)
	default:
		partial(p, f, r)
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// applied writes Terraform's last line, which scripts look for.
func applied(p *page, f planner.File, r *executor.Report) {
	n := countDone(f, r.Done)
	p.styled(green, 0, fmt.Sprintf("Apply complete! Resources: %d added, %d changed, %d destroyed.%s", n.Add, n.Change, n.Destroy, n.eventText()))
}

// countDone counts the resources all of whose steps are among done.
func countDone(f planner.File, done []int) counts {
	open := map[string]int{}
	for _, s := range f.Steps {
		open[s.Resource.String()]++
	}
	for _, i := range done {
		if i >= 0 && i < len(f.Steps) {
			open[f.Steps[i].Resource.String()]--
		}
	}
	var list []planner.ResourceChange
	for _, rc := range f.ResourceChanges {
		if open[rc.Address] == 0 {
			list = append(list, rc)
		}
	}
	return countChanges(list)
}

// cause writes what failed first, or why the run was stopped.
func cause(p *page, f planner.File, r *executor.Report) {
	lead, about := "error: ", ""
	if r.Cancelled {
		lead = "stopped: "
	}
	if r.Failed >= 0 && r.Failed < len(f.Steps) {
		step := f.Steps[r.Failed]
		about = fmt.Sprintf("%s %s: ", step.Action, Escape(step.Resource.String()))
	}
	switch {
	case r.Cause == nil || r.Cause == context.Canceled: // the ending says as much
	case strings.Contains(Escape(r.Cause.Error()), about):
		p.failure(0, lead, "", r.Cause)
	default:
		p.failure(0, lead, about, r.Cause)
	}
}

// stopped writes why nothing more was sent, where the cause is another.
func stopped(p *page, r *executor.Report) {
	if r.Stopped != nil && (r.Cause == nil || r.Stopped.Error() != r.Cause.Error()) {
		p.failure(0, "stopped: ", "", r.Stopped)
	}
}

// ending returns the start of the sentence that says how it ended.
func ending(r *executor.Report) string {
	if r.Cancelled || r.Stopped != nil {
		return "Apply was stopped"
	}
	return "Apply failed"
}

// tally counts the steps.
func tally(r *executor.Report) string {
	failed := ""
	if r.Failed >= 0 {
		failed = ", 1 failed"
	}
	return fmt.Sprintf("Steps: %d done%s, %d undone.", len(r.Done), failed, len(r.Undone))
}

// anew names what rollback had to make again.
func anew(p *page, ids []resource.ID) {
	if len(ids) == 0 {
		return
	}
	var names []string
	for _, id := range ids {
		names = append(names, Escape(id.String()))
	}
	p.item(0, alerts, "Restored with new ids: "+strings.Join(names, ", "))
	p.line(2, "What refers to an old id, such as a trust policy elsewhere, must be pointed at the new one.")
}

// partial writes what is neither as wanted nor as before.
func partial(p *page, f planner.File, r *executor.Report) {
	cause(p, f, r)
	stopped(p, r)
	p.line(0, tally(r))
	anew(p, r.New)
	if len(r.Left) > 0 {
		p.heading("Not as it was before the apply")
	}
	for _, left := range r.Left {
		if left.Err == nil {
			p.item(2, failed, Escape(left.ID.String()))
			continue
		}
		p.put(2, p.mark(failed)+" "+Escape(left.ID.String()))
		p.failure(6, "", "", left.Err)
	}
	p.blank()
	p.styled(bold, 0, ending(r)+"; "+count(len(r.Left), "object")+" not as before.")
	if len(r.Undone) == 0 && len(r.Done) > 0 {
		p.line(0, "Nothing was rolled back. Once the cause is mended, recover it: that finishes it, or undoes what was done.")
	} else {
		p.line(0, "Mend what stands in the way of each object named above, then recover the run; doing so again is safe.")
	}
}
