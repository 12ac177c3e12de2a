package lint

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A reading is a document taken apart once, for all rules, and what the rules
// find in it.
type reading struct {
	document   policy.Document
	use        policy.Use
	at         policy.Place
	statements []statement
	refused    policy.Problems     // what policy.Document.Check says
	meanings   map[string][]string // of patterns of actions: see meaning

	redundant []policy.Redundancy // once proven
	proven    bool

	rule     *Rule // the one at work
	findings []Finding
}

// A statement is one of the document's, with its number.
type statement struct {
	policy.Statement
	path      policy.Path
	allow     bool
	tests     []test
	resources []resource // of Resource, not of NotResource
}

// A test is a key of a condition and what it is compared with.
type test struct {
	match.Operator
	known    bool // false for an operator that IAM does not have
	operator string
	key      string // as written
	folded   string // in lower case
	values   []string
	path     policy.Path
}

// A resource is one pattern of a statement.
type resource struct {
	text   string
	fields [6]string // as written, if complete
	whole  bool      // it has all six fields and begins as an ARN
	path   policy.Path
}

// read takes the document apart.
func read(d policy.Document, use policy.Use, at policy.Place) *reading {
	// Without the text it came from, Check speaks of paths as they are here.
	d = policy.Document{Version: d.Version, ID: d.ID, Statements: d.Statements}
	r := &reading{document: d, use: use, at: at, refused: d.Check(use), meanings: map[string][]string{}}
	for i, s := range d.Statements {
		path := policy.Path{"Statement", strconv.Itoa(i)}
		r.statements = append(r.statements, statement{
			Statement: s,
			path:      path,
			allow:     s.Effect == "Allow",
			tests:     tests(s.Condition, to(path, "Condition")),
			resources: resources(s.Resource, to(path, "Resource")),
		})
	}
	return r
}

func tests(c policy.Condition, path policy.Path) (all []test) {
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		o, known := match.ParseOperator(operator)
		for _, key := range slices.Sorted(maps.Keys(c[operator])) {
			all = append(all, test{o, known, operator, key, match.Fold(key), c[operator][key], to(path, operator, key)})
		}
	}
	return all
}

func resources(patterns []string, path policy.Path) (all []resource) {
	for i, text := range patterns {
		x := resource{text: text, path: to(path, strconv.Itoa(i))}
		x.fields, x.whole = split(text)
		all = append(all, x)
	}
	return all
}

// split returns the six fields of an ARN, and whether it has that form. A colon
// within a variable does not count.
func split(arn string) (f [6]string, ok bool) {
	i, begin, inside := 0, 0, false
	for j := 0; j < len(arn) && i < 5; j++ {
		switch {
		case strings.HasPrefix(arn[j:], "${"):
			inside = strings.Contains(arn[j:], "}")
		case arn[j] == '}':
			inside = false
		case arn[j] == ':' && !inside:
			f[i] = arn[begin:j]
			i, begin = i+1, j+1
		}
	}
	f[i] = arn[begin:]
	return f, i == 5 && f[0] == "arn"
}

// to returns the path to a part of what path leads to. It shares nothing with
// path.
func to(path policy.Path, elements ...string) policy.Path {
	return append(path[:len(path):len(path)], elements...)
}

// report adds a finding of the rule at work.
func (r *reading) report(path policy.Path, text, fix string) {
	r.reportAs(r.rule.Severity, path, text, fix)
}

// reportAs is report for a finding milder than its rule.
func (r *reading) reportAs(severity Severity, path policy.Path, text, fix string) {
	r.findings = append(r.findings, Finding{Code: r.rule.Code, Severity: severity, Path: path, Text: text, Fix: fix})
}

// allows yields the statements that allow the action.
func (r *reading) allows(action string) (all []*statement) {
	for i := range r.statements {
		if s := &r.statements[i]; s.allow && s.covers(action) {
			all = append(all, s)
		}
	}
	return all
}

// grants reports whether a statement allows the action on resources that can
// be of the form, whatever its conditions.
func (r *reading) grants(action, form string) bool {
	return slices.ContainsFunc(r.allows(action), func(s *statement) bool { return s.on(form) })
}

// covers reports whether the statement speaks of the action.
func (s *statement) covers(action string) bool {
	names := func(pattern string) bool { return match.Names(pattern, action) }
	if s.NotAction != nil {
		return !slices.ContainsFunc(s.NotAction, names)
	}
	return slices.ContainsFunc(s.Action, names)
}

// names reports whether the statement lists the action, or a pattern narrower
// than its service.
func (s *statement) names(action string) bool {
	return slices.ContainsFunc(s.Action, func(pattern string) bool {
		return !everything(pattern) && match.Names(pattern, action)
	})
}

// everything reports whether the pattern is "*", or a service's every action.
func everything(pattern string) bool {
	return strings.Trim(pattern[strings.IndexByte(pattern, ':')+1:], "*") == ""
}

// on reports whether the statement speaks of resources that can be of the
// form. What NotResource leaves can be anything.
func (s *statement) on(form string) bool {
	return s.NotResource != nil || slices.ContainsFunc(s.resources, func(x resource) bool { return reaches(x.text, form) })
}

// lists is on without "*" and without NotResource.
func (s *statement) lists(form string) bool {
	return slices.ContainsFunc(s.resources, func(x resource) bool { return x.whole && reaches(x.text, form) })
}

// test returns the first test of which is holds.
func (s *statement) test(is func(test) bool) (test, bool) {
	if i := slices.IndexFunc(s.tests, is); i >= 0 {
		return s.tests[i], true
	}
	return test{}, false
}

// requires reports whether the test holds only of a request that has the key.
func (t test) requires() bool {
	if t.Base == match.Null {
		return slices.Contains(t.values, "false")
	}
	return t.known && !t.IfExists && !t.Negated && t.Set != match.ForAll
}

// is reports whether the test has that value, in any case.
func (t test) is(value string) bool {
	return slices.ContainsFunc(t.values, func(v string) bool { return match.EqualFold(v, value) })
}

// present reports whether the statement holds only of requests that have the
// key, in lower case.
func (s *statement) present(folded string) bool {
	_, ok := s.test(func(t test) bool { return t.folded == folded && t.requires() })
	return ok
}

// index returns the path to the i-th value of a list.
func index(path policy.Path, list string, i int) policy.Path { return to(path, list, strconv.Itoa(i)) }

// The place as it goes into an ARN, with words for what is not known.
func (r *reading) partition() string { return or(r.at.Partition, "aws") }
func (r *reading) region() string    { return or(r.at.Region, "REGION") }
func (r *reading) account() string   { return or(r.at.Account, "ACCOUNT") }

// ssm returns the ARN of a resource of Systems Manager in the place.
func (r *reading) ssm(resource string) string {
	return "arn:" + r.partition() + ":ssm:" + r.region() + ":" + r.account() + ":" + resource
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// example returns the JSON of a document of the statements, one a line.
func example(statements ...string) string {
	return "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    " + strings.Join(statements, ",\n    ") + "\n  ]\n}"
}
