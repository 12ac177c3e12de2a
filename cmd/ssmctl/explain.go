package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy/lint"
	"github.com/ssmctl/ssmctl/spec"
	"github.com/ssmctl/ssmctl/view"
)

// explanations are those of every code that ssmctl gives out, in order.
func explanations() []view.Explained {
	var all []view.Explained
	for _, r := range spec.Rules {
		all = append(all, view.Explained{Code: r.Code, Title: r.Title, Text: r.Explain})
	}
	for _, r := range planner.Rules {
		all = append(all, view.Explained{Code: r.Code, Title: r.Title, Text: r.Explain})
	}
	for _, r := range check.Rules {
		all = append(all, view.Explained{Code: r.Code, Title: r.Title, Text: r.Explain})
	}
	for _, r := range lint.Rules() {
		all = append(all, view.Explained{Code: r.Code, Title: r.Title, Text: r.Explanation, Fix: r.Fix, Bad: r.Bad, Good: r.Good})
	}
	for _, r := range access.EscalationRules() {
		all = append(all, view.Explained{Code: r.Code, Title: r.Title, Text: r.Explanation, Fix: r.Fix})
	}
	slices.SortStableFunc(all, func(a, b view.Explained) int {
		return cmp.Or(cmp.Compare(min(len(a.Code), 5), min(len(b.Code), 5)), strings.Compare(a.Code, b.Code)) // S001 and P001 before words
	})
	return all
}

func explainCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Say what a code stands for and what to do about it",
		Long: `Explain says what the code behind an error, a refusal or a finding stands for, why it
matters, and what to do. Without a code it lists them all. It asks nobody.
` + exitStatus(exitDone, exitError, exitUsage),
		Example: `  ssmctl explain S012
  ssmctl explain document-account-wildcard`,
		Args: args(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, e := range explanations() {
				codes = append(codes, e.Code+"\t"+e.Title)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, given []string) error {
			all := explanations()
			if len(given) == 0 {
				entries := make([]view.Entry, len(all))
				for i, e := range all {
					entries[i] = view.Entry{Term: e.Code, Text: e.Title}
				}
				return view.Entries(o.stdio.out, entries, o.style(o.stdio.out))
			}
			codes := make([]string, len(all))
			for i, e := range all {
				if strings.EqualFold(e.Code, given[0]) {
					return view.Explanation(o.stdio.out, e, o.style(o.stdio.out))
				}
				codes[i] = e.Code
			}
			err := fmt.Errorf("there is no code %q", given[0])
			if meant := near(given[0], codes); len(meant) > 0 {
				err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(meant, " or "))
			}
			return usageError{fmt.Errorf("%w\n`ssmctl explain` lists them all", err)}
		},
	}
}
