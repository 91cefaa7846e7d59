package identity_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"onecity/gov/identity"
	"onecity/internal/codes"

	"github.com/xuri/excelize/v2"
)

// workbook makes one of the headings and rows of each sheet.
func workbook(t testing.TB, orgs, people [][]string) *bytes.Buffer {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for name, rows := range map[string][][]string{
		identity.OrgSheet:    append([][]string{{"统一社会信用代码", "机构名称*", "机构类别* Kind", "上级机构", "区域代码"}}, orgs...),
		identity.PersonSheet: append([][]string{{"登录名", "姓名", "所属机构", "职务", "电话", "状态"}}, people...),
	} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return &b
}

func counts(s identity.SheetReport) string {
	return fmt.Sprintf("%s %d: %d good (%d added, %d changed, %d same), %d bad", s.Name, s.Rows, s.Good, s.Added, s.Changed, s.Same, s.Bad)
}

func TestWhatIsExportedIsImportedWithoutAnyChange(t *testing.T) {
	d, pool, as := seeded(t)
	ctx, admin := t.Context(), as("city.admin")
	tricky, err := d.ByLogin(ctx, "city.operator")
	if err != nil {
		t.Fatal(err)
	}
	tricky.Post, tricky.Phone = `=HYPERLINK("http://example.invalid")`, "+86 512 5730 0000"
	if _, err := d.EditPerson(ctx, admin, tricky); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"city.admin", "town.admin"} {
		var b bytes.Buffer
		if err := d.Export(ctx, as(login), &b); err != nil {
			t.Fatal(err)
		}
		if login == "town.admin" && (bytes.Contains(unzipped(t, b.Bytes()), []byte("巴城镇")) || bytes.Contains(unzipped(t, b.Bytes()), []byte("city.operator"))) {
			t.Error("the town's administrator exports what is not theirs")
		}
		f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(identity.PersonSheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.ContainsAny(cell[:min(len(cell), 1)], "=+-@") {
					t.Errorf("%q would be a formula", cell)
				}
			}
		}
		report, err := d.Import(ctx, as(login), &b, false)
		if err != nil || !report.Done || len(report.Problems) != 0 || len(report.Sheets) != 2 {
			t.Fatalf("%s: %+v, %v", login, report, err)
		}
		for _, s := range report.Sheets {
			if s.Same != s.Rows || s.Good != s.Rows || s.Rows < 3 {
				t.Errorf("%s: %s", login, counts(s))
			}
		}
	}
	var told int
	if err := pool.QueryRow(ctx, "select count(*) from audit.entry where action = 'identity.export'").Scan(&told); err != nil || told != 2 {
		t.Errorf("the log tells of %d exports, %v", told, err)
	}
}

func unzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []byte
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(rows)...)
	}
	return all
}

