package exchange

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	partnerID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	codes     = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)
	region    = regexp.MustCompile(`^[0-9]{0,20}$`)
)

// check completes a partner's fields and says what is wrong with them.
func (p *Partner) check() error {
	wrong := func(field, code, message string) error { return &FieldError{field, code, message} }
	switch n := utf8.RuneCountInString(p.Name); {
	case !partnerID.MatchString(p.ID):
		return wrong("id", "malformed", "应为 2–40 个小写字母、数字、连字符，以字母开头 / 2–40 small letters, digits, hyphens, a letter first")
	case n == 0 || n > 100 || strings.TrimSpace(p.Name) == "" || strings.ContainsRune(p.Name, 0):
		return wrong("name", "malformed", "应为 1–100 字 / 1–100 characters")
	case p.Kind != Webhook && p.Kind != Open311:
		return wrong("kind", "unknown", "应为 webhook 或 open311 / webhook or open311")
	case !region.MatchString(p.Region):
		return wrong("region", "malformed", "应为区域代码 / the code of a region")
	case p.Grade < 0 || p.Grade > 3:
		return wrong("grade", "out-of-range", "应为 0–3 / 0 to 3")
	case len(p.Jurisdiction) > 100 || strings.ContainsRune(p.Jurisdiction, 0):
		return wrong("jurisdiction", "too-long", "最长 100 字节 / at most 100 bytes")
	case p.Kind == Open311 && p.URL == "":
		return wrong("url", "missing", "缺少地址 / it is missing")
	}
	if p.URL != "" {
		if err := checkURL(p.URL); err != nil {
			return wrong("url", "malformed", err.Error())
		}
	}
	for field, list := range map[string]*[]string{"classes": &p.Classes, "events": &p.Events} {
		if *list == nil {
			*list = []string{}
		}
		if len(*list) > 100 || slices.ContainsFunc(*list, func(c string) bool { return !codes.MatchString(c) }) {
			return wrong(field, "malformed", "应为至多 100 个代码 / at most 100 codes")
		}
	}
	if p.Services == nil {
		p.Services = map[string]string{}
	}
	if len(p.Services) > 500 {
		return wrong("services", "too-many", "最多 500 项 / at most 500")
	}
	for ours, theirs := range p.Services {
		if !codes.MatchString(ours) || !codes.MatchString(theirs) {
			return wrong("services", "malformed", "应为类别代码到服务代码 / codes of classes to codes of services")
		}
	}
	return nil
}

// checkURL takes http(s) without a name, a password and a fragment.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > 500 || u.Host == "" || u.Opaque != "":
		return fmt.Errorf("应为完整地址，如 https://platform.example.cn/hooks / a whole address, such as https://platform.example.cn/hooks")
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("仅支持 http 和 https / only http and https")
	case u.User != nil || u.Fragment != "":
		return fmt.Errorf("地址中不能有用户名、口令和片段 / no name, password or fragment in it")
	}
	return nil
}

// within reports whether a code is that of around, or of a region in it.
func within(code, around string) bool { return strings.HasPrefix(code, around) }

func sortByID(list []Partner) {
	slices.SortFunc(list, func(a, b Partner) int { return cmp.Compare(a.ID, b.ID) })
}
