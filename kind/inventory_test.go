package kind_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// answers stands before an account and answers some requests itself, with what
// AWS answers them.
type answers struct {
	account http.RoundTripper
	to      func(target string, form url.Values, body string) string // "" leaves it to the account
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, _ := url.ParseQuery(string(body))
	text := a.to(r.Header.Get("X-Amz-Target"), form, string(body))
	if text == "" {
		r.Body = io.NopCloser(bytes.NewReader(body))
		return a.account.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// survey reads the account for a spec without sections.
func survey(t *testing.T, client *http.Client) *kind.Survey {
	t.Helper()
	session, err := kind.Connect(context.Background(), kind.Target{Region: "us-east-1", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	loaded := load(t, head)
	found, err := session.Survey(t.Context(), loaded.Spec.Name, loaded.Desired)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

const readOnly = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"

// Access is worked out from the text that AWS's policy has today, and reaches
// machines outside EC2, whose tags another service tells.
func TestInventory(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	mustApply(t, account, head+"users: {alice: {existing: true, policies: [AmazonSSMReadOnlyAccess]}}")
	newer := policy.New(policy.Allow("ssm:StartSession").On("*").If("StringEquals", "ssm:resourceTag/App", "web")).String()
	client := &http.Client{Transport: answers{account.Client().Transport, func(target string, form url.Values, body string) string {
		switch {
		case strings.HasSuffix(target, ".DescribeInstanceInformation"):
			return `{"InstanceInformationList":[{"InstanceId":"mi-0123456789abcdef0","ComputerName":"rack-1","IamRole":"ssm-hybrid","ResourceType":"ManagedInstance"}]}`
		case strings.HasSuffix(target, ".GetResources") && strings.Contains(body, "ssm:managed-instance"):
			return `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:ssm:us-east-1:123456789012:managed-instance/mi-0123456789abcdef0","Tags":[{"Key":"App","Value":"web"}]}]}`
		case form.Get("Action") == "ListPolicies" && form.Get("Scope") == "AWS":
			return `<ListPoliciesResponse><ListPoliciesResult><IsTruncated>false</IsTruncated><Policies><member><Arn>` + readOnly + `</Arn><DefaultVersionId>v77</DefaultVersionId></member></Policies></ListPoliciesResult></ListPoliciesResponse>`
		case form.Get("Action") == "GetPolicyVersion" && form.Get("VersionId") == "v77":
			return `<GetPolicyVersionResponse><GetPolicyVersionResult><PolicyVersion><VersionId>v77</VersionId><Document>` + url.PathEscape(newer) + `</Document></PolicyVersion></GetPolicyVersionResult></GetPolicyVersionResponse>`
		}
		return ""
	}}}
	found := survey(t, client)
	if len(found.Notes) > 0 {
		t.Errorf("notes: %v", found.Notes)
	}
	a := found.Access(nil)
	i := slices.IndexFunc(a.Nodes, func(n access.Node) bool { return n.ID == "mi-0123456789abcdef0" })
	if i < 0 || a.Nodes[i].Name != "rack-1" || a.Nodes[i].Role != "ssm-hybrid" || a.Nodes[i].Tags["App"] != "web" {
		t.Fatalf("nodes: %+v", a.Nodes)
	}
	for action, want := range map[string]access.Verdict{"ssm:StartSession": access.Yes, "ssm:GetParameter": access.No} {
		on := "rack-1"
		if action == "ssm:GetParameter" {
			on = "parameter/web"
		}
		got, err := a.Can(access.Question{Who: resource.ID{Kind: "user", Name: "alice"}, Action: action, On: on})
		if err != nil {
			t.Fatal(err)
		}
		if got.Verdict != want {
			t.Errorf("alice %s: %s, want %s", action, got.Verdict, want)
		}
	}
}

// What the caller may not read is noted, and access is worked out from what
// there is.
func TestInventoryDenied(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]string{
		"ssm:DescribeInstanceInformation": "hybrid nodes could not be listed",
		"ssm:ListDocuments":               "the account's documents could not be listed",
		"iam:ListPolicies":                "AWS's managed policies could not be read",
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			mustApply(t, account, head+"users: {alice: {existing: true, policies: [AmazonSSMReadOnlyAccess]}}")
			fault, err := sandbox.ParseFault(call)
			if err != nil {
				t.Fatal(err)
			}
			account.Inject(fault)
			found := survey(t, account.Client())
			if len(found.Notes) != 1 || !strings.Contains(found.Notes[0].Text, want) || !strings.Contains(found.Notes[0].Text, call) {
				t.Errorf("notes %v, want one with %q", found.Notes, want)
			}
			got, err := found.Access(nil).Can(access.Question{Who: resource.ID{Kind: "user", Name: "alice"}, Action: "ssm:GetParameter", On: "parameter/web"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != access.Yes {
				t.Errorf("alice may read a parameter: %s, want yes", got.Verdict)
			}
		})
	}
}
