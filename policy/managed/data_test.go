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
