package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// sessionRules are about sessions, and about telling whose they are.
var sessionRules = []Rule{
	{
		Code: "session-access-check-missing", Title: "sessions can do without the documents they are limited to", Severity: Warning,
		Explanation: "A session that names no document uses the default one, SSM-SessionManagerRunShell. Whether that is authorised depends on the condition ssm:SessionDocumentAccessCheck: a single statement that allows ssm:StartSession on nodes without it opens a shell, whatever documents the others name.",
		Fix:         `Add "BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"} to every statement that allows ssm:StartSession on nodes.`,
		Bad: example(`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1::document/AWS-StartSSHSession"]}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1::document/AWS-StartSSHSession"], "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "*"}`),
		check: sessionAccessCheckMissing,
	},
	{
		Code: "open-data-channel-missing", Title: "sessions may be started, and their channel not be opened", Severity: Suggestion,
		Explanation: "AWS's samples now allow ssmmessages:OpenDataChannel beside ssm:StartSession, and say that it will be needed.",
		Fix:         "Allow ssmmessages:OpenDataChannel on the sessions.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell"]}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell"]}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*"}`),
		check: openDataChannelMissing,
	},
	{
		Code: "own-sessions-by-username", Title: "whose a session is, is told by a name that not every caller has", Severity: Suggestion,
		Explanation: "A session's id begins with the name of the IAM user, or of the role's session. ${aws:username} is only there for IAM users, so that whoever comes by a role cannot end the sessions they start; and NAME-* also matches the sessions of a user called NAME-admin. For roles ${aws:userid} is AROA...:NAME, which no session's id begins with.",
		Fix:         "Let a statement on session/* ask for StringLike ssm:resourceTag/aws:ssmmessages:session-id ${aws:userid}, which holds for users and for roles.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell"]}`,
			`{"Effect": "Allow", "Action": ["ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"], "Resource": "arn:aws:ssm:us-east-1:111122223333:session/${aws:username}-*"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "arn:aws:ssm:us-east-1:111122223333:document/SSM-SessionManagerRunShell"]}`,
			`{"Effect": "Allow", "Action": "ssmmessages:OpenDataChannel", "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*"}`,
			`{"Effect": "Allow", "Action": ["ssm:TerminateSession", "ssm:ResumeSession"], "Resource": "arn:aws:ssm:us-east-1:111122223333:session/*", "Condition": {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}"}}}`),
		check: ownSessionsByUsername,
	},
	{
		Code: "username-absent-for-roles", Title: "a role's session has no aws:username", Severity: Suggestion,
		Explanation: "Only IAM users have the key. For whoever comes by a role, as everybody does with IAM Identity Center, ${aws:username} is never filled in: the resource matches nothing, and under a negated operator everything.",
		Fix:         "Use ${aws:PrincipalTag/KEY} or ${aws:userid}, or make sure that only users have the policy.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:username}/*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:PrincipalTag/user}/*"}`),
		check:       usernameAbsentForRoles,
	},
	{
		Code: "username-prefix-overlap", Title: "a user is also taken for those whose names begin alike", Severity: Warning,
		Explanation: "What follows the name in the pattern may go on with more of a name: ${aws:PrincipalTag/user}-* filled in for bob also matches bob-admin-. A name of an IAM user holds letters, digits and _+=,.@-, and no slash.",
		Fix:         "Put a slash, or another character that no name holds, between the name and the wildcard.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:PrincipalTag/user}-*"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/users/${aws:PrincipalTag/user}/*"}`),
		check:       usernamePrefixOverlap,
	},
}

// shell is the name of the document that a session uses which names none.
const shell = "SSM-SessionManagerRunShell"

func sessionAccessCheckMissing(r *reading) {
	var named string // a document that sessions are limited to
	for _, s := range r.allows(startSession) {
		if s.NotResource != nil || s.on("arn:*:ssm:*:*:document/"+shell) {
			return // the shell is allowed anyway
		}
		if all := s.of(documents); len(all) > 0 {
			named = all[0]
		}
	}
	if named == "" {
		return
	}
	for _, s := range r.allows(startSession) {
		_, checked := s.test(func(t test) bool {
			return t.folded == "ssm:sessiondocumentaccesscheck" && t.Base == match.Bool && t.is("true")
		})
		if !checked && s.reaches(nodes) {
			r.report(s.path, fmt.Sprintf("a session that names no document opens a shell on these nodes, though sessions are limited to %s", named),
				`add "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}`)
		}
	}
}

