package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/view"
)

func applyCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply [SPEC|PLANFILE]",
		Short: "Make the account what a spec says, or undo everything",
		Long: `Apply plans, shows the plan, asks, and carries it out. If anything fails it
puts the account back as it was and reads it again to prove it.

Given a plan saved with ` + "`plan --out`" + ` it does not ask: the plan is the approval. It
plans again from the same spec, and refuses if anything moved since.

The first Ctrl-C (or SIGTERM, or SIGHUP) ends it in good order: what is in
flight ends, then everything is undone. The second ends it at once.
` + exitStatus(exitDone, exitError, exitInvalid, exitRefused, exitRolledBack, exitPartial, exitUsage, exitInterrupted),
		Example: `  ssmctl apply access.yaml
  ssmctl apply plan.json
  ssmctl apply --auto-approve --json access.yaml | jq 'select(.type == "result")'`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if err := o.checkRunFlags(); err != nil {
				return err
			}
			if len(given) > 0 && given[0] != standardInput {
				data, err := o.read(given[0])
				if err != nil {
					return err
				}
				if isOtherJSON(data) {
					return o.applySaved(cmd.Context(), given[0], data)
				}
			}
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			return o.planAndRun(cmd.Context(), name, false)
		},
	}
	o.runFlags(cmd)
	return cmd
}

func destroyCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "destroy [SPEC]",
		Short: "Delete all that a spec owns",
		Long: `Destroy deletes everything in the account that the spec owns, and revokes what it
granted to others. It refuses if the spec protects any of that. What the spec only
mentions stays. It shows the plan, asks, and rolls back as apply does.
` + exitStatus(exitDone, exitError, exitInvalid, exitRefused, exitRolledBack, exitPartial, exitUsage, exitInterrupted),
		Example: `  ssmctl destroy access.yaml
  ssmctl destroy --auto-approve --accept-irreversible 1 access.yaml`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if err := o.checkRunFlags(); err != nil {
				return err
			}
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			return o.planAndRun(cmd.Context(), name, true)
		},
	}
	o.runFlags(cmd)
	return cmd
}

// What --on-failure takes.
const (
	rollback = "rollback"
	keep     = "keep"
)

func (o *options) runFlags(cmd *cobra.Command) {
	o.specFlags(cmd)
	o.accountFlags(cmd)
	o.planFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print events as JSON, one object a line; the last is the result")
	f.BoolVar(&o.full, "full", false, "show policy documents in full")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	f.IntVar(&o.parallelism, "parallelism", 10, "how many steps may run at once")
	f.StringVar(&o.onFailure, "on-failure", rollback, "what to do when a step fails or the run is stopped: rollback or keep")
	complete(cmd, "on-failure", rollback, keep)
	o.lockFlags(cmd)
	f.IntVar(&o.acceptIrreversible, "accept-irreversible", 0, "accept the `n` steps of the plan that cannot be undone")
}

func (o *options) checkRunFlags() error {
	switch {
	case o.parallelism < 1:
		return usageError{errors.New("--parallelism takes a number from 1")}
	case o.lockTimeout < 0 || o.settle < 0:
		return usageError{errors.New("--lock-timeout and --settle take a duration such as 30s")}
	case o.noLock && o.lockTimeout > 0:
		return usageError{errors.New("--lock-timeout waits for the lock that --no-lock goes without: give one of them")}
	case o.onFailure != rollback && o.onFailure != keep:
		return usageError{fmt.Errorf("--on-failure %q: give rollback or keep", o.onFailure)}
	}
	return o.checkAccountFlags()
}

// planAndRun plans, shows, asks and runs.
func (o *options) planAndRun(ctx context.Context, name string, destroy bool) error {
	if o.json && !o.autoApprove {
		return usageError{errors.New("--json leaves no room for a question: add --auto-approve, or apply a saved plan")}
	}
	p, err := o.prepare(ctx, name, destroy)
	if err != nil {
		return err
	}
	if len(p.plan.Steps) == 0 {
		return o.nothingToDo(p)
	}
	if !o.json {
		if err := o.showPlan(p.file); err != nil {
			return err
		}
	}
	if err := o.accept(p.plan); err != nil {
		return err
	}
	verb, command := "Apply to", "apply"
	if destroy {
		verb, command = "Destroy all of this in", "destroy"
	}
	if !o.autoApprove {
		if err := o.confirm(ctx, verb+" "+p.where()+"?"); err != nil {
			return err
		}
	}
	return o.run(ctx, p, command, !o.autoApprove)
}

// nothingToDo says so, in the form that was asked for.
func (o *options) nothingToDo(p *prepared) error {
	if err := o.kept.save(); err != nil {
		return err
	}
	if !o.json {
		return o.showPlan(p.file)
	}
	events := view.NewJSONEvents(o.stdio.out, p.file, "")
	events.Plan(time.Now())
	return events.Report(&executor.Report{Outcome: executor.Applied, Failed: -1}, time.Now())
}

// accept checks that what cannot be undone was accepted, by number.
func (o *options) accept(p *planner.Plan) error {
	final := 0
	for _, s := range p.Losses() {
		if s.Loss.Final {
			final++
		}
	}
	if final == o.acceptIrreversible {
		return nil
	}
	if final == 0 {
		return refusedError{fmt.Errorf("--accept-irreversible %d: every step of this plan can be undone\ndrop the flag", o.acceptIrreversible)}
	}
	steps := "steps"
	if final == 1 {
		steps = "step"
	}
	return refusedError{fmt.Errorf("%d %s of this plan cannot be undone\nif that is meant, add --accept-irreversible %d", final, steps, final)}
}
