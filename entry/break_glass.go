package entry

import "github.com/ssmctl/ssmctl/resource"

// A BreakGlass says that a user or role is who people turn to when nothing
// else works, so that no plan may take anything from it. It asks that the
// principal exist, and for nothing else: no plan ever holds one.
type BreakGlass struct {
	Principal resource.ID `json:"principal"`
}

// BreakGlassKind is the kind of every BreakGlass: the key that a spec writes.
const BreakGlassKind = "break_glass"

// ID returns break_glass/KIND/PRINCIPAL.
func (b BreakGlass) ID() resource.ID {
	return resource.ID{Kind: BreakGlassKind, Name: b.Principal.String()}
}

// Needs returns the principal.
func (b BreakGlass) Needs() []resource.ID { return []resource.ID{b.Principal} }

// Follows returns nothing: there is nothing to do, whatever changes.
func (b BreakGlass) Follows() []resource.ID { return nil }
