package planner

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/ssmctl/ssmctl/resource"
)

// The bounds of a plan file. A plan for a thousand instances is some hundred
// kilobytes, and a policy document is not ten levels deep.
const (
	maxFileBytes = 64 << 20
	maxFileDepth = 64
)

// Decode reads what Encode wrote. It accepts any layout, but no unknown field,
// no field twice, and no plan whose parts contradict each other: whoever
// approves a plan must have seen what will be compared with. Errors say where,
// by line and column or by path. A plan of another version of the format is
// refused.
func Decode(data []byte) (File, error) {
	if len(data) > maxFileBytes {
		return File{}, fmt.Errorf("the plan has %d MiB, and may have at most %d", len(data)>>20, maxFileBytes>>20)
	}
	if err := checkVersion(data); err != nil {
		return File{}, err
	}
	if err := checkFields(data); err != nil {
		return File{}, err
	}
	var f File
	if err := json.Unmarshal(data, &f); err != nil {
		return File{}, located(data, err)
	}
	if err := f.check(); err != nil {
		return File{}, fmt.Errorf("the plan contradicts itself: %w; make it anew", err)
	}
	return f.withoutNil(), nil
}

// checkVersion refuses what is not a plan, and plans of other formats, before
// anything else can trip over what is new in them.
func checkVersion(data []byte) error {
	var v struct {
		Format  string `json:"format_version"`
		Ssmctl  int    `json:"ssmctl_format"`
		Version string `json:"ssmctl_version"`
	}
	if !utf8.Valid(data) {
		return errors.New("this is not a plan: it is not UTF-8 text")
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return located(data, err)
	}
	switch {
	case v.Ssmctl == 0:
		return errors.New("this is not a plan that ssmctl made: it has no ssmctl_format")
	case v.Ssmctl > ssmctlFormat:
		return fmt.Errorf("the plan was made by a newer ssmctl, %s: its ssmctl_format is %d, and this ssmctl reads %d; update ssmctl or make the plan anew", v.Version, v.Ssmctl, ssmctlFormat)
	case v.Ssmctl != ssmctlFormat || v.Format != formatVersion:
		return fmt.Errorf("the plan has ssmctl_format %d and format_version %q, and this ssmctl reads %d and %q; make the plan anew", v.Ssmctl, v.Format, ssmctlFormat, formatVersion)
	}
	return nil
}

// located adds to an error of encoding/json where in data it is.
func located(data []byte, err error) error {
	var offset int64 // of the byte after the one at fault
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = e.Offset
	} else if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = e.Offset
		err = fmt.Errorf("%s has the wrong type, %s", cmp.Or(e.Field, "the plan"), e.Value)
	} else {
		return err
	}
	return fmt.Errorf("%s: %w", lineColumn(data, offset-1), err)
}

// lineColumn returns "line:column" of a byte, both counted from 1.
func lineColumn(data []byte, offset int64) string {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])
	return fmt.Sprintf("%d:%d", line, column)
}

// check reports the first contradiction between the parts of f.
func (f File) check() error {
	actions := make(map[resource.ID]resource.Action, len(f.ResourceChanges))
	var last resource.ID
	for i, c := range f.ResourceChanges {
		if err := c.check(); err != nil {
			return fmt.Errorf("resource_changes[%d]: %w", i, err)
		}
		if i > 0 && last.Compare(c.id()) >= 0 {
			return fmt.Errorf("resource_changes[%d]: %s stands after %s", i, c.Address, last)
		}
		last = c.id()
		actions[last] = c.Change.Actions[0]
	}
	steps := make(map[resource.ID]int, len(actions))
	for i, s := range f.Steps {
		if err := s.check(i, actions); err != nil {
			return fmt.Errorf("steps[%d]: %w", i, err)
		}
		steps[s.Resource]++
		// A span takes two steps, both of them updates.
		if n := steps[s.Resource]; n > 2 || n == 2 && s.Action != resource.Update {
			return fmt.Errorf("steps[%d]: %s has too many steps", i, s.Resource)
		}
	}
	for i, c := range f.ResourceChanges {
		if steps[c.id()] == 0 {
			return fmt.Errorf("resource_changes[%d]: %s has no step", i, c.Address)
		}
	}
	for i, c := range f.AccessChanges {
		if !c.check() {
			return fmt.Errorf("access_changes[%d]: %s has the effect %q and %d actions", i, c.Principal, c.Effect, len(c.Actions))
		}
		for _, cause := range c.Cause {
			if actions[cause.Address] == "" {
				return fmt.Errorf("access_changes[%d]: its cause %s is not among resource_changes", i, cause.Address)
			}
		}
	}
	if err := f.checkOrder(); err != nil {
		return err
	}
	if f.Unchanged < 0 {
		return fmt.Errorf("unchanged is %d", f.Unchanged)
	}
	if f.Applyable != (len(f.Steps) > 0) {
		return fmt.Errorf("applyable is %t, with %d steps", f.Applyable, len(f.Steps))
	}
	return nil
}

func (c ResourceChange) check() error {
	if c.Type == "" || c.Name == "" || c.Address != c.id().String() {
		return fmt.Errorf("address %q is not of type %q and name %q", c.Address, c.Type, c.Name)
	}
	if len(c.Change.Actions) != 1 {
		return fmt.Errorf("%s has %d actions", c.Address, len(c.Change.Actions))
	}
	before, after := !isNull(c.Change.Before), !isNull(c.Change.After)
	var holds bool
	switch c.Change.Actions[0] {
	case resource.Create:
		holds = !before && after
	case resource.Update:
		holds = before && after
	case resource.Delete:
		holds = before && !after
	}
	if !holds {
		return fmt.Errorf("%s: the action %q does not fit before and after", c.Address, c.Change.Actions[0])
	}
	return nil
}

func (s FileStep) check(index int, actions map[resource.ID]resource.Action) error {
	action, ok := actions[s.Resource]
	switch {
	case s.ID != index+1:
		return fmt.Errorf("its id is %d", s.ID)
	case !ok:
		return fmt.Errorf("%s is not among resource_changes", s.Resource)
	case s.Action != action:
		return fmt.Errorf("%s is to be a %s here and a %s in resource_changes", s.Resource, s.Action, action)
	}
	least := 1
	for _, a := range s.After {
		if a < least || a >= s.ID {
			return fmt.Errorf("after is %v, which are not earlier steps in order", s.After)
		}
		least = a + 1
	}
	if s.Pause && len(s.After) == 0 {
		return errors.New("it pauses, and waits for nothing")
	}
	return nil
}

// checkOrder reports what in f does not go with its order.
func (f File) checkOrder() error {
	switch f.Order {
	case OrderSafe, OrderUnchecked:
		if len(f.Transient) > 0 {
			return fmt.Errorf("order is %q, with %d breaches in transient", f.Order, len(f.Transient))
		}
	case OrderTransient:
		if len(f.Transient) == 0 {
			return fmt.Errorf("order is %q, and transient names no breach", f.Order)
		}
	default:
		return fmt.Errorf("order is %q", f.Order)
	}
	for i, b := range f.Transient {
		if !b.check() {
			return fmt.Errorf("transient[%d]: %s has the effect %q and the text %q", i, b.Principal, b.Effect, b.Text)
		}
	}
	return nil
}

func isNull(v json.RawMessage) bool { return len(v) == 0 || string(v) == "null" }
