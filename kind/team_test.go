package kind_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/ssmctl/ssmctl/samples"
	"github.com/ssmctl/ssmctl/sandbox"
)

// The team sample applies to an account that has what it mentions: thirty
// people, somebody else's group, a boundary, documents and two fleets, one of
// which carries a profile of its own.
func TestTeamSample(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := sandbox.New(sandbox.Options{Account: "033333333333", Region: "eu-west-1"})
		account.SeedGuide()
		subnet := teamAccount(t, account)
		text := strings.ReplaceAll(string(samples.Team), "subnet-0a1b2c3d4e5f60718", subnet)
		mustApply(t, account, text)
	})
}

// teamAccount makes what the team sample mentions, and returns a subnet.
func teamAccount(t *testing.T, account *sandbox.Server) (subnet string) {
	t.Helper()
	ctx := context.Background()
	cfg := aws.Config{
		Region: account.Region(), HTTPClient: account.Client(), BaseEndpoint: new("http://sandbox.invalid"),
		Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
	}
	people, machines, systems := iam.NewFromConfig(cfg), ec2.NewFromConfig(cfg), ssm.NewFromConfig(cfg)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range strings.Fields("amy ben cho dee eli fay gus hal ivy jon kai lea max nia omar pia quinn rosa sam tess uma vic wes xia yan zoe abe bea cal dot") {
		_, err := people.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
		must(err)
	}
	_, err := people.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("contractors")})
	must(err)
	_, err = people.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("contractors"), PolicyArn: new("arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess")})
	must(err)
	_, err = people.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("ssm-boundary"), PolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)})
	must(err)
	for _, name := range []string{"acme-deploy", "acme-restart", "acme-vacuum"} {
		_, err := systems.CreateDocument(ctx, &ssm.CreateDocumentInput{Name: &name, DocumentType: "Command", Content: new(`{"schemaVersion":"2.2","description":"a document","mainSteps":[{"action":"aws:runShellScript","name":"run","inputs":{"runCommand":["true"]}}]}`)})
		must(err)
	}
	_, err = people.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("db"), AssumeRolePolicyDocument: new(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`)})
	must(err)
	_, err = people.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: new("db")})
	must(err)
	_, err = people.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("db"), RoleName: new("db")})
	must(err)
	for app, profile := range map[string]*ec2types.IamInstanceProfileSpecification{"web": nil, "db": {Name: new("db")}} {
		_, err := machines.RunInstances(ctx, &ec2.RunInstancesInput{
			ImageId: new("ami-0123456789abcdef0"), InstanceType: "t3.micro", MinCount: new(int32(2)), MaxCount: new(int32(2)), IamInstanceProfile: profile,
			TagSpecifications: []ec2types.TagSpecification{{ResourceType: "instance", Tags: []ec2types.Tag{{Key: new("App"), Value: new(app)}, {Key: new("Env"), Value: new("prod")}}}},
		})
		must(err)
	}
	subnets, err := machines.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	must(err)
	return *subnets.Subnets[0].SubnetId
}
