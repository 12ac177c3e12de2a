package view

import (
	"bytes"
	"strings"
)

// A page is text in the making: lines that are indented, wrapped and painted.
// All texts it is given are escaped already.
type page struct {
	Options
	text bytes.Buffer
}

// minText is how many columns a text gets at least, however narrow the
// terminal and deep the indent.
const minText = 24

// line writes text, wrapped, with following lines indented a little more.
func (p *page) line(indent int, text string) { p.styled(plain, indent, text) }

// styled is line with a style.
func (p *page) styled(style string, indent int, text string) {
	for i, part := range p.wrap(indent, text) {
		if i == 1 {
			indent += 2
		}
		p.put(indent, p.paint(style, part))
	}
}

// blank writes an empty line.
func (p *page) blank() { p.text.WriteByte('\n') }

// heading starts a section.
func (p *page) heading(text string) {
	p.blank()
	p.styled(bold, 0, text)
}

// led writes a text after a lead in a style, and wraps it beside the lead.
func (p *page) led(indent int, style, lead, text string) {
	hang := indent + max(min(width(lead), 8), 2)
	for i, part := range p.wrap(indent+width(lead), text) {
		if i == 0 {
			sign := strings.TrimRight(lead, " ")
			p.put(indent, p.paint(style, sign)+lead[len(sign):]+part)
		} else {
			p.put(hang, part)
		}
	}
}

// item writes a text after a symbol.
func (p *page) item(indent int, s symbol, text string) {
	p.led(indent, looks[s].style, p.sign(s)+" ", text)
}

// head writes the first line of a group, with its source at the right, or
// beneath where it has no room.
func (p *page) head(s symbol, text, source string) {
	const indent = 2
	lead := indent + 2 + width(text)
	gap := max(sourceColumn-lead, 2)
	switch {
	case source == "":
		p.item(indent, s, text)
	case p.Width > 0 && lead+gap+width(source) > p.Width:
		p.item(indent, s, text)
		p.put(indent+4, p.paint(dim, source))
	default:
		p.put(indent, p.mark(s)+" "+text+strings.Repeat(" ", gap)+p.paint(dim, source))
	}
}

// rows writes rows with their labels in a column of their own.
func (p *page) rows(indent int, rows []row) {
	column := 0
	for _, r := range rows {
		column = max(column, width(r.label))
	}
	column = min(max(column, 9), 24)
	for _, r := range rows {
		label := ""
		if r.label != "" {
			label = r.label
			if r.text != "" {
				label = pad(label, column) + " "
			}
		}
		hang := indent + 2 + width(label)
		for i, part := range p.wrap(hang, r.text) {
			if i == 0 {
				p.put(indent, p.mark(r.symbol)+" "+label+part)
			} else {
				p.put(hang, part)
			}
		}
		p.rows(indent+4, r.rows)
		p.diff(indent+4, r.lines)
	}
}

// diff writes lines as they are, each after its symbol.
func (p *page) diff(indent int, lines []diffLine) {
	for _, l := range lines {
		switch l.symbol {
		case "":
			p.put(indent, "  "+l.text)
		default:
			p.put(indent, p.paint(looks[l.symbol].style, string(l.symbol)+" "+l.text))
		}
	}
}

// wrap breaks text so that it fits beside the indent. What comes to stand at
// the start of a line is disarmed anew.
func (p *page) wrap(indent int, text string) []string {
	if p.Width == 0 {
		return []string{text}
	}
	parts := wrap(text, max(p.Width-indent, minText))
	for i := range parts {
		parts[i] = disarm(parts[i])
	}
	return parts
}

// put writes one line.
func (p *page) put(indent int, text string) {
	p.text.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+text, " "))
	p.text.WriteByte('\n')
}
