"""The command line: parse, call one function of the pipeline, show, exit.

Rule: nothing here can do what Python cannot; what people read goes to stderr, what machines read to stdout.
Exit codes: 0 all graded, 1 something needs a person, 2 wrong usage, 130 interrupted and resumable.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder import __version__
from autograder.errors import AutograderError, Interrupted, UsageError

if TYPE_CHECKING:
    from autograder.course import Course


class Group(click.Group):
    """Turns the project's own errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; no traceback unless --debug."""
        debug = ctx.params.get("debug", False)
        try:
            return super().invoke(ctx)
        except AutograderError as e:
            if debug:
                raise
            click.echo(f"autograder: {e}", err=True)
            code = 130 if isinstance(e, Interrupted) else 2 if isinstance(e, UsageError) else 1
            ctx.exit(code)
        except KeyboardInterrupt:
            if debug:
                raise
            click.echo("autograder: stopped. The same command goes on where this one stopped.", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as e:
            if debug:
                raise
            click.echo(f"autograder: {type(e).__name__}: {e} (a fault of ours; --debug shows where).", err=True)
            ctx.exit(1)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__)
@click.option("--course", "folder", type=click.Path(path_type=Path), default=Path(), help="The course's folder.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def main(ctx: click.Context, folder: Path, debug: bool) -> None:
    """Grade a deep-learning course: notebooks and trained models."""
    ctx.obj = folder


def _course(ctx: click.Context) -> Course:
    from autograder import course

    found = course.load(course.find(ctx.obj))
    for remark in found.remarks:
        click.echo(remark, err=True)
    return found


def _named(course: Course, assignments: tuple[str, ...], everything: bool) -> list[str]:
    if not assignments and not everything:
        raise UsageError("Name an assignment, or say --all.", mend=f"There are: {', '.join(course.names())}.")
    return course.names() if everything else [course.assignment(name).name for name in assignments]


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--from-nbgrader", is_flag=True, help="Write the course.toml that says what nbgrader_config.py says.")
@click.pass_context
def new(ctx: click.Context, folder: Path | None, from_nbgrader: bool) -> None:
    """Make a course to start from, or a course.toml for nbgrader's."""
    from autograder.pipeline import begin

    if from_nbgrader:
        path, remarks = begin.from_nbgrader(folder or ctx.obj)
        for remark in remarks:
            click.echo(remark, err=True)
        click.echo(f"{path}: written; it decides from now on, and nbgrader_config.py is nbgrader's alone.", err=True)
        return
    if folder is None:
        raise UsageError("Name the new course's folder: `autograder new DIR`.")
    for path in begin.new(folder):
        click.echo(f"{path}", err=True)
    click.echo(f"Next: cd {folder}; autograder release hello", err=True)


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All assignments of the course.")
@click.option("--jobs", type=click.IntRange(1), help="Trials at once; default: one a core.")
@click.option("--mutants", type=click.IntRange(0), default=200, show_default=True, help="Wrong solutions; 0: all.")
@click.option("--quick", is_flag=True, help="Without wrong solutions; keeps no report.")
@click.option("--mark", is_flag=True, help="Mark the tests that need the student's own process.")
@click.option("--from-ledger", is_flag=True, help="What a graded class says of the tests; runs nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an assignment on stdout.")
@click.pass_context
def check(ctx: click.Context, /, assignments: tuple[str, ...], everything: bool, **options: Any) -> None:
    """Test the tests: can everybody pass, nobody, or only those who are right?"""
    from autograder.pipeline import gate

    course = _course(ctx)
    ctx.exit(gate.shown(course, _named(course, assignments, everything), **options))


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All assignments of the course.")
@click.option("--force", is_flag=True, help="Whatever `autograder check` says; tells what is ignored.")
@click.option("--exchange", is_flag=True, help="Also put it into nbgrader's exchange, for students to fetch.")
@click.pass_context
def release(ctx: click.Context, assignments: tuple[str, ...], everything: bool, force: bool, exchange: bool) -> None:
    """Make student notebooks: source/ → release/, once they pass `autograder check`."""
    from autograder import pipeline
    from autograder.pipeline import exchanging, gate

    course = _course(ctx)
    for name in _named(course, assignments, everything):
        for ignored in gate.admit(course, name, force=force):
            click.echo(f"{name}: ignored: {ignored}", err=True)
        made = pipeline.release(course, name)
        cut = f"{made.solutions} solutions and {made.hidden_tests} hidden tests taken out"
        click.echo(f"{course.release.name}/{name}: {'written' if made.changed else 'unchanged'}; {cut}", err=True)
        for note in made.passed_over:
            click.echo(f"  {note}", err=True)
        if exchange:
            click.echo(f"  {exchanging.release(course, name)}: written", err=True)


_FILE = click.Path(path_type=Path)
_MAKERS = click.Choice(["canvas", "moodle", "blackboard", "gradescope", "google", "folders"])


@main.command()
@click.argument("assignment")
@click.argument("archives", nargs=-1, type=_FILE)
@click.option("--from", "maker", type=_MAKERS, help="Who made the archives; default: their names tell.")
@click.option("--exchange", is_flag=True, help="nbgrader's exchange; an archive is then its root.")
@click.option("--any-owner", is_flag=True, help="Of the exchange also what lies there under another's name.")
@click.option("--roster", type=_FILE, help="CSV: id, name, email, lms_id. Default: roster.csv, or the gradebook.")
@click.option("--map", "said", type=_FILE, help="CSV: sender, student. Where there is none, it is made to fill in.")
@click.option("--timezone", default="", help="Of times that tell none; default: course.toml's, or UTC.")
@click.option("--dry-run", is_flag=True, help="Show who would get what; write nothing.")
@click.pass_context
def collect(
    ctx: click.Context, /, assignment: str, archives: tuple[Path, ...], any_owner: bool, **options: Any
) -> None:
    """Take hand-ins from an LMS's zip, or nbgrader's exchange: → submitted/."""
    from autograder.pipeline import collecting

    options |= {"zone": options.pop("timezone"), "dry": options.pop("dry_run"), "maker": options["maker"] or ""}
    order = collecting.Order(archives, owners=not any_owner, **options)
    ctx.exit(collecting.shown(_course(ctx), assignment, order))


@main.command()
@click.argument("assignment")
@click.option("--student", default="*", metavar="GLOB", help="Only students whose name fits.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions at once; default: one a core, if memory suffices.")
@click.option("--cluster", metavar="ADDRESS", help="Grade on this Dask cluster; `none`: on this machine.")
@click.option("--force", is_flag=True, help="Run again what is known already.")
@click.option("--watch", is_flag=True, help="Go on, and grade what arrives as it arrives.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a submission on stdout.")
@click.option("--allow-weak-jail", is_flag=True, help="Grade below the jail level that course.toml asks for.")
@click.pass_context
def autograde(
    ctx: click.Context,
    assignment: str,
    student: str,
    jobs: int | None,
    cluster: str | None,
    force: bool,
    watch: bool,
    as_json: bool,
    allow_weak_jail: bool,
) -> None:
    """Grade what was handed in: submitted/ → ledger, gradebook, grades.csv."""
    from autograder import pipeline
    from autograder.pipeline import session

    course = _course(ctx)
    command = " ".join(["autograder", *sys.argv[1:]])
    where = course.cluster if cluster is None else cluster.removeprefix("none")
    level = pipeline.jail_level(course, weak=allow_weak_jail) if not where else 0
    order = pipeline.Order(student, jobs or 0, force, level, command, not as_json, where, allow_weak_jail)
    ctx.exit(session.shown(course, assignment, order, as_json=as_json, watch=watch))


@main.command()
@click.argument("assignment")
@click.option("--from", "before", type=click.IntRange(1), metavar="RUN", help="Default: the last complete one.")
@click.option("--to", "after", type=click.IntRange(1), metavar="RUN", help="Default: the last.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a student whose marks moved, on stdout.")
@click.pass_context
def diff(ctx: click.Context, assignment: str, before: int | None, after: int | None, as_json: bool) -> None:
    """Show mark by mark what moved between two runs, and why."""
    from rich.console import Console

    from autograder import pipeline
    from autograder.reports import changes

    first, second, found = pipeline.diff(_course(ctx), assignment, before, after)
    if not as_json:
        changes.show_changes(first, second, found, Console(highlight=False))
    for change in found if as_json else ():
        if change.moved:
            click.echo(changes.as_json(first, second, change))


@main.command()
@click.argument("assignment")
@click.option("--student", default="*", metavar="GLOB", help="Only students whose name fits.")
@click.option("--exchange", is_flag=True, help="Also put them into nbgrader's exchange, for students to fetch.")
@click.pass_context
def feedback(ctx: click.Context, assignment: str, student: str, exchange: bool) -> None:
    """Write a page for each student: feedback/<student>/<assignment>/."""
    from autograder import pipeline
    from autograder.pipeline import exchanging

    course = _course(ctx)
    count = pipeline.feedback(course, assignment, students=student)
    click.echo(f"{count} pages in {course.feedback}", err=True)
    if exchange:
        count, without = exchanging.feedback(course, assignment, student)
        click.echo(f"{count} pages in {course.exchange}", err=True)
        for one in without:
            click.echo(f"  {one}: nothing of this came from the exchange, so there is nowhere to fetch it.", err=True)


@main.command()
@click.option("--to", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.pass_context
def export(ctx: click.Context, form: str) -> None:
    """Write all grades: grades.csv, or JSON lines on stdout."""
    from autograder import pipeline
    from autograder.reports.jsonl import as_json

    course = _course(ctx)
    if form == "csv":
        click.echo(f"{pipeline.export_csv(course)}", err=True)
        return
    for grade in pipeline.grades(course):
        click.echo(as_json(grade))


@main.command()
@click.option("--attack", is_flag=True, help="Show each attack of the self-test, stopped, with its control.")
@click.pass_context
def doctor(ctx: click.Context, attack: bool) -> None:
    """Say what this machine can protect, and what is missing."""
    from autograder import course
    from autograder.pipeline import machine

    facts, attempts = machine.examine(course.data_folder(ctx.obj))
    for line in machine.lines(facts, attempts if attack else []):
        click.echo(line)
    ctx.exit(0 if all(one.stopped for one in attempts) else 1)


@main.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to make the class; default: ./demo.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions at once; default: one a core.")
@click.pass_context
def demo(ctx: click.Context, folder: Path | None, jobs: int | None) -> None:
    """Make a whole class, and grade it: the good, the wrong and the wicked."""
    from autograder import demo as class_of_24

    ctx.exit(class_of_24.run(folder or Path("demo"), jobs=jobs or 0))
