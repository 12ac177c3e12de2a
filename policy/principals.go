package policy

import "slices"

// AWSPrincipals returns the account ids, ARNs and stars that d's statements
// name as AWS principals, sorted, each once.
func (d Document) AWSPrincipals() []string {
	var all []string
	for _, s := range d.Statements {
		for _, p := range []*Principals{s.Principal, s.NotPrincipal} {
			if p != nil {
				all = append(all, p.AWS...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
