package match

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func known(key string) (string, bool) {
	values := map[string]string{"aws:username": "bob", "star": "*", "dollar": "${aws:username}", "empty": ""}
	value, ok := values[key]
	return value, ok
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	const unresolved = "unresolved"
	tests := map[string]struct {
		text            string
		wild, variables bool
		want            string // the pattern's text, in which \ stands before what is literal although it looks not so
		keys            []string
	}{
		"plain":                             {"abc", true, true, "abc", nil},
		"wildcards":                         {"a*b?", true, true, "a*b?", nil},
		"no wildcards":                      {"a*b?", false, true, `a\*b\?`, nil},
		"a variable":                        {"x-${aws:username}-*", true, true, "x-bob-*", []string{"aws:username"}},
		"a variable in the old version":     {"${aws:username}*", true, false, "${aws:username}*", nil},
		"an escape in the old version":      {"${*}", true, false, "${*}", nil},
		"two variables, one twice":          {"${star}${aws:username}${star}", true, true, `\*bob\*`, []string{"star", "aws:username"}},
		"what is put in has no wildcards":   {"${star}", true, true, `\*`, []string{"star"}},
		"what is put in is not read again":  {"${dollar}", true, true, "${aws:username}", []string{"dollar"}},
		"an empty value":                    {"a${empty}b", true, true, "ab", []string{"empty"}},
		"an unknown variable":               {"a${no}b", true, true, unresolved, []string{"no"}},
		"known after unknown":               {"${no}${star}", true, true, unresolved, []string{"no", "star"}},
		"a default":                         {"${no, 'x'}", true, true, "x", []string{"no"}},
		"a default is not needed":           {"${aws:username, 'x'}", true, true, "bob", []string{"aws:username"}},
		"a default without the blank":       {"${no,'x'}", true, true, "x", []string{"no"}},
		"an empty default":                  {"a${no, ''}b", true, true, "ab", []string{"no"}},
		"a default has no wildcards":        {"${no, '*'}", true, true, `\*`, []string{"no"}},
		"a default without quotes is none":  {"${no, x}", true, true, unresolved, []string{"no, x"}},
		"a default of one quote is none":    {"${no, '}", true, true, unresolved, []string{"no, '"}},
		"blanks around the key":             {"${ aws:username }", true, true, "bob", []string{"aws:username"}},
		"the escapes":                       {"${*}${?}${$}", true, true, `\*\?$`, nil},
		"an escape between":                 {"a${*}b*", true, true, `a\*b*`, nil},
		"an escaped dollar begins nothing":  {"${$}{aws:username}", true, true, "${aws:username}", nil},
		"not closed":                        {"a${aws:username", true, true, "a${aws:username", nil},
		"not closed after a variable":       {"${aws:username}${x*", true, true, "bob${x*", []string{"aws:username"}},
		"a dollar alone":                    {"$a$", true, true, "$a$", nil},
		"an empty variable has no value":    {"${}", true, true, unresolved, []string{""}},
		"the first brace that closes, ends": {"${a}}", true, true, unresolved, []string{"a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := Parse(test.text, test.wild, test.variables)
			if diff := cmp.Diff(test.keys, template.Variables()); diff != "" {
				t.Errorf("Variables of %q (-want +got)\n%s", test.text, diff)
			}
			var asked []string
			got, ok := template.Resolve(func(key string) (string, bool) {
				asked = append(asked, key)
				return known(key)
			})
			if ok != (test.want != unresolved) {
				t.Fatalf("Parse(%q).Resolve reports %v", test.text, ok)
			}
			for _, key := range test.keys {
				if !slices.Contains(asked, key) {
					t.Errorf("Parse(%q).Resolve did not look %s up", test.text, key)
				}
			}
			if diff := cmp.Diff(unescape(test.want), got); ok && diff != "" {
				t.Errorf("Parse(%q) (-want +got)\n%s", test.text, diff)
			}
		})
	}
}

// unescape returns the pattern of a text in which \ makes the next literal.
func unescape(s string) Pattern {
	var p Pattern
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			p = append(p, Text(s[i:i+1])...)
			continue
		}
		p = append(p, Glob(s[i:i+1])...)
	}
	return p
}

func TestDefault(t *testing.T) {
	t.Parallel()
	template := Parse("${a}-${b, 'x'}", true, true)
	if got, ok := template.Default("b"); got != "x" || !ok {
		t.Errorf(`Default("b") = %q, %v`, got, ok)
	}
	if got, ok := template.Default("a"); ok {
		t.Errorf(`Default("a") = %q, %v`, got, ok)
	}
}
