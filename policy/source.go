package policy

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A source is the text that a document was parsed from, and where in it its
// parts are. That is only worked out once something is wrong, and then kept: of
// a document in which everything is wrong it is asked as often as it has parts.
// It is safe for concurrent use.
type source struct {
	text string

	once   sync.Once
	root   node
	lines  []int // where each line begins
	before []int // how many characters begin before each stride of the text
}

// stride is how many bytes are counted anew for each position.
const stride = 256

// read takes the text apart.
func (s *source) read() {
	s.root, _ = scan(s.text)
	s.lines = []int{0}
	characters := 0
	for i := range len(s.text) {
		if i%stride == 0 {
			s.before = append(s.before, characters)
		}
		if utf8.RuneStart(s.text[i]) {
			characters++
		}
		if s.text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
}

// position is the function position for this text, without counting all of it.
// The offset is that of a part of the text.
func (s *source) position(offset int) Position {
	line, there := slices.BinarySearch(s.lines, offset)
	if there {
		line++
	}
	return Position{Line: line, Column: s.characters(offset) - s.characters(s.lines[line-1]) + 1}
}

// characters returns how many characters begin before the offset.
func (s *source) characters(offset int) int {
	i := min(offset/stride, len(s.before)-1)
	n := s.before[i]
	for _, b := range []byte(s.text[i*stride : offset]) {
		if utf8.RuneStart(b) {
			n++
		}
	}
	return n
}

// locate returns where in the text the path leads, and the path as written:
// a single value is not in a list there. For a document that was not parsed,
// and for what is not there, it returns the nearest that is known.
func (d Document) locate(path Path) (Position, Path) {
	if d.source == nil {
		return Position{}, path
	}
	d.source.once.Do(d.source.read)
	n := &d.source.root
	var written Path
	for _, element := range path {
		if n.kind == '[' {
			if i, err := strconv.Atoi(element); err == nil && i < len(n.items) {
				n, written = &n.items[i], written.at(element)
			}
			continue
		}
		if m := n.member(element); m != nil {
			n, written = &m.value, written.at(m.name)
		} else if element != "0" {
			written = written.at(element)
		}
	}
	return d.source.position(n.offset), written
}

// member returns the member of that name, or nil. Operators may be written in
// another case.
func (n *node) member(name string) *member {
	i := slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
	if i < 0 {
		i = slices.IndexFunc(n.members, func(m member) bool { return strings.EqualFold(m.name, name) })
	}
	if i < 0 {
		return nil
	}
	return &n.members[i]
}
