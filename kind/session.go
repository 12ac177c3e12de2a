package kind

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
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

	"github.com/ssmctl/ssmctl/resource"
)

// Reads are tried up to readAttempts times, each for readTimeout at most.
const (
	readAttempts = 8
	readTimeout  = 15 * time.Second
)

// A Target says which account a session is to reach, and how.
type Target struct {
	Region      string       // "" for what the environment says
	Profile     string       // of the shared configuration; "" for what the environment says
	EndpointURL string       // of every service; "" for what the environment says
	HTTPClient  *http.Client // for an account in this process; nil for the network. It is given credentials that open nothing
	Log         hclog.Logger // nil logs nothing
}

// A Caller is who a session acts as.
type Caller struct{ Account, Partition, ARN string }

// clients reach the services in the one way, reading or writing.
type clients struct {
	iam     *iam.Client
	ec2     *ec2.Client
	ssm     *ssm.Client
	sts     *sts.Client
	tagging *resourcegroupstaggingapi.Client // of the Region that IAM's resources are listed in
}

// A Session reaches one AWS account and Region. It is safe for concurrent use.
type Session struct {
	Region string
	Caller Caller

	read  clients // retries; for calls that change nothing
	write clients // one attempt a call: only the executor may decide about another
	log   hclog.Logger
	run   string // tells this run's launches from those of others

	mu    sync.Mutex
	scope Scope                // of the last survey, for reading back
	made  map[resource.ID]bool // what this session created: others may not see it yet
	freed map[resource.ID]bool // what something that this session deleted had needed
	notes []SessionNote
}

// A SessionNote is something to know about a change that stopped nothing.
type SessionNote struct {
	ID   resource.ID
	Text string
}

// Connect opens a session and asks AWS who the caller is. Its errors say what
// to set or which command to run.
func Connect(ctx context.Context, t Target) (*Session, error) {
	log := t.Log
	if log == nil {
		log = hclog.NewNullLogger()
	}
	cfg, err := load(ctx, t)
	if err != nil {
		return nil, explain(err, t)
	}
	if cfg.Region == "" {
		return nil, errors.New("no region: set `region:` in the spec, --region or AWS_REGION")
	}
	writing := cfg.Copy()
	writing.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	s := &Session{
		Region: cfg.Region,
		read:   open(cfg),
		write:  open(writing),
		log:    log,
		run:    rand.Text()[:12],
		made:   map[resource.ID]bool{},
		freed:  map[resource.ID]bool{},
	}
	who, err := s.read.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, explain(err, t)
	}
	s.Caller = Caller{Account: aws.ToString(who.Account), Partition: PartitionOf(cfg.Region), ARN: aws.ToString(who.Arn)}
	if fields := strings.SplitN(s.Caller.ARN, ":", 3); len(fields) == 3 {
		s.Caller.Partition = fields[1]
	}
	return s, nil
}

func load(ctx context.Context, t Target) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithAppID("ssmctl"),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = readAttempts })
		}),
	}
	if t.Region != "" {
		options = append(options, config.WithRegion(t.Region))
	}
	if t.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(t.Profile))
	}
	if t.HTTPClient != nil {
		cfg := aws.Config{
			Region:       t.Region,
			Credentials:  credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
			HTTPClient:   t.HTTPClient,
			BaseEndpoint: new("http://sandbox.invalid"),
			Retryer: func() aws.Retryer {
				return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = readAttempts })
			},
		}
		return cfg, nil
	}
	if t.EndpointURL != "" {
		options = append(options, config.WithBaseEndpoint(t.EndpointURL))
	}
	options = append(options, config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(readTimeout)))
	return config.LoadDefaultConfig(ctx, options...)
}

