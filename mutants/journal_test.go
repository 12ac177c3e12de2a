package mutants

// journalMutants are of how a journal is written, and opened to go on with.
var journalMutants = []mutant{
	{
		name: "record not synced", file: "journal/journal.go",
		old:  "j.size += int64(n)\n\treturn j.file.Sync()",
		new:  "j.size += int64(n)\n\treturn nil",
		lost: "a record is durable before what comes after it is done",
	},
	{
		name: "sync tried again", file: "journal/journal.go",
		old:  "j.size += int64(n)\n\treturn j.file.Sync()",
		new:  "j.size += int64(n)\n\tif j.file.Sync() == nil {\n\t\treturn nil\n\t}\n\treturn j.file.Sync()",
		lost: "an fsync that failed is not believed the second time",
	},
	{
		name: "write tried again", file: "journal/journal.go",
		old:  "n, err := j.file.Write(line)\n",
		new:  "n, err := j.file.Write(line)\n\tif err != nil {\n\t\tn, err = j.file.Write(line)\n\t}\n",
		lost: "nothing is written behind half a record",
	},
	{
		name: "run's directory not synced", file: "journal/journal.go",
		old:  "if err := disk.SyncDir(j.run); err != nil {",
		new:  "if err := error(nil); err != nil {",
		lost: "the file is found after a loss of power",
	},
	{
		name: "root directory not synced", file: "journal/journal.go",
		old:  "return disk.SyncDir(\".\")",
		new:  "return nil",
		lost: "the run is found after a loss of power",
	},
	{
		name: "directories not synced at the beginning", file: "journal/journal.go",
		old:  "return err\n\t}\n\treturn j.syncDirs(disk)",
		new:  "return err\n\t}\n\treturn nil",
		lost: "the journal is found after a loss of power",
	},
	{
		name: "broken journal appended to", file: "journal/journal.go",
		old:  "if j.broken == nil {\n\t\tif err := j.append(r)",
		new:  "if j.broken == nil || j.file != nil {\n\t\tif err := j.append(r)",
		lost: "after an error nothing is appended any more",
	},
	{
		name: "breakage forgotten", file: "journal/journal.go",
		old:  "return j.broken\n}\n\nfunc (j *Journal) append(",
		new:  "err := j.broken\n\tif j.file != nil {\n\t\tj.broken = nil\n\t}\n\treturn err\n}\n\nfunc (j *Journal) append(",
		lost: "after an error every call returns it",
	},
	{
		name: "writer ignores what may come next", file: "journal/journal.go",
		old:  "if err := j.sequence.next(r); err != nil {\n\t\treturn err",
		new:  "if err := j.sequence.next(r); err != nil && j.file == nil {\n\t\treturn err",
		lost: "nothing is written that will not be read",
	},
	{
		name: "journal grows without end", file: "journal/journal.go",
		old:  "if size+int64(more) > MaxSize {",
		new:  "if size > MaxSize {",
		lost: "nothing is written that is too large to be read",
	},
	{
		name: "new journal not locked", file: "journal/journal.go",
		old:  "if err := j.file.Lock(); err != nil {\n\t\treturn err",
		new:  "if err := error(nil); err != nil {\n\t\treturn err",
		lost: "nobody recovers a run that goes on",
	},
	{
		name: "opened journal not locked", file: "journal/journal.go",
		old:  "if err := j.file.Lock(); err != nil {\n\t\tj.file.Close()",
		new:  "if err := error(nil); err != nil {\n\t\tj.file.Close()",
		lost: "no two processes recover a run",
	},
	{
		name: "no room at the beginning", file: "journal/journal.go",
		old:  "if err := j.file.Reserve(int64(len(line)) + j.room()); err != nil {",
		new:  "if err := error(nil); err != nil {",
		lost: "a disk that is full shows before anything is sent",
	},
	{
		name: "no room for going on", file: "journal/journal.go",
		old:  "return j.file.Reserve(j.room())",
		new:  "return nil",
		lost: "a disk that is full shows before a recovery sends anything",
	},
	{
		name: "room for half", file: "journal/journal.go",
		old:  "return perRun + perStep*int64(len(j.sequence.intent))",
		new:  "return (perRun + perStep*int64(len(j.sequence.intent))) / 8",
		lost: "there is room for all that a run may record",
	},
	{
		name: "room not given back", file: "journal/dir.go",
		old:  "_ = f.File.Truncate(end)",
		new:  "_ = end",
		lost: "a run that ended takes up no more of the disk than its records",
	},
	{
		name: "torn record not taken off", file: "journal/journal.go",
		old:  "if t.history.Torn {\n\t\tif err := j.file.Truncate(t.size)",
		new:  "if t.history.Torn && false {\n\t\tif err := j.file.Truncate(t.size)",
		lost: "what is added after a torn record can be read",
	},
	{
		name: "last record not written again", file: "journal/journal.go",
		old:  "if _, err := j.file.WriteAt(t.last, t.size-int64(len(t.last))); err != nil {\n\t\treturn err\n\t}\n",
		new:  "",
		lost: "a record that is seen, though its fsync failed, reaches the disk before it is relied on",
	},
	{
		name: "opened journal not synced", file: "journal/journal.go",
		old:  "if err := j.file.Sync(); err != nil {\n\t\treturn err\n\t}\n",
		new:  "",
		lost: "a record is durable before it is relied on",
	},
	{
		name: "directories not synced when opened", file: "journal/journal.go",
		old:  "return err\n\t}\n\tif err := j.syncDirs(disk); err != nil {\n\t\treturn err\n\t}\n",
		new:  "return err\n\t}\n",
		lost: "a journal whose process died before its directories were synced is found after a loss of power",
	},
	{
		name: "closed journal appended to", file: "journal/journal.go",
		old:  "if j.broken == nil {\n\t\tj.broken = fmt.Errorf(\"the journal %s is closed\", j.path)\n\t}\n",
		new:  "",
		lost: "appending to a closed journal is an error",
	},
}
