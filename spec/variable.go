package spec

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A variable is what stands for $(NAME). Its value may be unusable, which has
// then been reported where it is defined.
type variable struct {
	value scalar
	bad   bool
}

// maxExpanded bounds the bytes that variables may put into one spec: a long
// value used often would otherwise make a small file a huge one.
const maxExpanded = 4 << 20

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)

// readVariables makes the spec's own facts and its vars known. A variable may
// use the facts, and no other variable, so there are no cycles to find.
func (l *loader) readVariables(root *yaml.Node, t *Table) {
	l.variables = map[string]variable{}
	for _, fact := range []string{"name", "account", "region"} {
		// Facts that are not in order are reported with the other keys.
		at, ok := lookup(root, fact)
		ok = ok && at.value.Kind == yaml.ScalarNode && t.find(fact).Pattern.MatchString(at.value.Value)
		v := variable{bad: !ok}
		if ok {
			v.value = scalar{text: at.value.Value, tag: "!!str"}
		}
		l.variables[fact] = v
	}
	l.variableNames = slices.Sorted(maps.Keys(l.variables))
	vars, ok := lookup(root, "vars")
	if !ok || l.broken[vars.value] {
		return
	}
	if vars.value.Kind != yaml.MappingNode {
		if _, ok := l.scalarOrReport(vars.value, &where{name: "vars"}, "a mapping of names to values"); ok {
			l.report(vars.value, WrongType, `"vars" must be a mapping of names to values, not `+describe(vars.value))
		}
		return
	}
	l.defining = true
	defer func() { l.defining = false }()
	found := map[string]variable{}
	for key, node := range pairs(vars.value) {
		if l.broken[key] {
			continue
		}
		v := variable{bad: true}
		if !variableName.MatchString(key.Value) {
			l.report(key, BadVar, quote(key.Value)+" is not a name for a variable").Help = "use letters, digits, _ and -, and begin with a letter or _"
			continue
		}
		if l.broken[node] {
			// reported already
		} else if s, ok := l.scalarOrReport(node, &where{name: key.Value, up: &where{name: "vars"}}, "text, a number, true or false"); ok {
			v = variable{value: s}
		}
		found["var."+key.Value] = v
	}
	maps.Copy(l.variables, found)
	l.variableNames = slices.Sorted(maps.Keys(l.variables))
}

// scalarOrReport reads a node that must be a scalar.
func (l *loader) scalarOrReport(n *yaml.Node, w *where, want string) (scalar, bool) {
	if n.Kind != yaml.ScalarNode {
		l.report(n, WrongType, w.String()+" must be "+want+", not "+describe(n))
		return scalar{}, false
	}
	return l.read(n, w, false)
}

// substitute puts variables into the text of a node. Text that is one variable
// and nothing else, without quotes, becomes the variable's value whole: a
// number stays a number. $$( stands for $( itself.
func (l *loader) substitute(n *yaml.Node, s scalar) (scalar, bool) {
	var b strings.Builder
	rest := s.text
	for {
		before, after, found := strings.Cut(rest, "$(")
		if !found {
			b.WriteString(rest)
			break
		}
		if escaped, isEscape := strings.CutSuffix(before, "$"); isEscape {
			b.WriteString(escaped + "$(")
			rest = after
			continue
		}
		name, tail, closed := strings.Cut(after, ")")
		if !closed {
			p := l.report(n, UnknownVar, "a $( without its )")
			p.Help = "a variable is written $(var.NAME), and a $( that is meant as text $$("
			return scalar{}, false
		}
		v, ok := l.resolve(n, name)
		if !ok {
			return scalar{}, false
		}
		if s.plain && before == "" && tail == "" && rest == s.text {
			v.given = true
			return v, l.room(n, len(v.text))
		}
		if !l.room(n, len(v.text)) {
			return scalar{}, false
		}
		b.WriteString(before + v.text)
		rest = tail
	}
	return scalar{text: b.String(), tag: "!!str", given: true}, true
}

// resolve returns a variable's value.
func (l *loader) resolve(n *yaml.Node, name string) (scalar, bool) {
	v, ok := l.variables[name]
	if ok {
		return v.value, !v.bad
	}
	if l.defining && strings.HasPrefix(name, "var.") {
		l.report(n, BadVar, "a variable cannot use another, only $(name), $(account) and $(region)").Help = "write the value out"
		return scalar{}, false
	}
	p := l.report(n, UnknownVar, "there is no variable "+quote(name))
	p.Hint = l.suggest(name, l.variableNames)
	if p.Hint == "" {
		p.Hint = l.suggest("var."+name, l.variableNames)
	}
	p.Known = atMost(l.variableNames)
	p.Help = "define it under `vars`; a $( that is meant as text is written $$("
	return scalar{}, false
}

// room accounts for text that a variable puts in.
func (l *loader) room(n *yaml.Node, size int) bool {
	if l.expanded > maxExpanded {
		return false // reported already
	}
	l.expanded += size
	if l.expanded > maxExpanded {
		l.report(n, TooMany, "the variables used so far put more than 4 MiB of text into the spec")
		return false
	}
	return true
}
