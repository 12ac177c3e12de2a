package lint

import (
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// overlap reports whether some text matches both patterns, of which * and ?
// are the wildcards.
func overlap(a, b string) bool {
	if i := literal(a, b); a[:i] != b[:i] {
		return false
	}
	switch {
	case !wild(a):
		return match.Wild(b, a)
	case !wild(b):
		return match.Wild(a, b)
	}
	// at[j] is whether a[:i] and b[:j] can match the same text.
	at, next := make([]bool, len(b)+1), make([]bool, len(b)+1)
	at[0] = true
	for i := range len(a) + 1 {
		clear(next)
		for j := range len(b) + 1 {
			if !at[j] {
				continue
			}
			if j < len(b) && (b[j] == '*' || i < len(a) && a[i] == '*') {
				at[j+1] = true
			}
			if i < len(a) && (a[i] == '*' || j < len(b) && b[j] == '*') {
				next[j] = true
			}
			if i < len(a) && j < len(b) && a[i] != '*' && b[j] != '*' && (a[i] == b[j] || a[i] == '?' || b[j] == '?') {
				next[j+1] = true
			}
		}
		if i < len(a) {
			at, next = next, at
		}
	}
	return at[len(b)]
}

// literal returns how many bytes both texts have before the first wildcard of
// either.
func literal(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] != '*' && a[i] != '?' && b[i] != '*' && b[i] != '?' {
		i++
	}
	return i
}

// reaches reports whether the pattern of a resource can match an ARN of the
// form, which is a pattern of six fields. As to IAM, a wildcard in one of the
// first five fields stays within it, and "*" alone matches everything.
func reaches(pattern, form string) bool {
	a, b := fields(pattern), fields(form)
	for i := range a {
		if !overlap(a[i], b[i]) {
			return false
		}
	}
	return true
}

// fields returns the six fields of a pattern. What a variable stands for is
// not known, so it is a star here. Fields that are not there match anything.
func fields(pattern string) (f [6]string) {
	parts := strings.SplitN(starred(pattern), ":", len(f))
	if pattern == "*" {
		parts = nil
	}
	for i := range f {
		f[i] = "*"
		if i < len(parts) {
			f[i] = parts[i]
		}
	}
	return f
}

// starred returns the text with a star for each ${variable}.
func starred(text string) string {
	for {
		begin := strings.Index(text, "${")
		if begin < 0 {
			return text
		}
		end := strings.IndexByte(text[begin:], '}')
		if end < 0 {
			return text[:begin] + "*"
		}
		text = text[:begin] + "*" + text[begin+end+1:]
	}
}

// wild reports whether the text holds a wildcard.
func wild(text string) bool { return strings.ContainsAny(text, "*?") }
