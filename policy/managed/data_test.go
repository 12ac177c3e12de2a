package managed

import (
	"bytes"
	"testing"
)

// Looking a name up reads the index alone, which has to stay a small part of
// the data.
func TestIndexIsSmall(t *testing.T) {
	t.Parallel()
	index, documents := len(member(1)), len(member(2))
	if index*10 > documents {
		t.Errorf("the index has %d bytes, the documents %d", index, documents)
	}
	if lines, texts := bytes.Count(member(1), []byte("\n")), bytes.Count(member(2), []byte("\n")); lines != texts {
		t.Errorf("the index has %d lines, the documents %d", lines+1, texts+1)
	}
}

func TestBrokenDataPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a third member was found")
		}
	}()
	member(3)
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 0, 0},
		{"abc", "abc", 0, 0},
		{"abc", "abd", 3, 1},
		{"abc", "acb", 3, 1},
		{"abc", "ab", 3, 1},
		{"ab", "xabx", 3, 2},
		{"kitten", "sitting", 3, 3},
		{"kitten", "sitting", 2, 3}, // more than the limit
		{"abcdef", "a", 2, 3},
		{"abcdefgh", "stuvwxyz", 2, 3},
	} {
		if got := distance(test.a, test.b, test.limit); got != test.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", test.a, test.b, test.limit, got, test.want)
		}
		if got := distance(test.b, test.a, test.limit); got != test.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", test.b, test.a, test.limit, got, test.want)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	for b.Loop() {
		member(1)
	}
}

func BenchmarkDocuments(b *testing.B) {
	for b.Loop() {
		member(2)
	}
}
