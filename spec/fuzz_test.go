package spec_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
)

// Whatever the bytes, Load answers: with a spec, or with problems that are
// sorted, differ, have a known code and lie in the file.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, text := range hostile(4 << 10) {
		f.Add([]byte(text))
	}
	known := map[string]bool{}
	for _, r := range spec.Rules {
		known[r.Code] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var loaded *spec.Loaded
		var err error
		if n := cost.Within(t, func() { loaded, err = spec.Load("fuzz.yaml", data, sections()) }); n > 32<<20+1000*uint64(len(data)) {
			t.Fatalf("%d bytes take %d MiB", len(data), n>>20)
		}
		if err == nil {
			for o := range loaded.Desired.State.All() {
				if p := loaded.Desired.Source[o.ID()]; p.Line < 1 || p.Column < 1 {
					t.Fatalf("%s has the position %v", o.ID(), p)
				}
			}
			return
		}
		problems, ok := errors.AsType[spec.Problems](err)
		if !ok || len(problems) == 0 || loaded != nil {
			t.Fatalf("Load returned %v and %#v", loaded, err)
		}
		seen := map[string]bool{}
		lines := 1 + strings.Count(string(data), "\n")
		for i, p := range problems {
			key := p.Position.String() + p.Code + p.Text
			if seen[key] || !known[p.Code] || p.Text == "" || p.Position.Line < 1 || p.Position.Column < 1 || p.Position.Line > lines {
				t.Fatalf("problem %d of %d: %+v", i, len(problems), p)
			}
			seen[key] = true
			if i > 0 && before(p.Position, problems[i-1].Position) {
				t.Fatalf("problem %d at %v comes after one at %v", i, p.Position, problems[i-1].Position)
			}
		}
		if shown := problems.Render(); strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' && r != '\n' || r == '\u202e' }) {
			t.Fatalf("rendering holds control characters: %q", shown)
		}
	})
}

func before(a, b resource.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		members, entries := new(strings.Builder), new(strings.Builder)
		for i := range n {
			fmt.Fprintf(members, "user%d, ", i)
			fmt.Fprintf(entries, "  group%d: {access: full, members: [user%d]}\n", i, i)
		}
		for name, text := range map[string]string{
			"members": head + "groups:\n  g: {forbid: [" + members.String() + "]}\n",
			"entries": head + "groups:\n" + entries.String(),
		} {
			b.Run(fmt.Sprintf("%s=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if _, err := spec.Load("bench.yaml", []byte(text), sections()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
