package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/journal"
)

// stateFlags are those of commands that keep or read the journals of runs.
func (o *options) stateFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.stateDir, "state-dir", "", "where the journals of runs are kept (default: beside the sandbox's file; else $XDG_STATE_HOME/ssmctl, or ~/.local/state/ssmctl)")
}

// journals returns the directory that the journals are kept in, one
// subdirectory an account.
func (o *options) journals() (string, error) {
	switch xdg := os.Getenv("XDG_STATE_HOME"); {
	case o.stateDir != "":
		return filepath.Abs(o.stateDir)
	case o.sandbox != "":
		return filepath.Abs(strings.TrimSuffix(o.sandbox, ".json") + ".runs")
	case filepath.IsAbs(xdg): // the XDG base directory specification ignores others
		return filepath.Join(xdg, "ssmctl"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("where to keep the journals of runs: %w\nname a directory with --state-dir", err)
	}
	return filepath.Join(home, ".local", "state", "ssmctl"), nil
}

// A keptRun is the journal of a run and where it is.
type keptRun struct {
	*journal.Journal
	id  string
	dir journal.Dir
}

// keep begins the journal of a run. Without one nothing is sent.
func (o *options) keep(p *prepared, command, id string) (*keptRun, error) {
	fail := func(err error) error {
		return fmt.Errorf("the run cannot be recorded, so it was not begun and nothing was changed: %w\n--state-dir names another directory", err)
	}
	root, err := o.journals()
	if err != nil {
		return nil, fail(err)
	}
	steps, err := p.plan.Stored()
	if err != nil {
		return nil, fail(err)
	}
	now := time.Now()
	k := &keptRun{id: id, dir: journal.Dir{Root: filepath.Join(root, p.file.Environment.Account)}}
	k.Journal, err = journal.Create(k.dir, journal.Start{Version: version(), Run: k.id, Command: command, Plan: p.file, Steps: steps}, now)
	if err != nil {
		return nil, fail(err)
	}
	return k, nil
}

// forget removes the journal of a run that never began.
func (k *keptRun) forget() {
	_ = k.Close()
	_ = os.RemoveAll(filepath.Join(k.dir.Root, k.id))
}

// A storedRun is a run that the journals tell of.
type storedRun struct {
	journal.Summary
	dir journal.Dir
}

// unfinished reports whether the run was interrupted and nobody is at work on
// it.
func (r storedRun) unfinished() bool { return r.Outcome == "" && r.Err == nil && !r.Busy }

// stored returns the runs of all accounts that there are journals of, the
// newest first.
func (o *options) stored() ([]storedRun, error) {
	root, err := o.journals()
	if err != nil {
		return nil, err
	}
	accounts, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []storedRun
	for _, a := range accounts {
		if !a.IsDir() {
			continue
		}
		dir := journal.Dir{Root: filepath.Join(root, a.Name())}
		runs, err := journal.List(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir.Root, err)
		}
		for _, r := range runs {
			all = append(all, storedRun{r, dir})
		}
	}
	newestFirst(all)
	return all, nil
}

// findRun returns the run of that id or, without one, the only one that is to be
// recovered; nil if there is none.
func (o *options) findRun(id string) (*storedRun, error) {
	all, err := o.stored()
	if err != nil {
		return nil, err
	}
	var interrupted []storedRun
	seen := map[[2]string]bool{} // account and spec of the newer ones
	for _, r := range all {
		if r.Run == id && id != "" {
			return &r, nil
		}
		of := [2]string{r.Account, r.Spec}
		if r.unfinished() || r.Outcome == string(executor.Partial) && !seen[of] {
			interrupted = append(interrupted, r)
		}
		seen[of] = true
	}
	switch {
	case id != "":
		root, _ := o.journals()
		return nil, fmt.Errorf("there is no run %s in %s\n`ssmctl runs` lists those there are; --state-dir and --sandbox say where to look; without its journal, `ssmctl recover --lost %s` shows what it made", id, root, id)
	case len(interrupted) == 0:
		return nil, nil
	case len(interrupted) > 1:
		names := make([]string, len(interrupted))
		for i, r := range interrupted {
			names[i] = r.Run
		}
		return nil, usageError{fmt.Errorf("several runs were interrupted, or ended half-way: %s\nname one of them", strings.Join(names, ", "))}
	}
	return &interrupted[0], nil
}
