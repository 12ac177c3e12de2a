package sandbox

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// sessionPreferences is the one document of AWS's that an account may make
// its own.
const sessionPreferences = "SSM-SessionManagerRunShell"

// awsDocuments are those of AWS's documents that access to nodes is about.
var awsDocuments = func() map[string]*document {
	docs := map[string]*document{}
	add := func(name, kind, content string) {
		docs[name] = &document{Name: name, Type: kind, Default: 1, Made: 1, Owner: "Amazon", Versions: []documentVersion{{Version: 1, Content: content, Format: "JSON"}}}
	}
	const script = `{"schemaVersion":"1.2","description":"Run a script.","parameters":{"commands":{"type":"StringList","description":"(Required) The commands to run."},"workingDirectory":{"type":"String","default":"","description":"(Optional) Where to run them."},"executionTimeout":{"type":"String","default":"3600","description":"(Optional) Seconds before they have failed."}}}`
	add("AWS-RunShellScript", "Command", script)
	add("AWS-RunPowerShellScript", "Command", script)
	add("AWS-RunPatchBaseline", "Command", `{"schemaVersion":"2.2","description":"Scans for or installs patches.","parameters":{"Operation":{"type":"String","description":"(Required) Scan or Install."},"RebootOption":{"type":"String","default":"RebootIfNeeded","description":"(Optional) Reboot behaviour."},"BaselineOverride":{"type":"String","default":""},"InstallOverrideList":{"type":"String","default":""},"SnapshotId":{"type":"String","default":""}}}`)
	add("AWS-RestartEC2Instance", "Automation", `{"schemaVersion":"0.3","description":"Restart EC2 instances.","parameters":{"InstanceId":{"type":"StringList","description":"(Required) The instances."},"AutomationAssumeRole":{"type":"String","default":""}}}`)
	add(sessionPreferences, "Session", `{"schemaVersion":"1.0","description":"Document to hold regional settings for Session Manager","sessionType":"Standard_Stream","inputs":{}}`)
	add("AWS-StartPortForwardingSession", "Session", `{"schemaVersion":"1.0","description":"Document to start port forwarding session over Session Manager","sessionType":"Port","parameters":{"portNumber":{"type":"String","default":"80"},"localPortNumber":{"type":"String","default":"0"}}}`)
	add("AWS-StartSSHSession", "Session", `{"schemaVersion":"1.0","description":"Document to start ssh session over Session Manager","sessionType":"Port","parameters":{"portNumber":{"type":"String","default":"22"}}}`)
	return docs
}()

type documentParameter struct {
	Name         string
	Type         string
	Description  string `json:",omitzero"`
	DefaultValue string `json:",omitzero"`
}

type documentView struct {
	Name            string
	Owner           string
	DocumentType    string
	DocumentFormat  string
	DocumentVersion string
	VersionName     string `json:",omitzero"`
	DefaultVersion  string
	LatestVersion   string
	Status          string
	CreatedDate     epoch
	Description     string              `json:",omitzero"`
	Hash            string              `json:",omitzero"`
	HashType        string              `json:",omitzero"`
	Parameters      []documentParameter `json:",omitzero"`
	PlatformTypes   []string
	SchemaVersion   string `json:",omitzero"`
	TargetType      string `json:",omitzero"`
	Tags            []tag
}

func (c *call) viewDocument(d *document, v documentVersion) documentView {
	view := documentView{
		Name: d.Name, Owner: cmp.Or(d.Owner, c.ID), DocumentType: d.Type, DocumentFormat: v.Format, DocumentVersion: itoa(v.Version),
		VersionName: v.Name, DefaultVersion: itoa(d.Default), LatestVersion: itoa(d.Versions[len(d.Versions)-1].Version), Status: "Active",
		CreatedDate: epoch{v.Created}, Hash: contentHash(v.Content), HashType: "Sha256", Parameters: v.parameters(),
		PlatformTypes: []string{"Windows", "Linux", "MacOS"}, TargetType: d.TargetType, Tags: d.Tags.list(),
	}
	var head struct{ SchemaVersion, Description string }
	if v.Format == "JSON" && json.Unmarshal([]byte(v.Content), &head) == nil {
		view.SchemaVersion, view.Description = head.SchemaVersion, head.Description
	}
	return view
}

// parameters reads the parameters of a document in JSON. Those of documents
// in YAML are not read: the standard library cannot.
func (v documentVersion) parameters() []documentParameter {
	var content struct {
		Parameters map[string]struct {
			Type, Description string
			Default           json.RawMessage
		}
	}
	if v.Format != "JSON" || json.Unmarshal([]byte(v.Content), &content) != nil {
		return nil
	}
	var list []documentParameter
	for _, name := range slices.Sorted(maps.Keys(content.Parameters)) {
		p := content.Parameters[name]
		one := documentParameter{Name: name, Type: p.Type, Description: p.Description}
		if p.Default != nil && json.Unmarshal(p.Default, &one.DefaultValue) != nil {
			one.DefaultValue = string(p.Default)
		}
		list = append(list, one)
	}
	return list
}

type documentInput struct {
	Name            string `is:"anyDocument!"`
	DocumentVersion string `is:"documentVersion"`
	VersionName     string
}

// find returns the document and version asked for.
func (in documentInput) find(c *call) (*document, documentVersion, error) {
	d, err := c.document(in.Name)
	if err != nil {
		return nil, documentVersion{}, err
	}
	v, err := d.version(in.DocumentVersion, in.VersionName)
	return d, v, err
}

