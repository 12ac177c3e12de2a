package view

import (
	"errors"
	"time"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/resource"
)

// A line is one object of the stream.
type line struct {
	Level      string      `json:"@level"`
	Message    string      `json:"@message"`
	Module     string      `json:"@module"`
	Timestamp  time.Time   `json:"@timestamp"`
	Type       string      `json:"type"`
	Ssmctl     string      `json:"ssmctl,omitempty"` // of version
	UI         string      `json:"ui,omitempty"`     // of version: of this stream's shape
	Change     *hook       `json:"change,omitempty"` // of planned_change
	Hook       *hook       `json:"hook,omitempty"`
	Changes    *summarized `json:"changes,omitempty"`
	Diagnostic *diagnostic `json:"diagnostic,omitempty"`
	Steps      int         `json:"steps,omitempty"` // of rollback_start
	Result     *result     `json:"result,omitempty"`
}

// A hook says which step a line is of. Attempt, Reason and Error are ours.
type hook struct {
	Resource hookResource    `json:"resource"`
	Action   resource.Action `json:"action"`
	Elapsed  *float64        `json:"elapsed_seconds,omitempty"`
	Attempt  int             `json:"attempt,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Error    string          `json:"error,omitempty"`
}

// hookResource is how Terraform names a resource in its stream.
type hookResource struct {
	Addr         string  `json:"addr"`
	Module       string  `json:"module"`
	Resource     string  `json:"resource"`
	Provider     string  `json:"implied_provider"`
	ResourceType string  `json:"resource_type"`
	ResourceName string  `json:"resource_name"`
	ResourceKey  *string `json:"resource_key"`
}

type summarized struct {
	Add       int            `json:"add"`
	Change    int            `json:"change"`
	Import    int            `json:"import"`
	Remove    int            `json:"remove"`
	Operation string         `json:"operation"`
	Events    map[string]int `json:"events,omitempty"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address,omitempty"`
}

// A result is how the run ended. Its lists are addresses; one that stands for
// two steps of the same object is named once.
type result struct {
	Run       string           `json:"run,omitempty"` // its id, by which it can be recovered or rolled back
	Outcome   executor.Outcome `json:"outcome"`
	Cause     string           `json:"cause,omitempty"`
	Cancelled bool             `json:"cancelled,omitempty"` // it was stopped, and nothing failed
	Stopped   string           `json:"stopped,omitempty"`   // why nothing more was sent though there was more to do or undo
	Failed    string           `json:"failed,omitempty"`
	Done      []string         `json:"done"`
	Undone    []string         `json:"undone"`
	Left      []leftover       `json:"left"`
	New       []string         `json:"new"`
}

type leftover struct {
	Address string `json:"address"`
	Error   string `json:"error"`
	Help    string `json:"help,omitempty"`
}

// named returns a resource in Terraform's shape.
func named(id resource.ID) hookResource {
	address := id.String()
	return hookResource{Addr: address, Resource: address, Provider: "ssmctl", ResourceType: id.Kind, ResourceName: id.Name}
}

// diagnosed returns a diagnostic about an object, or about none.
func diagnosed(now time.Time, address string, err error) line {
	return line{
		Level: "error", Type: "diagnostic", Timestamp: now, Message: "Error: " + err.Error(),
		Diagnostic: &diagnostic{Severity: "error", Summary: err.Error(), Detail: help(err), Address: address},
	}
}

// help returns what the failure in err says can be done, or "".
func help(err error) string {
	if f, ok := errors.AsType[*resource.Failure](err); ok {
		return f.Help
	}
	return ""
}

// fail makes l the line of something that ended badly.
func (l *line) fail(kind, what string, err error) {
	l.Level, l.Type, l.Message = "error", kind, what+": "+err.Error()
	if l.Hook != nil {
		l.Hook.Error = err.Error()
	}
}

// summarized returns the counts in Terraform's shape.
func (n counts) summarized(operation string) *summarized {
	return &summarized{Add: n.Add, Change: n.Change, Remove: n.Destroy, Operation: operation, Events: n.events}
}
