package policy_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// here is where the tests compile for.
var here = policy.Place{Partition: "aws", Account: "123456789012", Region: "us-east-1"}

// golden compares what was compiled with a file, and demands that IAM would
// take it.
func golden(t *testing.T, file string, d policy.Document, err error, use policy.Use) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if problems := d.Check(use); len(problems) > 0 {
		t.Errorf("IAM would not take it: %v", problems)
	}
	for _, s := range d.Statements {
		for _, action := range s.Action {
			if !strings.Contains(action, "*") && !slices.Contains(knownActions(t), action) {
				t.Errorf("AWS has no action %s", action)
			}
		}
	}
	got := d.Indent() + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

// knownActions returns the actions that package policy knows the spelling of.
func knownActions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("actions.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

func TestKnownActions(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$`)
	actions := knownActions(t)
	if len(actions) < 1000 || !slices.IsSorted(actions) {
		t.Errorf("%d actions, sorted %t", len(actions), slices.IsSorted(actions))
	}
	seen := map[string]string{}
	for _, action := range actions {
		folded := strings.ToLower(action)
		if !form.MatchString(action) || seen[folded] != "" {
			t.Errorf("%s (%s)", action, seen[folded])
		}
		seen[folded] = action
		d := policy.New(policy.Allow(folded))
		if got := canonical(t, d); !strings.Contains(got, `"`+action+`"`) {
			t.Errorf("canonical form of %s is %s", folded, got)
		}
	}
}

// message returns the text of an error, or "".
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
