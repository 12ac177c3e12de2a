package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBrokenDataPanics(t *testing.T) {
	t.Parallel()
	for name, packed := range map[string][]byte{"none": nil, "no gzip": []byte("names"), "cut off": packedNames[:len(packedNames)/2]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "catalogue: the embedded x.gz is broken: ") {
					t.Errorf("panic %q", got)
				}
			}()
			unpack("x.gz", packed)
		})
	}
}

// The data are small enough to be carried by every program.
func TestSize(t *testing.T) {
	t.Parallel()
	if len(packedNames) > 130_000 || len(packedDetail) > 80_000 {
		t.Errorf("names.gz has %d bytes, detail.gz %d", len(packedNames), len(packedDetail))
	}
}

// What is put in to fill a gap is still missing in the data; once it is not,
// the gap should go.
func TestGapsAreStillThere(t *testing.T) {
	t.Parallel()
	text := unpack("detail.gz", packedDetail)
	of := func(service string) string {
		_, text, _ := strings.Cut("\n"+text, "\nservice\t"+service+"\n")
		text, _, _ = strings.Cut(text, "\nservice\t")
		return "\n" + text + "\n"
	}
	for _, gap := range ownedByAWS {
		if n := strings.Count(of(gap.service), "\nresource\t"+gap.name+"\t"); n != 1 {
			t.Errorf("%s: %d types named %s", gap.service, n, gap.name)
		}
	}
	for _, gap := range unlisted {
		i := strings.Index(of(gap.Service), "\naction\t"+gap.action+"\t")
		if i < 0 || strings.Contains(of(gap.Service), "\nresource\t"+gap.Name+"\t") {
			t.Errorf("%s: action %s is at %d, or the type %s is known", gap.Service, gap.action, i, gap.Name)
		}
	}
	for _, gap := range several {
		if !strings.Contains(of(gap.service), "\nkey\t"+gap.name+"\tString\n") {
			t.Errorf("%s: key %s is not there, or not a String", gap.service, gap.name)
		}
	}
}

// meet says that two globs have a text in common exactly when a search of all
// short texts finds one.
func TestMeet(t *testing.T) {
	t.Parallel()
	const alphabet, longest = "a/:", 6
	all := []string{""}
	for from := 0; len(all[len(all)-1]) < longest; {
		to := len(all)
		for _, text := range all[from:to] {
			for _, r := range alphabet {
				all = append(all, text+string(r))
			}
		}
		from = to
	}
	tokens := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) token {
		k := token{kind: rapid.SampledFrom([]tokenKind{literal, literal, one, many}).Draw(t, "kind")}
		if k.kind == literal {
			k.char = rapid.SampledFrom([]rune(alphabet)).Draw(t, "char")
		} else {
			k.class = rapid.SampledFrom([]class{anything, word, segment}).Draw(t, "class")
		}
		return k
	}), 0, longest/2)
	rapid.Check(t, func(t *rapid.T) {
		a, b := tokens.Draw(t, "a"), tokens.Draw(t, "b")
		reA, reB := expression(a), expression(b)
		want := slices.ContainsFunc(all, func(text string) bool { return reA.MatchString(text) && reB.MatchString(text) })
		if got := meet(a, b); got != want {
			t.Fatalf("%s and %s: meet is %t", reA, reB, got)
		}
		if meet(a, b) != meet(b, a) {
			t.Fatalf("%s and %s: not the same in the other order", reA, reB)
		}
	})
}

// expression is a glob as a regular expression.
func expression(tokens []token) *regexp.Regexp {
	classes := map[class]string{anything: `[\s\S]`, word: `[a-zA-Z0-9-]`, segment: `[^/:]`}
	var b strings.Builder
	for _, k := range tokens {
		switch k.kind {
		case literal:
			b.WriteString(regexp.QuoteMeta(string(k.char)))
		case one:
			b.WriteString(classes[k.class])
		case many:
			b.WriteString(classes[k.class] + "*")
		}
	}
	return regexp.MustCompile("^" + b.String() + "$")
}

func TestSingular(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ListDocumentsVersions": "listdocumentversion",
		"ListDocumentVersions":  "listdocumentversion",
		"GetHistories":          "gethistory",
		"DescribeStatus":        "describestatu",
		"s":                     "",
		"IES":                   "ies",
		"":                      "",
	} {
		if got := singular(name); got != want {
			t.Errorf("singular(%q) = %q, want %q", name, got, want)
		}
	}
}

// What the first use costs.
func BenchmarkNames(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		decodeNames()
	}
}

func BenchmarkDetail(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		decodeDetail()
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Lookup("ssm:SendCommand")
	}
}

func BenchmarkKnown(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Known("ssm:SendCommand")
	}
}
