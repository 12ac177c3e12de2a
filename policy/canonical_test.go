package policy_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

// parse returns the document in text, in which single quotes stand for double.
func parse(t testing.TB, text string) policy.Document {
	t.Helper()
	d, err := policy.Parse(quotes(text))
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return d
}

func quotes(text string) []byte {
	b := []byte(text)
	for i, c := range b {
		if c == '\'' {
			b[i] = '"'
		}
	}
	return b
}

// canonical returns a document's JSON.
func canonical(t testing.TB, d policy.Document) string {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// one returns a document of one statement that allows something, with more.
func one(more string) string {
	return fmt.Sprintf(`{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'ssm:SendCommand',%s}]}`, more)
}

func two(first, second string) string {
	return fmt.Sprintf(`{'Version':'2012-10-17','Statement':[
		{'Effect':'Allow','Action':'ssm:SendCommand',%s}, {'Effect':'Allow','Action':'ssm:SendCommand',%s}]}`, first, second)
}

func TestEqual(t *testing.T) {
	t.Parallel()
	trust := func(principal string) string {
		return `{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'sts:AssumeRole','Principal':` + principal + `}]}`
	}
	const r = `'Resource':'*'`
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"white space":                     {one(r), " " + one("\n\t"+r) + "\n", true},
		"single value and list":           {one(`'Resource':'a'`), one(`'Resource':['a']`), true},
		"single statement and list":       {one(r), `{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':['ssm:SendCommand'],'Resource':'*'}}`, true},
		"order of elements":               {one(r), `{'Statement':[{'Resource':'*','Action':'ssm:SendCommand','Effect':'Allow'}],'Version':'2012-10-17'}`, true},
		"order of values":                 {one(`'Resource':['a','b']`), one(`'Resource':['b','a']`), true},
		"value twice":                     {one(`'Resource':['a','b','a']`), one(`'Resource':['b','a']`), true},
		"order of statements":             {two(`'Resource':'a'`, `'Resource':'b'`), two(`'Resource':'b'`, `'Resource':'a'`), true},
		"escapes":                         {one(`'Resource':'a\u002fb'`), one(`'Resource':'a\/b'`), true},
		"case of an action":               {one(`'Resource':'*'`), `{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'SSM:sendcommand','Resource':'*'}]}`, true},
		"case of an action unknown here":  {`{'Statement':[{'Effect':'Allow','Action':'fooBar:DoIt'}]}`, `{'Statement':[{'Effect':'Allow','Action':'FOObar:doit'}]}`, true},
		"case of a pattern of actions":    {`{'Statement':[{'Effect':'Allow','Action':'ssm:Get*Param?'}]}`, `{'Statement':[{'Effect':'Allow','Action':'SSM:get*PARAM?'}]}`, true},
		"action twice in different case":  {`{'Statement':[{'Effect':'Allow','Action':['ssm:GetDocument','ssm:getdocument']}]}`, `{'Statement':[{'Effect':'Allow','Action':'ssm:GetDocument'}]}`, true},
		"case of NotAction":               {`{'Statement':[{'Effect':'Deny','NotAction':'iam:passrole'}]}`, `{'Statement':[{'Effect':'Deny','NotAction':'iam:PassRole'}]}`, true},
		"case of a condition key":         {one(`'Condition':{'StringEquals':{'AWS:sourceip':'x'}}`), one(`'Condition':{'StringEquals':{'aws:SourceIp':'x'}}`), true},
		"case of a tag key":               {one(`'Condition':{'StringEquals':{'ssm:resourceTag/Env':'x'}}`), one(`'Condition':{'StringEquals':{'ssm:ResourceTag/env':'x'}}`), true},
		"case of an operator":             {one(`'Condition':{'forallvalues:stringequalsifexists':{'aws:TagKeys':'x'}}`), one(`'Condition':{'ForAllValues:StringEqualsIfExists':{'aws:TagKeys':'x'}}`), true},
		"order of operators and keys":     {one(`'Condition':{'StringLike':{'a:b':'x','a:c':'y'},'Bool':{'a:d':'z'}}`), one(`'Condition':{'Bool':{'a:d':'z'},'StringLike':{'a:c':'y','a:b':'x'}}`), true},
		"order of condition values":       {one(`'Condition':{'StringLike':{'a:b':['x','y']}}`), one(`'Condition':{'StringLike':{'a:b':['y','x','x']}}`), true},
		"bool and string":                 {one(`'Condition':{'Bool':{'aws:SecureTransport':true}}`), one(`'Condition':{'Bool':{'aws:SecureTransport':'true'}}`), true},
		"number and string":               {one(`'Condition':{'NumericLessThan':{'aws:MultiFactorAuthAge':3600}}`), one(`'Condition':{'NumericLessThan':{'aws:MultiFactorAuthAge':['3600']}}`), true},
		"empty condition":                 {one(r + `,'Condition':{}`), one(r), true},
		"operator without keys":           {one(r + `,'Condition':{'StringEquals':{}}`), one(r), true},
		"empty Sid":                       {one(r + `,'Sid':''`), one(r), true},
		"empty Id":                        {`{'Id':'','Statement':{'Effect':'Allow','Action':'a:b'}}`, `{'Statement':{'Effect':'Allow','Action':'a:b'}}`, true},
		"no Version is the old one":       {`{'Statement':{'Effect':'Allow','Action':'a:b'}}`, `{'Version':'2008-10-17','Statement':{'Effect':'Allow','Action':'a:b'}}`, true},
		"account and its root":            {trust(`{'AWS':'111122223333'}`), trust(`{'AWS':'arn:aws:iam::111122223333:root'}`), true},
		"account and its root in China":   {trust(`{'AWS':'111122223333'}`), trust(`{'AWS':['arn:aws-cn:iam::111122223333:root','111122223333']}`), true},
		"order of principals":             {trust(`{'AWS':['1','2'],'Service':'s'}`), trust(`{'Service':['s'],'AWS':['2','1']}`), true},
		"Version":                         {`{'Statement':{'Effect':'Allow','Action':'a:b'}}`, `{'Version':'2012-10-17','Statement':{'Effect':'Allow','Action':'a:b'}}`, false},
		"Effect":                          {one(r), `{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Action':'ssm:SendCommand','Resource':'*'}]}`, false},
		"Sid":                             {one(r + `,'Sid':'A'`), one(r + `,'Sid':'a'`), false},
		"Sid and none":                    {one(r + `,'Sid':'A'`), one(r), false},
		"Id":                              {`{'Id':'a','Statement':{'Effect':'Allow','Action':'a:b'}}`, `{'Id':'A','Statement':{'Effect':'Allow','Action':'a:b'}}`, false},
		"Action and NotAction":            {`{'Statement':[{'Effect':'Allow','Action':'a:b'}]}`, `{'Statement':[{'Effect':'Allow','NotAction':'a:b'}]}`, false},
		"Resource and NotResource":        {one(`'Resource':'a'`), one(`'NotResource':'a'`), false},
		"Resource and none":               {one(`'Resource':'*'`), one(`'Sid':''`), false},
		"Principal and NotPrincipal":      {one(`'Principal':{'AWS':'*'}`), one(`'NotPrincipal':{'AWS':'*'}`), false},
		"kind of principal":               {trust(`{'AWS':'x'}`), trust(`{'Federated':'x'}`), false},
		"anyone and any AWS":              {trust(`'*'`), trust(`{'AWS':'*'}`), false},
		"root and a user named root":      {trust(`{'AWS':'111122223333'}`), trust(`{'AWS':'arn:aws:iam::111122223333:user/root'}`), false},
		"root as a resource":              {one(`'Resource':'111122223333'`), one(`'Resource':'arn:aws:iam::111122223333:root'`), false},
		"service in China":                {trust(`{'Service':'ec2.amazonaws.com'}`), trust(`{'Service':'ec2.amazonaws.com.cn'}`), false},
		"case of a resource":              {one(`'Resource':'arn:aws:ssm:us-east-1::document/A'`), one(`'Resource':'arn:aws:ssm:us-east-1::document/a'`), false},
		"case of a condition value":       {one(`'Condition':{'StringEquals':{'a:b':'X'}}`), one(`'Condition':{'StringEquals':{'a:b':'x'}}`), false},
		"case of a service":               {trust(`{'Service':'ec2.amazonaws.com'}`), trust(`{'Service':'EC2.amazonaws.com'}`), false},
		"operator":                        {one(`'Condition':{'StringEquals':{'a:b':'x'}}`), one(`'Condition':{'StringLike':{'a:b':'x'}}`), false},
		"IfExists":                        {one(`'Condition':{'StringEquals':{'a:b':'x'}}`), one(`'Condition':{'StringEqualsIfExists':{'a:b':'x'}}`), false},
		"set operator":                    {one(`'Condition':{'ForAllValues:StringEquals':{'a:b':'x'}}`), one(`'Condition':{'ForAnyValue:StringEquals':{'a:b':'x'}}`), false},
		"condition key":                   {one(`'Condition':{'StringEquals':{'a:b':'x'}}`), one(`'Condition':{'StringEquals':{'a:c':'x'}}`), false},
		"keys of two operators":           {one(`'Condition':{'StringEquals':{'a:b':'x'},'StringLike':{'a:c':'y'}}`), one(`'Condition':{'StringEquals':{'a:c':'y'},'StringLike':{'a:b':'x'}}`), false},
		"no values and none asked":        {one(r + `,'Condition':{'StringEquals':{'a:b':[]}}`), one(r), false},
		"number written otherwise":        {one(`'Condition':{'NumericEquals':{'a:b':1.0}}`), one(`'Condition':{'NumericEquals':{'a:b':1}}`), false},
		"subset of values":                {one(`'Resource':['a','b']`), one(`'Resource':['a']`), false},
		"one value that looks like two":   {one(`'Resource':['a','b']`), one(`'Resource':['a\',\'b']`), false},
		"which statement is there twice":  {`{'Statement':[{'Effect':'Allow','Action':'a:a'},{'Effect':'Allow','Action':'a:a'},{'Effect':'Allow','Action':'a:b'}]}`, `{'Statement':[{'Effect':'Allow','Action':'a:a'},{'Effect':'Allow','Action':'a:b'},{'Effect':'Allow','Action':'a:b'}]}`, false},
		"statement twice":                 {two(r, r), one(r), false},
		"letters that only Unicode folds": {`{'Statement':[{'Effect':'Allow','Action':'kms:x'}]}`, `{'Statement':[{'Effect':'Allow','Action':'\u212ams:x'}]}`, false},
		"case of other letters":           {`{'Statement':[{'Effect':'Allow','Action':'a:é'}]}`, `{'Statement':[{'Effect':'Allow','Action':'a:É'}]}`, false},
		"wildcards":                       {`{'Statement':[{'Effect':'Allow','Action':'ssm:Get*'}]}`, `{'Statement':[{'Effect':'Allow','Action':'ssm:Get?'}]}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := parse(t, test.a), parse(t, test.b)
			if got := a.Equal(b); got != test.want {
				t.Errorf("Equal = %t, want %t:\n%s\n%s", got, test.want, canonical(t, a), canonical(t, b))
			}
			if got := canonical(t, a) == canonical(t, b); got != test.want {
				t.Errorf("same JSON = %t, want %t:\n%s\n%s", got, test.want, canonical(t, a), canonical(t, b))
			}
		})
	}
}

func TestCanonicalForm(t *testing.T) {
	t.Parallel()
	d := parse(t, `{'Id':'x','Version':'2012-10-17','Statement':[
		{'Effect':'Deny','NotAction':['iam:*','SSM:GETPARAM*'],'Resource':'*','Sid':'Z'},
		{'Action':'SSM:sendCommand','Effect':'Allow','Resource':['b & c','a'],'Condition':{
			'bool':{'AWS:MULTIFACTORAUTHPRESENT':true},'StringEquals':{'aws:resourcetag/Env':['x']}}},
		{'Effect':'Allow','Action':'sts:assumerole','Principal':{'Service':'ec2.amazonaws.com','AWS':['arn:aws:iam::111122223333:root']}},
		{'Effect':'Allow','Action':'new:ThingToDo','NotPrincipal':'*','NotResource':'a\tb'}
	]}`)
	const want = `{
  "Version": "2012-10-17",
  "Id": "x",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "ssm:SendCommand"
      ],
      "Resource": [
        "a",
        "b & c"
      ],
      "Condition": {
        "Bool": {
          "aws:MultiFactorAuthPresent": [
            "true"
          ]
        },
        "StringEquals": {
          "aws:ResourceTag/env": [
            "x"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "NotPrincipal": "*",
      "Action": [
        "new:thingtodo"
      ],
      "NotResource": [
        "a\u0009b"
      ]
    },
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "111122223333"
        ],
        "Service": [
          "ec2.amazonaws.com"
        ]
      },
      "Action": [
        "sts:AssumeRole"
      ]
    },
    {
      "Sid": "Z",
      "Effect": "Deny",
      "NotAction": [
        "iam:*",
        "ssm:GetParam*"
      ],
      "Resource": [
        "*"
      ]
    }
  ]
}`
	if diff := cmp.Diff(want, d.Indent()); diff != "" {
		t.Errorf("Indent (-want +got)\n%s", diff)
	}
}

func TestStringIsShortAndAsWritten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		d    policy.Document
		want string
		size int
	}{
		"zero": {policy.Document{}, `null`, 0},
		"one of each": {
			policy.New(policy.Allow("SSM:sendcommand").On("*").If("StringEquals", "ssm:resourceTag/Env", "a b")),
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"SSM:sendcommand","Resource":"*","Condition":{"StringEquals":{"ssm:resourceTag/Env":"a b"}}}}`,
			155,
		},
		"several": {
			policy.New(policy.Deny("a:b").On("y", "x", "y"), policy.Allow("a:b", "A:B").On("x").As("Both")),
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"a:b","Resource":["x","y"]},{"Sid":"Both","Effect":"Allow","Action":"A:B","Resource":"x"}]}`,
			154,
		},
		"root": {
			policy.New(policy.Allow("sts:AssumeRole").By(policy.Principals{AWS: []string{"arn:aws:iam::111122223333:root", "111122223333"}})),
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}`,
			116,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.d.String()); diff != "" {
				t.Errorf("String (-want +got)\n%s", diff)
			}
			if got := test.d.Size(); got != test.size {
				t.Errorf("Size = %d, want %d", got, test.size)
			}
		})
	}
}

