package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// A usageError is a command line that cannot be understood.
type usageError struct{ error }

func usage(cmd *cobra.Command, err error) error {
	return usageError{fmt.Errorf("%w\n`%s --help` shows what can be given", err, cmd.CommandPath())}
}

// args checks the number of arguments as usage.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		err := check(cmd, given)
		if err == nil {
			return nil
		}
		if f := cmd.Flags().Lookup("sandbox"); f != nil && f.Value.String() == f.NoOptDefVal {
			err = fmt.Errorf("%w\n--sandbox takes its file after an equals sign, as in --sandbox=%s", err, given[0])
		}
		return usage(cmd, err)
	}
}

// oneOfCommands refuses what is not a command, and says which is meant.
func oneOfCommands(cmd *cobra.Command, given []string) error {
	if len(given) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q for %q", given[0], cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(given[0]); len(near) > 0 {
		err = fmt.Errorf("%w\ndid you mean %s?", err, strings.Join(near, " or "))
	}
	return usage(cmd, err)
}

// helpTopic refuses to give help on what is not a command.
func helpTopic(cmd *cobra.Command, given []string) error {
	about, rest, err := cmd.Root().Find(given)
	if err != nil {
		return usage(cmd, err)
	}
	if about.HasSubCommands() {
		return oneOfCommands(about, rest)
	}
	return nil
}

var longFlag = regexp.MustCompile(`^-[a-zA-Z][a-zA-Z-]+(=|$)`)

// doubleDashes lets long flags be given with one dash, as Terraform has them:
// pflag would take -out for -o and -u and -t.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if a == "--" {
			copy(out[i:], args[i:])
			break
		}
		if longFlag.MatchString(a) {
			a = "-" + a
		}
		out[i] = a
	}
	return out
}

var unknownFlag = regexp.MustCompile(`^unknown flag: --(\S+)`)

// flagError adds to what pflag says what was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		if flags := nearFlags(cmd, m[1]); len(flags) > 0 {
			err = fmt.Errorf("%w\ndid you mean %s?", err, strings.Join(flags, " or "))
		}
	}
	return usage(cmd, err)
}

var flagName = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)

// nearFlags returns the flags of cmd that are spelled much like name.
func nearFlags(cmd *cobra.Command, name string) []string {
	var flags []string
	for _, m := range flagName.FindAllStringSubmatch(cmd.LocalFlags().FlagUsages()+cmd.InheritedFlags().FlagUsages(), -1) {
		flags = append(flags, m[1])
	}
	flags = near(name, flags)
	for i, flag := range flags {
		flags[i] = "--" + flag
	}
	return flags
}

// near returns those words that are spelled much like one. Cobra measures that
// for commands only, so it is shown the words as commands.
func near(word string, words []string) []string {
	measure := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, w := range words {
		measure.AddCommand(&cobra.Command{Use: w, Run: func(*cobra.Command, []string) {}})
	}
	return measure.SuggestionsFor(word)
}

// misplaced says of flags before the command, which are unknown there, where
// they go.
func misplaced(args []string, err error) error {
	if err == nil || len(args) == 0 || !strings.HasPrefix(args[0], "-") {
		return err
	}
	if !strings.HasPrefix(err.Error(), "unknown ") {
		return err
	}
	return usageError{fmt.Errorf("%w\nflags go after the command, as in `ssmctl plan %s`", err, args[0])}
}

// deletions is the value of --max-deletes: a number from 0, or not given.
type deletions struct{ limit *int }

func (d *deletions) String() string {
	if d.limit == nil {
		return ""
	}
	return strconv.Itoa(*d.limit)
}

func (*deletions) Type() string { return "int" }

func (d *deletions) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("give a number from 0")
	}
	d.limit = &n
	return nil
}
