package policy

import (
	"fmt"
	"slices"
)

// Sessions say what sessions may be opened on a restriction's nodes, and which
// may be ended. Whoever may open any may resume their own.
//
// A session's own documents decide what can be done in it, so each way in is a
// document. IAM sees neither ports nor hosts: to limit those, write a document
// of type Port that fixes them and name it under Documents. Keys that encrypt
// sessions are not among what is granted.
type Sessions struct {
	Shell          bool   // a shell, by the document that holds the account's session preferences
	SSH            bool   // SSH, scp and the like, to whoever has a key that the node takes
	PortForwarding string // "node": to ports of the node; "remote": also to hosts that the node reaches; "" is none
	Documents      Names  // sessions by these documents; those of the account by name, AWS's as AWS-...
	Terminate      string // "own", "any", "none"; "" is own if any may be opened, else none
}

// The documents behind the ways in (Systems Manager User Guide, "Start a
// session with a document by specifying the session documents in IAM
// policies"). The first belongs to the account, the others to AWS.
const (
	shellDocument  = "SSM-SessionManagerRunShell"
	sshDocument    = "AWS-StartSSHSession"
	portDocument   = "AWS-StartPortForwardingSession"
	remoteDocument = "AWS-StartPortForwardingSessionToRemoteHost"
)

var (
	startSession     = []string{"ssm:StartSession"}
	resumeSession    = []string{"ssm:ResumeSession"}
	terminateSession = []string{"ssm:TerminateSession"}
)

// open reports whether any session may be opened.
func (s Sessions) open() bool {
	return s.Shell || s.SSH || s.PortForwarding != "" || !s.Documents.empty()
}

// Names returns the documents that sessions may be opened by.
func (s Sessions) Names() Names {
	if s.Documents.All {
		return s.Documents
	}
	names := slices.Clone(s.Documents.List)
	if s.Shell {
		names = append(names, shellDocument)
	}
	if s.SSH {
		names = append(names, sshDocument)
	}
	switch s.PortForwarding {
	case "node":
		names = append(names, portDocument)
	case "remote":
		names = append(names, portDocument, remoteDocument)
	}
	return Names{List: names}
}

// whose returns whose sessions may be ended.
func (s Sessions) whose() string {
	if s.Terminate == "" && s.open() {
		return "own"
	}
	return s.Terminate
}

// converse returns what it takes to open, resume and end sessions.
//
// A statement that allows StartSession on nodes without the condition on
// SessionDocumentAccessCheck lets sessions by the default document begin
// unchecked; the document is granted by name as well, as AWS's newer samples
// do (Systems Manager User Guide, "Enforce a session document permission
// check", "Sample IAM policies for Session Manager").
//
// The data channel of a session opens only with the token that StartSession or
// ResumeSession returned, so OpenDataChannel on all sessions gives nobody one
// of another's; the user's part of a session's ARN is the role session's name
// for roles, which no variable holds.
func (r Restriction) converse(in scope) (statements []Statement) {
	sessions := in.arns("ssm", "session/*")
	if r.Sessions.open() {
		start := Allow(startSession...)
		statements = append(statements, start.On(r.Sessions.Names().arns(in, "document/", "")...).As("OpenByDocuments"))
		statements = append(statements, r.Nodes.statements(in, start.If("BoolIfExists", accessCheck, "true"), "OpenOnNodes")...)
		statements = append(statements,
			Allow("ssmmessages:OpenDataChannel").On(sessions...).As("OpenDataChannels"),
			Allow("ssm:DescribeSessions", "ssm:GetConnectionStatus").On("*").As("ListSessions"))
	}
	switch whose := r.Sessions.whose(); {
	case r.Sessions.open() && whose == "own":
		statements = append(statements, own(Allow(slices.Concat(resumeSession, terminateSession)...), in).As("EndOwnSessions"))
	case r.Sessions.open():
		// Ending others' sessions is one thing, taking them over another.
		statements = append(statements, own(Allow(resumeSession...), in).As("ResumeOwnSessions"))
	case whose == "own":
		statements = append(statements, own(Allow(terminateSession...), in).As("EndOwnSessions"))
	}
	if r.Sessions.Terminate == "any" {
		statements = append(statements, Allow(terminateSession...).On(sessions...).As("EndSessions"))
		if !r.Sessions.open() {
			statements = append(statements, Allow("ssm:DescribeSessions").On("*").As("ListSessions"))
		}
	}
	return statements
}

const (
	accessCheck = "ssm:SessionDocumentAccessCheck"
	sessionTag  = "ssm:resourceTag/aws:ssmmessages:session-id"
)

// own returns the statement on the sessions of whoever asks.
//
// Session Manager tags every session with the id of who opened it, a user's id
// or ROLE-ID:SESSION-NAME, which is what aws:userid holds for them (Systems
// Manager User Guide, "Allow a user to end only sessions they started", method
// 2). The other method, session/${aws:username}-*, has nothing to say of roles
// and lets bob end the sessions of bob-admin.
func own(s Statement, in scope) Statement {
	return s.On(in.arns("ssm", "session/*")...).If("StringEquals", sessionTag, "${aws:userid}")
}

func (s Sessions) check(ps *Problems) {
	s.Documents.check(Path{"sessions", "documents"}, "document", ps)
	if f := s.PortForwarding; f != "" && f != "node" && f != "remote" {
		ps.add(Path{"sessions", "port_forwarding"}, fmt.Sprintf("%q is neither node nor remote", f), "write one of them, or true for node")
	}
	switch s.Terminate {
	case "", "own", "any", "none":
	default:
		ps.add(Path{"sessions", "terminate"}, fmt.Sprintf("%q is none of own, any and none", s.Terminate), "write one of them")
	}
}
