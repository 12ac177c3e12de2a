package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/policy"
)

// maxText is the longest text that Parse reads.
const maxText = 1 << 18

// repeated returns a text of about size bytes: as often as it fits, with commas
// between, the unit, in which a %d becomes a number that is each time another.
func repeated(size int, head, unit, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len()+len(unit)+len(tail)+6 < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(unit, "%d", fmt.Sprint(i)))
	}
	return b.String() + tail
}

// hostileTexts are texts of about that size that are made to cost much.
func hostileTexts(size int) map[string]string {
	const begin, end = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",`, `}]}`
	keys := strings.TrimPrefix(repeated(maxText/20, "", `"Operator%d":{"a":"b"}`, ""), ",")
	fill := func(unit string) string { return strings.Repeat(unit, size/len(unit)) }
	return map[string]string{
		"empty lists":       repeated(size, `{"Statement":[`, `[]`, `]}`),
		"empty objects":     repeated(size, `{"Statement":[`, `{}`, `]}`),
		"lists in lists":    fill("["),
		"objects inside":    fill(`{"a":`),
		"members":           repeated(size, "{", `"%d":1`, "}"),
		"one member":        repeated(size, "{", `"a":1`, "}"),
		"statements":        repeated(size, `{"Version":"2012-10-17","Statement":[`, `{"Effect":"Allow","Action":"*","Resource":"*"}`, "]}"),
		"empty actions":     repeated(size, begin+`"Action":[`, `""`, "]"+end),
		"actions":           repeated(size, begin+`"Action":[`, `"s*:*%d*?*"`, "]"+end),
		"a long action":     begin + `"Action":"` + strings.Repeat("*a", (size-200)/2) + `"` + end,
		"operators":         repeated(size, begin+`"Action":"*","Condition":{`, `"Operator%d":{"a":"b"}`, "}"+end),
		"statements' keys":  repeated(size, `{"Version":"2012-10-17","Statement":[`, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{`+keys+`}}`, `]}`),
		"condition keys":    repeated(size, begin+`"Action":"*","Condition":{"StringLike":{`, `"aws:x%d":"v"`, "}}"+end),
		"condition values":  repeated(size, begin+`"Action":"*","Condition":{"StringLike":{"aws:x":[`, `"%d*"`, "]}}"+end),
		"principals":        repeated(size, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":[`, `"r%d"`, `]}}]}`),
		"escapes":           `{"Version":"` + strings.Repeat(`\u0041`, (size-20)/6) + `"}`,
		"a string unclosed": `{"Version":"` + strings.Repeat("x", size-20),
		"a number":          fill("1"),
		"blanks":            fill(" "),
		"lines":             "{" + strings.Repeat("\n", size-2) + "x",
	}
}

// readAll does with a text all that is done with a policy document that is
// read: whatever is wrong with it in that use is said, and where.
func readAll(text string, use policy.Use) {
	d, err := policy.Parse([]byte(text))
	if err != nil {
		return
	}
	d.Check(use)
	_ = d.String()
}

// Fault 54: a policy document that is made to cost much is answered with little
// memory, and twice the text takes about twice the work.
func TestHostileTexts(t *testing.T) {
	half, whole := hostileTexts(maxText/2), hostileTexts(maxText)
	for name, text := range whole {
		t.Run(name, func(t *testing.T) {
			if len(text) > maxText || len(text) < maxText*9/10 {
				t.Fatalf("the text has %d bytes, and the longest that is read has %d", len(text), maxText)
			}
			for _, use := range []policy.Use{policy.ForIdentity, policy.ForTrust} {
				one, two := cost.Bytes(func() { readAll(half[name], use) }), cost.Within(t, func() { readAll(text, use) })
				if two > 3*one+1<<20 {
					t.Errorf("half takes %d KiB, and all of it %d KiB", one>>10, two>>10)
				}
			}
		})
	}
}

// Fault 54: a text that is too long, too deep, or has a key twice is refused,
// with what to do about it.
func TestHostileRefused(t *testing.T) {
	t.Parallel()
	const statement = `"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"`
	for name, test := range map[string]struct{ text, want string }{
		"too long":                {strings.Repeat(" ", maxText+1), "a policy has at most 262144; split it"},
		"far too long":            {strings.Repeat("[", 1<<24), "a policy has at most 262144; split it"},
		"too deep":                {strings.Repeat(`{"a":`, 100_000)[:maxText], "nested more than 64 deep"},
		"Effect twice":            {`{` + statement + `,"Effect":"Deny"}]}`, `"Effect" is there twice`},
		"Effect twice, disguised": {`{` + statement + `,"\u0045ffect":"Deny"}]}`, `"Effect" is there twice`},
		"Effect in small letters": {`{` + statement + `,"effect":"Deny"}]}`, "write Effect"},
		"too many keys":           {repeated(30_000, "{", `"%d":1`, "}"), "more than 1000 elements"},
		"a long version":          {`{"Version":"` + strings.Repeat("é", 50_000) + `"}`, "no version"},
		"a long number":           {`{"Statement":` + strings.Repeat("1", 50_000) + `}`, "found 111"},
		"Statement twice":         {`{` + statement + `}],` + statement + `}]}`, `"Statement" is there twice`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %.200v, want one with %q", err, test.want)
			}
			if n := len(err.Error()); n > 1000 {
				t.Errorf("the error has %d bytes: %.200v", n, err)
			}
		})
	}
}

// Where things stand is the same however it is counted.
func TestPositions(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("{\"Version\":\"2012-10-17\",\n\"Statement\":[")
	for i := range 200 {
		if i > 0 {
			text.WriteString(",")
		}
		if i%50 == 0 {
			text.WriteString("\r\n")
		}
		fmt.Fprintf(&text, `{"Sid":"é%d","Effect":"Allow","Action":"é:é","Resource":"*"}`, i)
	}
	text.WriteString("]}")
	d, err := policy.Parse([]byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	found := d.Check(policy.ForIdentity)
	if len(found) < 400 {
		t.Fatalf("%d problems, want one with each Sid and each action", len(found))
	}
	for _, p := range found {
		line := []rune(lines[p.Position.Line-1])
		if at := string(line[p.Position.Column-1:]); !strings.HasPrefix(at, `"é`) {
			t.Errorf("%s is said to stand at %q", p.Path, at[:min(len(at), 20)])
		}
	}
}
