"""What bench/run measures: wakegate's relay beside its peers and beside the floor."""
