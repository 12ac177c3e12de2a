package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/view"
)

func accessCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "access [SPEC]",
		Short: "Show who may do what on which nodes",
		Long: `Access shows what every user and role may do through Systems Manager, on which nodes,
with which documents, and through which group and policy. Users of a group who may
all do the same are shown as the group.

By default the spec is asked, by itself and offline. --live shows the account as it
is, and --planned as applying the spec would leave it. Policies of AWS Organizations
and of single resources, such as buckets, are not looked at.
` + exitStatus(exitDone, exitError, exitInvalid, exitRefused, exitUsage),
		Example: `  ssmctl access access.yaml
  ssmctl access --live --csv > access.csv
  ssmctl access --planned --of user/alice access.yaml`,
		Args: args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if o.json && o.csv {
				return usageError{fmt.Errorf("--json and --csv are two forms of the answer: give one of them")}
			}
			name, err := o.specFile(given)
			if err != nil {
				return err
			}
			a, err := o.ask(cmd.Context(), name)
			if err != nil {
				return err
			}
			rows := accessChanges(a.Rights(), nil)
			if o.of != "" {
				if rows, err = onlyOf(rows, o.of, a.Account); err != nil {
					return err
				}
			}
			switch {
			case o.json:
				return printJSON(o.stdio.out, append([]planner.AccessChange{}, rows...))
			case o.csv:
				return writeCSV(o.stdio.out, rows)
			}
			return view.Access(o.stdio.out, rows, a.of, o.style(o.stdio.out))
		},
	}
	o.askFlags(cmd)
	cmd.Flags().BoolVar(&o.csv, "csv", false, "print a table as CSV")
	cmd.Flags().StringVar(&o.of, "of", "", "only what that `principal` may do, such as user/alice")
	return cmd
}

// onlyOf returns the rows that are about one principal, be it as a member.
func onlyOf(rows []planner.AccessChange, of string, a *access.Account) ([]planner.AccessChange, error) {
	id, err := who(of)
	if err != nil {
		return nil, err
	}
	there := func(p access.Principal) bool { return p.ID == id }
	if !slices.ContainsFunc(a.Principals, there) && !slices.ContainsFunc(a.Groups, func(g access.Group) bool { return g.ID == id }) {
		return nil, fmt.Errorf("the account has no %s", id)
	}
	return slices.DeleteFunc(rows, func(c planner.AccessChange) bool {
		return c.Principal != id && (id.Kind != "user" || !slices.Contains(c.Members, id.Name))
	}), nil
}

// accessChanges puts what package access found into the form of plans. Sources
// tells where in the spec the changes of the plan come from.
func accessChanges(found []access.Change, sources map[resource.ID]*resource.Position) []planner.AccessChange {
	all := make([]planner.AccessChange, len(found))
	for i, c := range found {
		a := planner.AccessChange{
			Principal: c.Who, Members: c.Members, Service: c.Service, Unknown: c.Unknown, Effect: planner.Effect(c.Effect), Actions: c.Actions, Rights: c.Rights,
			On: accessSet(c.On), With: accessSet(c.With), Resources: c.Resources, When: c.When, Via: c.Via,
		}
		for _, id := range c.Cause {
			if at, planned := sources[id]; planned {
				a.Cause = append(a.Cause, planner.AccessCause{Address: id, Source: at})
			}
		}
		all[i] = a
	}
	return all
}

func accessSet(s *access.Set) *planner.AccessSet {
	if s == nil {
		return nil
	}
	return &planner.AccessSet{Text: s.Text, All: s.All, Tags: s.Tags, Names: s.Names, Count: s.Count}
}

// writeCSV writes a row a right, RFC 4180.
func writeCSV(w io.Writer, rows []planner.AccessChange) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"principal", "members", "rights", "actions", "on", "nodes", "with", "resources", "when", "via"})
	for _, c := range rows {
		on, nodes, with := "", "", ""
		if c.On != nil {
			on, nodes = c.On.Text, fmt.Sprint(c.On.Count)
		}
		if c.With != nil {
			with = c.With.Text
		}
		var via []string
		for _, id := range c.Via {
			via = append(via, id.String())
		}
		row := []string{c.Principal.String(), strings.Join(c.Members, " "), c.Rights, strings.Join(c.Actions, " "), on, nodes, with, strings.Join(c.Resources, " "), c.When, strings.Join(via, " ")}
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula, as OWASP's
// page "CSV Injection" advises, and a terminal from being written to.
func harmless(cell string) string {
	cell = view.Escape(cell)
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
