package kind_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// A doorman of EC2 refuses what it is asked about with DryRun, and lets all
// else through.
type doorman struct {
	http.RoundTripper
	denies map[string]string // calls to what they are refused with: a code, for each instance or, after a colon, for one
	ignore bool              // it does not know DryRun

	mu    sync.Mutex
	asked []string // calls with the number of instances, or with the profile
}

func (d *doorman) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	if form.Get("DryRun") != "true" {
		return d.RoundTripper.RoundTrip(r)
	}
	if d.ignore {
		form.Del("DryRun")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form.Encode())), int64(len(form.Encode()))
		return d.RoundTripper.RoundTrip(r)
	}
	call, n, on := form.Get("Action"), 0, ""
	for k, v := range form {
		if strings.HasPrefix(k, "InstanceId.") || strings.HasPrefix(k, "ResourceId.") {
			n++
			on += v[0] + " "
		}
	}
	d.mu.Lock()
	if call == "RunInstances" {
		d.asked = append(d.asked, strings.TrimSpace(call+" "+form.Get("IamInstanceProfile.Name")))
	} else {
		d.asked = append(d.asked, fmt.Sprintf("%s %d", call, n))
	}
	d.mu.Unlock()
	code, only, _ := strings.Cut(d.denies[call], ":")
	if code == "" || !strings.Contains(on, only) {
		return d.RoundTripper.RoundTrip(r)
	}
	status := 403
	if code == "InternalError" {
		status = 500
	}
	text := "<Response><Errors><Error><Code>" + code + "</Code><Message>because of " + code + "</Message></Error></Errors><RequestID>r</RequestID></Response>"
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// Before anything is changed EC2 is asked whether it would do what the plan has
// it do: once for all instances that take the same call. What it would not do
// is refused, by the call's name and the instance's.
//
// Faults 9, 10, 13: the caller may not make a call, or undo it, or a limit is reached.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	const (
		launch  = "roles: {one: {type: instance}, two: {type: instance}}\ninstances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 3, volume_gb: 9}, role: one}}"
		another = "roles: {one: {type: instance}, two: {type: instance}}\ninstances: {new: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 3, volume_gb: 9}, role: one, tags: {App: web}}}"
		none    = "roles: {one: {type: instance}, two: {type: instance}}"
	)
	reboot := strings.Replace(tiedToTwo, "if_profile", "restart: reboot, if_profile", 1)
	tests := map[string]struct {
		first, then string
		denies      map[string]string
		asked       []string
		refused     []string // parts, one a refusal
		fails       string
	}{
		"launch":                         {first: none, then: launch, asked: []string{"RunInstances one"}},
		"launch, no profile":             {then: launch, asked: []string{"RunInstances"}},
		"launch, a profile that changes": {first: none, then: "defaults: {tags: {Team: ops}}\n" + launch, asked: []string{"RunInstances"}},
		"launch, denied":                 {then: launch, denies: map[string]string{"RunInstances": "UnauthorizedOperation"}, asked: []string{"RunInstances"}, refused: []string{"instance/new: EC2 would refuse ec2:RunInstances on instance/new: UnauthorizedOperation: because of"}},
		"launch, no image":               {then: launch, denies: map[string]string{"RunInstances": "InvalidAMIID.NotFound"}, asked: []string{"RunInstances"}, refused: []string{"instance/new: EC2 would not do ec2:RunInstances on instance/new: InvalidAMIID.NotFound: because of"}},
		"launch, too many":               {then: launch, denies: map[string]string{"RunInstances": "InstanceLimitExceeded"}, asked: []string{"RunInstances"}, refused: []string{"InstanceLimitExceeded: because of"}},
		"launch, no answer":              {then: launch, denies: map[string]string{"RunInstances": "InternalError"}, fails: "asking EC2 whether it would do ec2:RunInstances on instance/new: ec2:RunInstances: InternalError: because of"},
		"launch, expired":                {then: launch, denies: map[string]string{"RunInstances": "RequestExpired"}, asked: []string{"RunInstances"}, fails: "ec2:RunInstances: RequestExpired"},
		"terminate":                      {first: launch, then: none, asked: []string{"TerminateInstances 3"}},
		"terminate, one denied": {
			first: launch, then: none, denies: map[string]string{"TerminateInstances": "UnauthorizedOperation:SECOND"},
			asked:   []string{"TerminateInstances 1", "TerminateInstances 1", "TerminateInstances 1", "TerminateInstances 3"},
			refused: []string{"instance/new/2: EC2 would refuse ec2:TerminateInstances on instance/new/2 (SECOND): UnauthorizedOperation"},
		},
		"tags":                   {first: launch, then: another, asked: []string{"CreateTags 3", "DeleteTags 3"}},
		"tags, undoing denied":   {first: launch, then: another, denies: map[string]string{"DeleteTags": "UnauthorizedOperation:SECOND"}, asked: []string{"CreateTags 3", "DeleteTags 1", "DeleteTags 1", "DeleteTags 1", "DeleteTags 3"}, refused: []string{"instance/new/2: EC2 would refuse ec2:DeleteTags on instance/new/2 (SECOND)"}},
		"reboot":                 {first: tiedToOne, then: reboot, asked: []string{"RebootInstances 1"}},
		"reboot, denied":         {first: tiedToOne, then: reboot, denies: map[string]string{"RebootInstances": "UnauthorizedOperation"}, asked: []string{"RebootInstances 1"}, refused: []string{"restart/" + web + ": EC2 would refuse ec2:RebootInstances on restart/" + web}},
		"nothing for EC2":        {then: "groups: {g: {}}"},
		"an agent takes no call": {first: tiedToOne, then: strings.Replace(tiedToTwo, "if_profile", "restart: agent, if_profile", 1)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				if tt.first != "" {
					mustApply(t, account, head+tt.first+"\n")
				}
				second := secondLaunched(t, account)
				by := &doorman{RoundTripper: account.Client().Transport, denies: map[string]string{}}
				for call, code := range tt.denies {
					by.denies[call] = strings.ReplaceAll(code, "SECOND", second)
				}
				session := connectBy(t, account, by)
				before := dump(account)
				account.ResetRequests()
				_, _, refused := review(t, session, head+tt.then+"\n")
				for _, r := range account.Requests() {
					if r.Write {
						t.Errorf("%s was made", r.Operation)
					}
				}
				if dump(account) != before {
					t.Error("something was changed")
				}
				if tt.fails != "" {
					if !strings.Contains(refused, tt.fails) {
						t.Errorf("%q, want %q", refused, tt.fails)
					}
					return
				}
				slices.Sort(by.asked)
				if diff := cmp.Diff(tt.asked, by.asked); diff != "" {
					t.Errorf("asked (-want +got):\n%s", diff)
				}
				if refused == "" != (tt.refused == nil) {
					t.Errorf("refused: %q", refused)
				}
				for _, part := range tt.refused {
					part = strings.ReplaceAll(part, "SECOND", second)
					_, text, _ := strings.Cut(part, ": ")
					if !strings.Contains(refused, text) {
						t.Errorf("refused: %q, want %q", refused, part)
					}
				}
			})
		})
	}
}

