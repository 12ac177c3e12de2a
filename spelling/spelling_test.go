package spelling_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/spelling"
)

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 0, 0},
		{"access", "access", 2, 0},
		{"acces", "access", 2, 1},
		{"accesss", "access", 2, 1},
		{"axcess", "access", 2, 1},
		{"acecss", "access", 2, 1}, // neighbours swapped
		{"ACCESS", "access", 2, 0},
		{"aCEcss", "access", 2, 1}, // swapped, in other case
		{"ca", "abc", 9, 3},        // no letter is touched twice
		{"kitten", "sitting", 9, 3},
		{"kitten", "sitting", 3, 3},
		{"kitten", "sitting", 2, 3}, // more than the limit
		{"", "abc", 9, 3},
		{"abc", "", 9, 3},
		{"", "abc", 1, 2},
		{"abcdef", "uvwxyz", 2, 3},
	} {
		if got := spelling.Distance(tt.a, tt.b, tt.limit); got != tt.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", tt.a, tt.b, tt.limit, got, tt.want)
		}
		if got := spelling.Distance(tt.b, tt.a, tt.limit); got != tt.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", tt.b, tt.a, tt.limit, got, tt.want)
		}
	}
}
