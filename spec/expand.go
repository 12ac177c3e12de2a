package spec

import (
	"maps"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// expand asks the top, and then every entry, what it wants, in the order of the
// sections and then of names, and puts the answers together.
func (l *loader) expand(root *yaml.Node) *resource.Desired {
	m := &merge{
		loader: l,
		desired: &resource.Desired{
			State:     &resource.State{},
			Absent:    map[resource.ID]bool{},
			Protected: map[resource.ID]bool{},
			Source:    map[resource.ID]resource.Position{},
		},
		wanted:   map[resource.ID]*yaml.Node{},
		unwanted: map[resource.ID]*yaml.Node{},
	}
	m.add(span{root, root}, l.breakGlass)
	for _, s := range l.sections {
		for _, name := range l.names[s.Name].sorted {
			x := &entry.Expansion{Spec: l.spec, Name: name}
			s.Expand(x, l.spec.Entries[s.Name][name])
			m.add(l.names[s.Name].entries[name], x)
		}
	}
	m.contradictions()
	return m.desired
}

// A merge puts together what all entries ask for.
type merge struct {
	*loader
	desired          *resource.Desired
	wanted, unwanted map[resource.ID]*yaml.Node // what first asked for it
}

// add takes in what the entry at that place asked for.
func (m *merge) add(at span, x *entry.Expansion) {
	for _, p := range x.Problems {
		m.report(at.find(p.At), Senseless, p.Text).Help = p.Help
	}
	for _, o := range x.Objects {
		id, node := o.Value.ID(), at.find(o.At)
		before := m.desired.State.Get(id)
		if before == nil {
			if err := m.desired.State.Add(o.Value); err != nil {
				panic(err) // Get has just said that the ID is free
			}
			m.desired.Source[id] = m.place(node)
			m.wanted[id] = node
			continue
		}
		if !resource.Equal(before, o.Value) {
			p := m.report(node, AskedTwice, id.String()+" is asked for in two different ways")
			p.Also = m.also(m.wanted[id], "first here")
			p.Help = "make the two agree, or leave it to one of them"
		}
	}
	for _, o := range x.Absent {
		id := o.Value
		if m.desired.Absent[id] {
			continue
		}
		m.desired.Absent[id] = true
		m.unwanted[id] = at.find(o.At)
		if _, taken := m.desired.Source[id]; !taken {
			m.desired.Source[id] = m.place(m.unwanted[id])
		}
	}
	for _, id := range x.Protected {
		m.desired.Protected[id] = true
	}
}

// contradictions reports what is asked for and ruled out.
func (m *merge) contradictions() {
	for _, id := range slices.SortedFunc(maps.Keys(m.desired.Absent), resource.ID.Compare) {
		if wanted := m.wanted[id]; wanted != nil {
			p := m.report(m.unwanted[id], Contradiction, id.String()+" is ruled out here and asked for elsewhere")
			p.Also = m.also(wanted, "asked for here")
			p.Help = "drop one of the two"
		}
	}
}

// find follows a path from an entry to the node that stands for what is there:
// a scalar or an item itself, and for longer values the key they belong to.
// Where the path leads on to what is not in the file, it stops.
func (s span) find(path []string) *yaml.Node {
	best, n := s.key, s.value
	for _, element := range path {
		switch n.Kind {
		case yaml.MappingNode:
			next, ok := lookup(n, element)
			if !ok {
				return best
			}
			best, n = next.key, next.value
			if n.Kind == yaml.ScalarNode {
				best = n
			}
		case yaml.SequenceNode:
			i, err := strconv.Atoi(element)
			if err != nil || i < 0 || i >= len(n.Content) {
				return best
			}
			n = n.Content[i]
			best = n
		default:
			return best
		}
	}
	return best
}
