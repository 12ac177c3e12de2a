package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts of both also run against moto_server, an AWS stand-in that
// nobody here wrote, with the AWS CLI looking at the result. Where either is
// missing this is said on the terminal, or is a failure if
// SSMCTL_REQUIRE_MOTO=1 is set.
func TestScriptsOnMoto(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("with -short, the sandbox alone: the same scripts run on both")
	}
	for _, program := range []string{"moto_server", "aws"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, program)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script/both",
		RequireUniqueNames: true,
		Setup:              setupMoto,
		Cmds:               commands,
		Condition: func(name string) (bool, error) {
			if name == "moto" {
				return true, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// missing skips the test and says so where it is seen: go test hides the
// output of packages that pass.
func missing(t *testing.T, program string) {
	if os.Getenv("SSMCTL_REQUIRE_MOTO") == "1" {
		t.Fatalf("%s is not installed, and SSMCTL_REQUIRE_MOTO=1 demands it", program)
	}
	text := fmt.Sprintf("SKIPPED: %s is not installed, so ssmctl was NOT tested against an AWS stand-in that it does not bring itself (pip install 'moto[server]' awscli)", program)
	if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
		fmt.Fprintln(tty, text)
		tty.Close()
	}
	t.Skip(text)
}

// setupMoto starts a server for one script, with what the guide's example
// needs in it.
func setupMoto(e *testscript.Env) error {
	url, err := startMoto(e)
	if err != nil {
		return err
	}
	if err := setup(e, "--endpoint-url="+url); err != nil {
		return err
	}
	e.Setenv("AWS_ENDPOINT_URL", url)
	e.Setenv("AWS_ACCESS_KEY_ID", "testing")
	e.Setenv("AWS_SECRET_ACCESS_KEY", "testing")
	e.Setenv("AWS_DEFAULT_REGION", "us-east-1")
	e.Setenv("AWS_PAGER", "")
	e.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+e.Getenv("PATH"))
	for _, k := range []string{"PYENV_VERSION", "PYENV_ROOT"} {
		if v := os.Getenv(k); v != "" {
			e.Setenv(k, v)
		}
	}
	aws := func(args ...string) (string, error) {
		cmd := exec.Command("aws", args...)
		cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=")
		out, err := cmd.Output()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return "", fmt.Errorf("aws %s: %w\n%s", strings.Join(args, " "), err, exit.Stderr)
		}
		return strings.TrimSpace(string(out)), err
	}
	for _, user := range []string{"alice", "bob", "carol"} {
		if _, err := aws("iam", "create-user", "--user-name", user); err != nil {
			return err
		}
	}
	ids, err := aws("ec2", "run-instances", "--image-id", "ami-12c6146b", "--instance-type", "t3.micro", "--count", "3:3", "--query", "Instances[].InstanceId", "--output", "text")
	if err != nil {
		return err
	}
	for i, id := range strings.Fields(ids) {
		e.Setenv(fmt.Sprintf("WEB%d", i+1), id)
	}
	const content = `{"schemaVersion":"2.2","description":"the guide's document","mainSteps":[{"action":"aws:runShellScript","name":"run","inputs":{"runCommand":["true"]}}]}`
	_, err = aws("ssm", "create-document", "--name", "name_of_restrictive_document", "--document-type", "Command", "--content", content)
	return err
}

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// startMoto starts a server on a free port; it ends with the script.
func startMoto(e *testscript.Env) (string, error) {
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "moto_server", "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true", "MOTO_EC2_LOAD_DEFAULT_AMIS=true")
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return "", err
	}
	e.Defer(func() {
		stop()
		_ = cmd.Wait()
	})
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			if m := running.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
				break
			}
		}
		_, _ = io.Copy(io.Discard, stderr) // a full pipe would stop the server
	}()
	select {
	case url := <-found:
		resp, err := http.Get(url + "/moto-api/")
		if err != nil {
			return "", err
		}
		return url, resp.Body.Close()
	case <-time.After(time.Minute):
		return "", errors.New("moto_server did not start within a minute")
	}
}
