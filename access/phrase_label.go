package access

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// labels returns words for resources that have no inventory: the patterns of
// the policies that cover them, sorted, and whether that is all of the place's.
func (u *universe) labels(things bits, place policy.Place) (labels []string, whole bool) {
	samples := things[u.start()/64:]
	if u.here().within(samples) {
		for _, f := range u.forms {
			if f.beyond == "" {
				labels = append(labels, f.name+"/*")
			}
		}
		return set(labels), true
	}
	return u.sampleLabels(samples, place), false
}

// sampleLabels returns a label for each of the samples that no other label
// stands for, sorted.
func (u *universe) sampleLabels(samples bits, place policy.Place) []string {
	var labels []string
	for i := range samples.each() {
		s := u.about[i]
		if slices.ContainsFunc(slices.Collect(samples.each()), func(j int) bool { return j != i && u.covers(j, i) }) {
			continue
		}
		labels = append(labels, u.label(s, samples, place))
	}
	return set(labels)
}

// covers reports whether the label of one sample stands for the other too.
func (u *universe) covers(one, other int) bool {
	a, b := u.about[one], u.about[other]
	fa, fb := u.forms[a.form], u.forms[b.form]
	if fa.name != fb.name || fa.beyond != fb.beyond || fa.bare != fb.bare {
		return false
	}
	if !covered(a.tags, b.tags) {
		return false
	}
	if !within(a.of, b.patterns) {
		return false
	}
	if len(a.tags) == len(b.tags) && within(b.of, a.patterns) && len(a.of) == len(b.of) {
		return one < other // they are alike: the first stands for both
	}
	return true
}

func within[T comparable](some, all []T) bool {
	return !slices.ContainsFunc(some, func(t T) bool { return !slices.Contains(all, t) })
}

// label returns "parameter/web/*", or "parameter/* except parameter/web/*"
// for all that no policy speaks of, if some that policies speak of is not in
// the set.
func (u *universe) label(s sampled, samples bits, place policy.Place) string {
	f := u.forms[s.form]
	var text string
	if len(s.of) == 0 {
		text = f.any()
	} else {
		var parts []string
		for _, p := range s.of {
			parts = append(parts, u.short(p, f, place))
		}
		text = strings.Join(set(parts), " that is also ")
	}
	if f.beyond != "" && (len(s.of) == 0 || text == f.any()) {
		text += " " + f.beyond
	}
	if len(s.tags) > 0 {
		text += " with " + tagText(s.tags)
	}
	var except []string
	for j, o := range u.about {
		if !samples.has(j) && o.form == s.form && within(s.of, o.patterns) && !within(o.of, s.patterns) && len(o.tags) == 0 && len(s.tags) == 0 {
			var parts []string
			for _, p := range o.of {
				if !slices.Contains(s.of, p) {
					parts = append(parts, u.short(p, f, place))
				}
			}
			except = append(except, strings.Join(set(parts), " that is also "))
		}
	}
	if len(except) > 0 {
		text += " except " + list(few(set(except)))
	}
	return text
}

// short returns a pattern without what is plain from the place, as its policy
// has it: "parameter/web/*". Of another region or account, it has that too.
func (u *universe) short(pattern int, f arnForm, place policy.Place) string {
	filled, written := fields(u.filled[pattern]), fields(u.patterns[pattern])
	text := written[5]
	name, _, _ := strings.Cut(f.name, " ") // of the type
	switch _, noun := f.noun(); {
	case strings.Trim(u.filled[pattern], "*") == "" || filled[5] == "*" || filled[5] == name+"/*" || filled[5] == fields(f.glob)[5]:
		text = f.any()
	case noun:
		text = strings.TrimPrefix(text, name+"/")
	}
	home := fields(f.glob)
	switch {
	case home[4] != "" && !glob(filled[4], place.Account) && f.beyond == "":
		return u.patterns[pattern]
	case home[3] == "*" && filled[3] != "" && !glob(filled[3], place.Region):
		return text + " in " + filled[3]
	}
	return text
}

// noun returns the word for a node or a document.
func (f arnForm) noun() (string, bool) {
	switch f.name {
	case "instance", "document", documentOfAWS:
		return f.name, true
	case "managed-instance":
		return "managed instance", true
	}
	return "", false
}

// any returns words for all the things of a form.
func (f arnForm) any() string {
	if noun, ok := f.noun(); ok {
		return "any " + noun
	}
	return f.name + "/*"
}
