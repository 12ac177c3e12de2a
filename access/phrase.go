package access

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// A deed is an action, or some, in the words of those who do it.
type deed struct {
	words   string   // before what it is done to, or all of it if there is none
	all     string   // "": the words with "any" or "all" and the noun
	noun    string   // what stands in for things that are not named
	actions []string // any of them
	weight  int      // the more it matters
}

// deeds are the actions that people know by another name than AWS's, the
// weightiest first. With a document, its name follows; of parameters and the
// like, the pattern does.
var deeds = []deed{
	{words: "run", all: "run any document", actions: []string{"ssm:SendCommand"}},
	{words: "open sessions", all: "open sessions", actions: []string{"ssm:StartSession"}},
	{words: "start runbooks", all: "start any runbook", actions: []string{"ssm:StartAutomationExecution", "ssm:StartChangeRequestExecution"}},
	{words: "associate", all: "associate any document", actions: []string{"ssm:CreateAssociation", "ssm:CreateAssociationBatch", "ssm:UpdateAssociation"}},
	{words: "change documents", actions: []string{"ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:DeleteDocument"}},
	{words: "share documents", actions: []string{"ssm:ModifyDocumentPermission"}},
	{words: "read parameters", noun: "parameter", actions: []string{"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"}},
	{words: "write parameters", noun: "parameter", actions: []string{"ssm:PutParameter", "ssm:DeleteParameter", "ssm:DeleteParameters", "ssm:LabelParameterVersion", "ssm:UnlabelParameterVersion"}},
	{words: "get the credentials of access requests", actions: []string{"ssm:GetAccessToken"}},
	{words: "end or resume sessions", noun: "session", actions: []string{"ssm:TerminateSession", "ssm:ResumeSession"}},
	{words: "run maintenance windows", actions: []string{"ssm:RegisterTaskWithMaintenanceWindow", "ssm:UpdateMaintenanceWindowTask"}},
	{words: "register machines", actions: []string{"ssm:CreateActivation"}},
	{words: "change service settings", actions: []string{"ssm:UpdateServiceSetting", "ssm:ResetServiceSetting"}},
	{words: "pass roles", noun: "role", actions: []string{"iam:PassRole"}},
	{words: "change who may assume roles", noun: "role", actions: []string{"iam:UpdateAssumeRolePolicy"}},
	{words: "grant policies", actions: []string{"iam:AttachUserPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:PutRolePolicy"}},
	{words: "take policies away", actions: []string{"iam:DetachUserPolicy", "iam:DetachGroupPolicy", "iam:DetachRolePolicy", "iam:DeleteUserPolicy", "iam:DeleteGroupPolicy", "iam:DeleteRolePolicy"}},
	{words: "change managed policies", noun: "policy", actions: []string{"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"}},
	{words: "change permissions boundaries", actions: []string{"iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"}},
	{words: "change who is in groups", noun: "group", actions: []string{"iam:AddUserToGroup", "iam:RemoveUserFromGroup"}},
	{words: "make credentials for users", noun: "user", actions: []string{"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"}},
	{words: "tag users and roles", actions: []string{"iam:TagUser", "iam:TagRole"}},
	{words: "put roles into instance profiles", actions: []string{"iam:AddRoleToInstanceProfile"}},
	{words: "change the profiles of instances", actions: []string{"ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"}},
	{words: "change the tags of instances", actions: []string{"ec2:CreateTags", "ec2:DeleteTags"}},
	{words: "launch instances", actions: []string{"ec2:RunInstances"}},
	{words: "change tags in Systems Manager", actions: []string{"ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"}},
	{words: "open remote desktops", actions: []string{"ssm-guiconnect:StartConnection"}},
	{words: "assume", noun: "role", actions: []string{"sts:AssumeRole"}},
}

// deedOf is the deed of each action.
var deedOf = func() map[string]*deed {
	m := map[string]*deed{}
	for i := range deeds {
		deeds[i].weight = len(deeds) - i
		for _, a := range deeds[i].actions {
			m[a] = &deeds[i]
		}
	}
	return m
}()

// importance returns how much the weightiest of some actions matters.
func importance(actions []string) int {
	heaviest := 0
	for _, a := range actions {
		if d := deedOf[a]; d != nil {
			heaviest = max(heaviest, d.weight)
		}
	}
	return heaviest
}

// everything is what is said of all actions of a service on all things.
var everything = []struct{ service, words string }{
	{"ssm", "everything in Systems Manager"},
	{"resource-groups", "everything in Resource Groups"},
	{"ssmmessages", "session channels"},
}

