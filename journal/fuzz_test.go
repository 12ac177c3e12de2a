package journal_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/journal"
)

// Nothing makes the reader panic, and what it reads is exactly what would be
// written: nothing is read that means anything else. Most damage fails at the
// checksum, so it is also tried with checksums that hold.
//
// Fault 38: a journal with anything in it.
func FuzzRead(f *testing.F) {
	data := golden(f)
	f.Add(data, false)
	f.Add(data, true)
	f.Add(data[:len(data)-7], false)
	for line := range bytes.Lines(data) {
		f.Add(line, true)
	}
	for _, s := range []string{"", "\n", "\x00", "01234567 {}\n", "01234567 {\"type\":\"began\",\"start\":{\"format\":2}}\n"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		if seal {
			var b bytes.Buffer
			for line := range bytes.Lines(data) {
				if body, whole := bytes.CutSuffix(line, []byte("\n")); whole && len(body) > 9 {
					line = fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(body[9:], crc32.MakeTable(crc32.Castagnoli)), body[9:])
				}
				b.Write(line)
			}
			data = b.Bytes()
		}
		var h journal.History
		var err error
		cost.Within(t, func() { h, err = journal.Read(on(t, data), run) })
		if err != nil {
			return
		}
		disk := &journal.Memory{}
		j, err := journal.Create(disk, h.Start, h.Records[0].Time)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		for _, r := range h.Records[1:] {
			if err := j.Append(r); err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
		}
		again := text(t, disk)
		tail, ok := bytes.CutPrefix(data, again)
		if !ok || h.Torn == (len(tail) == 0) || bytes.Count(tail, []byte("\n")) > 1 {
			t.Errorf("torn %t, read from\n%q\nwritten again as\n%q", h.Torn, data, again)
		}
	})
}

// Reading takes time in proportion: were it to the square, this would not end.
func TestLarge(t *testing.T) {
	t.Parallel()
	const records = 50_000
	disk := &journal.Memory{}
	j, err := journal.Create(disk, newStart(t, 100), night)
	if err != nil {
		t.Fatal(err)
	}
	for n := range records {
		if err := j.Append(journal.Record{Type: journal.Intent, Time: night.Add(time.Duration(n) * time.Millisecond), Step: n % 100}); err != nil {
			t.Fatal(err)
		}
	}
	h, err := journal.Read(disk, run)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Records) != records+1 || h.Records[records].Step != (records-1)%100 {
		t.Errorf("there are %d records, the last %+v", len(h.Records), h.Records[len(h.Records)-1])
	}
}
