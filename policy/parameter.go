package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Parameters say which parameters of Parameter Store may be read and written.
// They go by name, "db-password", or path, "/web/*", which is also /web itself;
// * matches slashes too. Names under /aws/service are those that AWS publishes.
//
// To read is to get values, by name, by path, and of earlier versions:
// GetParameter reads those too, by NAME:VERSION, so to keep GetParameterHistory
// back would protect nothing. A path may be asked for only where all that is
// below may be read: whoever may get /a by path gets /a/b, whatever other
// policies say of /a/b (Systems Manager User Guide, "Restricting access to
// Parameter Store parameters using IAM policies"). To write is to create,
// change, label and delete.
type Parameters struct {
	Read  Names
	Write Names

	// Decrypt are the KMS keys of the parameters to read: ids, "alias/...", or
	// ARNs of either. The keys may be used only through Systems Manager, and
	// only to decrypt. An alias stands for the key that has it at the time: who
	// may move an alias may choose the key.
	Decrypt []string
}

var (
	readParameter   = []string{"ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters"}
	readByPath      = []string{"ssm:GetParametersByPath"}
	writeParameter  = []string{"ssm:DeleteParameter", "ssm:DeleteParameters", "ssm:LabelParameterVersion", "ssm:PutParameter", "ssm:UnlabelParameterVersion"}
	decryptByKey    = []string{"kms:Decrypt"}
	viaService      = "kms:ViaService"
	resourceAliases = "kms:ResourceAliases"
)

// parameters returns what it takes to read and write parameters.
func (r Restriction) parameters(in scope) (statements []Statement) {
	if !r.Parameters.Read.empty() {
		on, paths := parameterARNs(in, r.Parameters.Read)
		statements = append(statements, Allow(readParameter...).On(on...).As("ReadParameters"))
		if len(paths) > 0 {
			statements = append(statements, Allow(readByPath...).On(paths...).As("ReadParametersByPath"))
		}
	}
	if !r.Parameters.Write.empty() {
		on, _ := parameterARNs(in, r.Parameters.Write)
		statements = append(statements, Allow(writeParameter...).On(on...).As("WriteParameters"))
	}
	return append(statements, r.decrypt(in)...)
}

// parameterARNs returns the ARNs of parameters, in which the name follows
// "parameter" with one slash between them, and of those the ones below which
// all parameters are among them.
func parameterARNs(in scope, n Names) (on, paths []string) {
	if n.All {
		on = in.arns("ssm", "parameter/*")
		return on, on
	}
	for _, name := range n.List {
		arns := in.arns
		if publicParameter(name) {
			arns = func(_, resource string) []string { return in.ownedByAWS(resource) }
		}
		names := []string{name}
		if above, ok := strings.CutSuffix(name, "/*"); ok {
			names = append(names, above)
		}
		for _, name := range names {
			on = append(on, arns("ssm", "parameter/"+strings.TrimPrefix(name, "/"))...)
		}
		if strings.HasSuffix(name, "*") {
			paths = append(paths, on[len(on)-len(names)*len(in.all):]...)
		}
	}
	return on, paths
}

// decrypt returns what it takes to use the keys: a statement for those that go
// by id, and one for each alias, which is a condition.
func (r Restriction) decrypt(in scope) (statements []Statement) {
	decrypt := Allow(decryptByKey...).If("StringLike", viaService, viaParameterStore(in)...)
	var keys []string
	for _, key := range r.Parameters.Decrypt {
		f := strings.SplitN(key, ":", 6)
		name := f[len(f)-1]
		prefixes := []string{strings.TrimSuffix(key, name)}
		if len(f) == 1 {
			prefixes = in.arns("kms", "")
		}
		alias := strings.HasPrefix(name, "alias/")
		var on []string
		for _, prefix := range prefixes {
			if alias {
				on = append(on, prefix+"key/*")
			} else {
				on = append(on, prefix+"key/"+strings.TrimPrefix(name, "key/"))
			}
		}
		if alias {
			statements = append(statements, decrypt.On(on...).If("ForAnyValue:StringEquals", resourceAliases, name))
		} else {
			keys = append(keys, on...)
		}
	}
	if len(keys) > 0 {
		statements = append(statements, decrypt.On(keys...).As("DecryptByKey"))
	}
	return distinctStatements(statements)
}

