package catalogue

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/ssmctl/ssmctl/spelling"
)

// Nearest returns the action that someone who wrote action most likely meant,
// as AWS spells it. It is false if nothing is near. In turn it tries
//
//   - the action itself, blanks around it and case left aside
//   - the service whose prefix is nearest, if there is none of that prefix
//   - in its service, a name that differs in plurals alone: ListDocumentsVersions
//   - in its service, a name within a few edits (insertions, deletions,
//     substitutions, neighbours swapped; at most one in four characters, and
//     never more than four), the first in order where several are as near
//   - in its service, the same name with another of Describe, Get and List
//   - the same name in another service, if it is there in one alone, or in one
//     of those that are Detailed: of several the one closest to Systems Manager
//
// Without a prefix, only the last of these is tried.
func Nearest(action string) (string, bool) {
	action = strings.TrimSpace(action)
	if name, ok := allNames().spelling[strings.ToLower(action)]; ok {
		return name, true
	}
	service, name, found := strings.Cut(action, ":")
	if !found {
		return elsewhere(action)
	}
	service, name = strings.ToLower(strings.TrimSpace(service)), strings.TrimSpace(name)
	if service != "" && !Service(service) {
		service = nearestService(service)
	}
	if near, ok := nearestIn(service, name); ok {
		return near, true
	}
	return elsewhere(name)
}

// nearestIn finds what name means in a service.
func nearestIn(service, name string) (string, bool) {
	names := allNames().services[service]
	if len(names) == 0 {
		return "", false
	}
	if near, ok := allNames().spelling[service+":"+strings.ToLower(name)]; ok {
		return near, true
	}
	prefix, one := len(service)+len(":"), singular(name)
	for _, candidate := range names {
		if singular(candidate[prefix:]) == one {
			return candidate, true
		}
	}
	folded, best, near := strings.ToLower(name), min(len(name)/4, 4), ""
	for _, candidate := range names {
		if d := spelling.Distance(folded, candidate[prefix:], best); d < best || d == best && near == "" {
			best, near = d, candidate
		}
	}
	if near != "" {
		return near, true
	}
	verbs := []string{"describe", "get", "list"}
	for _, verb := range verbs {
		rest, ok := strings.CutPrefix(folded, verb)
		if !ok {
			continue
		}
		for _, other := range verbs {
			if near, ok := allNames().spelling[service+":"+other+rest]; ok {
				return near, true
			}
		}
	}
	return "", false
}

// elsewhere finds the action of that very name in another service.
func elsewhere(name string) (string, bool) {
	folded := ":" + strings.ToLower(name)
	for _, service := range details().order {
		if near, ok := allNames().spelling[service+folded]; ok {
			return near, true
		}
	}
	only := ""
	for service := range allNames().services {
		if near, ok := allNames().spelling[service+folded]; ok {
			if only != "" {
				return "", false
			}
			only = near
		}
	}
	return only, only != ""
}

// nearestService finds the service whose prefix differs from this one by one
// edit, or two if it is longer than six characters; "" if there is none.
func nearestService(service string) string {
	best, near := 1, ""
	if len(service) > 6 {
		best = 2
	}
	for _, s := range slices.Concat(details().order, slices.Sorted(maps.Keys(allNames().services))) {
		if d := spelling.Distance(service, s, best); d < best || d == best && near == "" {
			best, near = d, s
		}
	}
	return near
}

// singular takes the plural s off the words of a name, of which every one
// begins with a capital, so that names that differ in plurals alone are equal.
func singular(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		atEnd := i+1 == len(runes) || unicode.IsUpper(runes[i+1])
		switch {
		case atEnd && r == 's' && strings.HasSuffix(b.String(), "ie"):
			kept := strings.TrimSuffix(b.String(), "ie") + "y"
			b.Reset()
			b.WriteString(kept)
		case atEnd && r == 's':
		default:
			b.WriteRune(r)
		}
	}
	return strings.ToLower(b.String())
}
