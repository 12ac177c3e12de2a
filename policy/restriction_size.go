package policy

import (
	"fmt"
	"slices"
)

// tooLarge reports the part of r that takes the most, and what to do about it.
func (r Restriction) tooLarge(size int, in scope, ps *Problems) {
	r = r.distinct()
	read, _ := parameterARNs(in, r.Parameters.Read)
	write, _ := parameterARNs(in, r.Parameters.Write)
	shares := []struct {
		size   int
		path   Path
		advice string
	}{
		{
			textLength(r.Documents.arns(in, "document/", "")),
			Path{"documents"},
			fmt.Sprintf("name its %d documents by patterns such as team-*", len(r.Documents.List)),
		},
		{
			textLength(r.Nodes.arns(in)),
			Path{"instances"},
			fmt.Sprintf("select its %d instances by tags, which take the same space however many there are", len(r.Nodes.IDs)),
		},
		{
			r.tagLength(),
			Path{"instances"},
			fmt.Sprintf("give the nodes of its %d selections one tag in common and select by that", len(r.Nodes.Tags)),
		},
		{2 * textLength(r.Buckets), Path{"buckets"}, fmt.Sprintf("name fewer than its %d buckets", len(r.Buckets))},
		{
			textLength(r.Automation.Start.arns(in, "document/", "")) + textLength(r.Automation.Start.arns(in, "automation-definition/", ":*")),
			Path{"automation", "start"},
			fmt.Sprintf("name its %d runbooks by patterns such as team-*", len(r.Automation.Start.List)),
		},
		{
			textLength(r.Sessions.Documents.arns(in, "document/", "")),
			Path{"sessions", "documents"},
			fmt.Sprintf("name its %d documents for sessions by patterns such as team-*", len(r.Sessions.Documents.List)),
		},
		{textLength(read), Path{"parameters", "read"}, fmt.Sprintf("name its %d parameters to read by paths such as /team/*", len(r.Parameters.Read.List))},
		{textLength(write), Path{"parameters", "write"}, fmt.Sprintf("name its %d parameters to write by paths such as /team/*", len(r.Parameters.Write.List))},
		{textLength(r.Parameters.Decrypt), Path{"parameters", "decrypt"}, fmt.Sprintf("name fewer than its %d keys", len(r.Parameters.Decrypt))},
		{Size(string(r.Conditions)), Path{"conditions"}, "ask less, since every grant repeats it"},
	}
	most := shares[0]
	for _, share := range shares {
		if share.size > most.size {
			most = share
		}
	}
	text := fmt.Sprintf("the restriction comes to %d characters, too many for %d policies of %d, which is what IAM takes on one principal", size, MaxDocuments, MaxManaged)
	switch r.Enforce {
	case "deny": // NotResource lists all that is left, and two such statements would leave nothing
		text = fmt.Sprintf("the restriction comes to %d characters, and IAM takes %d in the policy that has to name at once all that one action is left", size, MaxManaged)
	case "boundary":
		text = fmt.Sprintf("the restriction comes to %d characters, and IAM takes %d in the one boundary that a principal has", size, MaxManaged)
	}
	ps.add(most.path, text, most.advice+", or split the restriction in two")
}

// tagLength returns about how much the selections by tags take.
func (r Restriction) tagLength() (n int) {
	for _, tags := range r.Nodes.Tags {
		n += 200 // the rest of its statement
		for key, value := range tags {
			n += len(key) + len(value)
		}
	}
	return n
}

// distinct returns r without values that are there twice.
func (r Restriction) distinct() Restriction {
	for _, list := range []*[]string{
		&r.Documents.List, &r.Nodes.IDs, &r.Buckets, &r.Automation.Start.List, &r.Sessions.Documents.List,
		&r.Parameters.Read.List, &r.Parameters.Write.List, &r.Parameters.Decrypt,
	} {
		*list = slices.Compact(slices.Sorted(slices.Values(*list)))
	}
	return r
}

// textLength returns how much the values take in a list.
func textLength(values []string) (n int) {
	for _, v := range values {
		n += len(v) + len(`"",`)
	}
	return n
}
