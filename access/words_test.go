package access

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// Of every set of patterns that some ARN matches all of, and no others, there
// is a sample; a search of all short ARNs finds no more.
func TestSamplesAreAll(t *testing.T) {
	t.Parallel()
	const form = "arn:aws:ssm:us-east-1:" + account + ":parameter/*"
	var all []string // of the letters a, b and one that no pattern has
	level := []string{""}
	for range 5 {
		var next []string
		for _, w := range level {
			for _, r := range "abz" {
				next = append(next, w+string(r))
			}
		}
		all = append(all, next...)
		level = next
	}
	r := rand.New(rand.NewPCG(4, 4))
	checked := 0
	for range 400 {
		var patterns []string
		for range 1 + r.IntN(4) {
			var p strings.Builder
			for range 1 + r.IntN(3) {
				p.WriteByte("ab*?*"[r.IntN(5)])
			}
			patterns = append(patterns, "arn:aws:ssm:*:*:parameter/"+p.String())
		}
		found := map[string]bool{}
		for _, s := range samples([]string{form}, patterns, acmePlace) {
			found[signature(0, s.patterns)] = true
			for i, p := range patterns {
				if policy.MatchARN(p, s.arn) != slices.Contains(s.patterns, i) {
					t.Errorf("%q: sample %q has patterns %v", patterns, s.arn, s.patterns)
				}
			}
		}
		for _, w := range all {
			arn := strings.TrimSuffix(form, "*") + w
			var matching []int
			for i, p := range patterns {
				if policy.MatchARN(p, arn) {
					matching = append(matching, i)
				}
			}
			checked++
			if !found[signature(0, matching)] {
				t.Fatalf("%q: no sample for %q, which %v match", patterns, w, matching)
			}
		}
	}
	if checked < 1000 {
		t.Errorf("%d checked", checked)
	}
}

func TestCommonARN(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		patterns []string
		want     string // with . for what is open; "" if there is none
	}{
		"one":                   {[]string{"arn:aws:ssm:*:*:parameter/web/*"}, "arn:aws:ssm:us-east-1:123456789012:parameter/web/..."},
		"of another region":     {[]string{"arn:aws:ssm:eu-*:*:parameter/web"}, "arn:aws:ssm:eu-...:123456789012:parameter/web"},
		"two":                   {[]string{"arn:aws:ssm:*:*:parameter/web/*", "arn:*:*:*:*:*/secret"}, "arn:aws:ssm:us-east-1:123456789012:parameter/web/.../secret"},
		"overlapping":           {[]string{"arn:aws:ssm:*:*:ab*", "arn:aws:ssm:*:*:*ba"}, "arn:aws:ssm:us-east-1:123456789012:ab...ba"},
		"two regions":           {[]string{"arn:aws:ssm:us-east-1:*:*", "arn:aws:ssm:us-west-2:*:*"}, ""},
		"two names":             {[]string{"arn:aws:ssm:*:*:document/a*", "arn:aws:ssm:*:*:document/b*"}, ""},
		"colons end fields":     {[]string{"arn:aws:*:parameter/x", "arn:aws:ssm:us-east-1:123456789012:parameter/x"}, ""},
		"everything":            {[]string{"*", "arn:aws:ssm:*:*:document/?x"}, "arn:aws:ssm:us-east-1:123456789012:document/.x"},
		"the account of no one": {[]string{"arn:aws:ssm:*::document/*"}, "arn:aws:ssm:us-east-1::document/..."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := commonARN(test.patterns, acmePlace, runs[0])
			got = strings.ReplaceAll(got, string(fresh), ".")
			if got != test.want || ok != (test.want != "") {
				t.Errorf("commonARN(%q) = %q, %v, want %q", test.patterns, got, ok, test.want)
			}
		})
	}
}

// What two random globs have in common matches both; where nothing is found,
// no short text does.
func TestCommon(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	var texts []string
	level := []string{""}
	for range 6 {
		var next []string
		for _, w := range level {
			next = append(next, w+"a", w+"b")
		}
		texts = append(texts, next...)
		level = next
	}
	none := 0
	for range 3000 {
		make := func() string {
			var g strings.Builder
			for range r.IntN(5) {
				g.WriteByte("aab*?"[r.IntN(5)])
			}
			return g.String()
		}
		globs := []string{make(), make()}
		got, ok := common(globs, runs[r.IntN(len(runs))])
		if ok && (!glob(globs[0], got) || !glob(globs[1], got)) {
			t.Errorf("common(%q) = %q, which not both match", globs, got)
		}
		if !ok {
			none++
			if i := slices.IndexFunc(texts, func(s string) bool { return glob(globs[0], s) && glob(globs[1], s) }); i >= 0 {
				t.Errorf("common(%q) found nothing, and both match %q", globs, texts[i])
			}
		}
	}
	if none < 300 || none > 2700 {
		t.Errorf("nothing in common %d times", none)
	}
}
