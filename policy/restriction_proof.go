package policy

import "fmt"

// prove returns nil once it is proven that the documents together say what the
// statements say. Merging and packing are meant never to change that; a policy
// that says something else must not leave this package.
func prove(documents []Document, statements []Statement) error {
	packed := Policies{Identity: documents}
	plain := Policies{Identity: []Document{New(statements...)}}
	if statements[0].Effect == "Deny" { // of a policy that only denies, what it leaves
		everything := New(Allow("*").On("*"))
		packed.Identity = append([]Document{everything}, documents...)
		plain.Identity = append(plain.Identity, everything)
	}
	for _, way := range []struct {
		what                 string
		candidate, reference Policies
	}{
		{"more", packed, plain},
		{"less", plain, packed},
	} {
		if answer := NewAccess(way.candidate, way.reference, Budget{}); answer.Verdict != Included {
			return fmt.Errorf("a fault of ssmctl: the %d policies that the restriction becomes cannot be proven not to allow %s than it says (%v): split the restriction in two, and report this", len(documents), way.what, answer)
		}
	}
	return nil
}
