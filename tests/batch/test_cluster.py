"""Batches on a Dask cluster: a real scheduler, real workers, and what becomes of both."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import benches
import msgpack
import pytest
from clusters import Rig

from autograder.batch import connecting, station
from autograder.batch.cluster import LARGEST, Cluster
from autograder.batch.connecting import connected
from autograder.batch.muster import Task
from autograder.batch.workers import Broken, Worker
from autograder.errors import GraderError, UsageError

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A scheduler with one worker of two threads that is started again when it dies."""
    made = Rig(tmp_path_factory.mktemp("rig"))
    made.worker("phoenix", "--nanny", "--nthreads", "2")
    yield made
    made.close()


def task(**resources: float) -> Task:
    """What workers do here: as much at once as they have threads, but for those who lack a resource."""

    def admit(worker: Worker, answer: bytes) -> int:
        assert answer.isdigit()
        if missing := resources.keys() - worker.resources.keys():
            raise GraderError(f"it has no {missing.pop()}.", mend="Give it one.")
        return worker.threads

    return Task(benches.look, None, admit, benches.build, "kit", resources)


class Asking:
    """A cluster that has been opened, and what it said."""

    def __init__(self, rig: Rig, **resources: float) -> None:
        self.told: list[str] = []
        self.task = task(**resources)
        self._connection = connected(rig.address)
        self.cluster = Cluster(self._connection.__enter__(), self.told.append)
        self.cluster.open(self.task, {})

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: Any) -> None:
        self.cluster.close()
        self._connection.__exit__(None, None, None)

    def do(self, request: bytes) -> bytes:
        return self.cluster.do(self.task, "name", request, lambda: None)


def warm(asking: Asking, pool: ThreadPoolExecutor) -> None:
    """Lets the cluster find out that items are quick."""
    assert [b"kit:ba"] * 40 == list(pool.map(asking.do, [b"ab"] * 40))


