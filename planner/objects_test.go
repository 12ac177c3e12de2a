package planner_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A thing is an object with an owner mark.
type thing struct {
	Name  string        `json:"name"`
	Value string        `json:"value"`
	On    []resource.ID `json:"on,omitempty"`
}

func (t thing) ID() resource.ID      { return thingID(t.Name) }
func (t thing) Needs() []resource.ID { return t.On }

func thingID(name string) resource.ID { return resource.ID{Kind: "thing", Name: name} }

// A tie is a link from one thing, which holds it, to another.
type tie struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Value string `json:"value,omitempty"`
}

func (t tie) ID() resource.ID        { return resource.ID{Kind: "tie", Name: t.From + "/" + t.To} }
func (t tie) Needs() []resource.ID   { return []resource.ID{thingID(t.To)} }
func (t tie) Holders() []resource.ID { return []resource.ID{thingID(t.From)} }

// A bell is an event.
type bell struct {
	Name string        `json:"name"`
	Of   []resource.ID `json:"of"`
}

func (b bell) ID() resource.ID        { return resource.ID{Kind: "bell", Name: b.Name} }
func (b bell) Needs() []resource.ID   { return nil }
func (b bell) Follows() []resource.ID { return b.Of }

// A cover is a span over names.
type cover struct {
	Names []string `json:"names"`
}

func (c cover) ID() resource.ID      { return resource.ID{Kind: "cover", Name: "all"} }
func (c cover) Needs() []resource.ID { return nil }
func (c cover) Union(other resource.Object) resource.Object {
	names := slices.Concat(c.Names, other.(cover).Names)
	slices.Sort(names)
	return cover{slices.Compact(names)}
}

// covers returns the cover of names separated by spaces.
func covers(names string) cover { return cover{strings.Fields(names)} }

type fataler interface{ Fatal(...any) }

func state(t fataler, objects ...resource.Object) *resource.State {
	s, err := resource.NewState(objects...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// owned marks all things and covers among the objects.
func owned(objects ...resource.Object) map[resource.ID]bool {
	m := map[resource.ID]bool{}
	for _, o := range objects {
		if _, link := o.(resource.Link); !link {
			m[o.ID()] = true
		}
	}
	return m
}

// describe returns the steps, one a string: "3 update thing/x after 1 2".
func describe(p *planner.Plan) []string {
	var all []string
	for i, s := range p.Steps {
		line := fmt.Sprintf("%d %s %s", i, s.Action(), s.ID())
		if c, ok := s.After.(cover); ok {
			line += fmt.Sprint(" ", c.Names)
		}
		if len(s.Waits) > 0 {
			line += " after " + strings.Trim(fmt.Sprint(s.Waits), "[]")
		}
		all = append(all, line)
	}
	return all
}
