package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	policies = `{
 "Zed": {"Path": "/service-role/", "DefaultVersionId": "v12", "UpdateDate": "2026-01-02T03:04:05.5+01:00", "Document": {"Version": "2012-10-17", "Statement": []}},
 "Ann": {"Path": "/", "DefaultVersionId": "v1", "UpdateDate": "2025-12-31T00:00:00Z", "Document": { "a" : "<b>" }, "More": 1}
}`
	partitions = `{"aws": {"Zed": "arn:aws:iam::aws:policy/service-role/Zed", "Gone": "arn:aws:iam::aws:policy/Gone"},
		"aws-cn": {"Zed": "arn:aws-cn:iam::aws:policy/service-role/Zed"}}`
)

// run refreshes from files with these contents.
func run(t *testing.T, policies, partitions string) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	out, a, b := filepath.Join(dir, "out"), filepath.Join(dir, "policies"), filepath.Join(dir, "partitions")
	for file, text := range map[string]string{a: policies, b: partitions} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := refresh(io.Discard, out, a, b); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data, nil
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	fromJSON, err := run(t, policies, partitions)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(fromJSON)) // reads the members as one
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = "Ann\t/\tv1\t2025-12-31T00:00:00Z\t\n" +
		"Zed\t/service-role/\tv12\t2026-01-02T02:04:05Z\taws,aws-cn\n" +
		`{"a":"<b>"}` + "\n" +
		`{"Version":"2012-10-17","Statement":[]}` + "\n"
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	fromPython, err := run(t, "# Comment\ndata = \"\"\"\n"+policies+"\"\"\"\n", partitions)
	if err != nil || !bytes.Equal(fromJSON, fromPython) {
		t.Errorf("Python source gives other data, or %v", err)
	}
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	one := func(path, version, date, document string) string {
		return `{"Ann": {"Path": "` + path + `", "DefaultVersionId": "` + version + `", "UpdateDate": "` + date + `", "Document": ` + document + `}}`
	}
	const date = "2025-12-31T00:00:00Z"
	tests := map[string]struct{ policies, partitions string }{
		"no policy":             {`{}`, partitions},
		"no JSON":               {`policies`, partitions},
		"no JSON of partitions": {policies, `partitions`},
		"string does not end":   {`"""` + policies, partitions},
		"backslash in Python":   {`"""` + one("/", "v1", date, `"\n"`) + `"""`, `{}`},
		"path":                  {one("service-role", "v1", date, `{}`), `{}`},
		"version":               {one("/", "", date, `{}`), `{}`},
		"tab":                   {one("/", `v\t1`, date, `{}`), `{}`},
		"date":                  {one("/", "v1", "yesterday", `{}`), `{}`},
		"no document":           {`{"Ann": {"Path": "/", "DefaultVersionId": "v1", "UpdateDate": "` + date + `"}}`, `{}`},
		"other ARN":             {one("/", "v1", date, `{}`), `{"aws": {"Ann": "arn:aws:iam::aws:policy/service-role/Ann"}}`},
	}
	if _, err := run(t, one("/", "v1", date, `{}`), `{}`); err != nil {
		t.Fatalf("what the tests change is refused: %v", err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := run(t, test.policies, test.partitions); err == nil {
				t.Error("no error")
			}
		})
	}
	if err := refresh(io.Discard, filepath.Join(t.TempDir(), "out"), "no such file", "none"); err == nil {
		t.Error("no error without the files")
	}
}
