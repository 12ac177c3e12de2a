package policy_test

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/managed"
)

var unquoted = regexp.MustCompile(`:(true|false|[0-9]+)\b`)

// AWS's own policies are the largest body of documents that IAM is known to
// accept.
func TestAWSManagedPolicies(t *testing.T) {
	t.Parallel()
	for p := range managed.All() {
		d, err := policy.Parse(p.Document())
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		for _, problem := range d.Check(policy.ForIdentity) {
			t.Errorf("%s: %v", p.Name, problem.Error())
		}
		canonical, err := json.Marshal(d)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		for form, text := range map[string]string{"canonical": string(canonical), "String": d.String(), "Indent": d.Indent()} {
			again, err := policy.Parse([]byte(text))
			if err != nil {
				t.Errorf("%s: %s does not parse: %v", p.Name, form, err)
			} else if !again.Equal(d) {
				t.Errorf("%s: %s says something else:\n%s", p.Name, form, text)
			}
		}
		// What is longer than AWS's text is only that bools and numbers are in quotes.
		if size := policy.Size(string(p.Document())) + 2*len(unquoted.FindAll(p.Document(), -1)); d.Size() > size {
			t.Errorf("%s: %d characters became %d", p.Name, size, d.Size())
		}
	}
}

func BenchmarkParse(b *testing.B) {
	p, _ := managed.Lookup("AmazonSSMFullAccess")
	text := p.Document()
	for b.Loop() {
		if _, err := policy.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	p, _ := managed.Lookup("AmazonSSMFullAccess")
	d, err := policy.Parse(p.Document())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}
