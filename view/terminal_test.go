package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A terminal is as much of one as Progress makes use of. It keeps every line
// that was ever on it, however long, and notes when it is asked for what a
// real one of its size would have got wrong.
type terminal struct {
	columns, rows int
	cells         [][]rune // lines of cells; the second cell of a wide character is 0
	row, column   int
	fault         string
}

func (s *terminal) Write(text []byte) (int, error) {
	rest := []rune(string(text))
	for len(rest) > 0 {
		r := rest[0]
		rest = rest[1:]
		for s.row >= len(s.cells) {
			s.cells = append(s.cells, nil)
		}
		switch r {
		case '\x1b':
			rest = s.sequence(rest)
		case '\n':
			s.row, s.column = s.row+1, 0
		case '\r':
			s.column = 0
		default:
			s.print(r)
		}
	}
	return len(text), nil
}

func (s *terminal) print(r rune) {
	line := s.cells[s.row]
	for len(line) < s.column+2 {
		line = append(line, ' ')
	}
	line[s.column] = r
	s.column++
	if runeWidth(r) == 2 {
		line[s.column] = 0
		s.column++
	}
	s.cells[s.row] = line
}

// sequence carries out the control sequence at the start of rest, its ESC
// gone, and returns what follows.
func (s *terminal) sequence(rest []rune) []rune {
	i := slices.IndexFunc(rest[1:], func(r rune) bool { return r >= '@' }) + 1
	n, _ := strconv.Atoi(string(rest[1:i]))
	switch rest[i] {
	case 'A':
		if n >= s.rows {
			s.fail("moved %d lines up on a screen of %d", n, s.rows)
		}
		for _, line := range s.lines()[s.row-n : s.row] {
			if width(line) > s.columns {
				s.fail("went back over a line that has wrapped: %q", line)
			}
		}
		s.row -= n
	case 'K':
		s.cells[s.row] = s.cells[s.row][:min(s.column, len(s.cells[s.row]))]
	case 'J':
		s.cells = s.cells[:s.row+1]
		s.cells[s.row] = s.cells[s.row][:min(s.column, len(s.cells[s.row]))]
	case 'm':
	default:
		s.fail("unknown sequence %q", string(rest[:i+1]))
	}
	return rest[i+1:]
}

// lines returns what is on the screen, without blanks at the ends of lines.
func (s *terminal) lines() []string {
	var out []string
	for _, cells := range s.cells {
		line := strings.ReplaceAll(string(cells), "\x00", "")
		out = append(out, strings.TrimRight(line, " "))
	}
	return out
}

func (s *terminal) fail(format string, args ...any) {
	if s.fault == "" {
		s.fault = fmt.Sprintf(format, args...)
	}
}
