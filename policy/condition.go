package policy

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// Covers reports whether the statement speaks of an action such as
// ssm:SendCommand, by Action or by NotAction. Case does not count; * and ? are
// wildcards in the name, not in the service. An action in the statement with
// white space or a comma covers nothing, and excludes nothing.
func (s Statement) Covers(action string) bool {
	list := s.Action
	if list == nil {
		list = s.NotAction
	}
	for _, pattern := range list {
		if match.Names(pattern, action) {
			return s.Action != nil
		}
	}
	return s.Action == nil && s.NotAction != nil
}

// MatchARN reports whether a resource as a statement names it, without
// variables, matches the ARN of a resource; "*" as the latter is no resource,
// which only the pattern "*" matches. Case counts. The first five fields match
// one by one, so that their wildcards match no colon; in the sixth, * matches
// slashes and colons too. A pattern of fewer fields is as one that goes on in
// stars.
//
// A wildcard in the resource type, as in instan*/i-1, is not one: it is not
// allowed (IAM User Guide, "IAM identifiers"). If another wildcard comes after
// it, as in security-group*/*, it is one, since policies managed by AWS have
// these.
func MatchARN(pattern, arn string) bool { return match.Resource(pattern, arn) }

// Reaches reports whether the statement speaks of a resource, an ARN or "*", by
// Resource or by NotResource; one that has neither, as in a trust policy, speaks
// of every resource. In a document of Version2012, variables after the fifth
// colon are looked up in context, which must compare keys without case; a
// resource with a variable that has neither a value nor a default matches
// nothing.
//
// Missing are the keys of variables that were asked for and not there, each
// once. There are none if no value of theirs could make a difference.
func (s Statement) Reaches(resource, version string, context func(key string) (Value, bool)) (reaches bool, missing []string) {
	list := s.Resource
	if list == nil {
		list = s.NotResource
	}
	if list == nil {
		return true, nil
	}
	found := false
	for _, pattern := range list {
		if version != Version2012 || !strings.Contains(pattern, "${") {
			if match.Resource(pattern, resource) {
				return s.Resource != nil, nil
			}
			continue
		}
		var absent []string
		matches := match.ParseARN(pattern, true).Match(resource, variables(context, &absent))
		if matches && absent == nil {
			return s.Resource != nil, nil
		}
		found = found || matches
		missing = addKeys(missing, absent)
	}
	return found == (s.Resource != nil), missing
}

// variables returns what looks up the values of variables: a key of many values
// has none. Keys that are not there are added to absent.
func variables(context func(key string) (Value, bool), absent *[]string) func(key string) (string, bool) {
	return func(key string) (string, bool) {
		v, there := context(key)
		if !there {
			*absent = addKeys(*absent, []string{key})
		}
		if !there || v.many || len(v.list) != 1 {
			return "", false
		}
		return v.list[0], true
	}
}

// addKeys returns the keys of both, each once.
func addKeys(keys, more []string) []string {
	for _, key := range more {
		if !slices.ContainsFunc(keys, func(k string) bool { return match.EqualFold(k, key) }) {
			keys = append(keys, key)
		}
	}
	return keys
}

// TestCondition reports whether one condition holds: an operator, as in
// "ForAnyValue:StringLikeIfExists"; a key; and the values that a document of
// that version gives for it. Context returns the value of a key of the request,
// and false if it is not there; it must compare keys without case.
//
// The rules are those of the IAM User Guide, "Condition operators" and
// "Creating a condition with multiple keys or values". Several values are
// alternatives; under Not, none may match. A key that is not there holds under
// Not, IfExists and ForAllValues, and else not. A key of many values holds only
// under ForAllValues and ForAnyValue, to which a key of one is a list of one.
// Only in Version2012 are ${keys} variables, under operators of strings and
// ARNs and Bool; one without value and default matches nothing, so it holds
// under Not. A condition with a value that is not of the operator's type, in the
// document or in the request, does not hold, also under Not: the guide does not
// say. No condition holds under an operator that AWS does not know.
//
// Missing are the keys that were asked for and were not there, each once, the
// variables' too, even if the condition holds. There are none under an unknown
// operator: no key could help.
func TestCondition(operator, key string, values []string, version string, context func(key string) (Value, bool)) (holds bool, missing []string) {
	return ParseCondition(operator, key, values, version).Test(context)
}

// A ParsedCondition is one condition, taken apart to be tested often. It is
// safe for concurrent use.
type ParsedCondition struct {
	operator match.Operator
	known    bool // the operator is one of AWS's
	key      string
	values   []match.Value
}

// ParseCondition takes a condition apart; see TestCondition.
func ParseCondition(operator, key string, values []string, version string) ParsedCondition {
	c := ParsedCondition{key: key}
	if c.operator, c.known = match.ParseOperator(operator); !c.known {
		return c
	}
	c.values = make([]match.Value, len(values))
	for i, v := range values {
		c.values[i] = match.ParseValue(c.operator, v, version == Version2012)
	}
	return c
}

// Test is TestCondition.
func (c ParsedCondition) Test(context func(key string) (Value, bool)) (holds bool, missing []string) {
	if !c.known {
		return false, nil
	}
	lookup := variables(context, &missing)
	value, there := context(c.key)
	if !there {
		missing = addKeys(missing, []string{c.key})
		for _, v := range c.values {
			for _, variable := range v.Variables() {
				lookup(variable)
			}
		}
	}
	return c.operator.Holds(c.values, value.list, value.many, lookup), missing
}
