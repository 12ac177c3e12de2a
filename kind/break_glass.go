package kind

import (
	"context"
	"fmt"

	"github.com/ssmctl/ssmctl/entry"
)

var _ = define(Kind[entry.BreakGlass]{
	Name:    entry.BreakGlassKind,
	Summary: "A user or role that no plan may take anything from.",
	Example: []string{
		`break_glass: [user/alice, role/ops-break-glass]
roles: {ops-break-glass: {type: people, trust: {accounts: ["111111111111"]}}}`,
	},
	Write: func(_ context.Context, w *Write, _, _ *entry.BreakGlass) error {
		return fmt.Errorf("%s: break-glass principals are only mentioned, never written", w.change.ID())
	},
})
