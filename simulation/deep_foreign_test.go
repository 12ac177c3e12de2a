package simulation

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

// An act is what somebody else does: they tie something of theirs to what the
// specs are about, or make it before ssmctl does.
type act struct {
	do     func(context.Context, *iam.Client) error
	stands func(context.Context, *iam.Client) error // an error if it was undone
	revert func(context.Context, *iam.Client) error
	makes  resource.ID // of what the specs have too; the zero ID if it is of none
}

var acts = []act{
	{
		do: func(ctx context.Context, c *iam.Client) error {
			_, err := c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("bob"), PolicyName: new(theirName), PolicyDocument: new(theirPolicy)})
			return err
		},
		stands: func(ctx context.Context, c *iam.Client) error {
			_, err := c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: new("bob"), PolicyName: new(theirName)})
			return err
		},
		revert: func(ctx context.Context, c *iam.Client) error {
			_, err := c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: new("bob"), PolicyName: new(theirName)})
			return err
		},
	},
	{
		do: func(ctx context.Context, c *iam.Client) error {
			_, err := c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new("people"), PolicyName: new(theirName), PolicyDocument: new(theirPolicy)})
			return err
		},
		stands: func(ctx context.Context, c *iam.Client) error {
			_, err := c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: new("people"), PolicyName: new(theirName)})
			return err
		},
		revert: func(ctx context.Context, c *iam.Client) error {
			_, err := c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: new("people"), PolicyName: new(theirName)})
			return err
		},
	},
	{
		do: func(ctx context.Context, c *iam.Client) error {
			_, err := c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new("b"), PolicyName: new(theirName), PolicyDocument: new(theirPolicy)})
			return err
		},
		stands: func(ctx context.Context, c *iam.Client) error {
			_, err := c.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: new("b"), PolicyName: new(theirName)})
			return err
		},
		revert: func(ctx context.Context, c *iam.Client) error {
			_, err := c.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: new("b"), PolicyName: new(theirName)})
			return err
		},
	},
	{
		do: func(ctx context.Context, c *iam.Client) error {
			_, err := c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("b"), Path: new("/" + theirName + "/")})
			return err
		},
		stands: func(ctx context.Context, c *iam.Client) error {
			got, err := c.GetGroup(ctx, &iam.GetGroupInput{GroupName: new("b")})
			if err == nil && *got.Group.Path != "/"+theirName+"/" {
				return errors.New("group b was made again by somebody else, and is not theirs any more")
			}
			return err
		},
		revert: func(ctx context.Context, c *iam.Client) error {
			_, err := c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: new("b")})
			return err
		},
		makes: resource.ID{Kind: "group", Name: "b"},
	},
	{
		do: func(ctx context.Context, c *iam.Client) error {
			_, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("svc"), Path: new("/" + theirName + "/")})
			return err
		},
		stands: func(ctx context.Context, c *iam.Client) error {
			got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: new("svc")})
			if err == nil && *got.User.Path != "/"+theirName+"/" {
				return errors.New("user svc was made again by somebody else, and is not theirs any more")
			}
			return err
		},
		revert: func(ctx context.Context, c *iam.Client) error {
			_, err := c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("svc")})
			return err
		},
		makes: resource.ID{Kind: "user", Name: "svc"},
	},
}

const theirPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`

// foreigner is somebody else's client of the account.
func foreigner(s *sandbox.Server) *iam.Client {
	return iam.NewFromConfig(aws.Config{
		Region: s.Region(), HTTPClient: s.Client(), Credentials: credentials.NewStaticCredentialsProvider("somebody", "else", ""),
		BaseEndpoint: new("http://sandbox.invalid"), Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
}
