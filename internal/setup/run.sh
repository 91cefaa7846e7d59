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
  ./bin/onecity simulate --url "http://$listen" --mqtt "$mqtt" ${SIMULATE_FLAGS:-} &
  simulator=$!
fi
cat <<TEXT

  OneCity 一城  $city
  大屏 big screen     http://$listen/
  数据接入 feeds       http://$listen/feeds
  接口文档 API         http://$listen/docs
  MQTT 3.1.1          $mqtt

  登录 sign-in: none yet; the server listens on this machine only (127.0.0.1).
  Ctrl-C stops it; the data stay in $data.

TEXT
wait "$server"
