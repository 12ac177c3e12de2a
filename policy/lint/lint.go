// Package lint finds what is wrong with an IAM document: what IAM refuses,
// what it takes but can grant nothing, and what grants more than it seems to.
//
// A rule is a value in the table that Rules returns, with its explanation and
// an example of the fault and of its cure. The package reads one document at a
// time. It does not know the account: neither what else a principal has, nor
// which resources exist; where that decides, a finding says so. It does not
// print and changes nothing.
package lint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A Severity says how sure it is that a finding must be acted upon. That a
// finding concerns security is no severity of its own: an open door and a
// locked one that should be open are both Warnings if someone may have wanted
// them, and Errors if nobody can have.
type Severity int

// The severities, the gravest first.
const (
	Error      Severity = iota // it cannot be meant: IAM refuses it, or it grants, denies or tests nothing
	Warning                    // it works, but most likely grants more, or less, than its author thinks
	Suggestion                 // it may well be meant; there is something to know about it
)

// String returns "error", "warning" or "suggestion".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Suggestion:
		return "suggestion"
	}
	return fmt.Sprintf("Severity(%d)", int(s))
}

// MarshalText returns what String does, so that JSON shows the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Rule is one thing that can be wrong with a policy.
type Rule struct {
	Code        string     // a stable name, such as "unknown-action"
	Title       string     // what is wrong, in a few words
	Severity    Severity   // of its findings; a single one may be milder
	Explanation string     // why it matters
	Fix         string     // what to do about it, whatever the document
	Use         policy.Use // what Bad and Good are for
	Bad         string     // the JSON of a document with just this fault
	Good        string     // the JSON of the document as it should be

	check func(*reading) // reports every instance in the document
}

// A Finding is one instance of a rule in a document.
type Finding struct {
	Code     string          `json:"code"`
	Severity Severity        `json:"severity"`
	Path     policy.Path     `json:"path"`     // to what is at fault; nil is the document as a whole
	Position policy.Position `json:"position"` // in the text; zero if there was none
	Text     string          `json:"text"`     // what is wrong here, with the values
	Fix      string          `json:"fix"`      // what to write instead
}

// Rules returns all rules, sorted by code. The slice is the caller's.
func Rules() []Rule { return slices.Clone(rules) }

// Lookup returns the rule of that code.
func Lookup(code string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(rules, code, func(r Rule, code string) int { return strings.Compare(r.Code, code) })
	if !ok {
		return Rule{}, false
	}
	return rules[i], true
}

// rules is the table.
var rules = slices.SortedFunc(slices.Values(slices.Concat(
	grammarRules, trustRules, actionRules, arnRules, fieldRules, nameRules, resourceRules, operatorRules, variableRules, keyRules, tagRules,
	grantRules, callRules, sessionRules, parameterRules, statementRules,
)), func(a, b Rule) int { return strings.Compare(a.Code, b.Code) })

// Document returns what is wrong with a document in that use, in the order of
// its parts, then by code. The place is where it will hold: its region and
// account fill in what a fix can only guess, and a zero Place is none. Paths
// are those of policy.Document.Check for a document made in memory, where
// every list is a list, and there are no positions: for these, see Text. It
// is safe for concurrent use.
func Document(d policy.Document, use policy.Use, at policy.Place) []Finding {
	r := read(d, use, at)
	for i := range rules {
		r.rule = &rules[i]
		rules[i].check(r)
	}
	slices.SortStableFunc(r.findings, compare)
	return slices.CompactFunc(r.findings, func(a, b Finding) bool { return compare(a, b) == 0 })
}

// Text is Document for the JSON of a document: findings have positions, are in
// the order of the text, and have paths as it is written, a single value not
// being in a list. A text that is no document has one finding only, the first
// thing wrong with it.
func Text(data []byte, use policy.Use, at policy.Place) []Finding {
	d, err := policy.Parse(data)
	if err != nil {
		return []Finding{unreadable(err)}
	}
	findings := Document(d, use, at)
	if len(findings) == 0 {
		return nil
	}
	text := newLocator(data)
	for i := range findings {
		findings[i].Position, findings[i].Path = text.locate(findings[i].Path)
	}
	slices.SortStableFunc(findings, compare)
	return findings
}

// unreadable returns the finding for what policy.Parse says.
func unreadable(err error) Finding {
	f := Finding{Code: "syntax", Severity: Error, Text: err.Error(), Fix: "write a policy document in JSON"}
	if p, ok := errors.AsType[*policy.Problem](err); ok {
		f.Path, f.Position, f.Text = p.Path, p.Position, p.Text
		if p.Help != "" {
			f.Fix = p.Help
		}
		if twice(p) {
			f.Code = "duplicate-json-key"
		}
	}
	return f
}

// compare orders findings by position, by path where there is none, by code
// and by what they say.
func compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Position.Line, b.Position.Line),
		cmp.Compare(a.Position.Column, b.Position.Column),
		comparePaths(a.Path, b.Path),
		strings.Compare(a.Code, b.Code),
		strings.Compare(a.Text, b.Text),
	)
}
