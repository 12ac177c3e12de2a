// Package schemas holds the JSON Schemas of what ssmctl reads and writes, for
// editors and for other programs. They are made from the tables that the
// program itself works by; see the directory generate, which is no part of it.
package schemas

import _ "embed"

//go:generate go run ./generate

// Spec describes a spec: draft 7, with what yaml-language-server adds.
// A schema cannot know whether names refer to something; `ssmctl validate` does.
//
//go:embed spec.schema.json
var Spec []byte

// Plan describes a plan as `ssmctl plan --json` prints it: draft 7.
//
//go:embed plan.schema.json
var Plan []byte
