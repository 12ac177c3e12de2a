package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/journal"
)

// golden returns a journal of some thirty records.
func golden(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile("testdata/journal")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// on returns a disk with a journal of that text.
func on(tb testing.TB, data []byte) *journal.Memory {
	tb.Helper()
	disk := &journal.Memory{}
	f, err := disk.Create(run + "/journal")
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close(), disk.SyncDir(run), disk.SyncDir(".")); err != nil {
		tb.Fatal(err)
	}
	return disk
}

// A crash leaves a journal cut short at any byte: then its whole records are
// read, and nothing is taken for damage.
//
// Fault 33: a crash in the middle of writing a record.
func TestEveryPrefix(t *testing.T) {
	t.Parallel()
	data := golden(t)
	whole, err := journal.Read(on(t, data), run)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(data) {
		lines := bytes.Count(data[:n], []byte("\n"))
		h, err := journal.Read(on(t, data[:n]), run)
		if lines == 0 {
			if !errors.Is(err, journal.ErrNotBegun) {
				t.Fatalf("%d bytes: %v", n, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if torn := data[n-1] != '\n'; h.Torn != torn {
			t.Fatalf("%d bytes: torn is %t, want %t", n, h.Torn, torn)
		}
		if n == len(data)-1 || n%997 == 0 { // a whole diff is slow
			if d := cmp.Diff(whole.Records[:lines], h.Records); d != "" {
				t.Fatalf("%d bytes (-want +got):\n%s", n, d)
			}
		} else if len(h.Records) != lines {
			t.Fatalf("%d bytes: %d records, want %d", n, len(h.Records), lines)
		}
	}
}

// No bit can flip unseen. In the last record it may make that look cut short.
//
// Fault 38: a bit-flip in the journal.
func TestEveryBitFlip(t *testing.T) {
	t.Parallel()
	data := golden(t)
	lines := bytes.Count(data, []byte("\n"))
	start := 0 // of the line
	for i, c := range data {
		for bit := range 8 {
			data[i] = c ^ 1<<bit
			h, err := journal.Read(on(t, data), run)
			damaged, ok := errors.AsType[*journal.DamagedError](err)
			switch {
			case ok && damaged.Offset == int64(start) && damaged.Name == run+"/journal":
			case err == nil && h.Torn && len(h.Records) == lines-1 && bytes.Count(data[start:len(data)-1], []byte("\n")) == 0:
			default:
				t.Fatalf("byte %d, bit %d, of the record at %d: %v", i, bit, start, err)
			}
		}
		if data[i] = c; c == '\n' {
			start = i + 1
		}
	}
}

// Sectors that were never written are a loss of power in the last record, and
// damage elsewhere.
func TestEveryLostSector(t *testing.T) {
	t.Parallel()
	data := golden(t)
	last := 1 + bytes.LastIndexByte(data[:len(data)-1], '\n')
	for at := 0; at < len(data); at += 512 {
		lost := bytes.Clone(data)
		clear(lost[at:min(at+512, len(lost))])
		h, err := journal.Read(on(t, lost), run)
		_, damaged := errors.AsType[*journal.DamagedError](err)
		// One that the last record shares with others counts as either.
		if inLast := at+512 > last; !damaged && !inLast || damaged && at >= last || !damaged && !h.Torn {
			t.Errorf("sector at %d of %d, the last record being at %d: torn %t, %v", at, len(data), last, h.Torn, err)
		}
	}
}

// sealed returns the JSON of records as the lines of a journal.
func sealed(records ...string) []byte {
	var b bytes.Buffer
	for _, r := range records {
		fmt.Fprintf(&b, "%08x %s\n", crc32.Checksum([]byte(r), crc32.MakeTable(crc32.Castagnoli)), r)
	}
	return b.Bytes()
}

// Records that are sound each by itself are still refused where they make no
// sense together, or where this version would have written them otherwise. The
// offset is that of the record at fault, always the last one here.
//
// Faults 38, 40: a journal that was tampered with, or written by another version.
func TestRefused(t *testing.T) {
	t.Parallel()
	first, _, _ := strings.Cut(string(golden(t)), "\n")
	began := first[9:]
	intent := `{"type":"intent","time":"2026-11-23T23:31:05Z","step":0}`
	swap := func(old, new string) string {
		if !strings.Contains(began, old) {
			t.Fatalf("the first record has no %s", old)
		}
		return strings.Replace(began, old, new, 1)
	}
	tests := map[string]struct {
		records []string
		foreign bool   // a *FormatError, else a *DamagedError
		want    string // part of the error
	}{
		"no beginning":             {[]string{intent}, false, `the first record is "intent"`},
		"a beginning without plan": {[]string{`{"type":"began","time":"2026-11-23T23:31:05Z","step":-1}`}, false, `the first record is "began"`},
		"two beginnings":           {[]string{began, began}, false, "begins a second time"},
		"another run":              {[]string{swap(`"run":"2026`, `"run":"2025`)}, false, `it is the journal of the run "20251123-233105-k7f3q2"`},
		"a step too many":          {[]string{began, strings.Replace(intent, "0}", "4}", 1)}, false, "is of step 4, and the plan has 4"},
		"a step below":             {[]string{began, strings.Replace(intent, "0}", "-1}", 1)}, false, "is of step -1"},
		"a step of the run":        {[]string{began, strings.Replace(intent, "intent", "held", 1)}, false, `the record "held" is of the whole run, and names step 0`},
		"done without intent":      {[]string{began, strings.Replace(intent, "intent", "done", 1)}, false, `step 0 is "done" without an intent`},
		"failed without intent":    {[]string{began, strings.Replace(intent, "intent", "failed", 1)}, false, `step 0 is "failed" without an intent`},
		"unknown without intent":   {[]string{began, strings.Replace(intent, "intent", "unknown", 1)}, false, `step 0 is "unknown" without an intent`},
		"undo failed unsent":       {[]string{began, intent, strings.Replace(intent, "intent", "undo failed", 1)}, false, `step 0 is "undo failed" without an intent`},
		"a step less in the plan":  {[]string{swap(`,{"id":4,"resource":"iam-role/web-0003","action":"create","after":[3]}`, "")}, false, "the plan shows 3 steps, and 4 are stored"},
		"another step in the plan": {[]string{swap(`"resource":"iam-role/web-0003"`, `"resource":"iam-role/web-0009"`)}, false, "step 3 is iam-role/web-0009 in the plan and iam-role/web-0003 as stored"},

		"a newer format":        {[]string{swap(`"format":1,"version":"1.4.0"`, `"format":2,"version":"2.1.0","new":[]`)}, true, "has format 2, and this ssmctl reads 1: go on with the ssmctl that wrote it, 2.1.0"},
		"a newer format's type": {[]string{swap(`"steps":[{"id":"`, `"steps":{"":[{"id":"`) + "}", intent}, true, "byte 0"},
		"no format":             {[]string{swap(`"format":1`, `"format":0`)}, true, "has format 0"},
		"format left out":       {[]string{swap(`"format":1,`, "")}, true, "has format 0"},
		"a new field":           {[]string{began, strings.Replace(intent, `"step":0`, `"step":0,"region":"eu-west-1"`, 1)}, true, `unknown field "region"; was it written by a newer ssmctl, or an older one (1.4.0 began the run)? go on with that one`},
		"a new field of plans":  {[]string{swap(`"spec":{`, `"spec":{"branch":"main",`)}, true, `unknown field "branch"; was it written by a newer ssmctl, or an older one (1.4.0 began the run)?`},
		"a new type":            {[]string{began, strings.Replace(intent, "intent", "paused", 1)}, true, `there is no record "paused"; was it written by a newer ssmctl`},
		"a field twice":         {[]string{began, strings.Replace(intent, `"step":0`, `"step":1,"step":0`, 1)}, true, `the record "intent" is not as this ssmctl writes it`},
		"a field in capitals":   {[]string{began, strings.Replace(intent, `"step"`, `"Step"`, 1)}, true, "not as this ssmctl writes it"},
		"no step":               {[]string{began, strings.Replace(intent, `,"step":0`, "", 1)}, true, "not as this ssmctl writes it"},
		"blanks":                {[]string{began, strings.Replace(intent, `,"step"`, `, "step"`, 1)}, true, "not as this ssmctl writes it"},
		"two values":            {[]string{began, intent + intent}, true, "after top-level value"},
		"null":                  {[]string{"null"}, true, "has format 0"},
		"another type of value": {[]string{began, strings.Replace(intent, "0}", `"0"}`, 1)}, true, "cannot unmarshal string"},
		"no JSON":               {[]string{began, "{"}, true, "unexpected end"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := sealed(tc.records...)
			offset := int64(1 + bytes.LastIndexByte(data[:len(data)-1], '\n'))
			if strings.Contains(tc.want, "byte 0") {
				offset = 0
			}
			_, err := journal.Read(on(t, data), run)
			foreign, isForeign := errors.AsType[*journal.FormatError](err)
			damaged, isDamaged := errors.AsType[*journal.DamagedError](err)
			switch {
			case isForeign && (!tc.foreign || foreign.Offset != offset):
				t.Errorf("a format error at byte %d, want foreign %t at %d: %v", foreign.Offset, tc.foreign, offset, err)
			case isDamaged && (tc.foreign || damaged.Offset != offset):
				t.Errorf("damage at byte %d, want foreign %t at %d: %v", damaged.Offset, tc.foreign, offset, err)
			case !isForeign && !isDamaged:
				t.Fatalf("the error is %v", err)
			}
			if !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), run+"/journal") {
				t.Errorf("the error is\n%v\nwant in it\n%s", err, tc.want)
			}
		})
	}
}

