package mutants

// recoverMutants are of how the executor goes on with a run from its journal,
// and of what it records for that.
var recoverMutants = []mutant{
	{
		name: "intent not taken up", file: "executor/replay.go",
		old:  "p.state, p.err = maybe, errInterrupted\n",
		new:  "_ = errInterrupted\n",
		lost: "what was about to be sent when the process died may have happened",
	},
	{
		name: "found taken up as done", file: "executor/replay.go",
		old:  "p.state, p.doneAt = found, r.latest(s.Waits)",
		new:  "p.state, p.doneAt = done, r.latest(s.Waits)",
		lost: "what was so already is not undone by another process either",
	},
	{
		name: "failed taken up as maybe", file: "executor/replay.go",
		old:  "case journal.Failed:\n\t\tp.state = untouched",
		new:  "case journal.Failed:",
		lost: "of a step that failed for certain there is nothing to undo",
	},
	{
		name: "undo intent not taken up", file: "executor/replay.go",
		old:  "p.undoing, p.owed = true, false //",
		new:  "p.owed = false //",
		lost: "an undo that was interrupted may be half done",
	},
	{
		name: "failed undo not closed", file: "executor/replay.go",
		old:  "p.undoing, p.owed = false, s.Event()",
		new:  "p.owed = s.Event()",
		lost: "what others did after an undo that failed is not taken for half of it",
	},
	{
		name: "undone not taken up", file: "executor/replay.go",
		old:  "p.state, p.undoneAt = back, rec.Time",
		new:  "p.undoneAt = rec.Time",
		lost: "what an earlier process has undone is not undone again",
	},
	{
		name: "unclear undo taken up as a step", file: "executor/replay.go",
		old:  "if !p.undoing {",
		new:  "if true {",
		lost: "an undo of unknown outcome does not make its step one",
	},
	{
		name: "taken up in the wrong order", file: "executor/replay.go",
		old:  "return cmp.Compare(latest[a], latest[b])",
		new:  "return cmp.Compare(latest[b], latest[a])",
		lost: "another process, too, undoes the newest first",
	},
	{
		name: "conflict not taken up", file: "executor/replay.go",
		old:  "if p.state != back {",
		new:  "if true {",
		lost: "what was said to be undone, and read back was not, is undone by the next process",
	},
	{
		name: "owed event not taken up", file: "executor/replay.go",
		old:  "r.steps[e].owed = true",
		new:  "_ = e",
		lost: "what another process undid has its events done again",
	},
	{
		name: "journal of another plan", file: "executor/replay.go",
		old:  "stored.ID != id {",
		new:  "stored.ID != id && false {",
		lost: "a journal is only used with its own plan",
	},
	{
		name: "finished after undoing began", file: "executor/recover.go",
		old:  "case h.Phase() == journal.Undoing:",
		new:  "case false:",
		lost: "a run that has begun to undo can only be undone",
	},
	{
		name: "applied run done again", file: "executor/recover.go",
		old:  "case ended == Applied:",
		new:  "case false:",
		lost: "a run that was applied is left alone",
	},
	{
		name: "rolled back run finished", file: "executor/recover.go",
		old:  "case ended == RolledBack:",
		new:  "case false:",
		lost: "a run that was rolled back is said to be so",
	},
	{
		name: "rolled back run undone again", file: "executor/recover.go",
		old:  "if Outcome(h.Outcome()) == RolledBack {",
		new:  "if false {",
		lost: "a run that was rolled back is left alone",
	},
	{
		name: "going on not recorded", file: "executor/recover.go",
		old:  "_ = r.recordRun(journal.Resumed, \"finish\")",
		new:  "_ = journal.Resumed",
		lost: "the journal says that a process went on",
	},
	{
		name: "unresolved recorded as failed", file: "executor/journal.go",
		old:  "rec.Type = journal.Unknown",
		new:  "rec.Type = journal.Failed",
		lost: "another process learns that it may have happened",
	},
	{
		name: "found recorded as done", file: "executor/journal.go",
		old:  "rec.Type = journal.Found",
		new:  "rec.Type = journal.Done",
		lost: "another process learns what is not ours to undo",
	},
	{
		name: "failed undo left open", file: "executor/journal.go",
		old:  "rec.Type = journal.UndoFailed",
		new:  "return nil",
		lost: "the next process does not take what others did for half of its own undo",
	},
	{
		name: "conflict not recorded", file: "executor/journal.go",
		old:  "rec.Type = journal.Conflict",
		new:  "return nil",
		lost: "the journal says what was left to somebody else",
	},
}
