package view

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWidth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, "abc": 3, "é": 1, "e\u0301": 1, "漢字": 4, "한글": 4, "かな": 4, "ｆｕｌｌ": 8, "ﾊﾝ": 2, "🙂": 2, "✓✗↶·…⠋": 6,
	} {
		if got := width(text); got != want {
			t.Errorf("width(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text     string
		n        int
		ellipsis string
		want     string
	}{
		{"abcdef", 6, "…", "abcdef"},
		{"abcdef", 5, "…", "abcd…"},
		{"abcdef", 5, "...", "ab..."},
		{"漢字漢字", 6, "…", "漢字…"},
		{"漢字漢字", 5, "…", "漢字…"},
		{"漢字漢字", 4, "…", "漢…"},
		{"abc", 1, "…", "…"},
		{"abc", 0, "…", ""},
		{"abc", -1, "…", ""},
	}
	for _, c := range cases {
		if got := cut(c.text, c.n, c.ellipsis); got != c.want {
			t.Errorf("cut(%q, %d, %q) = %q, want %q", c.text, c.n, c.ellipsis, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		n    int
		want []string
	}{
		"fits":        {"one two", 7, []string{"one two"}},
		"no limit":    {"one two", 0, []string{"one two"}},
		"breaks":      {"one two three", 7, []string{"one two", "three"}},
		"long word":   {"a arn:aws:iam::aws:policy/x b", 5, []string{"a", "arn:aws:iam::aws:policy/x", "b"}},
		"wide":        {"漢字 漢字", 5, []string{"漢字", "漢字"}},
		"many blanks": {"one    two", 5, []string{"one", "two"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, wrap(c.text, c.n)); diff != "" {
				t.Errorf("wrap(%q, %d) (-want +got):\n%s", c.text, c.n, diff)
			}
		})
	}
}

func TestWrapLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "漢", "long-word", "::x", ""})).Draw(t, "words"), " ")
		n := rapid.IntRange(1, 12).Draw(t, "n")
		lines := wrap(text, n)
		if want, got := strings.Fields(text), strings.Fields(strings.Join(lines, " ")); !cmp.Equal(want, got) {
			t.Fatalf("wrap(%q, %d) = %q, which has other words", text, n, lines)
		}
		for _, line := range lines {
			if width(line) > n && len(strings.Fields(line)) > 1 {
				t.Fatalf("wrap(%q, %d) = %q: %q is too long", text, n, lines, line)
			}
		}
	})
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0s", 0: "0.0s", 440 * time.Millisecond: "0.4s", 9940 * time.Millisecond: "9.9s", 9960 * time.Millisecond: "10s",
		59400 * time.Millisecond: "59s", 59600 * time.Millisecond: "1m00s", 185 * time.Second: "3m05s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("seconds(%v) = %q, want %q", d, got, want)
		}
	}
}
