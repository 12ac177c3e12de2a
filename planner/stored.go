package planner

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ssmctl/ssmctl/resource"
)

// A StoredStep is a step as data, to the last field: what a journal keeps, and
// what Restore makes a step of again.
type StoredStep struct {
	ID     resource.ID        `json:"id"`
	Before json.RawMessage    `json:"before,omitempty"` // absent when there is none
	After  json.RawMessage    `json:"after,omitempty"`
	Waits  []int              `json:"waits,omitempty"` // as in Step
	Pause  bool               `json:"pause,omitempty"`
	Source *resource.Position `json:"source,omitempty"`
	Loses  string             `json:"loses,omitempty"`
	Final  bool               `json:"final,omitempty"`
}

// Stored returns the steps of p as data. The error is that of an object which
// has no JSON.
func (p *Plan) Stored() ([]StoredStep, error) {
	all := make([]StoredStep, len(p.Steps))
	for i, s := range p.Steps {
		stored := StoredStep{ID: s.ID(), Waits: s.Waits, Pause: s.Pause, Source: s.Source, Loses: s.Loss.What, Final: s.Loss.Final}
		for _, side := range []struct {
			o  resource.Object
			to *json.RawMessage
		}{{s.Before, &stored.Before}, {s.After, &stored.After}} {
			if side.o == nil {
				continue
			}
			text, err := value(side.o)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.ID(), err)
			}
			*side.to = text
		}
		all[i] = stored
	}
	return all, nil
}

// Restore returns the plan that f shows and whose steps were stored. Decode
// returns the object of that ID which data is the JSON of. The error is one of
// its, or names the step that no plan can have or that f does not show.
func Restore(f File, steps []StoredStep, decode func(id resource.ID, data []byte) (resource.Object, error)) (*Plan, error) {
	if len(f.Steps) != len(steps) {
		return nil, fmt.Errorf("the plan has %d steps, and %d are stored", len(f.Steps), len(steps))
	}
	p := &Plan{
		Spec: f.Spec, Environment: f.Environment, Unchanged: f.Unchanged,
		Notes: f.Notes, Access: f.AccessChanges, Steps: make([]Step, len(steps)),
		Order: Order{Safe: f.Order == OrderSafe, Breaches: f.Transient, Pauses: f.Pauses()},
	}
	for i, stored := range steps {
		if id := f.Steps[i].Resource; id != stored.ID {
			return nil, fmt.Errorf("step %d of the plan is for %s, and %s is stored", i+1, id, stored.ID)
		}
		s, err := stored.restore(i, decode)
		if err != nil {
			return nil, fmt.Errorf("step %d, %s: %w", i+1, stored.ID, err)
		}
		p.Steps[i] = s
	}
	return p, nil
}

// restore returns the step that is to have that index.
func (stored StoredStep) restore(index int, decode func(resource.ID, []byte) (resource.Object, error)) (Step, error) {
	for n, w := range stored.Waits {
		if w < 0 || w >= index || n > 0 && w <= stored.Waits[n-1] {
			return Step{}, fmt.Errorf("it cannot wait for step %d", w+1)
		}
	}
	if stored.Pause && len(stored.Waits) == 0 {
		return Step{}, errors.New("it pauses, and waits for nothing")
	}
	object := func(data json.RawMessage) (resource.Object, error) {
		if isNull(data) {
			return nil, nil
		}
		o, err := decode(stored.ID, data)
		if err == nil && o.ID() != stored.ID {
			return nil, fmt.Errorf("what is stored is %s", o.ID())
		}
		return o, err
	}
	before, err := object(stored.Before)
	if err != nil {
		return Step{}, err
	}
	after, err := object(stored.After)
	if err != nil {
		return Step{}, err
	}
	if before == nil && after == nil {
		return Step{}, errors.New("it changes nothing")
	}
	return Step{
		Change: resource.Change{Before: before, After: after}, Waits: stored.Waits, Pause: stored.Pause, Source: stored.Source,
		Loss: resource.Loss{What: stored.Loses, Final: stored.Final},
	}, nil
}
