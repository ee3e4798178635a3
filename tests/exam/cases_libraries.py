"""Objects of libraries that stay with the student."""

CASES = {
    "of which class they are": """
#S
import argparse, html.parser, logging, sqlite3, threading, xml.etree.ElementTree as ET
shop = sqlite3.connect(":memory:")
shop.execute("create table fruit (name text, pence int)")
shop.executemany("insert into fruit values (?, ?)", [("fig", 30), ("plum", 20)])
found = shop.execute("select pence from fruit order by 1")
class Worker(threading.Thread): pass
class Reader(html.parser.HTMLParser): pass
words = argparse.ArgumentParser()
tree = ET.fromstring("<a><b/></a>")
log = logging.getLogger("x")
#T
import argparse, html.parser, logging, sqlite3, threading, xml.etree.ElementTree as ET
assert isinstance(shop, sqlite3.Connection) and isinstance(found, sqlite3.Cursor) and not isinstance(shop, list)
assert isinstance(Worker(), threading.Thread) and isinstance(Reader(), html.parser.HTMLParser)
assert isinstance(words, argparse.ArgumentParser) and isinstance(tree, ET.Element) and isinstance(log, logging.Logger)
type(shop) is sqlite3.Connection, [p for p, in found], [c.tag for c in tree]
""",
    "from which classes theirs derive": """
#S
import collections, threading
class Worker(threading.Thread): pass
class Lead(Worker): pass
class Ordered(collections.OrderedDict): pass
class Alone: pass
#T
import collections, threading
assert issubclass(Worker, threading.Thread) and issubclass(Lead, threading.Thread) and issubclass(Lead, Worker)
assert issubclass(Ordered, dict) and not issubclass(Alone, threading.Thread) and not issubclass(Worker, Lead)
issubclass(Ordered, collections.OrderedDict), Worker.__bases__ == (threading.Thread,), Lead.__bases__ == (Worker,)
""",
    "tables with labels of every kind": """
#S
import pandas as pd
sold = pd.DataFrame({"kind": pd.Categorical(["fig", "plum", "fig"]), "pence": [30, 20, 34]})
def by_kind(): return sold.groupby("kind", observed=True)["pence"].agg(["count", "mean"])
def binned(): return sold["pence"].groupby(pd.cut(sold["pence"], [0, 25, 50]), observed=True).sum()
def monthly(): return pd.Series([1, 2], index=pd.period_range("2024-01", periods=2, freq="M"))
def waits(): return pd.Series([1, 2], index=pd.to_timedelta([1, 2], unit="h"))
#T
import pandas as pd
assert isinstance(by_kind(), pd.DataFrame) and by_kind().shape == (2, 2) and by_kind().index.tolist() == ["fig", "plum"]
assert by_kind().loc["fig", "mean"] == 32 and waits().index[0] == pd.Timedelta(hours=1)
assert isinstance(monthly(), pd.Series) and monthly().sum() == 3 and len(binned()) == 2 and binned().sum() == 84
by_kind()["count"].to_dict(), monthly().shape, binned().tolist()
""",
    "another class fails": """
#S
import threading
class Worker: pass
#T
assert isinstance(Worker(), threading.Thread)
#T
assert issubclass(Worker, threading.Thread)
""",
}
