"""Grades a course in a process of its own and writes what came of it: `python grader.py JOB.json`.

Rule: the pipeline is called as the command line calls it; only the range of uids is the job's, so that processes of
this class can be told from all others.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any


def main(path: str) -> None:
    """Reads the job, grades, writes `job["out"]`."""
    job = json.loads(Path(path).read_text())
    from autograder import course as courses
    from autograder import pipeline
    from autograder.sandbox import hall

    if job["uids"]:
        hall.FIRST_UID, hall.UIDS = job["uids"][0], len(job["uids"])  # type: ignore[misc]
        hall._UIDS = itertools.count()
    found = courses.load(Path(job["course"]))
    began = time.monotonic()
    graded = {}
    for one in pipeline.autograde(found, job["assignment"], level=job["level"], jobs=job.get("jobs", 2), force=True):
        graded[one.grade.student] = _told(one)
        Path(job["through"]).write_bytes(b"." * len(graded))
        if len(graded) == 1:
            first = time.monotonic()
    took = time.monotonic() - began
    if job.get("reports"):
        found = dataclasses.replace(found, gradebook="")  # what lies there is a canary
        pipeline.feedback(found, job["assignment"])
        pipeline.export_csv(found)
    each = (time.monotonic() - first) / max(1, len(graded) - 1)
    Path(job["out"]).write_text(json.dumps({"graded": graded, "seconds": took, "each": each}))


def _told(one: Any) -> dict[str, Any]:
    grade = one.grade
    outputs = [
        output
        for content in one.executed.values()
        for cell in json.loads(content)["cells"]
        for output in cell.get("outputs", ())
    ]
    return {
        "status": grade.status.value,
        "reason": grade.reason,
        "notes": list(grade.notes),
        "jail": grade.jail,
        "seconds": round(grade.seconds, 2),
        "points": {v.test: v.points for v in grade.verdicts},
        "reasons": {v.test: v.reason for v in grade.verdicts},
        "labels": sorted({label for v in grade.verdicts for label in v.labels}),
        "outputs": [json.dumps(o, ensure_ascii=False) for o in outputs],
        "text": "".join("".join(o.get("text", "")) for o in outputs if o["output_type"] == "stream"),
    }


if __name__ == "__main__":
    main(sys.argv[1])
