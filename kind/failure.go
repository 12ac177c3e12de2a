package kind

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/ssmctl/ssmctl/resource"
)

// writeTimeout bounds one writing call. The SDK alone has no bound; a call
// that runs into this one has an unknown outcome.
const writeTimeout = 30 * time.Second

// A Write is one change being written: the clients to write with, which make
// one attempt a call, and what has been done so far.
type Write struct {
	clients
	Session *Session

	change resource.Change
	done   int // calls that succeeded
}

// Note tells the person who runs the apply something that stops nothing.
func (w *Write) Note(text string) { w.Session.note(w.change.ID(), text) }

// call makes one writing call, once. Its error is a *resource.Failure.
func call[In, Out, Opt any](ctx context.Context, w *Write, f func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) (*Out, error) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	op := operation[In]()
	out, err := f(ctx, in)
	w.Session.log.Debug("wrote", "call", op, "object", w.change.ID().String(), "error", err)
	if err != nil {
		return nil, w.failure(op, err)
	}
	w.done++
	return out, nil
}

// operation names the call that takes an In: "iam:CreateRole" for
// iam.CreateRoleInput.
func operation[In any]() string {
	pkg, name, _ := strings.Cut(reflect.TypeFor[In]().String(), ".")
	return pkg + ":" + strings.TrimSuffix(name, "Input")
}

// failure says what is known after the call op ended with err.
func (w *Write) failure(op string, err error) *resource.Failure {
	f := &resource.Failure{Call: op, Done: w.done, Err: err, Class: resource.Unknown}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		f.Code, f.Err = api.ErrorCode(), answerOf(api, err)
	}
	switch status := httpStatus(err); {
	case unsent(err):
		f.Class = resource.Unsent
	case unsigned(err):
		f.Class, f.Help = resource.Refused, "the credentials could not be read or have expired: log in again, then apply again"
	case slices.Contains(throttlingCodes, f.Code):
		f.Class = resource.Throttled
	case slices.Contains(busyCodes, f.Code):
		f.Class = resource.Busy
	case f.Code == "" || status >= 500 || status < 400 || strings.HasPrefix(f.Code, "RequestTimeout"):
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
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		f.Call = callName(op)
		if api, answered := errors.AsType[smithy.APIError](err); answered {
			f.Err = answerOf(api, err)
		}
	}
	return f
}

// The codes by which AWS says no for now, service by service: IAM Throttling,
// EC2 RequestLimitExceeded, SSM ThrottlingException. IAM's LimitExceeded is a
// quota and not among them; nor are the SDK's other throttling codes that
// mean a quota here, such as LimitExceededException.
var throttlingCodes = []string{"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "EC2ThrottledException"}

var busyCodes = []string{"ConcurrentModification", "ConcurrentModificationException", "EntityTemporarilyUnmodifiable", "TooManyUpdates"}

var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}

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

// plain takes off what the SDK wraps around the error of a call that AWS
// answered: "iam:ListRoles: AccessDenied: ..." is left.
func plain(err error) error {
	api, answered := errors.AsType[smithy.APIError](err)
	op, ok := errors.AsType[*smithy.OperationError](err)
	if response, heard := errors.AsType[*awshttp.ResponseError](err); ok && heard && !answered {
		return fmt.Errorf("%s: the answer, HTTP status %d, is none that can be read", callName(op), response.HTTPStatusCode())
	}
	if !answered || !ok {
		return err
	}
	return fmt.Errorf("%s: %w", callName(op), answerOf(api, err))
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

// unsigned reports whether err comes from before the request was signed: the
// credentials could not be had.
func unsigned(err error) bool {
	_, answered := errors.AsType[*awshttp.ResponseError](err)
	return !answered && strings.Contains(err.Error(), "get identity:")
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
// what a delete wants.
func gone(err error) error {
	switch code(err) {
	case "NoSuchEntity", "ParameterNotFound", "InvalidDocument", "InvalidInstanceID.NotFound", "InvalidAssociationID.NotFound":
		return nil
	}
	return err
}
