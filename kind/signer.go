package kind

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A signer hands out the credentials that requests are signed with, and sees
// to it that they stay those of one caller. Credentials are renewed behind the
// session's back, by a login in another window, a changed profile or a new
// token; a run that went on as somebody else would read and write another
// account, or undo with other rights than it had.
type signer struct {
	from aws.CredentialsProvider

	// identify asks AWS whose the credentials are, with just those.
	identify func(context.Context, aws.Credentials) (arn string, err error)

	mu     sync.Mutex
	arn    string                   // of the caller; "" until AWS has told it
	key    string                   // access key id that is known to be the caller's
	others map[string]*strangeError // access key ids that are known not to be
}

// Retrieve returns credentials of the caller, or fails. It is what the SDK
// calls before it signs.
func (s *signer) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := s.from.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.arn == "":
		s.key = found.AccessKeyID
	case s.others[found.AccessKeyID] != nil:
		return aws.Credentials{}, s.others[found.AccessKeyID]
	case s.key != found.AccessKeyID:
		arn, err := s.identify(ctx, found)
		if err != nil {
			return aws.Credentials{}, &unidentifiedError{err}
		}
		if principalOf(arn) != principalOf(s.arn) {
			stranger := &strangeError{was: s.arn, is: arn}
			s.others[found.AccessKeyID] = stranger
			return aws.Credentials{}, stranger
		}
		s.key = found.AccessKeyID
	}
	return found, nil
}

// stays makes the caller that has just been told the only one from here on.
func (s *signer) stays(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arn = arn
}

// identifyBy returns how AWS is asked whose credentials are, in the way of cfg.
func identifyBy(cfg aws.Config) func(context.Context, aws.Credentials) (string, error) {
	return func(ctx context.Context, of aws.Credentials) (string, error) {
		by := cfg.Copy()
		by.Credentials = credentials.StaticCredentialsProvider{Value: of}
		who, err := sts.NewFromConfig(by).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
			o.RetryMaxAttempts = connectAttempts
		})
		if err != nil {
			return "", err
		}
		return aws.ToString(who.Arn), nil
	}
}

// principalOf returns who the caller of that ARN is, whatever the name of the
// session: "arn:aws:sts::123456789012:assumed-role/ops/jane" and the like of
// another day are the same.
func principalOf(arn string) string {
	fields := strings.Split(arn, "/")
	if len(fields) == 3 && strings.HasSuffix(fields[0], ":assumed-role") {
		fields = fields[:2]
	}
	return strings.Join(fields, "/")
}

// A strangeError is of credentials that became somebody else's. Nothing was
// sent by them.
type strangeError struct{ was, is string }

func (e *strangeError) Error() string {
	return fmt.Sprintf("the credentials were those of %s and are now those of %s", e.was, e.is)
}

// An unidentifiedError is of new credentials whose owner AWS did not tell.
// Nothing was sent by them, so it does not unwrap: what became of the question
// says nothing of the call that was to be signed.
type unidentifiedError struct{ err error }

func (e *unidentifiedError) Error() string {
	return "asking AWS whose the new credentials are: " + plain(e.err).Error()
}
