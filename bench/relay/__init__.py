"""The measurements of bench/run: wakegate's relay beside its peers and bench-floor."""
