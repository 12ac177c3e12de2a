package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/sandbox"
)

func TestServeOnlyOnLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.com:80", "127.0.0.1"} {
		err := sandbox.Serve(t.Context(), addr, newKit(t).server, func(url string) { t.Errorf("%s: serving on %s", addr, url) })
		if err == nil || !strings.Contains(err.Error(), "listen on") {
			t.Errorf("%s: %v, want a refusal", addr, err)
		}
	}
}

// TestAWSCLI looks at a sandbox with Amazon's own command line.
func TestAWSCLI(t *testing.T) {
	t.Parallel()
	command, err := exec.LookPath("aws")
	if err != nil {
		if os.Getenv("SSMCTL_REQUIRE_MOTO") == "1" {
			t.Fatal("the aws command is not installed, and SSMCTL_REQUIRE_MOTO=1 requires it")
		}
		const text = "SKIPPED: the aws command is not installed, so nothing but the Go SDK has looked at the sandbox"
		if tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil { // go test hides what packages that pass say
			fmt.Fprintln(tty, text)
			tty.Close()
		}
		t.Skip(text)
	}
	k := newKit(t)
	furnish(k)
	must(k.iam.AttachGroupPolicy(k.ctx(), &iam.AttachGroupPolicyInput{GroupName: new("g"), PolicyArn: new(coreARN)}))
	url := *served(t, k).config.BaseEndpoint
	tests := map[string]string{ // a command line and its query, and what it prints
		"iam get-role --role-name trusting --query Role.AssumeRolePolicyDocument.Statement[0].Principal":                                    `{"AWS":"arn:aws:iam::123456789012:user/alice"}`,
		"iam list-attached-group-policies --group-name g --query AttachedPolicies[].PolicyName":                                             `["AmazonSSMManagedInstanceCore"]`,
		"ec2 describe-iam-instance-profile-associations --query IamInstanceProfileAssociations[].[InstanceId,IamInstanceProfile.Arn,State]": `[["i-1234567890abcdef0","arn:aws:iam::123456789012:instance-profile/p","associated"]]`,
		"ssm get-parameter --name /a/b --query Parameter.Value":                                                                             `"v"`,
		"sts get-caller-identity --query [Account,Arn]":                                                                                     `["123456789012","arn:aws:iam::123456789012:root"]`,
		"iam get-account-summary --query SummaryMap.[Users,AttachedPoliciesPerRoleQuota]":                                                   `[3,10]`,
	}
	for line, want := range tests {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), command, append(strings.Fields(line), "--output", "json", "--no-cli-pager")...)
			if version, _ := exec.CommandContext(t.Context(), command, "--version").Output(); bytes.HasPrefix(version, []byte("aws-cli/1")) {
				cmd.Args = cmd.Args[:len(cmd.Args)-1] // it has no pager
			}
			cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=AKIATESTING000000000", "AWS_SECRET_ACCESS_KEY=secret",
				"AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
				"AWS_SESSION_TOKEN=", "NO_PROXY=127.0.0.1", "TZ=UTC")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("aws %s: %v\n%s", line, err, &stderr)
			}
			var got, expected any
			must(0, json.Unmarshal(out, &got))
			must(0, json.Unmarshal([]byte(want), &expected))
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("aws %s (-want +got):\n%s", line, diff)
			}
		})
	}
}

// TestConcurrentRequests: of many who create the same, one wins, while others
// read.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	codes := make(chan string, 32)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			_, err := k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: new("u")})
			codes <- code(err)
		})
		wg.Go(func() {
			if _, err := k.iam.GetAccountAuthorizationDetails(k.ctx(), &iam.GetAccountAuthorizationDetailsInput{Filter: ours}); err != nil {
				t.Errorf("reading: %v", err)
			}
		})
	}
	wg.Wait()
	close(codes)
	count := map[string]int{}
	for c := range codes {
		count[c]++
	}
	if diff := cmp.Diff(map[string]int{"": 1, "EntityAlreadyExists": 31}, count); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestWithoutCredentials(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	tests := map[string]struct {
		header map[string]string
		body   string
		status int
		want   string
	}{
		"IAM":     {nil, "Action=ListUsers&Version=2010-05-08", 403, "<Code>MissingAuthenticationToken</Code>"},
		"EC2":     {nil, "Action=DescribeInstances&Version=2016-11-15", 403, "<Errors><Error><Code>MissingAuthenticationToken</Code>"},
		"SSM":     {map[string]string{"X-Amz-Target": "AmazonSSM.GetParameter"}, "{}", 400, `"__type":"MissingAuthenticationTokenException"`},
		"nothing": {nil, "", 403, "<Code>MissingAuthenticationToken</Code>"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(tt.body))
			for key, value := range tt.header {
				r.Header.Set(key, value)
			}
			w := httptest.NewRecorder()
			k.server.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("answered %d %s, want %d ...%s...", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

// FuzzRequest: whatever is sent, something well formed is answered.
func FuzzRequest(f *testing.F) {
	f.Add("iam", "", "Action=CreateUser&Version=2010-05-08&UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=v")
	f.Add("iam", "", "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%7D")
	f.Add("iam", "", "Action=GetAccountAuthorizationDetails&Filter.member.1=User&MaxItems=2&Marker=YWZ0ZXI6MA")
	f.Add("ec2", "", "Action=RunInstances&ImageId=ami-0123456789abcdef0&MinCount=1&MaxCount=1&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=k")
	f.Add("ec2", "", "Action=DescribeInstances&Filter.1.Name=tag:Name&Filter.1.Value.1=%5B*")
	f.Add("ec2", "", "Action=AssociateIamInstanceProfile&InstanceId=i-1234567890abcdef0&IamInstanceProfile.Arn=")
	f.Add("ssm", "AmazonSSM.PutParameter", `{"Name":"/a","Value":"v","Type":"String","Tags":[{"Key":"k"}]}`)
	f.Add("ssm", "AmazonSSM.ListDocuments", `{"Filters":[{"Key":"PlatformTypes","Values":[]}],"DocumentFilterList":[{"key":"","value":""}]}`)
	f.Add("ssm", "AmazonSSM.GetParameter", `{"Name":":"}`)
	f.Add("tagging", "ResourceGroupsTaggingAPI_20170126.GetResources", `{"PaginationToken":"x"}`)
	f.Add("sts", "", "Action=AssumeRole&RoleArn=aaaaaaaaaaaaaaaaaaaaaaaa&RoleSessionName=ss")
	f.Fuzz(func(t *testing.T, service, target, body string) {
		s := sandbox.New(sandbox.Options{})
		s.SeedGuide()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
		if target != "" {
			r.Header.Set("X-Amz-Target", target)
		}
		w := httptest.NewRecorder()
		cost.Within(t, func() { s.ServeHTTP(w, r) })
		if w.Code == http.StatusInternalServerError || w.Body.Len() == 0 {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
		if strings.Contains(w.Header().Get("Content-Type"), "json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("not JSON: %s", w.Body)
		}
		var saved bytes.Buffer
		must(0, s.Save(&saved))
		if _, err := sandbox.Load(&saved); err != nil {
			t.Errorf("the account can no longer be loaded: %v", err)
		}
	})
}
