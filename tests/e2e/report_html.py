# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Checks a page of `report -f html`: report_html.py PAGE [REPORT.json [ROWS]]; one line each, "ok NAME" or "bad NAME".

Without a report: the page of a ledger that does not verify, which has no figure.
"""
import html.parser
import json
import re
import sys

VOID = {"meta", "br", "link", "img"}
ASKS = {"src", "href", "xlink:href", "srcset", "action", "formaction", "data", "poster", "background", "ping"}


class Page(html.parser.HTMLParser):
    """Elements with their text; what is open when another one is closed is wrong."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.tags, self.asks, self.on = [], [], set(), [], []
        self.rows, self.table, self.text, self.policy = {}, "", [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name in ASKS:
                self.asks.append((tag, name, value))
            if name.startswith("on"):
                self.on.append((tag, name))
        attrs = dict(attrs)
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        if tag == "table":
            self.table = attrs.get("id", "")
        if tag == "tr":
            self.rows.setdefault(self.table, []).append({"text": "", "data": []})
        if tag == "data" and "tr" in self.open:
            self.rows[self.table][-1]["data"].append(int(attrs["value"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text.append(data)
        if "tr" in self.open:
            self.rows[self.table][-1]["text"] += data


def verdict(ok, name, detail=""):
    print("ok" if ok else "bad", name if ok else f"{name}: {str(detail)[:200]}")


def row(rows, begins):
    return next(r["data"] for r in rows if r["text"].startswith(begins))


def pair(figures):
    return [figures["energy_uj"]["value"], figures["co2e_ug"]["value"]]


def check_figures(page, report, most):
    rows = page.rows["consumers"]
    consumers = [pair(c) for c in report["consumers"]]
    shown = [r["data"] for r in rows[1:] if r["data"]][: min(most, len(consumers))]
    verdict(shown == consumers[:most], "consumers are those of the JSON, to the microjoule", f"{shown[:3]}")
    if len(consumers) > most:
        rest = [sum(c[i] for c in consumers[most:]) for i in range(2)]
        verdict(row(rows, "…") == rest, "the others are all that have no row", row(rows, "…"))
    host, idle = pair(report["host"]), pair(report["idle_and_unattributed"])
    verdict(row(rows, "The host") == host, "the host is that of the JSON")
    verdict(row(rows, "Idle and not") == idle, "what is no consumer's is too")
    everybody = row(rows, "All consumers")
    # With another grid each record's carbon is rounded by itself.
    least = host[1] // 10000 if "another grid was asked for" in "".join(page.text) else 0
    off = [abs(a + b - c) for a, b, c in zip(everybody, idle, host)]
    verdict(off[0] == 0 and off[1] <= least, "consumers and the rest add up to the host", off)
    parts = [r["data"][0] for r in rows if re.match("idle|not attributed", r["text"]) and r["data"]]
    verdict(sum(parts) == idle[0], "idle and what is not attributed add up", f"{parts} {idle}")
    spans = [r["data"] for r in page.rows["spans"] if r["data"]]
    verdict([sum(s[i] for s in spans) for i in range(2)] == host, "spans of time add up to the host")
    verdict(len(spans) <= 400, "in at most 400 of them", len(spans))
    verdict(report["verified"]["verdict"] in "".join(page.text), "the verdict is on the page")


def main():
    raw = open(sys.argv[1], "rb").read()
    text = raw.decode("utf-8")
    page = Page()
    page.feed(text)
    page.close()
    verdict(not page.wrong and not page.open, "elements are closed in order", f"{page.wrong} {page.open}")
    verdict("script" not in page.tags and not page.on, "no script", page.on)
    verdict(not page.asks and "url(" not in text and "@import" not in text, "nothing is asked for", page.asks)
    verdict("http:" not in text and "https:" not in text, "no address of anything else")
    strict = "default-src 'none'" in page.policy and "script" not in page.policy
    verdict(strict, "the policy allows nothing", page.policy)
    verdict(not re.search("[\x00-\x08\x0b-\x1f\x7f]", text), "no control character")
    if len(sys.argv) > 2:
        check_figures(page, json.load(open(sys.argv[2], encoding="utf-8")), int(sys.argv[3]))
    else:
        verdict("data" not in page.tags and "svg" not in page.tags, "no figure and no chart")
        words = "".join(page.text)
        verdict("NOT VERIFIED" in words and 'class="verdict bad"' in text, "the page says so, at the top and in red")
        body = words[words.find("NOT VERIFIED"):]
        verdict(not re.search(r"\d (µ|m|k|M)?(J|g CO2e|W)\b", body), "and no unit of energy or carbon")


main()
