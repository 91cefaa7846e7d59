package doctor

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"onecity/internal/database"
)

// What the database and the disk must be, at least and at most.
const (
	oldest     = 15              // PostgreSQL's releases that get corrections, and we know
	newest     = 18              //
	skewMost   = 2 * time.Second // a session's end and a token's age are told by two clocks
	sealWithin = time.Minute     // the sealer looks every second
	freeLeast  = 2 << 30         // bytes
	freeShare  = 10              // per cent
	freeStop   = 256 << 20       // bytes: near the reserve, where facts are refused
)

func databaseRights(f Facts, _ time.Time) *Finding {
	d := f.Database
	if d == nil {
		return nil
	}
	switch major := d.Version / 10000; {
	case major > 0 && major < oldest:
		return finding(Unsafe, fmt.Sprintf("PostgreSQL %d 已不受支持", major), fmt.Sprintf("PostgreSQL %d gets no corrections any more", major), "move to PostgreSQL 17 or 18")
	case major > newest:
		return finding(Note, fmt.Sprintf("PostgreSQL %d 未经验证", major), fmt.Sprintf("PostgreSQL %d is newer than what was tried", major), "")
	case d.Super && f.ExternalDatabase:
		return finding(Unsafe, "以超级用户连接数据库", "the server signs in to the database as a superuser, or past row-level security",
			"make a role of its own (create role onecity login) that owns its database, and sign in as that")
	}
	return nil
}

func wall(f Facts, _ time.Time) *Finding {
	d := f.Database
	switch {
	case d == nil:
		return nil
	case len(d.Open) > 0:
		list := strings.Join(d.Open, ", ")
		return finding(Unsafe, "行级权限未生效："+list, "row-level security does not guard "+list,
			"let the server's database role make roles (createrole) or make the role onecity_reader for it, then start the server again")
	case d.Wall == database.Unbound:
		return finding(Sick, "数据库中没有行级权限", "there are no row-level security policies in the database", d.WallWhy)
	case d.Wall == database.ByOwner:
		return finding(Note, "行级权限以表属主方式生效", "row-level security binds reads with a scope, and no others",
			"make the role onecity_reader and grant it to the server's role")
	}
	return nil
}

func durable(f Facts, _ time.Time) *Finding {
	if d := f.Database; d != nil && len(d.DurableOff) > 0 {
		list := strings.Join(d.DurableOff, ", ")
		return finding(Unsafe, "数据库可能丢失已提交的数据："+list, "what was committed may get lost: "+list, "set them to on in postgresql.conf")
	}
	if f.ExternalNATS {
		return finding(Note, "外部 NATS 的落盘方式请自查", "an external NATS server decides when it writes to the disk",
			"set jetstream.sync_interval: always on a single server, or run three with replicas: 3")
	}
	return nil
}

func clock(f Facts, _ time.Time) *Finding {
	if d := f.Database; d != nil && d.Skew.Abs() > skewMost {
		return finding(Sick, "与数据库时钟相差 "+d.Skew.Round(time.Millisecond).String(), "the database's clock is off ours by "+d.Skew.Round(time.Millisecond).String(),
			"let both machines follow the same time server (chrony, NTP)")
	}
	return nil
}

func sealed(f Facts, _ time.Time) *Finding {
	if d := f.Database; d != nil && d.Unsealed > sealWithin {
		age := d.Unsealed.Round(time.Second).String()
		return finding(Unsafe, "审计日志已 "+age+" 未封存", "the audit log has not been sealed for "+age+": what is in it may be changed unseen",
			"look into the server's log for \"audit\"; run onecity audit verify; end transactions that stay open (pg_stat_activity)")
	}
	return nil
}

func witness(f Facts, _ time.Time) *Finding {
	inside := filepath.Clean(f.Data) + string(filepath.Separator)
	for _, w := range f.Witnesses {
		if !strings.HasPrefix(filepath.Clean(w)+string(filepath.Separator), inside) {
			return nil
		}
	}
	grade := Sick
	if !beyond(f.Listen) {
		grade = Note
	}
	return finding(grade, "审计检查点未另存他处", "nobody outside the data directory keeps the audit log's checkpoints: who may write there may rewrite the log whole",
		"say --witness with a folder on another machine's disk, or fetch /api/v1/audit/checkpoint from another machine every hour")
}

func disk(f Facts, _ time.Time) *Finding {
	if f.Room == 0 {
		return nil
	}
	share := f.Free * 100 / f.Room
	en := fmt.Sprintf("%d MiB (%d %%) of the disk of %s are free", f.Free>>20, share, f.Data)
	zh := fmt.Sprintf("磁盘仅余 %d MiB（%d%%）", f.Free>>20, share)
	switch {
	case f.Free < freeStop:
		return finding(Unsafe, zh, en+": facts are refused soon", "make room, or move the data directory to a larger disk")
	case f.Free < freeLeast || share < freeShare && f.Free < 10*freeLeast:
		return finding(Sick, zh, en, "make room, or move the data directory to a larger disk")
	}
	return nil
}
