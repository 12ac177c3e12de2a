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
	"github.com/ssmctl/ssmctl/view"
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
	view.ListedRun
	dir   journal.Dir
	later *storedRun // the newest that began after it, is of the same spec and account, and was not undone
}

// unfinished reports whether the run was interrupted or ended half-way, and
// nobody is at work on it, or has seen since to what it left.
func (r storedRun) unfinished() bool {
	return r.Err == nil && !r.Busy && r.Superseded == "" && (r.Outcome == "" || r.Outcome == string(executor.Partial))
}

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
			all = append(all, storedRun{ListedRun: view.ListedRun{Summary: r}, dir: dir})
		}
	}
	newestFirst(all)
	relate(all)
	return all, nil
}

// relate notes of each run, the newest first, what came after it. An apply finds
// what earlier runs of its spec left half-way, by the marks of what is owned: it
// either took that over or took it away.
func relate(all []storedRun) {
	type of struct{ account, spec string }
	last, applied := map[of]*storedRun{}, map[of]string{}
	for i := range all {
		r := &all[i]
		if r.Err != nil {
			continue
		}
		key := of{r.Account, r.Spec}
		r.later = last[key]
		switch r.Outcome {
		case string(executor.RolledBack):
			continue
		case string(executor.Applied):
			applied[key] = r.Run
		default:
			if !r.Busy {
				r.Superseded = applied[key]
			}
		}
		if last[key] == nil && r.Superseded == "" {
			last[key] = r
		}
	}
}

// findRun returns the run of that id or, without one, the one that is to be
// recovered first; nil if there is none.
func (o *options) findRun(id string) (*storedRun, error) {
	all, err := o.stored()
	if err != nil {
		return nil, err
	}
	if id != "" {
		for _, r := range all {
			if r.Run == id {
				return &r, nil
			}
		}
		root, _ := o.journals()
		return nil, fmt.Errorf("there is no run %s in %s\n`ssmctl runs` lists those there are; --state-dir and --sandbox say where to look; without its journal, `ssmctl recover --lost %s` shows what it made", id, root, id)
	}
	var first []storedRun // of each spec
	for _, r := range all {
		if r.unfinished() && r.later == nil {
			first = append(first, r)
		}
	}
	switch len(first) {
	case 0:
		return nil, nil
	case 1:
		return &first[0], nil
	}
	names := make([]string, len(first))
	for i, r := range first {
		names[i] = r.Run
	}
	return nil, usageError{fmt.Errorf("several runs were interrupted, or ended half-way: %s\nname one of them", strings.Join(names, ", "))}
}

// checkLater refuses to take up a run while a later one of the same spec
// stands on what it finds in place.
func (o *options) checkLater(r *storedRun) error {
	switch l := r.later; {
	case l == nil:
		return nil
	case l.Busy:
		return refusedError{fmt.Errorf("run %s of the same spec began after it, and is under way\nwait until it has ended", l.Run)}
	case l.Outcome == string(executor.Applied):
		return refusedError{fmt.Errorf("run %s of the same spec was applied after it, and stands on what it found in place\nundo the newest first:\n  %s", l.Run, o.again("rollback", l.Run))}
	default:
		return refusedError{fmt.Errorf("run %s of the same spec began after it, and was interrupted or ended half-way\nrecover that first:\n  %s", l.Run, o.again("recover", l.Run))}
	}
}
