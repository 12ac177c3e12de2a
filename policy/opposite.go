package policy

import "strings"

// The operators that hold just when another does not, given a value to look
// at. The last of a pair is the one that holds where the key is missing.
var negations = [][2]string{
	{"StringEquals", "StringNotEquals"},
	{"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"},
	{"StringLike", "StringNotLike"},
	{"ArnEquals", "ArnNotEquals"},
	{"ArnLike", "ArnNotLike"},
	{"IpAddress", "NotIpAddress"},
	{"NumericEquals", "NumericNotEquals"},
	{"DateEquals", "DateNotEquals"},
}

// The operators that compare with one value, and each other's opposites. None
// holds where the key is missing.
var orders = map[string]string{
	"NumericLessThan": "NumericGreaterThanEquals", "NumericGreaterThanEquals": "NumericLessThan",
	"NumericGreaterThan": "NumericLessThanEquals", "NumericLessThanEquals": "NumericGreaterThan",
	"DateLessThan": "DateGreaterThanEquals", "DateGreaterThanEquals": "DateLessThan",
	"DateGreaterThan": "DateLessThanEquals", "DateLessThanEquals": "DateGreaterThan",
}

// opposite returns lines that hold together just when t does not. It is false
// where the policy language has none: for BinaryEquals, and for an order or a
// Bool with several values.
//
// What the operators do where the key is missing decides about IfExists (IAM
// User Guide, "IAM JSON policy elements: Condition operators"): those with Not
// hold then, the others do not, and ForAllValues holds.
func (t line) opposite() ([]line, bool) {
	operator, ifExists := strings.CutSuffix(t.operator, "IfExists")
	set, operator, isSet := strings.Cut(operator, ":")
	if !isSet {
		set, operator = "", set
	}
	if isSet && ifExists {
		return nil, false
	}
	o := line{key: t.key, values: t.values, path: t.path}
	switch set { // some value is not as asked, or all are not
	case "ForAnyValue":
		set = "ForAllValues:"
	case "ForAllValues":
		set = "ForAnyValue:"
	}
	for _, pair := range negations {
		switch operator {
		case pair[0]:
			o.operator = set + pair[1]
			if ifExists { // it must be there to be wrong
				return []line{o, {operator: "Null", key: t.key, values: []string{"false"}}}, true
			}
			return []line{o}, true
		case pair[1]:
			o.operator = set + pair[0]
			return []line{o}, true
		}
	}
	if len(t.values) != 1 {
		return nil, false
	}
	o.operator = orders[operator]
	if operator == "Bool" || operator == "Null" {
		o.operator = operator
		switch fold(t.values[0]) {
		case "true":
			o.values = []string{"false"}
		case "false":
			o.values = []string{"true"}
		default:
			return nil, false
		}
	}
	if o.operator == "" {
		return nil, false
	}
	if operator != "Null" && !isSet && !ifExists {
		o.operator += "IfExists" // missing, it does not hold
	}
	o.operator = set + o.operator
	return []line{o}, true
}
