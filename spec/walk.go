package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// What a spec may hold at most. AWS's own quotas are far below, except for
// lists and sections of an organisation's size.
const (
	maxDepth   = 64
	maxKeys    = 1000
	maxEntries = 10_000
	maxItems   = 10_000
	maxTree    = 32 << 10 // bytes of JSON: three times what a policy may have
)

// walk checks every node for what YAML allows and a spec does not. What cannot
// be read it marks as broken, so that the readers pass over it in silence.
func (l *loader) walk(root *yaml.Node) {
	type visit struct {
		node  *yaml.Node
		depth int
	}
	todo := []visit{{root, 1}} // a stack of our own: a file must not choose how deep Go's gets
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n := v.node
		if v.depth > maxDepth {
			l.spoil(n, TooDeep, fmt.Sprintf("nested more than %d deep", maxDepth), "")
			continue
		}
		if !l.checkNode(n) {
			continue
		}
		switch n.Kind {
		case yaml.MappingNode:
			most := maxKeys
			if v.depth == 2 {
				most = maxEntries
			}
			if len(n.Content)/2 > most {
				l.spoil(n, TooMany, fmt.Sprintf("%d keys in one mapping; at most %d are allowed", len(n.Content)/2, most), "")
			}
			l.checkKeys(n)
			for _, value := range pairs(n) {
				todo = append(todo, visit{value, v.depth + 1})
			}
		case yaml.SequenceNode:
			if len(n.Content) > maxItems {
				l.spoil(n, TooMany, fmt.Sprintf("%d items in one list; at most %d are allowed", len(n.Content), maxItems), "")
			}
			for _, item := range n.Content {
				todo = append(todo, visit{item, v.depth + 1})
			}
		}
	}
}

// spoil reports a node and marks it as broken.
func (l *loader) spoil(n *yaml.Node, code, text, help string) *Problem {
	l.broken[n] = true
	p := l.report(n, code, text)
	p.Help = help
	return p
}

// checkNode checks one node by itself.
func (l *loader) checkNode(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		p := l.spoil(n, Alias, "a * without quotes is an alias, which a spec cannot hold",
			"if text is meant, put it in quotes; if the anchor's value is, use `vars` and $(var.NAME), or write it out")
		if n.Alias != nil {
			p.Also = l.also(n.Alias, "the anchor")
		}
		return false
	case n.Style&yaml.TaggedStyle != 0 || strings.HasPrefix(l.source.rest(n.Line, n.Column), "!"):
		l.spoil(n, Tag, "a ! without quotes is a YAML tag, which a spec cannot hold", "delete it; to make a value text, put it in quotes")
		return false
	case n.Kind == yaml.ScalarNode:
		for _, r := range n.Value {
			// Seen in the file, it would not have come so far: it is an escape.
			if invisible(r) {
				l.spoil(n, Invisible, fmt.Sprintf("this text holds %s U+%04X, written as an escape", strings.TrimSuffix(nameInvisible(r), ","), r), "delete it")
				return false
			}
		}
	}
	return true
}

// checkKeys checks the keys of one mapping.
func (l *loader) checkKeys(mapping *yaml.Node) {
	var seen firsts
	for key := range pairs(mapping) {
		switch {
		case key.Kind == yaml.ScalarNode && key.Tag == "!!merge" && key.Style == 0:
			l.spoil(key, Alias, "<< merges mappings, which a spec cannot do", "write the keys out")
			continue
		case key.Kind == yaml.ScalarNode && key.Style == 0 && key.Tag == "!!null":
			l.spoil(key, NoValue, "a key without a name", "write the key before the colon")
			continue
		case key.Kind == yaml.MappingNode && strings.HasPrefix(l.source.rest(mapping.Line, mapping.Column), "{{"):
			l.broken[key] = true
			l.spoil(mapping, WrongType, "{{ without quotes opens two mappings",
				"put the value in quotes if it is meant as text; a variable of the spec is written $(var.NAME)")
			continue
		case key.Kind != yaml.ScalarNode && key.Kind != yaml.AliasNode:
			l.spoil(key, WrongType, "a key must be text, not "+describe(key), "")
			continue
		case !l.checkNode(key):
			continue
		}
		if first := seen.add(key.Value, key); first != nil {
			p := l.spoil(key, DuplicateKey, "the key "+quote(key.Value)+" stands here twice", "delete one of the two, or put their values together")
			p.Also = l.also(first, "first here")
		}
	}
}

// firsts remembers where texts first stood. Most mappings and lists are short,
// and there are many of them, so that maps for each would be the larger part
// of all memory.
type firsts struct {
	few  []*yaml.Node
	keys []string
	many map[string]*yaml.Node
}

// add remembers the node unless its text is there already, and then returns
// where.
func (f *firsts) add(text string, n *yaml.Node) *yaml.Node {
	if f.many != nil {
		if first := f.many[text]; first != nil {
			return first
		}
		f.many[text] = n
		return nil
	}
	if i := slices.Index(f.keys, text); i >= 0 {
		return f.few[i]
	}
	f.few, f.keys = append(f.few, n), append(f.keys, text)
	if len(f.few) > 8 {
		f.many = make(map[string]*yaml.Node, 64)
		for i, key := range f.keys {
			f.many[key] = f.few[i]
		}
	}
	return nil
}
