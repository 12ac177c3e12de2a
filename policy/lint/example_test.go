package lint_test

import (
	"fmt"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/lint"
)

func ExampleText() {
	text := `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "ssm:ListDocumentsVersions", "Resource": "*"}
  ]
}`
	for _, f := range lint.Text([]byte(text), policy.ForIdentity, policy.Place{}) {
		fmt.Printf("%s: %s: %s (%s)\n\t%s: %s\n", f.Position, f.Severity, f.Text, f.Code, f.Path, f.Fix)
	}
	// Output:
	// 4:35: error: there is no action ssm:ListDocumentsVersions, so it grants nothing (unknown-action)
	// 	Statement[0].Action: write ssm:ListDocumentVersions
}

func ExampleLookup() {
	rule, _ := lint.Lookup("parameter-double-slash")
	fmt.Println(rule.Severity, rule.Title)
	fmt.Println(rule.Good)
	// Output:
	// error the ARN of a parameter has two slashes
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:us-east-1:111122223333:parameter/web/key"}
	//   ]
	// }
}
