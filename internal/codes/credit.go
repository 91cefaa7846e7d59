package codes

import "errors"

// creditAlphabet 代码字符集: no I, O, S, V, Z (GB 32100-2015, table 2).
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

const creditStandard = "GB 32100-2015"

// creditValue is the value of each byte in creditAlphabet, -1 for others.
var creditValue = values(creditAlphabet)

// creditWeight is 3^i mod 31.
var creditWeight = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

func values(alphabet string) (v [256]int8) {
	for i := range v {
		v[i] = -1
	}
	for i := range len(alphabet) {
		v[alphabet[i]] = int8(i)
	}
	return v
}

// CheckCredit checks a unified social credit code 统一社会信用代码: the department
// 登记管理部门 (1), the kind 机构类别 (1), the region 行政区划 (6 digits), the
// organisation's code 主体标识码 (9, GB 11714 with its own check character) and
// the check character (GB 32100-2015, annex A).
func CheckCredit(code string) error {
	if len(code) != 18 {
		return wrongLength(creditStandard, code, "18")
	}
	sum := 0
	for i := range 17 {
		v := creditValue[code[i]]
		if v < 0 {
			return wrongCharacter(creditStandard, code, i, creditAlphabet)
		}
		if i >= 2 && i < 8 && v > 9 {
			return wrongCharacter(creditStandard, code, i, "0123456789")
		}
		sum += int(v) * creditWeight[i]
	}
	if creditValue[code[17]] < 0 {
		return wrongCharacter(creditStandard, code, 17, creditAlphabet)
	}
	if right := creditCheck(sum); code[17] != right {
		return wrongCheck(creditStandard, code, 17, right)
	}
	if err := CheckOrganisation(code[8:17]); err != nil {
		return within(err, creditStandard, 8)
	}
	return nil
}

func creditCheck(sum int) byte { return creditAlphabet[(31-sum%31)%31] }

// within moves an error of a part to its place in the whole code.
func within(err error, standard string, at int) error {
	var part *Error
	if !errors.As(err, &part) {
		return err
	}
	e := *part
	e.Standard, e.At = standard+" ("+e.Standard+")", e.At+at
	return &e
}

const organisationStandard = "GB 11714-1997"

// organisationAlphabet: digits and all letters.
const organisationAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

var organisationValue = values(organisationAlphabet)

var organisationWeight = [8]int{3, 7, 9, 10, 5, 8, 4, 2}

// CheckOrganisation checks an organisation's code 组织机构代码: 8 characters and
// the check character, without the hyphen that is sometimes written before it
// (GB 11714-1997, 3.3).
func CheckOrganisation(code string) error {
	if len(code) != 9 {
		return wrongLength(organisationStandard, code, "9")
	}
	sum := 0
	for i := range 8 {
		v := organisationValue[code[i]]
		if v < 0 {
			return wrongCharacter(organisationStandard, code, i, organisationAlphabet)
		}
		sum += int(v) * organisationWeight[i]
	}
	right := organisationCheck(sum)
	switch c := code[8]; {
	case c == right:
		return nil
	case c == 'X' || c >= '0' && c <= '9':
		return wrongCheck(organisationStandard, code, 8, right)
	}
	return wrongCharacter(organisationStandard, code, 8, "0123456789X")
}

func organisationCheck(sum int) byte { return "0X987654321"[sum%11] }
