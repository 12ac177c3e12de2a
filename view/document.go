package view

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// documentRow shows a policy document that is created or deleted: a line for
// each statement, so that a reviewer sees what is allowed; or all of it.
func (r renderer) documentRow(s symbol, label string, doc value) row {
	top := row{symbol: s, label: label, text: size(doc)}
	if r.Full {
		top.lines = r.fold(doc.lines(), 0, 0, nil)
		return top
	}
	for _, statement := range doc.get("Statement").list() {
		top.rows = append(top.rows, row{symbol: s, text: r.sentence(statement)})
	}
	return top
}

// size says how large a document is, in the characters IAM's quotas count:
// those that are not white space.
func size(doc value) string {
	return fmt.Sprintf("%s, %s",
		count(len(doc.get("Statement").list()), "statement"),
		count(utf8.RuneCountInString(doc.compact()), "character"))
}

// shown is how many entries of a list a sentence names before it counts.
const shown = 3

// sentence says in one line what a statement allows or denies:
//
//	allow ssm:SendCommand on document/deploy, instance/i-1, +2 if aws:SourceIp IpAddress 10.0.0.0/8
//
// A statement with members it cannot say comes back as JSON, so that
// nothing is hidden.
func (r renderer) sentence(statement value) string {
	var b strings.Builder
	known := map[string]bool{"Sid": true, "Effect": true}
	part := func(lead, name string, list func(value) []string) {
		for _, not := range []string{"", "Not"} {
			v := statement.get(not + name)
			if v.empty() {
				continue
			}
			known[not+name] = true
			b.WriteString(lead)
			if not != "" {
				b.WriteString(" everything but")
			}
			b.WriteString(" " + r.brief(list(v), not != ""))
		}
	}
	b.WriteString(Escape(strings.ToLower(statement.get("Effect").text)))
	part("", "Action", entries)
	part(" on", "Resource", entries)
	part(" for", "Principal", principals)
	if conditions := statement.get("Condition"); !conditions.empty() {
		known["Condition"] = true
		b.WriteString(" if " + condition(conditions))
	}
	for _, f := range statement.fields {
		if !known[f.name] {
			return Escape(statement.compact())
		}
	}
	effect := statement.get("Effect").text
	if effect != "Allow" && effect != "Deny" || !known["Action"] && !known["NotAction"] {
		return Escape(statement.compact())
	}
	return b.String()
}

// sentences returns, for each line of a document, the sentence of the statement
// it is in, or "".
func (r renderer) sentences(doc value) []string {
	out := []string{""} // the opening brace
	for _, f := range doc.fields {
		if f.name != "Statement" || f.kind != '[' || f.empty() {
			out = append(out, make([]string, len(f.lines()))...)
			continue
		}
		out = append(out, "")
		for _, statement := range f.items {
			out = append(out, slices.Repeat([]string{r.sentence(statement)}, len(statement.lines()))...)
		}
		out = append(out, "")
	}
	return append(out, "")
}

// entries returns the entries of a list of actions, resources or the like,
// escaped, and in quotes where they could be taken for something else.
func entries(v value) []string {
	var out []string
	for _, item := range v.list() {
		if item.kind == '"' && item.text != "" && !strings.ContainsAny(item.text, " \",") {
			out = append(out, Escape(item.text))
		} else {
			out = append(out, Escape(item.compact()))
		}
	}
	return out
}

// principals returns who a statement is for. AWS's own services are known by
// their names; others keep the word that says what they are.
func principals(v value) []string {
	if v.kind != '{' {
		return entries(v)
	}
	var out []string
	for _, f := range v.fields {
		for _, who := range entries(f.value) {
			if f.name != "Service" {
				who = Escape(f.name) + " " + who
			}
			out = append(out, who)
		}
	}
	return out
}

// brief names the first entries of a list and counts the others. It never
// leaves out what is wide: an entry with a wildcard, the first of each
// service, and anything that is an exception.
func (r renderer) brief(list []string, all bool) string {
	services := map[string]bool{}
	var named []string
	left := 0
	for _, entry := range list {
		service := serviceOf(entry)
		if all || len(list) <= shown+1 || len(named) < shown || strings.ContainsAny(entry, "*?$") || !services[service] {
			named = append(named, r.short(entry))
		} else {
			left++
		}
		services[service] = true
	}
	if left > 0 {
		named = append(named, fmt.Sprintf("+%d", left))
	}
	return strings.Join(named, ", ")
}

// short returns an ARN without what every ARN of this account and region
// begins with, as in "document/deploy". Any other text stays as it is, so what
// names another account, or a wildcard in place of one, stands out.
func (r renderer) short(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[1] != r.where.Partition || parts[4] != r.where.Account || parts[4] == "" {
		return arn
	}
	if parts[3] != "" && parts[3] != r.where.Region || !strings.Contains(parts[5], "/") {
		return arn
	}
	return parts[5]
}

// serviceOf returns the part of an action or an ARN that names the service and
// the type: "iam" of "iam:PassRole", "arn:aws:s3" and so on of an ARN.
func serviceOf(entry string) string {
	parts := strings.SplitN(entry, ":", 6)
	if len(parts) == 6 {
		kind, _, _ := strings.Cut(parts[5], "/")
		return strings.Join(append(slices.Clone(parts[:5]), kind), ":")
	}
	return parts[0]
}

// condition says when a statement applies: every test, joined by "and".
func condition(v value) string {
	var tests []string
	for _, operator := range v.fields {
		for _, key := range operator.fields {
			tests = append(tests, fmt.Sprintf("%s %s %s", Escape(key.name), Escape(operator.name), strings.Join(entries(key.value), ", ")))
		}
		if len(operator.fields) == 0 {
			tests = append(tests, Escape(operator.name+" "+operator.compact()))
		}
	}
	return strings.Join(tests, " and ")
}
