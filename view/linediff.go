package view

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// A diffLine is one line of the difference between two texts.
type diffLine struct {
	symbol symbol // adds, destroys, or "" for a line that is in both
	text   string // escaped
}

// around is how many unchanged lines stay before and after a change.
const around = 2

// maxDiffLines bounds the work of finding the smallest difference; longer
// texts are shown as replaced. A policy has some hundreds of lines.
const maxDiffLines = 5000

// diffJSON compares two values as indented JSON. A comma at the end of a line
// does not count: it comes and goes with the line that follows. Where lines
// are folded away, it is said what the next one is part of, by the text of
// within for that line of after; within may be nil.
func (o Options) diffJSON(before, after value, within []string) []diffLine {
	a, b := before.lines(), after.lines()
	return o.diffLines(a, b, compare(trimCommas(a), trimCommas(b)), within)
}

// diffText compares two texts line by line.
func (o Options) diffText(before, after string) []diffLine {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	return o.diffLines(a, b, compare(a, b), nil)
}

// diffLines lays out the edits that lead from before to after, and folds away
// what is equal farther away.
func (o Options) diffLines(before, after []string, edits []edit, within []string) []diffLine {
	var out []diffLine
	i, j := 0, 0
	for n, e := range edits {
		switch e.symbol {
		case destroys:
			for range e.lines {
				out = append(out, diffLine{destroys, Escape(before[i])})
				i++
			}
		case adds:
			for range e.lines {
				out = append(out, diffLine{adds, Escape(after[j])})
				j++
			}
		default:
			first, last := around, around
			if n == 0 {
				first = 0
			}
			if n == len(edits)-1 {
				last = 0
			}
			var part []string
			if within != nil && last > 0 {
				part = within[j : j+e.lines]
			}
			out = append(out, o.fold(after[j:j+e.lines], first, last, part)...)
			i, j = i+e.lines, j+e.lines
		}
	}
	return out
}

// fold keeps the first and the last of the lines and says how many were left
// out between, and within what the next one stands if that is known, unless
// folding saves nothing or all is wanted.
func (o Options) fold(lines []string, first, last int, within []string) []diffLine {
	var out []diffLine
	folded := len(lines) - first - last
	for k, line := range lines {
		switch {
		case o.Full || folded < 2 || k < first || k >= len(lines)-last:
			out = append(out, diffLine{text: Escape(line)})
		case k == first:
			text := fmt.Sprintf("%s %d lines", o.ellipsis(), folded)
			if within != nil && within[k+folded] != "" {
				text += "; in: " + within[k+folded]
			}
			out = append(out, diffLine{text: text})
		}
	}
	return out
}

// An edit is a run of lines that are equal, added or removed.
type edit struct {
	symbol symbol
	lines  int
}

// compare returns the smallest list of edits from one text to the other, with
// what is removed before what is added.
func compare(before, after []string) []edit {
	if len(before)+len(after) > maxDiffLines {
		return []edit{{destroys, len(before)}, {adds, len(after)}}
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the answer must not depend on how busy the machine is
	a, b, _ := d.DiffLinesToRunes(joined(before), joined(after))
	var edits []edit
	for _, diff := range d.DiffMainRunes(a, b, false) {
		s := symbol("")
		switch diff.Type {
		case diffmatchpatch.DiffDelete:
			s = destroys
		case diffmatchpatch.DiffInsert:
			s = adds
		}
		edits = append(edits, edit{s, utf8.RuneCountInString(diff.Text)}) // a rune stands for a line
	}
	return edits
}

func joined(lines []string) string { return strings.Join(lines, "\n") + "\n" }

func trimCommas(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimSuffix(line, ",")
	}
	return out
}
