package match

import "strings"

// A Template is a text of a policy that may hold wildcards and ${variables}.
// The zero Template is the empty text. It is safe for concurrent use.
//
// The syntax is that of the IAM User Guide, "IAM policy elements: Variables
// and tags": ${key}, ${key, 'default'}, and ${*}, ${?} and ${$} for these
// characters themselves. A ${ that no } follows is plain text.
type Template struct {
	parts []part
}

// A part is a pattern or, if variable, what a key holds.
type part struct {
	pattern  Pattern
	variable bool
	key      string
	fallback *string // the default; nil if there is none
}

// Parse reads a text of a policy. With wild, * and ? are wildcards, else plain
// characters. Without variables, as in version 2008-10-17 of the policy
// language, ${ is plain text, in which * and ? are what wild says.
func Parse(s string, wild, variables bool) Template {
	var t Template
	var p Pattern
	for variables {
		before, rest, found := strings.Cut(s, "${")
		inner, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			break
		}
		p = appendText(p, before, wild)
		s = after
		if inner == "*" || inner == "?" || inner == "$" {
			p = appendText(p, inner, false)
			continue
		}
		if len(p) > 0 {
			t.parts = append(t.parts, part{pattern: p})
			p = nil
		}
		t.parts = append(t.parts, variable(inner))
	}
	if p = appendText(p, s, wild); len(p) > 0 {
		t.parts = append(t.parts, part{pattern: p})
	}
	return t
}

// variable reads what is between ${ and }.
func variable(inner string) part {
	key, rest, found := strings.Cut(inner, ",")
	rest = strings.TrimSpace(rest)
	if found && len(rest) >= 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'' {
		fallback := rest[1 : len(rest)-1]
		return part{variable: true, key: strings.TrimSpace(key), fallback: &fallback}
	}
	return part{variable: true, key: strings.TrimSpace(inner)}
}

// Resolve returns the pattern with each variable replaced by what lookup gives
// for its key, or by its default if lookup gives nothing. What is put in has no
// wildcards. It reports false if a variable has neither: then the text matches
// nothing. All variables are looked up, also after one that has neither.
func (t Template) Resolve(lookup func(key string) (string, bool)) (Pattern, bool) {
	if len(t.parts) == 1 && !t.parts[0].variable {
		return t.parts[0].pattern, true
	}
	var p Pattern
	resolved := true
	for _, part := range t.parts {
		if !part.variable {
			p = append(p, part.pattern...)
			continue
		}
		value, ok := lookup(part.key)
		if !ok && part.fallback != nil {
			value, ok = *part.fallback, true
		}
		resolved = resolved && ok
		p = appendText(p, value, false)
	}
	if !resolved {
		return nil, false
	}
	return p, true
}

// Variables returns the keys of t's variables as they are written, in order,
// each once.
func (t Template) Variables() []string {
	var keys []string
	seen := map[string]bool{}
	for _, part := range t.parts {
		if part.variable && !seen[part.key] {
			seen[part.key] = true
			keys = append(keys, part.key)
		}
	}
	return keys
}

// Default returns the default that t gives for the variable of that key, and
// whether it gives one.
func (t Template) Default(key string) (string, bool) {
	for _, part := range t.parts {
		if part.variable && part.key == key && part.fallback != nil {
			return *part.fallback, true
		}
	}
	return "", false
}
