package planner

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/resource"
)

// A Moved is one difference between a plan that was approved and the same plan
// made again.
type Moved struct {
	Address  string // of the object; "" for the plan as a whole
	Field    string // what moved, see Stale
	Approved string // what it was when the plan was approved: JSON, or a few words
	Now      string // what it is now
}

// Stale returns what moved since a plan was approved, given the plan made anew
// from the same spec: nothing if the approval holds.
//
// Field is a path such as "document.Statement[0].Action" where it is the
// account's object that moved; "planned " and a path where it is what the
// object is to become; or words, such as "after the approval: created by
// someone". If the account, the region or the spec is another, that alone is
// returned, since the rest follows from it. Who made the plans, by which
// ssmctl, from a file of what name, and with which notes may differ.
func Stale(approved, fresh File) []Moved {
	var m moves
	for _, head := range []struct{ field, approved, now string }{
		{"account", approved.Environment.Account, fresh.Environment.Account},
		{"partition", approved.Environment.Partition, fresh.Environment.Partition},
		{"region", approved.Environment.Region, fresh.Environment.Region},
		{"sandbox", strconv.FormatBool(approved.Environment.Sandbox), strconv.FormatBool(fresh.Environment.Sandbox)},
		{"spec name", approved.Spec.Name, fresh.Spec.Name},
		{"sha256 of the spec", approved.Spec.SHA256, fresh.Spec.SHA256},
	} {
		m.words(head.field, head.approved, head.now)
	}
	if len(m.found) > 0 {
		return m.found
	}

	old, now := changesByID(approved), changesByID(fresh)
	for _, id := range allIDs(approved, fresh) {
		m.address = id.String()
		a, wasPlanned := old[id]
		n, isPlanned := now[id]
		switch {
		case wasPlanned && isPlanned:
			m.both(a, n)
		case wasPlanned:
			m.gone(a)
		default:
			m.added(n)
		}
	}
	if len(m.found) == 0 {
		m.access(approved.AccessChanges, fresh.AccessChanges)
	}
	if len(m.found) == 0 {
		m.steps(approved.Steps, fresh.Steps)
	}
	if len(m.found) == 0 {
		m.order(approved, fresh)
	}
	return m.found
}

// moves collects what moved.
type moves struct {
	address string // of the object being compared
	found   []Moved
}

func (m *moves) words(field, approved, now string) {
	if approved != now {
		m.found = append(m.found, Moved{m.address, field, approved, now})
	}
}

// both compares what two plans do to one object.
func (m *moves) both(a, n ResourceChange) {
	switch before, now := !isNull(a.Change.Before), !isNull(n.Change.Before); {
	case !before && now:
		m.words("after the approval: created by someone", "absent", compact(n.Change.Before))
	case before && !now:
		m.words("after the approval: deleted by someone", compact(a.Change.Before), "absent")
	default:
		m.values("", parse(a.Change.Before), parse(n.Change.Before))
	}
	m.values("planned ", parse(a.Change.After), parse(n.Change.After))
	m.words("what undoing it loses", a.Loses, n.Loses)
	m.words("cannot be undone", strconv.FormatBool(a.Final), strconv.FormatBool(n.Final))
}

// gone reports a change that need not be made any more.
func (m *moves) gone(a ResourceChange) {
	did := map[resource.Action]string{
		resource.Create: "after the approval: created by someone, just as planned",
		resource.Update: "after the approval: changed by someone, just as planned",
		resource.Delete: "after the approval: deleted by someone",
	}[a.Change.Actions[0]]
	if a.Event { // what it follows has moved, and is reported itself
		did = "after the approval: no longer called for"
	}
	m.words(did, string(a.Change.Actions[0]), "nothing to do")
}

// added reports a change that nobody approved.
func (m *moves) added(n ResourceChange) {
	action := string(n.Change.Actions[0])
	switch {
	case n.Event:
		m.words("after the approval: called for", "nothing to do", action)
	case action == string(resource.Create):
		m.words("after the approval: deleted by someone", "nothing to do", action)
	case action == string(resource.Delete):
		m.words("after the approval: created by someone", "nothing to do", action)
	default:
		// When the plan was approved the object was as it is to be.
		m.values("", parse(n.Change.After), parse(n.Change.Before))
	}
}

// steps compares the order of two plans that do the same.
func (m *moves) steps(a, n []FileStep) {
	describe := func(s FileStep) string {
		after := make([]string, len(s.After))
		for i, id := range s.After {
			after[i] = strconv.Itoa(id)
		}
		text := "step " + strconv.Itoa(s.ID) + ", after " + strings.Join(after, ", ")
		if s.Pause {
			text += " and a pause"
		}
		return text
	}
	for i := range max(len(a), len(n)) {
		switch {
		case i >= len(a):
			m.found = append(m.found, Moved{n[i].Resource.String(), "order", "no such step", describe(n[i])})
		case i >= len(n):
			m.found = append(m.found, Moved{a[i].Resource.String(), "order", describe(a[i]), "no such step"})
		case a[i].Resource != n[i].Resource:
			m.found = append(m.found, Moved{"", "order", describe(a[i]) + ": " + a[i].Resource.String(), describe(n[i]) + ": " + n[i].Resource.String()})
		case !slices.Equal(a[i].After, n[i].After), a[i].Pause != n[i].Pause:
			m.found = append(m.found, Moved{a[i].Resource.String(), "order", describe(a[i]), describe(n[i])})
		default:
			continue
		}
		return // what comes later differs because of it
	}
}

// order compares what two plans that do the same, in the same order, mean for
// access on the way.
func (m *moves) order(a, n File) {
	m.address = ""
	m.words("access on the way", string(a.Order), string(n.Order))
	breaches := func(f File) map[string]Breach {
		all := map[string]Breach{}
		for _, b := range f.Transient {
			all[b.String()] = b
		}
		return all
	}
	was, is := breaches(a), breaches(n)
	for _, text := range slices.Sorted(maps.Keys(was)) {
		if _, still := is[text]; !still {
			m.address = was[text].Principal.String()
			m.words("access on the way", text, "not so")
		}
	}
	for _, text := range slices.Sorted(maps.Keys(is)) {
		if _, already := was[text]; !already {
			m.address = is[text].Principal.String()
			m.words("access on the way", "not so", text)
		}
	}
}

func changesByID(f File) map[resource.ID]ResourceChange {
	all := make(map[resource.ID]ResourceChange, len(f.ResourceChanges))
	for _, c := range f.ResourceChanges {
		all[c.id()] = c
	}
	return all
}

func allIDs(files ...File) []resource.ID {
	var ids []resource.ID
	for _, f := range files {
		for _, c := range f.ResourceChanges {
			ids = append(ids, c.id())
		}
	}
	slices.SortFunc(ids, resource.ID.Compare)
	return slices.Compact(ids)
}

func compact(v json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, v) != nil {
		return string(v)
	}
	return b.String()
}
