package lint

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
)

// here is the place that the examples of rules are written for.
var here = policy.Place{Partition: "aws", Account: "111122223333", Region: "us-east-1"}

func codes(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestRules holds every rule to its own examples: the bad one shows the rule
// and no other, the good one shows nothing.
func TestRules(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, rule := range Rules() {
		if seen[rule.Code] {
			t.Errorf("two rules have the code %s", rule.Code)
		}
		seen[rule.Code] = true
		t.Run(rule.Code, func(t *testing.T) {
			t.Parallel()
			if !code.MatchString(rule.Code) || rule.Title == "" || rule.Explanation == "" || rule.Fix == "" || rule.Bad == "" || rule.Good == "" {
				t.Errorf("the rule lacks something: %+v", rule)
			}
			bad := Text([]byte(rule.Bad), rule.Use, here)
			if diff := cmp.Diff([]string{rule.Code}, codes(bad)); diff != "" {
				t.Errorf("codes found in Bad (-want +got):\n%s%s", diff, show(bad))
			}
			for _, f := range bad {
				if f.Severity != rule.Severity {
					t.Errorf("Bad has severity %s, the rule %s: %+v", f.Severity, rule.Severity, f)
				}
				if f.Position.Line == 0 || f.Text == "" || f.Fix == "" {
					t.Errorf("a finding lacks something: %+v", f)
				}
			}
			if good := Text([]byte(rule.Good), rule.Use, here); len(good) > 0 {
				t.Errorf("found in Good:\n%s", show(good))
			}
			if got, ok := Lookup(rule.Code); !ok || got.Title != rule.Title {
				t.Errorf("Lookup(%q) = %q, %v", rule.Code, got.Title, ok)
			}
		})
	}
	if !slices.IsSortedFunc(Rules(), func(a, b Rule) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("Rules are not sorted by code")
	}
	if _, ok := Lookup("no-such-rule"); ok {
		t.Error("Lookup finds a rule that there is not")
	}
}

// show writes findings for a person to read.
func show(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.Position.String() + ": " + f.Severity.String() + ": " + f.Code + ": " + f.Path.String() + "\n\t" + f.Text + "\n\tfix: " + f.Fix + "\n")
	}
	return b.String()
}

// TestTexts holds what every rule says of its own example, and what it tells
// to write instead.
func TestTexts(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, rule := range Rules() {
		b.WriteString(show(Text([]byte(rule.Bad), rule.Use, here)))
	}
	golden(t, "rules.golden", b.String())
}
