package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A Problem is one thing wrong with a spec.
type Problem struct {
	Position resource.Position `json:"position"`
	Code     string            `json:"code"`           // one of Rules
	Text     string            `json:"text"`           // what is wrong
	Hint     string            `json:"hint,omitempty"` // the likeliest remedy, in a few words
	Help     string            `json:"help,omitempty"` // what to do
	Known    []string          `json:"known,omitempty"`
	Also     *Place            `json:"also,omitempty"` // another place that has to do with it

	mark mark
}

// A Place is somewhere else in the spec, and why it matters.
type Place struct {
	Position resource.Position `json:"position"`
	Label    string            `json:"label"`

	mark mark
}

// A mark is a stretch of one line of the source.
type mark struct {
	line    string // what is around it
	skipped int    // how many characters of the line were left out before that
	width   int    // in characters; 0 if there is no line to show
}

// Error returns the problem on one line, "file:line:column: text [code]".
func (p Problem) Error() string {
	s := escape(p.Position.String() + ": " + p.Text)
	if p.Hint != "" {
		s += "; " + escape(p.Hint)
	}
	return s + " [" + p.Code + "]"
}

// Problems is all that is wrong with a spec, ordered by position. It is never
// empty, and holds no problem twice.
type Problems []Problem

// Error returns one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Render returns every problem as [Problem.Render] does, with blank lines
// between them.
func (ps Problems) Render() string {
	blocks := make([]string, len(ps))
	for i, p := range ps {
		blocks[i] = p.Render()
	}
	return strings.Join(blocks, "\n")
}

// maxProblems bounds what one file can make a person read, and a hostile one
// make this program remember.
const maxProblems = 1000

// problems gathers a file's problems in whatever order they are found.
type problems struct {
	list []*Problem
	more int     // found when the list was full
	lost Problem // takes what callers fill in of those
}

func (ps *problems) found() bool { return len(ps.list) > 0 }

func (ps *problems) count() int { return len(ps.list) + ps.more }

func (ps *problems) full() bool { return len(ps.list) == maxProblems }

// add keeps p. The list is not full.
func (ps *problems) add(p *Problem) *Problem {
	ps.list = append(ps.list, p)
	return p
}

// lose counts a problem that there is no room for.
func (ps *problems) lose() *Problem {
	ps.more++
	return &ps.lost
}

// all returns the problems sorted, none repeated.
func (ps *problems) all() Problems {
	list := make(Problems, 0, len(ps.list)+1)
	for _, p := range ps.list {
		list = append(list, *p)
	}
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Position.Line, b.Position.Line), cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Text, b.Text))
	})
	list = slices.CompactFunc(list, func(a, b Problem) bool {
		return a.Position == b.Position && a.Code == b.Code && a.Text == b.Text
	})
	if ps.more > 0 {
		last := list[len(list)-1]
		list = append(list, Problem{
			Position: last.Position,
			Code:     Unsaid,
			Text:     fmt.Sprintf("and %d more problems", ps.more),
			Help:     "mend these first",
		})
	}
	return list
}
