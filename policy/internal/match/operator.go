package match

import "strings"

// A Base is how an operator compares, before it is negated.
type Base uint8

// The bases. Null is the one that compares nothing: it asks whether the key is
// there.
const (
	StringEquals Base = iota + 1
	StringEqualsIgnoreCase
	StringLike
	ARNLike // ArnLike and ArnEquals, which to AWS are the same
	Numeric
	Date
	Bool
	Binary
	IPAddress
	Null
)

// A Relation is what Numeric and Date compare for.
type Relation uint8

// The relations, of the request's value to the policy's.
const (
	Equal Relation = iota
	Less
	LessEqual
	Greater
	GreaterEqual
)

// A Set is how an operator takes a key of many values.
type Set uint8

// The ways.
const (
	Single  Set = iota // the key has one value
	ForAll             // ForAllValues: each value of the request must hold; also none at all
	ForSome            // ForAnyValue: one of the values must hold
)

// An Operator is one of the operators of conditions (IAM User Guide, "IAM JSON
// policy elements: Condition operators").
type Operator struct {
	Base     Base
	Relation Relation // for Numeric and Date
	Negated  bool     // Not: the request's value must match none of the policy's
	IfExists bool     // holds if the key is not there
	Set      Set
}

// comparisons are the operators without ForAllValues: and ForAnyValue: and
// without IfExists, in lower case.
var comparisons = map[string]Operator{
	"stringequals":              {Base: StringEquals},
	"stringnotequals":           {Base: StringEquals, Negated: true},
	"stringequalsignorecase":    {Base: StringEqualsIgnoreCase},
	"stringnotequalsignorecase": {Base: StringEqualsIgnoreCase, Negated: true},
	"stringlike":                {Base: StringLike},
	"stringnotlike":             {Base: StringLike, Negated: true},
	"arnequals":                 {Base: ARNLike},
	"arnnotequals":              {Base: ARNLike, Negated: true},
	"arnlike":                   {Base: ARNLike},
	"arnnotlike":                {Base: ARNLike, Negated: true},
	"numericequals":             {Base: Numeric},
	"numericnotequals":          {Base: Numeric, Negated: true},
	"numericlessthan":           {Base: Numeric, Relation: Less},
	"numericlessthanequals":     {Base: Numeric, Relation: LessEqual},
	"numericgreaterthan":        {Base: Numeric, Relation: Greater},
	"numericgreaterthanequals":  {Base: Numeric, Relation: GreaterEqual},
	"dateequals":                {Base: Date},
	"datenotequals":             {Base: Date, Negated: true},
	"datelessthan":              {Base: Date, Relation: Less},
	"datelessthanequals":        {Base: Date, Relation: LessEqual},
	"dategreaterthan":           {Base: Date, Relation: Greater},
	"dategreaterthanequals":     {Base: Date, Relation: GreaterEqual},
	"bool":                      {Base: Bool},
	"binaryequals":              {Base: Binary},
	"ipaddress":                 {Base: IPAddress},
	"notipaddress":              {Base: IPAddress, Negated: true},
	"null":                      {Base: Null},
}

// ParseOperator reads the name of an operator, in any case. It reports false
// for a name that AWS does not know: no condition under it ever holds. Null
// takes neither a set nor IfExists: these are read, and mean nothing.
func ParseOperator(s string) (Operator, bool) {
	name, set := Fold(s), Single
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		name, set = rest, ForAll
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		name, set = rest, ForSome
	}
	name, ifExists := strings.CutSuffix(name, "ifexists")
	o, ok := comparisons[name]
	if !ok {
		return Operator{}, false
	}
	if o.Base != Null {
		o.Set, o.IfExists = set, ifExists
	}
	return o, true
}
