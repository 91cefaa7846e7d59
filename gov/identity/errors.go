package identity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Errors that a caller can do something about.
var (
	ErrNotFound = errors.New("there is no such thing in the directory")
	// ErrConflict: somebody else was faster; read again.
	ErrConflict = errors.New("it was changed by somebody else in between")
	ErrRefused  = errors.New("the rights do not reach this")
)

// FieldError says what is wrong with one field, and what would be right.
type FieldError struct {
	Field   string `json:"field"`
	Value   string `json:"value"`
	Code    string `json:"code"`
	Message string `json:"message"` // Chinese / English
	Want    string `json:"want,omitempty"`
}

func (e *FieldError) Error() string {
	s := fmt.Sprintf("%s: %s", e.Field, e.Message)
	if e.Want != "" {
		s += " (" + e.Want + ")"
	}
	return s
}

func wrong(field, value, code, message, want string) *FieldError {
	return &FieldError{Field: field, Value: value, Code: code, Message: message, Want: want}
}

// explain turns what the database refused into words about a field; nil when
// it is not about one.
func explain(err error) *FieldError {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return nil
	}
	switch pg.ConstraintName {
	case "org_uscc_key":
		return wrong("uscc", "", "taken", "该统一社会信用代码已有机构使用 / another organisation has this code", "")
	case "org_name":
		return wrong("name", "", "taken", "同一上级下已有同名机构 / an organisation of this name is there under the same parent", "")
	case "person_login_key":
		return wrong("login", "", "taken", "该登录名已被使用 / this login is taken", "")
	case "person_login_check":
		return wrong("login", "", "form", "登录名只含小写字母、数字、点和连字符 / a login is 2–64 small letters, digits, points and hyphens", "wang.operator")
	case "binding_subject_role_axis_code_from_until_key":
		return wrong("subject", "", "taken", "已有相同授权 / the same binding is there already", "")
	}
	if pg.Code == "23P01" && strings.HasPrefix(pg.TableName, "responsibility") {
		return wrong("from", "", "overlap", "该时段已有人担任 / somebody holds it in that time already", "a time that does not overlap")
	}
	return nil
}
