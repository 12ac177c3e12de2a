// Package sandbox is an AWS account to try things on: an [http.Handler] that
// speaks the wire protocols of IAM, EC2, SSM, STS and the Resource Groups
// Tagging API, so that the AWS SDKs, the AWS CLI and other tools work against
// it as they would against AWS, with no account and no network.
//
// It enforces what those services enforce about names, sizes, quotas,
// references and the order of deletes, with their error codes and messages,
// and it can be told to be slow, to throttle, to lose answers, to fail and to
// forget for a while what was just made.
//
// It does not judge access: every request that carries credentials is
// allowed. It does not check signatures. Images, subnets, security groups and
// key pairs, which it offers no call to make, are taken to exist whenever
// their ids are well formed; and commands succeed without running anything.
//
// The package must not know ssmctl: it imports the standard library and
// package policy, never the packages that will be tried out against it. All
// state is in memory; Save and Load keep it between processes.
package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say which account a sandbox is. The zero value gives account
// 123456789012 in us-east-1, by the clock of the system.
type Options struct {
	Account string           // 12 digits
	Region  string           // the region of SeedGuide, and of requests that name none; decides the partition
	Clock   func() time.Time // tells every date that AWS would make up, and refills the throttle
}

// A Server is one AWS account. Its methods, ServeHTTP first of all, may be
// called concurrently; requests are carried out one after another.
type Server struct {
	clock func() time.Time

	mu       sync.Mutex // guards all below
	account  *account
	requests []Request
	faults   []*armedFault
	latency  time.Duration
	hiding   int // how many requests what was just made stays unseen for
	throttle throttle
	stopped  bool
}

// New returns an empty account.
func New(o Options) *Server {
	s := &Server{clock: o.Clock, account: newAccount(o.Account, o.Region)}
	if s.clock == nil {
		s.clock = time.Now
	}
	return s
}

// Account returns the account's 12 digits.
func (s *Server) Account() string { return s.account.ID }

// Region returns the region the sandbox was made with.
func (s *Server) Region() string { return s.account.Home }

// RaiseQuotas lets the account have any number of users, groups, roles,
// policies and instance profiles, as AWS does on request. What holds for one
// of them, such as its size, still holds.
func (s *Server) RaiseQuotas() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Raised = true
}

// SetLatency makes every request take d before it is looked at, or until its
// context ends.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
}

// SetPropagation makes the account eventually consistent. What is created
// from now on can be read back at once, but stays invisible for the next
// reads requests that refer to it: EC2 does not know a new instance profile,
// a trust policy not a new principal, an attachment not a new role or policy.
// Instances and associations stay in their passing states ("pending",
// "associating") for as many answers. Zero, the default, makes everything
// visible at once. Counting requests instead of seconds keeps tests exact.
func (s *Server) SetPropagation(reads int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hiding = max(reads, 0)
}

// Stop refuses all requests from now on, without effect. What Save then writes
// is all that was ever answered for.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

// A Request is what the sandbox remembers of one request.
type Request struct {
	Service   string // "iam", "ec2", "ssm", "sts", "tagging", or "" if it could not be told
	Operation string // "CreateRole"
	Write     bool   // the operation changes something, and was not made with DryRun
	Code      string // the error code answered, or "" if all went well
	Dropped   bool   // the answer never arrived whole
}

// keptRequests is how many requests a sandbox remembers at least.
const keptRequests = 1 << 20

// Requests returns the requests answered so far, oldest first. A sandbox that
// has run long forgets the oldest ones beyond the last million.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// remember files a request that has been dealt with.
func (s *Server) remember(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= 2*keptRequests {
		s.requests = append([]Request(nil), s.requests[keptRequests:]...)
	}
	s.requests = append(s.requests, r)
}

// Client returns a client whose requests, to whatever host, are answered by
// the sandbox within the process.
func (s *Server) Client() *http.Client { return &http.Client{Transport: transport{s}} }

// partitionOf returns the partition a region belongs to.
func partitionOf(region string) string {
	for _, p := range []struct{ prefix, partition string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"us-isob-", "aws-iso-b"},
		{"us-iso-", "aws-iso"},
		{"eu-isoe-", "aws-iso-e"},
		{"us-isof-", "aws-iso-f"},
		{"eu-isof-", "aws-iso-f"},
		{"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.partition
		}
	}
	return "aws"
}
