package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/view"
)

func planCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan [SPEC]",
		Short: "Show what differs between a spec and the account",
		Long: `Plan shows what differs between a spec and the live account. It changes nothing.

A plan saved with --out can be applied as it is: ` + "`ssmctl apply FILE`" + ` plans again
and goes ahead only if nothing moved.
` + exitStatus(exitDone, exitError, exitDifferent, exitInvalid, exitRefused, exitUsage, exitInterrupted),
		Example: `  ssmctl plan access.yaml
  ssmctl plan --out plan.json access.yaml
  ssmctl plan --detailed-exitcode access.yaml
  ssmctl plan --json access.yaml | jq '.resource_changes[].address'`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if err := o.checkAccountFlags(); err != nil {
				return err
			}
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			if o.out != "" {
				if err := checkOut(o.out); err != nil {
					return err
				}
			}
			p, err := o.prepare(cmd.Context(), name, false)
			if err != nil {
				return err
			}
			return o.finishPlan(p)
		},
	}
	o.specFlags(cmd)
	o.accountFlags(cmd)
	o.planFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print the plan as JSON")
	f.BoolVar(&o.full, "full", false, "show policy documents in full")
	f.StringVar(&o.out, "out", "", "save the plan to a `file`, readable only by its owner")
	f.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there are changes")
	return cmd
}

// finishPlan shows and saves a plan.
func (o *options) finishPlan(p *prepared) error {
	if err := o.showPlan(p.file); err != nil {
		return err
	}
	if err := o.kept.save(); err != nil {
		return err
	}
	if o.out != "" {
		if err := savePlan(o.out, p.file); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		fmt.Fprintf(o.stdio.err, "Saved to %s; `%s` applies exactly this.\n", view.Escape(o.out), view.Escape(o.again("apply", o.out)))
	}
	if o.detailedExitcode && len(p.plan.Steps) > 0 {
		return errDifferent
	}
	return nil
}

// showPlan writes a plan in the form that was asked for.
func (o *options) showPlan(f planner.File) error {
	if o.json {
		return view.PlanJSON(o.stdio.out, f)
	}
	return view.Plan(o.stdio.out, f, o.style(o.stdio.out))
}

func showCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show PLANFILE|RUN",
		Short: "Show a saved plan, or what a run did",
		Long: "Show shows a plan that `plan --out` saved, as `plan` did; or, given the id of a run\nthat `runs` lists, what that run did, step by step. It asks nobody.\n" +
			exitStatus(exitDone, exitError, exitRefused, exitUsage),
		Example: `  ssmctl show plan.json
  ssmctl show --full plan.json
  ssmctl show 20261123-231500-k7f3q2`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, given []string) error {
			if _, err := os.Stat(given[0]); err != nil && journal.IsRun(given[0]) {
				return o.showRun(given[0])
			}
			data, err := o.read(given[0])
			if err != nil {
				return err
			}
			f, err := decodePlan(given[0], data)
			if err != nil {
				return err
			}
			return o.showPlan(f)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the plan, or the records of the run, as JSON")
	cmd.Flags().BoolVar(&o.full, "full", false, "show policy documents in full")
	o.stateFlags(cmd)
	o.sandboxFile(cmd)
	return cmd
}
