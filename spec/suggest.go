package spec

import (
	"fmt"

	"github.com/ssmctl/ssmctl/spelling"
)

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
		if d := spelling.Distance(word, name, least-1); d < least {
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
