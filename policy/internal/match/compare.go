package match

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An Outcome is what comparing one value of a policy with one of a request
// comes to.
type Outcome uint8

// The outcomes. Invalid is that one of the two is not of the operator's type,
// such as a number that is none.
const (
	Differs Outcome = iota
	Matches
	Invalid
)

// TakesVariables reports whether ${variables} count in values under the
// operator: under those that compare text, and Bool. Of Bool the IAM User Guide
// says both: yes in "IAM JSON policy elements: Condition operators", no in "IAM
// policy elements: Variables and tags".
func (o Operator) TakesVariables() bool {
	switch o.Base {
	case StringEquals, StringEqualsIgnoreCase, StringLike, ARNLike, Bool:
		return true
	}
	return false
}

// Wild reports whether * and ? are wildcards in values under the operator.
func (o Operator) Wild() bool { return o.Base == StringLike || o.Base == ARNLike }

// Compare compares a value of a policy, without variables, with a value of a
// request. It does not negate: Matches is what the operator without Not asks
// for. Null compares nothing, so values Differ under it.
func (o Operator) Compare(policy, request string) Outcome {
	switch o.Base {
	case StringEquals:
		return outcome(policy == request)
	case StringEqualsIgnoreCase:
		return outcome(EqualFold(policy, request))
	case StringLike:
		return outcome(Wild(policy, request))
	case ARNLike:
		if strings.Count(policy, ":") < 5 || strings.Count(request, ":") < 5 {
			return Invalid
		}
		p, r := split(policy), split(request)
		for i := range p {
			if !Wild(p[i], r[i]) {
				return Differs
			}
		}
		return Matches
	case IPAddress:
		p, ok := Network(policy)
		r, err := netip.ParseAddr(request)
		if !ok || err != nil {
			return Invalid
		}
		return outcome(p.Contains(r))
	case Numeric:
		return compare(o.Relation, Number, cmp.Compare[float64], policy, request)
	case Date:
		return compare(o.Relation, Instant, time.Time.Compare, policy, request)
	case Bool:
		return compare(Equal, Boolean, func(a, b bool) int { return cmp.Compare(strconv.FormatBool(a), strconv.FormatBool(b)) }, policy, request)
	case Binary:
		return compare(Equal, Bytes, bytes.Compare, policy, request)
	}
	return Differs
}

// ComparePattern is Compare for a value whose variables have been put in. Only
// operators that take variables have one.
func (o Operator) ComparePattern(policy []Pattern, request string) Outcome {
	switch o.Base {
	case ARNLike:
		if len(policy) < 6 || strings.Count(request, ":") < 5 {
			return Invalid
		}
		r := split(request)
		for i := range r {
			if !policy[i].Match(r[i]) {
				return Differs
			}
		}
		return Matches
	case StringEqualsIgnoreCase:
		return outcome(policy[0].Fold().Match(Fold(request)))
	case Bool:
		text, _ := policy[0].Literal()
		return o.Compare(text, request)
	}
	return outcome(policy[0].Match(request))
}

func outcome(matches bool) Outcome {
	if matches {
		return Matches
	}
	return Differs
}

// compare compares two values as what parse makes of them.
func compare[T any](want Relation, parse func(string) (T, bool), order func(a, b T) int, policy, request string) Outcome {
	p, ok1 := parse(policy)
	r, ok2 := parse(request)
	if !ok1 || !ok2 {
		return Invalid
	}
	switch c := order(r, p); want {
	case Less:
		return outcome(c < 0)
	case LessEqual:
		return outcome(c <= 0)
	case Greater:
		return outcome(c > 0)
	case GreaterEqual:
		return outcome(c >= 0)
	default:
		return outcome(c == 0)
	}
}

// Number reads a value under Numeric: a whole or decimal number.
func Number(s string) (float64, bool) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false // what ParseFloat takes beyond that: hexadecimal, inf, nan
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// Boolean reads a value under Bool or Null: true or false in any case.
func Boolean(s string) (value, ok bool) {
	return EqualFold(s, "true"), EqualFold(s, "true") || EqualFold(s, "false")
}

// Bytes reads a value under Binary: base64 (RFC 4648), with padding.
func Bytes(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil
}

// Network reads a value of a policy under IpAddress: a range in CIDR notation
// (RFC 4632), or one address. It returns the range with the bits beyond its
// mask zero. IPv4 addresses are in no range of IPv6 and the other way around.
func Network(s string) (netip.Prefix, bool) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// dates are the forms of a date of the W3C note "Date and Time Formats", to
// which the IAM User Guide refers. Fractions of a second are read without
// being named here.
var dates = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006", "2006-01-02T15:04:05", "2006-01-02T15:04"}

// Instant reads a value under Date: a date of the W3C note "Date and Time
// Formats", in which a missing part is the earliest, and a missing zone UTC; or
// seconds since 1970. Four digits are a year. A whole number of more than 11
// digits is in milliseconds: in seconds, it would be after the year 5000.
func Instant(s string) (time.Time, bool) {
	if year := len(s) == 4 && strings.Trim(s, "0123456789") == ""; !year && strings.Trim(s, "-.0123456789") == "" {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			if n >= 1e11 || n <= -1e11 {
				return time.UnixMilli(n), true
			}
			return time.Unix(n, 0), true
		}
		if n, ok := Number(s); ok && math.Abs(n) < 1e11 {
			whole, part := math.Modf(n)
			return time.Unix(int64(whole), int64(part*1e9)), true
		}
	}
	for _, form := range dates {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
