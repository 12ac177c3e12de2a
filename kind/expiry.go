package kind

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// credentialHelp says what to do about credentials that AWS does not take, by
// its error codes. Nothing happens by a request that is refused so; see
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
var credentialHelp = map[string]string{
	"ExpiredToken":                "the credentials have expired: log in again",
	"ExpiredTokenException":       "the credentials have expired: log in again",
	"RequestExpired":              "the credentials have expired, or the request was too old when it came: log in again, or set this machine's clock",
	"RequestTimeTooSkewed":        "this machine's clock is wrong: set it",
	"InvalidClientTokenId":        "AWS does not know this access key: it was deleted, is inactive, or is of another partition than the region",
	"UnrecognizedClientException": "AWS does not know this access key: it was deleted, is inactive, or is of another partition than the region",
	"AuthFailure":                 "AWS does not know this access key, or this machine's clock is wrong",
	"SignatureDoesNotMatch":       "the secret key does not fit the access key, or this machine's clock is wrong",
	"InvalidSignatureException":   "the secret key does not fit the access key, or this machine's clock is wrong",
}

// expiry reports whether err is of credentials that cannot be had, that AWS
// does not take, or that have become another caller's, and what to do about it.
func expiry(err error) (help string, expired bool) {
	if stranger, ok := errors.AsType[*strangeError](err); ok {
		return "log in again as " + principalOf(stranger.was), true
	}
	if nobody, ok := errors.AsType[*unidentifiedError](err); ok {
		return expiry(nobody.err)
	}
	if help := credentialHelp[code(err)]; help != "" {
		if off := skew(err); off != 0 {
			help = "this machine's clock is " + offBy(off) + " AWS's: set it"
		}
		return help, true
	}
	cut := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if unsigned(err) && !unsent(err) && !cut {
		return "the credentials cannot be had any more: log in again", true
	}
	return "", false
}

// unsigned reports whether err comes from before the request was signed: the
// credentials could not be had.
func unsigned(err error) bool {
	if err == nil {
		return false
	}
	_, answered := errors.AsType[*awshttp.ResponseError](err)
	return !answered && strings.Contains(err.Error(), "get identity:")
}

// dateCodes are the codes by which AWS refuses a request for its date.
var dateCodes = []string{"RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"}

// tolerated is how much the two clocks may differ before that is taken for the
// reason: AWS takes dates that are 5 minutes off, and the SDK corrects from 4.
const tolerated = 4 * time.Minute

// skew returns by how much this machine's clock is ahead of AWS's, if err is a
// refusal that this explains; else 0.
func skew(err error) time.Duration {
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || answer.Response == nil || !slices.Contains(dateCodes, code(err)) {
		return 0
	}
	date, bad := http.ParseTime(answer.Response.Header.Get("Date"))
	if bad != nil {
		return 0
	}
	if ahead := time.Since(date).Round(time.Minute); ahead.Abs() > tolerated {
		return ahead
	}
	return 0
}

func offBy(ahead time.Duration) string {
	if ahead < 0 {
		return fmt.Sprintf("%s behind", -ahead)
	}
	return fmt.Sprintf("%s ahead of", ahead)
}

// retriesSkew has the SDK try a read again that was refused for its date,
// since it has learned AWS's time from the answer. It does so by itself for
// some codes only.
var retriesSkew = retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
	if skew(err) != 0 {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
})
