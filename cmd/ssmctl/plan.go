package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/view"
)

func validateCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [SPEC]",
		Short: "Check a spec without asking AWS",
		Args:  args(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, given []string) error {
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			loaded, _, err := o.load(name)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(o.stdio.out, "%s is valid: %d objects. Nothing was sent to AWS.\n", view.Escape(name), loaded.Desired.State.Len())
			return err
		},
	}
}

func planCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan [SPEC]",
		Short: "Show what differs between a spec and the account",
		Long: `Plan shows what differs between a spec and the live account. It changes nothing.

A plan saved with --out can be applied as it is: ` + "`ssmctl apply FILE`" + ` plans again
and goes ahead only if nothing moved.
` + exitStatus,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) (err error) {
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			o.maxDeletesSet = cmd.Flags().Changed("max-deletes")
			p, err := o.prepare(cmd.Context(), name, false)
			if err != nil {
				return err
			}
			if err := o.showPlan(p.file); err != nil {
				return err
			}
			if err := p.account.close(); err != nil {
				return err
			}
			if o.out != "" {
				if err := savePlan(o.out, p.file); err != nil {
					return err
				}
				fmt.Fprintf(o.stdio.err, "Saved to %s; `ssmctl apply %s` applies exactly this.\n", view.Escape(o.out), view.Escape(o.out))
			}
			if o.detailedExitcode && len(p.plan.Steps) > 0 {
				return errDifferent
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print the plan as JSON")
	f.BoolVar(&o.full, "full", false, "show policy documents in full")
	f.StringVar(&o.out, "out", "", "save the plan to a `file`")
	f.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "exit with 2 if there are changes")
	f.IntVar(&o.maxDeletes, "max-deletes", 0, "refuse a plan that deletes more than `n` objects (default: more than 10 and than 30 %)")
	return cmd
}

// showPlan writes a plan in the form that was asked for.
func (o *options) showPlan(f planner.File) error {
	if o.json {
		return view.PlanJSON(o.stdio.out, f)
	}
	return view.Plan(o.stdio.out, f, o.style(o.stdio.out))
}

func savePlan(name string, f planner.File) error {
	text, err := f.Encode()
	if err != nil {
		return err
	}
	return replaceFile(name, text)
}

func showCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show PLANFILE",
		Short: "Show a saved plan",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, given []string) error {
			data, err := readFile(given[0])
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
	cmd.Flags().BoolVar(&o.json, "json", false, "print the plan as JSON")
	cmd.Flags().BoolVar(&o.full, "full", false, "show policy documents in full")
	return cmd
}

// A staleError is an approval that no longer holds.
type staleError []planner.Moved

func (staleError) Error() string { return errors.New("the plan is stale").Error() }
