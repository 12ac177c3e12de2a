package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the README shows is what happens: its spec, its commands, and of what
// they print every line, up to where it says "...".
func TestREADME(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	blocks := strings.Split(string(text), "```")
	if err := os.WriteFile(filepath.Join(dir, "access.yaml"), []byte(strings.TrimPrefix(blocks[1], "yaml\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, shown := range strings.Split(blocks[3], "$ ssmctl ")[1:] {
		command, output, _ := strings.Cut(shown, "\n")
		cmd := exec.Command("ssmctl", strings.Fields(command)...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput() // one of them is there to fail
		rest := string(out)
		for line := range strings.Lines(output) {
			line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "...")
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Fatalf("ssmctl %s does not print, from there on, %q:\n%s", command, line, rest)
			}
			rest = after
		}
	}
}
