package check

import (
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// managed says of some of AWS's own policies what whoever attaches one should
// know: their names promise less, or more, than they hold.
var managed = map[string]struct{ code, text string }{
	"AmazonEC2RoleforSSM":     {"managed-deprecated", "AWS calls it deprecated: it lets the instance read and write every bucket and read every parameter; AmazonSSMManagedInstanceCore is what SSM Agent needs, with `buckets` for the output"},
	"AmazonSSMFullAccess":     {"managed-root", "it is root on every instance, now and later, and reads every parameter"},
	"AmazonSSMReadOnlyAccess": {"managed-reads-secrets", "it also reads the value of every parameter, those encrypted under the default key included"},
	"AWSHealthFullAccess":     {"managed-more-than-viewing", "it also enables and disables AWS Health for the whole organization"},
	"AdministratorAccess":     {"managed-root", "it allows everything there is in the account"},
	"PowerUserAccess":         {"managed-root", "it allows everything but IAM: root on every instance included"},
	"AmazonSSMAutomationRole": {"managed-root", "it runs any command on every instance and starts any automation: it is meant for a role that only automations assume"},
}

// managedNote says what there is to know about attaching one of AWS's own
// policies, with the code that `explain` knows; "" for most.
func managedNote(arn string) (code, text string) {
	if !strings.Contains(arn, ":iam::aws:policy/") {
		return "", ""
	}
	m := managed[arn[strings.LastIndexByte(arn, '/')+1:]]
	return m.code, m.text
}

// managedNotes notes what there is to know about the policies of AWS's that
// the plan attaches.
func (r *run) managedNotes() {
	grants := map[resource.ID]access.Grant{}
	for _, g := range r.After.Grants {
		grants[g.From] = g
	}
	for _, s := range r.Plan.Steps {
		if s.Before != nil || s.After == nil {
			continue
		}
		g, ok := grants[s.ID()]
		if !ok {
			continue
		}
		if code, text := managedNote(g.ARN); text != "" {
			r.notes = append(r.notes, planner.Note{Resource: g.To, Code: code, Text: g.Name + ": " + text, Source: s.Source})
		}
	}
}
