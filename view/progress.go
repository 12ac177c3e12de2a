package view

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
)

// Progress shows a run while it happens. On a terminal (Options.Height above
// zero) it keeps a block of what is running at the bottom of the screen and
// redraws it in place; nothing else may write to that terminal until Close.
// Elsewhere it writes a line when a step starts and when it ends, and every
// ten seconds that it still runs.
//
// Its methods may be called from several goroutines. A writer that fails does
// not stop the run: what follows is dropped, and Close returns the error.
type Progress struct {
	mu      sync.Mutex
	w       io.Writer
	options Options
	run     *run
	column  int // width of the longest address
	frame   int // of the spinner
	drawn   int // lines of the block on the screen
	err     error
}

// NewProgress returns a Progress for a run of the plan f.
func NewProgress(w io.Writer, f planner.File, o Options) *Progress {
	p := &Progress{w: w, options: o, run: newRun(f)}
	for _, s := range p.run.steps {
		p.column = max(p.column, width(Escape(s.address)))
	}
	p.column = min(p.column, 44)
	return p
}

// Event shows e. It is made to be an executor's OnEvent.
func (p *Progress) Event(e executor.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run.follow(e)
	p.show(p.lines(e))
}

// Tick tells p the time, to be called about once a second, or more often for a
// livelier spinner.
func (p *Progress) Tick(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frame++
	due := p.run.due(now)
	if p.live() {
		p.show(nil)
		return
	}
	var lines []string
	for _, s := range due {
		text := fmt.Sprintf("Still %s%s [%s elapsed]", s.doing(), p.options.ellipsis(), seconds(now.Sub(s.start)))
		if s.waiting != "" {
			text += "  " + Escape(s.waiting)
		}
		lines = append(lines, p.row(waits, s.address, text))
	}
	p.show(lines)
}

// Resize tells p that the terminal has changed its size. A Height of zero
// makes it write plain lines from then on.
func (p *Progress) Resize(columns, rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.options.Width, p.options.Height = columns, rows
	// What no longer fits the screen is out of reach; some of it stays.
	p.drawn = min(p.drawn, max(rows-1, 0))
	p.erase()
	p.show(nil)
}

// Close removes the block from the screen and returns the first error of the
// writer. More events may still follow; they are shown.
func (p *Progress) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	return p.err
}

// lines returns the lines that an event leaves behind for good.
func (p *Progress) lines(e executor.Event) []string {
	o := p.options
	s := p.run.step(e)
	switch e.Type {
	case executor.StepStarted:
		if p.live() || s == nil {
			return nil
		}
		return []string{p.row(waits, s.address, s.doing())}
	case executor.StepRetried:
		if p.live() || s == nil {
			return nil
		}
		return []string{p.row(waits, s.address, fmt.Sprintf("attempt %d: %s", e.Attempt, Escape(e.Reason)))}
	case executor.StepEnded:
		if s == nil {
			return nil
		}
		return []string{p.ended(s, e)}
	case executor.RollbackStarted:
		return []string{o.paint(bold, "Rolling back "+count(e.Steps, "step"))}
	case executor.VerifyStarted:
		if p.live() {
			return nil
		}
		return []string{"Checking: reading the account" + o.ellipsis()}
	case executor.VerifyEnded:
		switch {
		case e.Err != nil:
			return []string{o.paint(red, "Check failed: ") + Escape(e.Err.Error())}
		case p.run.undoing:
			return []string{"Checked: the account equals what it was before the apply."}
		}
		return []string{"Checked: the account is as planned."}
	}
	return nil
}

// ended returns the line of a step that has ended.
func (p *Progress) ended(s *step, e executor.Event) string {
	sign, text := done, s.did()
	switch {
	case e.Err != nil:
		sign, text = failed, reason(e.Err)
	case e.Undo:
		sign = undone
	}
	text = pad(text, 10) + "  " + seconds(e.Elapsed)
	if e.Reason != "" {
		text += "  (" + Escape(e.Reason) + ")"
	}
	return p.row(sign, s.address, text)
}

// row returns a line about one step; text is escaped already.
func (p *Progress) row(s symbol, address, text string) string {
	return "  " + p.options.mark(s) + " " + pad(Escape(address), p.column) + "  " + text
}

// show writes lines for good, above the block if there is one, and redraws
// that. Everything goes out in one write, so that nothing flickers.
func (p *Progress) show(lines []string) {
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", p.drawn) // to the block's first line
		p.drawn = 0
	}
	end := "\n"
	if p.live() {
		end = "\x1b[K\n" // clears what was there before
	}
	for _, line := range lines {
		b.WriteString(line + end)
	}
	if p.live() {
		block := p.block()
		for _, line := range block {
			b.WriteString(line + end)
		}
		p.drawn = len(block)
		b.WriteString("\x1b[J") // clears the rest of the former block
	}
	p.write(b.String())
}

// erase takes the block off the screen.
func (p *Progress) erase() {
	if p.drawn > 0 {
		p.write(fmt.Sprintf("\x1b[%dA\r\x1b[J", p.drawn))
		p.drawn = 0
	}
}

// columns is how many there are, which the block must know: 80 unless told.
func (p *Progress) columns() int {
	if p.options.Width == 0 {
		return 80
	}
	return p.options.Width
}

func (p *Progress) live() bool { return p.options.Height > 0 }

func (p *Progress) write(text string) {
	if p.err == nil && text != "" {
		_, p.err = io.WriteString(p.w, text)
	}
}
