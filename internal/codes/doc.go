// Package codes checks the codes that China's registers give to organisations,
// people and licences, by their check digits, and makes valid ones for demos.
//
//   - 统一社会信用代码, GB 32100-2015: [CheckCredit], 18 characters
//   - 组织机构代码, GB 11714-1997: [CheckOrganisation], 9 characters
//   - 公民身份号码, GB 11643-1999: [CheckCitizen], 18 characters
//   - 校验字符系统 ISO 7064 MOD 37,36 (GB/T 17710), as in 电子证照标识 GB/T 36904:
//     [Check3736]
//
// A code that passes is well formed; whether it was ever given out only the
// register knows. An error is a [*Error]: it says which character is wrong, and
// for a check character what would be right. A check of a good code allocates
// nothing.
//
// The codes that Make… make are in regions that are not assigned, so they are
// nobody's.
package codes
