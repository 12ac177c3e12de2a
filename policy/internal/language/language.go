// Package language finds texts that match some patterns and none of others, or
// proves that there is none: the emptiness of an intersection of wildcard
// languages and their complements.
//
// It is the string theory of the proof that one policy allows no more than
// another, after "Semantic-based Automated Reasoning for AWS Access Policies
// using SMT" (FMCAD 2018), without a solver. It imports only the standard
// library and the patterns of package match. It knows nothing of policies,
// requests or ARNs, but that a pattern may be bounded by colons.
package language

import (
	"slices"
	"unicode"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// Block is the first of the characters that stand for texts that are not known:
// whoever makes a pattern puts one where the text is. Four belong to each text,
// of which Unknown returns the first: to it are added bounded and folded. A
// policy that itself holds such characters cannot be taken.
const Block = 0x10F000

// MaxUnknown is how many texts can be not known.
const MaxUnknown = (unicode.MaxRune - Block + 1) / 4

const (
	bounded rune = 1 << iota // the text has no colon, or the pattern no text
	folded                   // the text in any case
)

// Unknown returns the character for the i-th text that is not known, from 0 to
// below MaxUnknown.
func Unknown(i int) rune { return Block + 4*rune(i) }

// A kind is what a symbol matches.
type kind uint8

const (
	letter    kind = iota // its one character
	either                // its one letter, in upper or lower case
	one                   // any character
	many                  // any characters, also none
	fieldOne              // any character but a colon
	fieldMany             // any characters but colons, also none
	block                 // the text that is not known
)

// A symbol is one element of a Pattern.
type symbol struct {
	kind kind
	rune rune
}

// A Pattern is a set of texts. Nobody changes one once it is made.
type Pattern []symbol

// Text returns the pattern of the texts that p matches.
func Text(p match.Pattern) Pattern { return appendSymbols(nil, p, letter, one, many, 0) }

// Folded returns the pattern of the texts that p matches when A to Z have no
// case.
func Folded(p match.Pattern) Pattern { return appendSymbols(nil, p, either, one, many, folded) }

// Fields returns the pattern of the texts that, cut at the first colons, match
// the patterns one by one: all but the last match no colon. It reports false if
// there is no such text, since one of these has a colon.
func Fields(fields ...match.Pattern) (Pattern, bool) {
	var p Pattern
	for i, field := range fields {
		if i == len(fields)-1 {
			return appendSymbols(p, field, letter, one, many, 0), true
		}
		if slices.Contains(field, match.Token{Kind: match.Literal, Rune: ':'}) {
			return nil, false
		}
		p = appendSymbols(p, field, letter, fieldOne, fieldMany, bounded)
		p = append(p, symbol{letter, ':'})
	}
	return p, true
}

// appendSymbols translates a pattern; of is added to what is not known.
func appendSymbols(to Pattern, p match.Pattern, literal, single, several kind, of rune) Pattern {
	for _, t := range p {
		switch {
		case t.Kind == match.One:
			to = append(to, symbol{kind: single})
		case t.Kind == match.Many:
			if n := len(to); n > 0 && to[n-1].kind == several {
				continue
			}
			to = append(to, symbol{kind: several})
		case t.Rune >= Block:
			to = append(to, symbol{block, t.Rune + of})
		case literal == either && isLetter(t.Rune):
			to = append(to, symbol{either, t.Rune | 0x20})
		default:
			to = append(to, symbol{letter, t.Rune})
		}
	}
	return to
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// upper returns one of a to z in upper case.
func upper(r rune) rune { return r &^ 0x20 }

// Word returns the only text of p, if it has but one and that is known.
func (p Pattern) Word() (string, bool) {
	w := make([]rune, len(p))
	for i, s := range p {
		if s.kind != letter {
			return "", false
		}
		w[i] = s.rune
	}
	return string(w), true
}

// HasUnknown reports whether p holds a text that is not known.
func (p Pattern) HasUnknown() bool {
	return slices.ContainsFunc(p, func(s symbol) bool { return s.kind == block })
}

// Find returns a text that is in every pattern of in and in none of out, and
// whether there is one. Of the shortest it is the first by an order of its
// own. The search counts down steps, more for each state the more patterns and
// letters there are; when they end, complete is false and the answer is not
// known.
//
// Where a pattern of in holds unknown texts, the answer errs on the side of
// finding: if there is none, then there is none whatever the unknown texts
// are, provided that equal characters stand for equal texts. A text that is
// found may hold characters from Block, and may be no text at all once they
// are known.
func Find(in, out []Pattern, steps *int) (text string, found, complete bool) {
	in = slices.Clone(in)
	if len(in) == 0 {
		in = []Pattern{{{kind: many}}}
	}
	// The first pattern with unknown texts says where they are; for the others
	// such a text is any text.
	if i := slices.IndexFunc(in, Pattern.HasUnknown); i > 0 {
		in[0], in[i] = in[i], in[0]
	}
	s := search{}
	unknown := in[0].HasUnknown()
	for i, p := range in {
		switch {
		case i == 0:
			s.machines = append(s.machines, newGlob(p, leading))
		case unknown:
			s.machines = append(s.machines, newGlob(p, widened))
		default:
			s.machines = append(s.machines, newGlob(p, narrowed))
		}
	}
	words := newWords()
	for _, p := range out {
		if w, ok := p.Word(); ok {
			words.add(w)
		} else {
			s.machines = append(s.machines, newGlob(p, narrowed))
		}
	}
	if len(words.nodes) > 2 || words.nodes[words.start()].end {
		s.machines = append(s.machines, words)
	}
	s.alphabet(in[0], slices.Concat(in, out))
	complete = s.run(steps, func(states []int32) bool {
		for i, m := range s.machines {
			if i < len(in) && states[i] == dead || i >= len(in) && m.full(states[i]) {
				return false
			}
		}
		return true
	}, func(states []int32, word func() string) bool {
		for i, m := range s.machines {
			if m.accepts(states[i]) != (i < len(in)) {
				return true
			}
		}
		text, found = word(), true
		return false
	})
	return text, found, complete || found
}

// Classes tells the texts of a pattern apart by which of the others they are in
// too. It calls visit once for each set of others that has such a text, with
// one of the shortest. No pattern may hold unknown texts. It reports false if
// steps ended before all sets were found.
func Classes(p Pattern, others []Pattern, steps *int, visit func(text string)) bool {
	patterns := append([]Pattern{p}, others...)
	var s search
	for _, p := range patterns {
		s.machines = append(s.machines, newGlob(p, narrowed))
	}
	s.alphabet(nil, patterns)
	seen := map[string]bool{}
	return s.run(steps, func(states []int32) bool { return states[0] != dead }, func(states []int32, word func() string) bool {
		set := make([]byte, len(states))
		for i, m := range s.machines {
			if m.accepts(states[i]) {
				set[i] = 1
			}
		}
		if set[0] == 1 && !seen[string(set)] {
			seen[string(set)] = true
			visit(word())
		}
		return true
	})
}
