//go:build unix

package kind_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/sandbox"
)

// What a plan that changes nothing costs, as a process of its own: seconds of
// CPU, MiB of memory at most, and requests. At 100 of each there are 1,000
// users, 100 groups, roles, policies and instances; the next size is ten times
// as large, so the figures of the two show how the cost grows.
//
//	go test ./kind -run '^$' -bench PlanProcess -benchtime 3x
func BenchmarkPlanProcess(b *testing.B) {
	program := filepath.Join(b.TempDir(), "ssmctl")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/ssmctl").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, hundreds := range []int{1, 10} {
		b.Run(fmt.Sprintf("users=%d", hundreds*1000), func(b *testing.B) {
			account, text := sandbox.New(sandbox.Options{}), large(hundreds)
			account.RaiseQuotas()
			session := connect(b, account)
			runner := executor.Executor{Account: session, Parallel: 8}
			if r := runner.Run(context.Background(), makePlan(b, session, text)); r.Outcome != executor.Applied {
				b.Fatalf("%s: %v", r.Outcome, r.Cause)
			}
			file := filepath.Join(b.TempDir(), "large.yaml")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			url := serve(b, account)
			account.ResetRequests()
			var cpu time.Duration
			var memory int64
			for b.Loop() {
				cmd := exec.Command(program, "plan", "--endpoint-url", url, file)
				cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x")
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), "No changes.") {
					b.Fatalf("%v\n%s", err, out)
				}
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				memory = max(memory, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10)
			}
			b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(float64(memory), "MiB")
			b.ReportMetric(float64(len(account.Requests()))/float64(b.N), "requests/op")
		})
	}
}

// serve answers for the account on a free port of this machine.
func serve(b *testing.B, account *sandbox.Server) string {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- sandbox.Serve(ctx, "127.0.0.1:0", account, func(url string) { ready <- url }) }()
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	select {
	case url := <-ready:
		return url
	case err := <-ended:
		b.Fatal(err)
		return ""
	}
}
