package lint

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// operatorRules are about how a condition compares.
var operatorRules = []Rule{
	{
		Code: "condition-value-invalid", Title: "a value is none that the operator can compare", Severity: Error,
		Explanation: "Bool and Null take true or false, the operators of numbers, dates and addresses take those, and ARN operators take ARNs of six fields. Any other value equals nothing.",
		Fix:         "Write a value of the operator's type, or use a string operator.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "yes"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}`),
		check:       conditionValueInvalid,
	},
	{
		Code: "operator-wrong-for-key", Title: "an operator is not of the key's type", Severity: Warning,
		Explanation: "IAM compares the values as the operator's type. A string operator on an address compares the letters, so 10.0.0.* is not a network; an operator of dates or addresses on a key that holds text never holds.",
		Fix:         "Use an operator of the key's type.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringLike": {"aws:SourceIp": "203.0.113.*"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`),
		check:       operatorWrongForKey,
	},
	{
		Code: "wildcard-without-like", Title: "a wildcard under an operator that knows none", Severity: Warning,
		Explanation: "Under StringEquals, * and ? are plain characters, so the value equals only a text with a star in it. The value of a tag may hold one, so there it is only a suggestion.",
		Fix:         "Use StringLike, or write ${*} and ${?} if the characters themselves are meant.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringEquals": {"aws:userid": "*:amy@example.com"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"StringLike": {"aws:userid": "*:amy@example.com"}}}`),
		check:       wildcardWithoutLike,
	},
	{
		Code: "multivalued-without-set-operator", Title: "a key of many values is compared as if it had one", Severity: Error,
		Explanation: "Of a key such as aws:TagKeys a request has several values, and how they compare without ForAllValues or ForAnyValue is not documented; it has been seen never to match.",
		Fix:         "Write ForAnyValue: (one of the values must match) or ForAllValues: (each must) before the operator.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"StringEquals": {"aws:TagKeys": ["env", "team"]}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"]}, "Null": {"aws:TagKeys": "false"}}}`),
		check:       multivaluedWithoutSetOperator,
	},
	{
		Code: "forallvalues-vacuous", Title: "ForAllValues lets a request without the key pass", Severity: Warning,
		Explanation: "ForAllValues asks that each value of the request matches, which is so if there is none: an Allow holds also when the key is missing.",
		Fix:         `Add "Null": {KEY: "false"}, which asks that the key is there.`,
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"]}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"]}, "Null": {"aws:TagKeys": "false"}}}`),
		check:       forAllValuesVacuous,
	},
	{
		Code: "forallvalues-single-valued", Title: "ForAllValues on a key of one value", Severity: Warning,
		Explanation: "The key has one value or none. With one, ForAllValues changes nothing; with none, the condition holds, so that an Allow by tag admits whatever has no tag (IAM User Guide, \"Multivalued context keys\").",
		Fix:         "Leave ForAllValues out.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"ForAllValues:StringEquals": {"aws:ResourceTag/env": "dev"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/*", "Condition": {"StringEquals": {"aws:ResourceTag/env": "dev"}}}`),
		check:       forAllValuesSingleValued,
	},
	{
		Code: "private-source-ip", Title: "aws:SourceIp is compared with a private address", Severity: Warning,
		Explanation: "Calls reach AWS from public addresses. Those that come through a VPC endpoint have no aws:SourceIp, but aws:VpcSourceIp. A private address equals neither.",
		Fix:         "Write the public addresses of the network, or use aws:VpcSourceIp together with aws:SourceVpc.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-1234567890abcdef0"}}}`),
		check:       privateSourceIP,
	},
	{
		Code: "mfa-bool-without-ifexists", Title: "a Deny without MFA does not bite on access keys", Severity: Warning,
		Explanation: "aws:MultiFactorAuthPresent is missing from requests with long-term access keys, so Bool ... false does not hold there: those who never use MFA are not denied.",
		Fix:         "Write BoolIfExists.",
		Bad:         example(`{"Effect": "Deny", "Action": "ssm:StartSession", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}`),
		Good:        example(`{"Effect": "Deny", "Action": "ssm:StartSession", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}`),
		check:       mfaBoolWithoutIfExists,
	},
	{
		Code: "mfa-ifexists-in-allow", Title: "an Allow with MFA is open to access keys", Severity: Warning,
		Explanation: "aws:MultiFactorAuthPresent is missing from requests with long-term access keys, so BoolIfExists ... true holds there: those who never use MFA are allowed.",
		Fix:         "Write Bool.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:ListDocuments", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}`),
		check:       mfaIfExistsInAllow,
	},
}

// eachTest calls f with every test under an operator that IAM knows.
func (r *reading) eachTest(f func(s *statement, t test)) {
	for i := range r.statements {
		for _, t := range r.statements[i].tests {
			if t.known {
				f(&r.statements[i], t)
			}
		}
	}
}

var timeForm = regexp.MustCompile(`^([0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?|-?[0-9]+)$`)

// takes reports whether the operator can compare the value.
func (t test) takes(value string) bool {
	if strings.Contains(value, "${") {
		return true
	}
	switch t.Base {
	case match.Bool, match.Null:
		return match.EqualFold(value, "true") || match.EqualFold(value, "false")
	case match.Numeric:
		_, err := strconv.ParseFloat(value, 64)
		return err == nil && !strings.ContainsAny(value, "xXpP_") && !strings.ContainsAny(value, "nN")
	case match.Date:
		return timeForm.MatchString(value)
	case match.IPAddress:
		_, prefix := netip.ParsePrefix(value)
		_, address := netip.ParseAddr(value)
		return prefix == nil || address == nil
	case match.Binary:
		_, err := base64.StdEncoding.DecodeString(value)
		return err == nil
	case match.ARNLike:
		return value == "*" || strings.HasPrefix(value, "arn:") && strings.Count(value, ":") >= 5 || strings.HasPrefix(value, "*")
	}
	return true
}

var kinds = map[match.Base]string{
	match.Bool: "true or false", match.Null: "true or false", match.Numeric: "a number", match.Date: "a date such as 2027-03-31T00:00:00Z",
	match.IPAddress: "an address or a network such as 203.0.113.0/24", match.Binary: "base64", match.ARNLike: "an ARN of six fields",
}

func conditionValueInvalid(r *reading) {
	r.eachTest(func(s *statement, t test) {
		for i, value := range t.values {
			if !t.takes(value) {
				r.report(to(t.path, strconv.Itoa(i)), fmt.Sprintf("%s takes %s, and %q is none", t.operator, kinds[t.Base], value), "write "+kinds[t.Base])
			}
		}
	})
}

func operatorWrongForKey(r *reading) {
	r.eachTest(func(s *statement, t test) {
		key, ok := catalogue.LookupKey("", t.key)
		if !ok || t.Base == match.Null {
			return
		}
		kind := strings.TrimPrefix(key.Type, "ArrayOf")
		wrong := false
		switch t.Base {
		case match.IPAddress:
			wrong = kind != "IPAddress"
		case match.Date:
			wrong = kind != "Date"
		case match.Numeric:
			wrong = kind != "Numeric" && t.folded != "aws:epochtime" && kind != "String"
		case match.Bool:
			wrong = kind == "IPAddress" || kind == "Date" || kind == "Numeric" || kind == "ARN"
		default:
			wrong = kind == "IPAddress" || kind == "Date" && t.folded != "aws:tokenissuetime"
		}
		if wrong {
			better := map[string]string{"IPAddress": "IpAddress or NotIpAddress", "Date": "DateLessThan and the like", "Numeric": "NumericEquals and the like", "Bool": "Bool", "ARN": "ArnLike", "String": "StringEquals or StringLike"}[kind]
			r.report(t.path, fmt.Sprintf("%s is of type %s, which %s does not compare", key.Name, kind, t.operator), "use "+better)
		}
	})
}

func wildcardWithoutLike(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if t.Base != match.StringEquals && t.Base != match.StringEqualsIgnoreCase {
			return
		}
		for i, value := range t.values {
			if !wild(unescaped(value)) {
				continue
			}
			severity := Warning
			if _, ok := tagKey(t.key); ok {
				severity = Suggestion
			}
			like := "StringLike"
			if t.Negated {
				like = "StringNotLike"
			}
			r.reportAs(severity, to(t.path, strconv.Itoa(i)), fmt.Sprintf("under %s the wildcard in %q is a plain character", t.operator, value),
				fmt.Sprintf("write %s if a pattern is meant", like))
		}
	})
}

// unescaped returns the value without variables, ${*} and its like among them.
func unescaped(value string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(value, "${")
		b.WriteString(before)
		_, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(rest)
			return b.String()
		}
		value = after
	}
}

func multivaluedWithoutSetOperator(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if key, ok := r.key(s, t.key); ok && key.Multi && t.Set == match.Single && t.Base != match.Null {
			r.report(t.path, fmt.Sprintf("a request has several values of %s, which %s compares as if they were one", key.Name, t.operator),
				fmt.Sprintf("write ForAnyValue:%s if one of them must match, ForAllValues:%[1]s and Null false if each must", t.operator))
		}
	})
}

func forAllValuesVacuous(r *reading) {
	r.eachTest(func(s *statement, t test) {
		key, ok := r.key(s, t.key)
		if !s.allow || t.Set != match.ForAll || !ok || !key.Multi || s.present(t.folded) {
			return
		}
		if t.folded == "aws:tagkeys" {
			// A request with a tag has its key among the keys.
			if _, tagged := s.test(func(t test) bool { return strings.HasPrefix(t.folded, "aws:requesttag/") && t.requires() }); tagged {
				return
			}
		}
		r.report(t.path, fmt.Sprintf("the condition also holds of a request without %s", key.Name), fmt.Sprintf(`add "Null": {%q: "false"}, unless that is meant`, t.key))
	})
}

func forAllValuesSingleValued(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if key, ok := r.key(s, t.key); s.allow && t.Set == match.ForAll && ok && !key.Multi && !s.present(t.folded) {
			r.report(t.path, fmt.Sprintf("%s has one value, and ForAllValues holds where it has none", t.key),
				fmt.Sprintf("write %s", strings.TrimPrefix(t.operator[strings.IndexByte(t.operator, ':'):], ":")))
		}
	})
}

func privateSourceIP(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if t.folded != "aws:sourceip" || t.Base != match.IPAddress {
			return
		}
		for i, value := range t.values {
			network, err := netip.ParsePrefix(value)
			if address, single := netip.ParseAddr(value); single == nil {
				network, err = netip.PrefixFrom(address, address.BitLen()), nil
			}
			if err == nil && network.Addr().IsPrivate() && network.Bits() >= 8 {
				r.report(to(t.path, strconv.Itoa(i)), fmt.Sprintf("no call comes from %s, which is private", value), "write the public addresses of the network, or use aws:VpcSourceIp")
			}
		}
	})
}

func mfaBoolWithoutIfExists(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if !s.allow && t.folded == "aws:multifactorauthpresent" && t.Base == match.Bool && !t.IfExists && t.is("false") {
			r.report(t.path, "a request with an access key has no aws:MultiFactorAuthPresent, so it is not denied", "write BoolIfExists")
		}
	})
}

func mfaIfExistsInAllow(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if s.allow && t.folded == "aws:multifactorauthpresent" && t.Base == match.Bool && t.IfExists && t.is("true") && !s.present(t.folded) {
			r.report(t.path, "a request with an access key has no aws:MultiFactorAuthPresent, so it is allowed without MFA", "write Bool")
		}
	})
}
