"""An instrumented program, and a client that saves its pages.

app.py serve             serves metrics on a free port of the loopback device, prints the port
                         and goes on until its standard input ends
app.py fetch URL ACCEPT FILE [ENCODING]
                         saves a page, and the Content-Type that it came with in FILE.type
"""

import sys
import urllib.request


def serve():
    from prometheus_client import Counter, Enum, Gauge, Histogram, Info, Summary, start_http_server

    requests = Counter("shop_requests", "Requests, by \"path\" and code\\class.\nSecond line.", ["path", "code"])
    requests.labels("/", "200").inc(1027)
    requests.labels("/", "200").inc(3, exemplar={"trace_id": "4bf92f3577b34da6"})
    requests.labels("/käse \U0001f9c0", "404").inc()
    requests.labels('C:\\temp\n"quoted"', "500").inc(1e6)

    stock = Gauge("shop_stock", "Pieces in stock.", ["article"])
    for article, pieces in [("none", 0), ("debt", -0.0), ("lost", float("nan")), ("air", float("inf")), ("void", float("-inf"))]:
        stock.labels(article).set(pieces)
    stock.labels("sand").set(123456789.125)
    stock.labels("dust").set(1e-7)

    latency = Histogram("shop_latency", "How long answers take.", ["path"], unit="seconds")
    for i in range(40):
        latency.labels("/").observe(0.003 * i * i, exemplar={"trace_id": str(i)} if i % 7 == 0 else None)
    latency.labels("/idle")
    Histogram("shop_sizes", "Bytes of answers.", buckets=(100, 1e4, 1e6, 1e8)).observe(512)

    weight = Summary("shop_weight_kg", "Weight of parcels.")
    for i in range(5):
        weight.observe(i / 3)

    Info("shop_build", "What was built.").info({"version": "1.2.3", "branch": "main"})
    Enum("shop_state", "What the shop does.", states=["open", "closed"]).state("open")
    Gauge("shop.dotted", "A name that needs quotes.", ["a b"]).labels("c").set(7)

    server, _ = start_http_server(0, addr="127.0.0.1")
    print(server.server_port, flush=True)
    sys.stdin.read()


def fetch(url, accept, file, encoding="identity"):
    request = urllib.request.Request(url, headers={"Accept": accept, "Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=30) as answer:
        page = answer.read()
        content_type = answer.headers["Content-Type"]
    with open(file, "wb") as out:
        out.write(page)
    with open(file + ".type", "w") as out:
        out.write(content_type + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve()
    else:
        fetch(*sys.argv[2:])
