package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/spec"
	"github.com/ssmctl/ssmctl/view"
)

// The exit statuses. They never change their meaning.
const (
	exitDone        = 0
	exitError       = 1
	exitDifferent   = 2
	exitInvalid     = 3
	exitRefused     = 4
	exitRolledBack  = 5
	exitPartial     = 6
	exitUsage       = 64
	exitInterrupted = 130
)

var statuses = []struct {
	status int
	text   string
}{
	{exitDone, "done, or no difference"},
	{exitError, "error, nothing changed"},
	{exitDifferent, "the answer is no; or --detailed-exitcode, and there are changes"},
	{exitInvalid, "the spec is invalid"},
	{exitRefused, "refused, nothing changed: not approved, stale, locked, or guarded"},
	{exitRolledBack, "apply failed or was stopped; everything was undone and checked"},
	{exitPartial, "apply failed or was stopped; the account is not as it was"},
	{exitUsage, "wrong usage"},
	{exitInterrupted, "interrupted before the first change"},
}

// exitStatus is the part of a command's help that says how it may end.
func exitStatus(of ...int) string {
	text := "\nExit status:"
	for _, s := range statuses {
		for _, status := range of {
			if s.status == status {
				text += fmt.Sprintf("\n  %-4d %s", s.status, s.text)
			}
		}
	}
	return text
}

// errDifferent ends a plan that was asked to tell by its status.
var errDifferent = errors.New("there are changes")

// A refusedError is a reason not to go on; nothing was changed.
type refusedError struct{ error }

// An invalidError is a spec that breaks a rule of AWS's as a whole.
type invalidError struct{ planner.Refused }

// A staleError is an approval that no longer holds.
type staleError []planner.Moved

func (staleError) Error() string { return "the plan is stale" }

// A runError is a run that did not end as wanted; its report has been shown.
type runError struct{ report *executor.Report }

func (e runError) Error() string { return string(e.report.Outcome) }

// report writes err for the person who must act, and returns the exit status
// that goes with it.
func (o *options) report(err error) int {
	w := o.stdio.err
	style := o.style(w)
	switch e := err.(type) { //nolint:errorlint // commands return these bare
	case nil:
		return exitDone
	case runError:
		switch e.report.Outcome {
		case executor.NotStarted:
			if !e.report.Cancelled {
				return exitError
			}
			return exitInterrupted
		case executor.RolledBack:
			return exitRolledBack
		}
		return exitPartial
	case spec.Problems:
		fmt.Fprint(w, e.Render())
		return exitInvalid
	case invalidError:
		_ = view.Refused(w, e.Refused, style)
		return exitInvalid
	case planner.Refused:
		_ = view.Refused(w, e, style)
		return exitRefused
	case staleError:
		_ = view.Stale(w, e, style)
		return exitRefused
	case refusedError:
		_ = view.Error(w, e.error, style)
		return exitRefused
	case usageError:
		_ = view.Error(w, e.error, style)
		return exitUsage
	}
	switch {
	case errors.Is(err, errDifferent), errors.Is(err, errNo):
		return exitDifferent
	case errors.Is(err, context.Canceled):
		_ = view.Error(w, errors.New("interrupted; nothing was changed"), style)
		return exitInterrupted
	case strings.HasPrefix(err.Error(), "unknown command"): // cobra has no type for it
		_ = view.Error(w, err, style)
		return exitUsage
	}
	_ = view.Error(w, err, style)
	return exitError
}

// interrupted makes an error that came after a signal the signal's, unless it
// says more: requests that a cancelled context cuts off fail in many ways.
func interrupted(err error) error {
	switch err.(type) { //nolint:errorlint // commands return these bare
	case nil, runError, spec.Problems, invalidError, planner.Refused, staleError, refusedError, usageError:
		return err
	}
	if errors.Is(err, errDifferent) || errors.Is(err, errNo) {
		return err
	}
	return context.Canceled
}

// escaping passes text on with whatever could act on a terminal made visible.
type escaping struct{ w io.Writer }

func (e escaping) Write(p []byte) (int, error) {
	lines := strings.SplitAfter(string(p), "\n")
	for i, l := range lines {
		text, newline := strings.CutSuffix(l, "\n")
		lines[i] = view.Escape(text)
		if newline {
			lines[i] += "\n"
		}
	}
	if _, err := io.WriteString(e.w, strings.Join(lines, "")); err != nil {
		return 0, err
	}
	return len(p), nil
}
