package sandbox

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A shape is the constraint AWS's API model puts on a value: a length for
// strings and lists, a range for numbers.
type shape struct {
	min, max int
	pattern  *regexp.Regexp
	says     string // of a string that does not match; "" for the standard sentence
	enum     []string
}

func pattern(p string) *regexp.Regexp { return regexp.MustCompile(`^(?s:` + p + `)$`) }

var (
	nameCharacters = pattern(`[\w+=,.@-]+`)
	nameSays       = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
	pathCharacters = pattern(`/|/[\x21-\x7e]+/`)
	pathSays       = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
)

// shapes are the constraints by name; fields take them with the tag "is",
// where "!" after the name makes the field required. They are those of the
// API models of IAM, STS, SSM and the tagging API.
var shapes = map[string]shape{
	"":            {max: 1 << 30},
	"userName":    {min: 1, max: 64, pattern: nameCharacters, says: nameSays},
	"roleName":    {min: 1, max: 64, pattern: nameCharacters, says: nameSays},
	"name128":     {min: 1, max: 128, pattern: nameCharacters, says: nameSays},
	"path":        {min: 1, max: 512, pattern: pathCharacters, says: pathSays},
	"policyPath":  {min: 1, max: 512, pattern: pattern(`((/[A-Za-z0-9.,+@=_-]+)*)/`), says: pathSays},
	"pathPrefix":  {min: 1, max: 512, pattern: pattern(`/[\x21-\x7f]*`), says: "It must begin with / and contain only characters in the range ! to ~."},
	"arn":         {min: 20, max: 2048},
	"document":    {min: 1, max: 131072, pattern: pattern(`[\t\n\r\x20-\x{ff}]+`), says: "It must contain only printable ASCII characters."},
	"description": {max: 1000, pattern: pattern(`[\t\n\r\x20-\x7e\x{a1}-\x{ff}]*`)},
	"versionId":   {min: 1, max: 64, pattern: pattern(`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)},
	"session":     {min: 3600, max: 43200},
	"maxItems":    {min: 1, max: 1000},
	"marker":      {min: 1, max: 1 << 20},
	"tagKey":      {min: 1, max: 128, pattern: tagCharacters},
	"tagValue":    {min: 0, max: 256, pattern: tagCharacters},
	"tags":        {min: 0, max: 50},
	"service":     {min: 1, max: 128},
	"keyId":       {min: 16, max: 128},
	"status":      {enum: []string{"Active", "Inactive"}},
	"password":    {min: 1, max: 128},
	"scope":       {enum: []string{"All", "AWS", "Local"}},
	"usage":       {enum: []string{"PermissionsPolicy", "PermissionsBoundary"}},
	"entity":      {enum: []string{"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"}},
	"holder":      {enum: []string{"User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"}},

	"stsSession":  {min: 2, max: 64, pattern: pattern(`[\w+=,.@-]*`)},
	"stsDuration": {min: 900, max: 43200},
	"tokenLife":   {min: 900, max: 129600},

	"parameterName": {min: 1, max: 2048},
	"parameterType": {enum: []string{"String", "StringList", "SecureString"}},
	"tier":          {enum: []string{"Standard", "Advanced", "Intelligent-Tiering"}},
	"dataType":      {enum: []string{"text", "aws:ec2:image", "aws:ssm:integration"}},
	"names10":       {min: 1, max: 10},
	"max10":         {min: 1, max: 10},
	"max50":         {min: 1, max: 50},
	"nodes50":       {min: 5, max: 50},
	"nodes1000":     {min: 5, max: 1000},
	"ssmDocument":   {min: 3, max: 128, pattern: pattern(`[a-zA-Z0-9_\-.]{3,128}`)},
	"anyDocument":   {min: 3, max: 256, pattern: pattern(`[a-zA-Z0-9_\-.:/]{3,256}`)},
	"documentType": {enum: []string{
		"CloudFormation", "Command", "Policy", "Automation", "AutoApprovalPolicy", "ManualApprovalPolicy", "Session",
		"Package", "ApplicationConfiguration", "ApplicationConfigurationSchema", "DeploymentStrategy", "ChangeCalendar", "Automation.ChangeTemplate",
		"ProblemAnalysis", "ProblemAnalysisTemplate", "ConformancePackTemplate", "QuickSetup",
	}},
	"documentFormat":  {enum: []string{"YAML", "JSON", "TEXT"}},
	"documentVersion": {max: 16, pattern: pattern(`[$]LATEST|[$]DEFAULT|[1-9][0-9]*`)},
	"documentNumber":  {max: 16, pattern: pattern(`[1-9][0-9]*`)},
	"targetType":      {max: 200, pattern: pattern(`/[\w./:-]*`)},
	"versionName":     {max: 128, pattern: pattern(`[a-zA-Z0-9_\-.]{1,128}`)},
	"instances50":     {max: 50},
	"targets5":        {max: 5},
	"timeout":         {min: 30, max: 2592000},
	"comment":         {max: 100},
	"atOnce":          {min: 1, max: 7, pattern: pattern(`[1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%`)},
	"commandId":       {min: 36, max: 36},
	"resourceType":    {enum: []string{"Document", "ManagedInstance", "MaintenanceWindow", "Parameter", "PatchBaseline", "OpsItem", "OpsMetadata", "Automation", "Association"}},

	"perPage100": {min: 1, max: 100},
}

// tagCharacters are what tags of IAM and SSM may hold.
var tagCharacters = pattern(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`)

// validate holds the input of an operation against the shapes its fields
// name. EC2, whose model has none, only minds what is missing.
func (c *call) validate(in any) error {
	var problems []string
	missing := ""
	walk(reflect.ValueOf(in), "", c.service.protocol == awsQuery, func(path, tag string, v reflect.Value) {
		name, required := strings.CutSuffix(tag, "!")
		s, ok := shapes[name]
		if !ok {
			panic("sandbox: no shape " + name)
		}
		if absent(v) {
			if required {
				missing = path
				problems = append(problems, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", path))
			}
			return
		}
		if c.service.protocol != ec2Query {
			problems = append(problems, s.problems(path, v)...)
		}
	})
	switch {
	case len(problems) == 0:
		return nil
	case c.service.protocol == ec2Query:
		return errorf("MissingParameter", "The request must contain the parameter %s", missing)
	case len(problems) == 1 && strings.HasPrefix(problems[0], "The specified value"):
		return c.invalid("%s", problems[0])
	}
	return c.invalidAll(problems)
}

// walk calls visit for every field with a tag "is", at any depth, with the
// path AWS's messages call it by.
func walk(v reflect.Value, prefix string, members bool, visit func(path, tag string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), prefix, members, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			step := "."
			if members {
				step = ".member."
			}
			if v.Type().Elem().Kind() != reflect.Uint8 {
				walk(v.Index(i), strings.TrimSuffix(prefix, ".")+step+itoa(i+1)+".", members, visit)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			path := prefix + lowerFirst(f.Name)
			if inlined(f) {
				walk(v.Field(i), prefix, members, visit)
				continue
			}
			if tag, ok := f.Tag.Lookup("is"); ok {
				visit(path, tag, v.Field(i))
			}
			walk(v.Field(i), path+".", members, visit)
		}
	}
}

// absent reports whether a parameter was not given. An empty string counts as
// given only where the field is a pointer.
func absent(v reflect.Value) bool { return v.IsZero() }

func (s shape) problems(path string, v reflect.Value) []string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	var value string
	var size int
	switch v.Kind() {
	case reflect.String:
		value, size = v.String(), utf8.RuneCountInString(v.String())
	case reflect.Int:
		value, size = fmt.Sprint(v.Int()), int(v.Int())
	case reflect.Slice, reflect.Map:
		value, size = fmt.Sprint(v.Interface()), v.Len()
	default:
		return nil
	}
	failed := func(what string) string {
		return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", value, path, what)
	}
	of := "length"
	if v.Kind() == reflect.Int {
		of = "value"
	}
	var problems []string
	if s.enum != nil {
		values := []string{value}
		if v.Kind() == reflect.Slice {
			values = v.Interface().([]string)
		}
		for _, one := range values {
			if !slices.Contains(s.enum, one) {
				problems = append(problems, failed("Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]"))
			}
		}
		return problems
	}
	if size < s.min {
		problems = append(problems, failed(fmt.Sprintf("Member must have %s greater than or equal to %d", of, s.min)))
	}
	if s.max != 0 && size > s.max {
		problems = append(problems, failed(fmt.Sprintf("Member must have %s less than or equal to %d", of, s.max)))
	}
	if s.pattern != nil && v.Kind() == reflect.String && !s.pattern.MatchString(value) {
		if s.says != "" {
			problems = append(problems, "The specified value for "+path+" is invalid. "+s.says)
		} else {
			problems = append(problems, failed("Member must satisfy regular expression pattern: "+s.pattern.String()))
		}
	}
	return problems
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
