package language

import "encoding/binary"

// A mode is what an automaton makes of texts that are not known.
type mode uint8

const (
	// leading: a text that is not known is read where the pattern has it and
	// nowhere else.
	leading mode = iota
	// widened: it is any text, wherever it is. More is accepted than may be.
	widened
	// narrowed: it is read where the pattern has the same, and where the
	// pattern takes any texts. Less is accepted than may be.
	narrowed
)

// A glob is the automaton of a pattern. A state is a set of positions in the
// pattern: what is before them has been read.
type glob struct {
	pattern Pattern
	mode    mode
	class   map[rune]int // of the letters that are not like all others
	states  []globState
	index   map[string]int32
}

type globState struct {
	at            []uint64 // the positions, a bit each
	next          []int32  // by class; unmade until it is asked for
	accepts, full bool
}

const unmade = -1

func newGlob(p Pattern, m mode) *glob {
	p = spread(p)
	g := &glob{pattern: p, mode: m, class: map[rune]int{}, index: map[string]int32{}}
	add := func(r rune) {
		if _, ok := g.class[r]; !ok {
			g.class[r] = len(g.class) + 1
		}
	}
	add(':')
	for _, x := range p {
		switch x.kind {
		case letter:
			add(x.rune)
		case either:
			add(x.rune)
			add(upper(x.rune))
		}
	}
	nothing := make([]uint64, len(p)/64+1)
	g.state(nothing)
	first := make([]uint64, len(nothing))
	g.enter(first, 0)
	g.state(first)
	return g
}

// spread returns the same pattern with a repeating wildcard before and after
// each wildcard for one character that stands next to one. Thus ?* is *?*, and
// takes a text that is not known and one character in either order.
func spread(p Pattern) Pattern {
	var q Pattern
	for i := 0; i < len(p); {
		end, repeats := i, false
		for end < len(p) && (p[end].kind == p[i].kind || (p[end].repeats() || p[end].isOne()) && (p[i].repeats() || p[i].isOne())) {
			repeats = repeats || p[end].repeats()
			end++
		}
		if !repeats {
			q = append(q, p[i:end]...)
			i = end
			continue
		}
		several := symbol{kind: many}
		if p[i].kind == fieldOne || p[i].kind == fieldMany {
			several.kind = fieldMany
		}
		q = append(q, several)
		for ; i < end; i++ {
			if p[i].isOne() {
				q = append(q, p[i], several)
			}
		}
	}
	return q
}

func (s symbol) repeats() bool { return s.kind == many || s.kind == fieldMany }
func (s symbol) isOne() bool   { return s.kind == one || s.kind == fieldOne }

func (g *glob) size() int            { return len(g.states) }
func (g *glob) start() int32         { return 1 }
func (g *glob) accepts(s int32) bool { return g.states[s].accepts }
func (g *glob) full(s int32) bool    { return g.states[s].full }
func (g *glob) kind(i int) kind      { return g.pattern[i].kind }

func has(set []uint64, i int) bool { return set[i/64]&(1<<(i%64)) != 0 }
func put(set []uint64, i int)      { set[i/64] |= 1 << (i % 64) }

// reads reports whether a symbol for a text that is not known reads another for
// it, whatever the text is.
func reads(symbol, other rune) bool {
	ours, theirs := symbol-Block, other-Block
	return ours/4 == theirs/4 && (ours&bounded == 0 || theirs&bounded != 0) && (ours&folded != 0 || theirs&folded == 0)
}

// enter adds a position, and those after it that no letter is needed for.
func (g *glob) enter(set []uint64, i int) {
	for !has(set, i) {
		put(set, i)
		if i == len(g.pattern) || !g.pattern[i].repeats() && !(g.kind(i) == block && g.mode == widened) {
			return
		}
		i++
	}
}

// state returns the state of a set of positions.
//
// Positions before the last that repeats are left out: what can be read from
// them ends in what can be read from it, and it repeats over the rest. If it
// repeats only up to a colon, that goes for the positions of its field.
func (g *glob) state(set []uint64) int32 {
	last := len(g.pattern) - 1
	for last >= 0 && !(has(set, last) && g.pattern[last].repeats()) {
		last--
	}
	for i := last - 1; i >= 0; i-- {
		if g.kind(last) == fieldMany && g.pattern[i] == (symbol{letter, ':'}) {
			break
		}
		set[i/64] &^= 1 << (i % 64)
	}
	key := make([]byte, 0, 8*len(set))
	for _, word := range set {
		key = binary.LittleEndian.AppendUint64(key, word)
	}
	if s, ok := g.index[string(key)]; ok {
		return s
	}
	s := globState{at: set, next: make([]int32, len(g.class)+1), accepts: has(set, len(g.pattern))}
	for i := range s.next {
		s.next[i] = unmade
	}
	n := len(g.pattern)
	s.full = n > 0 && g.kind(n-1) == many && has(set, n-1)
	g.states = append(g.states, s)
	g.index[string(key)] = int32(len(g.states) - 1)
	return int32(len(g.states) - 1)
}

func (g *glob) step(s int32, r rune) int32 {
	if r >= Block {
		return g.state(g.readUnknown(g.states[s].at, r))
	}
	c := g.class[r]
	if g.states[s].next[c] == unmade {
		g.states[s].next[c] = g.state(g.read(g.states[s].at, r))
	}
	return g.states[s].next[c]
}

// read returns the positions after a letter.
func (g *glob) read(at []uint64, r rune) []uint64 {
	next := make([]uint64, len(at))
	for i, x := range g.pattern {
		if !has(at, i) {
			continue
		}
		switch x.kind {
		case many:
			g.enter(next, i)
		case fieldMany:
			if r != ':' {
				g.enter(next, i)
			}
		case one:
			g.enter(next, i+1)
		case fieldOne:
			if r != ':' {
				g.enter(next, i+1)
			}
		case letter:
			if x.rune == r {
				g.enter(next, i+1)
			}
		case either:
			if x.rune == r || upper(x.rune) == r {
				g.enter(next, i+1)
			}
		case block:
			if g.mode == widened {
				g.enter(next, i)
			}
		}
	}
	return next
}

// readUnknown returns the positions after a text that is not known.
func (g *glob) readUnknown(at []uint64, r rune) []uint64 {
	next := make([]uint64, len(at))
	for i := range len(g.pattern) + 1 {
		switch {
		case !has(at, i):
		case g.mode == widened: // the text may be any part of what the pattern has from here
			for ; i <= len(g.pattern); i++ {
				g.enter(next, i)
			}
			return next
		case i == len(g.pattern):
		case g.kind(i) == block:
			if reads(g.pattern[i].rune, r) {
				g.enter(next, i+1)
			}
		case g.mode == narrowed && (g.kind(i) == many || g.kind(i) == fieldMany && (r-Block)&bounded != 0):
			g.enter(next, i)
		}
	}
	return next
}
