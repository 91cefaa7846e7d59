package doctor

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"
)

// soon is how long before its end a certificate is worth a word; an authority,
// which people have to install again by hand, has more.
const (
	soon          = 30 * 24 * time.Hour
	authoritySoon = 365 * 24 * time.Hour
)

// rules are what is asked, in the order of the report. A rule says the worst
// that it finds; none is as it should be.
var rules = []struct {
	name   string
	zh, en string // what is looked at
	judge  func(Facts, time.Time) *Finding
}{
	{"looked", "检查完整", "everything could be looked at", looked},
	{"listen", "对外监听均加密", "what listens beyond this machine speaks TLS", listens},
	{"certificate", "证书有效期充足", "the certificate lasts", lasts},
	{"secrets", "密钥文件仅本服务可读", "keys and tokens are for the server only", secrets},
	{"data", "数据目录权限", "the data directory is for the server only", dataDirectory},
	{"demo", "无演示账号", "there are no demo people", demo},
	{"factor", "第二因素已启用", "roles that need a second factor ask for it", factor},
	{"origins", "跨站来源受限", "other origins are named one by one", origins},
	{"database", "数据库版本与权限", "the database is of a known version and the server no superuser", databaseRights},
	{"wall", "数据库行级权限", "row-level security guards every table", wall},
	{"durable", "提交即落盘", "what is committed is on the disk", durable},
	{"clock", "时钟一致", "our clock and the database's agree", clock},
	{"sealed", "审计日志已封存", "the audit log is sealed", sealed},
	{"witness", "审计检查点另存", "a witness outside keeps the audit log's checkpoints", witness},
	{"disk", "磁盘余量", "there is room on the disk", disk},
}

// Judge says what the facts mean at that moment.
func Judge(f Facts, now time.Time) Report {
	var r Report
	for _, rule := range rules {
		found := rule.judge(f, now)
		if found == nil {
			found = &Finding{Grade: OK, ZH: rule.zh, EN: rule.en}
		}
		found.Check = rule.name
		r.add(*found)
	}
	return r
}

func finding(g Grade, zh, en, do string) *Finding { return &Finding{Grade: g, ZH: zh, EN: en, Do: do} }

func looked(f Facts, _ time.Time) *Finding {
	if len(f.Errors) > 0 {
		var all []string
		for _, err := range f.Errors {
			all = append(all, err.Error())
		}
		return finding(Sick, "有检查未能完成", "some things could not be looked at: "+strings.Join(all, "; "), "run the doctor as the user that the server runs as")
	}
	if f.Database == nil {
		return finding(Note, "未检查数据库", "the database was not looked into", "start the server, or say --database-url")
	}
	return nil
}

// beyond reports whether others than this machine reach an address.
func beyond(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return false // nobody listens there
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

func listens(f Facts, _ time.Time) *Finding {
	if f.TLS != "" {
		return nil
	}
	for _, at := range [][2]string{{"HTTP", f.Listen}, {"MQTT", f.MQTT}} {
		what, address := at[0], at[1]
		if address != "" && beyond(address) {
			return finding(Unsafe, what+" 明文对外监听 "+address, what+" listens on "+address+" in the clear",
				"say --tls internal, or --tls-cert and --tls-key, or listen on 127.0.0.1")
		}
	}
	return nil
}

func lasts(f Facts, now time.Time) *Finding {
	left := f.Ends.Sub(now)
	day := f.Ends.Format(time.DateOnly)
	switch {
	case f.TLS == "":
		return nil
	case f.CertError != nil:
		return finding(Unsafe, "证书无法读取", "the certificate cannot be read: "+f.CertError.Error(), "put it back, or start the server with another")
	case left <= 0:
		return finding(Unsafe, "证书已于 "+day+" 过期", "the certificate ended on "+day, "put a new one in its place; the server takes it within a minute")
	case f.TLS == "files" && left < soon:
		return finding(Sick, "证书将于 "+day+" 到期", "the certificate ends on "+day, "put a new one in its place; the server takes it within a minute")
	case f.TLS == "internal" && left < authoritySoon:
		return finding(Sick, "内部 CA 将于 "+day+" 到期", "the authority ends on "+day,
			"move "+filepath.Join(f.Data, "tls")+" away, start again, and install the new /ca.crt on all machines in time")
	}
	return nil
}

func secrets(f Facts, _ time.Time) *Finding {
	var open []string
	for _, s := range f.Secrets {
		if s.Mode&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s (%o)", s.Path, s.Mode))
		}
	}
	if open == nil {
		return nil
	}
	list := strings.Join(open, ", ")
	return finding(Unsafe, "其他用户可读取密钥文件："+list, "others may read "+list, "chmod 600 them; make new ones when somebody may have read them")
}

func dataDirectory(f Facts, _ time.Time) *Finding {
	switch {
	case f.DataMode&0o022 != 0:
		return finding(Unsafe, fmt.Sprintf("其他用户可写数据目录 (%o)", f.DataMode), fmt.Sprintf("others may write into %s (%o)", f.Data, f.DataMode), "chmod go-w "+f.Data)
	case f.DataMode&0o044 != 0:
		return finding(Note, fmt.Sprintf("其他用户可列出数据目录 (%o)", f.DataMode), fmt.Sprintf("others may list %s (%o)", f.Data, f.DataMode),
			"chmod 711 "+f.Data+": the private PostgreSQL may run as another user, who needs to get through")
	}
	return nil
}

func demo(f Facts, _ time.Time) *Finding {
	beyondHere := beyond(f.Listen)
	grade := Note // it is there to be tried out
	if beyondHere {
		grade = Unsafe
	}
	switch d := f.Database; {
	case d != nil && d.Unchanged > 0:
		return finding(grade, fmt.Sprintf("%d 个演示账号仍用打印的口令", d.Unchanged), fmt.Sprintf("%d demo people still have the password that was printed", d.Unchanged),
			"lock them or change their passwords on the people page 人员, then remove "+printedFile)
	case d != nil && d.Made > 0:
		return finding(Note, fmt.Sprintf("%d 个演示账号可登录", d.Made), fmt.Sprintf("%d demo people may sign in", d.Made), "lock them on the people page 人员")
	case f.Printed:
		return finding(Note, "首次口令仍在数据目录", "the first passwords still lie in the data directory", "remove "+filepath.Join(f.Data, printedFile)+" when everybody has changed theirs")
	}
	return nil
}

func factor(f Facts, _ time.Time) *Finding {
	switch {
	case f.Demo && beyond(f.Listen):
		return finding(Unsafe, "演示模式：未启用第二因素", "this is a demo city, which asks nobody for a second factor", "start a real city with --city none")
	case f.Demo:
		return finding(Note, "演示模式：未启用第二因素", "this is a demo city, which asks nobody for a second factor", "a real city begins with --city none")
	}
	return nil
}

func origins(f Facts, _ time.Time) *Finding {
	for _, o := range f.Origins {
		if strings.Contains(o, "*") || o == "null" {
			return finding(Unsafe, "来源含通配符："+o, "an origin with a wildcard may write and read live: "+o, "name each origin with --origin")
		}
		if strings.HasPrefix(o, "http://") && beyond(strings.TrimPrefix(o, "http://")+":80") {
			return finding(Sick, "来源未加密："+o, "whoever is on the line may pose as the origin "+o, "let that site use https")
		}
	}
	return nil
}
