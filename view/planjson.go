package view

import (
	"io"

	"github.com/ssmctl/ssmctl/planner"
)

// PlanJSON writes a plan as the JSON that a plan file holds, save that what
// would not print is written as \u followed by its code, which means the same.
func PlanJSON(w io.Writer, f planner.File) error {
	text, err := f.Encode()
	if err != nil {
		return err
	}
	_, err = w.Write(escapeJSON(text))
	return err
}
