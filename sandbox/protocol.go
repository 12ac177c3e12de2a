package sandbox

import (
	"net/http"
	"strconv"
)

// A protocol is one of the ways AWS services write requests and answers down.
type protocol int

// The protocols.
const (
	awsQuery protocol = iota // form in, XML out: IAM, STS
	ec2Query                 // the same with other names: EC2
	awsJSON                  // JSON 1.1 both ways: SSM, tagging
)

func (p protocol) contentType() string {
	if p == awsJSON {
		return "application/x-amz-json-1.1"
	}
	return "text/xml;charset=UTF-8"
}

func (p protocol) encode(c *call, out any) []byte {
	switch p {
	case awsQuery:
		return encodeQuery(c, out)
	case ec2Query:
		return encodeEC2(c, out)
	default:
		return encodeJSON(out)
	}
}

func (p protocol) encodeError(c *call, e *apiError) []byte {
	switch p {
	case awsQuery:
		return encodeQueryError(c, e)
	case ec2Query:
		return encodeEC2Error(c, e)
	default:
		return encodeJSONError(e)
	}
}

// A service is one AWS service as seen from the wire.
type service struct {
	name     string // what requests are signed for
	protocol protocol
	version  string // the API version or, of JSON services, the target prefix
	xmlns    string
	codes    commonCodes

	operations map[string]operation
}

// commonCodes are a service's own spellings of what any service can answer.
type commonCodes struct {
	accessDenied     apiError
	throttled        apiError
	missingToken     apiError
	unknownOperation apiError
	validation       string
	tooManyTags      string
}

func (s *service) missingToken() error { return new(s.codes.missingToken) }

// unknownOperation names the operation, so that whoever reads the error can
// tell what the sandbox lacks.
func (s *service) unknownOperation(name string) error {
	e := s.codes.unknownOperation
	if s.protocol != awsJSON {
		e.Message = "Could not find operation " + name + " for version " + s.version
	} else {
		e.Message = "The operation " + name + " is not known to " + s.version + "."
	}
	return &e
}

// services are all that the sandbox speaks for.
var services = []*service{
	{
		name: "iam", protocol: awsQuery, version: "2010-05-08", xmlns: "https://iam.amazonaws.com/doc/2010-05-08/",
		operations: iamOperations,
		codes:      querySpellings,
	},
	{
		name: "ec2", protocol: ec2Query, version: "2016-11-15", xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/",
		operations: ec2Operations,
		codes: commonCodes{
			accessDenied:     apiError{Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation.", Status: http.StatusForbidden},
			throttled:        apiError{Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Status: http.StatusServiceUnavailable},
			missingToken:     apiError{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden},
			unknownOperation: apiError{Code: "InvalidAction", Status: http.StatusBadRequest},
			validation:       "InvalidParameterValue",
			tooManyTags:      "TagLimitExceeded",
		},
	},
	{
		name: "ssm", protocol: awsJSON, version: "AmazonSSM", operations: ssmOperations,
		codes: jsonSpellings("ThrottlingException", "ValidationException", "TooManyTagsError"),
	},
	{
		name: "sts", protocol: awsQuery, version: "2011-06-15", xmlns: "https://sts.amazonaws.com/doc/2011-06-15/",
		operations: stsOperations,
		codes:      querySpellings,
	},
	{
		name: "tagging", protocol: awsJSON, version: "ResourceGroupsTaggingAPI_20170126", operations: taggingOperations,
		codes: jsonSpellings("ThrottledException", "InvalidParameterException", ""),
	},
}

var querySpellings = commonCodes{
	accessDenied:     apiError{Code: "AccessDenied", Status: http.StatusForbidden},
	throttled:        apiError{Code: "Throttling", Message: "Rate exceeded", Status: http.StatusBadRequest},
	missingToken:     apiError{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden},
	unknownOperation: apiError{Code: "InvalidAction", Status: http.StatusBadRequest},
	validation:       "ValidationError",
	tooManyTags:      "LimitExceeded",
}

func jsonSpellings(throttled, validation, tooManyTags string) commonCodes {
	return commonCodes{
		accessDenied:     apiError{Code: "AccessDeniedException", Status: http.StatusBadRequest},
		throttled:        apiError{Code: throttled, Message: "Rate exceeded", Status: http.StatusBadRequest},
		missingToken:     apiError{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusBadRequest},
		unknownOperation: apiError{Code: "UnknownOperationException", Status: http.StatusBadRequest},
		validation:       validation,
		tooManyTags:      tooManyTags,
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
