package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is who the child processes run as.
type account struct {
	name     string // "" for ourselves
	uid, gid int
	// userns: in a user namespace where root's files are this account's.
	userns bool
}

// attr is how a child of this account is started: in a process group of its
// own, so that Ctrl-C at a terminal reaches only us.
func (a account) attr() *syscall.SysProcAttr {
	s := &syscall.SysProcAttr{Setpgid: true}
	switch {
	case a.userns:
		s.Cloneflags = syscall.CLONE_NEWUSER
		s.UidMappings = []syscall.SysProcIDMap{{ContainerID: a.uid, HostID: 0, Size: 1}}
		s.GidMappings = []syscall.SysProcIDMap{{ContainerID: a.gid, HostID: 0, Size: 1}}
	case a.name != "":
		s.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return s
}

// own gives a directory or file to the account.
func (a account) own(path string) error {
	if a.name == "" || a.userns {
		return nil
	}
	if err := os.Chown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("give %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// chooseAccount decides who runs the server so that it reaches all of dirs.
func chooseAccount(euid int, dirs ...string) (account, error) {
	if euid != 0 {
		return account{}, nil
	}
	// The user must exist: initdb looks its name up.
	var a account
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil {
			return a, fmt.Errorf("look up user %s: %w", name, err)
		}
		a = account{name: name, uid: uid, gid: gid}
		break
	}
	if a.name == "" {
		return a, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody on this machine: make one, or run as another user")
	}
	blocked := ""
	for _, dir := range dirs {
		if at := blockedAt(dir, a); at != "" {
			blocked = at
			break
		}
	}
	if blocked == "" {
		return a, nil
	}
	in := a
	in.userns = true
	probe := exec.Command("/bin/true")
	probe.SysProcAttr = in.attr()
	if err := probe.Run(); err != nil {
		return a, fmt.Errorf("%w: PostgreSQL does not run as root, user %s may not pass through %s, and user namespaces "+
			"are not allowed here (%w): put the data elsewhere, or run as another user", ErrUnreachable, a.name, blocked, err)
	}
	return in, nil
}

// blockedAt is the first directory on the way to path that the account may not
// pass through, "" when the way is free.
func blockedAt(path string, a account) string {
	way := filepath.Dir(path)
	blocked := ""
	for {
		var st syscall.Stat_t
		if err := syscall.Stat(way, &st); err == nil {
			bit := uint32(0o001)
			switch {
			case int(st.Uid) == a.uid:
				bit = 0o100
			case int(st.Gid) == a.gid:
				bit = 0o010
			}
			if st.Mode&bit == 0 {
				blocked = way
			}
		}
		if way == "/" || way == "." {
			return blocked
		}
		way = filepath.Dir(way)
	}
}