// secondLaunched returns the id of the second instance of the entry "new", or "".
func secondLaunched(t *testing.T, account *sandbox.Server) string {
	t.Helper()
	session := connect(t, account)
	made, err := session.Made(t.Context(), "no run")
	if err != nil || len(made) > 0 {
		t.Fatal(made, err)
	}
	for _, i := range must(clientsOf(account).ec2.DescribeInstances(t.Context(), nil)).Reservations {
		for _, tag := range i.Instances[0].Tags {
			if *tag.Key == "ssmctl:index" && *tag.Value == "2" {
				return *i.Instances[0].InstanceId
			}
		}
	}
	return ""
}

// Many instances are asked about a hundred at a time.
func TestRehearsalOfMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		var text strings.Builder
		text.WriteString(head + "roles: {one: {type: instance}}\ninstances:\n")
		for i := range 5 {
			fmt.Fprintf(&text, "  new%d: {launch: {ami: ami-0123456789abcdef0, instance_type: t3.micro, count: 50}, role: one}\n", i)
		}
		mustApply(t, account, text.String())
		by := &doorman{RoundTripper: account.Client().Transport}
		_, _, refused := review(t, connectBy(t, account, by), head+"groups: {}\n")
		slices.Sort(by.asked)
		if diff := cmp.Diff([]string{"TerminateInstances 100", "TerminateInstances 100", "TerminateInstances 50"}, by.asked); diff != "" || refused != "" {
			t.Errorf("%s; asked (-want +got):\n%s", refused, diff)
		}
	})
}

// What stands in for EC2 and does not know DryRun is found out, by a call that
// does no harm to repeat.
func TestRehearsalUnknown(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	mustApply(t, account, head+tiedToOne)
	session := connectBy(t, account, &doorman{RoundTripper: account.Client().Transport, ignore: true})
	_, _, refused := review(t, session, head+strings.Replace(tiedToTwo, "if_profile", "restart: reboot, if_profile", 1))
	if !strings.Contains(refused, "does not know DryRun") {
		t.Errorf("refused: %q", refused)
	}
}

// Asking before anything was surveyed is a mistake, and says so.
func TestRehearsalBeforeSurvey(t *testing.T) {
	t.Parallel()
	_, err := connect(t, guideAccount()).Preflight(context.Background(), []resource.Change{{After: kind.Group{Name: "g", Path: "/"}}})
	if err == nil {
		t.Error("preflight without a survey succeeded")
	}
}
