package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/planner"
)

// Fault 49: files that are large, or that hold more than they seem to.
//
// Whatever the file, reading it takes little more memory than it has bytes, and
// what is then made sense of is no more than a plan for 10,000 users.
func TestReadHostile(t *testing.T) {
	const plan = `{"format_version":"1.2","ssmctl_format":2,"ssmctl_version":"1",`
	fill := func(head, unit, tail string) string {
		return head + strings.TrimSuffix(strings.Repeat(unit, (maxFile-len(head)-len(tail))/len(unit)), ",") + tail
	}
	for name, test := range map[string]struct{ text, want string }{
		"beyond the bound": {fill("", "x", "") + "xx", "is larger than 32 MiB"},
		"objects":          {fill(plan+`"resource_changes":[`, "{},", "]}"), "holds more values"},
		"numbers":          {fill(plan+`"steps":[{"id":1,"after":[`, "1,", "]}]}"), "holds more values"},
		"members":          {fill(plan+`"notes":[{`, `"":1,`, "}]}"), "holds more values"},
		"lists":            {fill("", "[", ""), "holds more values"},
		"quotes":           {fill("[", `"\",{{{{",`, "]"), "holds more values"},
	} {
		file := filepath.Join(t.TempDir(), "hostile.json")
		if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		for from, read := range map[string]func() ([]byte, error){
			"file":  func() ([]byte, error) { return readFile(file) },
			"stdin": func() ([]byte, error) { return (&options{stdio: stdio{in: strings.NewReader(test.text)}}).read("-") },
		} {
			t.Run(name+" from "+from, func(t *testing.T) {
				var err error
				cost.Within(t, func() { _, err = read() })
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want one with %q", err, test.want)
				}
			})
		}
	}
}

// Fault 49: what readFile lets through costs at most as much again for each
// byte, however many there are.
func TestDecodeGrowsWithThePlan(t *testing.T) {
	const plan = `{"format_version":"1.2","ssmctl_format":2,"ssmctl_version":"1",`
	for name, unit := range map[string]string{"resource_changes": "{},", "steps": "{},", "notes": "{},", "access_changes": "{},"} {
		cost := func(n int) uint64 {
			text := []byte(plan + `"` + name + `":[` + strings.TrimSuffix(strings.Repeat(unit, n), ",") + "]}")
			if weight(text) > maxWeight {
				t.Fatalf("a plan of %d × %s would not be read", n, unit)
			}
			return cost.Bytes(func() { _, _ = planner.Decode(text) })
		}
		if one, two := cost(10_000), cost(20_000); two > 3*one {
			t.Errorf("%s: twice the values take %.1f times the memory", name, float64(two)/float64(one))
		}
	}
}

// Whatever holds a plan for 10,000 users is read: its values have a hundred
// bytes each, as those of a real plan do.
func TestReadLargePlan(t *testing.T) {
	text := []byte(strings.Repeat(fmt.Sprintf(`{"address": %q, "change": {"actions": ["create"], "after": {"name": "u", "tags": {}}}},`, strings.Repeat("x", 300)), 60_000))
	file := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readFile(file)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("readFile of %d bytes that weigh %d: %d bytes, %v", len(text), weight(text), len(got), err)
	}
}

func TestWeight(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                       0,
		`{"a": [1, 2], "b{": 3}`: 7,
		`"{\"{,"`:                0,
		`"{`:                     0,
		`"\`:                     0,
		`{{`:                     8,
	} {
		if got := weight([]byte(text)); got != want {
			t.Errorf("weight(%q) = %d, want %d", text, got, want)
		}
	}
}
