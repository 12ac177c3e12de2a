package kind

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/hashicorp/go-hclog"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// A Target says which account a session is to reach, and how.
type Target struct {
	Region      string       // "" for what the environment says
	Profile     string       // of the shared configuration; "" for what the environment says
	EndpointURL string       // of every service; "" for what the environment says
	HTTPClient  *http.Client // for an account in this process; nil for the network. It is given credentials that open nothing
	Log         hclog.Logger // nil logs nothing

	Credentials aws.CredentialsProvider // nil for those of the environment, or for an account in this process those that open nothing
}

// Reads are tried up to readAttempts times, the first of all up to
// connectAttempts times; each takes readTimeout at most.
const (
	readAttempts    = 8
	connectAttempts = 3
	readTimeout     = 15 * time.Second
)

// Connect opens a session and asks AWS who the caller is. Its errors say what
// to set or which command to run.
func Connect(ctx context.Context, t Target) (*Session, error) {
	log := t.Log
	if log == nil {
		log = hclog.NewNullLogger()
	}
	cfg, err := load(ctx, t)
	if _, none := errors.AsType[config.SharedConfigProfileNotExistError](err); err != nil && !none {
		return nil, fmt.Errorf("reading the shared AWS configuration: %w", err)
	}
	if err != nil {
		return nil, explain(err, t)
	}
	if cfg.Region == "" {
		return nil, errors.New("no region: set `region:` in the spec")
	}
	writing := cfg.Copy()
	writing.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	cfg.HTTPClient, writing.HTTPClient = bounded{timed(cfg.HTTPClient, readTimeout)}, bounded{timed(cfg.HTTPClient, writeTimeout)}
	by := &signer{from: cfg.Credentials, identify: identifyBy(cfg), others: map[string]*strangeError{}}
	cfg.Credentials, writing.Credentials = by, by
	s := &Session{
		Region: cfg.Region,
		read:   open(cfg),
		write:  open(writing),
		log:    log,
		nonce:  rand.Text()[:12],
		made:   map[resource.ID]bool{},
		freed:  map[resource.ID]bool{},

		swapping: map[string]bool{},
	}
	who, err := s.read.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.RetryMaxAttempts = connectAttempts // whoever mistyped the endpoint should not wait long to hear it
	})
	if err != nil {
		return nil, explain(err, t)
	}
	by.stays(aws.ToString(who.Arn))
	s.Caller = Caller{Account: aws.ToString(who.Account), Partition: entry.PartitionOf(cfg.Region), ARN: aws.ToString(who.Arn)}
	if fields := strings.SplitN(s.Caller.ARN, ":", 3); len(fields) == 3 {
		s.Caller.Partition = fields[1]
	}
	return s, nil
}

func load(ctx context.Context, t Target) (aws.Config, error) {
	retryer := func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = readAttempts
			o.Retryables = append(o.Retryables, retriesSkew, retriesCut)
		})
	}
	options := []func(*config.LoadOptions) error{config.WithAppID("ssmctl"), config.WithRetryer(retryer)}
	if t.Region != "" {
		options = append(options, config.WithRegion(t.Region))
	}
	if t.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(t.Profile))
	}
	if t.HTTPClient != nil {
		cfg := aws.Config{
			Region:       t.Region,
			Credentials:  t.Credentials,
			HTTPClient:   t.HTTPClient,
			BaseEndpoint: new("http://sandbox.invalid"),
			Retryer:      retryer,
		}
		if cfg.Credentials == nil {
			cfg.Credentials = credentials.NewStaticCredentialsProvider("sandbox", "sandbox", "")
		}
		return cfg, nil
	}
	if t.Credentials != nil {
		options = append(options, config.WithCredentialsProvider(t.Credentials))
	}
	if t.EndpointURL != "" {
		options = append(options, config.WithBaseEndpoint(t.EndpointURL))
	}
	options = append(options, config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(readTimeout)))
	return config.LoadDefaultConfig(ctx, options...)
}

// timed returns a client each of whose attempts takes that long at most.
func timed(client aws.HTTPClient, most time.Duration) aws.HTTPClient {
	switch c := client.(type) {
	case *awshttp.BuildableClient:
		return c.WithTimeout(most)
	case *http.Client:
		other := *c
		other.Timeout = most
		return &other
	}
	return client
}

func open(cfg aws.Config) clients {
	return clients{
		iam: iam.NewFromConfig(cfg),
		ec2: ec2.NewFromConfig(cfg),
		ssm: ssm.NewFromConfig(cfg),
		sts: sts.NewFromConfig(cfg),
		tagging: resourcegroupstaggingapi.NewFromConfig(cfg, func(o *resourcegroupstaggingapi.Options) {
			o.Region = globalRegions[entry.PartitionOf(cfg.Region)]
		}),
	}
}

// globalRegions are the Regions that hold what IAM keeps for a whole
// partition, and by which it is signed for; see
// https://docs.aws.amazon.com/general/latest/gr/iam-service.html.
var globalRegions = map[string]string{
	"aws":        "us-east-1",
	"aws-cn":     "cn-north-1",
	"aws-us-gov": "us-gov-west-1",
	"aws-iso":    "us-iso-east-1",
	"aws-iso-b":  "us-isob-east-1",
	"aws-iso-e":  "eu-isoe-west-1",
	"aws-iso-f":  "us-isof-south-1",
	"aws-eusc":   "eusc-de-east-1",
}

// explain says what to do about an error that came before any answer of use.
func explain(err error, t Target) error {
	_, notFound := errors.AsType[config.SharedConfigProfileNotExistError](err)
	text := err.Error()
	switch {
	case notFound:
		return fmt.Errorf("no profile %q in the shared AWS configuration: `aws configure list-profiles` lists those there are", t.Profile)
	case strings.Contains(text, "Missing Region"):
		return errors.New("no region: set `region:` in the spec")
	case strings.Contains(text, "cached SSO token"):
		return errors.New("the SSO session has expired: run `aws sso login`, with --profile if you use one")
	case strings.Contains(text, "get identity:"):
		return errors.New("no AWS credentials: the environment, the profile, SSO and the instance role were tried; run `aws sso login` or set AWS_PROFILE, or try --sandbox, which needs none")
	case unsent(err):
		where := "AWS"
		if t.EndpointURL != "" {
			where = t.EndpointURL
		}
		return fmt.Errorf("cannot reach %s: %w", where, err)
	}
	if help, expired := expiry(err); expired {
		return fmt.Errorf("asking AWS who the caller is: %w\n%s", plain(err), help)
	}
	return fmt.Errorf("asking AWS who the caller is: %w", plain(err))
}
