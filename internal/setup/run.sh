#!/usr/bin/env bash
# Starts the server, waits until it is ready, then starts the simulator against
# its public ways in. Ctrl-C stops both.
set -euo pipefail

city=${CITY:-kunshan}
listen=${ONECITY_LISTEN:-127.0.0.1:8080}
mqtt=${ONECITY_MQTT:-127.0.0.1:1883}
data=${ONECITY_DATA:-data/$city}

./bin/onecity serve --city "$city" --data "$data" --listen "$listen" --mqtt "$mqtt" &
server=$!
simulator=
stop() {
  trap - INT TERM EXIT
  [ -z "$simulator" ] || kill -INT "$simulator" 2>/dev/null || true
  kill -INT "$server" 2>/dev/null || true
  wait
}
trap stop INT TERM EXIT

until ./bin/onecity ready --url "http://$listen" 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || { echo "the server did not start; its messages are above" >&2; exit 1; }
  sleep 0.2
done
# Another server may have answered on that address: ours has to be alive too.
sleep 0.2
kill -0 "$server" 2>/dev/null || { echo "the server did not start; its messages are above" >&2; exit 1; }
if [ "${SIMULATE:-1}" = 1 ]; then
  ./bin/onecity simulate --url "http://$listen" --mqtt "$mqtt" --token-file "$data/tools.token" --workers-token-file "$data/workers.token" ${SIMULATE_FLAGS:-} &
  simulator=$!
fi
# Passkeys belong to a name, not to an address.
address="http://${listen/127.0.0.1/localhost}"
# The first people are put in when the city's first content is there.
for _ in $(seq 300); do
  [ -s "$data/first-sign-in.txt" ] && break
  kill -0 "$server" 2>/dev/null || exit 1
  sleep 0.2
done
cat <<TEXT

  OneCity 一城  $city
  大屏 big screen     $address/
  指挥坐席 command    $address/command     city.operator
  网格员 grid worker  $address/field       grid.worker
  区镇面板 district   $address/district    town.leader
  执法终端 enforcement $address/enforce     town.enforcer
  工作台 desk         $address/desk
  数据接入 feeds       $address/feeds
  接口文档 API         $address/docs
  MQTT 3.1.1          $mqtt

  登录 sign-in (also in $data/first-sign-in.txt):

$(sed 's/^/    /' "$data/first-sign-in.txt" 2>/dev/null)

  Ctrl-C stops it; the data stay in $data.

TEXT
wait "$server"
