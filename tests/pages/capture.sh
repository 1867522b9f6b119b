#!/usr/bin/env bash
# Takes metrics pages from programs that really run: app.py with the Python client library, and
# Debian's prometheus-node-exporter, and a Prometheus server if one is on the path or in $PROMETHEUS. `capture.sh [--out DIR] [--full]`; without --out, the pages
# that the tests read are replaced. --full lets the exporter tell all that it knows of the machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/captured
collectors=(--collector.disable-defaults --collector.cpu --collector.loadavg --collector.meminfo
  --collector.netstat --collector.stat --collector.vmstat)
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    --full) collectors=(); shift ;;
    *) echo "usage: capture.sh [--out DIR] [--full]" >&2; exit 2 ;;
  esac
done
mkdir -p "$out"
work=$(mktemp -d)
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT

text='text/plain;version=0.0.4'
text_utf8='text/plain;version=1.0.0;escaping=allow-utf-8'
openmetrics='application/openmetrics-text;version=1.0.0'
openmetrics_utf8='application/openmetrics-text;version=1.0.0;escaping=allow-utf-8'

# The port is the first line that a server prints.
first_line() {
  for _ in $(seq 100); do
    if [ -s "$1" ]; then
      head -n 1 "$1"
      return
    fi
    sleep 0.1
  done
  echo "no server: $1" >&2
  return 1
}

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus_client
python=$work/venv/bin/python
mkfifo "$work/stop"
"$python" "$here/app.py" serve <"$work/stop" >"$work/port" &
started+=($!)
exec 9>"$work/stop"
url=http://127.0.0.1:$(first_line "$work/port")/metrics
"$python" "$here/app.py" fetch "$url" "$text" "$out/python.prom"
"$python" "$here/app.py" fetch "$url" "$text_utf8" "$out/python-utf8.prom"
"$python" "$here/app.py" fetch "$url" "$openmetrics" "$out/python.om"
"$python" "$here/app.py" fetch "$url" "$openmetrics_utf8" "$out/python-utf8.om"
"$python" "$here/app.py" fetch "$url" "$text" "$out/python.prom.gz" gzip
exec 9>&-

exporter=$(command -v prometheus-node-exporter || true)
if [ -z "$exporter" ]; then
  apt-get install --quiet --yes prometheus-node-exporter >/dev/null
  exporter=$(command -v prometheus-node-exporter)
fi
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$exporter" --web.listen-address="127.0.0.1:$port" "${collectors[@]}" 2>"$work/log" &
started+=($!)
url=http://127.0.0.1:$port/metrics
for _ in $(seq 100); do
  if "$python" "$here/app.py" fetch "$url" "$text" "$out/node.prom" 2>/dev/null; then
    break
  fi
  sleep 0.1
done
test -s "$out/node.prom"

# A server's own page as protobuf, with its native histograms, if there is one of version 3.
if [ -n "${PROMETHEUS:-$(command -v prometheus || true)}" ]; then
  port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  url=http://127.0.0.1:$port
  printf 'scrape_configs: [{job_name: own, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:%s"]}]}]\n' "$port" >"$work/own.yml"
  "${PROMETHEUS:-prometheus}" --config.file="$work/own.yml" --storage.tsdb.path="$work/data" --web.listen-address="127.0.0.1:$port" 2>"$work/log" &
  started+=($!)
  sleep 8
  protobuf='application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
  # The first one is there so that the second one has seen a request.
  "$python" "$here/app.py" fetch "$url/metrics" "$protobuf" "$work/first"
  "$python" "$here/app.py" fetch "$url/metrics" "$protobuf" "$out/prometheus.pb.gz" gzip
fi
ls "$out"
