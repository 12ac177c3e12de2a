// Package view turns plans and the events of a run into text and JSON for
// people and for pipelines.
//
// It decides nothing. A plan is shown from its data form, so one read from a
// file looks exactly like one just made. The package never reads the
// environment, the clock or a terminal: it is told the width, whether colours
// are wanted and, by events, what time it is.
//
// Whatever came from outside, be it a tag found in AWS or an error text,
// reaches the output through Escape, or in JSON as \u and a code, so that nobody
// who may name a role can write to the terminal or the CI log of whoever reads
// the plan.
package view

// Options say how text is to look. The zero Options are those of a pipe: no
// colours, nothing wrapped, policies folded.
type Options struct {
	Color  bool // use ANSI colours
	ASCII  bool // use ASCII in place of symbols such as ✓ and …
	Full   bool // show whole policy documents and long texts, where a summary is the default
	Width  int  // columns; longer lines are wrapped at blanks; 0 means no limit
	Height int  // rows of the terminal: Progress redraws in place; 0 means that it is not a terminal
}

// The SGR parameters of the styles in use.
const (
	plain  = ""
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// paint returns text in a style, if colours are wanted. Text must be escaped
// already.
func (o Options) paint(style, text string) string {
	if !o.Color || style == plain || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// A symbol stands at the start of a line and says what the line is about.
type symbol string

// The symbols: Terraform's for what a plan does, then those of a run.
const (
	adds     symbol = "+"
	changes  symbol = "~"
	destroys symbol = "-"
	alerts   symbol = "!"
	done     symbol = "✓"
	failed   symbol = "✗"
	undone   symbol = "↶"
	waits    symbol = "·"
	has      symbol = " "
)

var looks = map[symbol]struct{ ascii, style string }{
	adds:     {"+", green},
	changes:  {"~", yellow},
	destroys: {"-", red},
	alerts:   {"!", bold},
	done:     {"v", green},
	failed:   {"x", red},
	undone:   {"<", yellow},
	waits:    {".", dim},
	has:      {" ", bold},
}

// sign returns the symbol as text.
func (o Options) sign(s symbol) string {
	if o.ASCII {
		return looks[s].ascii
	}
	return string(s)
}

// mark returns the symbol as it is to be printed.
func (o Options) mark(s symbol) string { return o.paint(looks[s].style, o.sign(s)) }

// ellipsis stands for what was left out.
func (o Options) ellipsis() string {
	if o.ASCII {
		return "..."
	}
	return "…"
}
