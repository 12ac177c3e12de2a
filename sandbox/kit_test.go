package sandbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/ssmctl/ssmctl/sandbox"
)

// Documents that are as small as can be.
const (
	trustEC2   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allowAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	denyAll    = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	coreARN    = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
	ownPolicy  = "arn:aws:iam::123456789012:policy/"
	image      = "ami-0123456789abcdef0"
	firstGuide = "i-1234567890abcdef0"
)

// A kit is a sandbox and the real SDK's clients of it.
type kit struct {
	testing.TB
	server  *sandbox.Server
	config  aws.Config
	iam     *iam.Client
	ec2     *ec2.Client
	ssm     *ssm.Client
	sts     *sts.Client
	tagging *resourcegroupstaggingapi.Client
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newKit makes an empty account, in which it is always noon.
func newKit(t testing.TB) *kit {
	t.Helper()
	return kitOf(t, sandbox.New(sandbox.Options{Clock: func() time.Time { return noon }}))
}

func kitOf(t testing.TB, s *sandbox.Server) *kit {
	return kitWith(t, s, aws.Config{
		Region: "us-east-1", HTTPClient: s.Client(), Credentials: credentials.NewStaticCredentialsProvider("AKIATESTING000000000", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
}

func kitWith(t testing.TB, s *sandbox.Server, c aws.Config) *kit {
	return &kit{t, s, c, iam.NewFromConfig(c), ec2.NewFromConfig(c), ssm.NewFromConfig(c), sts.NewFromConfig(c), resourcegroupstaggingapi.NewFromConfig(c)}
}

func (k *kit) ctx() context.Context { return k.Context() }

// must panics if a call that has to work does not.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

func credentialsOf(id, secret string, token *string) aws.CredentialsProvider {
	if token == nil {
		token = new("")
	}
	return credentials.NewStaticCredentialsProvider(id, secret, *token)
}

// code returns the AWS error code of an error, "" for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return "not an API error: " + err.Error()
}

func message(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorMessage()
	}
	return ""
}

// The makers of what other tests need.

func (k *kit) user(name string) {
	k.Helper()
	must(k.iam.CreateUser(k.ctx(), &iam.CreateUserInput{UserName: &name}))
}

func (k *kit) group(name string) {
	k.Helper()
	must(k.iam.CreateGroup(k.ctx(), &iam.CreateGroupInput{GroupName: &name}))
}

func (k *kit) role(name string) {
	k.Helper()
	must(k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(trustEC2)}))
}

func (k *kit) policy(name string) string {
	k.Helper()
	return *must(k.iam.CreatePolicy(k.ctx(), &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: new(allowAll)})).Policy.Arn
}

// profile makes an instance profile, with the role unless it is "".
func (k *kit) profile(name, role string) {
	k.Helper()
	must(k.iam.CreateInstanceProfile(k.ctx(), &iam.CreateInstanceProfileInput{InstanceProfileName: &name}))
	if role != "" {
		must(k.iam.AddRoleToInstanceProfile(k.ctx(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &role}))
	}
}

// node makes role, profile and running instance, all of that name, and
// returns the ids of the instance and of its association.
func (k *kit) node(name string) (instance, association string) {
	k.Helper()
	k.role(name)
	k.profile(name, name)
	k.attachRole(name, coreARN)
	instance = k.launch(name)
	return instance, k.associationOf(instance)
}

func (k *kit) attachRole(role, arn string) {
	k.Helper()
	must(k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: &role, PolicyArn: &arn}))
}

// launch starts an instance, with the profile unless it is "".
func (k *kit) launch(profile string) string {
	k.Helper()
	in := &ec2.RunInstancesInput{ImageId: new(image), MinCount: new(int32(1)), MaxCount: new(int32(1))}
	if profile != "" {
		in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: &profile}
	}
	return *must(k.ec2.RunInstances(k.ctx(), in)).Instances[0].InstanceId
}

func (k *kit) associations(instance string) []ec2types.IamInstanceProfileAssociation {
	k.Helper()
	return must(k.ec2.DescribeIamInstanceProfileAssociations(k.ctx(), &ec2.DescribeIamInstanceProfileAssociationsInput{
		Filters: []ec2types.Filter{{Name: new("instance-id"), Values: []string{instance}}},
	})).IamInstanceProfileAssociations
}

func (k *kit) associationOf(instance string) string {
	k.Helper()
	list := k.associations(instance)
	if len(list) != 1 {
		k.Fatalf("instance %s has %d associations, want 1", instance, len(list))
	}
	return *list[0].AssociationId
}
