package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Render returns the problem as a person should see it, without colour: what
// is wrong, where, the line of the source with the value at fault underlined,
// and what to do. It ends in a newline. Characters that would disturb a
// terminal or a log are shown escaped.
func (p Problem) Render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "error[%s]: %s\n", p.Code, escape(p.Text))
	marks := p.marks()
	gutter := 1
	for _, m := range marks {
		gutter = max(gutter, len(strconv.Itoa(m.line)))
	}
	pad := strings.Repeat(" ", gutter)
	fmt.Fprintf(&b, " %s--> %s\n", pad, escape(p.Position.String()))
	for i, m := range marks {
		text, lead, width := excerpt(m.mark, m.column)
		switch {
		case i == 0:
			fmt.Fprintf(&b, " %s |\n", pad)
		case m.line > marks[i-1].line+1:
			b.WriteString("...\n")
		}
		if i == 0 || m.line != marks[i-1].line {
			fmt.Fprintf(&b, "%s |%s\n", rjust(m.line, gutter+1), indent(text))
		}
		under := strings.Repeat(" ", lead) + strings.Repeat(m.sign, width)
		if m.label != "" {
			under += " " + escape(m.label)
		}
		fmt.Fprintf(&b, " %s |%s\n", pad, indent(under))
	}
	if len(marks) == 0 && p.Hint != "" {
		fmt.Fprintf(&b, " %s = %s\n", pad, escape(p.Hint))
	}
	if len(p.Known) > 0 {
		fmt.Fprintf(&b, " %s = known: %s\n", pad, escape(strings.Join(p.Known, ", ")))
	}
	for line := range strings.Lines(p.Help) {
		fmt.Fprintf(&b, " %s = help: %s\n", pad, escape(strings.TrimSuffix(line, "\n")))
	}
	return b.String()
}

// An underline is a mark with where it stands and how it is drawn.
type underline struct {
	mark
	line, column int
	sign, label  string
}

// marks lists what to show of the source, from the top of the file down.
func (p Problem) marks() []underline {
	var list []underline
	if p.mark.width > 0 {
		list = append(list, underline{p.mark, p.Position.Line, p.Position.Column, "^", p.Hint})
	}
	if p.Also != nil && p.Also.mark.width > 0 {
		list = append(list, underline{p.Also.mark, p.Also.Position.Line, p.Also.Position.Column, "-", p.Also.Label})
	}
	slices.SortStableFunc(list, func(a, b underline) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	return list
}

// maxExcerpt is how many columns of a long line are shown.
const maxExcerpt = 100

// excerpt returns what to show of a line, and which columns of that to
// underline so that they stand under the mark, whatever tabs and wide
// characters there are before it.
func excerpt(m mark, column int) (text string, lead, width int) {
	var cells []string // one for each character of the line
	var starts []int   // the column each begins at
	at := 0
	for _, r := range m.line {
		cell, w := show(r, at)
		cells, starts = append(cells, cell), append(starts, at)
		at += w
	}
	starts = append(starts, at)
	first := min(column-1-m.skipped, len(cells))
	last := min(first+m.width, len(cells))
	from, to := 0, len(cells)
	if at > maxExcerpt {
		for from < first && starts[first]-starts[from] > maxExcerpt/3 {
			from++
		}
		to = from
		for to < len(cells) && starts[to+1]-starts[from] <= maxExcerpt {
			to++
		}
		last = min(last, to)
	}
	text = strings.Join(cells[from:to], "")
	lead, width = starts[first]-starts[from], max(1, starts[last]-starts[first])
	if from > 0 || m.skipped > 0 {
		text, lead = "…"+text, lead+1
	}
	if to < len(cells) {
		text += "…"
	}
	return strings.TrimRight(text, " "), lead, width
}

// show returns how r is shown at the given column, and how many it takes.
func show(r rune, column int) (string, int) {
	switch {
	case r == '\t':
		w := 4 - column%4
		return strings.Repeat(" ", w), w
	case invisible(r):
		s := fmt.Sprintf("<U+%04X>", r)
		return s, len(s)
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return string(r), 0
	case unicode.Is(wide, r):
		return string(r), 2
	}
	return string(r), 1
}

// escape makes text fit to be shown on one line of a terminal.
func escape(s string) string {
	s = strings.ToValidUTF8(s, string(unicode.ReplacementChar))
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || invisible(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n':
			b.WriteByte(' ')
		case invisible(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// quote puts a value from the spec into a message, shortened if need be.
func quote(s string) string {
	const most = 60
	if runes := []rune(s[:min(len(s), 4*most+4)]); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return `"` + lineBreaks.Replace(s) + `"`
}

var lineBreaks = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`)

func indent(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func rjust(n, width int) string { return fmt.Sprintf("%*d", width, n) }

// wide holds the characters that take two columns: Unicode's East Asian Width
// W and F, and emoji, with their neighbourhoods rounded to whole blocks.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1},
		{0x2e80, 0x303e, 1},
		{0x3041, 0x33ff, 1},
		{0x3400, 0x4dbf, 1},
		{0x4e00, 0x9fff, 1},
		{0xa000, 0xa4cf, 1},
		{0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1},
		{0xfe30, 0xfe6f, 1},
		{0xff00, 0xff60, 1},
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{{0x1f300, 0x1f64f, 1}, {0x1f900, 0x1f9ff, 1}, {0x20000, 0x3fffd, 1}},
}
