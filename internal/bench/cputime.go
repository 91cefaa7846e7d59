package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is processor time spent: by the program, by its children (PostgreSQL
// and its workers) and by this process, the load generator. It says what holds
// a figure back, and changes little with other work on the machine.
type usage struct{ program, children, load time.Duration }

func (u usage) since(v usage) usage {
	return usage{u.program - v.program, u.children - v.children, u.load - v.load}
}

// per describes the time that one of n took of each.
func (u usage) per(n float64, of string) string {
	each := func(d time.Duration) string { return number(float64(d.Microseconds()) / n) }
	return fmt.Sprintf("processor time per %s: program %s µs, PostgreSQL %s µs, load generator %s µs", of, each(u.program), each(u.children), each(u.load))
}

// ticks is the unit of times in /proc: USER_HZ, which is 100 on Linux.
const ticks = time.Second / 100

// used adds up what the program and all below it have used so far.
func (s *server) used() usage {
	var u usage
	var self syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &self) == nil {
		u.load = time.Duration(self.Utime.Nano() + self.Stime.Nano())
	}
	parents, spent := processes()
	for pid, d := range spent {
		if pid == s.cmd.Process.Pid {
			u.program += d
			continue
		}
		for p := parents[pid]; p > 1; p = parents[p] {
			if p == s.cmd.Process.Pid {
				u.children += d
				break
			}
		}
	}
	return u
}

// processes reads /proc: each process's parent, and the time it has used with
// that of its children that have ended.
func processes() (parents map[int]int, spent map[int]time.Duration) {
	parents, spent = map[int]int{}, map[int]time.Duration{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		end := bytes.LastIndexByte(b, ')') // the name before may hold anything
		if err != nil || end < 0 {
			continue
		}
		// From here on: state, ppid, … utime is the 12th, proc(5).
		f := strings.Fields(string(b[end+1:]))
		if len(f) < 15 {
			continue
		}
		parents[pid], _ = strconv.Atoi(f[1])
		for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(f[i], 10, 64)
			spent[pid] += time.Duration(n) * ticks
		}
	}
	return parents, spent
}
