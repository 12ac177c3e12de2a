package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"

	"github.com/ssmctl/ssmctl/planner"
)

// savePlan saves a plan for `apply` to carry out.
func savePlan(name string, f planner.File) error {
	text, err := f.Encode()
	if err != nil {
		return err
	}
	return replaceFile(name, text)
}

// checkOut refuses to save a plan over anything but an older plan, before any
// work is done for it.
func checkOut(name string) error {
	if name == standardInput {
		return usageError{errors.New("--out takes a file, which it keeps from other people's eyes; `plan --json` prints the same to standard output")}
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil // it is not there, or saving will tell what is wrong with it
	}
	if info.Size() == 0 && info.Mode().IsRegular() { // as mktemp makes it
		return nil
	}
	data, err := readFile(name)
	if err == nil && !isOtherJSON(data) {
		err = fmt.Errorf("%s is there already, and is not a plan; it is left as it is", name)
	}
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

var flowSpec = regexp.MustCompile(`^\s*\{\s*"?ssmctl"?\s*:`)

// isOtherJSON reports whether data is a JSON object, be it damaged, other than a
// spec, which may be JSON as well: a saved plan, or a policy document.
func isOtherJSON(data []byte) bool {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) || flowSpec.Match(data) {
		return false
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(data, &keys) != nil {
		return true
	}
	_, spec := keys["ssmctl"]
	return !spec
}

// decodePlan reads a saved plan.
func decodePlan(name string, data []byte) (planner.File, error) {
	f, err := planner.Decode(data)
	if err != nil {
		return f, refusedError{fmt.Errorf("%s: %w\na plan is what `ssmctl plan --out FILE` saves; make it anew", name, err)}
	}
	return f, nil
}

// applySaved carries out a saved plan, if it is still what would be planned.
func (o *options) applySaved(ctx context.Context, name string, data []byte) error {
	approved, err := decodePlan(name, data)
	if err != nil {
		return err
	}
	switch made := approved.Environment.Sandbox; {
	case made && o.sandbox == "":
		return refusedError{fmt.Errorf("%s was made in the sandbox, and is not for AWS\nadd --sandbox to apply it there", name)}
	case !made && o.sandbox != "":
		return refusedError{fmt.Errorf("%s was made for AWS, and is not for the sandbox\ndrop --sandbox to apply it there, or plan again with --sandbox", name)}
	}
	source := approved.Spec.File
	if o.file != "" {
		source = o.file
	}
	if source == standardInput && o.file == "" {
		return refusedError{fmt.Errorf("the plan was made from standard input, and the spec is needed to plan again\nname it with --file")}
	}
	if _, err := os.Stat(source); err != nil && source != standardInput {
		return refusedError{fmt.Errorf("the plan was made from %s, which is needed to plan again: %w\nname the spec with --file", source, err)}
	}
	if o.maxDeletes.limit == nil {
		o.maxDeletes.limit = new(math.MaxInt) // what it deletes has been approved
	}
	p, err := o.prepare(ctx, source, false)
	if err != nil {
		return err
	}
	if moved := planner.Stale(approved, p.file); len(moved) > 0 {
		return staleError(moved)
	}
	if len(p.plan.Steps) == 0 {
		return o.nothingToDo(p)
	}
	if err := o.accept(p.plan); err != nil {
		return err
	}
	return o.run(ctx, p, "apply", true)
}
