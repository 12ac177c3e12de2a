package view

import (
	"io"
	"strings"
)

// An Explained is what is known of one code.
type Explained struct {
	Code, Title string
	Text        string // why it matters
	Fix         string // what to do; may be ""
	Bad, Good   string // examples; may be ""
}

// Explanation writes what a code stands for. It writes once and returns the
// writer's error.
func Explanation(w io.Writer, e Explained, o Options) error {
	p := &page{Options: o}
	p.styled(bold, 0, Escape(e.Code+": "+e.Title))
	p.blank()
	p.paragraphs(0, e.Text)
	if e.Fix != "" {
		p.blank()
		p.led(0, bold, "Fix: ", Escape(e.Fix))
	}
	for _, example := range []struct {
		s    symbol
		text string
	}{{destroys, e.Bad}, {adds, e.Good}} {
		if example.text != "" {
			p.blank()
			p.diff(2, exampleLines(example.s, example.text))
		}
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// An Entry is one line of a list of terms.
type Entry struct{ Term, Text string }

// Entries writes terms with their texts beside them. It writes once and
// returns the writer's error.
func Entries(w io.Writer, entries []Entry, o Options) error {
	p := &page{Options: o}
	column := 0
	for _, e := range entries {
		column = max(column, width(Escape(e.Term)))
	}
	for _, e := range entries {
		p.led(0, bold, pad(Escape(e.Term), column)+"  ", Escape(e.Text))
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// paragraphs writes a text of several lines, each wrapped by itself.
func (p *page) paragraphs(indent int, text string) {
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			p.blank()
			continue
		}
		p.line(indent, Escape(line))
	}
}

// maxExample is how much of a line of an example is shown: that of a policy
// which is too large would fill pages.
const maxExample = 400

// exampleLines returns the lines of an example, each after the symbol.
func exampleLines(s symbol, text string) []diffLine {
	var all []diffLine
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if r := []rune(line); len(r) > maxExample {
			line = string(r[:maxExample]) + " ..."
		}
		all = append(all, diffLine{s, Escape(line)})
	}
	return all
}
