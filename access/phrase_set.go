package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Lists are the nodes and documents of two snapshots, in the order of their
// indexes.
type lists struct {
	nodes     []Node
	documents []Document
	names     [2][]string // ids of nodes, names of documents
	objects   [2]map[string][]resource.ID
}

func newLists(before, after *Account) lists {
	l := lists{nodes: nodesOf(before, after), documents: documentsOf(before, after)}
	for kind := range l.objects {
		l.objects[kind] = map[string][]resource.ID{}
	}
	for _, n := range l.nodes {
		l.names[nodeLeg] = append(l.names[nodeLeg], n.ID)
	}
	for _, d := range l.documents {
		l.names[documentLeg] = append(l.names[documentLeg], d.Name)
	}
	for _, a := range []*Account{before, after} {
		for _, n := range a.Nodes {
			l.objects[nodeLeg][n.ARN] = append(l.objects[nodeLeg][n.ARN], n.From...)
		}
		for _, d := range a.Documents {
			l.objects[documentLeg][d.ARN] = append(l.objects[documentLeg][d.ARN], d.From)
		}
	}
	return l
}

// from returns the objects that say what a node or document is.
func (l lists) from(m moving) []resource.ID {
	if m.kind == nodeLeg {
		return l.objects[nodeLeg][l.nodes[m.which].ARN]
	}
	return l.objects[documentLeg][l.documents[m.which].ARN]
}

var nouns = map[legKind][2]string{nodeLeg: {"instance", "instances"}, documentLeg: {"document", "documents"}}

// mostNames bounds the names in a Set.
const mostNames = 5

// set says which nodes or documents of a universe these are, as a snapshot has
// them.
func (u *universe) set(things bits, kind legKind, side int, l lists, place policy.Place) *Set {
	d := description{u: u, x: u.inventory[side], kind: kind, names: l.names[kind], place: place}
	start := u.start() / 64
	today, samples := slices.Clone(things[:start]), things[start:]
	s := &Set{Count: today.count()}
	noun := nouns[kind]
	missing := minus(d.x.there, today)
	if here := u.here(); today.count() == d.x.there.count() && here.within(samples) {
		s.Text, s.All = map[legKind]string{nodeLeg: "every instance", documentLeg: "any document"}[kind], true
		return s
	}
	labels := u.sampleLabels(samples, place)
	general, whole := u.general(samples)
	if kind == nodeLeg && whole != "" && whole != "every instance" {
		missing.and(d.ofType(whole))
		if !today.within(d.ofType(whole)) {
			general = false
		}
	}
	switch {
	case general:
		s.Text = whole
		var but []string
		var without map[string]string
		if !missing.empty() {
			text, tags, _ := d.describe(missing)
			but = append(but, text)
			without = tags
		}
		but = append(but, u.missing(samples, d, missing, without, whole)...)
		if len(but) > 0 {
			s.Text += " but " + list(but)
		}
		return s
	case s.Count > 0:
		s.Text, s.Tags, s.Names = d.describe(today)
		if kind == documentLeg {
			s.Text, s.Names = d.withPatterns(today, labels)
		}
	case kind == documentLeg && len(labels) > 0:
		s.Text, s.Names = list(few(labels)), labels[:min(len(labels), mostNames)]
	case len(labels) > 0:
		s.Text, s.Tags = list(few(labels))+" (none today)", u.onlyTags(samples)
		if !slices.ContainsFunc(labels, func(label string) bool { return strings.ContainsAny(label, "*? ") }) {
			s.Text, s.Names = list(few(labels))+" (not there today)", labels[:min(len(labels), mostNames)]
		}
	default:
		s.Text = "no " + noun[0]
	}
	return s
}

// tagText returns "App=web and Env=prod".
func tagText(tags map[string]string) string {
	var parts []string
	for _, key := range sortedKeys(tags) {
		switch value := strings.ReplaceAll(tags[key], string(fresh), "*"); value {
		case "*":
			parts = append(parts, "a tag "+key)
		default:
			parts = append(parts, key+"="+value)
		}
	}
	return list(parts)
}

// few returns the list, with all beyond the first few counted.
func few(names []string) []string {
	if len(names) <= mostNames {
		return names
	}
	return append(slices.Clone(names[:2]), fmt.Sprintf("%d more", len(names)-2))
}

// list returns "a, b and c".
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// here returns the samples that are of the place.
func (u *universe) here() bits {
	b := newBits(len(u.about))
	for i, s := range u.about {
		if u.forms[s.form].beyond == "" {
			b.add(i)
		}
	}
	return b
}

// general reports whether any other thing of the place, of every form, is in
// the set: then it is best described by what is not. Of nodes, those in EC2
// alone will do, and those outside. It returns what the set is, but for that.
func (u *universe) general(samples bits) (bool, string) {
	have, lack := map[string]bool{}, map[string]bool{}
	for _, i := range u.anyOther() {
		name := u.forms[u.about[i].form].name
		have[name] = have[name] || samples.has(i)
		lack[name] = lack[name] || !samples.has(i)
	}
	switch {
	case have["document"] && !lack["document"] && have[documentOfAWS] && !lack[documentOfAWS]:
		return true, "any document"
	case have["instance"] && have["managed-instance"] && !lack["instance"] && !lack["managed-instance"]:
		return true, "every instance"
	case have["instance"] && !lack["instance"] && !have["managed-instance"]:
		return true, everyEC2
	case have["managed-instance"] && !lack["managed-instance"] && !have["instance"]:
		return true, everyManaged
	}
	return false, ""
}

// The nodes of one type.
const (
	everyEC2     = "every EC2 instance"
	everyManaged = "every managed instance"
)

// anyOther returns the samples that stand for all that no policy speaks of.
func (u *universe) anyOther() []int {
	var all []int
	for i, s := range u.about {
		if len(s.of) == 0 && len(s.tags) == 0 && u.forms[s.form].beyond == "" {
			all = append(all, i)
		}
	}
	return all
}

// missing returns labels of the samples of the place that are not in the set,
// but for those that the tags and the names of today's missing things tell.
func (u *universe) missing(samples bits, d description, today bits, tags map[string]string, whole string) []string {
	out := minus(u.here(), samples)
	for i, s := range u.about {
		name := u.forms[s.form].name
		other := whole == everyEC2 && name != "instance" || whole == everyManaged && name != "managed-instance"
		if other || len(tags) > 0 && covered(tags, s.tags) {
			out[i>>6] &^= 1 << (i & 63)
		}
	}
	names := d.some(today, len(d.names))
	return slices.DeleteFunc(u.sampleLabels(out, d.place), func(label string) bool { return slices.Contains(names, label) })
}

// covered reports whether all of some tags are among others.
func covered(some, all map[string]string) bool {
	for key, value := range some {
		if have, ok := all[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// onlyTags returns the tags of the samples, if they are one set of tags.
func (u *universe) onlyTags(samples bits) map[string]string {
	var tags map[string]string
	for i := range samples.each() {
		t := u.about[i].tags
		if len(t) == 0 || tags != nil && !maps.Equal(tags, t) {
			return nil
		}
		tags = t
	}
	return tags
}
