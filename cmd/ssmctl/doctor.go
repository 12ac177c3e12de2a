package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/view"
)

func doctorCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor [SPEC]",
		Short: "Check that an apply could run, and which rights it needs",
		Long: `Doctor checks all that an apply of the spec relies on: the spec, the directory for
journals, runs that were interrupted, the credentials and whose they are, the lock, and
whether the caller may make every call of the plan and of its rollback. It changes
nothing in the account.

With --permissions it prints the least policies that let a caller plan, apply and roll
back the plan of now, as JSON: one policy document, or a list if one would be too long.
` + exitStatus(exitDone, exitError, exitDifferent, exitInvalid, exitRefused, exitUsage, exitInterrupted),
		Example: `  ssmctl doctor access.yaml
  ssmctl doctor --permissions access.yaml > deployer.json`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if err := o.checkAccountFlags(); err != nil {
				return err
			}
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			if o.permissions {
				return o.printPermissions(cmd.Context(), name)
			}
			return o.examine(cmd.Context(), name)
		},
	}
	o.specFlags(cmd)
	o.accountFlags(cmd)
	o.planFlags(cmd)
	o.stateFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print what was found as JSON")
	f.BoolVar(&o.permissions, "permissions", false, "print the least policies that the plan and its rollback need")
	return cmd
}

// printPermissions prints what a caller has to be allowed.
func (o *options) printPermissions(ctx context.Context, name string) error {
	p, err := o.prepareUnchecked(ctx, name)
	if err != nil {
		return err
	}
	if err := o.kept.save(); err != nil {
		return err
	}
	documents := check.Least(check.CallsOf(p.plan, p.account.Calls))
	if len(documents) == 1 {
		return printJSON(o.stdio.out, documents[0])
	}
	return printJSON(o.stdio.out, documents)
}

// prepareUnchecked plans, whatever the caller may do.
func (o *options) prepareUnchecked(ctx context.Context, name string) (*prepared, error) {
	o.anyCaller = true
	defer func() { o.anyCaller = false }()
	return o.prepare(ctx, name, false)
}

// examine checks one thing after the other, as far as each allows the next.
func (o *options) examine(ctx context.Context, name string) error {
	var found []view.Checked
	note := func(what string, err error, fine string) bool {
		c := view.Checked{What: what, Text: fine}
		if err != nil {
			c.Text, c.Wrong = strings.TrimSpace(err.Error()), true
		}
		found = append(found, c)
		return err == nil
	}
	defer func() { _ = o.kept.save() }()

	loaded, err := o.load(name)
	specOK := note("spec", err, name+" is valid")
	root, err := o.journals()
	if err == nil {
		err = writable(root)
	}
	note("journals", err, root+" can be written")
	runs, err := o.stored()
	note("runs", errors.Join(err, unfinished(o, runs)), "no run was interrupted")
	if specOK {
		s := loaded.Spec
		account, err := o.open(ctx, s.Account, s.Region)
		if err == nil {
			err = o.checkAccount(name, s.Account, s.Region, s.Partition, account.Caller)
		}
		if account != nil && note("caller", err, account.Caller.ARN) {
			held, err := account.Locked(ctx, s.Name)
			if err == nil && held != nil {
				err = errors.New("held by " + holderOf(*held))
			}
			note("lock", err, "free")
			p, err := o.prepareFrom(ctx, loaded, name, false, account)
			fine := "nothing to change"
			if err == nil && len(p.plan.Steps) > 0 {
				fine = fmt.Sprintf("%d steps, and the caller may make every call of them and of their rollback, as far as can be told", len(p.plan.Steps))
			}
			if note("plan", err, fine) {
				for _, n := range p.plan.Notes {
					if n.Code == check.CodeCaller {
						found = append(found, view.Checked{What: "rights", Text: n.Text})
					}
				}
			}
		} else if account == nil {
			note("caller", err, "")
		}
	}
	if o.json {
		err = printJSON(o.stdio.out, found)
	} else {
		err = view.Doctor(o.stdio.out, found, o.style(o.stdio.out))
	}
	if err == nil && slices.ContainsFunc(found, func(c view.Checked) bool { return c.Wrong }) {
		return errNo
	}
	return err
}

// unfinished is the error of runs that are to be recovered.
func unfinished(o *options, runs []storedRun) error {
	var lines []string
	for _, r := range runs {
		switch {
		case errors.Is(r.Err, journal.ErrNotBegun):
		case r.Err != nil:
			lines = append(lines, fmt.Sprintf("the journal of run %s cannot be read: %v", r.Run, r.Err))
		case r.unfinished():
			lines = append(lines, fmt.Sprintf("run %s %s: %s", r.Run, r.halfWay(), o.again("recover", r.Run)))
		}
	}
	if lines == nil {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

// writable finds out whether a file could be made durable in a directory, or
// in the nearest one above it that is there.
func writable(dir string) error {
	for {
		_, err := os.Stat(dir)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return err
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".ssmctl-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("ssmctl doctor\n")
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

// withoutCaller drops the refusals that are about what the caller may do.
func withoutCaller(refused planner.Refused) planner.Refused {
	kept := slices.DeleteFunc(slices.Clone(refused), func(r planner.Refusal) bool { return r.Code == check.CodeCaller })
	if len(kept) == 0 {
		return nil
	}
	return kept
}
