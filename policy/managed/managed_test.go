package managed_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy/managed"
)

// What the guide, and the page it leads to, say by name.
func TestLookup(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"AWSHealthFullAccess":                      "arn:aws:iam::aws:policy/AWSHealthFullAccess",
		"AWSConfigUserAccess":                      "arn:aws:iam::aws:policy/AWSConfigUserAccess",
		"CloudWatchReadOnlyAccess":                 "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess",
		"AmazonSSMFullAccess":                      "arn:aws:iam::aws:policy/AmazonSSMFullAccess",
		"AmazonSSMReadOnlyAccess":                  "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess",
		"AmazonEC2RoleforSSM":                      "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM",
		"AmazonSSMManagedInstanceCore":             "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
		"AmazonSSMAutomationRole":                  "arn:aws:iam::aws:policy/service-role/AmazonSSMAutomationRole",
		"AWSResourceGroupsReadOnlyAccess":          "arn:aws:iam::aws:policy/AWSResourceGroupsReadOnlyAccess",
		"CloudWatchAgentServerPolicy":              "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",
		"AmazonSSMManagedEC2InstanceDefaultPolicy": "arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy",
		"AmazonSSMServiceRolePolicy":               "arn:aws:iam::aws:policy/aws-service-role/AmazonSSMServiceRolePolicy",
		"ViewOnlyAccess":                           "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
		"amazonssmfullaccess":                      "",
		"AmazonEC2RoleforSS":                       "",
		"":                                         "",
	}
	for name, want := range tests {
		p, ok := managed.Lookup(name)
		if ok != (want != "") || ok && (p.Name != name || p.ARN("aws") != want) {
			t.Errorf("Lookup(%q) = %+v, %t, want %s", name, p, ok, want)
		}
		if !ok {
			continue
		}
		china := strings.Replace(want, "arn:aws:", "arn:aws-cn:", 1)
		if got := p.ARN("aws-cn"); got != china {
			t.Errorf("ARN(aws-cn) = %s, want %s", got, china)
		}
		for _, arn := range []string{want, china} {
			if q, ok := managed.FromARN(arn); !ok || q != p {
				t.Errorf("FromARN(%q) = %+v, %t, want %s", arn, q, ok, name)
			}
		}
	}
	p, _ := managed.Lookup("AmazonSSMFullAccess")
	if want := (managed.Policy{Name: "AmazonSSMFullAccess", Path: "/", Version: "v4", Updated: "2019-11-20T20:08:56Z"}); p != want {
		t.Errorf("got %+v, want %+v", p, want)
	}
}

func TestFromARNIsExact(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{
		"",
		"AmazonSSMFullAccess",
		"arn:aws:iam::aws:policy/",
		"arn:aws:iam::aws:policy/AmazonEC2RoleforSSM", // is at /service-role/
		"arn:aws:iam::aws:policy/service-role/AmazonSSMFullAccess",
		"arn:aws:iam::123456789012:policy/AmazonSSMFullAccess",
		"arn:aws:iam:us-east-1:aws:policy/AmazonSSMFullAccess",
		"arn:aws:sts::aws:policy/AmazonSSMFullAccess",
		"arn::iam::aws:policy/AmazonSSMFullAccess",
		"arn:aws:iam::aws:policy/amazonssmfullaccess",
		"arn:aws:iam::aws:role/AmazonSSMFullAccess",
	} {
		if p, ok := managed.FromARN(arn); ok {
			t.Errorf("FromARN(%q) = %+v", arn, p)
		}
	}
}

func TestIn(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"AmazonSSMFullAccess":       "aws aws-cn aws-us-gov aws-eusc",
		"AWSHealthFullAccess":       "aws aws-cn aws-eusc",
		"AIDevOpsAgentAccessPolicy": "aws",
	} {
		p, _ := managed.Lookup(name)
		var in []string
		for _, partition := range []string{"aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", ""} {
			if p.In(partition) {
				in = append(in, partition)
			}
		}
		if got := strings.Join(in, " "); got != want {
			t.Errorf("%s is in %q, want %q", name, got, want)
		}
	}
	if (managed.Policy{Name: "Mine"}).In("aws") {
		t.Error("a policy that is not in the data is in aws")
	}
}