// A document is a field of objects, which are compared by their JSON.
func TestDocumentAsField(t *testing.T) {
	t.Parallel()
	type object struct {
		Policy policy.Document `json:"policy"`
		Other  policy.Document `json:"other,omitzero"`
	}
	in := object{Policy: policy.New(policy.Allow("a:b").On("<*>"))}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:b"],"Resource":["\u003c*\u003e"]}]}}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("JSON (-want +got)\n%s", diff)
	}
	var out object
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("read back (-want +got)\n%s", diff)
	}
	out.Policy = policy.New(policy.Allow("a:c"))
	if err := json.Unmarshal([]byte(`{"policy":null}`), &out); err != nil || !out.Policy.IsZero() {
		t.Errorf("null reads as %s, %v", out.Policy, err)
	}
	if err := json.Unmarshal([]byte(`{"policy":{"Statement":1}}`), &out); err == nil {
		t.Error("a document that is none reads without an error")
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, " \t\r\n": 0, "a b\n c": 3, `"é €"`: 4} {
		if got := policy.Size(text); got != want {
			t.Errorf("Size(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestBuildersLeaveTheirReceiver(t *testing.T) {
	t.Parallel()
	base := policy.Allow("a:b").On("x").If("StringEquals", "a:k", "1")
	_ = base.On("y").As("S").If("StringEquals", "A:K", "2").If("StringEquals", "a:l", "3").If("Bool", "a:m", "true").By(policy.Principals{Anyone: true})
	want := policy.New(policy.Statement{
		Effect: "Allow", Action: []string{"a:b"}, Resource: []string{"x"},
		Condition: policy.Condition{"StringEquals": {"a:k": {"1"}}},
	})
	if diff := cmp.Diff(want, policy.New(base)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got := policy.New(base.If("StringEquals", "A:K", "2"))
	want.Statements[0].Condition = policy.Condition{"StringEquals": {"a:k": {"2"}}}
	if !got.Equal(want) {
		t.Errorf("a second If on the same key gives %s, want %s", got, want)
	}
}
