// Package samples holds specs that work as they stand, to learn from, to test
// with and to try in the sandbox. It knows nothing of what reads them.
package samples

import _ "embed"

// Minimal is the smallest spec that is of use.
//
//go:embed minimal.yaml
var Minimal []byte

// Guide is the whole page of the guide as one spec. In the sandbox everything
// that it mentions exists.
//
//go:embed guide.yaml
var Guide []byte

// Team is the spec of some thirty people, with every sort of role.
//
//go:embed team.yaml
var Team []byte
