package catalogue

import (
	"strings"
	"unicode/utf8"
)

// ARNMatches reports whether an ARN, or a pattern of ARNs as the Resource of a
// policy has it, can be of a format such as those of Resource.ARNs: whether
// there is any ARN that both describe. So "*" can be of every format.
//
// In the format, a placeholder such as ${InstanceId} stands for any text but
// none, one in the first five fields for a word of letters, digits and hyphens,
// ${BucketName} for a text without slashes; * is any text. In the pattern, *
// and ? are wildcards, which in the first five fields do not match colons, and
// a policy variable stands for any text. Fields that a pattern lacks at its end
// may be anything. Case matters.
//
// An empty account is matched by a wildcard or by nothing, never by ${Account}:
// for the documents of AWS there is a format of their own in Resource.ARNs.
func ARNMatches(format, arn string) bool {
	formats, patterns := fields(format), fields(arn)
	for i := range formats {
		class := anything
		if i < 5 {
			class = word
		}
		switch {
		case patterns[i] == "*":
		case !strings.ContainsAny(formats[i], "$*") && !strings.ContainsAny(patterns[i], "$*?"):
			if formats[i] != patterns[i] {
				return false
			}
		case !meet(glob(formats[i], class, true), glob(patterns[i], anything, false)):
			return false
		}
	}
	return true
}

// fields splits at the first five colons that are not within ${}. What is
// missing is "*".
func fields(arn string) (f [6]string) {
	n := 0
	for i := 0; i < len(arn) && n < 5; {
		switch {
		case strings.HasPrefix(arn[i:], "${"):
			if end := strings.IndexByte(arn[i:], '}'); end > 0 {
				i += end
			} else {
				i += len("${")
			}
		case arn[i] == ':':
			f[n], arn, i = arn[:i], arn[i+1:], 0
			n++
		default:
			i++
		}
	}
	f[n] = arn
	for n++; n < len(f); n++ {
		f[n] = "*"
	}
	return f
}

// A class is the set of characters that a wildcard stands for.
type class uint8

const (
	anything class = iota
	word           // letters, digits and hyphens
	segment        // all but slashes and colons
)

func (c class) has(r rune) bool {
	switch c {
	case word:
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-'
	case segment:
		return r != '/' && r != ':'
	default:
		return true
	}
}

// A token is a character, or one or any number out of a class.
type token struct {
	kind  tokenKind
	char  rune
	class class
}

type tokenKind uint8

const (
	literal tokenKind = iota
	one
	many
)

// glob reads a field of a format, whose placeholders are of that class, or one
// of a pattern.
func glob(s string, placeholder class, format bool) []token {
	tokens := make([]token, 0, len(s))
	for s != "" {
		if name, rest, ok := variable(s); ok {
			s = rest
			switch {
			case format && name == "BucketName":
				tokens = append(tokens, token{kind: one, class: segment}, token{kind: many, class: segment})
			case format:
				tokens = append(tokens, token{kind: one, class: placeholder}, token{kind: many, class: placeholder})
			case name == "*" || name == "?" || name == "$":
				tokens = append(tokens, token{char: rune(name[0])}) // an escape
			default:
				tokens = append(tokens, token{kind: many})
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		switch {
		case r == '*':
			tokens = append(tokens, token{kind: many})
		case r == '?' && !format:
			tokens = append(tokens, token{kind: one})
		default:
			tokens = append(tokens, token{char: r})
		}
	}
	return tokens
}

// variable takes a ${name} off the front of s.
func variable(s string) (name, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, "${")
	if !ok {
		return "", "", false
	}
	return strings.Cut(s, "}")
}

// meet reports whether there is a text that both describe. It walks over the
// pairs of a place in a and a place in b that a common beginning can reach, a
// row for each place in a.
func meet(a, b []token) bool {
	row, next := make([]bool, len(b)+1), make([]bool, len(b)+1)
	row[0] = true
	for i := 0; ; i++ {
		clear(next)
		for j, reached := range row {
			if !reached {
				continue
			}
			inA, inB := i < len(a), j < len(b)
			if inA && a[i].kind == many {
				next[j] = true
			}
			if inB && b[j].kind == many {
				row[j+1] = true
			}
			if inA && inB && share(a[i], b[j]) {
				switch {
				case a[i].kind == many:
					row[j+1] = true
				case b[j].kind == many:
					next[j] = true
				default:
					next[j+1] = true
				}
			}
		}
		if i == len(a) {
			return row[len(b)]
		}
		row, next = next, row
	}
}

// share reports whether there is a character that both stand for.
func share(a, b token) bool {
	switch {
	case a.kind == literal && b.kind == literal:
		return a.char == b.char
	case a.kind == literal:
		return b.class.has(a.char)
	case b.kind == literal:
		return a.class.has(b.char)
	default:
		return true // the classes overlap
	}
}

// Fill replaces each placeholder of a format, such as ${Account}, by what value
// returns for its name.
func Fill(format string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(format, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(value(name))
		format = after
	}
}
