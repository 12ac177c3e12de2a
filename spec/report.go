package spec

import (
	"gopkg.in/yaml.v3"

	"github.com/ssmctl/ssmctl/resource"
)

// report notes a problem with a node. The caller may fill in Hint, Help, Known
// and Also of what it returns.
func (l *loader) report(n *yaml.Node, code, text string) *Problem {
	if l.problems.full() {
		return l.problems.lose()
	}
	line, column, width := l.stretch(n)
	return l.reportAt(line, column, width, code, text, "")
}

// reportAt notes a problem with a stretch of a line.
func (l *loader) reportAt(line, column, width int, code, text, help string) *Problem {
	if l.problems.full() {
		return l.problems.lose()
	}
	return l.problems.add(&Problem{
		Position: l.source.at(line, column),
		Code:     code,
		Text:     text,
		Help:     help,
		mark:     l.source.mark(line, column, width),
	})
}

// reportFile notes a problem with the file as a whole.
func (l *loader) reportFile(code, text, help string) {
	l.problems.add(&Problem{Position: l.source.at(1, 1), Code: code, Text: text, Help: help})
}

// also makes a second place of a node, to show beside a problem.
func (l *loader) also(n *yaml.Node, label string) *Place {
	if l.problems.full() {
		return nil // the problem it belongs to was most likely lost
	}
	line, column, width := l.stretch(n)
	return &Place{Position: l.source.at(line, column), Label: label, mark: l.source.mark(line, column, width)}
}

// stretch returns where a node begins, and how far it goes on that line.
func (l *loader) stretch(n *yaml.Node) (line, column, width int) {
	p := l.place(n)
	if p.Line != n.Line {
		return p.Line, p.Column, 1
	}
	return p.Line, p.Column, l.source.extent(n)
}

// place returns where a node begins.
func (l *loader) place(n *yaml.Node) resource.Position {
	if last := len(l.source.starts); n.Line > last {
		// A value that is not there may be said to stand after the end.
		return l.source.at(last, runes(l.source.line(last))+1)
	}
	return l.source.at(max(n.Line, 1), max(n.Column, 1))
}

// describe says in plain words what a node holds.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return scalar{text: n.Value, tag: n.Tag, plain: n.Style == 0}.describe()
}