func TestAttachable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"AmazonSSMFullAccess": true, "AmazonEC2RoleforSSM": true, "AmazonSSMServiceRolePolicy": false,
	} {
		if p, _ := managed.Lookup(name); p.Attachable() != want {
			t.Errorf("%s: Attachable = %t", name, !want)
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	path := regexp.MustCompile(`^/([a-z-]+/)?$`)
	version := regexp.MustCompile(`^v[1-9][0-9]*$`)
	updated := regexp.MustCompile(`^20[12][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$`)
	var names []string
	newest := ""
	for p := range managed.All() {
		names = append(names, p.Name)
		newest = max(newest, p.Updated)
		if !path.MatchString(p.Path) || !version.MatchString(p.Version) || !updated.MatchString(p.Updated) {
			t.Errorf("%+v", p)
		}
		if q, ok := managed.Lookup(p.Name); !ok || q != p {
			t.Errorf("Lookup(%s) = %+v, %t", p.Name, q, ok)
		}
		var document struct{ Version string }
		if err := json.Unmarshal(p.Document(), &document); err != nil || document.Version != "2012-10-17" {
			t.Errorf("document of %s: %v, version %q", p.Name, err, document.Version)
		}
	}
	if !slices.IsSorted(names) {
		t.Error("the names are not in order")
	}
	notice, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d policies, newest %s", len(names), newest[:len("2006-01-02")]); !strings.Contains(string(notice), want) {
		t.Errorf("NOTICE does not say %q", want)
	}
	for p := range managed.All() {
		if p.Name != names[0] {
			t.Errorf("the first is %s, then %s", names[0], p.Name)
		}
		break
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	p, _ := managed.Lookup("AmazonSSMReadOnlyAccess")
	const want = `{"Statement":[{"Action":["ssm:Describe*","ssm:Get*","ssm:List*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	document := p.Document()
	if diff := cmp.Diff(want, string(document)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	clear(document)
	if diff := cmp.Diff(want, string(p.Document())); diff != "" {
		t.Errorf("after the caller changed it (-want +got)\n%s", diff)
	}
	if got := (managed.Policy{Name: "Mine"}).Document(); got != nil {
		t.Errorf("a policy that is not in the data has the document %s", got)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"AmazonSSMFullAccess":          "AmazonSSMFullAccess",
		"amazonssmfullaccess":          "AmazonSSMFullAccess",
		"AmazonEC2RoleForSSM":          "AmazonEC2RoleforSSM",
		"AmazonSSMFullAcess":           "AmazonSSMFullAccess",
		"AmazonSSMFulllAccess":         "AmazonSSMFullAccess",
		"AmazonSSMFullAccses":          "AmazonSSMFullAccess",
		"AmazonSSMReadonlyAcces":       "AmazonSSMReadOnlyAccess",
		"AmazonSSMMangedInstanceCore":  "AmazonSSMManagedInstanceCore",
		"AmazonSSMManagedInstancCor":   "AmazonSSMManagedInstanceCore",
		"CloudwatchReadOnlyAcces":      "CloudWatchReadOnlyAccess",
		"AWSHealthReadOnlyAccess":      "",
		"CompletelyDifferentPolicyFoo": "",
		"Belling":                      "Billing",
		"Bellong":                      "",
		"SSM":                          "",
		"":                             "",
	}
	for name, want := range tests {
		got, ok := managed.Nearest(name)
		if got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %t, want %q", name, got, ok, want)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		managed.Lookup("AmazonSSMManagedInstanceCore")
	}
}

func BenchmarkNearest(b *testing.B) {
	for b.Loop() {
		managed.Nearest("AmazonSSMMangedInstanceCore")
	}
}
