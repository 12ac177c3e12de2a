package policy

import (
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// A dimension is the resource of a request, or one of its condition keys. The
// resource "*", of a request whose action knows none, is an absent one.
type dimension struct {
	key               string // in lower case; "" for the resource
	spelled           string // as AWS or a policy writes it
	absent, one, many bool   // the forms that it can come in
	variable          bool   // whether a policy puts its value in somewhere
}

// dimension returns the number of a condition key.
func (p *prover) dimension(key string) int {
	folded := fold(key)
	if i, ok := p.dimensionIndex[folded]; ok {
		return i
	}
	documented, ok := catalogue.LookupKey("", key)
	p.dimensions = append(p.dimensions, dimension{
		key: folded, spelled: contextKeyName(key), absent: true, one: true, many: ok && documented.Multi,
	})
	p.dimensionIndex[folded] = len(p.dimensions) - 1
	return len(p.dimensions) - 1
}

// testedAsList notes that ForAllValues or ForAnyValue tests a key.
func (p *prover) testedAsList(d int) {
	if k, ok := catalogue.LookupKey("", p.dimensions[d].key); !ok || k.Multi {
		p.dimensions[d].many = true
	}
}

// callers are what the keys are like that every request has, for those of users
// and of roles (IAM User Guide, "AWS global condition context keys").
var callers = []Condition{
	{
		"ArnLike":       {"aws:PrincipalArn": {"arn:*:iam::????????????:user/?*"}},
		"StringLike":    {"aws:PrincipalAccount": {"????????????"}, "aws:ResourceAccount": {"????????????"}, "aws:username": {"?*"}},
		"StringNotLike": {"aws:username": {"*/*"}},
		"StringEquals":  {"aws:PrincipalType": {"User"}, "aws:PrincipalIsAWSService": {"false"}},
		"Null":          {"aws:PrincipalServiceName": {"true"}},
	},
	{
		"ArnLike":      {"aws:PrincipalArn": {"arn:*:iam::????????????:role/?*"}},
		"ArnNotLike":   {"aws:PrincipalArn": {"arn:*:iam::*:role/aws-service-role/*"}},
		"StringLike":   {"aws:PrincipalAccount": {"????????????"}, "aws:ResourceAccount": {"????????????"}},
		"StringEquals": {"aws:PrincipalType": {"AssumedRole"}, "aws:PrincipalIsAWSService": {"false"}},
		"Null":         {"aws:username": {"true"}, "aws:PrincipalServiceName": {"true"}},
	},
}

// ofCallers are the keys that follow from who asks, in lower case.
var ofCallers = []string{"aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principalservicename", "aws:principaltype", "aws:username"}

// callerBoxes returns what callers ask of the keys that the policies mention.
func (p *prover) callerBoxes() []*box {
	boxes := make([]*box, len(callers))
	for i, c := range callers {
		boxes[i] = new(box)
		for _, operator := range slices.Sorted(maps.Keys(c)) {
			for _, key := range slices.Sorted(maps.Keys(c[operator])) {
				if _, ok := p.dimensionIndex[fold(key)]; ok {
					boxes[i].atoms = append(boxes[i].atoms, p.conditionAtom(operator, key, c[operator][key], false))
				}
			}
		}
	}
	if len(boxes[0].atoms) == 0 {
		return boxes[:1]
	}
	return boxes
}
