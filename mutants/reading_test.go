package mutants

// readingMutants are of how a journal is read, and of what is made of it.
var readingMutants = []mutant{
	{
		name: "checksum not checked", file: "journal/line.go",
		old:  `string(line[:len(prefix)]) != string(stamp[:])+" " {`,
		new:  `string(line[:len(prefix)]) == string(stamp[:])+"_" {`,
		lost: "a record is as it was written",
	},
	{
		name: "unknown fields let pass", file: "journal/line.go",
		old:  "if err == nil && !bytes.Equal(again[:len(again)-1], line) {",
		new:  "if err == nil && len(again) == 0 {",
		lost: "a record that this version would not write is not guessed at",
	},
	{
		name: "unknown records written", file: "journal/line.go",
		old:  "if !known(r.Type) {",
		new:  "if false {",
		lost: "a record of a type unknown to this version is refused",
	},
	{
		name: "records of any length", file: "journal/line.go",
		old:  "if len(line) > limit {",
		new:  "if len(line) > limit && false {",
		lost: "nothing is written that is too large to be read",
	},
	{
		name: "long texts not cut", file: "journal/line.go",
		old:  "if len(s) <= maxText {",
		new:  "if len(s) <= maxText || true {",
		lost: "an error of any length can be recorded",
	},
	{
		name: "anything is a torn record", file: "journal/history.go",
		old:  "if err := checkTorn(rest); err != nil {",
		new:  "if err := error(nil); err != nil {",
		lost: "damage at the end is not taken for a record cut short",
	},
	{
		name: "torn record not told", file: "journal/history.go",
		old:  "\t\t\tt.history.Torn = true\n",
		new:  "",
		lost: "a record that was cut short is known to be there",
		run:  "^TestEveryPrefix$",
	},
	{
		name: "damaged record skipped", file: "journal/history.go",
		old:  "err = t.add(run, r)\n\t\t}\n\t\tif err != nil {",
		new:  "err = t.add(run, r)\n\t\t}\n\t\tif err != nil && t.size == 0 {",
		lost: "a journal that is damaged in the middle is refused",
	},
	{
		name: "any format read", file: "journal/history.go",
		old:  "r.Start != nil && r.Start.Format != Format {",
		new:  "r.Start != nil && r.Start.Format > Format {",
		lost: "a journal of another version is refused",
	},
	{
		name: "another run's journal read", file: "journal/history.go",
		old:  "if r.Start.Run != run {",
		new:  "if false {",
		lost: "a journal that was moved is refused",
	},
	{
		name: "ended for good", file: "journal/history.go",
		old:  "case Resumed:\n\t\t\toutcome = \"\"",
		new:  "case Resumed:",
		lost: "a run that goes on has no outcome yet",
	},
	{
		name: "undoing not a phase", file: "journal/history.go",
		old:  "return Undoing\n",
		new:  "phase = Doing\n",
		lost: "a run that has begun to undo is known",
	},
	{
		name: "past return not a phase", file: "journal/history.go",
		old:  "phase = PastReturn",
		new:  "phase = Doing",
		lost: "a run past the point of no return is known",
	},
	{
		name: "result without an intent", file: "journal/sequence.go",
		old:  "case Done, Failed:\n\t\tsent = q.intent[r.Step]\n",
		new:  "",
		lost: "nothing is recorded as done that was not recorded before it was sent",
	},
	{
		name: "undo result without an intent", file: "journal/sequence.go",
		old:  "case UndoFailed:\n\t\tsent = q.undo[r.Step]\n",
		new:  "",
		lost: "no undo is recorded to have failed that was not recorded before it was sent",
	},
	{
		name: "run begins twice", file: "journal/sequence.go",
		old:  "if r.Start != nil || r.Type == Began {",
		new:  "if false {",
		lost: "a journal has one plan",
	},
	{
		name: "step out of range", file: "journal/sequence.go",
		old:  "r.Step >= len(q.intent) {",
		new:  "r.Step > len(q.intent) {",
		lost: "a record is of a step that there is",
	},
	{
		name: "plan and steps differ", file: "journal/sequence.go",
		old:  "if step.ID != s.Plan.Steps[i].Resource {",
		new:  "if false {",
		lost: "the steps that would be carried out are those that were approved",
	},
	{
		name: "object without a name", file: "journal/sequence.go",
		old:  `if id.Kind == "" || id.Name == "" {`,
		new:  "if false {",
		lost: "nothing is written that will not be read",
	},
	{
		name: "nobody is at work", file: "journal/list.go",
		old:  `s.Busy = s.Outcome == "" && busy(disk, run)`,
		new:  "_ = busy",
		lost: "a run that goes on is known from one that was interrupted",
	},
}
