package lint

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
)

// BenchmarkThousand lints a thousand of the policies that AWS manages, which
// are larger than most.
func BenchmarkThousand(b *testing.B) {
	var texts [][]byte
	for p := range managed.All() {
		texts = append(texts, p.Document())
	}
	for len(texts) < 1000 {
		texts = append(texts, texts...)
	}
	texts = texts[:1000]
	Text(texts[0], policy.ForIdentity, here) // unpacks the catalogue
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			Text(text, policy.ForIdentity, here)
		}
	}
}

// BenchmarkGuide lints the sample policy of the guide.
func BenchmarkGuide(b *testing.B) {
	text := readFile(b, "testdata/guide.json")
	b.ReportAllocs()
	for b.Loop() {
		Text(text, policy.ForIdentity, here)
	}
}
