package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// An apiError is an error as an AWS service answers it.
type apiError struct {
	Code    string
	Message string
	Status  int // of HTTP; 0 means what statuses says of Code
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// statuses are the HTTP statuses of the codes that are not answered with 400.
var statuses = map[string]int{
	"AccessDenied":                  http.StatusForbidden,
	"ConcurrentModification":        http.StatusConflict,
	"DeleteConflict":                http.StatusConflict,
	"DryRunOperation":               http.StatusPreconditionFailed,
	"EntityAlreadyExists":           http.StatusConflict,
	"EntityTemporarilyUnmodifiable": http.StatusConflict,
	"ExpiredToken":                  http.StatusForbidden,
	"InsufficientInstanceCapacity":  http.StatusInternalServerError,
	"InternalError":                 http.StatusInternalServerError,
	"InternalFailure":               http.StatusInternalServerError,
	"InternalServerError":           http.StatusInternalServerError,
	"InvalidClientTokenId":          http.StatusForbidden,
	"LimitExceeded":                 http.StatusConflict,
	"NoSuchEntity":                  http.StatusNotFound,
	"RequestLimitExceeded":          http.StatusServiceUnavailable,
	"ServiceFailure":                http.StatusInternalServerError,
	"ServiceUnavailable":            http.StatusServiceUnavailable,
	"Unavailable":                   http.StatusServiceUnavailable,
	"UnauthorizedOperation":         http.StatusForbidden,
}

func (e *apiError) status() int {
	if e.Status != 0 {
		return e.Status
	}
	if status, ok := statuses[e.Code]; ok {
		return status
	}
	return http.StatusBadRequest
}

// errorf makes an error with the given code. Messages are AWS's own, so they
// begin and end as AWS writes them.
func errorf(code, format string, args ...any) *apiError {
	return &apiError{Code: code, Message: fmt.Sprintf(format, args...)}
}

func noSuchEntity(format string, args ...any) error { return errorf("NoSuchEntity", format, args...) }

func malformed(format string, args ...any) error {
	return errorf("MalformedPolicyDocument", format, args...)
}

func deleteConflict(what string) error {
	return errorf("DeleteConflict", "Cannot delete entity, must %s first.", what)
}

func overQuota(name string, limit int) error {
	return errorf("LimitExceeded", "Cannot exceed quota for %s: %d", name, limit)
}

// denied is the service's own "you may not".
func (c *call) denied() *apiError {
	e := c.service.codes.accessDenied
	if e.Message == "" {
		e.Message = fmt.Sprintf("User: %s is not authorized to perform: %s:%s because no identity-based policy allows the %[2]s:%[3]s action",
			c.callerARN(), c.service.name, c.operation)
	}
	return &e
}

// invalid is the service's own "this input cannot be".
func (c *call) invalid(format string, args ...any) error {
	return errorf(c.service.codes.validation, format, args...)
}

// invalidAll reports every violated constraint in AWS's words.
func (c *call) invalidAll(problems []string) error {
	s := "s"
	if len(problems) == 1 {
		s = ""
	}
	return c.invalid("%d validation error%s detected: %s", len(problems), s, strings.Join(problems, "; "))
}
