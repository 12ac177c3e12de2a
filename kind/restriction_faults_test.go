package kind_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/spec"
)

func TestRestrictionFaults(t *testing.T) {
	t.Parallel()
	const (
		run   = "restrictions: {run: {documents: [AWS-RunPatchBaseline], instances: all}}\n"
		bound = "restrictions: {bound: {enforce: boundary, parameters: {read: [/web/*]}}, two: {enforce: boundary, parameters: {read: [/db/*]}}}\n"
	)
	void := func(who, has string) string {
		return `restriction "run" has no effect for ` + who + `: ` + has + `, in the same entry, already allows all of Systems Manager [S030]`
	}
	for name, test := range map[string]struct{ sections, want string }{
		"beside full access":    {run + "groups: {a: {access: full, restrictions: [run]}}", "test.yaml:6:43: " + void(`group "a"`, "`access: full`")},
		"beside full actions":   {run + "users: {a: {access: {actions: full}, restrictions: [run]}}", "test.yaml:6:53: " + void(`user "a"`, "`access: {actions: full}`")},
		"beside a policy":       {run + "users: {a: {policies: [SecurityAudit, AdministratorAccess], restrictions: [run]}}", "test.yaml:6:76: " + void(`user "a"`, "`policies[1]`, which is AdministratorAccess")},
		"beside one by ARN":     {run + `users: {a: {policies: ["arn:aws:iam::aws:policy/AmazonSSMFullAccess"], restrictions: [run]}}`, "test.yaml:6:87: " + void(`user "a"`, "`policies[0]`, which is AmazonSSMFullAccess")},
		"beside read-only":      {run + "groups: {a: {access: read-only, restrictions: [run]}}", ""},
		"beside full, denying":  {"restrictions: {run: {documents: [AWS-RunPatchBaseline], instances: all, enforce: deny}}\ngroups: {a: {access: full, restrictions: [run]}}", ""},
		"beside full, bounding": {bound + "users: {a: {access: full, restrictions: [bound]}}", ""},
		"beside full, a key": {
			"restrictions: {run: {parameters: {read: [/web/*], decrypt: [alias/web]}}}\ngroups: {a: {access: full, restrictions: [run]}}",
			"test.yaml:6:43: only `decrypt` of restriction \"run\" has an effect for group \"a\": `access: full`, in the same entry, already allows all of Systems Manager [S030]",
		},
		"a boundary for a group": {bound + "groups: {a: {restrictions: [bound]}}", `test.yaml:6:29: restriction "bound" is to be a boundary, and IAM gives groups none [S030]`},
		"two boundaries":         {bound + "users: {a: {restrictions: [bound, two]}}", `test.yaml:6:35: restriction "two" is to be the boundary of a, and so is restriction "bound": a user or role has one [S030]`},
		"a boundary beside permissions_boundary": {
			bound + `users: {a: {existing: true, permissions_boundary: "arn:aws:iam::aws:policy/SecurityAudit", restrictions: [bound]}}`,
			"test.yaml:6:107: restriction \"bound\" is to be the boundary of a, and `permissions_boundary` names another: a user or role has one [S030]",
		},
		"a boundary beside the defaults'": {
			`defaults: {permissions_boundary: "arn:aws:iam::aws:policy/SecurityAudit"}` + "\n" + bound + `roles: {a: {type: people, trust: {accounts: ["111111111111"]}, restrictions: [bound]}}`,
			`test.yaml:7:79: restriction "bound" is to be the boundary of a, and the defaults name another: a user or role has one [S030]`,
		},
		"the defaults do not bound the existing": {
			`defaults: {permissions_boundary: "arn:aws:iam::aws:policy/SecurityAudit"}` + "\n" + bound + `users: {a: {existing: true, restrictions: [bound]}}`, "",
		},
		"a boundary for the agent": {
			bound + "roles: {a: {restrictions: [bound]}}",
			`test.yaml:6:28: restriction "bound" as its boundary would take from role a, of type instance, what AmazonSSMManagedInstanceCore gives it [S030]`,
		},
		"a name taken": {
			"restrictions:\n  many: {documents: [AWS-RunPatchBaseline], instances: [" + manyIDs(100) + "]}\n  many-2: {commands: {view: any}}",
			"test.yaml:6:3: the restriction takes 2 policies, and the restriction many-2 has the name of one of them [S030]",
		},
		"a name too long": {
			"restrictions:\n  " + strings.Repeat("m", 127) + ": {documents: [AWS-RunPatchBaseline], instances: [" + manyIDs(100) + "]}",
			"test.yaml:6:3: the restriction takes 2 policies, and " + strings.Repeat("m", 127) + "-2 is longer than IAM takes for a name [S030]",
		},
		"a region elsewhere": {
			"restrictions: {r: {parameters: {read: [/web/*]}, regions: [us-east-1, cn-north-1]}}",
			`test.yaml:5:71: region cn-north-1 is of partition aws-cn, and the spec's region us-east-1 of aws [S030]`,
		},
		"ids elsewhere": {
			"restrictions: {r: {documents: [AWS-RunPatchBaseline], instances: [i-12345678], regions: [eu-west-1]}}",
			`test.yaml:5:80: instances that go by id are in us-east-1, the region of the spec, where the restriction does not hold [S030]`,
		},
		"a condition": {
			"restrictions:\n  r:\n    parameters: {read: [/web/*]}\n    conditions:\n      Bool: {\"aws:MultiFactorAuthPresent\": true}\n      StringEquals:\n        \"ssm:resourceTag/App\": web",
			"test.yaml:11:32: ssm:resourceTag/App asks for a tag of each resource of a request, and documents and sessions have none of a node's, so nothing would be allowed [S030]",
		},
		"an operator":      {"restrictions: {r: {parameters: {read: [/web/*]}, conditions: {Boll: {\"aws:x\": true}}}}", `test.yaml:5:63: IAM has no condition operator "Boll" [S030]`},
		"a day":            {"restrictions: {r: {parameters: {read: [/web/*]}, expires: 2027-02-30}}", `test.yaml:5:59: "2027-02-30" is neither a day nor a time [S030]`},
		"once, not thrice": {"restrictions: {r: {parameters: {read: [web/x]}}}\ngroups: {a: {restrictions: [r]}, b: {restrictions: [r]}}", `test.yaml:5:40: "web/x" has a slash but does not begin with one, as paths do [S030]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := spec.Load("test.yaml", []byte(head+test.sections+"\n"), kind.Sections())
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Restrictions that allow more together than each says are refused where they
// are listed together.
func TestProduct(t *testing.T) {
	t.Parallel()
	const restrictions = `restrictions:
  web: {documents: [acme-deploy], instances: [{tags: {App: web}}]}
  db: {documents: [acme-vacuum], instances: [{tags: {App: db}}]}
  web-prod: {documents: [acme-deploy, acme-restart], instances: [{tags: {app: web, Env: prod}}]}
  web-too: {documents: [acme-d*], instances: [{tags: {App: web}}]}
  both: {documents: [acme-deploy, acme-vacuum], instances: [{tags: {App: web}}, {tags: {App: db}}]}
  all: {documents: all, instances: all}
  lower: {documents: [acme-deploy], instances: [{tags: {app: web}}]}
  one: {documents: [acme-deploy], instances: [i-12345678]}
  two: {documents: [acme-deploy], instances: [i-87654321]}
  europe: {documents: [acme-vacuum], instances: [{tags: {App: db}}], regions: [eu-west-1]}
  everywhere: {documents: [acme-vacuum], instances: [{tags: {App: db}}], regions: [eu-west-1, us-east-1]}
  shell: {sessions: {shell: true}, instances: [{tags: {App: web}}]}
  tunnel: {sessions: {documents: [acme-tunnel]}, instances: [{tags: {App: db}}]}
  shell-db: {sessions: {shell: true}, instances: [{tags: {App: db}}]}
  read: {parameters: {read: [/web/*]}}
  no-db: {documents: [acme-vacuum], instances: [{tags: {App: db}}], enforce: deny}
  only-db: {documents: [acme-vacuum], instances: [{tags: {App: db}}], enforce: boundary}
`
	runs := func(a, b, document, nodes string) string {
		return `restrictions "` + a + `" and "` + b + `" together let user "u" run ` + document + " on " + nodes + ", which neither says: IAM looks at the document and at the instance each by itself [S030]"
	}
	for name, test := range map[string]struct{ list, want string }{
		"documents and nodes differ":    {"[web, db]", "test.yaml:23:33: " + runs("web", "db", "acme-deploy", "instances with App=db")},
		"with others between":           {"[read, web, shell, db]", "test.yaml:23:46: " + runs("web", "db", "acme-deploy", "instances with App=db")},
		"accepted":                      {"[web, db], allow_product: true", ""},
		"one is within the other":       {"[web, web-prod]", "test.yaml:23:33: " + runs("web", "web-prod", "acme-restart", "instances with App=web")},
		"a pattern of the same nodes":   {"[web, web-too]", ""},
		"a tag in another case":         {"[web-too, lower]", ""},
		"a third says it":               {"[web, db, both]", ""},
		"all says it":                   {"[web, db, all]", ""},
		"the same document":             {"[one, two]", ""},
		"an id may have the tag":        {"[web, one]", ""},
		"an id may lack the tag":        {"[db, one]", "test.yaml:23:32: " + runs("db", "one", "acme-vacuum", "i-12345678")},
		"no region in common":           {"[web, europe]", ""},
		"a region in common":            {"[web, everywhere]", "test.yaml:23:33: " + runs("web", "everywhere", "acme-deploy", "instances with App=db")},
		"sessions":                      {"[shell, tunnel]", "test.yaml:23:35: " + strings.Replace(runs("shell", "tunnel", "SSM-SessionManagerRunShell", "instances with App=db"), "run ", "open sessions by ", 1)},
		"sessions by the same document": {"[shell, shell-db]", ""},
		"commands and sessions":         {"[web, shell-db]", ""},
		"one alone":                     {"[both]", ""},
		"a denial grants nothing":       {"[web, no-db]", ""},
		"nor does a boundary":           {"[web, only-db]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := spec.Load("test.yaml", []byte(head+restrictions+"users: {u: {restrictions: "+test.list+"}}\n"), kind.Sections())
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
