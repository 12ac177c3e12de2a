// Package spec reads a spec, the YAML file that says what an account should
// look like, into desired state. It finds everything that is wrong with the
// file at once, and says where each thing stands and what to write instead.
//
// It must not know what any section means, what AWS is, or where the file
// came from: sections are handed to it as tables, and files as bytes.
package spec

import (
	"iter"

	"gopkg.in/yaml.v3"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// Loaded is a spec that nothing is wrong with.
type Loaded struct {
	Spec    *entry.Spec
	Desired *resource.Desired
}

// Load reads the spec in data, whose sections are those given. The file name
// is only for positions. It is safe to call from several goroutines.
//
// The error, if any, is a Problems: all that is wrong, in the order of the
// file. What entries mean together is only looked at once every entry is
// well-formed by itself, so mending the latter may bring out the former.
//
// Load panics if the tables themselves are wrong, as [TableOf] does, and never
// because of data.
func Load(file string, data []byte, sections []entry.Section) (*Loaded, error) {
	l := &loader{
		source:   newSource(file, data),
		sections: sections,
		broken:   map[*yaml.Node]bool{},
		tables:   map[string]*Field{},
		names:    map[string]section{},
		spec:     &entry.Spec{Entries: map[string]map[string]any{}},
	}
	desired := l.load()
	if l.problems.found() {
		return nil, l.problems.all()
	}
	return &Loaded{Spec: l.spec, Desired: desired}, nil
}

// A loader holds what is known of one spec while it is read.
type loader struct {
	source   *source
	sections []entry.Section
	problems problems

	broken        map[*yaml.Node]bool // reported already, and not to be read
	variables     map[string]variable // by what stands in the parentheses
	variableNames []string
	defining      bool               // the variables are being read
	expanded      int                // bytes that variables have put in
	compared      int                // names compared for the sake of suggestions
	tables        map[string]*Field  // of the sections' entries
	names         map[string]section // by section
	refs          []reference        // to check once all names are known
	breakGlass    *entry.Expansion   // what stands at the top asks for
	spec          *entry.Spec
}

// A section is what stands in one section of the file.
type section struct {
	entries map[string]span
	sorted  []string // their names
}

// A span is one key of a mapping and its value.
type span struct{ key, value *yaml.Node }

// load does the work in stages; each relies on what the ones before let pass.
func (l *loader) load() *resource.Desired {
	if !l.scan() {
		return nil
	}
	root := l.parse()
	if root == nil {
		return nil
	}
	l.walk(root)
	if !l.recognise(root) {
		return nil
	}
	l.readTop(root)
	for _, s := range l.sections {
		l.readSection(root, s)
	}
	l.checkReferences()
	if l.problems.found() {
		return nil // Expand is promised entries that have passed every check
	}
	return l.expand(root)
}

// recognise reports whether the document says that it is a spec, and of a
// version that can be read. When it does not, nothing else said about it would
// be of use.
func (l *loader) recognise(root *yaml.Node) bool {
	const help = "a spec begins with the line `ssmctl: v1`"
	if root.Kind != yaml.MappingNode {
		l.report(root, NotASpec, "this is not an ssmctl spec: it holds "+describe(root)+", not keys and values").Help = help
		return false
	}
	version, ok := lookup(root, "ssmctl")
	switch {
	case !ok:
		l.report(root, NotASpec, "this is not an ssmctl spec: the key `ssmctl` is missing").Help = help
		return false
	case l.broken[version.value]:
		return false
	case version.value.Kind != yaml.ScalarNode || version.value.Value != "v1":
		p := l.report(version.value, NotASpec, "this program reads specs of version v1, not "+quote(version.value.Value))
		p.Help = "write `ssmctl: v1`, or use the release of ssmctl that the spec was written for"
		return false
	}
	return true
}

// lookup finds a key of a mapping.
func lookup(mapping *yaml.Node, key string) (span, bool) {
	for k, v := range pairs(mapping) {
		if k.Value == key {
			return span{k, v}, true
		}
	}
	return span{}, false
}

// pairs yields the keys and values of a mapping, in the order of the file.
func pairs(mapping *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}
