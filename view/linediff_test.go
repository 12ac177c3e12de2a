package view

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDiffJSON(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ before, after, want string }{
		"a comma is no difference": {`["a"]`, `["a","b"]`, "  [\n    \"a\",\n+   \"b\"\n  ]"},
		"equal lines fold away":    {`["1","2","3","4","5","6","7","8"]`, `["1","2","3","4","5","6","7","x"]`, "  … 6 lines\n    \"6\",\n    \"7\",\n-   \"8\"\n+   \"x\"\n  ]"},
		"one line is not folded":   {`["1","2","3"]`, `["1","2","x"]`, "  [\n    \"1\",\n    \"2\",\n-   \"3\"\n+   \"x\"\n  ]"},
		"between two changes":      {`["0","1","2","3","4","5","6","9"]`, `["x","1","2","3","4","5","6","y"]`, "  [\n-   \"0\",\n+   \"x\",\n    \"1\",\n    \"2\",\n  … 2 lines\n    \"5\",\n    \"6\",\n-   \"9\"\n+   \"y\"\n  ]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := mustParse(t, c.before), mustParse(t, c.after)
			var lines []string
			for _, l := range (Options{}).diffJSON(before, after, nil) {
				lines = append(lines, strings.TrimRight(pad(string(l.symbol), 1)+" "+l.text, " "))
			}
			if diff := cmp.Diff(c.want, strings.Join(lines, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func mustParse(t *testing.T, text string) value {
	t.Helper()
	v, err := parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestDiffIsTrue draws two texts and demands that the difference, unfolded,
// holds all of both, in order, and is as small as can be.
func TestDiffIsTrue(t *testing.T) {
	t.Parallel()
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", ""}), 1, 12)
	rapid.Check(t, func(t *rapid.T) {
		before, after := lines.Draw(t, "before"), lines.Draw(t, "after")
		var was, is []string
		for _, l := range (Options{Full: true}).diffText(strings.Join(before, "\n"), strings.Join(after, "\n")) {
			if l.symbol != adds {
				was = append(was, l.text)
			}
			if l.symbol != destroys {
				is = append(is, l.text)
			}
		}
		if !cmp.Equal(before, was) || !cmp.Equal(after, is) {
			t.Fatalf("from %q to %q: the difference says from %q to %q", before, after, was, is)
		}
		kept := 0
		for _, e := range compare(before, after) {
			if e.symbol == "" {
				kept += e.lines
			}
		}
		if want := longestCommon(before, after); kept != want {
			t.Fatalf("from %q to %q: %d lines are kept, though %d could be", before, after, kept, want)
		}
	})
}

// longestCommon returns the length of the longest common subsequence.
func longestCommon(a, b []string) int {
	best := make([][]int, len(a)+1)
	best[0] = make([]int, len(b)+1)
	for i := range a {
		best[i+1] = make([]int, len(b)+1)
		for j := range b {
			best[i+1][j+1] = max(best[i][j+1], best[i+1][j])
			if a[i] == b[j] {
				best[i+1][j+1] = best[i][j] + 1
			}
		}
	}
	return best[len(a)][len(b)]
}

func TestDiffOfLongTexts(t *testing.T) {
	t.Parallel()
	a, b := make([]string, maxDiffLines/2), make([]string, maxDiffLines/2+1)
	if diff := cmp.Diff([]edit{{destroys, len(a)}, {adds, len(b)}}, compare(a, b), cmp.AllowUnexported(edit{})); diff != "" {
		t.Errorf("beyond %d lines (-want +got):\n%s", maxDiffLines, diff)
	}
	if diff := cmp.Diff([]edit{{"", len(a)}}, compare(a, a), cmp.AllowUnexported(edit{})); diff != "" {
		t.Errorf("of %d lines (-want +got):\n%s", maxDiffLines, diff)
	}
}

func TestDeepValueIsBounded(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, 3000) + strings.Repeat(`]`, 3000)
	if n := len(mustParse(t, deep).lines()); n > 2*maxDepth+1 {
		t.Errorf("a value 3000 deep takes %d lines, want at most %d", n, 2*maxDepth+1)
	}
}