func openDataChannelMissing(r *reading) {
	if len(r.allows("ssmmessages:OpenDataChannel")) > 0 {
		return
	}
	for _, s := range r.allows(startSession) {
		if s.names(startSession) && s.reaches(nodes) {
			r.report(s.path, "ssm:StartSession is allowed without ssmmessages:OpenDataChannel, which a session will need as well",
				fmt.Sprintf("allow ssmmessages:OpenDataChannel on %s", r.ssm("session/*")))
			return
		}
	}
}

// sessionActions are those on a session that was started.
var sessionActions = []string{"ssm:TerminateSession", "ssm:ResumeSession"}

// ownSessions reports whether the document starts sessions and tells whose
// they are by the resource at the path.
func (r *reading) ownSessions(s *statement, text string) bool {
	_, session := strings.CutPrefix(fields(text)[5], "session/")
	return session && s.allow && len(r.allows(startSession)) > 0
}

func ownSessionsByUsername(r *reading) {
	// By its tags a session is told apart also for roles.
	tagged := func(s *statement) bool {
		_, ok := s.test(func(t test) bool { return t.folded == "ssm:resourcetag/aws:ssmmessages:session-id" })
		return ok
	}
	for _, action := range sessionActions {
		allowed := r.allows(action)
		if slices.ContainsFunc(allowed, func(s *statement) bool { return tagged(s) || !strings.Contains(strings.Join(s.Resource, " "), "${") }) {
			continue
		}
		for _, s := range allowed {
			for _, x := range s.resources {
				if !r.ownSessions(s, x.text) {
					continue
				}
				fix := fmt.Sprintf(`for roles, allow it on %s with "Condition": {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}"}}`, r.ssm("session/*"))
				switch lower := match.Fold(x.text); {
				case strings.Contains(lower, "${aws:username}"):
					r.report(x.path, "a role's session has no aws:username, so with a role nobody can end the sessions they start; a user can also end those of users whose names go on after a hyphen", fix)
				case strings.Contains(lower, "${aws:userid}"):
					r.report(x.path, "a role's aws:userid is AROA...:NAME, and its sessions are called NAME-..., so with a role nobody can end the sessions they start", fix)
				}
			}
		}
		return // the actions are most often together
	}
}

func usernameAbsentForRoles(r *reading) {
	if r.document.Version != policy.Version2012 {
		return
	}
	r.eachText(func(s *statement, text string, path policy.Path) {
		if r.ownSessions(s, text) {
			return
		}
		t := match.Parse(text, true, true)
		for _, key := range t.Variables() {
			if _, fallback := t.Default(key); match.EqualFold(key, "aws:username") && !fallback {
				r.report(path, fmt.Sprintf("a role's session has no aws:username, so %s matches nothing for it", text), "use ${aws:PrincipalTag/KEY}, or give the policy only to IAM users")
			}
		}
	})
}

// nameKeys are the variables whose values are names of principals.
var nameKeys = []string{"aws:username", "aws:principaltag/", "aws:userid"}

func usernamePrefixOverlap(r *reading) {
	if r.document.Version != policy.Version2012 {
		return
	}
	for i := range r.statements {
		s := &r.statements[i]
		for _, x := range s.resources {
			if !s.allow || r.ownSessions(s, x.text) {
				continue
			}
			for _, key := range match.Parse(x.text, true, true).Variables() {
				if !slices.ContainsFunc(nameKeys, func(name string) bool { return strings.HasPrefix(match.Fold(key), name) }) {
					continue
				}
				_, after, _ := strings.Cut(x.text, "${"+key+"}")
				star := strings.IndexByte(after, '*')
				if star >= 0 && !strings.ContainsFunc(after[:star], func(c rune) bool { return !letterOrDigit(c) && !strings.ContainsRune("_+=,.@-", c) }) {
					r.report(x.path, fmt.Sprintf("filled in for bob, %s also matches what belongs to bob%sadmin", x.text, or(after[:star], "-")),
						fmt.Sprintf("put a slash between ${%s} and the wildcard", key))
				}
			}
		}
	}
}
