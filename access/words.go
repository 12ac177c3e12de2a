package access

import (
	"slices"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/policy"
)

// What has no inventory, such as parameters, sessions and the nodes of
// tomorrow, is represented by sample ARNs: for every set of the patterns that
// a principal's policies name and that some ARN matches all of, one such ARN,
// as general as can be. Any two ARNs that the same patterns match are alike to
// the policies, so the samples answer for all.

// fresh is a character for what a sample leaves open. It is from Unicode's
// private use area, so that no policy's text has it.
const fresh = '\uE000'

// mostSamples bounds the samples of one kind of resource. Policies whose
// patterns overlap in more ways are sampled in the order of their text.
const mostSamples = 96

// A sample stands for all the ARNs that the same patterns match.
type sample struct {
	arn      string
	patterns []int // which of the patterns match it
	form     int   // which of the forms it was made for
	of       []int // the patterns that it was made from; none for any other ARN of the form
}

// samples returns the samples of the ARNs of some forms. Patterns and forms
// have * and ? as wildcards. The first sample of a form is of any other ARN.
func samples(forms, patterns []string, place policy.Place) []sample {
	v := vocabulary{place: place}
	return v.samples(forms, patterns)
}

// A vocabulary remembers what a form and a pattern have in common. It is safe
// for concurrent use.
type vocabulary struct {
	place policy.Place
	mu    sync.RWMutex
	known map[[2]string][]string
}

// common returns ARNs that are of the form and match the pattern: first one as
// general as can be, then shorter ones.
func (v *vocabulary) common(form, pattern string) []string {
	key := [2]string{form, pattern}
	v.mu.RLock()
	arns, ok := v.known[key]
	v.mu.RUnlock()
	if !ok {
		arns = v.between([]string{form, pattern})
		v.mu.Lock()
		if v.known == nil {
			v.known = map[[2]string][]string{}
		}
		v.known[key] = arns
		v.mu.Unlock()
	}
	return arns
}

func (v *vocabulary) between(patterns []string) []string {
	var arns []string
	for _, run := range runs {
		if arn, ok := commonARN(patterns, v.place, run); ok && !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	return arns
}

func (v *vocabulary) samples(forms, patterns []string) []sample {
	var all []sample
	seen := map[string]bool{}
	exact := make([]bool, len(patterns)) // most are: lists of instances
	for i, p := range patterns {
		exact[i] = !strings.ContainsAny(p, "*?") && strings.Count(p, ":") >= 5
	}
	add := func(form int, of []int, arns []string) {
		for _, arn := range arns {
			var matching []int
			for i, p := range patterns {
				if p == arn || !exact[i] && policy.MatchARN(p, arn) {
					matching = append(matching, i)
				}
			}
			key := signature(form, matching)
			if !seen[key] && len(all) < mostSamples {
				seen[key] = true
				all = append(all, sample{arn: arn, patterns: matching, form: form, of: of})
			}
		}
	}
	for f, form := range forms {
		first := len(all)
		add(f, nil, v.common(form, "*"))
		var near []int // the patterns that the form has something in common with
		for i, p := range patterns {
			if arns := v.common(form, p); len(arns) > 0 {
				add(f, []int{i}, arns)
				near = append(near, i)
			}
		}
		for i := first; i < len(all); i++ { // grows
			s := all[i]
			if !strings.ContainsRune(s.arn, fresh) {
				continue // nothing is left open
			}
			for _, p := range near {
				if slices.Contains(s.patterns, p) {
					continue
				}
				globs := []string{form, patterns[p]}
				for _, o := range s.of {
					globs = append(globs, patterns[o])
				}
				add(f, append(slices.Clip(s.of), p), v.between(globs))
			}
		}
	}
	return all
}

func signature(form int, patterns []int) string {
	var b strings.Builder
	b.WriteRune(rune(form))
	for _, p := range patterns {
		b.WriteRune(rune(p))
	}
	return b.String()
}

// commonARN returns an ARN that all the patterns match, and false if there is
// none, or none was found soon. Where the patterns leave it open, the ARN is
// of the place.
func commonARN(patterns []string, place policy.Place, run int) (string, bool) {
	wanted := [5]string{"arn", place.Partition, "", place.Region, place.Account}
	split := make([][6]string, 0, len(patterns))
	for _, p := range patterns {
		if strings.Trim(p, "*") != "" { // else it matches all
			split = append(split, fields(p))
		}
	}
	var arn strings.Builder
	globs := make([]string, len(split))
	for i := range 6 {
		for j, f := range split {
			globs[j] = f[i]
		}
		var word string
		ok := false
		if i < 5 && wanted[i] != "" {
			word = wanted[i]
			ok = !slices.ContainsFunc(globs, func(g string) bool { return !glob(g, word) })
		}
		if !ok {
			word, ok = common(globs, run)
		}
		if !ok || i < 5 && strings.Contains(word, ":") {
			return "", false
		}
		if i > 0 {
			arn.WriteByte(':')
		}
		arn.WriteString(word)
	}
	return arn.String(), true
}

// fields returns the six fields of an ARN or a pattern, "*" for what is left out.
func fields(arn string) (f [6]string) {
	for i := range 5 {
		var found bool
		f[i], arn, found = strings.Cut(arn, ":")
		if !found {
			arn = "*"
		}
	}
	f[5] = arn
	return f
}
