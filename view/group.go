package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A group is what a reader thinks of as one thing, a principal, an instance or
// a policy, with every change that belongs to it. Plans keep these apart
// because they are made by different calls.
type group struct {
	head    string  // address of the thing
	own     *object // its own change; nil if only what belongs to it changes
	objects []object
}

// An object is a change to one object, taken apart.
type object struct {
	planner.ResourceChange
	head          string // address of what it belongs to, or its own
	label         string // what it is to that: "member"
	name          string // what tells it from others with that label: "alice"
	before, after value
}

// headKinds are the kinds that other objects belong to, in the order that a
// reviewer asks about them: who may, what it allows, where.
var headKinds = []string{"group", "user", "role", "policy", "instance"}

// groups sorts the changes of a plan into groups, heads in reading order.
// Ledgers come back apart: they follow from the rest.
func groups(f planner.File) (out []*group, ledgers []object, err error) {
	there := map[string]bool{}
	for _, rc := range f.ResourceChanges {
		there[rc.Address] = true
	}
	byHead := map[string]*group{}
	for _, rc := range f.ResourceChanges {
		obj := object{ResourceChange: rc}
		if obj.before, err = parse(rc.Change.Before); err == nil {
			obj.after, err = parse(rc.Change.After)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("plan: %s: %w", Escape(rc.Address), err)
		}
		if rc.Type == "ledger" {
			ledgers = append(ledgers, obj)
			continue
		}
		obj.place(there)
		g := byHead[obj.head]
		if g == nil {
			g = &group{head: obj.head}
			byHead[obj.head] = g
			out = append(out, g)
		}
		if obj.head == rc.Address {
			g.own = &obj
		} else {
			g.objects = append(g.objects, obj)
		}
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(rank(a.head), rank(b.head)), cmp.Compare(a.head, b.head))
	})
	for _, g := range out {
		// What merely happens comes after what is.
		slices.SortStableFunc(g.objects, func(a, b object) int { return cmp.Compare(eventLast(a), eventLast(b)) })
	}
	return out, ledgers, nil
}

func rank(head string) int {
	kind, _, _ := strings.Cut(head, "/")
	if i := slices.Index(headKinds, kind); i >= 0 {
		return i
	}
	return len(headKinds)
}

func eventLast(o object) int {
	if o.Event {
		return 1
	}
	return 0
}

// place works out what the object belongs to. Of a kind it does not know it
// goes by the shape of the name: "kind/name" or "kind/name/rest" belongs to
// that kind's object of that name.
func (o *object) place(there map[string]bool) {
	o.head, o.label, o.name = o.Address, o.Type, o.Name
	parts := strings.SplitN(o.Name, "/", 3)
	switch {
	case o.Type == "membership" && len(parts) == 2:
		o.head, o.label, o.name = "group/"+parts[0], "member", parts[1]
	case o.Type == "association":
		o.head, o.label, o.name = "instance/"+o.Name, "profile", ""
	case o.Type == "restart":
		o.head, o.name = "instance/"+o.Name, ""
	case o.Type == "profile" && there["role/"+o.Name]:
		o.head = "role/" + o.Name
	case len(parts) >= 2 && (slices.Contains(headKinds, parts[0]) || there[parts[0]+"/"+parts[1]]):
		o.head, o.name = parts[0]+"/"+parts[1], strings.Join(parts[2:], "/")
		if o.Type == "attachment" {
			o.label = "policy"
		}
	}
}

// symbol returns what the group's head line says happens to it.
func (g *group) symbol() symbol {
	if g.own == nil {
		return changes
	}
	return g.own.symbol()
}

func (o object) symbol() symbol {
	switch {
	case o.Event:
		return alerts
	case slices.Contains(o.Change.Actions, resource.Create):
		return adds
	case slices.Contains(o.Change.Actions, resource.Delete):
		return destroys
	}
	return changes
}

// source returns where the spec asks for the group: the head's place, or the
// first of what belongs to it.
func (g *group) source() *resource.Position {
	if g.own != nil && g.own.Source != nil {
		return g.own.Source
	}
	var first *resource.Position
	for _, o := range g.objects {
		if p := o.Source; p != nil && (first == nil || earlier(*p, *first)) {
			first = p
		}
	}
	return first
}

func earlier(a, b resource.Position) bool {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) < 0
}

// rows returns what the group has to say beneath its head.
func (r renderer) rows(g *group) []row {
	var rows []row
	if g.own != nil {
		rows = r.parts(*g.own)
	}
	for _, o := range g.objects {
		rows = append(rows, r.objectRow(o))
	}
	return rows
}

// objectRow returns the row of an object that stands beneath its head.
func (r renderer) objectRow(o object) row {
	out := row{symbol: o.symbol(), label: Escape(o.label), text: Escape(o.name)}
	switch o.Type {
	case "membership":
	case "attachment", "boundary":
		out.text = r.policyName(o.after, o.name)
		switch o.symbol() {
		case changes:
			out.text = r.policyName(o.before, o.name) + " -> " + out.text
		case destroys:
			out.text = r.policyName(o.before, o.name)
		}
	case "association":
		profile := func(v value) string {
			if p := v.get("profile"); !p.empty() {
				return p.show()
			}
			return "(none)"
		}
		out.text = profile(o.before) + " -> " + profile(o.after)
	case "restart":
		out.text = o.after.get("how").show()
	default:
		out.rows = r.parts(o)
	}
	return out
}

// parts returns rows for the members of an object, without those that only
// repeat its address.
func (r renderer) parts(o object) []row {
	if o.before.kind == '{' && o.after.kind == '{' {
		return r.differences("", o.before, o.after)
	}
	v := o.after
	if v.kind == 0 {
		v = o.before
	}
	if v.kind != '{' {
		return r.whole(o.symbol(), "value", v)
	}
	_, headName, _ := strings.Cut(o.head, "/")
	said := []string{o.head, headName, o.Name, o.name}
	v.fields = slices.DeleteFunc(slices.Clone(v.fields), func(f field) bool {
		return f.kind == '"' && (slices.Contains(said, f.text) || f.name == "path" && f.text == "/") // IAM's default path
	})
	return r.whole(o.symbol(), "", v)
}

// policyName returns the name of an attached policy or boundary. AWS's own
// policies go by their bare name; that one was made in the account is said, so
// that nobody takes it for AWS's own; anything else goes by its ARN.
func (r renderer) policyName(link value, otherwise string) string {
	arn := link.get("policy").text
	name := Escape(arn[strings.LastIndex(arn, "/")+1:])
	holder, _, _ := strings.Cut(arn, ":policy/")
	switch iam := "arn:" + r.where.Partition + ":iam::"; {
	case arn == "":
		return Escape(otherwise)
	case holder == iam+"aws":
		return name
	case holder == iam+r.where.Account:
		return name + " (of this account)"
	}
	return Escape(arn)
}
