package executor_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The executor knows neither AWS nor YAML, and cannot reach the network.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	own := []string{"executor", "journal", "planner", "resource", "spelling"}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		ours := false
		for _, name := range own {
			ours = ours || dep == "github.com/ssmctl/ssmctl/"+name
		}
		if strings.Contains(dep, ".") && !ours || dep == "net" || dep == "os/exec" {
			t.Errorf("executor must not depend on %s", dep)
		}
	}
}
