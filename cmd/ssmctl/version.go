package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version says which build this is.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

func versionCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Version prints which ssmctl this is.\n" + exitStatus(exitDone, exitUsage),
		Example: "  ssmctl version --json",
		Args:    args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if o.json {
				return json.NewEncoder(o.stdio.out).Encode(map[string]string{
					"ssmctl_version": version(),
					"go_version":     runtime.Version(),
					"platform":       runtime.GOOS + "_" + runtime.GOARCH,
				})
			}
			_, err := fmt.Fprintln(o.stdio.out, "ssmctl", version())
			return err
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}
