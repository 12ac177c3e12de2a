package spec

import "fmt"

// maxCompared bounds how many names are compared for the sake of suggestions.
const maxCompared = 200_000

// maxWord is the longest word there are suggestions for.
const maxWord = 100

// suggest returns "did you mean …?" with the one of the names that word is
// most likely a slip for, or "" if none is near.
func (l *loader) suggest(word string, names []string) string {
	if l.compared += len(names); l.compared > maxCompared || l.problems.full() || len(word) > maxWord {
		return ""
	}
	best, least := "", max(1, min(3, len(word)/3))+1
	for _, name := range names {
		if d := distance(word, name, least); d < least {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// atMost keeps a list of what is known short enough to read.
func atMost(names []string) []string {
	const most = 20
	if len(names) <= most {
		return names
	}
	return append(names[:most:most], fmt.Sprintf("and %d more", len(names)-most))
}

// distance returns how many letters have to be put in, left out, replaced or
// swapped with their neighbour to make a into b; limit or more is limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(b) > maxWord {
		return limit
	}
	var rows [3][maxWord + 1]int
	before, row, next := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		least := next[0]
		for j := range len(b) {
			d := row[j]
			if lower(a[i]) != lower(b[j]) {
				d++
			}
			d = min(d, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			next[j+1] = d
			least = min(least, d)
		}
		if least >= limit {
			return limit
		}
		before, row, next = row, next, before
	}
	return min(row[len(b)], limit)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
