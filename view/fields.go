package view

import (
	"fmt"
	"strings"
)

// A row is one thing a plan does to an object, or to a part of one.
type row struct {
	symbol symbol
	label  string     // what part, escaped
	text   string     // escaped
	rows   []row      // its own parts
	lines  []diffLine // a longer text, shown beneath as it is
}

// whole returns rows for everything v holds, for an object that is created or
// deleted. Members that say nothing are left out.
func (r renderer) whole(s symbol, label string, v value) []row {
	switch {
	case v.empty():
		return nil
	case v.document():
		return []row{r.documentRow(s, label, v)}
	case v.kind == '"' && strings.Contains(v.text, "\n"):
		lines := strings.Split(strings.TrimSuffix(v.text, "\n"), "\n")
		return []row{{symbol: s, label: label, text: count(len(lines), "line"), lines: r.fold(lines, 20, 0, nil)}}
	case v.scalar():
		return []row{{symbol: s, label: label, text: v.show()}}
	case v.kind == '[' && !flat(v):
		return []row{{symbol: s, label: label, text: count(len(v.items), "item"), lines: r.fold(v.lines(), 20, 0, nil)}}
	case label != "" && flat(v):
		return []row{{symbol: s, label: label, text: join(v)}}
	}
	var rows []row
	for _, f := range v.fields {
		rows = append(rows, r.whole(s, member(label, f.name), f.value)...)
	}
	return rows
}

// differences returns rows for what differs between two values of the same
// member, none if nothing does.
func (r renderer) differences(label string, before, after value) []row {
	switch {
	case before.compact() == after.compact():
		return nil
	case before.kind == 0:
		return r.whole(adds, label, after)
	case after.kind == 0:
		return r.whole(destroys, label, before)
	case before.document() && after.document():
		return []row{{symbol: changes, label: label, text: "now " + size(after), lines: r.diffJSON(before, after, r.sentences(after))}}
	case before.kind == '{' && after.kind == '{':
		old, now := before.members(), after.members()
		var rows []row
		for _, f := range after.fields {
			rows = append(rows, r.differences(member(label, f.name), old[f.name], f.value)...)
		}
		for _, f := range before.fields {
			if _, stays := now[f.name]; !stays {
				rows = append(rows, r.differences(member(label, f.name), f.value, value{})...)
			}
		}
		return rows
	case before.kind == '[' && after.kind == '[' && flat(before) && flat(after):
		return elements(label, before, after)
	case before.scalar() && after.scalar():
		if strings.Contains(before.text+after.text, "\n") {
			return []row{{symbol: changes, label: label, lines: r.diffText(before.text, after.text)}}
		}
		return []row{{symbol: changes, label: label, text: before.show() + " -> " + after.show()}}
	}
	return []row{{symbol: changes, label: label, lines: r.diffJSON(before, after, nil)}}
}

// elements returns a row for each element that came or went, or one for the
// lists as wholes if they differ only in their order.
func elements(label string, before, after value) []row {
	var rows []row
	for _, item := range without(after.items, before.items) {
		rows = append(rows, row{symbol: adds, label: label, text: item.show()})
	}
	for _, item := range without(before.items, after.items) {
		rows = append(rows, row{symbol: destroys, label: label, text: item.show()})
	}
	if rows == nil {
		rows = []row{{symbol: changes, label: label, text: "[" + join(before) + "] -> [" + join(after) + "]"}}
	}
	return rows
}

// flat reports whether every part of v is a scalar.
func flat(v value) bool {
	for _, f := range v.fields {
		if !f.scalar() {
			return false
		}
	}
	for _, item := range v.items {
		if !item.scalar() {
			return false
		}
	}
	return true
}

// join shows a flat list or object in one line.
func join(v value) string {
	var parts []string
	for _, f := range v.fields {
		parts = append(parts, Escape(f.name)+"="+f.show())
	}
	for _, item := range v.items {
		parts = append(parts, item.show())
	}
	return strings.Join(parts, ", ")
}

// without returns the items of list that are not in other, each as many times
// as it is there more often.
func without(list, other []value) []value {
	there := map[string]int{}
	for _, item := range other {
		there[item.compact()]++
	}
	var out []value
	for _, item := range list {
		if text := item.compact(); there[text] > 0 {
			there[text]--
		} else {
			out = append(out, item)
		}
	}
	return out
}

// member returns the label of a member of the value labelled so.
func member(label, name string) string {
	if label == "" {
		return Escape(name)
	}
	return label + "." + Escape(name)
}

// count returns "1 line" or "3 lines".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
