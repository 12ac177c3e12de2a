package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A parameter of Parameter Store.
type parameter struct {
	Name        string
	Type        string
	Tier        string
	Description string
	DataType    string
	Pattern     string // AllowedPattern
	KeyID       string // of KMS
	Policies    string
	Tags        tags
	Versions    []parameterVersion // the newest last
}

type parameterVersion struct {
	Version  int
	Value    string
	Modified time.Time
}

func (p *parameter) key() string { return p.Name }

func (p *parameter) latest() parameterVersion { return p.Versions[len(p.Versions)-1] }

// The limits of Parameter Store.
const (
	standardSize  = 4096
	advancedSize  = 8192
	keptVersions  = 100
	deepestName   = 15
	longestName   = 1011
	parameterKeys = 10000
)

var (
	parameterSegment = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)
	reservedName     = regexp.MustCompile(`(?i)^/?(aws|ssm)`)
)

// nameProblem says why a parameter cannot be called that, or nil.
func nameProblem(name string) error {
	segments := strings.Split(strings.TrimPrefix(name, "/"), "/")
	switch {
	case strings.HasPrefix(strings.ToLower(name), "/aws"):
		return errorf("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case reservedName.MatchString(name),
		strings.Contains(name, "/") && !strings.HasPrefix(name, "/"),
		slices.ContainsFunc(segments, func(s string) bool { return !parameterSegment.MatchString(s) }):
		return errorf("ValidationException", `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
	case len(segments) > deepestName:
		return errorf("HierarchyLevelLimitExceededException", "The hierarchy can have a maximum of %d levels. You tried to create %d levels.", deepestName, len(segments))
	case len(name) > longestName:
		return errorf("ValidationException", "Parameter name must not exceed %d characters", longestName)
	}
	return nil
}

// stored turns an ARN of a parameter of the account into its name.
func (c *call) stored(nameOrARN string) string {
	name, ok := strings.CutPrefix(nameOrARN, c.arn("ssm", c.region().Name, "parameter"))
	if !ok {
		return nameOrARN
	}
	if c.region().Parameters.has(name) {
		return name
	}
	return strings.TrimPrefix(name, "/") // names without a slash get one in ARNs
}

func (c *call) parameterARN(name string) string {
	if strings.HasPrefix(name, "/aws/service/") {
		return "arn:" + c.partition() + ":ssm:" + c.region().Name + "::parameter" + name
	}
	return c.arn("ssm", c.region().Name, "parameter/"+strings.TrimPrefix(name, "/"))
}

// parameter finds a parameter, AWS's public ones included, or nil.
func (c *call) parameter(name string) *parameter {
	if strings.HasPrefix(name, "/aws/service/") {
		for _, p := range c.publicParameters() {
			if p.Name == name {
				return p
			}
		}
		return nil
	}
	return c.region().Parameters.get(c.stored(name))
}

func parameterNotFound(name string) error {
	return errorf("ParameterNotFound", "Parameter %s not found.", name)
}

// parameterVersion follows a name with or without ":version" at its end.
func (c *call) parameterVersion(selector string) (*parameter, parameterVersion, error) {
	if p := c.parameter(selector); p != nil {
		return p, p.latest(), nil
	}
	if i := strings.LastIndexByte(selector, ':'); i > 0 {
		if p := c.parameter(selector[:i]); p != nil {
			n, err := strconv.Atoi(selector[i+1:])
			for _, v := range p.Versions {
				if err == nil && v.Version == n {
					return p, v, nil
				}
			}
			return nil, parameterVersion{}, errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", selector[i+1:], selector[:i])
		}
	}
	return nil, parameterVersion{}, parameterNotFound(selector)
}

// publicParameters are the ones that say which image is Amazon Linux today.
func (c *call) publicParameters() []*parameter {
	var list []*parameter
	for _, name := range []string{
		"al2023-ami-kernel-default-x86_64", "al2023-ami-kernel-default-arm64",
		"al2023-ami-minimal-kernel-default-x86_64", "al2023-ami-minimal-kernel-default-arm64",
		"amzn2-ami-hvm-x86_64-gp2", "amzn2-ami-hvm-arm64-gp2", "amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
	} {
		sum := sha256.Sum256([]byte(c.region().Name + "/" + name))
		list = append(list, &parameter{
			Name: "/aws/service/ami-amazon-linux-latest/" + name, Type: "String", Tier: "Standard", DataType: "aws:ec2:image",
			Versions: []parameterVersion{{1, "ami-0" + hex.EncodeToString(sum[:])[:16], time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)}},
		})
	}
	return list
}

func putParameter(c *call, in struct {
	Name           string `is:"parameterName!"`
	Value          string `is:"!"`
	Type           string `is:"parameterType"`
	Description    *string
	Overwrite      bool
	Tier           string `is:"tier"`
	DataType       string `is:"dataType"`
	AllowedPattern string
	KeyId          string
	Policies       string
	Tags           []tag `is:"tags"`
}) (out struct {
	Version int
	Tier    string
}, err error,
) {
	name := c.stored(in.Name)
	if err := nameProblem(name); err != nil {
		return out, err
	}
	old := c.region().Parameters.get(name)
	tier := in.Tier
	if old != nil {
		tier = cmp.Or(tier, old.Tier)
	}
	if tier == "Intelligent-Tiering" || tier == "" {
		advanced := in.Tier != "" && len(in.Value) > standardSize || old != nil && old.Tier == "Advanced"
		tier = map[bool]string{true: "Advanced", false: "Standard"}[advanced]
	}
	kind := in.Type
	if old != nil {
		kind = cmp.Or(kind, old.Type)
	}
	allowed, badPattern := regexp.Compile(in.AllowedPattern)
	switch {
	case old != nil && !in.Overwrite:
		return out, errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case in.Overwrite && len(in.Tags) > 0:
		return out, c.invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case kind == "":
		return out, c.invalid("A parameter type is required when you create a parameter.")
	case old != nil && kind != old.Type && (kind == "SecureString" || old.Type == "SecureString"):
		return out, errorf("HierarchyTypeMismatchException", "Parameter Store does not support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type.")
	case old != nil && old.Tier == "Advanced" && in.Tier == "Standard":
		return out, c.invalid("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	case tier == "Standard" && len(in.Value) > standardSize:
		return out, c.invalid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", standardSize)
	case len(in.Value) > advancedSize:
		return out, c.invalid("Advanced tier parameters support a maximum parameter value of %d characters.", advancedSize)
	case badPattern != nil:
		return out, errorf("InvalidAllowedPatternException", "The regular expression %s is not valid.", in.AllowedPattern)
	case in.AllowedPattern != "" && !allowed.MatchString(in.Value):
		return out, errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", in.AllowedPattern)
	case in.DataType == "aws:ec2:image" && !imageID.MatchString(in.Value):
		return out, c.invalid("The parameter value %s is not the id of an image.", in.Value)
	case old == nil && c.region().Parameters.len() >= parameterKeys:
		return out, errorf("ParameterLimitExceeded", "You have exceeded the number of parameters for this Amazon Web Services account.")
	}
	p := old
	if p == nil {
		t, err := c.with(nil, in.Tags, false)
		if err != nil {
			return out, err
		}
		p = &parameter{Name: name, Tags: t, DataType: "text"}
		c.region().Parameters.put(p)
	}
	if in.Description != nil {
		p.Description = *in.Description
	}
	p.Type, p.Tier, p.DataType, p.KeyID = kind, tier, cmp.Or(in.DataType, p.DataType), cmp.Or(in.KeyId, p.KeyID)
	p.Pattern, p.Policies = in.AllowedPattern, cmp.Or(in.Policies, p.Policies)
	next := 1
	if len(p.Versions) > 0 {
		next = p.latest().Version + 1
	}
	p.Versions = append(p.Versions, parameterVersion{next, in.Value, c.now})
	if len(p.Versions) > keptVersions {
		p.Versions = slices.Delete(p.Versions, 0, len(p.Versions)-keptVersions)
	}
	out.Version, out.Tier = next, tier
	return out, nil
}

func deleteParameter(c *call, in struct {
	Name string `is:"parameterName!"`
},
) (out none, err error) {
	name := c.stored(in.Name)
	if !c.region().Parameters.has(name) {
		return out, parameterNotFound(in.Name)
	}
	c.region().Parameters.remove(name)
	return out, nil
}

func deleteParameters(c *call, in struct {
	Names []string `is:"names10!"`
},
) (out struct{ DeletedParameters, InvalidParameters []string }, err error) {
	out.DeletedParameters, out.InvalidParameters = []string{}, []string{}
	for _, n := range in.Names {
		if name := c.stored(n); c.region().Parameters.has(name) {
			c.region().Parameters.remove(name)
			out.DeletedParameters = append(out.DeletedParameters, n)
		} else {
			out.InvalidParameters = append(out.InvalidParameters, n)
		}
	}
	return out, nil
}
