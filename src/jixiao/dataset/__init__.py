"""The dataset (数据集): thousands of reports in one SQLite file, or in PostgreSQL, searched, followed over the years, taken away.

``store`` opens and keeps it, ``ingest`` fills it, ``search``, ``trend`` and ``export`` read it. Knows nothing of the command line.
"""
