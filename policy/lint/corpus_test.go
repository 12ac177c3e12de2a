package lint

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(readFile(t, path)), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestGuide lints the sample policy of the guide: five dead grants and an open
// account.
func TestGuide(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]policy.Use{"guide": policy.ForIdentity, "guide_trust": policy.ForTrust} {
		golden(t, name+".golden", show(Text(readFile(t, filepath.Join("testdata", name+".json")), use, here)))
	}
}

// TestCases finds in the policies of evaluation cases what is known to be wrong
// with them.
func TestCases(t *testing.T) {
	t.Parallel()
	var file struct {
		Cases []struct {
			ID, Title string
			Policies  []json.RawMessage
			Lint      []string
		}
	}
	if err := json.Unmarshal(readFile(t, "testdata/cases.json"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 29 {
		t.Errorf("there are %d cases", len(file.Cases))
	}
	for _, c := range file.Cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			var findings []Finding
			for _, text := range c.Policies {
				findings = append(findings, Text(text, policy.ForIdentity, here)...)
			}
			for _, code := range c.Lint {
				if !slices.Contains(codes(findings), code) {
					t.Errorf("%s: %s is not reported, only:\n%s", c.Title, code, show(findings))
				}
			}
		})
	}
}

// TestRestrictions finds nothing to warn of in what ssmctl compiles itself.
func TestRestrictions(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*.golden", "limits/*.golden"} {
		found, err := filepath.Glob("../testdata/restriction/" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("there are no documents %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		for _, f := range Text(readFile(t, file), policy.ForIdentity, policy.Place{}) {
			if f.Code == "allow-notaction" && filepath.Base(file) == "boundary.golden" {
				continue // a boundary allows nothing by itself
			}
			if f.Severity < Suggestion {
				t.Errorf("%s:%s", file, show([]Finding{f}))
			}
		}
	}
}

// TestTrusts finds nothing to warn of in the trust policies that ssmctl
// compiles itself.
func TestTrusts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/trust/*.golden")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no documents: %v", err)
	}
	for _, file := range files {
		for _, f := range Text(readFile(t, file), policy.ForTrust, policy.Place{}) {
			if f.Severity < Suggestion {
				t.Errorf("%s:%s", file, show([]Finding{f}))
			}
		}
	}
}

// excused are the errors in policies that AWS manages, each with its reason.
var excused = map[string]map[string]string{
	"AWSQuickSetupSSMDeploymentRolePolicy": {"size-over-quota": "the quota is for policies of customers"},
	"AWSSSMForSAPServiceLinkedRolePolicy":  {"size-over-quota": "the quota is for policies of customers"},
}

// TestManaged finds no error in the policies that AWS manages for Systems
// Manager, besides those that are excused.
func TestManaged(t *testing.T) {
	t.Parallel()
	n := 0
	for p := range managed.All() {
		if !strings.Contains(p.Name, "SSM") && !strings.Contains(p.Name, "SystemsManager") {
			continue
		}
		n++
		got := map[string]bool{}
		for _, f := range Text(p.Document(), policy.ForIdentity, policy.Place{}) {
			if f.Severity != Error {
				continue
			}
			got[f.Code] = true
			if excused[p.Name][f.Code] == "" {
				t.Errorf("%s: %s", p.Name, show([]Finding{f}))
			}
		}
		for code := range excused[p.Name] {
			if !got[code] {
				t.Errorf("%s no longer has the error %s: take the excuse out", p.Name, code)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d policies were seen", n)
	}
}
