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

// An explanation is what is known of one code.
type explanation struct{ code, title, text, fix, bad, good string }

// explanations are those of every code that ssmctl gives out, in order.
func explanations() []explanation {
	var all []explanation
	for _, r := range spec.Rules {
		all = append(all, explanation{code: r.Code, title: r.Title, text: r.Explain})
	}
	for _, r := range planner.Rules {
		all = append(all, explanation{code: r.Code, title: r.Title, text: r.Explain})
	}
	for _, r := range check.Rules {
		all = append(all, explanation{code: r.Code, title: r.Title, text: r.Explain})
	}
	for _, r := range lint.Rules() {
		all = append(all, explanation{code: r.Code, title: r.Title, text: r.Explanation, fix: r.Fix, bad: r.Bad, good: r.Good})
	}
	for _, r := range access.EscalationRules() {
		all = append(all, explanation{code: r.Code, title: r.Title, text: r.Explanation, fix: r.Fix})
	}
	slices.SortStableFunc(all, func(a, b explanation) int {
		return cmp.Or(cmp.Compare(min(len(a.code), 5), min(len(b.code), 5)), strings.Compare(a.code, b.code)) // S001 and P001 before words
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
				codes = append(codes, e.code+"\t"+e.title)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, given []string) error {
			all := explanations()
			if len(given) == 0 {
				entries := make([]view.Entry, len(all))
				for i, e := range all {
					entries[i] = view.Entry{Term: e.code, Text: e.title}
				}
				return view.Entries(o.stdio.out, entries, o.style(o.stdio.out))
			}
			codes := make([]string, len(all))
			for i, e := range all {
				if strings.EqualFold(e.code, given[0]) {
					return view.Explanation(o.stdio.out, view.Explained{
						Code: e.code, Title: e.title, Text: e.text, Fix: e.fix, Bad: e.bad, Good: e.good,
					}, o.style(o.stdio.out))
				}
				codes[i] = e.code
			}
			err := fmt.Errorf("there is no code %q", given[0])
			if meant := near(given[0], codes); len(meant) > 0 {
				err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(meant, " or "))
			}
			return usageError{fmt.Errorf("%w\n`ssmctl explain` lists them all", err)}
		},
	}
}
