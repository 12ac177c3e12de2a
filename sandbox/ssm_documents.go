package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A document of SSM.
type document struct {
	Name       string
	Type       string
	TargetType string
	Default    int // the version in force
	Versions   []documentVersion
	Made       int // how many versions there have ever been
	Tags       tags
	Created    time.Time
	Owner      string // "" for the account; "Amazon"
}

type documentVersion struct {
	Version int
	Name    string
	Content string
	Format  string
	Created time.Time
}

func (d *document) key() string { return d.Name }

const (
	documentQuota    = 500
	documentVersions = 1000
	documentMaxSize  = 65536
)

// ownDocument finds a document the account may change.
func (c *call) ownDocument(name string) (*document, error) {
	if d := c.region().Documents.get(c.documentName(name)); d != nil {
		return d, nil
	}
	if d := awsDocuments[name]; d != nil {
		return nil, errorf("AccessDeniedException", "User: %s is not authorized to perform: ssm:%s on resource: arn:%s:ssm:%s::document/%s", c.callerARN(), c.operation, c.partition(), c.region().Name, name)
	}
	return nil, errorf("InvalidDocument", "Document with name %s does not exist.", name)
}

// documentName takes an ARN for the name in it.
func (c *call) documentName(nameOrARN string) string {
	for _, prefix := range []string{c.arn("ssm", c.region().Name, "document/"), "arn:" + c.partition() + ":ssm:" + c.region().Name + "::document/"} {
		if name, ok := strings.CutPrefix(nameOrARN, prefix); ok {
			return name
		}
	}
	return nameOrARN
}

// document finds any document, AWS's own included.
func (c *call) document(name string) (*document, error) {
	name = c.documentName(name)
	if d := awsDocuments[name]; d != nil && !c.region().Documents.has(name) {
		return d, nil
	}
	return c.ownDocument(name)
}

// version finds a version by number, $LATEST, $DEFAULT or name; "" is the
// default one.
func (d *document) version(number, name string) (documentVersion, error) {
	for _, v := range d.Versions {
		switch {
		case name != "":
			if v.Name == name {
				return v, nil
			}
		case number == "$LATEST":
			return d.Versions[len(d.Versions)-1], nil
		case itoa(v.Version) == number, v.Version == d.Default && (number == "" || number == "$DEFAULT"):
			return v, nil
		}
	}
	return documentVersion{}, errorf("InvalidDocumentVersion", "Document version %s%s does not exist for document %s.", number, name, d.Name)
}

var reservedDocument = regexp.MustCompile(`(?i)^(aws|amazon|amzn|AWSEC2|AWSConfigRemediation|AWSSupport)`)

