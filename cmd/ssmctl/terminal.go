package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ssmctl/ssmctl/view"
)

// terminal returns the file behind w or r if it is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
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

// live adds to style what a display that redraws itself needs, if w is a
// terminal on which it may.
func (o *options) live(w io.Writer, style view.Options) view.Options {
	f, tty := terminal(w)
	if !tty || os.Getenv("TERM") == "dumb" || os.Getenv("CI") != "" {
		return style
	}
	if columns, rows, err := term.GetSize(int(f.Fd())); err == nil {
		style.Width, style.Height = columns, rows
	}
	return style
}

// confirm asks on the terminal whether to go on; only "yes" is a yes. Without
// a terminal it does not ask.
func (o *options) confirm(question string) error {
	if _, tty := terminal(o.in); !tty {
		return refusedError{fmt.Errorf("not approved: there is no terminal to ask on\n--auto-approve applies without asking; a plan saved with `plan --out FILE` is an approval too")}
	}
	fmt.Fprintf(o.stdio.err, "%s Only \"yes\" is accepted: ", view.Escape(question))
	line, err := bufio.NewReader(o.in).ReadString('\n')
	if err != nil && line == "" {
		return refusedError{fmt.Errorf("not approved: %w", err)}
	}
	if strings.TrimSpace(line) != "yes" {
		return refusedError{fmt.Errorf("not approved; nothing was changed")}
	}
	return nil
}
