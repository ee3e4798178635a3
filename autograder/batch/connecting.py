"""From an address to a Dask cluster.

Rule: whatever keeps us from it is said within seconds, with the address and the mend.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.errors import UsageError

SECONDS = 5.0
"""How long a scheduler may take to answer."""
SILENT = logging.CRITICAL + 1
LOCAL = re.compile(r"local:([1-9]\d{0,2})")
FORMS = "tcp://HOST:8786, tls://HOST:8786, a scheduler file, or local:2 to try it out on this machine"
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Workers of our own do not hear Ctrl-C: it is for us to finish what they run."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the cluster at that address; raises UsageError when there is none."""
    distributed = _distributed()
    with contextlib.ExitStack() as stack:
        if own := LOCAL.fullmatch(address):
            settings = {"processes": True, "threads_per_worker": 1, "dashboard_address": ":0", "preload": [DEAF]}
            cluster = distributed.LocalCluster(n_workers=int(own[1]), silence_logs=SILENT, **settings)
            where: Any = stack.enter_context(cluster)
        else:
            where = _where(address)
            _check_certificates(distributed, where)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other versions; those that matter are asked for
                client = distributed.Client(where, timeout=SECONDS, set_as_default=False, name="autograder")
        except Exception as e:  # whatever Dask raises: it is not there, or is not Dask
            mend = f"Start one with `dask scheduler`, or name another: {FORMS} (docs/cluster.md)."
            raise UsageError(f"No Dask scheduler answers at {address} ({_reason(e)}).", mend=mend) from None
        stack.callback(_close, client)
        yield client


def _distributed() -> Any:
    try:
        import dask
        import distributed
    except ImportError:
        mend = "Install it: pip install 'autograder[cluster]'."
        raise UsageError("A cluster needs Dask's package `distributed`, which is not here.", mend=mend) from None
    for name in [one for one in logging.root.manager.loggerDict if one.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(SILENT)  # what matters is said in our own words
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"})  # a submission may hold a model
    return distributed


def _where(address: str) -> str:
    """The address as Dask spells it; raises UsageError for what can be none."""
    if re.match(r"(tcp|tls|ws|wss|ucx)://", address):
        return address
    if Path(address).is_file():
        return _in_file(Path(address))
    if re.fullmatch(r"(?!local:)[\w.\-]+:\d+", address):
        return f"tcp://{address}"
    raise UsageError(f"{address!r} is no address of a cluster, and no such file is there.", mend=f"Give {FORMS}.")


def _check_certificates(distributed: Any, address: str) -> None:
    """Raises UsageError where an address wants certificates and Dask's configuration names none, or wrong ones."""
    if not address.startswith("tls://"):
        return
    try:
        why = "" if distributed.Security().get_connection_args("client")["ssl_context"] else "none are named"
    except OSError as e:
        why = str(e)
    if why:
        mend = "Dask's configuration must name them (docs/cluster.md, Trust)."
        raise UsageError(f"{address} wants certificates: {why}.", mend=mend)


def _in_file(path: Path) -> str:
    """The address in a file that a scheduler wrote; raises UsageError."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        mend = "Name one that `dask scheduler --scheduler-file FILE` has written."
        raise UsageError(f"{path} is no scheduler file of Dask's.", mend=mend) from None


def _reason(error: BaseException) -> str:
    """The innermost cause, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _close(client: Any) -> None:
    with contextlib.suppress(Exception):  # a connection that is broken cannot be closed well
        client.close(timeout=2)
