package simulation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A doc is a policy document: for each of a few permissions, whether it allows
// and whether it denies it. The bits above those tell apart what other people
// wrote.
type doc uint32

const permissions = 5

func (d doc) allows() doc { return d & (1<<permissions - 1) }
func (d doc) denies() doc { return d >> permissions & (1<<permissions - 1) }

// An entity is an object of its own: a user, group, role, policy or instance
// profile, or an instance that is launched.
type entity struct {
	Doc   doc    // of a policy; of a role, whom it trusts
	Tag   string // set by a call of its own
	Bound string // the policy that is its boundary
	Role  string // of an instance profile; set by a call of its own
	Newer int    // of a policy: versions newer than the one in force

	versions int // of a policy: how many there are; not part of what it is
	id       resource.ID
	needs    []resource.ID
	text     []byte
}

func newEntity(id resource.ID, e entity) *entity {
	e.id = id
	for _, n := range []resource.ID{{Kind: "policy", Name: e.Bound}, {Kind: "role", Name: e.Role}} {
		if n.Name != "" {
			e.needs = append(e.needs, n)
		}
	}
	e.text = fmt.Appendf(nil, `{"Doc":%d,"Tag":%q,"Bound":%q,"Role":%q,"Newer":%d}`, e.Doc, e.Tag, e.Bound, e.Role, e.Newer)
	return &e
}

func (e *entity) ID() resource.ID              { return e.id }
func (e *entity) Needs() []resource.ID         { return e.needs }
func (e *entity) MarshalJSON() ([]byte, error) { return e.text, nil }

// Settled returns the policy without versions newer than the one in force, and
// the profile with the role that it was about to get.
func (e *entity) Settled(from, to resource.Object) resource.Object {
	f, okFrom := from.(*entity)
	t, okTo := to.(*entity)
	between := okFrom && okTo && e.Role == "" && f.Role != t.Role
	if e.Newer == 0 && !between {
		return e
	}
	return e.with(func(e *entity) {
		e.Newer = 0
		if between {
			e.Role = t.Role
		}
	})
}

// with returns a copy of e that is changed.
func (e *entity) with(change func(*entity)) *entity {
	c := entity{Doc: e.Doc, Tag: e.Tag, Bound: e.Bound, Role: e.Role, Newer: e.Newer}
	change(&c)
	return newEntity(e.id, c)
}

// A link ties a principal or an instance to something: an attachment, a
// membership, an association, or an inline policy, which is tied to a text.
type link struct {
	Doc doc    // of an inline policy
	To  string // of an association: the profile

	id      resource.ID
	needs   []resource.ID
	holders []resource.ID
	text    []byte
}

// newLink returns a link by its ID: "attachment/user:u0+p1" is one of user u0
// and policy p1.
func newLink(id resource.ID, d doc, to string) *link {
	l := link{Doc: d, To: to, id: id}
	holder, other, _ := strings.Cut(id.Name, "+")
	kind, name, ok := strings.Cut(holder, ":")
	if ok {
		l.holders = []resource.ID{{Kind: kind, Name: name}}
	}
	l.needs = slices.Clone(l.holders)
	switch id.Kind {
	case "attachment":
		l.needs = append(l.needs, resource.ID{Kind: "policy", Name: other})
	case "membership":
		l.needs = append(l.needs, resource.ID{Kind: "group", Name: other})
	case "association":
		l.needs = append(l.needs, resource.ID{Kind: "profile", Name: to})
	}
	l.text = fmt.Appendf(nil, `{"Doc":%d,"To":%q}`, d, to)
	return &l
}

func (l *link) ID() resource.ID              { return l.id }
func (l *link) Needs() []resource.ID         { return l.needs }
func (l *link) Holders() []resource.ID       { return l.holders }
func (l *link) MarshalJSON() ([]byte, error) { return l.text, nil }

// A ledger is a span over names.
type ledger struct {
	Names []string
	text  []byte
}

var ledgerID = resource.ID{Kind: "ledger", Name: "all"}

func newLedger(names ...string) *ledger {
	slices.Sort(names)
	names = slices.Compact(names)
	text, err := json.Marshal(names)
	if err != nil {
		panic(err)
	}
	return &ledger{names, text}
}

func (*ledger) ID() resource.ID                { return ledgerID }
func (*ledger) Needs() []resource.ID           { return nil }
func (l *ledger) MarshalJSON() ([]byte, error) { return l.text, nil }

func (l *ledger) Union(other resource.Object) resource.Object {
	return newLedger(slices.Concat(l.Names, other.(*ledger).Names)...)
}

// A restart is an event that follows an association.
type restart struct{ id, of resource.ID }

func (r *restart) ID() resource.ID              { return r.id }
func (r *restart) Needs() []resource.ID         { return nil }
func (r *restart) Follows() []resource.ID       { return []resource.ID{r.of} }
func (r *restart) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, r.of.String()), nil }

// decode is what package kind has for its own objects: the object of that ID
// which data is the JSON of.
func decode(id resource.ID, data []byte) (resource.Object, error) {
	switch id.Kind {
	case "ledger":
		var names []string
		err := json.Unmarshal(data, &names)
		return newLedger(names...), err
	case "restart":
		var of resource.ID
		err := json.Unmarshal(data, &of)
		return &restart{id, of}, err
	case "attachment", "membership", "association", "inline":
		var l link
		err := json.Unmarshal(data, &l)
		return newLink(id, l.Doc, l.To), err
	}
	var e struct {
		Doc              doc
		Tag, Bound, Role string
		Newer            int
	}
	err := json.Unmarshal(data, &e)
	return newEntity(id, entity{Doc: e.Doc, Tag: e.Tag, Bound: e.Bound, Role: e.Role, Newer: e.Newer}), err
}

// lossOf says what undoing a change could not bring back.
func lossOf(c resource.Change) resource.Loss {
	before, isEntity := c.Before.(*entity)
	switch {
	case c.ID().Kind == "instance" && c.Before == nil:
		return resource.Loss{What: "a launch", Final: true}
	case isEntity && c.After == nil:
		return resource.Loss{What: "its unique id"}
	case isEntity && before.versions >= maxVersions && c.After.(*entity).Doc != before.Doc:
		return resource.Loss{What: "its oldest version"}
	}
	return resource.Loss{}
}
