package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/view"
)

func runsCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs that changed something, or were interrupted",
		Long: `Runs lists what apply, destroy and rollback did from this machine, the newest first.
A run that is interrupted can be finished or undone with ` + "`recover`" + `, one that ended
well can be undone with ` + "`rollback`" + `. One that was interrupted is superseded once a
later run of its spec was applied, which finds what it left: nothing is to be recovered.

Each run has a directory of its name, which holds its journal. Delete it, and the run is
forgotten.
` + exitStatus(exitDone, exitError, exitUsage),
		Example: `  ssmctl runs
  ssmctl runs --json | jq '.[] | select(.outcome == "interrupted")'`,
		Args: args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			all, err := o.stored()
			if err != nil {
				return err
			}
			if o.json {
				return printJSON(o.stdio.out, rows(all))
			}
			lines := make([]view.ListedRun, len(all))
			for i, r := range all {
				lines[i] = r.ListedRun
			}
			return view.Runs(o.stdio.out, lines, o.style(o.stdio.out))
		},
	}
	o.stateFlags(cmd)
	o.sandboxFile(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print the list as JSON")
	return cmd
}

// newestFirst sorts runs by when they began. Of runs that began in the same
// second the ids do not tell.
func newestFirst(all []storedRun) {
	slices.SortStableFunc(all, func(a, b storedRun) int {
		return cmp.Or(b.began().Compare(a.began()), strings.Compare(b.Run, a.Run))
	})
}

// began is when a run began: of one that cannot be read, what its id says.
func (r storedRun) began() time.Time {
	if r.Started.IsZero() && len(r.Run) > len(runTime) {
		at, _ := time.Parse(runTime, r.Run[:len(runTime)])
		return at
	}
	return r.Started
}

// runTime is how the id of a run begins.
const runTime = "20060102-150405"

// halfWay says how a run stopped that did not come to its end.
func (r storedRun) halfWay() string {
	if r.Outcome == "" {
		return "was interrupted"
	}
	return "ended half-way"
}

// A runRow is a run as JSON.
type runRow struct {
	Run        string    `json:"run"`
	Started    time.Time `json:"started,omitzero"`
	Command    string    `json:"command"`
	Spec       string    `json:"spec"`
	Account    string    `json:"account"`
	Outcome    string    `json:"outcome"` // "interrupted", "superseded", "under way", or how it ended
	Superseded string    `json:"superseded_by,omitempty"`
}

func rows(all []storedRun) []runRow {
	out := make([]runRow, len(all))
	for i, r := range all {
		out[i] = runRow{r.Run, r.Started, r.Command, r.Spec, r.Account, view.Standing(r.ListedRun), r.Superseded}
	}
	return out
}

// showRun shows what a run did.
func (o *options) showRun(id string) error {
	r, err := o.findRun(id)
	if err != nil {
		return err
	}
	h, err := journal.Read(r.dir, r.Run)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(o.stdio.out, h.Records)
	}
	standing := "It ended: " + r.Outcome + "."
	switch {
	case r.Busy:
		standing = "It is under way."
	case r.Superseded != "":
		standing = fmt.Sprintf("It %s. Run %s was applied since, and dealt with what it left.", r.halfWay(), r.Superseded)
	case r.Outcome == "":
		standing = "It was interrupted. To undo or finish it: " + o.again("recover", r.Run)
	}
	return view.History(o.stdio.out, h, view.Escape(standing), o.style(o.stdio.out))
}
