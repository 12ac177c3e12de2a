package managed

import "github.com/ssmctl/ssmctl/spelling"

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
	for _, e := range index().sorted {
		if d := spelling.Distance(name, e.Name, best); d < best || d == best && found == "" {
			best, found = d, e.Name
		}
	}
	return found, found != ""
}
