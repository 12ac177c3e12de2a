package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/view"
)

func recoverCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recover [RUN]",
		Short: "Undo or finish a run that was interrupted",
		Long: `Recover takes up a run that was killed, or that ended half-way, from its journal. It
reads what became of each step that was begun. Then it undoes what was done and
checks that the account is as it was; with --finish it does what is left. By default
a run is undone, since an interrupted apply is a failed one; but past its point of no
return it is finished. A run that was being rolled back can only be undone.

Recover may itself be interrupted, and run again. What somebody else changed since
is left to them and named. Once a later run of the same spec was applied there is
nothing to recover: it has found what this one left. Of several runs of a spec that
were interrupted the newest is recovered first.

With --lost, where the journal is gone, it lists what the run made, by the tag
ssmctl:run that everything taggable carries; groups cannot carry tags.
` + exitStatus(exitDone, exitError, exitRefused, exitRolledBack, exitPartial, exitUsage, exitInterrupted),
		Example: `  ssmctl recover
  ssmctl recover --finish 20261123-231500-k7f3q2
  ssmctl recover --lost 20261123-231500-k7f3q2 -f access.yaml`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if o.finish && o.undo {
				return usageError{errors.New("--finish and --undo are two ways to go: give one of them")}
			}
			if err := o.checkRunFlags(); err != nil {
				return err
			}
			if o.lost != "" {
				return o.listLost(cmd.Context(), given)
			}
			id := ""
			if len(given) > 0 {
				id = given[0]
			}
			r, err := o.findRun(id)
			if err != nil {
				return err
			}
			if r == nil {
				o.say("No run was interrupted; there is nothing to recover.\n")
				return nil
			}
			if errors.Is(r.Err, journal.ErrNotBegun) {
				o.say("Run %s was interrupted before it sent anything. There is nothing to recover.\n", r.Run)
				return nil
			}
			switch {
			case r.Superseded != "":
				return o.tidy(cmd.Context(), r, fmt.Sprintf("%s, and run %s of the same spec was applied since, which found what it left", r.halfWay(), r.Superseded))
			case r.Outcome != "" && r.Outcome != string(executor.Partial):
				return o.tidy(cmd.Context(), r, "has ended: "+r.Outcome)
			}
			return o.resume(cmd.Context(), r, o.direction)
		},
	}
	o.resumeFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.finish, "finish", false, "do what is left to do")
	f.BoolVar(&o.undo, "undo", false, "undo what was done")
	f.StringVar(&o.lost, "lost", "", "list what a `run` made whose journal is gone")
	f.StringVarP(&o.file, "file", "f", "", "with --lost, the `spec` that names the account")
	f.StringVar(&o.region, "region", "", "with --lost, the AWS `region`, which must be the one that the spec names")
	return cmd
}

// say writes a result for people: beside the JSON, where that is asked for.
func (o *options) say(format string, args ...any) {
	w := o.stdio.out
	if o.json {
		w = o.stdio.err
	}
	fmt.Fprintf(w, format, args...)
}

// tidy takes away the lock of a run of which there is nothing to recover, for
// the reason given, if it was killed before it could give it back.
func (o *options) tidy(ctx context.Context, r *storedRun, why string) error {
	h, err := journal.Read(r.dir, r.Run)
	if err != nil {
		return err
	}
	session, err := o.reopen(ctx, h.Start)
	if err != nil {
		return err
	}
	broken, err := session.BreakLock(ctx, h.Start.Plan.Spec.Name, r.Run)
	if _, others := errors.AsType[*kind.LockedError](err); err != nil && !others {
		return err
	}
	lock := ""
	if broken != nil {
		lock = " Its lock, which was still there, was taken away."
	}
	o.say("Run %s %s. There is nothing to recover.%s\n", r.Run, view.Escape(why), lock)
	return o.kept.save()
}

func rollbackCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollback RUN",
		Short: "Undo a run that ended well",
		Long: `Rollback undoes all that a run did, from its journal, as long as it still stands: what
somebody else has changed since is left alone and named. It then checks that the
account is as it was before the run. Runs of a spec are undone from the newest on.
` + exitStatus(exitDone, exitError, exitRefused, exitPartial, exitUsage, exitInterrupted),
		Example: `  ssmctl runs
  ssmctl rollback 20261123-231500-k7f3q2`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if err := o.checkRunFlags(); err != nil {
				return err
			}
			r, err := o.findRun(given[0])
			if err != nil {
				return err
			}
			if r.Outcome == string(executor.RolledBack) {
				return refusedError{fmt.Errorf("run %s has been undone already", r.Run)}
			}
			return o.resume(cmd.Context(), r, func(journal.History, *planner.Plan) (bool, error) { return false, nil })
		},
	}
	o.resumeFlags(cmd)
	return cmd
}

// resumeFlags are those of commands that take up a run.
func (o *options) resumeFlags(cmd *cobra.Command) {
	o.accountFlags(cmd)
	o.lockFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print events as JSON, one object a line; the last is the result")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	f.IntVar(&o.parallelism, "parallelism", 10, "how many steps may run at once")
	o.onFailure = rollback
}

// undoing reports whether a run's rollback had begun.
func undoing(h journal.History) bool { return h.Phase() == journal.Undoing }

// direction says whether to finish a run rather than undo it.
func (o *options) direction(h journal.History, p *planner.Plan) (finish bool, err error) {
	back := undoing(h)
	switch {
	case o.finish && back:
		return false, refusedError{fmt.Errorf("run %s was being rolled back, so it can only be undone\ndrop --finish, then apply again", h.Start.Run)}
	case o.finish || o.undo:
		return o.finish, nil
	}
	return !back && passed(h, p), nil
}

