"""The whole of wakegate on loopback: real programs, a real Postgres, hooks that tests can delay."""
