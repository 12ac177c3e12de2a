package lint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// variableRules are about ${variables}.
var variableRules = []Rule{
	{
		Code: "variable-in-old-version", Title: "a variable in a version that has none", Severity: Error,
		Explanation: "In version 2008-10-17 of the language, ${aws:username} is plain text, which matches no resource and equals no value.",
		Fix:         `Write "Version": "2012-10-17".`,
		Bad:         strings.Replace(example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/teams/${aws:PrincipalTag/team}/*"}`), policy.Version2012, policy.Version2008, 1),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/teams/${aws:PrincipalTag/team}/*"}`),
		check:       variableInOldVersion,
	},
	{
		Code: "variable-misplaced", Title: "a variable where IAM does not fill it in", Severity: Error,
		Explanation: "Of an ARN, variables count only after the fifth colon (IAM User Guide, \"IAM policy elements: Variables and tags\"). Before it they are plain text, so the pattern matches nothing.",
		Fix:         "Write the region and the account, or *.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:${aws:PrincipalAccount}:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       variableMisplaced,
	},
	{
		Code: "unknown-variable", Title: "a variable that no request fills in", Severity: Error,
		Explanation: "A variable is a condition key. What names a key that does not exist is never filled in: the resource or the value matches nothing, and under a negated operator everything.",
		Fix:         "Name a key that requests have, such as aws:username or aws:PrincipalTag/KEY.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:user}/*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:PrincipalTag/user}/*"}`),
		check:       unknownVariable,
	},
	{
		Code: "malformed-variable", Title: "a variable is not written as one", Severity: Error,
		Explanation: "A variable is ${KEY}, or ${KEY, 'default'}, without blanks in the key. Whatever else begins with ${ is plain text or names no key, so that it matches nothing.",
		Fix:         "Write ${KEY}, closed by a brace.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/teams/${aws:PrincipalTag/team/*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/teams/${aws:PrincipalTag/team}/*"}`),
		check:       malformedVariable,
	},
}

// eachText calls f with every text of the document that may hold variables.
func (r *reading) eachText(f func(s *statement, text string, path policy.Path)) {
	for i := range r.statements {
		s := &r.statements[i]
		for j, text := range s.Resource {
			f(s, text, index(s.path, "Resource", j))
		}
		for j, text := range s.NotResource {
			f(s, text, index(s.path, "NotResource", j))
		}
		for _, t := range s.tests {
			for j, text := range t.values {
				f(s, text, to(t.path, strconv.Itoa(j)))
			}
		}
	}
}

func variableInOldVersion(r *reading) {
	if r.document.Version != policy.Version2008 {
		return // missing-version says it of a document without
	}
	r.eachText(func(s *statement, text string, path policy.Path) {
		if strings.Contains(text, "${") {
			r.report(path, fmt.Sprintf("in version %s of the language, %s is plain text", policy.Version2008, text), `write "Version": "`+policy.Version2012+`"`)
		}
	})
}

func variableMisplaced(r *reading) {
	if r.document.Version != policy.Version2012 {
		return
	}
	r.eachResource(func(s *statement, x resource) {
		// Colons within a variable count too: so does IAM see the ARN.
		if i := strings.Index(x.text, "${"); i >= 0 && strings.Count(x.text[:i], ":") < 5 {
			r.report(x.path, fmt.Sprintf("in %s, a variable stands before the fifth colon, where it is plain text", x.text), "write "+r.placed(x.text))
		}
	})
}

// placed returns the ARN with the place in the stead of variables before the
// fifth colon.
func (r *reading) placed(arn string) string {
	f := strings.SplitN(starred(arn), ":", 6)
	for i, known := range []string{1: r.partition(), 3: r.region(), 4: r.account()} {
		if i < len(f) && f[i] == "*" && known != "" {
			f[i] = known
		}
	}
	return strings.Join(f, ":")
}

func unknownVariable(r *reading) {
	if r.document.Version != policy.Version2012 {
		return
	}
	r.eachText(func(s *statement, text string, path policy.Path) {
		for _, key := range match.Parse(text, true, true).Variables() {
			service, _, ok := strings.Cut(match.Fold(key), ":")
			if !ok || strings.ContainsAny(key, " \t\n\r{") {
				continue // malformed-variable says so
			}
			if _, ok := r.key(s, key); ok || service != "aws" && !catalogue.Detailed(service) {
				continue
			}
			r.report(path, fmt.Sprintf("no request has a key %s, so ${%[1]s} is never filled in", key), "name a key that requests have, such as aws:username or aws:PrincipalTag/KEY")
		}
	})
}

func malformedVariable(r *reading) {
	if r.document.Version != policy.Version2012 {
		return
	}
	r.eachText(func(s *statement, text string, path policy.Path) {
		for rest := text; ; {
			_, after, found := strings.Cut(rest, "${")
			if !found {
				return
			}
			inner, next, closed := strings.Cut(after, "}")
			key, _, fallback := strings.Cut(inner, ",")
			switch {
			case !closed:
				r.report(path, fmt.Sprintf("a variable in %s is not closed, so it is plain text", text), "add the closing brace")
				return
			case inner == "*" || inner == "?" || inner == "$":
			case !strings.Contains(key, ":") || strings.ContainsAny(strings.TrimSpace(key), " \t\n\r{"), strings.TrimLeft(key, " ") != key, !fallback && strings.TrimRight(key, " ") != key:
				r.report(path, fmt.Sprintf("${%s} names no key, so it is never filled in", inner), "write service:key between the braces, such as ${aws:username}")
			}
			rest = next
		}
	})
}