// passed reports whether a step may have been done that cannot be undone.
func passed(h journal.History, p *planner.Plan) bool {
	for _, r := range h.Records {
		if r.Type == journal.Intent && r.Step >= 0 && p.Steps[r.Step].Loss.Final {
			return true
		}
	}
	return false
}

// resume takes up a run where its journal ends, unless a later one stands on it.
func (o *options) resume(ctx context.Context, r *storedRun, direction func(journal.History, *planner.Plan) (bool, error)) error {
	if err := o.checkLater(r); err != nil {
		return err
	}
	if o.json && !o.autoApprove {
		return usageError{errors.New("--json leaves no room for a question: add --auto-approve")}
	}
	j, h, err := journal.Open(r.dir, r.Run)
	if errors.Is(err, journal.ErrBusy) {
		return refusedError{fmt.Errorf("run %s: %w\nit need not be recovered while it goes on", r.Run, err)}
	}
	if err != nil {
		return err
	}
	k := &keptRun{Journal: j, id: r.Run, dir: r.dir}
	defer k.Close()
	plan, err := planner.Restore(h.Start.Plan, h.Start.Steps, kind.Decode)
	if err != nil {
		return fmt.Errorf("the plan of run %s: %w", r.Run, err)
	}
	finish, err := direction(h, plan)
	if err != nil {
		return err
	}
	session, err := o.reopen(ctx, h.Start)
	if err != nil {
		return err
	}
	changes := make([]resource.Change, len(plan.Steps))
	for i, s := range plan.Steps {
		changes[i] = s.Change
	}
	if err := session.Attend(ctx, plan.Spec.Name, changes); err != nil {
		return err
	}
	session.Begin(r.Run)
	what := "Undoing"
	if finish {
		what = "Finishing"
	}
	o.say("%s run %s of ssmctl %s %s, begun %s.\n", what, r.Run, view.Escape(h.Start.Command), view.Escape(plan.Spec.File), r.Started.Local().Format(time.DateTime))
	if r.Outcome == "" {
		if err := o.noteUnlocked(ctx, session, h); err != nil {
			return err
		}
	}
	if !o.autoApprove {
		if err := o.confirm(ctx, "Go on in account "+plan.Environment.Account+"?"); err != nil {
			return err
		}
	}
	if err := o.takeOver(ctx, session, k, h); err != nil {
		return errors.Join(err, o.dropLock(session)) // it may have been taken, its answer lost
	}
	w := working{account: session, file: h.Start.Plan, journal: k}
	do := func(ctx context.Context, e *executor.Executor) *executor.Report { return e.Finish(ctx, plan, h) }
	if !finish {
		do = func(ctx context.Context, e *executor.Executor) *executor.Report { return e.Undo(ctx, plan, h) }
		w.wanted = executor.RolledBack
		w.ending = func(report *executor.Report, style view.Options) error {
			return view.Undone(o.stdio.out, report, style)
		}
	}
	_, err = o.work(ctx, w, do)
	return err
}

// noteUnlocked warns of a run that was interrupted and no longer has its lock:
// whoever took that away may have applied the spec from another machine, whose
// journals are not here. That of a sandbox in this process died with the run.
func (o *options) noteUnlocked(ctx context.Context, session *kind.Session, h journal.History) error {
	locked := slices.ContainsFunc(h.Records, func(r journal.Record) bool { return r.Type == journal.Locked })
	sent := slices.ContainsFunc(h.Records, func(r journal.Record) bool { return r.Type == journal.Intent })
	if o.noLock || o.kept != nil || !locked || !sent {
		return nil
	}
	held, err := session.Locked(ctx, h.Start.Plan.Spec.Name)
	if err == nil && held == nil {
		fmt.Fprint(o.stdio.err, "note: somebody took the lock of this run away. If the spec was applied since, from another machine, do not go on: that apply stands on what this run left.\n")
	}
	return err
}

// takeOver takes the lock for a run that may hold it already.
func (o *options) takeOver(ctx context.Context, session *kind.Session, k *keptRun, h journal.History) error {
	if o.noLock {
		return nil
	}
	var mine []string
	for _, r := range h.Records {
		if r.Type == journal.Locked {
			mine = append(mine, r.Holder)
		}
	}
	l := newLock(h.Start.Plan.Spec.Name, k.id, "recover", session.Caller.ARN)
	if err := k.locked(l); err != nil {
		return err
	}
	err := session.TakeOver(ctx, l, mine)
	if held, ok := errors.AsType[*kind.LockedError](err); ok {
		return o.lockedOut(held, h.Start.Plan.Spec.File)
	}
	return err
}

// listLost lists what a run made, by its tag.
func (o *options) listLost(ctx context.Context, given []string) error {
	if len(given) > 0 {
		return usageError{errors.New("with --lost no other run is named")}
	}
	name, err := o.specFile(nil)
	if err != nil {
		return err
	}
	loaded, err := o.load(name)
	if err != nil {
		return err
	}
	session, err := o.open(ctx, loaded.Spec.Account, loaded.Spec.Region)
	if err != nil {
		return err
	}
	if err := o.checkAccount(name, loaded.Spec.Account, loaded.Spec.Region, loaded.Spec.Partition, session.Caller); err != nil {
		return err
	}
	made, err := session.Made(ctx, o.lost)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(o.stdio.out, append([]kind.Orphan{}, made...))
	}
	lines := make([]view.Tagged, len(made))
	for i, m := range made {
		lines[i] = view.Tagged{ARN: m.ARN, Spec: m.Owner}
		if m.ID != (resource.ID{}) { // else it is of no kind of ours
			lines[i].Name = m.ID.String()
		}
	}
	return view.Lost(o.stdio.out, o.lost, lines, o.style(o.stdio.out))
}
