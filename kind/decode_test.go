package kind_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/samples"
	"github.com/ssmctl/ssmctl/sandbox"
)

// decodable checks that an object comes back from its JSON as it was.
func decodable(t *testing.T, o resource.Object) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := kind.Decode(o.ID(), text)
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, text)
	case reflect.TypeOf(got) != reflect.TypeOf(o):
		t.Errorf("%s came back as a %T, want a %T", o.ID(), got, o)
	case !resource.Equal(got, o):
		t.Errorf("%s came back different (-want +got):\n%s", o.ID(), cmp.Diff(asText(o), asText(got)))
	}
	followed, ok := o.(resource.Event)
	if ok && err == nil {
		if diff := cmp.Diff(followed.Follows(), got.(resource.Event).Follows()); diff != "" {
			t.Errorf("%s follows something else (-want +got):\n%s", o.ID(), diff)
		}
	}
}

// whatItComesTo returns every object that a spec and the account have, and
// both sides of every change between them, there and back.
func whatItComesTo(t *testing.T, account *sandbox.Server, text string) []resource.Object {
	t.Helper()
	session := connect(t, account)
	loaded := load(t, text)
	survey, err := session.Survey(context.Background(), loaded.Spec.Name, loaded.Desired)
	if err != nil {
		t.Fatal(err)
	}
	var all []resource.Object
	for o := range survey.Live.State.All() {
		all = append(all, o)
	}
	for o := range survey.Desired.State.All() {
		all = append(all, o)
	}
	p, err := tryPlan(t, session, text)
	if err != nil {
		return all // not every state can be gone back to
	}
	for _, s := range p.Steps {
		for _, side := range []resource.Object{s.Before, s.After} {
			if side != nil {
				all = append(all, side)
			}
		}
		if t, ok := s.Before.(resource.Transient); ok {
			all = append(all, t.Settled(s.Before, s.After))
		}
	}
	return all
}

// Every object that any plan of the examples and samples has comes back from
// its JSON as it was.
func TestDecode(t *testing.T) {
	t.Parallel()
	for name, example := range kind.Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := guideAccount()
			for _, text := range thereAndBack(example) {
				objects := whatItComesTo(t, account, text)
				for _, o := range objects {
					decodable(t, o)
				}
				if _, err := tryPlan(t, connect(t, account), text); err == nil {
					apply(t, account, text)
				}
			}
		})
	}
	t.Run("guide", func(t *testing.T) {
		t.Parallel()
		account := guideAccount()
		for _, text := range []string{string(samples.Guide), string(samples.Guide), strings.Replace(string(samples.Guide), "full", "read-only", 1)} {
			for _, o := range whatItComesTo(t, account, text) {
				decodable(t, o)
			}
			apply(t, account, text)
		}
	})
	t.Run("team", func(t *testing.T) {
		t.Parallel()
		account := sandbox.New(sandbox.Options{Account: "033333333333", Region: "eu-west-1"})
		account.SeedGuide()
		text := strings.ReplaceAll(string(samples.Team), "subnet-0a1b2c3d4e5f60718", teamAccount(t, account))
		for _, o := range whatItComesTo(t, account, text) {
			decodable(t, o)
		}
	})
	for name, o := range map[string]resource.Object{
		"between two profiles":   kind.Association{Instance: web},
		"a profile that is gone": kind.Association{Instance: web, Profile: "one (deleted)"},
		"no role for a moment":   kind.Profile{Name: "one", Path: "/", Tags: map[string]string{}},
		"a return cut short":     kind.Policy{Name: "one", Path: "/", Tags: map[string]string{}, NewerVersions: 1, Description: "<one> & \"two\" \u2028"},
		"a union":                kind.Ledger{Spec: "test", Links: []string{"a"}}.Union(kind.Ledger{Spec: "test", Links: []string{"b"}, Protected: []string{"c"}}),
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); decodable(t, o) })
	}
}

// What is not just as this version writes it is refused, and said to be.
//
// Fault 40: stored data of a newer or older version.
func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ id, data, want string }{
		"unknown kind":   {"queue/q", `{}`, `queue/q: there is no kind "queue"`},
		"unknown field":  {"group/g", `{"name":"g","path":"/","colour":"red"}`, `unknown field "colour"`},
		"missing field":  {"group/g", `{"name":"g"}`, "not written as this version writes it"},
		"twice":          {"group/g", `{"name":"x","name":"g","path":"/"}`, "not written as this version writes it"},
		"other spelling": {"group/g", `{"Name":"g","path":"/"}`, "not written as this version writes it"},
		"another object": {"group/g", `{"name":"h","path":"/"}`, "group/g: its data is that of group/h"},
		"another type":   {"group/g", `{"name":1,"path":"/"}`, "cannot unmarshal number"},
		"more":           {"group/g", `{"name":"g","path":"/"} {}`, "there is more after it"},
		"cut":            {"group/g", `{"name":"g",`, "unexpected EOF"},
		"null":           {"group/g", `null`, "not written as this version writes it"},
		"nothing":        {"group/g", ``, "EOF"},
		"other policy":   {"inline/user/u/p", `{"of":"user/u","name":"p","document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}}`, "not written as this version writes it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := kind.Decode(ids(tt.id)[0], []byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, %v; want %q", o, err, tt.want)
			}
		})
	}
}

// Whatever the data, Decode refuses it or returns an object whose JSON it is.
func FuzzDecode(f *testing.F) {
	for _, o := range []resource.Object{
		kind.Group{Name: "g", Path: "/"},
		kind.User{Name: "u", Path: "/", Tags: map[string]string{"A": "b"}},
		kind.Association{Instance: web, Profile: "p"},
		kind.Ledger{Spec: "test", Links: []string{}},
		kind.Restart{Instance: web, How: "agent", Profile: "p"},
		kind.Membership{Group: "g", User: "u"},
		kind.Attachment{To: ids("group/g")[0], Policy: readOnlyARN},
		kind.Instance{Name: "new", Launch: &kind.Launch{AMI: "ami-0123456789abcdef0", InstanceType: "t3.micro"}},
	} {
		text, err := json.Marshal(o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(o.ID().String(), text)
	}
	f.Add("inline/user/u/p", []byte(`{"of":"user/u","name":"p","document":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}]}}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		var id resource.ID
		if id.UnmarshalText([]byte(name)) != nil {
			return
		}
		var o resource.Object
		var err error
		cost.Within(t, func() { o, err = kind.Decode(id, data) })
		if err != nil {
			return
		}
		if o.ID() != id {
			t.Fatalf("%s came back as %s", id, o.ID())
		}
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		again, err := kind.Decode(id, text)
		if err != nil || !resource.Equal(o, again) {
			t.Errorf("%s\nbecame %s\nand that %v, %v", data, text, again, err)
		}
	})
}
