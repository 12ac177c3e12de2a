package access

import (
	"cmp"
	mathbits "math/bits"
	"slices"
	"strings"
	"time"
)

// when says in which of the view's worlds something is so: "" in all of them,
// "only with MFA", "until 2027-03-31".
//
// A call that a service of AWS makes in the principal's name is no world of
// its own, unless the principal can do it by no other way.
func (v view) when(mask uint64) string {
	all := v.everywhere()
	if mask == all {
		return ""
	}
	if v.sampled {
		return "depending on " + v.keys()
	}
	if direct := v.where("aws:viaawsservice", func(c candidate) bool { return c.written != "true" || c.value.List()[0] != "true" }); direct != all {
		if mask&direct == direct {
			return ""
		}
		if mask&direct != 0 {
			mask &= direct
			all = direct
		}
	}
	if box, ok := v.box(mask, all); ok {
		return list(box)
	}
	// Two boxes: what holds for some choices of one key, and the rest.
	for i, d := range v.dimensions {
		var whole uint64
		for j := range d.choices {
			if part := v.choosing(i, j) & all; part != 0 && part&mask == part {
				whole |= part
			}
		}
		if whole == 0 {
			continue
		}
		first, ok1 := v.box(whole, all)
		second, ok2 := v.box(mask&^whole, all&^whole)
		if ok1 && ok2 {
			return list(first) + ", or " + list(second)
		}
	}
	return "depending on " + v.keys()
}

// where returns the worlds in which a key, in lower case, is so; all, if they
// do not differ in it.
func (v view) where(key string, is func(candidate) bool) uint64 {
	var mask uint64
	for i, w := range v.worlds {
		if c, ok := w.keys[key]; !ok || is(c) {
			mask |= 1 << i
		}
	}
	return mask
}

// choosing returns the worlds in which a dimension has that choice.
func (v view) choosing(dimension, choice int) uint64 {
	var mask uint64
	for i, w := range v.worlds {
		if w.chosen[dimension] == choice {
			mask |= 1 << i
		}
	}
	return mask
}

// box returns words for a mask, if the choices of each key are free of those
// of the others in it.
func (v view) box(mask, all uint64) ([]string, bool) {
	within := all
	var words []string
	for i, d := range v.dimensions {
		var in []candidate
		var out []candidate
		var chosen uint64
		for j, choice := range d.choices {
			switch part := v.choosing(i, j); {
			case part&all == 0:
			case part&mask != 0:
				in = append(in, choice.values...)
				chosen |= part
			default:
				out = append(out, choice.values...)
			}
		}
		within &= chosen
		if len(out) > 0 {
			words = append(words, keyWords(d.key, in, out))
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { // "from A and until B"
		return cmp.Compare(strings.Count(a, "until "), strings.Count(b, "until "))
	})
	return words, within == mask
}

// keys returns the keys that make a difference.
func (v view) keys() string {
	var keys []string
	for _, d := range v.dimensions {
		keys = append(keys, d.key)
	}
	return list(keys)
}

// keyWords says that a key has one of some values, and none of others.
func keyWords(key string, in, out []candidate) string {
	switch strings.ToLower(key) {
	case "aws:multifactorauthpresent":
		if has(in, "true") {
			return "only with MFA"
		}
		return "only without MFA"
	case "aws:viaawsservice":
		if has(in, "true") {
			return "only through a service of AWS"
		}
		return "only directly, not through a service of AWS"
	}
	kinds := func(list []candidate, kinds ...candidateKind) bool {
		return slices.ContainsFunc(list, func(c candidate) bool { return slices.Contains(kinds, c.kind) })
	}
	verb := map[string]string{
		"aws:sourceip":        "from",
		"aws:sourcevpc":       "from",
		"aws:sourcevpce":      "through",
		"iam:passedtoservice": "to",
		"aws:requestedregion": "in",
	}[strings.ToLower(key)]
	verb = cmp.Or(verb, "if "+key+" is")
	switch {
	case kinds(slices.Concat(in, out), before, after):
		return intervalWords(key, in, out)
	case !kinds(in, given, network, several, other):
		return "only if " + key + " is absent"
	case !kinds(out, given, network, several, other):
		return "only if " + key + " is given"
	case kinds(in, other):
		if values := written(out); len(values) > 0 {
			return "but not " + verb + " " + alternatives(values)
		}
	case kinds(in, absent):
		return "only " + verb + " " + alternatives(written(in)) + " or absent"
	}
	if values := written(in); len(values) > 0 {
		return "only " + verb + " " + alternatives(values)
	}
	return "depending on " + key
}

// has reports whether a value is among the candidates.
func has(list []candidate, value string) bool {
	return slices.ContainsFunc(list, func(c candidate) bool { return slices.Equal(c.value.List(), []string{value}) })
}

// written returns the values that candidates are made for, each once.
func written(list []candidate) []string {
	var values []string
	for _, c := range list {
		if c.written != "" {
			values = append(values, c.written)
		}
	}
	return set(values)
}

// alternatives returns "a, b or c".
func alternatives(values []string) string {
	return strings.Replace(list(values), " and ", " or ", mathbits.OnesCount(uint(min(len(values)-1, 1))))
}

// intervalWords says that a date or a number lies in a range.
func intervalWords(key string, in, out []candidate) string {
	now := strings.EqualFold(key, "aws:CurrentTime") || strings.EqualFold(key, "aws:EpochTime")
	first, last := in[0], in[0]
	for _, c := range in {
		if c.kind == absent {
			continue
		}
		if less(c, first) {
			first = c
		}
		if less(last, c) {
			last = c
		}
	}
	between := slices.ContainsFunc(out, func(c candidate) bool { return c.kind != absent && less(first, c) && less(c, last) })
	below := slices.ContainsFunc(out, func(c candidate) bool { return c.kind != absent && less(c, first) })
	above := slices.ContainsFunc(out, func(c candidate) bool { return c.kind != absent && less(last, c) })
	if between || !below && !above {
		return "depending on " + key
	}
	from, until := moment(first, false), moment(last, true)
	if !now {
		from, until = first.written, last.written
		key = " in " + key
	} else {
		key = ""
	}
	switch {
	case below && above:
		return "only from " + from + " until " + until + key
	case above:
		return "until " + until + key
	}
	return "only from " + from + key
}

func less(a, b candidate) bool {
	if !a.at.IsZero() {
		return a.at.Add(shift(a)).Before(b.at.Add(shift(b)))
	}
	x, y := a.value.List()[0], b.value.List()[0]
	return cmp.Or(len(x)-len(y), strings.Compare(x, y)) < 0
}

// shift is how far a candidate is from the date that is written.
func shift(c candidate) time.Duration {
	switch c.kind {
	case before:
		return -time.Second
	case after:
		return time.Second
	}
	return 0
}

// moment returns a date as people say it: the start of a day, or its end, by
// the day alone.
func moment(c candidate, end bool) string {
	at := c.at.UTC()
	const day = "2006-01-02"
	switch {
	case end && c.kind == before && at.Equal(at.Truncate(24*time.Hour)):
		return at.Add(-time.Second).Format(day)
	case end && at.Add(time.Second).Equal(at.Add(time.Second).Truncate(24*time.Hour)):
		return at.Format(day)
	case !end && at.Equal(at.Truncate(24*time.Hour)):
		return at.Format(day)
	}
	return at.Format(time.RFC3339)
}
