package journal_test

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ssmctl/ssmctl/journal"
	"github.com/ssmctl/ssmctl/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// text returns the bytes of a journal on a disk.
func text(tb testing.TB, disk journal.FS) []byte {
	tb.Helper()
	data, err := disk.ReadFile(run + "/journal")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// The format never changes unless its number does, and what is read is what was
// written.
func TestFormat(t *testing.T) {
	t.Parallel()
	disk := &journal.Memory{}
	s := newStart(t, 4)
	write(t, disk, s, story())
	got := text(t, disk)

	const golden = "testdata/journal"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	h, err := journal.Read(disk, run)
	if err != nil {
		t.Fatal(err)
	}
	s.Format = journal.Format
	whole := append([]journal.Record{{Type: journal.Began, Time: night, Step: -1, Start: &s}}, story()...)
	if d := cmp.Diff(journal.History{Start: s, Records: whole}, h); d != "" {
		t.Errorf("read again (-want +got):\n%s", d)
	}
	again := &journal.Memory{}
	write(t, again, h.Start, h.Records[1:])
	if d := cmp.Diff(string(got), string(text(t, again))); d != "" {
		t.Errorf("written again (-want +got):\n%s", d)
	}
}

// Times are in UTC whatever the machine's zone, and a text of any length and
// content can be recorded.
func TestAppendCutsAndCleans(t *testing.T) {
	t.Parallel()
	const odd = "caf\xe9\x00\x1b[31m "
	disk := &journal.Memory{}
	write(t, disk, newStart(t, 1), []journal.Record{
		{Type: journal.Intent, Time: night.In(time.FixedZone("", 3600))},
		{Type: journal.Failed, Time: night, Text: odd + strings.Repeat("ü", 5000)},
		{Type: journal.Failed, Time: night, Text: odd + "." + strings.Repeat("ü", 5000)}, // cut at the other half
	})
	h, err := journal.Read(disk, run)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Records[1].Time; got != night {
		t.Errorf("the time is %v, want %v", got, night)
	}
	for _, r := range h.Records[2:] {
		got := r.Text
		if want := "caf\uFFFD\x00\x1b[31m "; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "ü…") || len(got) < 2040 || len(got) > 2048 {
			t.Errorf("the text has %d bytes: %.20q … %q", len(got), got, got[max(0, len(got)-8):])
		}
	}
}

// Whatever a plan says, if its run begins then its journal can be read. The
// plan is filled in field by field, so that fields which are added later are
// tried too.
func TestWhatBeginsCanBeRead(t *testing.T) {
	t.Parallel()
	begun := 0
	rapid.Check(t, func(t *rapid.T) {
		var s journal.Start
		fill(t, reflect.ValueOf(&s).Elem())
		s.Run = run
		s.Plan.Steps = s.Plan.Steps[:min(len(s.Plan.Steps), len(s.Steps))]
		s.Steps = s.Steps[:len(s.Plan.Steps)]
		for i := range s.Steps {
			s.Plan.Steps[i].Resource = s.Steps[i].ID
		}
		disk := &journal.Memory{}
		j, err := journal.Create(disk, s, night)
		if err != nil {
			return
		}
		begun++
		if err := j.Append(journal.Record{Type: journal.Held, Time: night, Step: -1, Text: words.Draw(t, "text"), Holder: words.Draw(t, "holder")}); err != nil {
			t.Fatal(err)
		}
		h, err := journal.Read(disk, run)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Start.Steps) != len(s.Steps) || len(h.Records) != 2 {
			t.Fatalf("%d steps of %d, %d records of 2", len(h.Start.Steps), len(s.Steps), len(h.Records))
		}
	})
	if begun == 0 {
		t.Error("no run began")
	}
}

var words = rapid.OneOf(
	rapid.SampledFrom([]string{"web", "", "a/b", "caf\xe9", "\xff", "\uFFFD", `\ufffd`, "<&>\u2028\x00\x1b\n\"\\", "𝄞"}),
	rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
)

// fill sets v and all in it at random.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(words.Draw(t, "string"))
	case reflect.Int:
		v.SetInt(rapid.Int64Range(-1, 1<<40).Draw(t, "int"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Map:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.MakeMap(v.Type()))
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key)
			fill(t, value)
			v.SetMapIndex(key, value)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // raw JSON
			v.SetBytes([]byte(rapid.SampledFrom([]string{"", "null", `{"a":"<\ufffd>"}`, "{ \"b\": [1.50, \"\xff\"] }"}).Draw(t, "JSON")))
			if v.Len() == 0 {
				v.SetZero() // absent
			}
			return
		}
		n := rapid.IntRange(-1, 2).Draw(t, "length")
		if n < 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.Struct:
		if id, ok := v.Addr().Interface().(*resource.ID); ok {
			*id = resource.ID{Kind: "role", Name: "n" + words.Draw(t, "name")}
			if rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
				id.Kind = "" // no plan has that
			}
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("there is a %s in a Start, and nothing here that fills it", v.Type())
	}
}
