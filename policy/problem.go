package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Problem is one thing wrong with a policy, or with what one should be
// compiled from, and what to do about it.
type Problem struct {
	Position Position // in the text; zero if there is no text
	Path     Path     // to what is at fault
	Text     string   // what is wrong and why
	Help     string   // what to do instead
}

// Error returns all of p in one line, such as
//
//	3:17: Statement[0].Action[1]: "ssm:ListCommands " holds white space; write ssm:ListCommands
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Position.Line > 0 {
		b.WriteString(p.Position.String() + ": ")
	}
	if len(p.Path) > 0 {
		b.WriteString(p.Path.String() + ": ")
	}
	b.WriteString(p.Text)
	if p.Help != "" {
		b.WriteString("; " + p.Help)
	}
	return b.String()
}

// Problems are all that is wrong, in the order of the text. As an error, it
// is never empty.
type Problems []Problem

// Error returns a line a problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i := range ps {
		lines[i] = ps[i].Error()
	}
	return strings.Join(lines, "\n")
}

// err returns ps as an error, or nil if there is no problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// add appends a problem without a position.
func (ps *Problems) add(path Path, text, help string) {
	*ps = append(*ps, Problem{Path: path, Text: text, Help: help})
}

// A Path leads from the top of a document to a part of it: names of elements,
// and indexes into lists in decimal.
type Path []string

// String returns the path as in "Statement[1].Condition.StringEquals["aws:ResourceTag/env"][0]".
func (p Path) String() string {
	var b strings.Builder
	for i, element := range p {
		switch {
		case strings.Trim(element, "0123456789") == "":
			b.WriteString("[" + element + "]")
		case strings.ContainsAny(element, ".:/[]\" "):
			fmt.Fprintf(&b, "[%q]", element)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(element)
		}
	}
	return b.String()
}

// at returns the path to a part of what p leads to. It shares nothing with p.
func (p Path) at(elements ...string) Path {
	return append(p[:len(p):len(p)], elements...)
}

// A Position is a place in a text. Line and Column count from 1, columns in
// characters; the zero Position is nowhere.
type Position struct{ Line, Column int }

// String returns "line:column".
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// position returns the position of the byte at offset.
func position(text string, offset int) Position {
	before := text[:min(offset, len(text))]
	return Position{
		Line:   strings.Count(before, "\n") + 1,
		Column: utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1,
	}
}
