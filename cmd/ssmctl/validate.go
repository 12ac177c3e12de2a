package main

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
	"github.com/ssmctl/ssmctl/view"
)

func validateCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate [SPEC]",
		Short: "Check a spec without asking AWS",
		Long: `Validate checks all that can be checked without AWS: syntax, names, references, and
IAM's own rules and quotas. It says all that is wrong at once, each with its place.
` + exitStatus(exitDone, exitError, exitInvalid, exitRefused, exitUsage),
		Example: `  ssmctl validate access.yaml
  ssmctl validate --json access.yaml | jq '.diagnostics[].summary'`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, given []string) error {
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			loaded, err := o.load(name)
			if o.json {
				return o.validateJSON(loaded, err)
			}
			if err != nil {
				return err
			}
			if err := view.Notes(o.stdio.err, loaded.notes, o.style(o.stdio.err)); err != nil {
				return err
			}
			_, err = fmt.Fprintf(o.stdio.out, "%s is valid: %d objects. Nothing was sent to AWS.\n", view.Escape(name), loaded.Desired.State.Len())
			return err
		},
	}
	o.specFlags(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

// A validation is the result of validate as JSON, in the shape of Terraform's.
type validation struct {
	FormatVersion string       `json:"format_version"`
	Valid         bool         `json:"valid"`
	ErrorCount    int          `json:"error_count"`
	WarningCount  int          `json:"warning_count"`
	Diagnostics   []diagnostic `json:"diagnostics"`
}

// A diagnostic is one problem. Code is ours.
type diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Range    *place `json:"range,omitempty"`
}

// A place is where in a file something starts.
type place struct {
	Filename string `json:"filename"`
	Start    start  `json:"start"`
}

type start struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// validateJSON prints what is wrong with a spec, and returns err so that the
// status is the same as without --json. Other errors leave the output empty.
func (o *options) validateJSON(loaded *loadedSpec, err error) error {
	v := validation{FormatVersion: "1.0", Valid: err == nil, Diagnostics: []diagnostic{}}
	add := func(severity, code, summary, detail string, at *resource.Position) {
		d := diagnostic{Severity: severity, Code: code, Summary: summary, Detail: detail}
		if at != nil {
			d.Range = &place{at.File, start{at.Line, at.Column}}
		}
		v.Diagnostics = append(v.Diagnostics, d)
	}
	switch e := err.(type) { //nolint:errorlint // load returns these bare
	case nil:
		for _, n := range loaded.notes {
			add("warning", n.Code, n.Text, "", n.Source)
		}
	case spec.Problems:
		for _, p := range e {
			detail := p.Hint
			if detail != "" && p.Help != "" {
				detail += "\n"
			}
			add("error", p.Code, p.Text, detail+p.Help, &p.Position)
		}
	case invalidError:
		for _, r := range e.Refused {
			add("error", r.Code, r.Text, r.Help, r.Position)
		}
	default:
		return err
	}
	if v.ErrorCount = len(v.Diagnostics); err == nil {
		v.ErrorCount, v.WarningCount = 0, len(v.Diagnostics)
	}
	if werr := printJSON(o.stdio.out, v); werr != nil {
		return werr
	}
	return err
}

// printJSON prints v in ASCII: what a spec was found to hold must not act on
// a terminal.
func printJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	var ascii []byte
	for _, r := range string(text) {
		if r < 0x7f {
			ascii = append(ascii, byte(r))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			ascii = fmt.Appendf(ascii, `\u%04x`, unit)
		}
	}
	_, err = w.Write(append(ascii, '\n'))
	return err
}
