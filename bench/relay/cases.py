"""The cases of bench/run: a title and a measuring function for each."""

from relay import bulk, latency, memory, protected, transactions

CASES = {
    "prepared": ("Proxy CPU per transaction, `pgbench -S -M prepared`", transactions.prepared),
    "simple": ("Proxy CPU per transaction, `pgbench -S -M simple`", transactions.simple),
    "script10": (
        "Proxy CPU per transaction of 10 statements, `-M prepared`",
        transactions.script10,
    ),
    "latency": ("Latency added to a query of one client", latency.measure),
    "copy": ("COPY", bulk.copy),
    "rows": ("A result of 10⁶ small rows", bulk.rows),
    "rss": ("Memory per idle relayed session", memory.relayed),
    "held": ("Memory per held client", memory.held),
    "unauthenticated": (
        "Memory per connection that has not logged in",
        memory.unauthenticated,
    ),
    "connect": ("Proxy CPU per new connection", transactions.connect),
    "login": ("Proxy CPU per login", protected.login),
    "tls": ("Proxy CPU that TLS adds to a transaction", protected.transactions),
    "rss_tls": ("Memory per idle session through TLS", protected.memory),
    "threads": ("Proxy CPU per transaction, one and two threads", transactions.threads),
    "fairness": ("A slow reader and an interactive session", bulk.fairness),
}