// checkContent says why SSM would not take the content, or nil.
func checkContent(content, format string) error {
	if len(content) > documentMaxSize {
		return errorf("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
	}
	if format == "JSON" {
		var d map[string]json.RawMessage
		if err := json.Unmarshal([]byte(content), &d); err != nil {
			return errorf("InvalidDocumentContent", "JSON not well-formed: %s", err)
		}
		if d["schemaVersion"] == nil {
			return errorf("InvalidDocumentContent", "The document has no schemaVersion.")
		}
	}
	if format == "YAML" && !strings.Contains(content, "schemaVersion") {
		return errorf("InvalidDocumentContent", "The document has no schemaVersion.")
	}
	return nil
}

func createDocument(c *call, in struct {
	Content        string `is:"!"`
	Name           string `is:"ssmDocument!"`
	DocumentType   string `is:"documentType"`
	DocumentFormat string `is:"documentFormat"`
	TargetType     string `is:"targetType"`
	VersionName    string `is:"versionName"`
	Tags           []tag  `is:"tags"`
},
) (out struct{ DocumentDescription documentView }, err error) {
	r := c.region()
	format := cmp.Or(in.DocumentFormat, "JSON")
	switch {
	case r.Documents.has(in.Name) || awsDocuments[in.Name] != nil && in.Name != sessionPreferences:
		return out, errorf("DocumentAlreadyExists", "Document with same name %s already exists", in.Name)
	case reservedDocument.MatchString(in.Name):
		return out, c.invalid("Document name %s is reserved: names must not begin with aws, amazon, amzn, AWSEC2, AWSConfigRemediation or AWSSupport.", in.Name)
	case r.Documents.len() >= documentQuota:
		return out, errorf("DocumentLimitExceeded", "You can have at most %d active SSM documents.", documentQuota)
	}
	if err := checkContent(in.Content, format); err != nil {
		return out, err
	}
	t, err := c.with(nil, in.Tags, false)
	if err != nil {
		return out, err
	}
	d := &document{
		Name: in.Name, Type: cmp.Or(in.DocumentType, "Command"), TargetType: in.TargetType, Default: 1, Made: 1, Tags: t, Created: c.now,
		Versions: []documentVersion{{1, in.VersionName, in.Content, format, c.now}},
	}
	r.Documents.put(d)
	out.DocumentDescription = c.viewDocument(d, d.Versions[0])
	return out, nil
}

func updateDocument(c *call, in struct {
	Content         string `is:"!"`
	Name            string `is:"anyDocument!"`
	DocumentVersion string `is:"documentVersion"`
	DocumentFormat  string `is:"documentFormat"`
	TargetType      string `is:"targetType"`
	VersionName     string `is:"versionName"`
},
) (out struct{ DocumentDescription documentView }, err error) {
	d, err := c.ownDocument(in.Name)
	if err != nil {
		return out, err
	}
	latest := d.Versions[len(d.Versions)-1]
	format := cmp.Or(in.DocumentFormat, "JSON")
	same := func(v documentVersion) bool { return v.Content == in.Content && v.Format == format }
	switch {
	case in.DocumentVersion != "$LATEST" && in.DocumentVersion != itoa(latest.Version):
		return out, errorf("InvalidDocumentVersion", "The document version %q is not valid: it must be $LATEST or the latest version, %d.", in.DocumentVersion, latest.Version)
	case slices.ContainsFunc(d.Versions, same):
		return out, errorf("DuplicateDocumentContent", "The content of the document matches another version. Change the content of the document and try again.")
	case in.VersionName != "" && slices.ContainsFunc(d.Versions, func(v documentVersion) bool { return v.Name == in.VersionName }):
		return out, errorf("DuplicateDocumentVersionName", "The version name has already been used in this document. Specify a different version name, and then try again.")
	case len(d.Versions) >= documentVersions:
		return out, errorf("DocumentVersionLimitExceeded", "The document has too many versions. Delete one or more document versions and try again.")
	}
	if err := checkContent(in.Content, format); err != nil {
		return out, err
	}
	d.Made++
	v := documentVersion{d.Made, in.VersionName, in.Content, format, c.now}
	d.Versions = append(d.Versions, v)
	d.TargetType = cmp.Or(in.TargetType, d.TargetType)
	out.DocumentDescription = c.viewDocument(d, v)
	return out, nil
}

func updateDocumentDefaultVersion(c *call, in struct {
	Name            string `is:"ssmDocument!"`
	DocumentVersion string `is:"documentNumber!"`
}) (out struct {
	Description struct{ Name, DefaultVersion string }
}, err error,
) {
	d, err := c.ownDocument(in.Name)
	if err != nil {
		return out, err
	}
	v, err := d.version(in.DocumentVersion, "")
	if err == nil {
		d.Default = v.Version
		out.Description.Name, out.Description.DefaultVersion = d.Name, itoa(v.Version)
	}
	return out, err
}

// deleteDocument deletes the document, or one version of it that is not the
// default.
func deleteDocument(c *call, in struct {
	Name            string `is:"anyDocument!"`
	DocumentVersion string `is:"documentVersion"`
	VersionName     string `is:"versionName"`
	Force           bool
},
) (out none, err error) {
	d, err := c.ownDocument(in.Name)
	if err != nil {
		return out, err
	}
	if in.DocumentVersion == "" && in.VersionName == "" {
		c.region().Documents.remove(d.key())
		return out, nil
	}
	v, err := d.version(in.DocumentVersion, in.VersionName)
	switch {
	case err != nil:
	case v.Version == d.Default:
		err = errorf("InvalidDocumentOperation", "The default version of the document can't be deleted.")
	default:
		d.Versions = slices.DeleteFunc(d.Versions, func(o documentVersion) bool { return o.Version == v.Version })
	}
	return out, err
}

func contentHash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}
