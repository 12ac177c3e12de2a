package language

import "strings"

// A Wildcard is one in a pattern: how many colons are before it, whether it
// matches one character, and whether it is all there is between two colons.
type Wildcard struct {
	Colons     int
	One, Alone bool
}

// Fill returns p, of which nothing is unknown, with fill in place of each
// wildcard.
func (p Pattern) Fill(fill func(Wildcard) string) string {
	var b strings.Builder
	colon := symbol{letter, ':'}
	colons := 0
	for i, s := range p {
		switch s.kind {
		case letter:
			if s == colon {
				colons++
			}
			b.WriteRune(s.rune)
		case either:
			b.WriteRune(s.rune)
		default:
			alone := (i == 0 || p[i-1] == colon) && (i == len(p)-1 || p[i+1] == colon)
			b.WriteString(fill(Wildcard{colons, s.single(), alone}))
		}
	}
	return b.String()
}

// Align returns what the one unknown text of p would have to be for p to begin
// as q does, and to go on after it with the same character or to end.
func Align(p, q Pattern) (string, bool) {
	i := 0
	for ; i < len(p) && p[i].kind != block; i++ {
		if i >= len(q) || p[i] != q[i] {
			return "", false
		}
	}
	if i == len(p) {
		return "", false
	}
	end := symbol{}
	if i+1 < len(p) {
		end = p[i+1]
	}
	var b strings.Builder
	for _, s := range q[min(i, len(q)):] {
		if s == end || s.kind != letter {
			break
		}
		b.WriteRune(s.rune)
	}
	return b.String(), b.Len() > 0
}

// Disjoint reports whether p and q can be seen at a glance to have no text in
// common. If not, they still may have none.
func Disjoint(p, q Pattern) bool {
	if differ(p, q, func(p Pattern, i int) symbol { return p[len(p)-1-i] }) {
		return true
	}
	for {
		if differ(p, q, func(p Pattern, i int) symbol { return p[i] }) {
			return true
		}
		var more1, more2 bool
		p, more1 = afterColon(p)
		q, more2 = afterColon(q)
		if !more1 || !more2 {
			return false
		}
	}
}

// differ compares symbols, in the order that at gives, for as long as they
// match one character each.
func differ(p, q Pattern, at func(Pattern, int) symbol) bool {
	for i := 0; ; i++ {
		switch {
		case i == len(p) && i == len(q):
			return false
		case i == len(p):
			return at(q, i).single()
		case i == len(q):
			return at(p, i).single()
		}
		a, b := at(p, i), at(q, i)
		if !a.single() || !b.single() {
			return false
		}
		if !a.shares(b) {
			return true
		}
	}
}

func (s symbol) single() bool { return s.kind == letter || s.kind == either || s.isOne() }

// shares reports whether two symbols of one character match a common one.
func (s symbol) shares(t symbol) bool {
	if s.kind > t.kind {
		s, t = t, s
	}
	switch {
	case t.kind == fieldOne:
		return s.kind != letter || s.rune != ':'
	case t.kind == one:
		return true
	case t.kind == either:
		return s.rune == t.rune || s.kind == letter && s.rune == upper(t.rune)
	}
	return s.rune == t.rune
}

// afterColon returns what follows the first colon, if nothing before it matches
// one.
func afterColon(p Pattern) (Pattern, bool) {
	for i, s := range p {
		switch {
		case s == symbol{letter, ':'}:
			return p[i+1:], true
		case s.kind == one || s.kind == many || s.kind == block:
			return p, false
		}
	}
	return p, false
}
