package access

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// common returns a text that all the globs match. Where the others let it, a *
// stands for that many fresh characters.
func common(globs []string, run int) (string, bool) {
	globs = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(globs))), func(g string) bool { return g == "*" })
	for _, g := range globs {
		if !strings.ContainsAny(g, "*?") {
			return g, !slices.ContainsFunc(globs, func(other string) bool { return !glob(other, g) })
		}
	}
	s := search{globs: make([][]rune, len(globs)), tried: map[string]bool{}, run: run, most: run}
	start := make([]active, len(globs))
	for i, g := range globs {
		s.globs[i] = []rune(g)
		s.most = max(s.most, run*strings.Count(g, "*"))
		start[i] = active{}.at(s.globs[i], 0)
	}
	if !s.from(start, 0, 0) {
		return "", false
	}
	return string(s.word), true
}

// runs are how many fresh characters stand for a *: more than patterns have ?
// in a row, then as few as can be.
var runs = [...]int{3, 1, 0}

// mostTries bounds a search. Two globs as long as ARNs may be need far less.
const mostTries = 5_000

// A search looks for a text that all the globs match, by running their
// automata side by side.
type search struct {
	globs [][]rune
	word  []rune
	tried map[string]bool
	run   int // how many fresh characters are preferred in a row
	most  int // and in all
}

// active are the places in a glob that the text so far may have led to,
// ascending. Past its end is one.
type active []int

// at adds a place, and what follows a * there.
func (a active) at(glob []rune, i int) active {
	for ; ; i++ {
		if n := len(a); n == 0 || a[n-1] < i {
			a = append(a, i)
		}
		if i == len(glob) || glob[i] != '*' {
			return a
		}
	}
}

// after returns where r leads to.
func (a active) after(glob []rune, r rune) active {
	var next active
	for _, i := range a {
		switch {
		case i == len(glob):
		case glob[i] == '*':
			next = next.at(glob, i)
		case glob[i] == '?' || glob[i] == r:
			next = next.at(glob, i+1)
		}
	}
	return next
}

// from completes the word, given where the globs are, how many characters at
// its end are fresh and how many in all, and reports whether it can.
func (s *search) from(at []active, run, used int) bool {
	key := stateKey(at, run, used)
	if s.tried[key] || len(s.tried) == mostTries {
		return false
	}
	s.tried[key] = true
	done, one := true, false
	var literals []rune // those of the furthest places first
	for i, g := range s.globs {
		done = done && at[i][len(at[i])-1] == len(g)
		for _, j := range slices.Backward(at[i]) {
			switch {
			case j == len(g) || g[j] == '*':
			case g[j] == '?':
				one = true
			case !slices.Contains(literals, g[j]):
				literals = append(literals, g[j])
			}
		}
	}
	more := one || run < s.run && used < s.most
	if more && s.with(at, fresh, run, used) || done {
		return true
	}
	for _, r := range literals {
		if s.with(at, r, run, used) {
			return true
		}
	}
	return !more && s.with(at, fresh, run, used)
}

// with completes the word after one more character.
func (s *search) with(at []active, r rune, run, used int) bool {
	to := make([]active, len(at))
	for i, g := range s.globs {
		if to[i] = at[i].after(g, r); len(to[i]) == 0 {
			return false
		}
	}
	if run++; r != fresh {
		run = 0
	} else {
		used++
	}
	s.word = append(s.word, r)
	if s.from(to, min(run, s.run), min(used, s.most)) {
		return true
	}
	s.word = s.word[:len(s.word)-1]
	return false
}

func stateKey(at []active, run, used int) string {
	var b strings.Builder
	b.WriteByte(byte(run))
	b.WriteByte(byte(used))
	for _, a := range at {
		for _, i := range a {
			b.WriteRune(rune(i + 1))
		}
		b.WriteByte(0)
	}
	return b.String()
}

// glob reports whether the glob matches s.
func glob(g, s string) bool {
	star, resume := -1, 0
	i, j := 0, 0
	for j < len(s) {
		_, size := utf8.DecodeRuneInString(s[j:])
		switch {
		case i < len(g) && g[i] == '*':
			star, resume = i, j
			i++
		case i < len(g) && g[i] == '?':
			i++
			j += size
		case i < len(g) && strings.HasPrefix(g[i:], s[j:j+size]):
			i += size
			j += size
		case star >= 0:
			_, size := utf8.DecodeRuneInString(s[resume:])
			resume += size
			i, j = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(g[i:], "*") == ""
}
