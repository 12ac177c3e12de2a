package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ssmctl/ssmctl/resource"
)

// Decode returns the object of that ID which data is the JSON of, as
// json.Marshal wrote it: an object of the kind's own type, resource.Equal to
// the one that was written. An unknown kind, data of another object, and
// anything that this version would not have written so are errors, since what
// was stored is carried out as it says and never guessed.
//
// What an object knows besides its data, such as what it was to wait for, is
// not stored: the plan's steps have it.
func Decode(id resource.ID, data []byte) (resource.Object, error) {
	d, err := kindOf(id)
	if err != nil {
		return nil, err
	}
	o, err := d.decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: its data is none of this version's: %w", id, err)
	}
	if o.ID() != id {
		return nil, fmt.Errorf("%s: its data is that of %s", id, o.ID())
	}
	return o, nil
}

// decodeStrictly reads the one JSON value that data is, and insists that it
// stands just as it would be written: no field unknown, missing, repeated or
// spelled in another way.
func decodeStrictly(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after it")
	}
	again, err := json.Marshal(to)
	if err != nil {
		return err
	}
	if !bytes.Equal(plainJSON(again), plainJSON(data)) {
		return errors.New("it is not written as this version writes it")
	}
	return nil
}

// plainJSON returns data without white space, and with the characters escaped
// that encoders may escape or not.
func plainJSON(data []byte) []byte {
	var compact, escaped bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return data
	}
	json.HTMLEscape(&escaped, compact.Bytes())
	return escaped.Bytes()
}
