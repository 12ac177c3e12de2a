package mutants

// dirMutants are of how journals are kept on a real disk.
var dirMutants = []mutant{
	{
		name: "existing journal taken", file: "journal/dir.go",
		old:  "os.O_RDWR|os.O_CREATE|os.O_EXCL",
		new:  "os.O_RDWR|os.O_CREATE",
		lost: "no run writes over another's journal, or through a link",
	},
	{
		name: "journal for all to read", file: "journal/dir.go",
		old:  "os.O_EXCL, 0o600)",
		new:  "os.O_EXCL, 0o644)",
		lost: "a journal is for its owner only",
	},
	{
		name: "directory for all to read", file: "journal/dir.go",
		old:  "root.MkdirAll(filepath.Dir(name), 0o700)",
		new:  "root.MkdirAll(filepath.Dir(name), 0o755)",
		lost: "a run's directory is for its owner only",
	},
	{
		name: "others' journals trusted", file: "journal/dir.go",
		old:  "err = checkOwner(d.Path(name), opened)",
		new:  "_ = checkOwner",
		lost: "a journal that somebody else could have written is refused",
	},
	{
		name: "journal writable by others", file: "journal/dir_unix.go",
		old:  "mode&0o022 != 0 {",
		new:  "mode&0o002 != 0 {",
		lost: "a journal that the group may write is refused",
	},
	{
		name: "huge file read", file: "journal/dir.go",
		old:  "if err == nil && size > MaxSize {",
		new:  "if err == nil && size > 1<<60 {",
		lost: "a file that is too large is refused unread",
	},
	{
		name: "replaced file opened", file: "journal/dir.go",
		old:      "if err == nil && !os.SameFile(there, opened) {",
		new:      "if err == nil && opened == nil {",
		lost:     "a file that was put in place of the journal while it was opened is refused",
		survives: "masked: what is put there has to be its owner's file, which checkOwner sees to, and only a race of two calls shows it",
	},
	{
		name: "real directory not synced", file: "journal/dir_unix.go",
		old:      "err = f.Sync()\n",
		new:      "_ = f.Sync\n",
		lost:     "the entry of a file survives a loss of power",
		survives: "only a loss of power of a real disk shows it; that it is asked for whenever it must be, the disk in memory shows",
	},
	{
		name: "busy journal opened", file: "journal/lock_flock.go",
		old:  "return nil, ErrBusy",
		new:  "return nil, nil",
		lost: "no two processes append to a journal",
	},
}