// viaParameterStore returns what the service by which a key is used is called
// where the restriction holds. The rest of the name differs between partitions.
func viaParameterStore(in scope) (via []string) {
	for _, at := range in.all {
		via = append(via, "ssm."+at.Region+".*")
	}
	return via
}

// publicParameter reports whether the parameter is one that AWS publishes. In
// its ARN the account is empty.
func publicParameter(name string) bool { return strings.HasPrefix(fold(name), "/aws/service/") }

var (
	parameterName = regexp.MustCompile(`^(/[A-Za-z0-9_.*?-]+)+$|^[A-Za-z0-9_.*?-]+$`)
	keyName       = regexp.MustCompile(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias/[A-Za-z0-9/_-]+)$`)
	keyARN        = regexp.MustCompile(`^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:(key/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})|alias/[A-Za-z0-9/_-]+)$`)
)

func (p Parameters) check(in scope, ps *Problems) {
	checkParameters(p.Read, Path{"parameters", "read"}, ps)
	checkParameters(p.Write, Path{"parameters", "write"}, ps)
	for i, name := range p.Write.List {
		if publicParameter(name) || strings.HasPrefix(fold(name), "/aws/reference/") {
			ps.add(Path{"parameters", "write", strconv.Itoa(i)}, fmt.Sprintf("%q is AWS's own, and nobody else writes it", name), "leave it out")
		}
	}
	for i, key := range p.Decrypt {
		checkKey(in, key, Path{"parameters", "decrypt", strconv.Itoa(i)}, ps)
	}
	if len(p.Decrypt) > 0 && p.Read.empty() {
		ps.add(Path{"parameters", "decrypt"}, "keys decrypt the parameters to read, and there are none", "name parameters under read, or remove the keys")
	}
}

func checkParameters(n Names, path Path, ps *Problems) {
	for i, name := range n.List {
		path, first := path.at(strconv.Itoa(i)), fold(strings.TrimPrefix(name, "/"))
		switch {
		case name != "" && strings.Trim(name, "/*?") == "":
			ps.add(path, fmt.Sprintf("%q would be every parameter", name), "write all in place of the list, if that is meant")
		case strings.HasPrefix(name, "arn:"):
			ps.add(path, fmt.Sprintf("%q is an ARN: parameters go by name", name), "write only the name, after parameter, with its slash if it is a path")
		case strings.HasSuffix(name, "/"):
			ps.add(path, fmt.Sprintf("%q ends in a slash, as no name does", name), fmt.Sprintf("write %s* for it and all below", name))
		case !strings.HasPrefix(name, "/") && strings.Contains(name, "/"):
			ps.add(path, fmt.Sprintf("%q has a slash but does not begin with one, as paths do", name), "write /"+name)
		case !parameterName.MatchString(name) || len(name) > 1011:
			ps.add(path, fmt.Sprintf("%q cannot be the name of a parameter", name), "use A-Z a-z 0-9 _ . - with one slash before each part of a path and, for several, * and ?")
		case (strings.HasPrefix(first, "aws") || strings.HasPrefix(first, "ssm")) && !publicParameter(name) && !strings.HasPrefix(first, "aws/reference/"):
			ps.add(path, fmt.Sprintf("no parameter can be named %q: names do not begin with aws or ssm, but for AWS's own", name), "name what is meant, such as /aws/service/*")
		}
	}
}

func checkKey(in scope, key string, path Path, ps *Problems) {
	f := strings.Split(key, ":")
	switch {
	case keyName.MatchString(key):
	case !keyARN.MatchString(key):
		help := "write the id of a key, alias/NAME, or the ARN of either"
		if !strings.HasPrefix(key, "alias") && keyName.MatchString("alias/"+key) {
			help = "did you mean alias/" + key + "?"
		}
		ps.add(path, fmt.Sprintf("%q is no KMS key", key), help)
	case f[1] != in.home.Partition:
		ps.add(path, fmt.Sprintf("%q is of partition %s, and the restriction of %s", key, f[1], in.home.Partition), "name a key of this partition")
	case !slices.ContainsFunc(in.all, func(at Place) bool { return at.Region == f[3] }):
		ps.add(path, fmt.Sprintf("%q is of region %s, where the restriction does not hold", key, f[3]), "name a key of the same region, or add the region")
	}
}
