package cim_test

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is what this process has used of the processors, the garbage
// collector's part included. Unlike wall time it tells the same on a busy
// machine, near enough.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reportCPU adds the processor time since start to a benchmark's figures.
func reportCPU(b *testing.B, start time.Duration) {
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}