// What is no journal is refused as that, and not taken for a run that never
// began: nothing is known of what was sent.
//
// Fault 49: garbage in place of a journal.
func TestGarbage(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"text":                        "nothing",
		"text in lines":               "nothing\nat all\n",
		"binary":                      "\x7fELF\x02\x01\x01",
		"capitals":                    "0000ABCD {",
		"a checksum of something":     "0123abcd, ",
		"a list":                      "0123abcd [",
		"a control character":         "0123abcd {\"type\":\x07",
		"the same, after zeros":       "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00{\x07",
		"an empty line":               "\n",
		"a checksum alone":            "0123abcd \n",
		"a journal after other lines": "# hello\n" + string(golden(t)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := journal.Read(on(t, []byte(data)), run)
			damaged, ok := errors.AsType[*journal.DamagedError](err)
			if !ok || damaged.Offset != 0 {
				t.Fatalf("the error is %v", err)
			}
			if want := "ssmctl recover --lost " + run; !strings.Contains(err.Error(), want) {
				t.Errorf("the error is\n%v\nwant in it\n%s", err, want)
			}
		})
	}
	for name, data := range map[string]string{"nothing": "", "zeros": strings.Repeat("\x00", 4096), "half a checksum": "01ab", "a hole": "0123abcd {\"ty\x00\x00"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := journal.Read(on(t, []byte(data)), run); !errors.Is(err, journal.ErrNotBegun) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A huge disk has a journal that is larger than any.
type huge struct{ *journal.Memory }

func (huge) ReadFile(string) ([]byte, error) { return make([]byte, journal.MaxSize+1), nil }

// Fault 49: a journal larger than any.
func TestHuge(t *testing.T) {
	t.Parallel()
	if _, err := journal.Read(huge{&journal.Memory{}}, run); err == nil || !strings.Contains(err.Error(), "a journal has at most 256") {
		t.Errorf("the error is %v", err)
	}
}
