package lint

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
)

func TestPositions(t *testing.T) {
	t.Parallel()
	const text = `{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": ["ssm:ListDocuments", "ssm:ListDocumentsVersions"], "Resource": "*",
    "Condition": {"stringequals": {"aws:PrincipalTag/é": ["a"], "aws:Nonsense": "b"}}}
}`
	type place struct {
		Position policy.Position
		Path     string
	}
	got := map[string]place{}
	for _, f := range Text([]byte(text), policy.ForIdentity, here) {
		got[f.Code] = place{f.Position, f.Path.String()}
	}
	want := map[string]place{
		"unknown-action":        {policy.Position{Line: 3, Column: 68}, "Statement.Action[1]"},
		"unknown-condition-key": {policy.Position{Line: 4, Column: 81}, `Statement.Condition.stringequals["aws:Nonsense"]`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDocument finds the same in a document as in its text, by paths in which
// every list is a list, and without positions.
func TestDocument(t *testing.T) {
	t.Parallel()
	for _, rule := range Rules() {
		d, err := policy.Parse([]byte(rule.Bad))
		if err != nil {
			continue // there is no document
		}
		inText, inDocument := Text([]byte(rule.Bad), rule.Use, here), Document(d, rule.Use, here)
		if diff := cmp.Diff(codes(inText), codes(inDocument)); diff != "" {
			t.Errorf("%s: codes (-text +document):\n%s", rule.Code, diff)
		}
		for _, f := range inDocument {
			if f.Position != (policy.Position{}) {
				t.Errorf("%s: a finding in a document has the position %s", rule.Code, f.Position)
			}
			if len(f.Path) > 1 && f.Path[0] == "Statement" && !isIndex(f.Path[1]) {
				t.Errorf("%s: the path %s does not go into the list of statements", rule.Code, f.Path)
			}
		}
		if !slices.IsSortedFunc(inDocument, compare) || !slices.IsSortedFunc(inText, compare) {
			t.Errorf("%s: findings are not in order", rule.Code)
		}
	}
}

// TestCheckIsCovered finds all that policy.Document.Check does, in the same
// places, as errors.
func TestCheckIsCovered(t *testing.T) {
	t.Parallel()
	for _, text := range checked {
		for _, use := range []policy.Use{policy.ForIdentity, policy.ForTrust} {
			covered(t, []byte(text), use)
		}
	}
	for _, rule := range Rules() {
		covered(t, []byte(rule.Bad), rule.Use)
	}
}

// checked are documents that Check finds fault with.
var checked = []string{
	`{"Statement": {"Sid": "a-b", "Effect": "Allow", "Action": [], "Resource": []}}`,
	`{"Id": "x", "Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow", "Action": "", "Resource": ""}, {"Sid": "a", "Effect": "Deny", "NotAction": ["ssm:a b", "a:b:c", "*:x", "sts:", "ssm:Foo-Bar"], "NotResource": [" *", "x", "arn:aws", "arn:aws:ssm:::", "arn:aws:ssm::1:document/", "arn::s3:::b", "arn:aws::::b", "東"]}]}`,
	`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["", "x", "AIDAEXAMPLEEXAMPLE123", "arn:aws:iam::1:user/*", "東"], "Service": ["", "ec2", "a b"], "Federated": "x", "CanonicalUser": "x"}}}`,
	`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {}}}`,
	`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s:AssumeRole", "Resource": "*", "Principal": "*", "Condition": {"X": {"a:b": "c"}, "nullIfExists": {"a:b": "true"}, "ForAnyValue:Null": {"a:b": "true"}, "Bool": {" a:b": "true", "ab": "東", "a:東": ["true", "東"]}}}}`,
}

// covered fails unless lint finds what Check does.
func covered(t *testing.T, text []byte, use policy.Use) {
	t.Helper()
	d, err := policy.Parse(text)
	if err != nil {
		return
	}
	findings := Text(text, use, policy.Place{})
	for _, p := range d.Check(use) {
		if !slices.ContainsFunc(findings, func(f Finding) bool {
			return f.Severity == Error && f.Position == p.Position && slices.Equal(f.Path, p.Path)
		}) {
			t.Errorf("in %s\nCheck says %v\nwhich is not among:\n%s", text, p.Error(), show(findings))
		}
	}
}

func TestComparePaths(t *testing.T) {
	t.Parallel()
	want := []policy.Path{
		nil,
		{"Version"},
		{"Statement", "2"},
		{"Statement", "2", "Action", "0"},
		{"Statement", "2", "Resource", "9"},
		{"Statement", "2", "Resource", "10"},
		{"Statement", "2", "Condition", "Bool", "aws:a"},
		{"Statement", "2", "Condition", "Bool", "aws:b"},
		{"Statement", "10"},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, comparePaths)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
