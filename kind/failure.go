package kind

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/ssmctl/ssmctl/resource"
)

// failure says what is known after the call op ended with err. Sent is false
// if its request was certainly never written to a connection.
//
// There are three outcomes. Not done: the request was never written, or AWS
// answered with a client error of its own, other than that the request took it
// too long. Done, which is no failure: AWS answered, and the answer could be
// read. All else is unknown: a connection that broke after the request was
// written, a time-out, an error of the server, an answer that cannot be read.
func (w *Write) failure(op string, sent bool, err error) *resource.Failure {
	f := &resource.Failure{Call: op, Done: w.done, Err: plainCause(err), Code: code(err)}
	help, expired := expiry(err)
	switch status := httpStatus(err); {
	case expired:
		f.Class, f.Help = resource.Expired, help
	case !sent || unsent(err) || unsigned(err):
		f.Class = resource.Unsent
	case slices.Contains(throttlingCodes, f.Code):
		f.Class = resource.Throttled
	case slices.Contains(busyCodes, f.Code):
		f.Class = resource.Busy
	case f.Code == "" || f.Code == unreadableCode || status >= 500 || status < 400 || status == http.StatusRequestTimeout || strings.HasPrefix(f.Code, "RequestTimeout"):
		f.Class = resource.Unknown
	case w.Session.notYet(w.change, f.Code, err):
		f.Class = resource.NotYet
	default:
		f.Class = resource.Refused
		if slices.Contains(deniedCodes, f.Code) {
			f.Help = "the caller needs " + op + " for this; see the policy of whoever runs the apply"
		}
	}
	return f
}

// notCalled is the failure of a write for a reason other than a writing call:
// a read between two of them that failed for good, or the kind's own no.
func (w *Write) notCalled(err error) *resource.Failure {
	f := &resource.Failure{Class: resource.Refused, Call: "ssmctl", Done: w.done, Code: code(err), Err: err}
	op, read := errors.AsType[*smithy.OperationError](err)
	if !read {
		return f
	}
	f.Call, f.Err = callName(op), plainCause(err)
	help, expired := expiry(err)
	switch {
	case expired:
		f.Class, f.Help = resource.Expired, help
	case slices.Contains(throttlingCodes, f.Code):
		f.Class = resource.Throttled
	case slices.Contains(deniedCodes, f.Code):
		f.Help = "the caller needs " + f.Call + " for this; see the policy of whoever runs the apply"
	case f.Code == "" || httpStatus(err) >= 500:
		f.Class = resource.Unsent // no writing call followed
	}
	return f
}

// notRead is the error of a read that failed with err, which may be nil.
func notRead(what string, err error) error {
	help, expired := expiry(err)
	switch {
	case err == nil:
		return nil
	case expired:
		return &resource.Failure{Class: resource.Expired, Call: what, Code: code(err), Help: help, Err: err}
	case slices.Contains(deniedCodes, code(err)):
		return &resource.Failure{Class: resource.Refused, Call: what, Code: code(err), Err: err}
	}
	return err
}

// The codes by which AWS says no for now, service by service: IAM Throttling,
// EC2 RequestLimitExceeded, SSM ThrottlingException. IAM's LimitExceeded is a
// quota and not among them; nor are the SDK's other throttling codes that
// mean a quota here, such as LimitExceededException.
var throttlingCodes = []string{"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "EC2ThrottledException"}

var busyCodes = []string{"ConcurrentModification", "ConcurrentModificationException", "EntityTemporarilyUnmodifiable", "TooManyUpdates"}

var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}

// unreadableCode is what the SDK puts in place of a code that it cannot find
// in the answer.
const unreadableCode = "UnknownError"

// An answer is an error that AWS answered with, in one line. It is a
// smithy.APIError, as what it was made of.
type answer struct{ code, message, request string }

func (a *answer) ErrorCode() string             { return a.code }
func (a *answer) ErrorMessage() string          { return a.message }
func (a *answer) ErrorFault() smithy.ErrorFault { return smithy.FaultUnknown }

func (a *answer) Error() string {
	s := a.code
	if a.message != "" {
		s += ": " + a.message
	}
	if a.request != "" {
		s += " (request " + a.request + ")"
	}
	return s
}

func answerOf(api smithy.APIError, err error) *answer {
	return &answer{code: api.ErrorCode(), message: api.ErrorMessage(), request: requestID(err)}
}

// unseen is the failure of a write that finds what it is to change otherwise
// than it was read a moment ago: a change of it is not visible everywhere yet,
// or somebody else has made one. It is looked at again, which tells.
func (w *Write) unseen(call string) *resource.Failure {
	return &resource.Failure{Class: resource.NotYet, Call: call, Done: w.done, Err: fmt.Errorf("%s is shown otherwise than a moment ago", w.change.ID())}
}

// retriesCut has the SDK try a read again whose answer, though AWS said yes,
// cannot be read: most likely it was cut short. What is too large is not.
var retriesCut = retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
	_, answered := errors.AsType[smithy.APIError](err)
	_, endless := errors.AsType[*tooLargeError](err)
	response, heard := errors.AsType[*awshttp.ResponseError](err)
	if heard && !answered && !endless && response.HTTPStatusCode()/100 == 2 {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
})

// plain takes off what the SDK wraps around the error of a call: of one that
// AWS answered, "iam:ListRoles: AccessDenied: ..." is left.
func plain(err error) error {
	op, ok := errors.AsType[*smithy.OperationError](err)
	if cause := plainCause(err); ok && cause != err {
		return fmt.Errorf("%s: %w", callName(op), cause)
	}
	return err
}

// plainCause is plain without the name of the call; err itself if it says
// nothing better.
func plainCause(err error) error {
	if stranger, ok := errors.AsType[*strangeError](err); ok {
		return stranger
	}
	if nobody, ok := errors.AsType[*unidentifiedError](err); ok {
		return nobody
	}
	if endless, ok := errors.AsType[*tooLargeError](err); ok {
		return endless
	}
	if api, answered := errors.AsType[smithy.APIError](err); answered {
		return answerOf(api, err)
	}
	if response, heard := errors.AsType[*awshttp.ResponseError](err); heard && response.HTTPStatusCode() > 0 {
		return fmt.Errorf("the answer, HTTP status %d, is none that can be read", response.HTTPStatusCode())
	}
	return err
}

// callName names the call in the words of IAM's actions.
func callName(op *smithy.OperationError) string {
	return strings.ToLower(strings.ReplaceAll(op.Service(), " ", "-")) + ":" + op.Operation()
}

func httpStatus(err error) int {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return http.StatusBadRequest // an API error without a response is AWS's no all the same
}

func requestID(err error) string {
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return r.ServiceRequestID()
	}
	return ""
}

// unsent reports whether the request behind err never left the machine.
func unsent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, dns := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return dns || untrusted
}

// code returns AWS's error code in err, or "".
func code(err error) string {
	if f, ok := errors.AsType[*resource.Failure](err); ok {
		return f.Code
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// gone is nil for an error that says that the object is not there, which is
// what a delete wants; not where it may be there, and not visible yet.
func gone(err error) error {
	if f, ok := errors.AsType[*resource.Failure](err); ok && f.Class == resource.NotYet {
		return err
	}
	switch code(err) {
	case "NoSuchEntity", "ParameterNotFound", "InvalidDocument", "InvalidInstanceID.NotFound", "InvalidAssociationID.NotFound":
		return nil
	}
	return err
}
