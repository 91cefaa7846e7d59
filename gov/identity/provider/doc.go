// Package provider is the OpenID provider 统一用户体系 of the program, the
// directory of the applications that use it, and their onboarding 应用接入.
//
// [Provider] serves the protocol under /oidc/ (OpenID Connect Core 1.0, OAuth
// 2.0 with PKCE, RFC 7636; revocation RFC 7009; introspection RFC 7662). A
// person is asked on our own page: the protocol leads the browser to
// /sign-in?request=ID&app=NAME, the page reads [Provider.AuthRequest] and ends
// with [Provider.Approve] or [Provider.Deny], whose answer is where the browser
// goes. The code is in that answer only: whoever else knows the request's id
// gets nothing for it.
//
// What one sign-in in one application gives is a grant: an id token and access
// tokens of five minutes (JWT, ES256) and, with the scope offline_access, a
// chain of refresh tokens of which each serves once. A grant ends with the
// person's session, with the application's suspension, when one of its codes
// or refresh tokens comes twice, and when it is revoked; [Provider.Verify]
// knows within a second, on every node. No token holds rights: who may do what
// is asked of the directory at each request.
//
// An [App] is drafted by its organisation, tested there with a real sign-in,
// approved by somebody else, put live and, if need be, suspended: the machine
// "identity.app" of [Machine], run by the flow engine.
//
// [Upstream] is the other direction: people sign in at another OpenID provider.
package provider
