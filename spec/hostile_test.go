package spec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/spec"
)

// hostile are files of at most that many bytes that are made to cost as much as
// they can.
func hostile(size int) map[string]string {
	size -= 200 // for what is around
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	// weigh is what fits in the bound on values as well as in the size, when each
	// weighs so much.
	weigh := func(n int) int { return size * (95_000 / n) >> 20 }
	numbered := func(n int, form string) string {
		var s strings.Builder
		for i := 0; i < n && s.Len()+len(form)+4 < size; i++ {
			fmt.Fprintf(&s, form, i)
		}
		return s.String()
	}
	return map[string]string{
		"keys":          numbered(size, "k%d: 1\n"),
		"keys-fit":      head + "x-a: {" + numbered(weigh(2), "key%05d: 1, ") + "}",
		"same-key":      head + numbered(weigh(2), "a: %08d\n"),
		"deep-flow":     head + "a: " + fill("["),
		"deep-flow-map": head + "a: " + fill("{a: "),
		"deep-block":    deep(size),
		"lists":         head + "a: [" + strings.Repeat("[], ", weigh(2)) + "]",
		"long-scalar":   head + "description: \"" + fill("x") + "\"",
		"long-plain":    head + "description: " + fill("x y\n  "),
		"escapes":       head + "description: \"" + fill(`\x41`) + "\"",
		"unclosed":      head + "description: \"" + fill("x"),
		"bomb":          head + "x-a: &a [b,b,b,b,b,b,b,b,b]\nx-b: &b [*a,*a,*a,*a,*a,*a]\n" + numbered(weigh(14), "x-%d: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"),
		"aliases":       head + "x-a: &a b\nx-b: [" + strings.Repeat("*a, ", weigh(1)) + "]",
		"merges":        head + "x-a: &a {b: c}\n" + numbered(weigh(3), "x-%d: {<<: *a}\n"),
		"tags":          head + numbered(weigh(1), "x-%d: !!binary aa\n"),
		"comments":      head + fill("# c\n"),
		"line-comments": head + numbered(weigh(5), "k%d: v # comment on this line, to be kept\n"),
		"foot-comments": head + "x-a:\n" + numbered(weigh(7), "- a\n\n# foot %d\n\n"),
		"problems":      head + "groups: {g: {members: [" + numbered(weigh(1), "U%d, ") + "]}}",
		"variables":     head + "vars: {a: " + strings.Repeat("x", size/2) + "}\ngroups: {g: {forbid: [" + numbered(weigh(10), "$(var.a)%d, ") + "]}}",
		"unknown-vars":  head + "vars: {" + numbered(weigh(95), "name%04d: v, ") + "}\ngroups: {g: {forbid: [" + numbered(weigh(10), "$(var.nmae%04d), ") + "]}}",
		"references":    head + "restrictions:\n" + manyNames(weigh(10)) + "groups: {g: {restrictions: [" + numbered(10, "nothing%d, ") + "]}}",
		"documents":     head + "groups:\n" + documents(size),
		"syntax":        head + "groups:\n" + numbered(weigh(4), "  group%d: {access: full}\n") + "  a:b\n  c: d\n",
		"invisible":     head + "description: " + fill("\u200b"),
		"one-line":      head + "description: é" + strings.Repeat("\u200b", size/6) + fill("x")[:size/3],
	}
}

// deep nests a block mapping as far as so many bytes of indentation go.
func deep(size int) string {
	var s strings.Builder
	for i := 0; s.Len()+i+3 < size; i++ {
		s.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return s.String()
}

// manyNames are n entries with names of letters only.
func manyNames(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "  restriction-%c%c%c: {}\n", 'a'+i/676%26, 'a'+i/26%26, 'a'+i%26)
	}
	return s.String()
}

// documents are entries with a value of free form each, as large as one may be.
func documents(size int) string {
	var s strings.Builder
	list := strings.Repeat("x,", 7000)
	for i := 0; s.Len()+len(list)+60 < size*9/10 && i < 10; i++ {
		fmt.Fprintf(&s, "  g%d: {inline: {p: [%s]}}\n", i, list)
	}
	return s.String()
}

