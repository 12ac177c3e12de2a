package access

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/policy"
)

// A candidate is one value of a key, or that it is not there.
type candidate struct {
	value   policy.Value
	kind    candidateKind
	written string    // the value of a policy it was made for
	at      time.Time // of instant
}

type candidateKind int

const (
	given   candidateKind = iota // a value that a policy names
	absent                       // the key is not there
	other                        // a value that no policy names
	network                      // an address in the network that is written
	before                       // of time and numbers: less than what is written
	after                        // and more
	several                      // all the values that policies name at once
)

// candidates returns values of a key, one for every set of the tests that can
// hold at once, and more. What policies name is first, then that the key is
// not there, then values that no policy names.
func candidates(key string, tests []test, lookup func(string) (policy.Value, bool)) []candidate {
	var list []candidate
	named := map[string]bool{}
	var words []string
	add := func(kind candidateKind, value, written string) {
		if id := strconv.Itoa(int(kind)) + value; !named[id] {
			named[id] = true
			list = append(list, candidate{value: policy.One(value), kind: kind, written: written})
		}
	}
	many, other1 := false, string(fresh)
	for _, t := range tests {
		family, set := familyOf(t.operator)
		many = many || set
		for _, value := range t.values {
			text, ok := fill(value, t.version, lookup)
			if !ok {
				continue
			}
			switch family {
			case "bool":
				add(given, "true", "true")
				add(given, "false", "false")
			case "ip":
				for _, address := range addresses(text) {
					add(network, address, text)
				}
				other1 = "192.0.0.1"
			case "numeric":
				if n, err := strconv.ParseFloat(text, 64); err == nil {
					add(before, number(n-1), text)
					add(given, number(n), text)
					add(after, number(n+1), text)
				}
			case "date":
				if at, ok := instant(text); ok {
					for i, kind := range []candidateKind{before, given, after} {
						moment := at.Add(time.Duration(i-1) * time.Second)
						add(kind, moment.UTC().Format(time.RFC3339), text)
						list[len(list)-1].at = at
					}
				}
			case "null":
			default:
				word := text
				if family == "like" {
					word, _ = common([]string{text}, runs[0])
				}
				add(given, word, text)
				words = append(words, word)
			}
		}
	}
	if len(words) == 0 && len(list) == 0 || !slices.ContainsFunc(list, func(c candidate) bool { return c.kind == before || c.written == "true" }) {
		add(other, other1, "")
	}
	if many {
		if len(words) > 1 {
			list = append(list, candidate{value: policy.Many(words...), kind: several})
		}
		for i, c := range list {
			if c.kind == given || c.kind == other {
				list[i].value = policy.Many(c.value.List()...)
			}
		}
		if len(words) > 0 {
			list = append(list, candidate{value: policy.Many(words[0], other1), kind: other})
		}
	}
	if key != "aws:currenttime" && key != "aws:epochtime" {
		list = append(list, candidate{kind: absent})
	}
	return list
}

// familyOf returns what an operator compares, and whether it is of many values.
func familyOf(operator string) (family string, set bool) {
	o := strings.ToLower(operator)
	if _, rest, found := strings.Cut(o, ":"); found {
		o, set = rest, true
	}
	o = strings.TrimSuffix(o, "ifexists")
	switch {
	case o == "bool", o == "null":
		return o, set
	case strings.Contains(o, "ipaddress"):
		return "ip", set
	case strings.HasPrefix(o, "numeric"):
		return "numeric", set
	case strings.HasPrefix(o, "date"):
		return "date", set
	case strings.HasPrefix(o, "arn"), strings.HasSuffix(o, "like"):
		return "like", set
	}
	return "text", set
}

// fill puts what lookup gives in place of the variables of a text.
func fill(text, version string, lookup func(string) (policy.Value, bool)) (string, bool) {
	if version != policy.Version2012 {
		return text, true
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		inner, after, closed := strings.Cut(rest, "}")
		b.WriteString(before)
		if !found || !closed {
			b.WriteString(text[len(before):])
			return b.String(), true
		}
		text = after
		key, fallback, hasFallback := strings.Cut(inner, ",")
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "*", "?", "$":
			b.WriteString(key)
			continue
		}
		if value, ok := lookup(key); ok && len(value.List()) == 1 {
			b.WriteString(value.List()[0])
		} else if hasFallback {
			b.WriteString(strings.Trim(strings.TrimSpace(fallback), "'"))
		} else {
			return "", false
		}
	}
}

// addresses returns the first and the last address of a network.
func addresses(text string) []string {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil
		}
		return []string{a.String()}
	}
	first := p.Masked().Addr()
	last := first.AsSlice()
	for i := p.Bits(); i < len(last)*8; i++ {
		last[i/8] |= 1 << (7 - i%8)
	}
	end, _ := netip.AddrFromSlice(last)
	return set([]string{first.String(), end.String()})
}

// instant reads a date of a policy.
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), true
	}
	return time.Time{}, false
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// writeValues writes what lookup gives for keys, so that different values give
// different texts.
func writeValues(b *strings.Builder, keys []string, lookup func(string) (policy.Value, bool)) {
	for _, key := range keys {
		value, ok := lookup(key)
		if !ok {
			b.WriteByte(0)
			continue
		}
		values := value.List()
		b.Write(binary.AppendUvarint(nil, uint64(len(values)+1)))
		for _, v := range values {
			b.Write(binary.AppendUvarint(nil, uint64(len(v))))
			b.WriteString(v)
		}
	}
}