// phrase says in words what a row's actions are.
func (r *row) phrase() string {
	left := slices.Clone(r.actions)
	var parts []string
	drop := func(actions []string) {
		left = slices.DeleteFunc(left, func(a string) bool { return slices.Contains(actions, a) })
	}
	if !slices.ContainsFunc(r.pieces, func(p piece) bool { return slices.Contains(p.whole, false) }) {
		if within(Actions(), left) {
			parts = append(parts, "everything in Systems Manager and all that grants access to it")
			drop(Actions())
		}
		for _, e := range everything {
			if all := catalogue.Of(e.service); len(all) > 0 && within(all, left) {
				parts = append(parts, e.words)
				drop(all)
			}
		}
	}
	for i := range deeds {
		d := &deeds[i]
		var done []string
		for _, a := range left {
			if slices.Contains(d.actions, a) {
				done = append(done, a)
			}
		}
		if len(done) == 0 || len(parts) == mostDeeds {
			continue
		}
		drop(done)
		parts = append(parts, r.deed(d, done))
	}
	byLevel := map[string][]string{}
	for _, a := range left {
		level := levelOf(a)
		byLevel[level] = append(byLevel[level], a)
	}
	for _, level := range []string{"permissions", "write", "tagging", "read"} {
		names := byLevel[level]
		switch {
		case len(names) == 0:
		case len(names) <= 2 && len(parts) < mostDeeds:
			parts = append(parts, names...)
		default:
			counted := strconv.Itoa(len(names))
			if len(parts) > 0 {
				counted += " other"
			}
			counted += " " + level + " action"
			if len(names) > 1 {
				counted += "s"
			}
			parts = append(parts, counted)
		}
	}
	return strings.Join(parts, ", ")
}

// mostDeeds bounds how many deeds are named; what remains is counted.
const mostDeeds = 6

// deed says a deed with what it is done to.
func (r *row) deed(d *deed, done []string) string {
	i := slices.IndexFunc(r.pieces, func(p piece) bool { return slices.Contains(p.actions, done[0]) })
	if d.all != "" {
		with := (*Set)(nil)
		for _, p := range r.pieces {
			for j, l := range p.form {
				if l.kind == documentLeg && slices.Contains(p.actions, done[0]) {
					with = cmp.Or(with, p.sets[j])
				}
			}
		}
		switch {
		case with == nil || with.All:
			return d.all
		case d.words == "open sessions":
			return d.words + " with " + with.Text
		case d.words == "start runbooks":
			return "start " + with.Text
		}
		return d.words + " " + with.Text
	}
	if i < 0 || d.noun == "" {
		return d.words
	}
	var labels []string
	for _, p := range r.pieces {
		if slices.Contains(p.actions, done[0]) {
			for j, l := range p.form {
				if l.kind == otherLeg && !l.gate && !p.whole[j] {
					labels = append(labels, p.labels[j]...)
				}
			}
		}
	}
	for i, label := range labels {
		labels[i] = withoutType(label, d.noun)
	}
	if d.noun == "session" && len(labels) > 0 && !slices.ContainsFunc(labels, func(l string) bool { return !labelsOwn(l) }) {
		return "end or resume their own sessions"
	}
	if len(labels) == 0 {
		return d.words
	}
	return d.words + " " + list(few(set(labels)))
}

// labelsOwn reports whether the label is of sessions that one has started
// oneself, by either of the ways that AWS knows to say so (Systems Manager User
// Guide, "Additional sample IAM policies for Session Manager").
func labelsOwn(label string) bool {
	return strings.HasPrefix(label, "${aws:username}-") || strings.HasPrefix(label, "${aws:userid}-") ||
		strings.HasSuffix(label, " with aws:ssmmessages:session-id=${aws:userid}")
}

// withoutType leaves the type out of the patterns of a label; the slash that a
// parameter's name begins with stays.
func withoutType(label, noun string) string {
	rest := ""
	if noun == "parameter" {
		rest = "/"
	}
	label = " " + label
	for _, before := range []string{" ", " except ", " also ", ", ", " and "} {
		label = strings.ReplaceAll(label, before+noun+"/", before+rest)
	}
	return label[1:]
}

// levelOf returns the access level of an action in a word.
func levelOf(action string) string {
	a, _ := catalogue.Lookup(action)
	level := func(name string) bool { return slices.Contains(a.Levels, name) }
	switch {
	case level("Permissions management"):
		return "permissions"
	case level("Tagging"):
		return "tagging"
	case level("Write"), len(a.Levels) == 0:
		return "write"
	}
	return "read"
}
