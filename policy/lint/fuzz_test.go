package lint

import (
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/policy"
)

// FuzzText lints any bytes: no panic, and nothing that Check finds is missed.
func FuzzText(f *testing.F) {
	for _, rule := range Rules() {
		f.Add([]byte(rule.Bad), rule.Use == policy.ForTrust)
		f.Add([]byte(rule.Good), rule.Use == policy.ForTrust)
	}
	for _, text := range checked {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, trust bool) {
		use := policy.ForIdentity
		if trust {
			use = policy.ForTrust
		}
		var findings []Finding
		cost.Within(t, func() { findings = Text(data, use, here) })
		for _, finding := range findings {
			if _, ok := Lookup(finding.Code); !ok {
				t.Errorf("there is no rule %s", finding.Code)
			}
			if finding.Text == "" || finding.Fix == "" || finding.Position.Line < 1 || finding.Position.Column < 1 {
				t.Errorf("a finding lacks something: %+v", finding)
			}
		}
		covered(t, data, use)
	})
}
