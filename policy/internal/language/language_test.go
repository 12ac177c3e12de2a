package language_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/policy/internal/language"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A sample is a pattern in both forms: for the search, and as plain comparison
// of texts, given what the unknown text is.
type sample struct {
	name    string
	pattern language.Pattern
	has     func(text, unknown string) bool
}

// draw returns a pattern over the letters a, b and the colon; ${} in it is the
// unknown text.
func draw(r *rand.Rand, unknowns bool) sample {
	text := func(length int, alphabet ...string) string {
		var b strings.Builder
		for range r.IntN(length + 1) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	alphabet := []string{"a", "b", "A", ":", "*", "*", "?"}
	inField := []string{"a", "b", "*", "*", "?"}
	if unknowns {
		alphabet, inField = append(alphabet, "${}", "${}"), append(inField, "${}")
	}
	cache := map[[2]string]match.Pattern{}
	resolve := func(s, unknown string) match.Pattern {
		if p, ok := cache[[2]string{s, unknown}]; ok {
			return p
		}
		p, _ := match.Parse(strings.ReplaceAll(s, "${}", "${u}"), true, true).Resolve(func(string) (string, bool) { return unknown, true })
		cache[[2]string{s, unknown}] = p
		return p
	}
	opaque := string(language.Unknown(0))
	switch r.IntN(4) {
	case 0:
		s := text(4, alphabet...)
		return sample{"folded " + s, language.Folded(resolve(s, opaque)), func(text, unknown string) bool {
			return resolve(strings.ToLower(s), match.Fold(unknown)).Match(match.Fold(text))
		}}
	case 1:
		first, second := text(3, inField...), text(3, alphabet...)
		p, ok := language.Fields(resolve(first, opaque), resolve(second, opaque))
		if !ok {
			panic("no colon was drawn")
		}
		return sample{"fields " + first + ":" + second, p, func(text, unknown string) bool {
			a, b, ok := strings.Cut(text, ":")
			return ok && resolve(first, unknown).Match(a) && resolve(second, unknown).Match(b)
		}}
	default:
		s := text(5, alphabet...)
		return sample{"text " + s, language.Text(resolve(s, opaque)), func(text, unknown string) bool {
			return resolve(s, unknown).Match(text)
		}}
	}
}

// words returns all words of up to a length.
func words(letters string, length int) []string {
	all := []string{""}
	for last := all; length > 0; length-- {
		var next []string
		for _, w := range last {
			for _, r := range letters {
				next = append(next, w+string(r))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}

func drawn(r *rand.Rand, unknowns bool) (in, out []sample, ins, outs []language.Pattern, names string) {
	for range 1 + r.IntN(2) {
		s := draw(r, unknowns)
		in, ins, names = append(in, s), append(ins, s.pattern), names+" in "+s.name
	}
	for range r.IntN(4) {
		s := draw(r, unknowns)
		out, outs, names = append(out, s), append(outs, s.pattern), names+", not in "+s.name
	}
	return in, out, ins, outs, names
}

func member(in, out []sample, text, unknown string) bool {
	for _, s := range in {
		if !s.has(text, unknown) {
			return false
		}
	}
	for _, s := range out {
		if s.has(text, unknown) {
			return false
		}
	}
	return true
}

// Against trying all words.
func TestFind(t *testing.T) {
	t.Parallel()
	all := words("abA:x", 5)
	none := 0
	for seed := range 3000 {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		in, out, ins, outs, names := drawn(r, false)
		steps := 1_000_000
		got, found, complete := language.Find(ins, outs, &steps)
		switch {
		case !complete:
			t.Fatalf("seed %d:%s: not complete", seed, names)
		case found && !member(in, out, got, ""):
			t.Fatalf("seed %d:%s: found %q, which is not", seed, names, got)
		case found:
			continue
		}
		none++
		for _, w := range all {
			if member(in, out, w, "") {
				t.Fatalf("seed %d:%s: found nothing, but there is %q", seed, names, w)
			}
		}
	}
	if none < 300 {
		t.Errorf("only %d of the questions have no answer: no test", none)
	}
}

// Whatever the unknown text is, there is nothing where nothing was found.
func TestFindUnknown(t *testing.T) {
	t.Parallel()
	all, values := words("ab:A", 5), words("abA:", 3)
	none := 0
	for seed := range 1500 {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		in, out, ins, outs, names := drawn(r, true)
		steps := 1_000_000
		_, found, complete := language.Find(ins, outs, &steps)
		if !complete {
			t.Fatalf("seed %d:%s: not complete", seed, names)
		}
		if found || !strings.Contains(names, "${}") {
			continue
		}
		none++
		for _, unknown := range values {
			if r.IntN(4) > 0 {
				continue
			}
			for _, w := range all {
				if member(in, out, w, unknown) {
					t.Fatalf("seed %d:%s: found nothing, but with %q there is %q", seed, names, unknown, w)
				}
			}
		}
	}
	if none < 50 {
		t.Errorf("only %d of the questions have no answer: no test", none)
	}
}

func TestFindOpaque(t *testing.T) {
	t.Parallel()
	u, v := string(language.Unknown(0)), string(language.Unknown(1))
	tests := map[string]struct {
		in, out []language.Pattern
		found   bool
	}{
		"same on both sides":              {[]language.Pattern{text("home/" + u)}, []language.Pattern{text("home/" + u)}, false},
		"another text":                    {[]language.Pattern{text("home/" + u)}, []language.Pattern{text("home/" + v)}, true},
		"star takes all":                  {[]language.Pattern{text("home/" + u + "/a")}, []language.Pattern{text("home/*")}, false},
		"one character is not any text":   {[]language.Pattern{text("home/" + u)}, []language.Pattern{text("home/?")}, true},
		"one character more":              {[]language.Pattern{text("home/" + u + "/*")}, []language.Pattern{text("home/?*")}, false},
		"any text may be an exception":    {[]language.Pattern{text(u)}, []language.Pattern{text("a*")}, true},
		"two demands":                     {[]language.Pattern{text("home/" + u), text("home/admin*")}, nil, true},
		"two demands that never meet":     {[]language.Pattern{text("home/" + u), text("work/*")}, nil, false},
		"case of an unknown text":         {[]language.Pattern{language.Folded(match.Text(u))}, []language.Pattern{text(u)}, true},
		"case does not count":             {[]language.Pattern{text(u)}, []language.Pattern{language.Folded(match.Text(u))}, false},
		"a field takes a text of a field": {[]language.Pattern{fields(t, "a", u, "b")}, []language.Pattern{fields(t, "a", "*", "b")}, false},
		"a field does not take any text":  {[]language.Pattern{text("a:" + u + ":b")}, []language.Pattern{fields(t, "a", "*", "b")}, true},
		"a text takes that of a field":    {[]language.Pattern{fields(t, "a", u, "b")}, []language.Pattern{text("a:" + u + ":b")}, false},
		"a field does not take its text":  {[]language.Pattern{text("a:" + u + ":b")}, []language.Pattern{fields(t, "a", u, "b")}, true},
		"any text reaches into fields":    {[]language.Pattern{text(u + ":x:b"), fields(t, "a", "*", "b")}, nil, true},
		"before and after":                {[]language.Pattern{text(u + "-" + u)}, []language.Pattern{text("*" + u)}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := 10_000
			if text, found, complete := language.Find(test.in, test.out, &steps); found != test.found || !complete {
				t.Errorf("found %v (%q), complete %v; want %v", found, text, complete, test.found)
			}
		})
	}
}

func text(s string) language.Pattern { return language.Text(match.Glob(s)) }

func fields(t *testing.T, fields ...string) language.Pattern {
	t.Helper()
	patterns := make([]match.Pattern, len(fields))
	for i, f := range fields {
		patterns[i] = match.Glob(f)
	}
	p, ok := language.Fields(patterns...)
	if !ok {
		t.Fatalf("fields %q have no text", fields)
	}
	return p
}

func TestFieldsWithColon(t *testing.T) {
	t.Parallel()
	if p, ok := language.Fields(match.Text("a:b"), match.Text("c")); ok {
		t.Errorf("a field with a colon has texts: %v", p)
	}
	if _, ok := language.Fields(match.Text("a"), match.Text("b:c")); !ok {
		t.Error("the last field may have colons")
	}
}

func TestFindBudget(t *testing.T) {
	t.Parallel()
	steps := 5
	if _, found, complete := language.Find([]language.Pattern{text("*aaaaaaaaaaaaaaaa")}, nil, &steps); found || complete {
		t.Errorf("found %v, complete %v within 5 steps of 17", found, complete)
	}
}

// What Disjoint says at a glance, the search confirms.
func TestDisjoint(t *testing.T) {
	t.Parallel()
	disjoint := 0
	for seed := range 20_000 {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		a, b := draw(r, false), draw(r, false)
		if !language.Disjoint(a.pattern, b.pattern) {
			continue
		}
		disjoint++
		steps := 1_000_000
		if text, found, _ := language.Find([]language.Pattern{a.pattern, b.pattern}, nil, &steps); found {
			t.Fatalf("seed %d: %s and %s have %q in common", seed, a.name, b.name, text)
		}
	}
	if disjoint < 5000 {
		t.Errorf("only %d pairs are disjoint: no test", disjoint)
	}
	for _, pair := range [][2]language.Pattern{
		{fields(t, "a", "*", "x*"), fields(t, "a", "*", "y*")},
		{fields(t, "a", "*", "x", "*"), fields(t, "a", "*", "y", "*")},
		{text("*x"), text("*y")},
	} {
		if !language.Disjoint(pair[0], pair[1]) {
			t.Errorf("%v and %v are not seen to be disjoint", pair[0], pair[1])
		}
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	all := words("abAx", 5)
	for seed := range 300 {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		var samples []sample
		var patterns []language.Pattern
		for range 2 + r.IntN(3) {
			s := draw(r, false)
			samples, patterns = append(samples, s), append(patterns, s.pattern)
		}
		set := func(w string) string {
			var in []bool
			for _, s := range samples {
				in = append(in, s.has(w, ""))
			}
			return fmt.Sprint(in)
		}
		got := map[string]bool{}
		steps := 1_000_000
		if !language.Classes(patterns[0], patterns[1:], &steps, func(w string) {
			if got[set(w)] {
				t.Errorf("seed %d: the set of %q was there before", seed, w)
			}
			got[set(w)] = true
		}) {
			t.Fatalf("seed %d: not complete", seed)
		}
		for _, w := range all {
			if samples[0].has(w, "") && !got[set(w)] {
				t.Fatalf("seed %d: the set of %q is missing", seed, w)
			}
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	got := fields(t, "arn", "*", "s?", "x*").Fill(func(w language.Wildcard) string { return fmt.Sprint(w) })
	if want := "arn:{1 false true}:s{2 true false}:x{3 false false}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAlign(t *testing.T) {
	t.Parallel()
	u := string(language.Unknown(0))
	for name, test := range map[string]struct {
		p, q string
		want string
	}{
		"at the end":     {"home/" + u, "home/admin", "admin"},
		"before a star":  {"home/" + u, "home/admin*", "admin"},
		"in the middle":  {"home/" + u + "/a", "home/admin/b", "admin"},
		"other text":     {"home/" + u, "work/admin", ""},
		"nothing left":   {"home/" + u, "home/", ""},
		"shorter":        {"home/" + u, "ho", ""},
		"nothing to say": {"home", "home", ""},
	} {
		if got, ok := language.Align(text(test.p), text(test.q)); got != test.want || ok != (got != "") {
			t.Errorf("%s: got %q %v, want %q", name, got, ok, test.want)
		}
	}
}

// A pattern against a list of instances that are in it.
func BenchmarkFind(b *testing.B) {
	for name, account := range map[string]string{"texts": "111122223333", "patterns": "*"} {
		arn := func(resource string) language.Pattern {
			p, _ := language.Fields(match.Text("arn"), match.Text("aws"), match.Text("ec2"), match.Text("us-east-1"), match.Glob(account), match.Glob(resource))
			return p
		}
		var out []language.Pattern
		for i := range 1000 {
			out = append(out, arn(fmt.Sprintf("instance/i-%017x", i*7919)))
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				steps := 1_000_000
				if _, found, _ := language.Find([]language.Pattern{arn("instance/i-*")}, out, &steps); !found {
					b.Fatal("found nothing")
				}
			}
		})
	}
}
