package codes

const citizenStandard = "GB 11643-1999"

var citizenWeight = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// CheckCitizen checks a citizen's number 公民身份号码: the region (6 digits), the
// day of birth (YYYYMMDD), a sequence number (3) and the check character (GB
// 11643-1999). The first two digits of the region must be those of a province
// or its like (GB/T 2260); regions below come and go, so they are not looked
// up. The day must be one of the calendar, not before 1800; whether it is past
// is the caller's to ask.
func CheckCitizen(code string) error {
	if err := citizenForm(code); err != nil {
		return err
	}
	if !province(code[0], code[1]) {
		return &Error{Standard: citizenStandard, Kind: ErrRegion, At: 0, Got: code[:2]}
	}
	return nil
}

// citizenForm checks all but the region.
func citizenForm(code string) error {
	if len(code) != 18 {
		return wrongLength(citizenStandard, code, "18")
	}
	sum := 0
	for i := range 17 {
		c := code[i]
		if c < '0' || c > '9' {
			return wrongCharacter(citizenStandard, code, i, "0123456789")
		}
		sum += int(c-'0') * citizenWeight[i]
	}
	if c := code[17]; c != 'X' && (c < '0' || c > '9') {
		return wrongCharacter(citizenStandard, code, 17, "0123456789X")
	}
	if !day(number(code[6:10]), number(code[10:12]), number(code[12:14])) {
		return &Error{Standard: citizenStandard, Kind: ErrDate, At: 6, Got: code[6:14]}
	}
	if right := citizenCheck(sum); code[17] != right {
		return wrongCheck(citizenStandard, code, 17, right)
	}
	return nil
}

func citizenCheck(sum int) byte { return "10X98765432"[sum%11] }

func number(digits string) (n int) {
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// day says whether there is such a day.
func day(year, month, day int) bool {
	if year < 1800 || month < 1 || month > 12 || day < 1 {
		return false
	}
	last := [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		last = 29
	}
	return day <= last
}

// province says whether two digits are those of a province or its like (GB/T
// 2260-2007), or of the residence permits of Hong Kong, Macao and Taiwan people
// 港澳台居民居住证 (81–83).
func province(a, b byte) bool {
	switch a {
	case '1':
		return b >= '1' && b <= '5'
	case '2':
		return b >= '1' && b <= '3'
	case '3':
		return b >= '1' && b <= '7'
	case '4':
		return b >= '1' && b <= '6'
	case '5':
		return b >= '0' && b <= '4'
	case '6':
		return b >= '1' && b <= '5'
	case '7':
		return b == '1'
	case '8':
		return b >= '1' && b <= '3'
	}
	return false
}
