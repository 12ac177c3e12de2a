package sandbox_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/sandbox"
)

// repeated returns a text of about size bytes: as often as it fits, with the
// separator between, the unit, in which a %d becomes a number that is each time
// another.
func repeated(size int, head, unit, separator, tail string) string {
	var b strings.Builder
	b.Grow(size)
	b.WriteString(head)
	for i := 0; b.Len()+len(unit)+len(tail)+8 < size; i++ {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(strings.ReplaceAll(unit, "%d", fmt.Sprint(i)))
	}
	return b.String() + tail
}

// Fault 49: a sandbox file that is made to cost much takes twice the work when
// it has twice the size.
func TestLoadHostile(t *testing.T) {
	const account = `{"format":"ssmctl sandbox","version":1,"account":`
	const begin = account + `{"ID":"123456789012","Home":"us-east-1",`
	files := func(size int) map[string]string {
		return map[string]string{
			"blanks":  strings.Repeat(" ", size),
			"deep":    account + strings.Repeat("[", size),
			"text":    account + `"` + strings.Repeat("x", size-60) + `"}`,
			"members": repeated(size, "{", `"%d":1`, ",", "}"),
			"objects": repeated(size, account+"[", "{}", ",", "]}"),
			"users":   repeated(size, begin+`"Users":[`, `{"Name":"%d"}`, ",", "]}}"),
			"regions": repeated(size, begin+`"Regions":[`, `{"Name":"%d"}`, ",", "]}}"),
			"same":    repeated(size, begin+`"Users":[`, `{}`, ",", "]}}"),
		}
	}
	half, whole := files(1<<20), files(2<<20)
	for name, text := range whole {
		t.Run(name, func(t *testing.T) {
			one := cost.Bytes(func() { _, _ = sandbox.Load(strings.NewReader(half[name])) })
			two := cost.Within(t, func() { _, _ = sandbox.Load(strings.NewReader(text)) })
			if two > 3*one+1<<20 {
				t.Errorf("half takes %d KiB, and all of it %d KiB", one>>10, two>>10)
			}
		})
	}
	var err error
	cost.Within(t, func() { _, err = sandbox.Load(endless{}) })
	if err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("a file without an end: %v", err)
	}
}

// Endless is a file that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// Fault 49: a request that is made to cost much is refused, or costs little.
func TestRequestHostile(t *testing.T) {
	const most = 4 << 20
	for name, test := range map[string]struct {
		service, target, body string
		refused               bool
	}{
		"a long body":        {"iam", "", strings.Repeat("x", most+1), true},
		"a long JSON body":   {"ssm", "AmazonSSM.PutParameter", strings.Repeat("x", most+1), true},
		"parameters":         {"iam", "", repeated(most, "Action=ListUsers&Version=2010-05-08&", "a%d=", "&", ""), true},
		"separators":         {"iam", "", strings.Repeat("&", most), true},
		"members":            {"iam", "", repeated(150_000, "Action=CreateUser&UserName=u&Version=2010-05-08&", "Tags.member.%d=", "&", ""), false},
		"dots":               {"iam", "", "Action=ListUsers&Version=2010-05-08&" + strings.Repeat("a.", most/3) + "=b", false},
		"a large index":      {"ec2", "", "Action=DescribeInstances&Version=2016-11-15&InstanceId.2147483647=i-1", false},
		"deep JSON":          {"ssm", "AmazonSSM.PutParameter", `{"Tags":` + strings.Repeat("[", most-100), false},
		"JSON objects":       {"ssm", "AmazonSSM.PutParameter", repeated(most, `{"Tags":[`, "{}", ",", "]}"), true},
		"fewer JSON objects": {"ssm", "AmazonSSM.PutParameter", repeated(140_000, `{"Tags":[`, "{}", ",", "]}"), false},
		"JSON texts":         {"ssm", "AmazonSSM.GetParameters", repeated(most, `{"Names":[`, `""`, ",", "]}"), true},
		"ampersands in JSON": {"ssm", "AmazonSSM.PutParameter", `{"Name":"/a","Type":"String","Value":"` + strings.Repeat("&", 20_000) + `"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(test.body))
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/"+test.service+"/aws4_request, SignedHeaders=host, Signature=0")
			if test.target != "" {
				r.Header.Set("X-Amz-Target", test.target)
			}
			w := httptest.NewRecorder()
			cost.Within(t, func() { s.ServeHTTP(w, r) })
			if refused := w.Code == http.StatusRequestEntityTooLarge; refused != test.refused || w.Code == http.StatusInternalServerError {
				t.Errorf("answered %d %.300s", w.Code, w.Body)
			}
		})
	}
}

// FuzzLoad: whatever the file, it is refused, or an account that is saved as it
// is and that requests cannot break.
func FuzzLoad(f *testing.F) {
	k := newKit(f)
	furnish(k)
	var saved bytes.Buffer
	must(0, k.server.Save(&saved))
	f.Add(saved.Bytes())
	f.Add(bytes.ReplaceAll(saved.Bytes(), []byte(`"Home"`), []byte(`"home"`)))
	f.Add(saved.Bytes()[:saved.Len()/2])
	saved.Reset()
	must(0, sandbox.New(sandbox.Options{}).Save(&saved))
	f.Add(bytes.Clone(saved.Bytes()))
	f.Add([]byte(`{"format":"ssmctl sandbox","version":1,"account":{"ID":"123456789012","Home":"us-east-1","Users":[null],"Regions":[{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s *sandbox.Server
		var err error
		if n := cost.Within(t, func() { s, err = sandbox.Load(bytes.NewReader(data)) }); n > 16<<20+1000*uint64(len(data)) {
			t.Fatalf("%d bytes take %d MiB", len(data), n>>20)
		}
		if err != nil {
			return
		}
		s.Dump()
		for _, body := range []string{"Action=GetAccountAuthorizationDetails&Version=2010-05-08", "Action=ListInstanceProfiles&Version=2010-05-08", "Action=DescribeInstances&Version=2016-11-15"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/x/aws4_request, SignedHeaders=host, Signature=0")
			s.ServeHTTP(httptest.NewRecorder(), r)
		}
		var once, twice bytes.Buffer
		must(0, s.Save(&once))
		again, err := sandbox.Load(bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("loaded, saved and then refused: %v\n%s", err, &once)
		}
		must(0, again.Save(&twice))
		if !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("saved twice:\n%s\n%s", &once, &twice)
		}
	})
}

// FuzzParseFault: what is taken for a fault means what is written, and can be
// injected.
func FuzzParseFault(f *testing.F) {
	for _, text := range []string{"*", "iam:*", "iam:CreateRole", "iam:AttachRolePolicy:2=drop", "ec2:RunInstances=InsufficientInstanceCapacity", "ssm:*:1=500", "a:b:c:d=e=f", ":", "=", "iam:CreateRole:99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := sandbox.ParseFault(text)
		if err != nil {
			if !strings.Contains(err.Error(), "fault ") {
				t.Errorf("ParseFault(%q): %v", text, err)
			}
			return
		}
		name, _, _ := strings.Cut(text, "=")
		written := fault.Operation
		if fault.Nth > 0 {
			written = name[:strings.LastIndexByte(name, ':')]
		}
		if !strings.HasPrefix(name, fault.Operation) || written != fault.Operation || fault.Nth < 0 {
			t.Errorf("ParseFault(%q) = %+v", text, fault)
		}
		sandbox.New(sandbox.Options{}).Inject(fault)
	})
}
