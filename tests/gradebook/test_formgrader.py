"""Formgrader itself, opened in a real browser on what was graded here."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, answered, hand_in

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.gradebook.nbgrader import read_manual

PATIENCE = 90.0
"""Seconds that a server or a page may take on a busy machine."""
ANSWERS = {"square": "def square(x):\n    return x * x", "half": "def half(x):\n    return 0", "why": "Because."}


def course_of(root: Path) -> Path:
    """An nbgrader course with one submission, one of whose cells a person must mark."""
    (root / "source" / "squares").mkdir(parents=True)
    (root / "source" / "squares" / "squares.ipynb").write_text(notebook.dumps(SQUARE))
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'marked'\n")
    hand_in(root, "ada", answered(SQUARE, ANSWERS))
    return root


def grade(root: Path) -> Any:
    course = courses.load(root)
    for _ in pipeline.autograde(course, "squares", level=pipeline.jail_level(course, weak=True), force=True):
        pass
    pipeline.enter(course, "squares")
    (one,) = pipeline.latest(course, "squares")
    return one


def until(what: Callable[[], Any], named: str) -> Any:
    """Waits for something that other processes do."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(None, PATIENCE, 0.1).until(lambda _: what(), f"{named} did not come")  # type: ignore[arg-type]


@contextmanager
def formgrader(root: Path, home: Path) -> Iterator[str]:
    """A Jupyter server with nbgrader's extension in the course's folder; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"jpserver_extensions": {"nbgrader.server_extensions.formgrader": True}, "root_dir": str(root), "port": port}
    told |= {"port_retries": 0, "ip": "127.0.0.1", "allow_root": True, "disable_check_xsrf": True, "open_browser": False}
    home.mkdir()
    (home / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": told, "IdentityProvider": {"token": ""}}))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    quiet = {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "PATH": path}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "jupyter_server"], cwd=root, env=quiet, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert server.poll() is None, (home / "log").read_text()[-3000:]
        try:
            return bool(urllib.request.urlopen(f"{address}/api", timeout=5).read())
        except OSError:
            return False

    try:
        until(answers, "The server")
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window, driven by Selenium."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("there is no Chromium with its chromedriver on the path")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.page_load_strategy = "eager"
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # pages name MathJax's server
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", alone):
        options.add_argument(word)
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


def marked_there(root: Path) -> float | None:
    with sqlite3.connect(root / "gradebook.db") as db:
        return db.execute(
            "SELECT manual_score FROM grade JOIN base_cell b ON b.id = cell_id WHERE b.name = 'why'"
        ).fetchone()[0]


@pytest.mark.slow
def test_a_mark_given_in_formgrader_survives_a_regrade(browser: Any, tmp_path: Path) -> None:
    """One cell is marked by hand in the browser; a forced run here keeps it, counts it, and formgrader shows it."""
    root = course_of(tmp_path / "course")
    before = grade(root)
    assert (2.0, 1) == (before.score, before.by_hand)
    with formgrader(root, tmp_path / "home") as address:
        page = open_submission(browser, address)
        shown = browser.find_element("css selector", "body").text
        assert "square(-3) == 9" in shown  # the person who marks sees the hidden tests
        page.send_keys("1.5\t")
        until(lambda: marked_there(root) == 1.5, "The mark")
        after = grade(root)
        assert (3.5, 0) == (after.score, after.by_hand)
        assert 1.5 == read_manual(f"sqlite:///{root}/gradebook.db", "squares")["ada", "squares", "why"].points
        page = open_submission(browser, address)
        until(lambda: page.get_attribute("value") == "1.5", "The mark on the page")


def open_submission(browser: Any, address: str) -> Any:
    """Through the gradebook's list to the one submission; gives the field for the mark of `why`."""
    browser.get(f"{address}/formgrader/gradebook/squares/squares")
    links = "tbody a[href*='/formgrader/submissions/']"
    until(lambda: browser.find_elements("css selector", links), "The list")[0].click()
    earned = until(lambda: browser.find_elements("css selector", "input.score[id='test_square']"), "The notebook")[0]
    until(lambda: earned.get_attribute("placeholder") == "2", "The points of a test")
    return browser.find_element("css selector", "input.score[id='why']")
