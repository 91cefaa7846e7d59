package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// superuser is the cluster's owner and the program's role. Whoever reaches the
// socket is trusted: it is in a directory that only we can open.
const (
	superuser = "onecity"
	database  = "onecity"
)

// initdb makes the cluster in dir. It is made beside it and renamed, so that a
// half-made one is never taken for a cluster.
//
// The locale is the C library's C.UTF-8: byte order for comparisons, and
// letters of all scripts are letters (the locale C knows none beyond ASCII, so
// that trigrams of Chinese text would be empty).
func initdb(ctx context.Context, in install, who account, dir string, sync bool) error {
	making := dir + ".making"
	if err := os.RemoveAll(making); err != nil {
		return fmt.Errorf("clear a half-made cluster away: %w", err)
	}
	if err := os.Mkdir(making, 0o700); err != nil {
		return fmt.Errorf("make the cluster's directory: %w", err)
	}
	if err := who.own(making); err != nil {
		return err
	}
	args := []string{"--pgdata=" + making, "--username=" + superuser, "--auth=trust", "--encoding=UTF8",
		"--locale-provider=libc", "--locale=C.UTF-8", "--no-instructions"}
	if !sync {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(in.bin, "initdb"), args...)
	cmd.Dir = making
	cmd.Env = childEnv()
	cmd.SysProcAttr = who.attr()
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("make the cluster with %s: %w: %s", cmd.Path, err, lastLines(out))
	}
	if err := os.Rename(making, dir); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	return nil
}

// childEnv keeps the caller's PG… and locale variables away from the child.
func childEnv() []string {
	env := []string{"LC_ALL=C.UTF-8", "TZ=UTC"}
	if path := os.Getenv("PATH"); path != "" {
		env = append(env, "PATH="+path)
	}
	return env
}

func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-4):], " | ")
}
