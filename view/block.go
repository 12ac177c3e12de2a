package view

import (
	"fmt"
	"strings"
)

// maxBlock bounds the block's lines on a tall terminal; a block that fills the
// screen is no easier to read.
const maxBlock = 14

var (
	spinner      = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	spinnerASCII = []string{"|", "/", "-", `\`}
)

// block returns the lines at the bottom of the terminal: what is running, what
// comes next, and how far the run is. No line is longer than the terminal is
// wide and the whole is never higher than the terminal, or it could not be
// redrawn in place.
func (p *Progress) block() []string {
	if p.options.Height < 2 {
		return nil // the cursor itself takes the only line
	}
	room := min(p.options.Height-1, maxBlock) - 1 // the last line is the count's
	var rows []string
	for _, s := range p.run.running[:min(len(p.run.running), room)] {
		text := pad(s.doing(), 10) + "  " + seconds(p.run.now.Sub(s.start))
		if s.waiting != "" {
			text += "  " + Escape(s.waiting)
		}
		rows = append(rows, p.fit(p.spin(), s.address, text))
	}
	hidden := len(p.run.running) - len(rows)
	if !p.run.undoing {
		for i := p.run.next; i < len(p.run.steps) && len(rows) < room; i++ {
			if s := &p.run.steps[i]; !s.begun {
				rows = append(rows, p.fit(p.options.sign(waits), s.address, "queued"))
				hidden--
			}
		}
		hidden += len(p.run.steps) - p.run.begun
	}
	return append(rows, p.tally(hidden))
}

// fit returns a row cut to the width of the terminal; on a narrow one the
// address gives way to what is said of it.
func (p *Progress) fit(sign, address, text string) string {
	o := p.options
	column := min(p.column, max(p.columns()-24, 12))
	address = pad(cut(Escape(address), column, o.ellipsis()), column)
	line := cut("  "+sign+" "+address+"  "+text, p.columns()-1, o.ellipsis())
	if rest, whole := strings.CutPrefix(line, "  "+sign); whole { // painted last: colours have no width
		line = "  " + o.paint(looks[waits].style, sign) + rest
	}
	return line
}

// tally returns the line that counts.
func (p *Progress) tally(hidden int) string {
	r := p.run
	text := fmt.Sprintf("  %d/%s", r.done, count(len(r.steps), "step"))
	if r.undoing {
		text = fmt.Sprintf("  %d/%s undone", r.undone, count(r.toUndo, "step"))
	}
	if r.failed > 0 {
		text += fmt.Sprintf(", %d failed", r.failed)
	}
	if r.checking {
		text += "  reading the account back"
	}
	text += "  " + seconds(r.now.Sub(r.start)) + " elapsed"
	if hidden > 0 {
		text += fmt.Sprintf("  %s %d more", p.options.ellipsis(), hidden)
	}
	return cut(text, p.columns()-1, p.options.ellipsis())
}

func (p *Progress) spin() string {
	frames := spinner
	if p.options.ASCII {
		frames = spinnerASCII
	}
	return frames[p.frame%len(frames)]
}
