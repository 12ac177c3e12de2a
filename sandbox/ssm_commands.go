package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// A command that was sent. Nothing runs: every invocation succeeds.
type command struct {
	ID          string
	Document    string
	Version     string
	Comment     string
	Parameters  map[string][]string
	InstanceIDs []string // asked for by id
	Targets     []target // asked for otherwise
	Nodes       []string // the nodes it went to
	Sent        time.Time
	Expires     time.Time
	AtOnce      string
	Errors      string
	Cancelled   bool
	settling    unseen
}

func (c *command) key() string { return c.ID }

type target struct {
	Key    string
	Values []string
}

// status returns how far a request finds the command.
func (c *call) status(cmd *command) string {
	switch {
	case cmd.Cancelled:
		return "Cancelled"
	case !c.sees(&cmd.settling):
		return "InProgress"
	}
	return "Success"
}

type commandView struct {
	CommandId             string
	DocumentName          string
	DocumentVersion       string
	Comment               string
	ExpiresAfter          epoch
	Parameters            map[string][]string
	InstanceIds           []string
	Targets               []target
	RequestedDateTime     epoch
	Status                string
	StatusDetails         string
	MaxConcurrency        string
	MaxErrors             string
	TargetCount           int
	CompletedCount        int
	ErrorCount            int
	DeliveryTimedOutCount int
}

func viewCommand(cmd *command, status string) commandView {
	v := commandView{
		CommandId: cmd.ID, DocumentName: cmd.Document, DocumentVersion: cmd.Version, Comment: cmd.Comment, ExpiresAfter: epoch{cmd.Expires},
		Parameters: cmd.Parameters, InstanceIds: cmd.InstanceIDs, Targets: cmd.Targets, RequestedDateTime: epoch{cmd.Sent},
		Status: status, StatusDetails: status, MaxConcurrency: cmd.AtOnce, MaxErrors: cmd.Errors, TargetCount: len(cmd.Nodes),
	}
	if status == "Success" {
		v.CompletedCount = len(cmd.Nodes)
		if len(cmd.Nodes) == 0 {
			v.StatusDetails = "NoInstancesInTag"
		}
	}
	return v
}

func sendCommand(c *call, in struct {
	DocumentName    string   `is:"anyDocument!"`
	DocumentVersion string   `is:"documentVersion"`
	InstanceIds     []string `is:"instances50"`
	Targets         []target `is:"targets5"`
	Parameters      map[string][]string
	TimeoutSeconds  int    `is:"timeout"`
	Comment         string `is:"comment"`
	MaxConcurrency  string `is:"atOnce"`
	MaxErrors       string
},
) (out struct{ Command commandView }, err error) {
	d, err := c.document(in.DocumentName)
	if err != nil {
		return out, errorf("InvalidDocument", "Document %s does not exist.", in.DocumentName)
	}
	v, err := d.version(in.DocumentVersion, "")
	if err != nil {
		return out, err
	}
	if d.Type != "Command" {
		return out, errorf("InvalidDocument", "Document %s is of type %s, and only documents of type Command can be sent.", d.Name, d.Type)
	}
	if len(in.InstanceIds)+len(in.Targets) == 0 {
		return out, errorf("InvalidInstanceId", "Instances not specified: give InstanceIds or Targets.")
	}
	if err := v.accepts(in.Parameters); err != nil {
		return out, err
	}
	cmd := &command{
		Document: d.Name, Version: in.DocumentVersion, Comment: in.Comment, Parameters: in.Parameters, InstanceIDs: in.InstanceIds,
		Targets: in.Targets, Sent: c.now, Expires: c.now.Add(seconds(in.TimeoutSeconds, 3600)),
		AtOnce: cmp.Or(in.MaxConcurrency, "50"), Errors: cmp.Or(in.MaxErrors, "0"),
	}
	for _, id := range in.InstanceIds {
		i := c.region().Instances.get(id)
		if i == nil || c.ping(i) != "Online" {
			return out, errorf("InvalidInstanceId", "Instances [[%s]] not in a valid state for account %s", id, c.ID)
		}
		cmd.Nodes = append(cmd.Nodes, id)
	}
	if cmd.Nodes, err = c.targets(cmd.Nodes, in.Targets); err != nil {
		return out, err
	}
	cmd.ID = c.newUUID("command")
	c.hide(&cmd.settling)
	c.region().Commands.put(cmd)
	out.Command = viewCommand(cmd, "Pending")
	return out, nil
}

// targets adds the nodes that all targets describe.
func (c *call) targets(nodes []string, targets []target) ([]string, error) {
	if len(targets) == 0 {
		return nodes, nil
	}
	for i := range c.region().Instances.all {
		all := true
		for _, t := range targets {
			key, isTag := strings.CutPrefix(t.Key, "tag:")
			value, tagged := i.Tags[key]
			switch {
			case isTag:
				all = all && tagged && slices.Contains(t.Values, value)
			case t.Key == "tag-key":
				all = all && slices.ContainsFunc(t.Values, func(k string) bool { _, ok := i.Tags[k]; return ok })
			case strings.EqualFold(t.Key, "InstanceIds"):
				all = all && slices.Contains(t.Values, i.ID)
			default:
				return nil, errorf("InvalidTarget", "The target key %s is not valid. Use tag:KEY, tag-key or InstanceIds.", t.Key)
			}
		}
		if all && c.ping(i) == "Online" && !slices.Contains(nodes, i.ID) {
			nodes = append(nodes, i.ID)
		}
	}
	return nodes, nil
}

// accepts holds the parameters of a command against those of the document.
func (v documentVersion) accepts(given map[string][]string) error {
	if v.Format != "JSON" {
		return nil
	}
	known := map[string]bool{}
	for _, p := range v.parameters() {
		known[p.Name] = true
		if given[p.Name] == nil && strings.HasPrefix(p.Description, "(Required)") {
			return errorf("InvalidParameters", "The parameter %s is required.", p.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !known[name] {
			return errorf("InvalidParameters", "The document has no parameter %s.", name)
		}
	}
	return nil
}

// cancelCommand stops what has not run yet. What has run stays as it is.
func cancelCommand(c *call, in struct {
	CommandId   string `is:"commandId!"`
	InstanceIds []string
},
) (out none, err error) {
	cmd := c.region().Commands.get(in.CommandId)
	if cmd == nil {
		return out, errorf("InvalidCommandId", "The command ID %s is not valid.", in.CommandId)
	}
	if c.status(cmd) == "InProgress" {
		cmd.Cancelled = true
	}
	return out, nil
}
