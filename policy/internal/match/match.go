// Package match is how the policy language compares: wildcards, variables,
// ARNs, actions, and the operators of conditions.
//
// It is for the packages that give policies a meaning, so that all of them
// compare alike. It imports only the standard library, and knows neither of
// documents and statements nor of requests: it compares a text of a policy
// with a text.
package match

import (
	"strings"
	"unicode/utf8"
)

// A Kind is what a token of a pattern matches.
type Kind uint8

// The kinds.
const (
	Literal Kind = iota // its one character
	One                 // any one character: '?'
	Many                // any characters, also none: '*'
)

// A Token is one element of a pattern.
type Token struct {
	Kind Kind
	Rune rune // of a Literal; zero for the others
}

// A Pattern is what a text is matched against: all of the text, token by
// token. The empty pattern matches the empty text. Nobody changes one once it
// is made.
type Pattern []Token

// Glob returns the pattern in which * and ? are wildcards and nothing else is
// special.
func Glob(s string) Pattern { return appendText(make(Pattern, 0, len(s)), s, true) }

// Text returns the pattern that matches s alone.
func Text(s string) Pattern { return appendText(make(Pattern, 0, len(s)), s, false) }

func appendText(p Pattern, s string, wild bool) Pattern {
	for _, r := range s {
		switch {
		case wild && r == '*':
			p = append(p, Token{Kind: Many})
		case wild && r == '?':
			p = append(p, Token{Kind: One})
		default:
			p = append(p, Token{Literal, r})
		}
	}
	return p
}

// Match reports whether p matches all of s. Case counts. Time is at most the
// product of the lengths.
func (p Pattern) Match(s string) bool {
	i, star, mark := 0, -1, 0 // star: where the last Many is; mark: where in s to try next after it
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case i < len(p) && p[i].Kind == Many:
			star, mark = i, at
			i++
		case i < len(p) && (p[i].Kind == One || p[i].Rune == r):
			i++
			at += size
		case star >= 0:
			_, size := utf8.DecodeRuneInString(s[mark:])
			mark += size
			i, at = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i].Kind == Many {
		i++
	}
	return i == len(p)
}

// Fold returns the pattern with the letters A to Z in lower case: against a
// text folded by the function Fold it matches without regard to case.
func (p Pattern) Fold() Pattern {
	folded := make(Pattern, len(p))
	for i, t := range p {
		if t.Kind == Literal && 'A' <= t.Rune && t.Rune <= 'Z' {
			t.Rune += 'a' - 'A'
		}
		folded[i] = t
	}
	return folded
}

// Literal returns the only text that p matches, if it matches but one.
func (p Pattern) Literal() (string, bool) {
	var b strings.Builder
	for _, t := range p {
		if t.Kind != Literal {
			return "", false
		}
		b.WriteRune(t.Rune)
	}
	return b.String(), true
}

// Wild reports whether s matches the pattern in which * and ? are wildcards:
// what Glob(pattern).Match(s) reports, without making the pattern.
func Wild(pattern, s string) bool {
	if pattern == s || pattern == "*" { // as most fields of ARNs are
		return true
	}
	first := strings.IndexAny(pattern, "*?")
	if first < 0 || !strings.HasPrefix(s, pattern[:first]) {
		return false
	}
	pattern, s = pattern[first:], s[first:]
	if pattern == "*" {
		return true
	}
	i, at, star, mark := 0, 0, -1, 0
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		var p rune
		width := 0
		if i < len(pattern) {
			p, width = utf8.DecodeRuneInString(pattern[i:])
		}
		switch {
		case width > 0 && p == '*':
			star, mark = i+1, at
			i++
		case width > 0 && (p == '?' || p == r):
			i += width
			at += size
		case star >= 0:
			_, size := utf8.DecodeRuneInString(s[mark:])
			mark += size
			i, at = star, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}

// Fold returns s with the letters A to Z in lower case. Nothing else has case
// to IAM.
func Fold(s string) string {
	i := 0
	for i < len(s) && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		if 'A' <= b[i] && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// EqualFold reports whether Fold makes the same of a and b.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
