package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMergeSaysTheSame(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:ssm:us-east-1:123456789012:"
	statements := []Statement{
		Allow("ssm:SendCommand").On(arn+"document/a", arn+"document/b", arn+"document/a").As("A"),
		Allow("ssm:StartSession").On(arn + "document/a").As("B"),
		Allow("ssm:SendCommand", "ssm:StartSession").On(arn + "managed-instance/mi-1").As("C"),
		Allow("ssm:SendCommand").On(arn + "managed-instance/*").As("D"),
		Allow("ssm:SendCommand").On(arn+"managed-instance/mi-2").If("StringEquals", "ssm:resourceTag/a", "b"),
		Allow("ssm:StartSession").On(arn+"managed-instance/mi-2", "arn:aws:ssm:eu-west-1:123456789012:document/a").If("StringEquals", "ssm:resourceTag/a", "b"),
		Allow("ssm:GetParameter").On(arn + "parameter/a?").As("E"),
		Allow("ssm:GetParameter").On(arn + "parameter/ab").As("F"),
		Allow("ssm:GetParameter").On(arn + "parameter/abc").As("G"),
		{Effect: "Deny", Action: []string{"ssm:GetParameter"}, NotResource: []string{"x"}, Sid: "H"},
	}
	want := []Statement{
		Allow("ssm:SendCommand").On(arn+"document/b", arn+"managed-instance/*"),
		Allow("ssm:SendCommand", "ssm:StartSession").On(arn + "document/a"),
		Allow("ssm:StartSession").On(arn + "managed-instance/mi-1"),
		Allow("ssm:GetParameter").On(arn+"parameter/a?", arn+"parameter/abc"),
		Allow("ssm:StartSession").On("arn:aws:ssm:eu-west-1:123456789012:document/a", arn+"managed-instance/mi-2").If("StringEquals", "ssm:resourceTag/a", "b"),
		statements[9],
	}
	got := merge(statements)
	if !New(got...).Equal(New(want...)) {
		t.Errorf("got\n%s\nwant\n%s", New(got...).Indent(), New(want...).Indent())
	}
	if err := prove([]Document{New(got...)}, statements); err != nil {
		t.Error(err)
	}
}

// What would say more or less than it should never leaves the compiler.
func TestProveRefuses(t *testing.T) {
	t.Parallel()
	a, b := Allow("ssm:SendCommand").On("arn:aws:ssm:us-east-1:123456789012:document/a"), Allow("ssm:GetDocument").On("*")
	deny := Statement{Effect: "Deny", Action: []string{"ssm:GetParameter"}, NotResource: []string{"arn:aws:ssm:us-east-1:123456789012:parameter/a"}}
	for name, test := range map[string]struct {
		documents  []Document
		statements []Statement
		want       string
	}{
		"the same":        {[]Document{New(a), New(b)}, []Statement{a, b}, ""},
		"more":            {[]Document{New(a), New(b)}, []Statement{a}, "not to allow more than it says"},
		"less":            {[]Document{New(a)}, []Statement{a, b}, "not to allow less than it says"},
		"denies the same": {[]Document{New(deny)}, []Statement{deny}, ""},
		"denies more":     {[]Document{New(Deny("ssm:GetParameter").On("*"))}, []Statement{deny}, "not to allow less than it says"},
		"denies less":     {[]Document{New(deny.If("Bool", "aws:SecureTransport", "true"))}, []Statement{deny}, "not to allow more than it says"},
	} {
		err := prove(test.documents, test.statements)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// Either way to write a relation down says just the relation, and greed wins
// where resources share actions in several ways.
func TestRectangles(t *testing.T) {
	t.Parallel()
	var statements []Statement
	actions := []string{"ssm:GetDocument", "ssm:DescribeDocument", "ssm:SendCommand", "ssm:StartSession"}
	for i := range 60 {
		for j, a := range actions {
			if i>>j&1 == 1 {
				statements = append(statements, Allow(a).On(fmt.Sprintf("arn:aws:ssm:us-east-1:123456789012:document/document-%02d", i)))
			}
		}
	}
	relations, _ := relate(statements)
	r := relations[0]
	for name, way := range map[string][]Statement{"by signature": r.bySignature(), "greedily": r.greedily()} {
		said := map[string]map[string]bool{}
		for _, s := range way {
			for _, resource := range s.Resource {
				for _, a := range s.Action {
					if said[resource] == nil {
						said[resource] = map[string]bool{}
					}
					said[resource][a] = true
				}
			}
		}
		for resource, actions := range r.actions {
			if want, got := sortedKeys(actions), sortedKeys(said[resource]); !slices.Equal(want, got) {
				t.Errorf("%s: %s has %v, want %v", name, resource, got, want)
			}
		}
		if len(said) != len(r.actions) {
			t.Errorf("%s: %d resources, want %d", name, len(said), len(r.actions))
		}
		if length(way) >= length(statements) {
			t.Errorf("%s: %d characters of %d", name, length(way), length(statements))
		}
	}
}

func TestNameCovers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wide, narrow string
		want         bool
	}{
		{"a", "a", true},
		{"a", "b", false},
		{"*", "", true},
		{"*", "a*b?", true},
		{"a*", "a", true},
		{"a*", "a*", true},
		{"a*", "ab*c", true},
		{"ab*", "a*", false},
		{"a*c", "a*b*c", true},
		{"a?", "ab", true},
		{"a?", "a?", true},
		{"a?", "a*", false},
		{"a?", "a", false},
		{"ab", "a?", false},
		{"*b", "*", false},
	} {
		if got := NameCovers(test.wide, test.narrow); got != test.want {
			t.Errorf("NameCovers(%q, %q) = %t", test.wide, test.narrow, got)
		}
	}
}
