package journal_test

import (
	"fmt"
	"testing"

	"github.com/ssmctl/ssmctl/journal"
)

func BenchmarkCreate(b *testing.B) {
	for _, steps := range []int{6, 1000} {
		b.Run(fmt.Sprintf("in memory, %d steps", steps), func(b *testing.B) {
			s := newStart(b, steps)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := journal.Create(&journal.Memory{}, s, night); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for name, disk := range map[string]journal.FS{"in memory": &journal.Memory{}, "on disk": journal.Dir{Root: b.TempDir()}} {
		b.Run(name, func(b *testing.B) {
			s := newStart(b, 6)
			s.Run = fmt.Sprintf("%s-%d", run, b.N)
			b.ReportAllocs()
			var j *journal.Journal
			for i := 0; b.Loop(); i++ {
				if i%100_000 == 0 { // as long as journals get, and no longer
					var err error
					s.Run = fmt.Sprintf("%s-%d", run, i)
					if j, err = journal.Create(disk, s, night); err != nil {
						b.Fatal(err)
					}
				}
				if err := j.Append(journal.Record{Type: journal.Intent, Time: night, Step: i % 6}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	disk := &journal.Memory{}
	write(b, disk, newStart(b, 6), story())
	data, err := disk.ReadFile(run + "/journal")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := journal.Read(disk, run); err != nil {
			b.Fatal(err)
		}
	}
}
