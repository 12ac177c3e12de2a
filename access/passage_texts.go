package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/policy"
)

// none is the number of a policy that is not there.
const none = -1

// A text is what a policy says: a document, or one that nobody knows.
type text struct {
	document policy.Document
	unknown  string   // the policy, if nobody knows what it says
	allows   []int    // the numbers of the statements that allow
	denies   []int    // and of those that deny
	keys     []string // that conditions and variables ask for, in lower case
}

// texts holds policies by number, each once, so that equal numbers say the
// same. It is safe for concurrent use.
type texts struct {
	mu         sync.Mutex
	list       []text
	numbers    map[string]int
	known      map[*policy.Statement]int // documents that share their statements
	statements map[string]int
	given      map[string]int // by text and what was given
}

func newTexts() *texts {
	return &texts{
		numbers: map[string]int{}, known: map[*policy.Statement]int{},
		statements: map[string]int{}, given: map[string]int{},
	}
}

func (l *texts) at(n int) text {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list[n]
}

// number returns the number of a document.
func (l *texts) number(d policy.Document) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(d)
}

func (l *texts) add(d policy.Document) int {
	var first *policy.Statement
	if len(d.Statements) > 0 {
		first = &d.Statements[0]
		if n, ok := l.known[first]; ok && len(l.list[n].document.Statements) == len(d.Statements) && l.list[n].document.Version == d.Version {
			return n
		}
	}
	t := text{document: d}
	for _, s := range d.Statements {
		number := l.statement(s, d.Version)
		if s.Effect == "Deny" {
			t.denies = append(t.denies, number)
		} else {
			t.allows = append(t.allows, number)
		}
		t.keys = append(t.keys, keysOf(s, d.Version)...)
	}
	t.keys = set(t.keys)
	t.allows, t.denies = sortedOnce(t.allows), sortedOnce(t.denies)
	key := fmt.Sprint("d", t.allows, t.denies)
	n, ok := l.numbers[key]
	if !ok {
		n = l.put(key, t)
	}
	if first != nil {
		l.known[first] = n
	}
	return n
}

func (l *texts) put(key string, t text) int {
	l.list = append(l.list, t)
	l.numbers[key] = len(l.list) - 1
	return len(l.list) - 1
}

// statement returns the number of a statement; what is only for people does
// not count.
func (l *texts) statement(s policy.Statement, version string) int {
	s.Sid = ""
	key := strconv.FormatBool(version == policy.Version2012) + policy.New(s).String()
	n, ok := l.statements[key]
	if !ok {
		n = len(l.statements)
		l.statements[key] = n
	}
	return n
}

func sortedOnce(numbers []int) []int {
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// unknown returns the number of a policy of which nobody knows what it says.
func (l *texts) unknown(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addUnknown(name, name)
}

func (l *texts) addUnknown(key, name string) int {
	if n, ok := l.numbers["u"+key]; ok {
		return n
	}
	// It allows something and denies something, which no other does.
	allows, denies := len(l.statements), len(l.statements)+1
	l.statements["ua"+key], l.statements["ud"+key] = allows, denies
	return l.put("u"+key, text{unknown: name, allows: []int{allows}, denies: []int{denies}})
}

// keysOf returns the keys that a statement asks for.
func keysOf(s policy.Statement, version string) []string {
	var keys []string
	for _, r := range slices.Concat(s.Resource, s.NotResource) {
		keys = append(keys, variables(r, version)...)
	}
	for _, condition := range s.Condition {
		for key, values := range condition {
			keys = append(keys, strings.ToLower(key))
			for _, v := range values {
				keys = append(keys, variables(v, version)...)
			}
		}
	}
	return keys
}

// Facts are keys of requests whose values are known.
type facts struct {
	name  string // tells them from others
	value func(key string) (policy.Value, bool)
}

// and returns the facts of both.
func (f facts) and(g facts) facts {
	return facts{f.name + "\x00" + g.name, func(key string) (policy.Value, bool) {
		if v, ok := f.value(key); ok {
			return v, true
		}
		return g.value(key)
	}}
}

// with returns the number of what a text says given the facts. If that cannot
// be written it is one that nobody knows.
func (l *texts) with(n int, f facts) int {
	if n == none {
		return none
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.list[n]
	if !slices.ContainsFunc(t.keys, func(key string) bool { _, known := f.value(key); return known }) {
		return n
	}
	key := strconv.Itoa(n) + "\x00" + f.name
	if m, ok := l.given[key]; ok {
		return m
	}
	m := 0
	if d, ok := t.document.Given(f.value); ok {
		m = l.add(d)
	} else {
		m = l.addUnknown(key, "a policy that compares what is known of them with what is not")
	}
	l.given[key] = m
	return m
}

// about returns the number of what a text says of an action. A text that
// nobody knows may say anything of it.
func (l *texts) about(n int, action string) int {
	if n == none {
		return none
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.list[n]
	if t.unknown != "" {
		return n
	}
	key := strconv.Itoa(n) + "\x00\x00" + action
	m, ok := l.given[key]
	if !ok {
		d := policy.Document{Version: t.document.Version}
		for _, s := range t.document.Statements {
			if s.Covers(action) {
				d.Statements = append(d.Statements, s)
			}
		}
		m = l.add(d)
		l.given[key] = m
	}
	return m
}
