// Command refresh makes the data of package managed from two files:
//
//	go run ./policy/managed/refresh [-o FILE] POLICIES PARTITIONS
//
// POLICIES maps the name of each policy to what IAM says of it, with Path,
// DefaultVersionId, UpdateDate and Document. It is JSON, or Python source that
// holds such JSON in triple quotes, as moto/iam/aws_managed_policies.py does.
//
// PARTITIONS maps each partition to the policies that exist there, from name
// to ARN, as samtranslator/internal/data/aws_managed_policies.json does. It
// may list policies that POLICIES lacks; those are left out, since their
// documents are not known.
//
// The same files always give the same bytes. What is printed at the end
// belongs into NOTICE.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	out := flag.String("o", "policy/managed/policies.gz", "`file` to write")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: refresh [-o FILE] POLICIES PARTITIONS")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(64)
	}
	if err := refresh(os.Stdout, *out, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "refresh:", err)
		os.Exit(1)
	}
}

// refresh writes the data to the file out, and the line for NOTICE to w.
func refresh(w io.Writer, out, policiesFile, partitionsFile string) error {
	source, err := os.ReadFile(policiesFile)
	if err != nil {
		return err
	}
	policies, err := parsePolicies(source)
	if err != nil {
		return fmt.Errorf("%s: %w", policiesFile, err)
	}
	source, err = os.ReadFile(partitionsFile)
	if err != nil {
		return err
	}
	var partitions map[string]map[string]string
	if err := json.Unmarshal(source, &partitions); err != nil {
		return fmt.Errorf("%s: %w", partitionsFile, err)
	}
	data, summary, err := pack(policies, partitions)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, data, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, summary)
	return err
}

// A source is one policy as the input has it.
type source struct {
	Path             string
	DefaultVersionID string `json:"DefaultVersionId"`
	UpdateDate       string
	Document         json.RawMessage
}

// parsePolicies reads JSON, or Python source with JSON in triple quotes.
func parsePolicies(text []byte) (map[string]source, error) {
	quotes := []byte(`"""`)
	if _, rest, ok := bytes.Cut(text, quotes); ok {
		body, _, closed := bytes.Cut(rest, quotes)
		if !closed {
			return nil, fmt.Errorf(`a string opened by """ does not end`)
		}
		if bytes.ContainsRune(body, '\\') {
			return nil, fmt.Errorf("the Python string holds a backslash, whose meaning would be Python's: save the value as JSON and give that instead")
		}
		text = body
	}
	var policies map[string]source
	if err := json.Unmarshal(text, &policies); err != nil {
		return nil, err
	}
	return policies, nil
}

// pack returns the data file and a line for NOTICE.
func pack(policies map[string]source, partitions map[string]map[string]string) (data []byte, summary string, err error) {
	var index, documents bytes.Buffer
	var newest string
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		p := policies[name]
		updated, err := time.Parse(time.RFC3339, p.UpdateDate)
		switch {
		case err != nil:
			return nil, "", fmt.Errorf("policy %s: %w", name, err)
		case !strings.HasPrefix(p.Path, "/") || !strings.HasSuffix(p.Path, "/"):
			return nil, "", fmt.Errorf("policy %s: path %q does not begin and end with a slash", name, p.Path)
		case p.DefaultVersionID == "" || len(p.Document) == 0:
			return nil, "", fmt.Errorf("policy %s: DefaultVersionId or Document is missing", name)
		case strings.ContainsAny(name+p.Path+p.DefaultVersionID, "\t\n"):
			return nil, "", fmt.Errorf("policy %q: a field holds a tab or a newline", name)
		}
		var in []string
		for _, partition := range slices.Sorted(maps.Keys(partitions)) {
			arn, ok := partitions[partition][name]
			if !ok {
				continue
			}
			if want := "arn:" + partition + ":iam::aws:policy" + p.Path + name; arn != want {
				return nil, "", fmt.Errorf("policy %s: one file has the ARN %s, by the other it is %s", name, arn, want)
			}
			in = append(in, partition)
		}
		at := updated.UTC().Format(time.RFC3339)
		newest = max(newest, at)
		fmt.Fprintf(&index, "%s\t%s\t%s\t%s\t%s\n", name, p.Path, p.DefaultVersionID, at, strings.Join(in, ","))
		if err := json.Compact(&documents, p.Document); err != nil {
			return nil, "", fmt.Errorf("policy %s: %w", name, err)
		}
		documents.WriteByte('\n')
	}
	if newest == "" {
		return nil, "", fmt.Errorf("there is no policy in the input")
	}
	var out bytes.Buffer
	for _, member := range []*bytes.Buffer{&index, &documents} {
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			return nil, "", err
		}
		if _, err := w.Write(member.Bytes()); err != nil {
			return nil, "", err
		}
		if err := w.Close(); err != nil {
			return nil, "", err
		}
	}
	return out.Bytes(), fmt.Sprintf("%d policies, newest %s", len(policies), newest[:len("2006-01-02")]), nil
}
