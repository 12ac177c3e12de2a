package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/lint"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/view"
)

// What --fail-on takes, the mildest last.
var failOn = []string{"error", "warning", "suggestion", "never"}

func lintCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lint [SPEC|FILE.json]",
		Short: "Find policies that grant nothing, too much, or something else than they seem to",
		Long: `Lint reads policy documents and finds what IAM refuses, what grants nothing, what grants
more than it seems to, and how one could get from what is granted to more.

It reads one document in JSON; or the policies that a spec writes or compiles to; or,
with --live, those of the account that are not AWS's own. ` + "`ssmctl explain CODE`" + ` says
more about a finding.
` + exitStatus(exitDone, exitError, exitDifferent, exitInvalid, exitRefused, exitUsage),
		Example: `  ssmctl lint policy.json
  ssmctl lint --live --fail-on warning
  ssmctl lint --json access.yaml | jq '.[].code'`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if !slices.Contains(failOn, o.failOn) {
				return usageError{fmt.Errorf("--fail-on %q: give %s", o.failOn, strings.Join(failOn, ", "))}
			}
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			findings, err := o.lint(cmd, name)
			if err != nil {
				return err
			}
			if o.json {
				err = printJSON(o.stdio.out, findings)
			} else {
				err = view.Findings(o.stdio.out, findings, o.style(o.stdio.out))
			}
			if err == nil && slices.ContainsFunc(findings, func(f view.Finding) bool {
				return slices.Index(failOn, f.Severity) <= slices.Index(failOn, o.failOn) && o.failOn != "never"
			}) {
				err = errNo
			}
			return err
		},
	}
	o.askFlags(cmd)
	cmd.Flags().BoolVar(&o.trust, "trust", false, "the document in JSON is a role's trust policy")
	cmd.Flags().StringVar(&o.failOn, "fail-on", "error", "exit with 2 if a finding is at least that `severe`: error, warning, suggestion or never")
	complete(cmd, "fail-on", failOn...)
	return cmd
}

// lint finds what is wrong with a document, or with an account's policies.
func (o *options) lint(cmd *cobra.Command, name string) ([]view.Finding, error) {
	if !o.live || name != defaultSpec {
		data, err := o.read(name)
		if err != nil {
			return nil, err
		}
		if isOtherJSON(data) {
			if o.live || o.planned {
				return nil, usageError{errors.New("--live and --planned are for an account's policies, and " + name + " is a document by itself")}
			}
			return lintDocument(name, data, o.trust), nil
		}
	}
	if o.trust {
		return nil, usageError{errors.New("--trust is for a document in JSON: of roles it is known which policy is which")}
	}
	a, err := o.ask(cmd.Context(), name)
	if err != nil {
		return nil, err
	}
	return a.lint(), nil
}

// gravity is the severity of a finding that shows a way to more rights, by how
// much it gives.
var gravity = map[access.Severity]string{access.Critical: "error", access.High: "warning", access.Medium: "suggestion"}

func lintDocument(name string, data []byte, trust bool) []view.Finding {
	use := policy.ForIdentity
	if trust {
		use = policy.ForTrust
	}
	all := []view.Finding{}
	for _, f := range lint.Text(data, use, policy.Place{}) {
		where := name
		if f.Position.Line > 0 {
			where += ":" + f.Position.String()
		}
		all = append(all, found(where, f))
	}
	return all
}

func found(where string, f lint.Finding) view.Finding {
	return view.Finding{Where: where, Path: f.Path.String(), Code: f.Code, Severity: f.Severity.String(), Text: f.Text, Fix: f.Fix}
}

// lint finds what is wrong with the account's own policies, and how one could
// get from what they grant to more. A policy is looked at once, however many
// hold it.
func (a *asked) lint() []view.Finding {
	all := []view.Finding{}
	add := func(of resource.ID, d policy.Document, use policy.Use) {
		where := of.String()
		if a.loaded != nil {
			if at, ok := a.loaded.Desired.Source[of]; ok {
				where = at.String() + " " + where
			}
		}
		for _, f := range lint.Document(d, use, a.Place) {
			all = append(all, found(where, f))
		}
	}
	for _, p := range a.Policies {
		if p.From != (resource.ID{}) && p.Unread == "" {
			add(p.From, p.Document, policy.ForIdentity)
		}
	}
	for _, g := range a.Grants {
		if g.Document != nil {
			add(g.From, *g.Document, policy.ForIdentity)
		}
	}
	for _, p := range a.Principals {
		if !p.Trust.IsZero() && !p.Service {
			add(p.ID, p.Trust, policy.ForTrust)
		}
	}
	for _, e := range a.Escalations(policy.Budget{}) {
		all = append(all, view.Finding{Where: e.Who.String(), Code: e.Code, Severity: gravity[e.Severity], Text: e.Text, Steps: e.Path, Fix: e.Fix})
	}
	slices.SortStableFunc(all, func(x, y view.Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(failOn, x.Severity), slices.Index(failOn, y.Severity)), strings.Compare(x.Where, y.Where), strings.Compare(x.Path, y.Path), strings.Compare(x.Code, y.Code), strings.Compare(x.Text, y.Text))
	})
	return all
}
