package match

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWildcards(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pattern, text string
		want          bool
	}{
		"the same":                           {"abc", "abc", true},
		"another case":                       {"abc", "aBc", false},
		"a longer text":                      {"abc", "abcd", false},
		"a shorter text":                     {"abc", "ab", false},
		"empty matches empty":                {"", "", true},
		"empty matches nothing else":         {"", "a", false},
		"star for nothing":                   {"a*", "a", true},
		"star for much":                      {"a*c", "abbbc", true},
		"star crosses slash and colon":       {"a*c", "a/b:c", true},
		"star alone":                         {"*", "", true},
		"two stars":                          {"a**c", "ac", true},
		"the first star gives back":          {"*ab", "aab", true},
		"a star has to go back twice":        {"a*b*c", "abxbyc", true},
		"what follows a star is missing":     {"a*c", "abbb", false},
		"one character":                      {"a?c", "abc", true},
		"one character is not none":          {"ac?", "ac", false},
		"one character is not two":           {"a?c", "abbc", false},
		"one character of several bytes":     {"a?c", "aéc", true},
		"a star before characters of bytes":  {"*é", "xüé", true},
		"a star takes whole characters":      {"*?é", "é", false},
		"what is special elsewhere is plain": {"a.[b]$c", "a.[b]$c", true},
		"a dot is a dot":                     {"a.c", "abc", false},
		"half a character is none":           {"*\ufffd", "é", false},
		"stars after the end":                {"a***", "a", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Glob(test.pattern).Match(test.text); got != test.want {
				t.Errorf("Glob(%q).Match(%q) = %v, want %v", test.pattern, test.text, got, test.want)
			}
			if got := Wild(test.pattern, test.text); got != test.want {
				t.Errorf("Wild(%q, %q) = %v, want %v", test.pattern, test.text, got, test.want)
			}
		})
	}
}

var (
	anyPattern = rapid.StringMatching(`[ab:/é*?]{0,8}`)
	anyText    = rapid.StringMatching(`[ab:/é*?]{0,8}`)
)

// Patterns match what the regular expression of the same meaning matches.
func TestWildcardsAsRegularExpression(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern, text := anyPattern.Draw(t, "pattern"), anyText.Draw(t, "text")
		expression := strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`^(?:` + expression + `)$`).MatchString(text)
		if got := Glob(pattern).Match(text); got != want {
			t.Fatalf("Glob(%q).Match(%q) = %v, want %v", pattern, text, got, want)
		}
		if got := Wild(pattern, text); got != want {
			t.Fatalf("Wild(%q, %q) = %v, want %v", pattern, text, got, want)
		}
		if Text(pattern).Match(text) != (pattern == text) {
			t.Fatalf("Text(%q).Match(%q) = %v", pattern, text, pattern != text)
		}
	})
}

// A pattern of many stars takes no longer than the product of the lengths. If
// it did, this would not end.
func TestManyStars(t *testing.T) {
	t.Parallel()
	pattern, text := strings.Repeat("a*", 200)+"b", strings.Repeat("a", 5000)
	if Glob(pattern).Match(text) || Wild(pattern, text) {
		t.Errorf("%q matches a text without b", pattern)
	}
}

func TestLiteral(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{"": true, "abc": true, "a*": false, "a?": false, "é": true} {
		got, ok := Glob(pattern).Literal()
		if ok != want || ok && got != pattern {
			t.Errorf("Glob(%q).Literal() = %q, %v", pattern, got, ok)
		}
	}
	if got, ok := Text("a*").Literal(); got != "a*" || !ok {
		t.Errorf(`Text("a*").Literal() = %q, %v`, got, ok)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "abc": "abc", "aBC-9": "abc-9", "É": "É", "[Z@": "[z@"} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
		if !EqualFold(text, want) || !Text(text).Fold().Match(want) {
			t.Errorf("%q and %q are not equal but for case", text, want)
		}
	}
	for a, b := range map[string]string{"a": "b", "ab": "a", "É": "é", "@": "`", "[": "{"} {
		if EqualFold(a, b) {
			t.Errorf("%q and %q are equal but for case", a, b)
		}
	}
	if !Glob("A*B?").Fold().Match("a*xBb?"[:0] + "axxbc") {
		t.Error("folding loses wildcards")
	}
}
