package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ssmctl/ssmctl/sandbox"
)

// The commands that scripts have beside testscript's own.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"start":  startProcess,
	"await":  awaitText,
	"signal": signalProcess,
	"ended":  processEnded,

	// status N CMD... runs ssmctl and checks its exit status.
	"status": func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 2 {
			ts.Fatalf("usage: status N ssmctl ARGS...")
		}
		err := ts.Exec(args[1], args[2:]...)
		got := "0"
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "exit status ")
		}
		if got != args[0] {
			ts.Fatalf("exit status %s, want %s", got, args[0])
		}
	},
	// expand FILE... replaces ${NAME} in files by the environment's values.
	"expand": func(ts *testscript.TestScript, _ bool, args []string) {
		for _, name := range args {
			text := os.Expand(ts.ReadFile(name), ts.Getenv)
			ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
		}
	},
	// without FILE TEXT... drops the lines that hold any of the texts.
	"without": func(ts *testscript.TestScript, _ bool, args []string) {
		var kept []string
		dropped := 0
		for line := range strings.Lines(ts.ReadFile(args[0])) {
			drop := false
			for _, text := range args[1:] {
				drop = drop || strings.Contains(line, text)
			}
			if drop {
				dropped++
				continue
			}
			kept = append(kept, line)
		}
		if dropped == 0 {
			ts.Fatalf("%s has no line with any of %q", args[0], args[1:])
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(kept, "")), 0o644))
	},
	// swap FILE OLD NEW replaces a text that must be there.
	"swap": func(ts *testscript.TestScript, _ bool, args []string) {
		text := ts.ReadFile(args[0])
		if !strings.Contains(text, args[1]) {
			ts.Fatalf("%s does not hold %q", args[0], args[1])
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
	},
	// call SERVICE FILE KEY=VALUE... sends one request of the Query protocol,
	// such as iam Action=DeleteGroup GroupName=a, to the sandbox in a file.
	"call": func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 3 {
			ts.Fatalf("usage: call SERVICE FILE Action=NAME KEY=VALUE...")
		}
		s, err := sandbox.Load(strings.NewReader(ts.ReadFile(args[1])))
		ts.Check(err)
		form := url.Values{}
		for _, kv := range args[2:] {
			k, v, _ := strings.Cut(kv, "=")
			form.Set(k, v)
		}
		form.Set("Version", map[string]string{"iam": "2010-05-08", "ec2": "2016-11-15"}[args[0]])
		req, err := http.NewRequest(http.MethodPost, "http://sandbox.invalid/", strings.NewReader(form.Encode()))
		ts.Check(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/"+args[0]+"/aws4_request, SignedHeaders=host, Signature=0")
		resp, err := s.Client().Do(req)
		ts.Check(err)
		answer, err := io.ReadAll(resp.Body)
		ts.Check(errors.Join(err, resp.Body.Close()))
		if resp.StatusCode != http.StatusOK {
			ts.Fatalf("%s: %s", resp.Status, answer)
		}
		var kept bytes.Buffer
		ts.Check(s.Save(&kept))
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), kept.Bytes(), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("answer.xml"), answer, 0o600))
	},
	// json FILE demands that a file is one JSON value; json -lines FILE that
	// each of its lines is one, and the last of type result.
	"json": func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) == 0 {
			ts.Fatalf("usage: json [-lines] FILE")
		}
		text := ts.ReadFile(args[len(args)-1])
		if args[0] != "-lines" {
			if !json.Valid([]byte(text)) {
				ts.Fatalf("not one JSON value:\n%s", text)
			}
			return
		}
		var last struct{ Type string }
		for line := range strings.Lines(text) {
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				ts.Fatalf("%v in line %s", err, line)
			}
		}
		if last.Type != "result" {
			ts.Fatalf("the last line is of type %q, want result", last.Type)
		}
	},
}