func open(cfg aws.Config) clients {
	return clients{
		iam: iam.NewFromConfig(cfg),
		ec2: ec2.NewFromConfig(cfg),
		ssm: ssm.NewFromConfig(cfg),
		sts: sts.NewFromConfig(cfg),
		tagging: resourcegroupstaggingapi.NewFromConfig(cfg, func(o *resourcegroupstaggingapi.Options) {
			o.Region = globalRegion(cfg.Region)
		}),
	}
}

// PartitionOf returns the partition that a Region belongs to.
func PartitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}

// globalRegion returns the Region that holds what IAM keeps for region's
// whole partition.
func globalRegion(region string) string {
	switch PartitionOf(region) {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}

// explain says what to do about an error that came before any answer of use.
func explain(err error, t Target) error {
	_, notFound := errors.AsType[config.SharedConfigProfileNotExistError](err)
	text := err.Error()
	switch {
	case notFound:
		return fmt.Errorf("no profile %q in the shared AWS configuration: `aws configure list-profiles` lists those there are", t.Profile)
	case strings.Contains(text, "Missing Region"):
		return errors.New("no region: set `region:` in the spec, --region or AWS_REGION")
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
	case code(err) != "":
		return fmt.Errorf("asking AWS who the caller is: %s", code(err))
	}
	return fmt.Errorf("asking AWS who the caller is: %w", err)
}

// Write makes one change; an executor.Account must. Its error is a
// *resource.Failure.
func (s *Session) Write(ctx context.Context, c resource.Change) error {
	d, err := kindOf(c.ID())
	if err != nil {
		return &resource.Failure{Class: resource.Refused, Call: "ssmctl", Err: err}
	}
	w := &Write{clients: s.write, Session: s, change: c}
	if err := d.write(ctx, w, c); err != nil {
		if f, ok := errors.AsType[*resource.Failure](err); ok {
			return f
		}
		// A read between two calls failed, or the kind itself said no.
		return &resource.Failure{Class: resource.Refused, Call: "ssmctl", Done: w.done, Code: code(err), Err: err}
	}
	s.wrote(c)
	return nil
}

// wrote remembers what others may not see for a while.
func (s *Session) wrote(c resource.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.After == nil {
		delete(s.made, c.ID())
		for _, id := range c.Before.Needs() {
			s.freed[id] = true
		}
		return
	}
	if c.Before == nil {
		s.made[c.ID()] = true
	}
}

// notYet reports whether a refusal of c may only mean that something this
// session made, or took away, a moment ago is not known everywhere. IAM is
// eventually consistent and has no call that tells when it is done; see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html.
func (s *Session) notYet(c resource.Change, code string, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code == "DeleteConflict" {
		return s.freed[c.ID()]
	}
	fresh := s.made[c.ID()]
	for _, side := range []resource.Object{c.Before, c.After} {
		if side != nil {
			for _, id := range side.Needs() {
				fresh = fresh || s.made[id]
			}
		}
	}
	if !fresh {
		return false
	}
	text := err.Error()
	switch code {
	case "NoSuchEntity":
		return true
	case "MalformedPolicyDocument":
		return strings.Contains(text, "Invalid principal")
	case "InvalidParameterValue":
		return strings.Contains(text, "Invalid IAM Instance Profile") || strings.Contains(text, "has no associated IAM Roles")
	}
	return false
}

func (s *Session) note(id resource.ID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, SessionNote{id, text})
}

// Notes returns what the changes written so far left to say.
func (s *Session) Notes() []SessionNote {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]SessionNote(nil), s.notes...)
}

// Preflight asks, of each change, whether AWS would refuse it.
func (s *Session) Preflight(ctx context.Context, changes []resource.Change) ([]Refusal, error) {
	var all []Refusal
	for _, c := range changes {
		d, err := kindOf(c.ID())
		if err != nil {
			return nil, err
		}
		refusals, err := d.preflight(ctx, s, c)
		if err != nil {
			return nil, fmt.Errorf("checking %s: %w", c.ID(), err)
		}
		all = append(all, refusals...)
	}
	return all, nil
}
