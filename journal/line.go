package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"
)

// The bounds of a record. The first holds the plan and may take up half of a
// journal; the longest of the others is a Text in which each byte is escaped.
const (
	maxFirst  = MaxSize / 2
	maxRecord = 64 << 10
	maxText   = 2 << 10
)

// prefix is what stands before the JSON of a record, to be overwritten with
// its checksum.
const prefix = "00000000 "

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An encoder turns records into lines. It is not safe for concurrent use.
type encoder struct {
	buf bytes.Buffer
}

// line returns the line of a record, with its newline: the only one that
// decode makes the same record of again. It is valid until the next call.
func (e *encoder) line(r Record) ([]byte, error) {
	if !known(r.Type) {
		return nil, fmt.Errorf("there is no record %q", r.Type)
	}
	r.Time = r.Time.UTC()
	r.Text = clip(r.Text)
	line, err := e.raw(r)
	if err == nil && bytes.Contains(line, []byte(`\ufffd`)) {
		// What is no UTF-8, such as a file name can be, is escaped at first, and
		// as what it is then read it is not.
		var read Record
		if err = json.Unmarshal(line[len(prefix):], &read); err == nil {
			line, err = e.raw(read)
		}
	}
	if err != nil {
		return nil, err
	}
	limit := maxRecord
	if r.Type == Began {
		limit = maxFirst
	}
	if len(line) > limit {
		return nil, fmt.Errorf("the record %q has %d bytes, and may have at most %d", r.Type, len(line), limit)
	}
	return line, nil
}

// raw is line for a record as it stands.
func (e *encoder) raw(r Record) ([]byte, error) {
	e.buf.Reset()
	e.buf.WriteString(prefix)
	enc := json.NewEncoder(&e.buf)
	enc.SetEscapeHTML(false) // a person reads this: "ec2 <-> ssm" stays so
	if err := enc.Encode(r); err != nil {
		return nil, err
	}
	line := e.buf.Bytes()
	stamp := checksum(line[len(prefix) : len(line)-1])
	copy(line, stamp[:])
	return line, nil
}

// clip returns s as UTF-8 of at most maxText bytes.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxText {
		return s
	}
	const mark = "…"
	end := maxText - len(mark)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}

// A foreignError says that a record is whole, but nothing that this version
// writes.
type foreignError struct{ err error }

func (e *foreignError) Error() string { return e.err.Error() }

// decode returns the record of a line without its newline. The error is a
// *foreignError if the checksum holds.
func (e *encoder) decode(line []byte) (Record, error) {
	if err := checkSum(line); err != nil {
		return Record{}, err
	}
	var r Record
	if err := json.Unmarshal(line[len(prefix):], &r); err != nil {
		return Record{}, &foreignError{err}
	}
	// Package json lets pass fields that it does not know, or knows in small
	// letters, or has seen before. Only what this version would have written
	// itself is sure to mean what it reads.
	again, err := e.line(r)
	if err == nil && !bytes.Equal(again[:len(again)-1], line) {
		err = otherwise(line, r.Type)
	}
	if err != nil {
		return Record{}, &foreignError{err}
	}
	return r, nil
}

// otherwise says what about a line is not as this version writes it.
func otherwise(line []byte, t Type) error {
	d := json.NewDecoder(bytes.NewReader(line[len(prefix):]))
	d.DisallowUnknownFields()
	if err := d.Decode(&Record{}); err != nil {
		return err
	}
	return fmt.Errorf("the record %q is not as this ssmctl writes it", t)
}

// checkSum reports whether a line is a checksum, a space and what it is of.
func checkSum(line []byte) error {
	if len(line) <= len(prefix) {
		return errors.New("the record is too short")
	}
	if stamp := checksum(line[len(prefix):]); string(line[:len(prefix)]) != string(stamp[:])+" " {
		return errors.New("the record does not match its checksum")
	}
	return nil
}

// checksum returns the CRC-32C of data, in hex.
func checksum(data []byte) (stamp [8]byte) {
	var sum [4]byte
	binary.BigEndian.PutUint32(sum[:], crc32.Checksum(data, castagnoli))
	hex.Encode(stamp[:], sum[:])
	return stamp
}

func known(t Type) bool {
	switch t {
	case Began, Locked, Intent, Done, Found, Failed, Unknown, Verified, Pivot, Rollback,
		UndoIntent, Undone, UndoFailed, Conflict, Resumed, Held, Ended:
		return true
	}
	return false
}
