package spec_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each file in testdata/bad breaks one rule, and its golden file is what a
// person then sees.
func TestBad(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 40 {
		t.Fatalf("%d malformed specs; there were at least 40", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = spec.Load(filepath.Base(file), data, sections())
			problems, ok := errors.AsType[spec.Problems](err)
			if !ok {
				t.Fatalf("Load(%s) found nothing wrong", file)
			}
			got, golden := problems.Render(), strings.TrimSuffix(file, ".yaml")+".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("rendering of %s differs (-want +got):\n%s", file, diff)
			}
		})
	}
}
