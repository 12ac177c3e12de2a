package main

import (
	"bytes"
	"strings"
	"testing"
)

// Whatever is given for --max-deletes is a number from 0, or refused, and
// changes nothing then.
func FuzzDeletions(f *testing.F) {
	for _, text := range []string{"0", "10", "-1", "+7", "0x10", "1e3", "", "99999999999999999999", "٣"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := deletions{new(3)}
		if err := d.Set(text); err != nil {
			if *d.limit != 3 {
				t.Errorf("Set(%q) = %v, and the limit is %d", text, err, *d.limit)
			}
			return
		}
		if *d.limit < 0 {
			t.Errorf("Set(%q) makes it %d", text, *d.limit)
		}
		var again deletions
		if err := again.Set(d.String()); err != nil || *again.limit != *d.limit {
			t.Errorf("Set(%q) prints as %q, which is read as %v, %v", text, d.String(), again, err)
		}
	})
}

// Fault 52: what is logged holds nothing but line ends that could act on a
// terminal, however it is cut into writes, and each line of it stays a line.
func FuzzEscaping(f *testing.F) {
	for _, text := range []string{"", "\n", "a\nb", "\x1b[2J\r\n", "::error::x\n ::warning::y", "\u202e\xff\n\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		if n, err := (escaping{&b}).Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("Write(%q) = %d, %v", text, n, err)
		}
		if strings.Count(b.String(), "\n") != strings.Count(text, "\n") {
			t.Errorf("%q is written as %q", text, b.String())
		}
		for line := range strings.Lines(b.String()) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' }) {
				t.Errorf("%q is written as %q", text, line)
			}
			if strings.HasPrefix(strings.TrimLeft(line, " "), "::") {
				t.Errorf("%q is written as %q, which may pass for a command", text, line)
			}
		}
	})
}