// Fault 49: alias bombs, depth, 100,000 keys and whatever else one file can do
// takes little memory, and twice the file about twice the work.
func TestHostile(t *testing.T) {
	const most = 1 << 20
	half, whole := hostile(most/2), hostile(most)
	for name, text := range whole {
		t.Run(name, func(t *testing.T) {
			if len(text) > most {
				t.Fatalf("%d bytes, which is refused for the size alone", len(text))
			}
			one := cost.Bytes(func() { _, _ = spec.Load("hostile.yaml", []byte(half[name]), sections()) })
			two := cost.Within(t, func() { _, _ = spec.Load("hostile.yaml", []byte(text), sections()) })
			if two > 3*one+4<<20 {
				t.Errorf("half takes %d KiB, and all of it %d KiB", one>>10, two>>10)
			}
		})
	}
}

// Fault 49: a file that is far too large is not even looked at.
func TestTooLarge(t *testing.T) {
	data := make([]byte, 64<<20)
	var err error
	if n := cost.Bytes(func() { _, err = spec.Load("large.yaml", data, sections()) }); n > 1<<20 {
		t.Errorf("%d bytes take %d KiB", len(data), n>>10)
	}
	if problems, _ := errors.AsType[spec.Problems](err); len(problems) != 1 || problems[0].Code != spec.TooLarge || problems[0].Help == "" {
		t.Errorf("Load: %v", err)
	}
}

// Fault 50: what programs read differently is refused, at its place: a number
// where an id must be, a date, words for true and false, nothing, and a second
// document.
func TestAmbiguous(t *testing.T) {
	t.Parallel()
	top := func(account string) string {
		return "ssmctl: v1\nname: web\naccount: " + account + "\nregion: us-east-1\n"
	}
	in := func(entry string) string { return head + "groups:\n  g: {" + entry + "}\n" }
	for name, test := range map[string]struct {
		text string
		want []string // line:column and code
	}{
		"octal id":           {top("012345670123"), []string{"3:10 S017"}},
		"id as a float":      {top("012345678901"), []string{"3:10 S017"}},
		"id as an int":       {top("111122223333"), []string{"3:10 S017"}},
		"id in hexadecimal":  {top("0x1234567890"), []string{"3:10 S019"}},
		"id as text":         {top(`"012345678901"`), nil},
		"octal int":          {in("size: 012"), []string{"6:13 S017"}},
		"hexadecimal int":    {in("size: 0x1F"), []string{"6:13 S017"}},
		"underscore":         {in("size: 1_0"), []string{"6:13 S017"}},
		"sixty":              {in("size: 1:30"), []string{"6:13 S016"}},
		"infinity":           {in("size: .inf"), []string{"6:13 S016"}},
		"NO as a bool":       {in("existing: NO"), []string{"6:17 S017"}},
		"NO as text":         {in("members: [NO]"), []string{"6:17 S019"}},
		"no as text":         {in("members: [no]"), []string{"6:17 S017"}},
		"true as text":       {in("members: [true]"), []string{"6:17 S017"}},
		"True as a bool":     {in("existing: True"), []string{"6:17 S017"}},
		"text as a bool":     {in(`existing: "true"`), []string{"6:17 S016"}},
		"a date":             {in("window: 2027-03-31"), nil}, // text, as it is written
		"null":               {in("window: null"), []string{"6:15 S015"}},
		"a tilde":            {in("window: ~"), []string{"6:15 S015"}},
		"nothing":            {in("window: "), []string{"6:15 S015"}},
		"null in a list":     {in("members: [null]"), []string{"6:17 S015"}},
		"second document":    {head + "---\nssmctl: v1\n", []string{"5:1 S005"}},
		"end of document":    {head + "...\nssmctl: v1\n", []string{"6:1 S004"}},
		"tag":                {in("window: !!str no"), []string{"6:15 S009"}},
		"merge":              {head + "x-a: &a {size: 3}\ngroups:\n  g: {<<: *a}\n", []string{"7:7 S008", "7:11 S008"}},
		"mark inside":        {head + "\ufeffx-a: b\n", []string{"5:1 S003"}},
		"direction":          {in("window: \"a\u202eb\""), []string{"6:17 S003"}},
		"direction, escaped": {in(`window: "a\u202eb"`), []string{"6:15 S003"}},
		"escape, escaped":    {in(`window: "\e[31m"`), []string{"6:15 S003"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := spec.Load("a.yaml", []byte(test.text), sections())
			var got []string
			problems, _ := errors.AsType[spec.Problems](err)
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%d:%d %s", p.Position.Line, p.Position.Column, p.Code))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, text := range hostile(1 << 20) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = spec.Load("hostile.yaml", []byte(text), sections())
			}
		})
	}
}
