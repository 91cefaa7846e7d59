// Package identity is the directory of a government: organisations 机构, posts
// 岗位, people 人员, roles 角色 and bindings 授权, and the programs that act in
// it (policy tasks 5 and 11).
//
// [Directory] keeps them in PostgreSQL; every change is one transaction with
// its audit entry. The rights are compiled into an [access.Table] that follows
// every change within a second ([Directory.Table], [Directory.Watch]).
//
// Its sub-packages are access (who may do what), signin (passwords, second
// factors, sessions) and provider (the OpenID provider 统一用户体系 and the
// onboarding of applications 应用接入).
package identity
