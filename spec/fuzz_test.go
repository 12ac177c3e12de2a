package spec_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
	known := map[string]bool{}
	for _, r := range spec.Rules {
		known[r.Code] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		loaded, err := spec.Load("fuzz.yaml", data, sections())
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

// Files of 1 MiB that are made to cost as much as they can. B/op is to stay
// below 64 MiB, and a run well below a second.
func BenchmarkHostile(b *testing.B) {
	fill := func(s string) string { return strings.Repeat(s, (1<<20-1000)/len(s)) }
	numbered := func(n int, form string) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, form, i)
		}
		return s.String()
	}
	hostile := map[string]string{
		"keys":          numbered(100_000, "k%05d: 1\n"),
		"keys-fit":      head + "x-a: {" + numbered(49_000, "key-number-%06d: 1, ") + "}",
		"same-key":      head + numbered(20_000, "a: %08d\n"),
		"deep-flow":     head + "a: " + fill("["),
		"deep-flow-map": head + "a: " + fill("{a: "),
		"deep-block":    deep(1400),
		"long-scalar":   head + "description: \"" + fill("x") + "\"",
		"long-plain":    head + "description: " + fill("x y\n  "),
		"escapes":       head + "description: \"" + fill(`\x41`) + "\"",
		"unclosed":      head + "description: \"" + fill("x"),
		"aliases":       head + "x-a: &a b\nx-b: [" + strings.Repeat("*a, ", 99_000) + "]",
		"comments":      head + fill("# c\n"),
		"line-comments": head + numbered(19_000, "k%d: v # comment on this line, to be kept\n"),
		"foot-comments": head + "x-a:\n" + numbered(14_000, "- a\n\n# foot %d\n\n"),
		"problems":      head + "groups: {g: {members: [" + numbered(99_000, "U%d, ") + "]}}",
		"variables":     head + "vars: {a: " + strings.Repeat("x", 1<<19) + "}\ngroups: {g: {forbid: [" + numbered(9000, "$(var.a)%d, ") + "]}}",
		"unknown-vars":  head + "vars: {" + numbered(1000, "name%04d: v, ") + "}\ngroups: {g: {forbid: [" + numbered(9000, "$(var.nmae%04d), ") + "]}}",
		"references":    head + "restrictions:\n" + manyNames() + "groups: {g: {restrictions: [" + numbered(10, "nothing%d, ") + "]}}",
		"syntax":        head + "groups:\n" + numbered(30_000, "  group%d: {access: full}\n") + "  a:b\n  c: d\n",
		"invisible":     head + "description: " + fill("\u200b"),
	}
	for name, text := range hostile {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := spec.Load("hostile.yaml", []byte(text), sections()); err == nil && name != "comments" {
					b.Logf("%d bytes were accepted", len(text))
				}
			}
		})
	}
}

// deep nests a block mapping as far as a megabyte of indentation goes.
func deep(n int) string {
	var s strings.Builder
	for i := range n {
		s.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return s.String()
}

// manyNames are entries with names of letters only.
func manyNames() string {
	names := make([]string, 0, 9000)
	for a := 'a'; a <= 'z' && len(names) < 9000; a++ {
		for b := 'a'; b <= 'z'; b++ {
			for c := 'a'; c <= 'o'; c++ {
				names = append(names, fmt.Sprintf("  restriction-%c%c%c: {}\n", a, b, c))
			}
		}
	}
	return strings.Join(slices.Clip(names[:9000]), "")
}
