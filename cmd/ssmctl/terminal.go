package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ssmctl/ssmctl/view"
)

// terminal returns the file behind a reader or writer if it is a terminal.
func terminal(of any) (*os.File, bool) {
	if s, ok := of.(*stream); ok {
		of = s.file
	}
	f, ok := of.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// style says how text on w is to look: --no-color, NO_COLOR, CLICOLOR_FORCE
// and TERM are heeded in this order (https://no-color.org,
// https://bixense.com/clicolors).
func (o *options) style(w io.Writer) view.Options {
	style := view.Options{Full: o.full, ASCII: os.Getenv("TERM") == "dumb"}
	f, tty := terminal(w)
	if tty {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			style.Width = columns
		}
	}
	switch {
	case o.noColor || os.Getenv("NO_COLOR") != "":
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		style.Color = true
	default:
		style.Color = tty && os.Getenv("TERM") != "dumb"
	}
	return style
}

// screen returns the size of the terminal behind w, if it is one on which a
// display may redraw itself. A log at level debug would write across it.
func (o *options) screen(w io.Writer) (columns, rows int, ok bool) {
	f, tty := terminal(w)
	if !tty || os.Getenv("TERM") == "dumb" || os.Getenv("CI") != "" || o.logLevel == "debug" || o.logLevel == "info" {
		return 0, 0, false
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	return columns, rows, err == nil && rows > 0
}

// confirm asks on the terminal whether to go on; only "yes" is a yes. Without
// a terminal it does not ask.
func (o *options) confirm(ctx context.Context, question string) error {
	in, tty := terminal(o.in)
	if !tty {
		return refusedError{errors.New("not approved: there is no terminal to ask on\n--auto-approve applies without asking; a plan saved with `plan --out FILE` is an approval too")}
	}
	ask := o.stdio.err
	if _, tty := terminal(ask); !tty {
		ask = in // whoever has standard error elsewhere would wait for nothing
	}
	return answered(ctx, in, ask, question)
}

// answered asks a question and waits for the answer, or until ctx ends.
func answered(ctx context.Context, in io.Reader, ask io.Writer, question string) error {
	if _, err := fmt.Fprintf(ask, "%s Only \"yes\" is accepted: ", view.Escape(question)); err != nil {
		return refusedError{fmt.Errorf("not approved: %w", err)}
	}
	answer := make(chan error, 1)
	go func() { answer <- approved(in) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		fmt.Fprintln(ask)
		return ctx.Err()
	}
}

// approved reads one line, and returns nil if it is "yes".
func approved(r io.Reader) error {
	line, err := bufio.NewReader(r).ReadString('\n')
	switch {
	case strings.TrimSpace(line) == "yes" && err == nil:
		return nil
	case line == "" && errors.Is(err, io.EOF):
		return refusedError{errors.New("not approved: the input ended; nothing was changed")}
	case err != nil && !errors.Is(err, io.EOF):
		return refusedError{fmt.Errorf("not approved: %w; nothing was changed", err)}
	}
	return refusedError{errors.New("not approved; nothing was changed")}
}
