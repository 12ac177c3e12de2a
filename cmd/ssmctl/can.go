package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/view"
)

// errNo ends a question whose answer is no.
var errNo = errors.New("the answer is no")

// aboutQuestions is the part of the help that can and who-can share.
const aboutQuestions = `
ACTION is AWS's name (ssm:SendCommand) or the AWS CLI's (send-command). WHAT is a
node by id or name, tag:KEY=VALUE, an entry of the spec's instances, all, or any
other resource by name or ARN. Without it, one of any kind will do.

By default the spec is asked, by itself and offline. --live asks about the account
as it is, and --planned as applying the spec would leave it. Policies of AWS
Organizations and of single resources, such as buckets, are not looked at.
`

func canCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "can WHO ACTION [on WHAT] [with DOCUMENT]",
		Short: "Say whether someone may do something, and what decides",
		Long: `Can says whether a user or role may do something, and which statement of which policy
decides that, through which group.
` + aboutQuestions + exitStatus(exitDone, exitError, exitDifferent, exitInvalid, exitRefused, exitUsage),
		Example: `  ssmctl can user/amy send-command on web with AWS-RunShellScript
  ssmctl can --live role/oncall start-session on i-1234567890abcdef0
  ssmctl can --given aws:MultiFactorAuthPresent=true role/oncall start-session`,
		Args: args(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, words []string) error {
			id, err := who(words[0])
			if err != nil {
				return err
			}
			name, err := o.specFile(nil)
			if err != nil {
				return err
			}
			a, err := o.ask(cmd.Context(), name)
			if err != nil {
				return err
			}
			q, err := o.question(words[1:], a)
			if err != nil {
				return err
			}
			q.Who = id
			answer, err := a.Can(q)
			if err != nil {
				return err
			}
			if o.json {
				err = printJSON(o.stdio.out, answer)
			} else {
				err = view.Answer(o.stdio.out, answer, a.of, o.style(o.stdio.out))
			}
			if err == nil && answer.Verdict == access.No {
				err = errNo
			}
			if err == nil && answer.Verdict == access.Unknown {
				err = errors.New("it cannot be told: not all policies could be read")
			}
			return err
		},
	}
	o.askFlags(cmd)
	o.questionFlags(cmd)
	return cmd
}

func whoCanCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "who-can ACTION [on WHAT] [with DOCUMENT]",
		Short: "List who may do something, through what, within which limits",
		Long: `Who-can lists the users and roles that may do something, through which group and
policy they may, and within which limits: those who can assume such a role included.
` + aboutQuestions + exitStatus(exitDone, exitError, exitDifferent, exitInvalid, exitRefused, exitUsage),
		Example: `  ssmctl who-can start-session on web
  ssmctl who-can --live ssm:GetParameter on parameter/web/db/password
  ssmctl who-can --planned send-command with AWS-RunShellScript`,
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, words []string) error {
			name, err := o.specFile(nil)
			if err != nil {
				return err
			}
			a, err := o.ask(cmd.Context(), name)
			if err != nil {
				return err
			}
			q, err := o.question(words, a)
			if err != nil {
				return err
			}
			holders, err := a.WhoCan(q)
			if err != nil {
				return err
			}
			if o.json {
				err = printJSON(o.stdio.out, append([]access.Holder{}, holders...))
			} else {
				err = view.Holders(o.stdio.out, holders, a.of, o.style(o.stdio.out))
			}
			if err == nil && len(holders) == 0 {
				err = errNo
			}
			return err
		},
	}
	o.askFlags(cmd)
	o.questionFlags(cmd)
	return cmd
}

func (o *options) questionFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.givenKeys, "given", nil, "take a `key=value` of the request as known, such as aws:MultiFactorAuthPresent=true")
	cmd.Flags().BoolVar(&o.full, "full", false, "show the reasons for every node, and statements in full")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
}
