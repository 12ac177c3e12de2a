package sandbox

import (
	"encoding/json"
	"time"
)

// encodeJSON writes an answer of SSM or the tagging API. Optional fields of
// outputs are tagged omitzero.
func encodeJSON(out any) []byte {
	data, err := json.Marshal(out)
	if err != nil {
		panic("sandbox: an output that is not JSON: " + err.Error())
	}
	return data
}

func encodeJSONError(e *apiError) []byte {
	return encodeJSON(struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{e.Code, e.Message})
}

// An epoch is a date of the JSON protocol: seconds since 1970.
type epoch struct{ time.Time }

// MarshalJSON writes the seconds as a number, with milliseconds.
func (e epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(e.UnixMilli()) / 1000)
}

// serialization is what the JSON services say of a body they cannot read.
func serialization(err error) error {
	return errorf("SerializationException", "%s", err)
}
