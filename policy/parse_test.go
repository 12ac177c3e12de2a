package policy_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/policy"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got := parse(t, `{'Version':'2012-10-17','Id':'i','Statement':[
		{'Sid':'s','Effect':'Deny','NotPrincipal':{'AWS':'a','Service':['b','c'],'Federated':'d','CanonicalUser':'e'},
		 'NotAction':'f:g','NotResource':['h'],
		 'Condition':{'BOOL':{'Aws:SecureTransport':[true,false]},'NumericEquals':{'i:j':-1.50E+3},'Foo':{'k':'\ud83d\ude00\u00e9\n'}}},
		{'Effect':'Allow','Principal':'*','Action':[],'Resource':[]}]}`)
	want := []policy.Statement{{
		Sid: "s", Effect: "Deny",
		NotPrincipal: &policy.Principals{AWS: []string{"a"}, Service: []string{"b", "c"}, Federated: []string{"d"}, CanonicalUser: []string{"e"}},
		NotAction:    []string{"f:g"}, NotResource: []string{"h"},
		Condition: policy.Condition{"Bool": {"Aws:SecureTransport": {"true", "false"}}, "NumericEquals": {"i:j": {"-1.50E+3"}}, "Foo": {"k": {"😀é\n"}}},
	}, {
		Effect: "Allow", Principal: &policy.Principals{Anyone: true}, Action: []string{}, Resource: []string{},
	}}
	if diff := cmp.Diff(want, got.Statements); diff != "" {
		t.Errorf("Statements (-want +got)\n%s", diff)
	}
	if got.Version != policy.Version2012 || got.ID != "i" {
		t.Errorf("Version %q, ID %q", got.Version, got.ID)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const ok = `'Effect':'Allow','Action':'a:b'`
	tests := map[string]struct{ text, want string }{
		"nothing":           {``, `1:1: expected a JSON value, found the end of the text`},
		"null":              {`null`, `1:1: expected a policy in braces, found null`},
		"a list":            {`[]`, `1:1: expected a policy in braces, found a list`},
		"more after it":     {`{'Statement':{` + ok + `}} x`, `1:49: there is more after the end: 'x'; keep one JSON value`},
		"not closed":        {`{'Statement':[`, `1:15: Statement[0]: expected a JSON value, found the end of the text`},
		"comma at the end":  {`{'Statement':[{` + ok + `,}]}`, `1:48: Statement[0]: expected the name of an element in double quotes, found '}'`},
		"comma in a list":   {`{'Statement':{'Action':['a',]}}`, `1:29: Statement.Action[1]: expected a JSON value, found ']'`},
		"no colon":          {`{'Statement' {}}`, `1:14: expected a colon after the name, found '{'`},
		"no comma":          {"{'Version':'2012-10-17'\n 'Statement':1}", `2:2: expected a comma or the closing brace, found '"'`},
		"a comment":         {`{/**/}`, `1:2: expected the name of an element in double quotes, found '/'`},
		"string not closed": {`{'Version':'2012`, `1:12: Version: a string that begins here does not end; close it with a double quote`},
		"line in a string":  {"{'Version':'20\n12'}", `1:15: Version: a string holds '\n' as it is; end the string before it, or write it as an escape such as \n`},
		"unknown escape":    {`{'Version':'\x'}`, `1:13: Version: this is not an escape that JSON knows, or half of one; write a backslash as \\`},
		"escape at the end": {`{'Id':'\`, `1:8: Id: this is not an escape that JSON knows, or half of one; write a backslash as \\`},
		"half a character":  {`{'Version':'\ud83d'}`, `1:13: Version: this is not an escape that JSON knows, or half of one; write a backslash as \\`},
		"swapped halves":    {`{'Version':'\ude00\ud83d'}`, `1:13: Version: this is not an escape that JSON knows, or half of one; write a backslash as \\`},
		"leading zero":      {`{'Statement':01}`, `1:15: expected a comma or the closing brace, found '1'`},
		"half a number":     {`{'Statement':1.}`, `1:14: Statement: this is not a number in JSON; put it in double quotes`},
		"half an exponent":  {`{'Statement':1e+}`, `1:14: Statement: this is not a number in JSON; put it in double quotes`},
		"not UTF-8":         {"{'Id':'\xef\xbf\xbd \xff'}", `1:10: the text is not UTF-8 from here on; save it as UTF-8`},
		"byte order mark":   {"\ufeff{}", `1:1: expected a JSON value, found '\ufeff'`},
		"too deep":          {strings.Repeat("[", 65), `1:65: ` + strings.Repeat("[0]", 64) + `: values are nested more than 64 deep`},
		"too long":          {strings.Repeat(" ", 1<<18+1), `1:1: the text has 262145 bytes; a policy has at most 262144; split it into several policies`},
		"element twice": {
			"{'Version':'2012-10-17',\n 'Version':'2012-10-17'}",
			`2:2: Version: "Version" is there twice, and readers of JSON do not agree which one counts; keep one of them, or put both values in one list`,
		},
		"element twice by an escape": {
			`{'Id':'x','\u0049d':'x'}`,
			`1:11: Id: "Id" is there twice, and readers of JSON do not agree which one counts; keep one of them, or put both values in one list`,
		},
		"condition key twice": {
			"{'Statement':[{" + ok + ",'Condition':{'StringEquals':{'a:k':'1',\n\t'a:k':'2'}}}]}",
			`2:2: Statement[0].Condition.StringEquals["a:k"]: "a:k" is there twice, and readers of JSON do not agree which one counts; keep one of them, or put both values in one list`,
		},
		"condition key twice, in different case": {
			"{'Statement':[{" + ok + ",'Condition':{'StringEquals':{'a:k':'1',\n\t'A:k':'2'}}}]}",
			`2:8: Statement[0].Condition.StringEquals["A:k"]: the key A:k is there twice, in different case, which to IAM is the same key; keep one of them`,
		},
		"operator twice, in different case": {
			`{'Statement':[{` + ok + `,'Condition':{'Bool':{},'bool':{}}}]}`,
			`1:78: Statement[0].Condition.bool: the operator Bool is there twice, in different case; put both under one`,
		},
		"unknown element":           {`{'Statements':[]}`, `1:2: Statements: a policy has no element "Statements"; remove it; it may have Version, Id, Statement`},
		"element in lower case":     {`{'statement':[]}`, `1:2: statement: a policy has no element "statement"; write Statement`},
		"element of a statement":    {`{'Statement':[{` + ok + `,'Resources':'*'}]}`, `1:48: Statement[0].Resources: a statement has no element "Resources"; remove it; it may have Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition`},
		"no statement":              {`{'Version':'2012-10-17'}`, `1:1: Statement: there is no statement, so the policy says nothing; add one, or remove the policy`},
		"no statements":             {`{'Statement':[]}`, `1:1: Statement: there is no statement, so the policy says nothing; add one, or remove the policy`},
		"Version":                   {`{'Version':'2012-10-18'}`, `1:12: Version: the policy language has no version "2012-10-18"; write 2012-10-17`},
		"Version as a number":       {`{'Version':2012}`, `1:12: Version: expected a string, found 2012`},
		"Effect":                    {`{'Statement':[{'Effect':'allow','Action':'a:b'}]}`, `1:25: Statement[0].Effect: "allow" is not an effect; write Allow or Deny, in just these letters`},
		"no Effect":                 {`{'Statement':[{'Action':'a:b'}]}`, `1:15: Statement[0]: Effect is missing; write Allow or Deny`},
		"no Action":                 {`{'Statement':{'Effect':'Deny'}}`, `1:14: Statement: Action is missing; say what the statement is about, such as ssm:SendCommand`},
		"both actions":              {`{'Statement':[{` + ok + `,'NotAction':[]}]}`, `1:15: Statement[0]: Action and NotAction exclude each other; keep one of them`},
		"both resources":            {`{'Statement':[{` + ok + `,'NotResource':[],'Resource':[]}]}`, `1:15: Statement[0]: Resource and NotResource exclude each other; keep one of them`},
		"both principals":           {`{'Statement':[{` + ok + `,'Principal':{},'NotPrincipal':{}}]}`, `1:15: Statement[0]: Principal and NotPrincipal exclude each other; keep one of them`},
		"statement is a string":     {`{'Statement':['x']}`, `1:15: Statement[0]: expected a statement in braces, found "x"`},
		"action is a number":        {`{'Statement':[{'Effect':'Allow','Action':['a:b',7]}]}`, `1:49: Statement[0].Action[1]: expected a string, found 7`},
		"action is an object":       {`{'Statement':[{'Effect':'Allow','Action':{}}]}`, `1:42: Statement[0].Action: expected a string, found an object`},
		"action is null":            {`{'Statement':[{'Effect':'Allow','Action':null}]}`, `1:42: Statement[0].Action: expected a string, found null`},
		"principal is an account":   {`{'Statement':[{` + ok + `,'Principal':'111122223333'}]}`, `1:60: Statement[0].Principal: "111122223333" does not say what kind of principal it is; write {"AWS": ...} or {"Service": ...}`},
		"kind of principal":         {`{'Statement':[{` + ok + `,'Principal':{'aws':'x'}}]}`, `1:61: Statement[0].Principal.aws: a principal has no element "aws"; write AWS`},
		"condition value is a list": {`{'Statement':[{` + ok + `,'Condition':{'Bool':{'a/b:c':[true,[]]}}}]}`, `1:83: Statement[0].Condition.Bool["a/b:c"][1]: expected a string, a number, true or false, found a list`},
		"condition value is null":   {`{'Statement':[{` + ok + `,'Condition':{'Bool':{'a:b':null}}}]}`, `1:75: Statement[0].Condition.Bool["a:b"]: expected a string, a number, true or false, found null`},
		"columns are characters":    {`{'Id':'éé','Id':1}`, `1:12: Id: "Id" is there twice, and readers of JSON do not agree which one counts; keep one of them, or put both values in one list`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Parse(quotes(test.text))
			if _, ok := errors.AsType[*policy.Problem](err); !ok {
				t.Fatalf("error %v is not a *Problem", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Whatever the text, it is refused, or a document that reads the same however it
// is written; and what is wrong with it is said, with its place, at little cost.
func FuzzParse(f *testing.F) {
	for _, text := range hostileTexts(2 << 10) {
		f.Add([]byte(text))
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"Statement":{"Effect":"Deny","NotAction":["A:B","a:*"],"NotPrincipal":{"AWS":["1",""]},"Condition":{"bool":{"X:y/Z":[1,true,""]},"?":{}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, use := range []policy.Use{policy.ForIdentity, policy.ForTrust} {
			if n := cost.Within(t, func() { readAll(string(text), use) }); n > 1<<20+2000*uint64(len(text)) {
				t.Fatalf("%d bytes take %d KiB", len(text), n>>10)
			}
		}
		d, err := policy.Parse(text)
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("Parse takes what is not JSON: %q", text)
		}
		for _, use := range []policy.Use{policy.ForIdentity, policy.ForTrust} {
			for _, p := range d.Check(use) {
				if p.Position.Line < 1 || p.Position.Column < 1 || p.Text == "" || p.Help == "" {
					t.Errorf("Check of %q gives %+v", text, p)
				}
			}
		}
		want, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for form, again := range map[string]string{"canonical": string(want), "String": d.String(), "Indent": d.Indent()} {
			e, err := policy.Parse([]byte(again))
			if err != nil {
				t.Fatalf("%s of %q does not parse: %v\n%s", form, text, err, again)
			}
			if got, _ := json.Marshal(e); string(got) != string(want) {
				t.Fatalf("%s of %q says something else (-want +got)\n%s", form, text, cmp.Diff(string(want), string(got)))
			}
		}
		if e, _ := policy.Parse([]byte(d.String())); e.String() != d.String() {
			t.Fatalf("String of %q is not stable (-want +got)\n%s", text, cmp.Diff(d.String(), e.String()))
		}
	})
}
