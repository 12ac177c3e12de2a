package planner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/resource"
)

// File returns p as data. The version is ssmctl's own. The error is that of an
// object which has no JSON.
func (p *Plan) File(version string) (File, error) {
	f := File{
		FormatVersion:   formatVersion,
		SsmctlFormat:    ssmctlFormat,
		SsmctlVersion:   version,
		Spec:            p.Spec,
		Environment:     p.Environment,
		AccessChanges:   append([]AccessChange{}, p.Access...),
		ResourceChanges: []ResourceChange{},
		Steps:           make([]FileStep, len(p.Steps)),
		Order:           p.Order.Verdict(),
		Transient:       append([]Breach{}, p.Order.Breaches...),
		Unchanged:       p.Unchanged,
		Notes:           append([]Note{}, p.Notes...),
		Applyable:       len(p.Steps) > 0,
		Complete:        true,
	}
	for _, s := range p.perObject() {
		c, err := resourceChange(s)
		if err != nil {
			return File{}, err
		}
		f.ResourceChanges = append(f.ResourceChanges, c)
	}
	slices.SortFunc(f.ResourceChanges, func(a, b ResourceChange) int { return a.id().Compare(b.id()) })
	for i, s := range p.Steps {
		after := make([]int, len(s.Waits))
		for j, w := range s.Waits {
			after[j] = w + 1
		}
		f.Steps[i] = FileStep{ID: i + 1, Resource: s.ID(), Action: s.Action(), After: after, Pause: s.Pause}
	}
	return f, nil
}

func resourceChange(s Step) (ResourceChange, error) {
	id := s.ID()
	before, err := value(s.Before)
	if err != nil {
		return ResourceChange{}, fmt.Errorf("%s, as it is: %w", id, err)
	}
	after, err := value(s.After)
	if err != nil {
		return ResourceChange{}, fmt.Errorf("%s, as it is to be: %w", id, err)
	}
	return ResourceChange{
		Address: id.String(),
		Type:    id.Kind,
		Name:    id.Name,
		Source:  s.Source,
		Event:   s.Event(),
		Change:  ValueChange{Actions: []resource.Action{s.Action()}, Before: before, After: after},
		Loses:   s.Loss.What,
		Final:   s.Loss.Final,
	}, nil
}

// id returns what c changes.
func (c ResourceChange) id() resource.ID { return resource.ID{Kind: c.Type, Name: c.Name} }

// value returns the JSON of o, which is null for nil.
func value(o resource.Object) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a person reads this: "ec2 <-> ssm" stays so
	if err := e.Encode(o); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Encode returns the canonical encoding of f: JSON indented by two spaces, no
// list null, with a newline at the end.
func (f File) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(f.withoutNil()); err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	return b.Bytes(), nil
}

// withoutNil returns f with empty lists in place of nil ones, sharing the rest.
func (f File) withoutNil() File {
	f.ResourceChanges = append([]ResourceChange{}, f.ResourceChanges...)
	for i := range f.ResourceChanges {
		c := &f.ResourceChanges[i].Change
		c.Actions = append([]resource.Action{}, c.Actions...)
	}
	f.Steps = append([]FileStep{}, f.Steps...)
	for i := range f.Steps {
		s := &f.Steps[i]
		s.After = append([]int{}, s.After...)
	}
	f.Transient = append([]Breach{}, f.Transient...)
	f.AccessChanges = append([]AccessChange{}, f.AccessChanges...)
	for i := range f.AccessChanges {
		c := &f.AccessChanges[i]
		c.Actions, c.Via, c.Cause = append([]string{}, c.Actions...), append([]resource.ID{}, c.Via...), append([]AccessCause{}, c.Cause...)
	}
	f.Notes = append([]Note{}, f.Notes...)
	return f
}
