package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
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
` + exitStatus,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			o.maxDeletesSet = cmd.Flags().Changed("max-deletes")
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			if len(given) > 0 {
				data, err := readFile(name)
				if err != nil {
					return err
				}
				if isPlan(data) {
					return o.applySaved(cmd.Context(), name, data)
				}
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
granted to others. What the spec protects stays, and so does all that it only mentions.
` + exitStatus,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			o.maxDeletesSet = cmd.Flags().Changed("max-deletes")
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

func (o *options) runFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print events as JSON, one a line")
	f.BoolVar(&o.full, "full", false, "show policy documents in full")
	f.BoolVar(&o.autoApprove, "auto-approve", false, "do not ask")
	f.IntVar(&o.parallelism, "parallelism", 10, "how many steps may run at once")
	f.StringVar(&o.onFailure, "on-failure", "rollback", "what to do when a step fails: rollback or keep")
	f.IntVar(&o.acceptIrreversible, "accept-irreversible", 0, "accept the `n` steps of the plan that cannot be undone")
	f.IntVar(&o.maxDeletes, "max-deletes", 0, "refuse a plan that deletes more than `n` objects (default: more than 10 and than 30 %; for destroy: no limit)")
}

func (o *options) checkRunFlags() error {
	if o.parallelism < 1 {
		return usageError{errors.New("--parallelism takes a number from 1")}
	}
	if o.onFailure != "rollback" && o.onFailure != "keep" {
		return usageError{fmt.Errorf("--on-failure %q: give rollback or keep", o.onFailure)}
	}
	return nil
}

// planAndRun plans, shows, asks and runs.
func (o *options) planAndRun(ctx context.Context, name string, destroy bool) error {
	if err := o.checkRunFlags(); err != nil {
		return err
	}
	if o.json && !o.autoApprove {
		return usageError{errors.New("--json leaves no room for a question: add --auto-approve, or apply a saved plan")}
	}
	p, err := o.prepare(ctx, name, destroy)
	if err != nil {
		return err
	}
	if !o.json {
		if err := o.showPlan(p.file); err != nil {
			return err
		}
	}
	if len(p.plan.Steps) == 0 {
		if o.json {
			view.NewJSONEvents(o.stdio.out, p.file).Plan(time.Now())
		}
		return p.account.close()
	}
	if err := o.accept(p.plan); err != nil {
		return err
	}
	if !o.autoApprove {
		verb := "Apply to"
		if destroy {
			verb = "Destroy all of this in"
		}
		if err := o.confirm(verb + " " + p.where() + "?"); err != nil {
			return err
		}
	}
	return o.run(ctx, p)
}

// applySaved carries out a saved plan, if it is still what would be planned.
func (o *options) applySaved(ctx context.Context, name string, data []byte) error {
	if err := o.checkRunFlags(); err != nil {
		return err
	}
	approved, err := decodePlan(name, data)
	if err != nil {
		return err
	}
	source := approved.Spec.File
	if o.file != "" {
		source = o.file
	}
	if _, err := os.Stat(source); err != nil {
		return refusedError{fmt.Errorf("the plan was made from %s, which is needed to plan again: %w\nname the spec with --file", source, err)}
	}
	o.sandboxOf(approved)
	p, err := o.prepare(ctx, source, false)
	if err != nil {
		return err
	}
	if moved := planner.Stale(approved, p.file); len(moved) > 0 {
		return staleError(moved)
	}
	if len(p.plan.Steps) == 0 {
		return o.showPlan(p.file)
	}
	if err := o.accept(p.plan); err != nil {
		return err
	}
	return o.run(ctx, p)
}

// sandboxOf makes a plan that was made in the sandbox be applied there, so
// that it cannot go to AWS by a forgotten flag.
func (o *options) sandboxOf(f planner.File) {
	if f.Environment.Sandbox && o.sandbox == "" {
		o.sandbox = defaultSandbox
	}
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
	return refusedError{fmt.Errorf("%d steps of this plan cannot be undone\nif that is meant, add --accept-irreversible %d", final, final)}
}

// run carries out the plan and shows how it goes.
func (o *options) run(ctx context.Context, p *prepared) (err error) {
	ctx, stop := o.interruptible(ctx)
	defer stop()
	defer func() {
		if cerr := p.account.close(); cerr != nil && err == nil {
			err = cerr
		}
	}()

	var follow interface {
		Event(executor.Event)
		Tick(time.Time)
	}
	style := o.style(o.stdio.out)
	progress, stream := view.NewProgress(o.stdio.out, p.file, o.live(o.stdio.out, style)), view.NewJSONEvents(o.stdio.out, p.file)
	if follow = progress; o.json {
		stream.Plan(time.Now())
		follow = stream
	}
	done := ticking(follow.Tick)
	runner := executor.Executor{Account: p.account, Parallel: o.parallelism, Keep: o.onFailure == "keep", OnEvent: follow.Event}
	report := runner.Run(ctx, p.plan)
	done()

	if o.json {
		err = stream.Report(report, time.Now())
	} else {
		err = errors.Join(progress.Close(), view.Report(o.stdio.out, p.file, report, style))
	}
	for _, n := range p.account.Notes() {
		fmt.Fprintf(o.stdio.err, "note: %s: %s\n", view.Escape(n.ID.String()), view.Escape(n.Text))
	}
	if report.Outcome == executor.Partial {
		fmt.Fprintf(o.stdio.err, "To go on, apply again: ssmctl apply %s\n", view.Escape(p.file.Spec.File))
	}
	if report.Outcome != executor.Applied {
		return runError{report}
	}
	return err
}

// ticking calls tick several times a second until the function it returns is
// called.
func ticking(tick func(time.Time)) (stop func()) {
	ticker, quit, ended := time.NewTicker(200*time.Millisecond), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case now := <-ticker.C:
				tick(now)
			case <-quit:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(quit)
		<-ended
	}
}

// interruptible returns a context that the first signal ends, so that the run
// drains and rolls back. The second ends the process at once.
func (o *options) interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a reader that went away must not stop a run half-way
	quit := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-quit:
				return
			case s := <-signals:
				if n > 0 {
					fmt.Fprintf(o.stdio.err, "\n%v again: stopped at once. Steps in flight may have happened; plan again to see.\n", s)
					os.Exit(exitPartial)
				}
				fmt.Fprintf(o.stdio.err, "\n%v: no new steps; what is in flight ends, then everything is undone. Once more stops at once.\n", s)
				cancel()
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Reset(syscall.SIGPIPE)
		close(quit)
		cancel()
	}
}