def test_every_item_comes_back_with_its_answer(rig: Rig) -> None:
    """Bytes go out, bytes come back, and the kit was sent before."""
    with Asking(rig) as asking, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(asking.do, [b"%d" % n for n in range(10, 40)]))
    assert [b"kit:%d" % int(str(n)[::-1]) if str(n)[1] != "0" else b"kit:0%d" % (n // 10) for n in range(10, 40)] == found


def test_an_item_that_kills_workers_is_given_up_and_its_neighbour_is_not(rig: Rig) -> None:
    """After three workers the item is left to a person; what ran beside it is done all the same."""
    with Asking(rig) as asking, ThreadPoolExecutor(8) as pool:
        warm(asking, pool)  # so that the killer is sent together with others
        killer = pool.submit(asking.do, b"die")
        others = [pool.submit(asking.do, b"ab") for _ in range(6)]
        assert [b"kit:ba"] * 6 == [one.result() for one in others]
        with pytest.raises(GraderError, match=r"3 workers were lost while it ran: phoenix .*phoenix .*phoenix"):
            killer.result()
        assert b"kit:ba" == asking.do(b"ab")
    assert 3 == sum("is gone" in one for one in asking.told)


@pytest.mark.parametrize(("before", "spare"), [(8, 1), (40, 2 * LARGEST)])
def test_what_waits_behind_a_long_one_goes_to_an_idle_worker(rig: Rig, before: int, spare: int, tmp_path: Path) -> None:
    """Where items are quick more wait at each worker, also with the long one, but not while another has nothing to do."""
    worker = rig.worker("second")
    with Asking(rig) as asking, ThreadPoolExecutor(40) as pool:
        list(pool.map(asking.do, [b"ab"] * before))
        assert spare == asking.cluster.slots.spare
        pipes = [tmp_path / "one", tmp_path / "two"]
        for pipe in pipes:
            os.mkfifo(pipe)
        long = [pool.submit(asking.do, b"long " + bytes(pipe)) for pipe in pipes]
        ends = [pipe.open("wb", buffering=0) for pipe in pipes]  # each once its item has begun
        quick = [pool.submit(asking.do, b"ab") for _ in range(30)]
        waiting = wait(quick, timeout=60).not_done
        for end in ends:
            end.write(b"enough")
        assert [b"kit:" + (b"long " + bytes(pipe))[::-1] for pipe in pipes] == [one.result() for one in long]
        for end in ends:
            end.close()
    rig.kill(worker)
    assert set() == waiting
    assert [b"kit:ba"] * 30 == [one.result() for one in quick]


def test_quick_items_travel_together(rig: Rig) -> None:
    """Forty more take fewer than forty tasks of Dask, and each has its own answer, also where one fails."""
    with Asking(rig) as asking, ThreadPoolExecutor(24) as pool:
        warm(asking, pool)
        sent: list[int] = []
        submit = asking.cluster.workers.submit
        asking.cluster.workers.submit = lambda worker, function, batch, items, **about: (  # type: ignore[method-assign]
            sent.append(len(items)) or submit(worker, function, batch, items, **about)
        )
        requests = [b"fail /" if n == 20 else b"%d" % n for n in range(40)]
        found = [pool.submit(asking.do, request) for request in requests]
        for request, one in zip(requests, found, strict=True):
            if request == b"fail /":
                assert isinstance(one.exception(), GraderError)
            else:
                assert b"kit:" + request[::-1] == one.result()
    assert (40, True) == (sum(sent), max(sent) > 1)


def test_an_item_that_has_begun_cannot_be_taken_back() -> None:
    """Nor one that is done; one that was taken back is never begun."""
    bench = benches.Bench("kit")
    made = station.Station(bench, 1, lambda steps: None)
    assert True is made.withdraw("1")
    first, second = msgpack.unpackb(made.work([("1", b"ab"), ("2", b"ab")]))
    assert (station.WITHDRAWN, b"kit:ba") == (first, second[1 + station.SECONDS.size :])
    assert False is made.withdraw("2")


def test_a_station_that_closed_is_made_again(rig: Rig) -> None:
    """A worker that has put the batch away, as it does when nobody asks for long, takes it up again."""
    with Asking(rig) as asking:
        asking.do(b"ab")
        client, batch = asking.cluster.workers.client, asking.cluster.batch
        client.run(station.leave, batch)
        assert b"kit:ba" == asking.do(b"ab")


def test_what_fails_comes_back_in_words(rig: Rig, tmp_path: Path) -> None:
    """An exception stays where it was raised: nothing of it is unpickled here."""
    ours, control = tmp_path / "ours", tmp_path / "control"
    with Asking(rig) as asking:
        with pytest.raises(GraderError, match="Evil: words"):
            asking.do(b"fail %s" % os.fsencode(ours))
        with contextlib.suppress(Exception):
            asking.cluster.workers.client.submit(benches.fail, str(control)).result()
    assert (False, True) == (ours.exists(), control.exists())


def test_nothing_is_left_at_a_worker(rig: Rig) -> None:
    """When the batch is over its station is closed."""
    with Asking(rig) as asking:
        asking.do(b"ab")
        client = asking.cluster.workers.client
        assert [1] == list(client.run(lambda: len(station._OPEN)).values())
        asking.cluster.close()
        assert [0] == list(client.run(lambda: len(station._OPEN)).values())


def test_items_go_to_workers_with_the_resource(rig: Rig) -> None:
    """One that lacks it gets nothing to do, and a person reads which, and why."""
    with Asking(rig, CARD=1) as asking, ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(asking.do, b"ab") for _ in range(2)]
        worker = rig.worker("card", "--nthreads", "2", "--resources", "CARD=1")
        assert [b"kit:ba", b"kit:ba"] == [one.result(timeout=60) for one in waiting]
    rig.kill(worker)
    assert [] == [one for one in asking.told if not re.match(r"Worker phoenix \(tcp://\S+\) .* no CARD\. Give it one\.", one)]
    assert 1 == len(asking.told)


def test_a_scheduler_that_dies_ends_the_batch(tmp_path: Path) -> None:
    """Whoever waits is told at once, and what to do."""
    rig = Rig(tmp_path)
    try:
        with Asking(rig) as asking, ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(asking.do, b"ab")  # there is no worker
            rig.kill(rig.scheduler)
            with pytest.raises(Broken, match=f"{rig.address} is gone.*the same command goes on"):
                waiting.result(timeout=20)
    finally:
        rig.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://127.0.0.1:1", "No Dask scheduler answers at tcp://127.0.0.1:1"),
        ("127.0.0.1:1", "No Dask scheduler answers at 127.0.0.1:1"),
        ("gopher://127.0.0.1:1", "'gopher://127.0.0.1:1' is no address of a cluster"),
        ("nothing", "'nothing' is no address of a cluster, and no such file is there"),
        ("local:0", "'local:0' is no address of a cluster"),
    ],
)
def test_a_wrong_address_is_named(address: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which address, and what one looks like."""
    monkeypatch.setattr(connecting, "SECONDS", 0.5)
    with pytest.raises(UsageError, match="local:2") as caught, connected(address):
        pass
    assert sentence in str(caught.value)


def test_a_secured_address_without_certificates_says_so() -> None:
    """Dask itself would say so ten seconds later, in its own words."""
    told = r"tls://127\.0\.0\.1:1 wants certificates: none are named\..*Trust"
    with pytest.raises(UsageError, match=told), connected("tls://127.0.0.1:1"):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{}", "no json"])
def test_a_file_that_is_no_scheduler_file_is_named(content: str, tmp_path: Path) -> None:
    """Whatever it holds."""
    wrong = tmp_path / "scheduler.json"
    wrong.write_text(content)
    with pytest.raises(UsageError, match=r"scheduler\.json is no scheduler file"), connected(str(wrong)):
        pass


def test_a_scheduler_file_is_an_address(rig: Rig, tmp_path: Path) -> None:
    """What the scheduler wrote leads to it."""
    told = tmp_path / "scheduler.json"
    told.write_text(json.dumps({"type": "Scheduler", "address": rig.address}))
    with connected(str(told)) as client:
        assert rig.address == client.scheduler.address
