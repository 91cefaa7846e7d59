#!/usr/bin/env bash
# Asks the public databases of known vulnerabilities about everything that the
# program is made of: Go modules (govulncheck: only code that is really called),
# and npm packages that end up in the front end. Fails when there is one.
#
# A database that cannot be reached, as in a closed network, is said so and is
# no failure; with AUDIT_STRICT=1 it is one. Mirrors: GOVULNDB (file:// or
# https://) for Go, npm_config_registry for npm.
set -uo pipefail
cd "$(dirname "$0")/../.."

VERSION=v1.9.0
tool=bin/govulncheck
failed=0 unknown=0

say() { printf 'audit: %-12s %s\n' "$1" "$2"; }

go_modules() {
  if [ ! -x "$tool" ]; then
    mkdir -p bin
    if ! GOBIN="$PWD/bin" go install "golang.org/x/vuln/cmd/govulncheck@$VERSION" >/dev/null 2>&1; then
      say Go "not reachable: govulncheck $VERSION cannot be fetched"
      return 2
    fi
  fi
  local out status
  out=$("$tool" ${GOVULNDB:+-db "$GOVULNDB"} ./... 2>&1)
  status=$?
  case $status in
    0) say Go "nothing known" ;;
    3) printf '%s\n' "$out"; say Go "vulnerabilities are known, see above"; return 1 ;;
    *)
      if grep -qE 'fetching vulnerabilities|no such host|connection refused|i/o timeout|HTTP GET' <<<"$out"; then
        say Go "not reachable: the vulnerability database (set GOVULNDB to a mirror)"
        return 2
      fi
      printf '%s\n' "$out"; say Go "govulncheck failed (status $status)"; return 1 ;;
  esac
}

npm_packages() { # npm_packages FOLDER
  local out
  out=$(npm --prefix "$1" audit --omit=dev --json --fetch-timeout=20000 --fetch-retries=1 2>/dev/null)
  # npm has one status for "found something" and "could not ask".
  node -e '
    let a
    try { a = JSON.parse(require("fs").readFileSync(0, "utf8")) } catch { process.exit(2) }
    const n = a.metadata && a.metadata.vulnerabilities
    if (!n) process.exit(2)
    for (const v of Object.values(a.vulnerabilities || {})) console.log(`${v.severity}\t${v.name} ${v.range}`)
    process.exit(n.total > 0 ? 1 : 0)
  ' <<<"$out"
  case $? in
    0) say npm "nothing known ($1)" ;;
    1) say npm "vulnerabilities are known, see above ($1)"; return 1 ;;
    *) say npm "not reachable: the registry answers no audit ($1)"; return 2 ;;
  esac
}

count() { case $1 in 1) failed=1 ;; 2) unknown=1 ;; esac; }
go_modules; count $?
npm_packages web/app; count $?

[ "$failed" -eq 0 ] || exit 1
[ "$unknown" -eq 0 ] || [ "${AUDIT_STRICT:-0}" != 1 ] || exit 1
