package spec

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// top is the table of the keys that stand beside the sections.
type top struct {
	Ssmctl       string            `spec:"ssmctl,required,literal" doc:"Says that this file is a spec, and in which version of the language." enum:"v1" example:"v1"`
	Name         string            `spec:"name,required,literal" doc:"Marks in AWS what this spec owns: a tag, and a path where there are no tags. Another name is another owner." pattern:"^[a-z][a-z0-9-]{0,31}$" want:"a small letter, then up to 31 small letters, digits and dashes" example:"web-fleet"`
	Description  string            `spec:"description" doc:"What the spec is for, in your words. Nothing in AWS depends on it."`
	Account      string            `spec:"account,required,literal" doc:"The account this spec is for, in quotes: as a number it may lose its zeros. No other account is ever touched." pattern:"^[0-9]{12}$" want:"the 12 digits of an AWS account, in quotes" example:"\"123456789012\""`
	Region       string            `spec:"region,required,literal" doc:"The region of the instances and documents. IAM is the same in all of them." pattern:"^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$" want:"an AWS region" example:"us-east-1"`
	Vars         map[string]string `spec:"vars,apart" doc:"Values to use elsewhere as $(var.NAME). They are text, numbers, true or false, and may hold $(name), $(account) and $(region)."`
	Defaults     entry.Defaults    `spec:"defaults" doc:"What holds for every entry that does not say otherwise."`
	BreakGlass   []string          `spec:"break_glass" doc:"The users and roles that must work when nothing else does, as user/NAME or role/NAME. They must exist, and a plan that takes anything from one of them is refused." pattern:"^(user|role)/[A-Za-z0-9+=,.@_-]{1,64}$" want:"user/NAME or role/NAME" example:"role/ops-break-glass"`
	Environments entry.Tree        `spec:"environments" reserved:"this version reads one account from one file; write one spec for each account"`
	Include      entry.Tree        `spec:"include" reserved:"this version reads one account from one file; put everything into it"`
}

// Top returns the table of the keys that stand beside the sections.
func Top() *Table { return TableOf(reflect.TypeFor[top]()) }

// readTop reads what stands beside the sections.
func (l *loader) readTop(root *yaml.Node) {
	table := Top()
	l.readVariables(root, table)
	var t top
	var sections []string
	for _, s := range l.sections {
		sections = append(sections, s.Name)
	}
	l.decodeKeys(root, table, nil, reflect.ValueOf(&t).Elem(), sections)
	l.spec.Name, l.spec.Description = t.Name, t.Description
	l.spec.Account, l.spec.Region, l.spec.Partition = t.Account, t.Region, entry.PartitionOf(t.Region)
	l.spec.Defaults = t.Defaults
	l.breakGlass = &entry.Expansion{Spec: l.spec}
	for i, address := range t.BreakGlass {
		kind, name, _ := strings.Cut(address, "/")
		principal := resource.ID{Kind: kind, Name: name}
		l.spec.BreakGlass = append(l.spec.BreakGlass, principal)
		l.breakGlass.Add(entry.BreakGlass{Principal: principal}, "break_glass", strconv.Itoa(i))
	}
}

// readSection reads all entries of one section.
func (l *loader) readSection(root *yaml.Node, s entry.Section) {
	names := section{entries: map[string]span{}}
	defer func() {
		slices.Sort(names.sorted)
		l.names[s.Name] = names
	}()
	l.spec.Entries[s.Name] = map[string]any{}
	at, ok := lookup(root, s.Name)
	if !ok || l.broken[at.value] || l.broken[at.key] {
		return
	}
	w := &where{name: s.Name}
	if at.value.Kind != yaml.MappingNode {
		if at.value.Kind != yaml.ScalarNode {
			p := l.report(at.value, WrongType, w.String()+" must be a mapping of names to entries, not "+describe(at.value))
			p.Help = "write each entry as `NAME: …`, such as `" + s.Example + "`"
		} else if _, ok := l.read(at.value, w, true); ok {
			l.report(at.value, WrongType, w.String()+" must be a mapping of names to entries, not "+describe(at.value))
		}
		return
	}
	pattern := regexp.MustCompile(s.Pattern)
	folded := map[string]*yaml.Node{}
	for key, node := range pairs(at.value) {
		if l.broken[key] {
			continue
		}
		name := key.Value
		names.entries[name] = span{key, node}
		names.sorted = append(names.sorted, name)
		if !pattern.MatchString(name) {
			l.report(key, BadName, quote(name)+" is not a name for "+article(s.Noun)).Help = "write " + s.Want
			continue
		}
		lower := strings.ToLower(name)
		if first := folded[lower]; first != nil {
			p := l.report(key, SameName, quote(name)+" and "+quote(first.Value)+" are the same name to AWS")
			p.Also = l.also(first, "first here")
			p.Help = "rename one of the two, or put them together"
			continue
		}
		folded[lower] = key
		l.readEntry(s, name, node)
	}
}

// readEntry reads one entry of a section.
func (l *loader) readEntry(s entry.Section, name string, n *yaml.Node) {
	e := s.New()
	value := reflect.ValueOf(e).Elem()
	f := l.tables[s.Name]
	if f == nil {
		f = &Field{Shape: Struct, Type: value.Type(), Table: TableOf(value.Type())}
		l.tables[s.Name] = f
	}
	l.decode(n, f, &where{noun: s.Noun, name: name}, value)
	l.spec.Entries[s.Name][name] = e
}

// article puts "a" or "an" before a noun.
func article(noun string) string {
	if noun != "" && strings.IndexByte("aeiou", noun[0]) >= 0 {
		return "an " + noun
	}
	return "a " + noun
}
