package policy_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
	"pgregory.net/rapid"
)

// A small vocabulary, so that values often collide.
var (
	anyAction    = rapid.SampledFrom([]string{"*", "ssm:SendCommand", "ssm:Get*", "SSM:get*", "ssm:GetDocument", "s3:Put?bject", "new:Thing", "iam:PassRole"})
	anyResource  = rapid.SampledFrom([]string{"*", "arn:aws:ssm:us-east-1::document/A", "arn:aws:ssm:us-east-1::document/a", "a b", "é\"\\"})
	anyPrincipal = rapid.SampledFrom([]string{"*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/r"})
	anyKey       = rapid.SampledFrom([]string{"aws:SourceIp", "aws:ResourceTag/Env", "ssm:resourceTag/Env/x", "new:Key"})
	anyOperator  = rapid.SampledFrom([]string{"StringEquals", "Bool", "ForAnyValue:StringLikeIfExists"})
	anyValue     = rapid.SampledFrom([]string{"", "x", "X", "true", "${aws:username}"})
)

func list(values *rapid.Generator[string]) *rapid.Generator[[]string] {
	return rapid.SliceOfN(values, 1, 4)
}

func maybe(t *rapid.T, g *rapid.Generator[[]string], label string) []string {
	if rapid.Bool().Draw(t, label+"?") {
		return g.Draw(t, label)
	}
	return nil
}

var anyStatement = rapid.Custom(func(t *rapid.T) policy.Statement {
	s := policy.Statement{
		Sid:    rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "Sid"),
		Effect: rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "Effect"),
	}
	if rapid.Bool().Draw(t, "NotAction") {
		s.NotAction = list(anyAction).Draw(t, "actions")
	} else {
		s.Action = list(anyAction).Draw(t, "actions")
	}
	if s.Resource = maybe(t, list(anyResource), "Resource"); s.Resource == nil {
		s.NotResource = maybe(t, list(anyResource), "NotResource")
	}
	if rapid.Bool().Draw(t, "Principal") {
		s.Principal = &policy.Principals{AWS: maybe(t, list(anyPrincipal), "AWS"), Service: maybe(t, list(anyValue), "Service")}
	}
	for range rapid.IntRange(0, 3).Draw(t, "conditions") {
		s = s.If(anyOperator.Draw(t, "operator"), anyKey.Draw(t, "key"), list(anyValue).Draw(t, "values")...)
	}
	return s
})

var anyDocument = rapid.Custom(func(t *rapid.T) policy.Document {
	return policy.Document{
		Version:    rapid.SampledFrom([]string{policy.Version2012, policy.Version2008, ""}).Draw(t, "Version"),
		ID:         rapid.SampledFrom([]string{"", "id"}).Draw(t, "Id"),
		Statements: rapid.SliceOfN(anyStatement, 1, 4).Draw(t, "statements"),
	}
})

// reword returns a document that says the same as d in other words.
func reword(d policy.Document, r *rand.Rand) policy.Document {
	recase := func(s string) string {
		if r.IntN(2) == 0 {
			return strings.ToUpper(s)
		}
		return strings.ToLower(s)
	}
	asIs := func(s string) string { return s }
	shuffle := func(values []string, each func(string) string) []string {
		if values == nil {
			return nil
		}
		out := []string{each(values[r.IntN(len(values))])} // one of them twice
		for _, v := range values {
			out = append(out, each(v))
		}
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	d.Statements = slices.Clone(d.Statements)
	r.Shuffle(len(d.Statements), func(i, j int) { d.Statements[i], d.Statements[j] = d.Statements[j], d.Statements[i] })
	if d.Version == "" {
		d.Version = policy.Version2008
	}
	for i, s := range d.Statements {
		s.Action, s.NotAction = shuffle(s.Action, recase), shuffle(s.NotAction, recase)
		s.Resource, s.NotResource = shuffle(s.Resource, asIs), shuffle(s.NotResource, asIs)
		if p := s.Principal; p != nil {
			s.Principal = &policy.Principals{Service: shuffle(p.Service, asIs), AWS: shuffle(p.AWS, func(a string) string {
				if a == "111122223333" && r.IntN(2) == 0 {
					return "arn:aws-cn:iam::111122223333:root"
				}
				return a
			})}
		}
		condition := policy.Condition{"Null": {}} // asks nothing
		for operator, keys := range s.Condition {
			condition[operator] = map[string][]string{}
			for key, values := range keys {
				condition[operator][recase(key)] = shuffle(values, asIs)
			}
		}
		s.Condition = condition
		d.Statements[i] = s
	}
	return d
}

func TestRewordedDocumentsAreEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDocument.Draw(t, "document")
		e := reword(d, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
		if diff := cmp.Diff(d.Indent(), e.Indent()); diff != "" || !d.Equal(e) {
			t.Fatalf("(-original +reworded)\n%s", diff)
		}
	})
}

func TestCanonicalFormIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDocument.Draw(t, "document")
		want, _ := json.Marshal(d)
		for form, text := range map[string]string{"canonical": string(want), "String": d.String(), "Indent": d.Indent()} {
			e, err := policy.Parse([]byte(text))
			if err != nil {
				t.Fatalf("%s does not parse: %v\n%s", form, err, text)
			}
			if got, _ := json.Marshal(e); string(got) != string(want) {
				t.Fatalf("canonical form of %s (-want +got)\n%s", form, cmp.Diff(string(want), string(got)))
			}
		}
	})
}

// changes are ways to say something else.
var changes = map[string]func(d *policy.Document, s *policy.Statement){
	"a statement twice": func(d *policy.Document, s *policy.Statement) { d.Statements = append(d.Statements, *s) },
	"another effect": func(_ *policy.Document, s *policy.Statement) {
		s.Effect = map[string]string{"Allow": "Deny", "Deny": "Allow"}[s.Effect]
	},
	"action negated":    func(_ *policy.Document, s *policy.Statement) { s.Action, s.NotAction = s.NotAction, s.Action },
	"one more action":   func(_ *policy.Document, s *policy.Statement) { s.Action = append(slices.Clone(s.Action), "a:b") },
	"one more resource": func(_ *policy.Document, s *policy.Statement) { s.Resource = append(slices.Clone(s.Resource), "b") },
	"another Sid":       func(_ *policy.Document, s *policy.Statement) { s.Sid += "x" },
	"another Id":        func(d *policy.Document, _ *policy.Statement) { d.ID += "x" },
	"one more condition": func(_ *policy.Document, s *policy.Statement) {
		*s = s.If("Null", "a:b", "true")
	},
	"one more principal": func(_ *policy.Document, s *policy.Statement) {
		p := policy.Principals{}
		if s.Principal != nil {
			p = *s.Principal
		}
		p.AWS = append(slices.Clone(p.AWS), "444455556666")
		s.Principal = &p
	},
}

func TestChangedDocumentsAreNotEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDocument.Draw(t, "document")
		e := d
		e.Statements = slices.Clone(d.Statements)
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(changes))).Draw(t, "change")
		changes[name](&e, &e.Statements[rapid.IntRange(0, len(e.Statements)-1).Draw(t, "statement")])
		if d.Equal(e) {
			t.Fatalf("with %s, the document is still equal:\n%s\n%s", name, d, e)
		}
	})
}
