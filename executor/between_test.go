package executor

import (
	"encoding/json"
	"testing"

	"github.com/ssmctl/ssmctl/resource"
)

// document is an object that is the JSON it was made from; "" is no object.
type document string

func (document) ID() resource.ID                { return resource.ID{Kind: "document", Name: "x"} }
func (document) Needs() []resource.ID           { return nil }
func (d document) MarshalJSON() ([]byte, error) { return json.RawMessage(d), nil }

func objectOf(text string) resource.Object {
	if text == "" {
		return nil
	}
	return document(text)
}

func TestBetween(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		live, from, to string
		want           bool
	}{
		"as before":                      {`{"a":1,"b":1}`, `{"a":1,"b":1}`, `{"a":2,"b":2}`, true},
		"as wanted":                      {`{"a":2,"b":2}`, `{"a":1,"b":1}`, `{"a":2,"b":2}`, true},
		"half of the way":                {`{"a":2,"b":1}`, `{"a":1,"b":1}`, `{"a":2,"b":2}`, true},
		"a field of somebody else":       {`{"a":2,"b":3}`, `{"a":1,"b":1}`, `{"a":2,"b":2}`, false},
		"a field more":                   {`{"a":2,"b":1,"c":1}`, `{"a":1,"b":1}`, `{"a":2,"b":2}`, false},
		"a field less":                   {`{"a":2}`, `{"a":1,"b":1}`, `{"a":2,"b":2}`, false},
		"half of the tags":               {`{"t":{"x":"1","y":"1"}}`, `{"t":{"x":"1"}}`, `{"t":{"y":"1"}}`, true},
		"a tag of somebody else":         {`{"t":{"x":"1","z":"1"}}`, `{"t":{"x":"1"}}`, `{"t":{"y":"1"}}`, false},
		"a list half of the way":         {`{"l":[1]}`, `{"l":[]}`, `{"l":[1,2]}`, false},
		"half created":                   {`{"a":2,"b":"","t":{},"l":[],"n":0,"o":false}`, "", `{"a":2,"b":"x","t":{"k":"v"},"l":[1],"n":1,"o":true}`, true},
		"half created, fields left out":  {`{"a":2}`, "", `{"a":2,"t":{"k":"v"}}`, true},
		"created by somebody else":       {`{"a":2,"b":"y"}`, "", `{"a":2,"b":"x"}`, false},
		"half deleted":                   {`{"a":1,"b":""}`, `{"a":1,"b":"x"}`, "", true},
		"deleted":                        {"", `{"a":1}`, "", true},
		"deleted in place of updated":    {"", `{"a":1}`, `{"a":2}`, false},
		"deleted in place of emptied":    {"", `["a"]`, `[]`, false},
		"emptied in place of updated":    {`{"a":""}`, `{"a":"1"}`, `{"a":"2"}`, false},
		"another shape":                  {`{"a":{"b":1}}`, `{"a":1}`, `{"a":2}`, false},
		"one side has another shape":     {`{"a":{"b":1}}`, `{"a":1}`, `{"a":{"b":2}}`, false},
		"numbers too long for a float":   {`{"a":9007199254740993}`, `{"a":9007199254740992}`, `{"a":1}`, false},
		"empty where it was empty, once": {`{"a":"","b":2}`, `{"a":null,"b":1}`, `{"a":"x","b":2}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := between(objectOf(tc.live), objectOf(tc.from), objectOf(tc.to)); got != tc.want {
				t.Errorf("between(%s; %s, %s) = %t, want %t", tc.live, tc.from, tc.to, got, tc.want)
			}
		})
	}
}
