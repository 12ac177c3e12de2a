package sandbox

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestFieldNames holds what operations read and answer against the types of
// the SDK: a name that AWS does not have would be ignored in silence. The
// outputs of EC2, which the SDK renames, are left to the tests that read them.
func TestFieldNames(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]any{
		"iam": (*iam.Client)(nil), "ec2": (*ec2.Client)(nil), "ssm": (*ssm.Client)(nil), "sts": (*sts.Client)(nil),
		"tagging": (*resourcegroupstaggingapi.Client)(nil),
	} {
		for operation, op := range serviceOf(name, "", "").operations {
			m, ok := reflect.TypeOf(client).MethodByName(operation)
			if !ok {
				t.Errorf("%s has no operation %s", name, operation)
				continue
			}
			if want := reflect.TypeFor[context.Context](); m.Type.In(1) != want {
				t.Fatalf("%s takes %v first, want %v", operation, m.Type.In(1), want)
			}
			sameFields(t, operation+" input", op.in, m.Type.In(2))
			if name != "ec2" {
				sameFields(t, operation+" output", op.out, m.Type.Out(0))
			}
		}
	}
}

// holders say for whom an operation on any of three kinds is.
var holders = []string{"UserName", "GroupName", "RoleName"}

// sameFields reports fields of ours that the SDK's type lacks.
func sameFields(t *testing.T, where string, ours, theirs reflect.Type) {
	t.Helper()
	ours, theirs = element(ours), element(theirs)
	if ours.Kind() != reflect.Struct || ours == reflect.TypeFor[time.Time]() || ours == reflect.TypeFor[epoch]() || theirs.Kind() != reflect.Struct {
		return
	}
	for i := range ours.NumField() {
		f := ours.Field(i)
		if inlined(f) {
			sameFields(t, where, f.Type, theirs)
			continue
		}
		if !f.IsExported() {
			continue
		}
		want, ok := theirs.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, f.Name) })
		if !ok && f.Name == "Tags" && where == "GetAccountAuthorizationDetails output.Policies" {
			continue // never filled in
		}
		if !ok && slices.Contains(holders, f.Name) && slices.ContainsFunc(holders, func(name string) bool { _, has := theirs.FieldByName(name); return has }) {
			continue // of three operations that share a type, each has its own
		}
		if !ok {
			t.Errorf("%s: %v has no field %s", where, theirs, f.Name)
			continue
		}
		sameFields(t, where+"."+f.Name, f.Type, want.Type)
	}
}

// element follows pointers and lists to what they hold.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}
