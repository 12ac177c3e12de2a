package language

import (
	"encoding/binary"
	"slices"
	"strings"
)

// A machine is a deterministic automaton. Its states are made as they are
// reached; dead is the one from which nothing is accepted, in every machine.
// A machine is not safe for concurrent use.
type machine interface {
	size() int // how many states were made
	start() int32
	step(state int32, r rune) int32
	accepts(state int32) bool
	full(state int32) bool // whether all that follows is accepted
}

const dead = 0

// A search goes through the states of many machines that read the same text.
type search struct {
	machines []machine
	letters  []rune
}

// fresh are the letters to take for all those that no pattern names.
const fresh = "exampltubcdfghijknoqrsvwyz0123456789EXAMPLTUBCDFGHIJKNOQRSVWYZ-_"

// alphabet takes the letters of the patterns, one that is in none of them, and
// the unknown texts of the lead.
func (s *search) alphabet(lead Pattern, patterns []Pattern) {
	named := map[rune]bool{}
	for _, p := range patterns {
		for _, x := range p {
			switch x.kind {
			case letter:
				named[x.rune] = true
			case either:
				named[x.rune], named[upper(x.rune)] = true, true
			case fieldOne, fieldMany:
				named[':'] = true
			}
		}
	}
	other := rune(0x4E00) // beyond what IAM takes in a policy, so that it can be taken without asking
	if i := strings.IndexFunc(fresh, func(r rune) bool { return !named[r] }); i >= 0 {
		other = rune(fresh[i])
	}
	for named[other] {
		other++
	}
	for r := range named {
		s.letters = append(s.letters, r)
	}
	for _, x := range lead {
		if x.kind == block {
			s.letters = append(s.letters, x.rune)
		}
	}
	slices.Sort(s.letters)
	s.letters = append([]rune{other}, slices.Compact(s.letters)...)
}

// run visits every reachable combination of states that goOn accepts, the
// nearest first, until visit returns false. It reports whether it came to the
// end.
func (s *search) run(steps *int, goOn func([]int32) bool, visit func(states []int32, word func() string) bool) bool {
	n := len(s.machines)
	type origin struct {
		from int
		by   rune
	}
	var (
		states  []int32 // n to each combination
		origins []origin
		seen    = map[string]bool{}
		key     = make([]byte, 4*n)
		next    = make([]int32, n)
	)
	add := func(from int, by rune) {
		for i, state := range next {
			binary.LittleEndian.PutUint32(key[4*i:], uint32(state))
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			states, origins = append(states, next...), append(origins, origin{from, by})
		}
	}
	for i, m := range s.machines {
		next[i] = m.start()
	}
	if goOn(next) {
		add(-1, 0)
	}
	made := 0
	for at := 0; at < len(origins); at++ {
		before := made
		made = 0
		for _, m := range s.machines {
			made += m.size()
		}
		if *steps -= 1 + len(s.letters)*n/32 + 4*(made-before); *steps < 0 {
			return false
		}
		here := slices.Clone(states[at*n : at*n+n])
		if !visit(here, func() string {
			var word []rune
			for i := at; i > 0; i = origins[i].from {
				word = append(word, origins[i].by)
			}
			slices.Reverse(word)
			return string(word)
		}) {
			return true
		}
		for _, r := range s.letters {
			for i, m := range s.machines {
				next[i] = dead
				if here[i] != dead {
					next[i] = m.step(here[i], r)
				}
			}
			if goOn(next) {
				add(at, r)
			}
		}
	}
	return true
}

// words is the automaton of a finite set of texts: a tree of their letters.
type words struct{ nodes []node }

type node struct {
	next map[rune]int32
	end  bool
}

func newWords() *words { return &words{nodes: make([]node, 2)} }

func (w *words) add(text string) {
	at := w.start()
	for _, r := range text {
		next := w.nodes[at].next[r]
		if next == dead {
			next = int32(len(w.nodes))
			if w.nodes[at].next == nil {
				w.nodes[at].next = map[rune]int32{}
			}
			w.nodes[at].next[r] = next
			w.nodes = append(w.nodes, node{})
		}
		at = next
	}
	w.nodes[at].end = true
}

func (w *words) size() int                      { return 0 }
func (w *words) start() int32                   { return 1 }
func (w *words) step(state int32, r rune) int32 { return w.nodes[state].next[r] }
func (w *words) accepts(state int32) bool       { return w.nodes[state].end }
func (w *words) full(int32) bool                { return false }
