package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Fault 52: ESC, CR, bidirectional controls and log commands in live tags.
func TestEscape(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"plain":                      {"arn:aws:iam::aws:policy/X é 漢字", "arn:aws:iam::aws:policy/X é 漢字"},
		"a backslash":                {`C:\dir "x"`, `C:\dir "x"`},
		"line ends and tabs":         {"a\r\n\tb", `a\r\n\tb`},
		"escape sequences":           {"\x1b[31mred\x07", `\x1b[31mred\a`},
		"C1":                         {"\u009b31m\u0085", `\u009b31m\u0085`},
		"DEL and NUL":                {"\x7f\x00", `\x7f\x00`},
		"bidirectional":              {"a\u202eb\u2066c\u200f", `a\u202eb\u2066c\u200f`},
		"no glyph":                   {"a\u200b\u3164\ufeff\u00ad\ufe0f\U000e0041", `a\u200b\u3164\ufeff\u00ad\ufe0f\U000e0041`},
		"other blanks":               {"a\u00a0b\u2028c", `a\u00a0b\u2028c`},
		"invalid UTF-8":              {"a\xff\xc3b\ufffd", `a\xff\xc3b` + "\ufffd"},
		"GitHub command":             {"::error::x", `\::error::x`},
		"GitHub command after blank": {"  ::error::x", `  \::error::x`},
		"colons inside":              {"iam::aws", "iam::aws"},
		"old GitHub command":         {"x ##[error]y", `x #\#[error]y`},
		"Azure command":              {"##vso[task.setvariable]###[x]", `#\#vso[task.setvariable]##\#[x]`},
		"hashes":                     {"## heading #[1]", "## heading #[1]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Escape(c.text)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("Escape(%q) (-want +got):\n%s", c.text, diff)
			}
			if again := Escape(got); again != got {
				t.Errorf("Escape(%q) = %q, so escaping twice differs", got, again)
			}
		})
	}
}

var (
	colors  = regexp.MustCompile("\x1b\\[[0-9;]*m")
	cursor  = regexp.MustCompile("\x1b\\[[0-9]*[AJK]|\r")
	command = regexp.MustCompile(`(?m)^ *::|##[A-Za-z]*\[`)
)

// firstRaw describes the first thing in an output, colours aside, that its
// reader's terminal or CI system might act upon; "" if there is none. It does
// not share code with Escape.
func firstRaw(output string) string {
	output = colors.ReplaceAllString(output, "")
	if !utf8.ValidString(output) {
		return "invalid UTF-8"
	}
	for i, r := range output {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Bidi_Control)) {
			return fmt.Sprintf("a raw %U in %q", r, output[max(0, i-20):min(len(output), i+20)])
		}
	}
	if i := command.FindStringIndex(output); i != nil {
		return fmt.Sprintf("what may pass for a command: %q", output[i[0]:min(len(output), i[1]+20)])
	}
	return ""
}

// hostileText draws texts of which much is meant to do harm.
func hostileText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "x", "\x1b[2J", "\r", "\n::error::", "::set-output name=a::b", "##[group]", "##vso[", "#", "##", "[", "\u202e", "\u2066",
			"\x9b", "\u0085", "\x00", "\x7f", "漢", "e\u0301", "\u200b", "a b", " ::", "long words to be wrapped ::warning:: here", "{\"a\":1}", "\\",
		}),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 6), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{":", "#", "[", " ", "\n", "a"}), 0, 8), func(p []string) string { return strings.Join(p, "") }),
	)
}

// hostileJSON draws JSON values with hostile texts for names and strings.
func hostileJSON(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 4
		if depth > 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Int().Draw(t, "int")
		case 3:
			return hostileText().Draw(t, "string")
		case 4:
			return rapid.SliceOfN(hostileJSON(depth-1), 0, 4).Draw(t, "array")
		case 5: // a policy, or nearly one
			return map[string]any{"Statement": []any{map[string]any{
				"Effect": rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "effect"),
				"Action": rapid.SliceOfN(hostileText(), 0, 6).Draw(t, "actions"), "Resource": hostileText().Draw(t, "resource"),
				"Condition": hostileJSON(depth-1).Draw(t, "condition"), "Principal": hostileJSON(depth-1).Draw(t, "principal"),
			}}}
		}
		return rapid.MapOfN(hostileText(), hostileJSON(depth-1), 0, 4).Draw(t, "object")
	})
}