func describeDocument(c *call, in documentInput) (out struct{ Document documentView }, err error) {
	d, v, err := in.find(c)
	if err == nil {
		out.Document = c.viewDocument(d, v)
	}
	return out, err
}

func getDocument(c *call, in struct {
	documentInput
	DocumentFormat string `is:"documentFormat"`
}) (out struct {
	Name            string
	Content         string
	DocumentType    string
	DocumentFormat  string
	DocumentVersion string
	VersionName     string `json:",omitzero"`
	Status          string
	CreatedDate     epoch
}, err error,
) {
	d, v, err := in.find(c)
	if err == nil && in.DocumentFormat != "" && in.DocumentFormat != v.Format {
		err = errorf("InvalidDocumentContent", "The sandbox keeps document %s in %s only.", d.Name, v.Format)
	}
	if err == nil {
		out.Name, out.Content, out.DocumentType, out.DocumentFormat = d.Name, v.Content, d.Type, v.Format
		out.DocumentVersion, out.VersionName, out.Status, out.CreatedDate = itoa(v.Version), v.Name, "Active", epoch{v.Created}
	}
	return out, err
}

type documentIdentifier struct {
	Name            string
	Owner           string
	DocumentType    string
	DocumentFormat  string
	DocumentVersion string
	VersionName     string `json:",omitzero"`
	CreatedDate     epoch
	PlatformTypes   []string
	SchemaVersion   string `json:",omitzero"`
	TargetType      string `json:",omitzero"`
	Tags            []tag
}

func listDocuments(c *call, in struct {
	Filters []struct {
		Key    string
		Values []string
	}
	DocumentFilterList []struct{ Key, Value string } `json:"DocumentFilterList"`
	MaxResults         int                           `is:"max50"`
	NextToken          string
}) (out struct {
	DocumentIdentifiers []documentIdentifier
	NextToken           *string `json:",omitzero"`
}, err error,
) {
	list := slices.Collect(c.region().Documents.all)
	for name, d := range awsDocuments {
		if !c.region().Documents.has(name) {
			list = append(list, d)
		}
	}
	for _, f := range in.DocumentFilterList {
		key := strings.ToUpper(f.Key[:min(1, len(f.Key))]) + f.Key[min(1, len(f.Key)):]
		in.Filters = append(in.Filters, struct {
			Key    string
			Values []string
		}{key, []string{f.Value}})
	}
	for _, f := range in.Filters {
		var have func(d *document) string
		switch key, isTag := strings.CutPrefix(f.Key, "tag:"); {
		case isTag:
			have = func(d *document) string { return d.Tags[key] }
		case f.Key == "Owner":
			have = func(d *document) string { return cmp.Or(d.Owner, "Self") }
		case f.Key == "Name":
			have = func(d *document) string { return d.Name }
		case f.Key == "DocumentType":
			have = func(d *document) string { return d.Type }
		case f.Key == "PlatformTypes":
			have = func(*document) string { return f.Values[0] }
		case f.Key == "TargetType":
			have = func(d *document) string { return d.TargetType }
		default:
			return out, errorf("InvalidFilterKey", "The specified filter key %s is not valid.", f.Key)
		}
		list = slices.DeleteFunc(list, func(d *document) bool {
			return !slices.ContainsFunc(f.Values, func(v string) bool {
				return have(d) == v || f.Key == "Name" && strings.HasPrefix(d.Name, v) || f.Key == "Owner" && (v == "All" || v == c.ID && d.Owner == "" || v == "Public" && d.Owner != "")
			})
		})
	}
	list, out.NextToken, err = tokenPage(c, list, in.NextToken, cmp.Or(in.MaxResults, 10), (*document).key)
	out.DocumentIdentifiers = []documentIdentifier{}
	for _, d := range list {
		v, _ := d.version("", "") // there is always a default one
		full := c.viewDocument(d, v)
		out.DocumentIdentifiers = append(out.DocumentIdentifiers, documentIdentifier{
			full.Name, full.Owner, full.DocumentType, full.DocumentFormat, full.DocumentVersion, full.VersionName, full.CreatedDate,
			full.PlatformTypes, full.SchemaVersion, full.TargetType, full.Tags,
		})
	}
	return out, err
}

type documentVersionView struct {
	Name             string
	DocumentVersion  string
	VersionName      string `json:",omitzero"`
	DocumentFormat   string
	IsDefaultVersion bool
	Status           string
	CreatedDate      epoch
}

func listDocumentVersions(c *call, in struct {
	Name       string `is:"anyDocument!"`
	MaxResults int    `is:"max50"`
	NextToken  string
}) (out struct {
	DocumentVersions []documentVersionView
	NextToken        *string `json:",omitzero"`
}, err error,
) {
	d, err := c.document(in.Name)
	if err != nil {
		return out, err
	}
	versions, next, err := tokenPage(c, d.Versions, in.NextToken, cmp.Or(in.MaxResults, 10), func(v documentVersion) string { return itoa(1000000 - v.Version) })
	out.NextToken = next
	for _, v := range versions {
		out.DocumentVersions = append(out.DocumentVersions, documentVersionView{d.Name, itoa(v.Version), v.Name, v.Format, v.Version == d.Default, "Active", epoch{v.Created}})
	}
	return out, err
}
