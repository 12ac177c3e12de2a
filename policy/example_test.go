package policy_test

import (
	"fmt"

	"github.com/ssmctl/ssmctl/policy"
)

func ExampleTrust() {
	at := policy.Place{Partition: "aws", Account: "123456789012", Region: "us-east-1"}
	d, err := policy.Trust{Services: []string{"ec2", "ssm"}}.Compile(at)
	fmt.Println(d, err)
	// Output:
	// {"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ssm.amazonaws.com"]},"Action":"sts:AssumeRole"}} <nil>
}

func ExampleDocument_Equal() {
	a, _ := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"SSM:getdocument","Resource":"*"}}`))
	b := policy.New(policy.Allow("ssm:GetDocument").On("*"))
	fmt.Println(a.Equal(b))
	fmt.Println(b.Indent())
	// Output:
	// true
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Effect": "Allow",
	//       "Action": [
	//         "ssm:GetDocument"
	//       ],
	//       "Resource": [
	//         "*"
	//       ]
	//     }
	//   ]
	// }
}

func ExampleDocument_Check() {
	d, _ := policy.Parse([]byte(`{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "ssm:DescribeAutomationExecutions ",
    "Resource": ["*"]
  }]
}`))
	fmt.Println(d.Check(policy.ForIdentity))
	// Output:
	// 5:15: Statement[0].Action: "ssm:DescribeAutomationExecutions " holds white space, so it matches no action; write ssm:DescribeAutomationExecutions
}

func ExampleRestriction() {
	at := policy.Place{Partition: "aws", Account: "123456789012", Region: "us-east-1"}
	_, err := policy.Restriction{
		Documents: policy.Names{List: []string{"restart"}},
		Nodes:     policy.Nodes{IDs: []string{"i-1234567890abcdef0"}},
		Buckets:   []string{"bucket_name"},
		Commands:  policy.Commands{Cancel: "own"},
	}.Compile(at)
	fmt.Println(err)
	// Output:
	// buckets[0]: no bucket can have the name "bucket_name"; did you mean bucket-name?
	// commands.cancel: IAM cannot tell one's own commands from those of others; write any or none
}