// checkOutput draws a plan, a run and options, and demands that no output for
// them holds anything raw.
func checkOutput(t *rapid.T) {
	text := func(what string) string { return hostileText().Draw(t, what) }
	o := Options{
		Color: rapid.Bool().Draw(t, "color"), ASCII: rapid.Bool().Draw(t, "ascii"), Full: rapid.Bool().Draw(t, "full"),
		Width: rapid.SampledFrom([]int{0, 1, 30, 80}).Draw(t, "width"), Height: rapid.SampledFrom([]int{0, 1, 2, 10}).Draw(t, "height"),
	}
	var list []change
	kinds := []string{"role", "policy", "attachment/group", "membership", "association", "ledger", "restart", "boundary/user", "inline/role", "else"}
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		side := func(what string) string {
			b, err := json.Marshal(rapid.OneOf(hostileJSON(3), rapid.Map(rapid.MapOfN(
				rapid.SampledFrom([]string{"name", "policy", "document", "links", "how", "profile", "tags"}), hostileJSON(2), 1, 4,
			), func(m map[string]any) any { return m })).Draw(t, what))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		list = append(list, change{
			address: rapid.SampledFrom(kinds).Draw(t, "kind") + "/" + text("name") + "/" + text("rest"), before: side("before"), after: side("after"),
			loses: text("loses"), final: rapid.Bool().Draw(t, "final"), event: rapid.Bool().Draw(t, "event"), line: rapid.IntRange(0, 1).Draw(t, "line"),
		})
	}
	f := planOf(list...)
	f.Spec = planner.Spec{Name: text("spec"), File: text("file")}
	f.Environment = planner.Environment{Account: text("account"), Partition: "aws", Region: text("region"), Caller: text("caller"), Sandbox: rapid.Bool().Draw(t, "sandbox")}
	f.SsmctlVersion = text("version")
	id := resource.ID{Kind: text("id kind"), Name: text("id name")}
	position := &resource.Position{File: text("position"), Line: 1, Column: 1}
	f.Notes = []planner.Note{{Resource: id, Text: text("note"), Source: position}}
	f.Order = rapid.SampledFrom([]planner.Verdict{planner.OrderTransient, planner.Verdict(text("order"))}).Draw(t, "verdict")
	f.Transient = []planner.Breach{{Principal: id, Effect: planner.Effect(text("effect")), Text: text("breach"), From: id, Until: id, Source: position}}
	err := error(&resource.Failure{Class: resource.Class(text("class")), Call: text("call"), Code: text("code"), Help: text("help"), Done: 1, Err: errors.New(text("error"))})
	report := &executor.Report{
		Outcome: rapid.SampledFrom([]executor.Outcome{executor.Applied, executor.NotStarted, executor.RolledBack, executor.Partial}).Draw(t, "outcome"),
		Cause:   err, Failed: 0, Left: []executor.Left{{ID: id, Err: err}}, New: []resource.ID{id},
	}
	run := []executor.Event{start(0, 0), retry(0, 2, 1, text("reason")), tick(11), end(0, 12, 12, err), of(executor.RollbackStarted, 12, err), undo(start(0, 12)), tick(23), of(executor.VerifyEnded, 30, err)}

	outputs := map[string]func(io.Writer) error{
		"Plan":     func(w io.Writer) error { return Plan(w, f, o) },
		"PlanJSON": func(w io.Writer) error { return PlanJSON(w, f) },
		"Report":   func(w io.Writer) error { return Report(w, f, report, o) },
		"Error":    func(w io.Writer) error { return Error(w, err, o) },
		"Refused": func(w io.Writer) error {
			return Refused(w, planner.Refused{{ID: id, Position: position, Text: text("text"), Help: text("refusal help"), Code: text("refusal code")}}, o)
		},
		"Stale": func(w io.Writer) error {
			return Stale(w, []planner.Moved{{Address: text("address"), Field: text("field"), Approved: text("approved"), Now: text("now")}}, o)
		},
		"Progress": func(w io.Writer) error {
			p := NewProgress(w, f, o)
			play(p, run)
			return p.Close()
		},
		"JSONEvents": func(w io.Writer) error {
			j := NewJSONEvents(w, f, "")
			j.Plan(time.Unix(0, 0))
			for _, e := range run {
				if e.Type != "" {
					j.Event(e)
				}
			}
			j.Tick(at(60))
			return j.Report(report, at(61))
		},
	}
	for _, name := range []string{"Plan", "PlanJSON", "Report", "Error", "Refused", "Stale", "Progress", "JSONEvents"} {
		var b bytes.Buffer
		if err := outputs[name](&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		output := b.String()
		if name == "Progress" && o.Height > 0 {
			output = cursor.ReplaceAllString(output, "") // its own
		}
		if !o.Color && strings.Contains(output, "\x1b") {
			t.Fatalf("%s without colours wrote an escape: %q", name, output)
		}
		if bad := firstRaw(output); bad != "" {
			t.Fatalf("%s wrote %s", name, bad)
		}
	}
}

// Fault 52: no output of this package holds anything raw.
func TestNoRawOutput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, checkOutput)
}