func TestATreeGoesInWholeInAnyOrderAndByAnyName(t *testing.T) {
	d, pool, as := seeded(t)
	ctx, admin := t.Context(), as("city.admin")
	var template bytes.Buffer
	if err := identity.Template(&template); err != nil {
		t.Fatal(err)
	}
	if r, err := d.Import(ctx, admin, bytes.NewReader(template.Bytes()), false); err != nil || !r.Done || r.Sheets[0].Rows != 0 {
		t.Errorf("the template itself: %+v, %v", r, err)
	}
	code := codes.MakeCredit(901)
	book := workbook(t, [][]string{
		{"", "一科", "政府部门", code},                      // a child before its parent, by code
		{code, "新设局", "政府部门", "昆山市人民政府", "320583"},    // by the name of one that is there
		{"", "一科", "gov", "昆山市人民政府/昆山市水务局", "320583"}, // by a path
		{"", "二科", "政府部门", "昆山市人民政府/新设局/一科"},          // by a path through the file
		{"", "昆山市生态环境局", "institution", "昆山市人民政府"},    // changes one that is there
		{"", "示例：不要", "x", "y"},
	}, [][]string{
		{"Zhao.Yi", "赵一", "新设局", "科员", "", "在岗"},
		{"qian.er", "钱二", "昆山市人民政府/昆山市水务局/一科"},
		{"city.operator", "顾明轩", code, "主任"},
	})
	count := func() (orgs, people, entries int) {
		err := pool.QueryRow(ctx, `select (select count(*) from identity.org), (select count(*) from identity.person), (select count(*) from audit.entry)`).Scan(&orgs, &people, &entries)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	orgs, people, entries := count()
	for _, dry := range []bool{true, false} {
		r, err := d.Import(ctx, admin, bytes.NewReader(book.Bytes()), dry)
		if err != nil || len(r.Problems) != 0 || r.Done == dry || len(r.Sheets) != 2 ||
			counts(r.Sheets[0]) != "机构 5: 5 good (4 added, 1 changed, 0 same), 0 bad" || counts(r.Sheets[1]) != "人员 3: 3 good (2 added, 1 changed, 0 same), 0 bad" {
			t.Fatalf("dry %v: %+v, %v", dry, r, err)
		}
		o, p, e := count()
		if dry && (o != orgs || p != people || e != entries) || !dry && (o != orgs+4 || p != people+2 || e != entries+8) {
			t.Errorf("dry %v: %d organisations, %d people, %d entries more", dry, o-orgs, p-people, e-entries)
		}
	}
	found, err := d.Orgs(ctx, admin, identity.OrgFilter{Query: "二科"})
	if err != nil || len(found) != 1 || len(found[0].Path) != 16 {
		t.Errorf("%+v, %v", found, err)
	}
	if p, err := d.ByLogin(ctx, "zhao.yi"); err != nil || p.OrgIs != "新设局" || p.State != "active" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestEachCellThatIsWrongIsNamedAndNothingGoesIn(t *testing.T) {
	d, pool, as := seeded(t)
	ctx := t.Context()
	root, bad := "昆山市人民政府", codes.MakeCredit(777)
	bad = bad[:17] + string("0123456789ABCDEFGHJKLMNPQRTUWXY"[(strings.IndexByte("0123456789ABCDEFGHJKLMNPQRTUWXY", bad[17])+1)%31])
	twice := codes.MakeCredit(778)
	book := workbook(t, [][]string{
		{"", "好局", "政府部门", root},                 // 2: good, and yet not in
		{bad, "错码局", "政府部门", root},               // 3
		{"", "无类局", "", root},                    // 4
		{"", "怪类局", "公司", root},                  // 5
		{"", "无上局", "政府部门", "没有的"},               // 6
		{"", "下级", "政府部门", "错码局"},                // 7
		{"", "环一", "政府部门", "环二"},                 // 8
		{"", "环二", "政府部门", "环一"},                 // 9
		{twice, "双一", "政府部门", root},              // 10
		{twice, "双二", "政府部门", root},              // 11
		{"", "错区局", "政府部门", root, "苏E"},          // 12
		{"", "好局", "政府部门", root},                 // 13: the same name twice under a parent
		{"", "玉山镇管理委员会", "镇街", "昆山市水务局"},         // 14: a second of the name, elsewhere: good
		{"", "某科", "政府部门", "玉山镇管理委员会"},           // 15: of which of the two
		{codes.MakeCredit(2), "搬", "", "昆山市水务局"}, // 16: there already, under another
	}, [][]string{
		{"好 人", "甲", root},                   // 2
		{"ok.one", "", root},                 // 3
		{"ok.two", "丙", "没有的"},               // 4
		{"ok.three", "丁", ""},                // 5
		{"ok.four", "戊", root, "", "", "离任"}, // 6
		{"ok.five", "己", root},               // 7: good
		{"OK.five", "庚", root},               // 8
	})
	before := ""
	snapshot := func() (s string) {
		err := pool.QueryRow(ctx, `select (select count(*) from identity.org)||' '||(select count(*) from identity.person)||' '||(select count(*) from audit.entry)`).Scan(&s)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before = snapshot()
	r, err := d.Import(ctx, as("city.admin"), book, false)
	if err != nil || r.Done {
		t.Fatalf("%+v, %v", r, err)
	}
	var got []string
	for _, p := range r.Problems {
		got = append(got, p.Sheet+" "+p.Cell+" "+p.Code)
		if p.Message == "" || p.Field == "" {
			t.Errorf("%+v says too little", p)
		}
	}
	want := strings.Split("机构 A3 check-digit,机构 C4 missing,机构 C5 unknown,机构 D6 unknown,机构 D7 depends,机构 D9 cycle,机构 D8 depends,"+
		"机构 A10 twice,机构 A11 twice,机构 E12 form,机构 B13 taken,机构 D15 ambiguous,机构 D16 move,"+
		"人员 A2 form,人员 B3 missing,人员 C4 unknown,人员 C5 missing,人员 F6 unknown,人员 A8 twice", ",")
	if strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("problems\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Sheets[0].Good+r.Sheets[0].Bad != r.Sheets[0].Rows || r.Sheets[0].Rows != 15 || r.Sheets[1].Good != 1 {
		t.Errorf("%+v", r.Sheets)
	}
	if after := snapshot(); after != before {
		t.Errorf("it was %s and is %s", before, after)
	}
}

func TestAnImportReachesNoFartherThanItsSender(t *testing.T) {
	d, pool, as := seeded(t)
	ctx, town := t.Context(), as("town.admin")
	var roots int
	book := func() *bytes.Buffer {
		return workbook(t, [][]string{
			{"", "镇里一科", "政府部门", "玉山镇管理委员会", "320583100"}, // theirs
			{"", "市里一科", "政府部门", "昆山市人民政府", "320583"},     // not seen, so not there
			{"", "自立门户", "政府部门", "", ""},                  // at the top
			{codes.MakeCredit(1), "夺", "gov", "玉山镇管理委员会"}, // the city's code
		}, [][]string{{"city.admin", "冒名", "玉山镇管理委员会"}, {"new.one", "新人", "昆山市人民政府"}})
	}
	r, err := d.Import(ctx, town, book(), false)
	if err != nil || r.Done || r.Sheets[0].Good != 1 || r.Sheets[0].Bad != 3 || r.Sheets[1].Good != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	err = pool.QueryRow(ctx, `select count(*) from identity.org where name in ('镇里一科', '市里一科', '自立门户', '夺')`).Scan(&roots)
	if err != nil || roots != 0 {
		t.Errorf("%d got in, %v", roots, err)
	}
	var refused int
	if err := pool.QueryRow(ctx, `select count(*) from audit.entry where action = 'identity.import' and outcome = 'refused'`).Scan(&refused); err != nil || refused != 1 {
		t.Errorf("the log tells of %d refusals, %v", refused, err)
	}
}

func TestWhatIsNoWorkbookIsRefusedWithWords(t *testing.T) {
	d, _ := directory(t)
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("a,b\n1,2"), "old": {0xD0, 0xCF, 0x11, 0xE0, 0xA1}, "long": make([]byte, identity.MaxWorkbook+1),
	} {
		var field *identity.FieldError
		_, err := d.Import(t.Context(), identity.System("a test"), bytes.NewReader(data), true)
		if !asField(err, &field) || field.Field != "file" || field.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func asField(err error, to **identity.FieldError) bool { return errors.As(err, to) }
