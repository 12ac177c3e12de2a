package policy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Equal reports whether d and e say the same. That is so when they differ only
// in
//
//   - the order of statements, and of values in a list; values there twice
//   - a single value in place of a list of one
//   - the case of actions, operators and condition keys, tag keys included
//   - true or 5 in place of "true" or "5" in a condition
//   - an account's id in place of the ARN of its root, as a principal
//   - an empty Sid, Id or Condition in place of none; no Version in place of 2008-10-17
//
// Everything else counts: Sids, how often a statement is there, and the case
// of ARNs and of values. Whether two documents grant the same by different
// words is not asked.
func (d Document) Equal(e Document) bool { return d.encode(false) == e.encode(false) }

// MarshalJSON returns the canonical form: the same bytes for documents that
// are Equal, null for the zero Document. In it, every list is a list, also
// with one value, so that adding another is a difference of one line. What
// has no case to IAM is in AWS's spelling if that is known, else in lower case.
func (d Document) MarshalJSON() ([]byte, error) { return []byte(d.encode(false)), nil }

// String returns the text to send to AWS: in canonical order, in the fewest
// characters, a list of one being that one, and actions, condition
// keys and principals spelled as they were written. It is "null" for the zero
// Document.
func (d Document) String() string { return d.encode(true) }

// Indent returns the canonical form over many lines, for people to read and to
// compare, without a newline at the end.
func (d Document) Indent() string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(d.encode(false)), "", "  "); err != nil {
		panic("policy: the canonical form is not JSON: " + err.Error())
	}
	return b.String()
}

// Size returns how many characters of the document IAM counts against its
// quotas when String is sent.
func (d Document) Size() int {
	if d.IsZero() {
		return 0
	}
	return Size(d.String())
}

// Size returns how many characters of a document's text IAM counts against its
// quotas: all but white space.
func Size(text string) int {
	n := 0
	for _, r := range text {
		if !strings.ContainsRune(" \t\r\n", r) {
			n++
		}
	}
	return n
}

// encode writes the canonical form, or what String returns.
func (d Document) encode(short bool) string {
	if d.IsZero() {
		return "null"
	}
	w := writer{short: short}
	w.WriteString(`{"Version":`)
	if d.Version == "" {
		w.quote(Version2008)
	} else {
		w.quote(d.Version)
	}
	if d.ID != "" {
		w.WriteString(`,"Id":`)
		w.quote(d.ID)
	}
	w.WriteString(`,"Statement":`)
	type encoded struct{ canonical, text string }
	statements := make([]encoded, len(d.Statements))
	for i, s := range d.Statements {
		statements[i].canonical = s.encode(false)
		if statements[i].text = statements[i].canonical; short {
			statements[i].text = s.encode(true)
		}
	}
	slices.SortFunc(statements, func(a, b encoded) int { return strings.Compare(a.canonical, b.canonical) })
	list := !short || len(statements) != 1
	if list {
		w.WriteByte('[')
	}
	for i, s := range statements {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteString(s.text)
	}
	if list {
		w.WriteByte(']')
	}
	w.WriteByte('}')
	return w.String()
}

func (s Statement) encode(short bool) string {
	w := writer{short: short}
	w.WriteByte('{')
	if s.Sid != "" {
		w.name("Sid")
		w.quote(s.Sid)
	}
	w.name("Effect")
	w.quote(s.Effect)
	w.principals("Principal", s.Principal)
	w.principals("NotPrincipal", s.NotPrincipal)
	w.list("Action", s.Action, spellAction)
	w.list("NotAction", s.NotAction, spellAction)
	w.list("Resource", s.Resource, asIs)
	w.list("NotResource", s.NotResource, asIs)
	w.condition(s.Condition)
	w.WriteByte('}')
	return w.String()
}

// A writer builds JSON.
type writer struct {
	strings.Builder
	short bool // write a list of one value as that value
}

// name begins a member of an object.
func (w *writer) name(name string) {
	if s := w.String(); s[len(s)-1] != '{' {
		w.WriteByte(',')
	}
	w.quote(name)
	w.WriteByte(':')
}

// list writes a member that is a set of strings, unless it is nil. Values that
// spell maps to the same are one.
func (w *writer) list(name string, values []string, spell func(string) string) {
	if values == nil {
		return
	}
	set := make([]struct{ spelled, written string }, len(values))
	for i, value := range values {
		set[i].spelled, set[i].written = spell(value), value
	}
	slices.SortFunc(set, func(a, b struct{ spelled, written string }) int {
		return cmp.Or(strings.Compare(a.spelled, b.spelled), strings.Compare(a.written, b.written))
	})
	set = slices.CompactFunc(set, func(a, b struct{ spelled, written string }) bool { return a.spelled == b.spelled })
	w.name(name)
	if !w.short || len(set) != 1 {
		w.WriteByte('[')
		defer w.WriteByte(']')
	}
	for i, value := range set {
		if i > 0 {
			w.WriteByte(',')
		}
		if w.short {
			w.quote(value.written)
		} else {
			w.quote(value.spelled)
		}
	}
}

func (w *writer) condition(c Condition) {
	begun := false
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		keys := c[operator]
		if len(keys) == 0 {
			continue // nothing is asked
		}
		if !begun {
			begun = true
			w.name("Condition")
			w.WriteByte('{')
		}
		w.name(operator)
		w.WriteByte('{')
		for _, key := range slices.SortedFunc(maps.Keys(keys), func(a, b string) int { return strings.Compare(spellKey(a), spellKey(b)) }) {
			name := key
			if !w.short {
				name = spellKey(key)
			}
			w.list(name, keys[key], asIs)
		}
		w.WriteByte('}')
	}
	if begun {
		w.WriteByte('}')
	}
}

func (w *writer) principals(name string, p *Principals) {
	if p == nil {
		return
	}
	w.name(name)
	if p.Anyone {
		w.quote("*")
		return
	}
	w.WriteByte('{')
	w.list("AWS", p.AWS, spellPrincipal)
	w.list("Service", p.Service, asIs)
	w.list("Federated", p.Federated, asIs)
	w.list("CanonicalUser", p.CanonicalUser, asIs)
	w.WriteByte('}')
}

// quote writes a string, with the fewest escapes, since IAM counts them.
func (w *writer) quote(s string) {
	w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r < ' ':
			fmt.Fprintf(w, `\u%04x`, r)
		default:
			w.WriteRune(r)
		}
	}
	w.WriteByte('"')
}

func asIs(s string) string { return s }

// spellPrincipal returns the ARN of an account's root as the account's id: IAM
// takes either and gives back the ARN.
func spellPrincipal(principal string) string {
	f := strings.Split(principal, ":")
	if len(f) == 6 && f[0] == "arn" && strings.HasPrefix(f[1], "aws") && f[2] == "iam" && f[3] == "" && isAccount(f[4]) && f[5] == "root" {
		return f[4]
	}
	return principal
}

// isAccount reports whether s is an account id.
func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
