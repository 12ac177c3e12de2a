// Package managed holds the policies that AWS itself manages, as embedded and
// dated data: their names, paths, versions, partitions and documents.
//
// It answers offline what "AmazonEC2RoleforSSM" is and which ARN it has, since
// a third of the policies are not at the path that their name suggests. It is
// a photograph: AWS publishes new versions every week, so where the account
// can be asked, the account is right. The package does not know what a
// document means; package policy does.
//
// The file NOTICE says where the data come from and of which day they are;
// the command in refresh makes them anew.
package managed

import (
	"iter"
	"slices"
	"strings"
)

// A Policy is one policy managed by AWS, in the version that was its default
// when the data were made.
type Policy struct {
	Name    string // "AmazonEC2RoleforSSM"
	Path    string // "/service-role/"; begins and ends with a slash
	Version string // "v8"
	Updated string // when that version came to be: RFC 3339, in UTC
}

// Lookup returns the policy of that name. Case matters, as it does to IAM in
// an ARN. The cost is that of a map, after the first use of the package.
func Lookup(name string) (Policy, bool) {
	e, ok := index().byName[name]
	if !ok {
		return Policy{}, false
	}
	return e.Policy, true
}

// FromARN returns the policy with that ARN, in whatever partition. It is
// false where the name exists but the path is another: IAM answers
// NoSuchEntity to such an ARN.
func FromARN(arn string) (Policy, bool) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) != 6 || f[0] != "arn" || f[1] == "" || f[2] != "iam" || f[3] != "" || f[4] != "aws" {
		return Policy{}, false
	}
	p, ok := Lookup(f[5][strings.LastIndexByte(f[5], '/')+1:])
	if !ok || p.ARN(f[1]) != arn {
		return Policy{}, false
	}
	return p, true
}

// All yields every policy, in the order of their names.
func All() iter.Seq[Policy] {
	return func(yield func(Policy) bool) {
		for _, e := range index().sorted {
			if !yield(e.Policy) {
				return
			}
		}
	}
}

// Date returns the day, as in "2026-05-01", on which the newest version in the
// data came to be. What AWS published later is not in them.
func Date() string {
	newest := ""
	for p := range All() {
		newest = max(newest, p.Updated)
	}
	return newest[:len("2006-01-02")]
}

// ARN returns the policy's ARN in that partition: "aws", "aws-cn", ...
// Whether the policy exists there is for In to say.
func (p Policy) ARN(partition string) string {
	return "arn:" + partition + ":iam::aws:policy" + p.Path + p.Name
}

// In reports whether the policy exists in that partition, as far as the data
// go. They are those of partition "aws", so there every policy exists; of a
// partition that the data do not mention, nothing is known and the answer is
// false.
func (p Policy) In(partition string) bool {
	e, ok := index().byName[p.Name]
	return ok && (partition == "aws" || slices.Contains(e.partitions, partition))
}

// Attachable reports whether the policy can be attached to a user, a group or
// a role. Policies of service-linked roles cannot: IAM answers
// PolicyNotAttachable.
func (p Policy) Attachable() bool { return !strings.HasPrefix(p.Path, "/aws-service-role/") }

// Document returns the policy's document as compact JSON, the caller's to
// keep, or nil for a policy that is not in the data. It is the text of
// partition "aws"; elsewhere the ARNs in it begin otherwise. The first call
// unpacks the documents of all policies, which takes some milliseconds.
func (p Policy) Document() []byte {
	e, ok := index().byName[p.Name]
	if !ok {
		return nil
	}
	return slices.Clone(documents()[e.line])
}
