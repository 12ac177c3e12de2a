package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/policy/internal/language"
)

// What a witness is made of where the policies leave it open. The accounts are
// those of AWS's own examples, the address is from RFC 5737.
var (
	exampleNames    = []string{"example", "another", "third"}
	exampleAccounts = []string{"111122223333", "444455556666", "123456789012"}
	exampleRegions  = []string{"us-east-1", "eu-west-1", "ap-southeast-2"}
	exampleValues   = map[string]string{ // by the type of the key
		"Bool": "true", "Numeric": "1", "Date": "2026-01-01T00:00:00Z", "IPAddress": "203.0.113.7", "ARN": "arn:aws:s3:::example",
	}
	exampleKeys = map[string][]string{
		"aws:principalaccount": exampleAccounts,
		"aws:resourceaccount":  exampleAccounts,
		"aws:sourceaccount":    exampleAccounts,
		"aws:requestedregion":  exampleRegions,
		"aws:principaltype":    {"User", "AssumedRole"},
		"aws:principalorgid":   {"o-a1b2c3d4e5", "o-example"},
		"aws:sourcevpc":        {"vpc-0123456789abcdef0", "vpc-0fedcba9876543210"},
		"aws:sourcevpce":       {"vpce-0123456789abcdef0", "vpce-0fedcba9876543210"},
	}
)

// guesses returns texts that a person might give for a dimension, the most
// telling first. They may not be in the languages, and are to be tried.
func (p *prover) guesses(d int, in []language.Pattern) []string {
	key, list := p.dimensions[d].key, []string{}
	service, _, _ := strings.Cut(p.action, ":")
	var usual []string
	switch {
	case d == resource:
		usual = p.documentedARNs(service)
		usual = append(usual, "arn:aws:"+service+":"+exampleRegions[0]+":"+p.account+":"+exampleNames[0])
	case key == "aws:principalarn":
		usual = []string{"arn:aws:iam::" + p.account + ":user/" + p.name, "arn:aws:iam::" + p.account + ":role/" + exampleNames[0]}
	default:
		usual = exampleKeys[key]
		if documented, ok := catalogue.LookupKey("", key); ok && usual == nil {
			if value := exampleValues[strings.TrimPrefix(documented.Type, "ArrayOf")]; value != "" {
				usual = []string{value}
			}
		}
	}
	list = append(list, usual...)
	for i := range exampleNames {
		for _, pattern := range in {
			if pattern.HasUnknown() {
				continue
			}
			text := pattern.Fill(func(w language.Wildcard) string { return p.fill(d, language.Wildcard{Colons: 5, One: w.One}, i) })
			if strings.HasPrefix(text, "arn:") {
				text = pattern.Fill(func(w language.Wildcard) string { return p.fill(d, w, i) })
			}
			list = append(list, text)
		}
	}
	return append(append(list, exampleNames...), "")
}

// documentedARNs returns examples of the resources that the action takes: those
// first that every call needs, and of the others the simplest.
func (p *prover) documentedARNs(service string) []string {
	a, _ := catalogue.Lookup(p.action)
	type example struct {
		optional int
		format   string
	}
	var examples []example
	for _, use := range a.Resources {
		optional := 1
		if use.Required {
			optional = 0
		}
		r, _ := catalogue.Type(service, use.Type)
		for _, format := range r.ARNs[:min(1, len(r.ARNs))] {
			examples = append(examples, example{optional, format})
		}
	}
	slices.SortStableFunc(examples, func(a, b example) int {
		return cmp.Or(a.optional-b.optional, len(a.format)-len(b.format))
	})
	arns := make([]string, len(examples))
	for i, e := range examples {
		arns[i] = p.fillFormat(e.format)
	}
	return arns
}

// fill returns the i-th example for a wildcard of an ARN.
func (p *prover) fill(d int, w language.Wildcard, i int) string {
	service, _, _ := strings.Cut(p.action, ":")
	switch {
	case w.One:
		return string("1x0"[i])
	case w.Colons == 3 && !w.Alone:
		return "east-1"
	case w.Colons < 5 && !w.Alone:
		return ""
	case w.Colons == 1:
		return "aws"
	case w.Colons == 2:
		return service
	case w.Colons == 3:
		return exampleRegions[i]
	case w.Colons == 4 && i == 0:
		return p.account
	case w.Colons == 4:
		return exampleAccounts[i]
	case d != resource && i == 0:
		return p.name
	}
	return exampleNames[i]
}

// fillFormat makes an ARN of a format such as arn:${Partition}:s3:::${BucketName}.
func (p *prover) fillFormat(format string) string {
	return catalogue.Fill(format, func(name string) string {
		switch name {
		case "Partition":
			return "aws"
		case "Region":
			return exampleRegions[0]
		case "Account":
			return p.account
		}
		return exampleNames[0]
	})
}
