package ssmctl_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// faultClasses is how many classes the fault model has.
const faultClasses = 54

var (
	// A test says which faults it shows in its comment: "Faults 31, 32, 33: …".
	shows = regexp.MustCompile(`(?m)^Faults? ((?:\d+(?:, | and )?)+)`)
	// scriptShows is the same in a script: "# Fault 42: …".
	scriptShows = regexp.MustCompile(`(?m)^# Faults? ((?:\d+(?:, | and )?)+)`)
	// A row of the fault model: "| 31 | … | … | `TestKilled` … |".
	faultRow = regexp.MustCompile(`(?m)^\| (\d+) \|(.*)\|$`)
	quoted   = regexp.MustCompile("`((?:Test|Fuzz)\\w+|\\w+\\.txtar)`")
	digits   = regexp.MustCompile(`\d+`)
)

// docs/reliability.md names, for each class of the fault model, tests that
// exist and say that they show it; and no test shows a class that it does not
// know of.
func TestFaultModel(t *testing.T) {
	t.Parallel()
	shown := shownFaults(t)
	doc, err := os.ReadFile("docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[int][]string{}
	for _, m := range faultRow.FindAllStringSubmatch(string(doc), -1) {
		n, _ := strconv.Atoi(m[1])
		if named[n] != nil {
			t.Errorf("fault %d has two rows", n)
		}
		named[n] = []string{}
		for _, q := range quoted.FindAllStringSubmatch(m[2], -1) {
			named[n] = append(named[n], q[1])
			if !slices.Contains(shown[n], q[1]) {
				t.Errorf("fault %d: %s is said to show it, and does not say so itself: begin its comment with \"Fault %d: …\"", n, q[1], n)
			}
		}
		if len(named[n]) == 0 && !strings.Contains(m[2], "undecidable") {
			t.Errorf("fault %d: no test shows it, and it is not said to be undecidable", n)
		}
	}
	for n := 1; n <= faultClasses; n++ {
		if named[n] == nil {
			t.Errorf("fault %d has no row", n)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(shown)) {
		if n < 1 || n > faultClasses {
			t.Errorf("%s shows fault %d, and there is none", shown[n], n)
		}
	}
}

// shownFaults returns the tests and scripts that say they show a fault.
func shownFaults(t *testing.T) map[int][]string {
	t.Helper()
	shown := map[int][]string{}
	add := func(numbers, by string) {
		for _, d := range digits.FindAllString(numbers, -1) {
			n, _ := strconv.Atoi(d)
			shown[n] = append(shown[n], by)
		}
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".txtar"):
			text, err := os.ReadFile(path)
			for _, m := range scriptShows.FindAllStringSubmatch(string(text), -1) {
				add(m[1], filepath.Base(path))
			}
			return err
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
				for _, m := range shows.FindAllStringSubmatch(fn.Doc.Text(), -1) {
					add(m[1], fn.Name.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return shown
}
