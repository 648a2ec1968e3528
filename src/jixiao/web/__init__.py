"""The workbench (工作台): the dataset's reports in a browser — uploaded, read beside their records, reviewed, searched.

Server-rendered pages over the functions that the command line calls; no logic of its own.
"""
