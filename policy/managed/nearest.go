package managed

import "strings"

// Nearest returns the name that someone who wrote name most likely meant: the
// one that differs only in case, else one within a few edits (insertions,
// deletions, substitutions, neighbours swapped; at most one in four
// characters, and never more than four), the first in order where several are
// as near. It is false if nothing is near, and returns name itself if that
// exists.
func Nearest(name string) (string, bool) {
	if _, ok := index().byName[name]; ok {
		return name, true
	}
	best, found := min(len(name)/4, 4), ""
	folded := strings.ToLower(name)
	for _, e := range index().sorted {
		if d := distance(folded, strings.ToLower(e.Name), best); d < best || d == best && found == "" {
			best, found = d, e.Name
		}
	}
	return found, found != ""
}

// distance counts the edits between a and b, or returns limit+1 if they are
// more than limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	// Rows of the table for the prefixes of a: the one before last, last, this.
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1], least = d, min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
