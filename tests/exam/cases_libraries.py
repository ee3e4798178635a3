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
