"""Tests that want Apache Spark: PySpark (optional extra) and Java."""