// Fault 52: whatever text comes from AWS or from a file, Escape leaves nothing in
// it that a terminal or a CI system acts upon, not even a line end, and nothing
// more to do; escapeJSON does so without changing what the JSON says.
func FuzzEscape(f *testing.F) {
	for _, text := range []string{
		"", "plain é 漢字", "\x1b[2J", "\r\n::error::x", " ::set-output", "##[group]##vso[", "###[x]", "\u202e\u2066\u200f", "\x9b31m", "\u009b\u0085", "a\xff\xc3b\ufffd", `\x1b \u202e`, "\U000e0041\U0001f469",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Escape(text)
		if bad := firstRaw(got); bad != "" || strings.Contains(got, "\n") {
			t.Errorf("Escape(%q) = %q: %s", text, got, bad)
		}
		if again := Escape(got); again != got {
			t.Errorf("Escape(%q) = %q, and escaped again it is %q", text, got, again)
		}
		before, err := json.Marshal(map[string]string{text: text})
		if err != nil {
			t.Fatal(err)
		}
		after := escapeJSON(before)
		if bad := firstRaw(string(after)); bad != "" {
			t.Errorf("escapeJSON(%q) = %q: %s", before, after, bad)
		}
		var want, is map[string]string
		if err := errors.Join(json.Unmarshal(before, &want), json.Unmarshal(after, &is)); err != nil {
			t.Fatalf("escapeJSON(%q) = %q: %v", before, after, err)
		}
		if diff := cmp.Diff(want, is); diff != "" {
			t.Errorf("escapeJSON(%q) says something else (-want +got):\n%s", before, diff)
		}
	})
}

// FuzzOutput lets the fuzzer choose what the property draws.
func FuzzOutput(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkOutput)) }

// FuzzPlan shows whatever decodes as a plan.
func FuzzPlan(f *testing.F) {
	for _, seed := range []planner.File{fleet(), hostilePlan(), planOf()} {
		text, err := json.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, 0, true)
		f.Add(text, 40, false)
	}
	f.Fuzz(func(t *testing.T, text []byte, columns int, full bool) {
		var file planner.File
		if json.Unmarshal(text, &file) != nil {
			return
		}
		var b bytes.Buffer
		var err error
		cost.Within(t, func() { err = Plan(&b, file, Options{Width: columns, Full: full}) })
		if err != nil {
			t.Fatal(err) // what has decoded holds only valid JSON
		}
		if bad := firstRaw(b.String()); bad != "" {
			t.Fatalf("Plan wrote %s", bad)
		}
	})
}
