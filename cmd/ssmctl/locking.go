package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/view"
)

// lockPoll is how often a lock that somebody else holds is looked at.
const lockPoll = 2 * time.Second

// newLock is the lock that this process would hold for a run.
func newLock(spec, run, command, caller string) kind.Lock {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return kind.Lock{
		Spec: spec, Run: run, Holder: rand.Text(), Caller: caller, Host: host,
		PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second), Command: command,
	}
}

// locked notes a lock that is about to be taken, so that whoever recovers the
// run knows it for the run's own.
func (k *keptRun) locked(l kind.Lock) error {
	return k.Append(journal.Record{Type: journal.Locked, Time: time.Now(), Step: -1, Holder: l.Holder})
}

// lockSpec takes the lock, and waits for it if told to. Waited says that
// somebody else had it before.
func (o *options) lockSpec(ctx context.Context, k *keptRun, account *kind.Session, l kind.Lock, file string) (waited bool, err error) {
	if err := k.locked(l); err != nil {
		return false, err
	}
	until := time.Now().Add(o.lockTimeout)
	for {
		err := account.TakeLock(ctx, l)
		held, ok := errors.AsType[*kind.LockedError](err)
		if !ok {
			return waited, err
		}
		if o.ended(held.Lock) {
			if _, err := account.BreakLock(ctx, l.Spec, held.Lock.Run); err != nil {
				return waited, err
			}
			continue
		}
		if time.Now().After(until) {
			return waited, o.lockedOut(held, file)
		}
		if !waited && !o.json {
			fmt.Fprintf(o.stdio.err, "Waiting for %s to end, for up to %s.\n", view.Escape(holderOf(held.Lock)), o.lockTimeout)
		}
		waited = true
		select {
		case <-ctx.Done():
			return waited, context.Cause(ctx)
		case <-time.After(lockPoll):
		}
	}
}

// ended reports whether the process that took a lock can write nothing any
// more: the journal that names it is here, and says that its run has ended.
// It was killed when only the lock was left to give back.
func (o *options) ended(l kind.Lock) bool {
	all, err := o.stored()
	if err != nil {
		return false
	}
	at := slices.IndexFunc(all, func(r storedRun) bool { return r.Run == l.Run && r.Outcome != "" })
	if at < 0 {
		return false
	}
	h, err := journal.Read(all[at].dir, l.Run)
	return err == nil && slices.ContainsFunc(h.Records, func(r journal.Record) bool {
		return r.Type == journal.Locked && r.Holder == l.Holder
	})
}

// holderOf says who holds a lock.
func holderOf(l kind.Lock) string {
	return fmt.Sprintf("run %s of ssmctl %s, by %s in process %d on %s, since %s", l.Run, l.Command, l.Caller, l.PID, l.Host, l.Since.Local().Format(time.DateTime))
}

// lockedOut refuses to go on without the lock.
func (o *options) lockedOut(held *kind.LockedError, file string) error {
	l := held.Lock
	text := fmt.Sprintf("the spec %s is locked by %s; nothing was changed\nwait until it has ended, with --lock-timeout 10m", l.Spec, holderOf(l))
	if l.Run != "" {
		text += fmt.Sprintf("; if it was interrupted:\n  %s\nand if nothing is left of it to recover:\n  %s", o.again("recover", l.Run), o.unlockLine(file, l.Run))
	}
	return refusedError{errors.New(text)}
}

// unlockLine is the command that takes a run's lock away. The run may have
// been begun on another machine, so the spec says where the lock is.
func (o *options) unlockLine(file, run string) string {
	return o.again("unlock", "-f", file, run)
}

func unlockCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unlock RUN",
		Short: "Take away the lock of a run that will not end",
		Long: `Unlock shows who holds the lock of a spec and, once told to, takes it away if it is
held by that run. Do this only if the run has ended and nothing of it is to be
recovered: ` + "`recover`" + ` takes the lock over by itself. A run that is still at work stops
at its next step.

The run's journal says which spec it is of; on another machine name the spec.
` + exitStatus(exitDone, exitError, exitInvalid, exitRefused, exitUsage, exitInterrupted),
		Example: `  ssmctl unlock 20261123-231500-k7f3q2
  ssmctl unlock -f access.yaml 20261123-231500-k7f3q2`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			return o.unlock(cmd.Context(), given[0])
		},
	}
	o.specFlags(cmd)
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	o.accountFlags(cmd)
	o.stateFlags(cmd)
	cmd.Flags().BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	return cmd
}

func (o *options) unlock(ctx context.Context, run string) error {
	if err := o.checkAccountFlags(); err != nil {
		return err
	}
	spec, session, err := o.lockOf(ctx, run)
	if err != nil {
		return err
	}
	held, err := session.Locked(ctx, spec)
	if err != nil {
		return err
	}
	if held == nil { // though of a recovery that was killed something may be left
		broken, err := session.BreakLock(ctx, spec, run)
		if err != nil {
			return err
		}
		if broken == nil {
			fmt.Fprintf(o.stdio.out, "The spec %s is not locked.\n", view.Escape(spec))
			return nil
		}
		fmt.Fprintf(o.stdio.out, "The spec %s was not locked; what run %s had left of its lock was taken away.\n", view.Escape(spec), view.Escape(run))
		return o.kept.save()
	}
	fmt.Fprintf(o.stdio.err, "The spec %s is locked by %s.\n", view.Escape(spec), view.Escape(holderOf(*held)))
	if held.Run != run {
		return refusedError{fmt.Errorf("the lock is held by run %s, not by %s; it was left alone", held.Run, run)}
	}
	if !o.autoApprove {
		if err := o.confirm(ctx, "Take the lock away?"); err != nil {
			return err
		}
	}
	if _, err := session.BreakLock(ctx, spec, run); err != nil {
		return err
	}
	fmt.Fprintf(o.stdio.out, "Unlocked: %s.\n", view.Escape(spec))
	return o.kept.save()
}

// lockOf returns the spec's name whose lock a run holds, and a session with
// its account: by the spec that is named, or by the run's journal.
func (o *options) lockOf(ctx context.Context, run string) (string, *kind.Session, error) {
	if o.file != "" {
		loaded, err := o.load(o.file)
		if err != nil {
			return "", nil, err
		}
		s := loaded.Spec
		session, err := o.open(ctx, s.Account, s.Region)
		if err != nil {
			return "", nil, err
		}
		return s.Name, session, o.checkAccount(o.file, s.Account, s.Region, s.Partition, session.Caller)
	}
	r, err := o.findRun(run)
	if err != nil {
		return "", nil, fmt.Errorf("%w\nor name the spec whose lock it holds, with --file", err)
	}
	h, err := journal.Read(r.dir, r.Run)
	if err != nil {
		return "", nil, err
	}
	session, err := o.reopen(ctx, h.Start)
	return h.Start.Plan.Spec.Name, session, err
}

// reopen reaches the account of a run.
func (o *options) reopen(ctx context.Context, s journal.Start) (*kind.Session, error) {
	e := s.Plan.Environment
	switch {
	case e.Sandbox && o.sandbox == "":
		return nil, refusedError{fmt.Errorf("run %s was in the sandbox\nadd --sandbox", s.Run)}
	case !e.Sandbox && o.sandbox != "":
		return nil, refusedError{fmt.Errorf("run %s was not in the sandbox\ndrop --sandbox", s.Run)}
	}
	session, err := o.open(ctx, e.Account, e.Region)
	if err != nil {
		return nil, err
	}
	if c := session.Caller; c.Account != e.Account || c.Partition != e.Partition {
		return nil, refusedError{fmt.Errorf("run %s was in account %s (%s), and the credentials are of account %s (%s)\nuse the right --profile", s.Run, e.Account, e.Partition, c.Account, c.ARN)}
	}
	return session, nil
}
