# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The live page in a browser: PORT FOLDER, where it leaves screenshots; a check per line."""
import json
import sys
import urllib.request

from browser import Browser

port, folder = sys.argv[1:3]
origin = f"http://127.0.0.1:{port}/"
HOSTILE = "<img src=x onerror=\"document.title='run'\">&lt;\u202e"


def check(name, passed, detail=""):
    print("ok" if passed else "bad", name, "" if passed else detail, flush=True)


def text(id_):
    return page.evaluate(f"document.getElementById('{id_}').textContent")


def rows():
    return page.evaluate("""[...document.querySelectorAll('#rows tr, #total tr')].map(tr =>
        ({kind: tr.className, cells: [...tr.cells].map(td => td.textContent),
          bar: parseFloat(tr.querySelector('.fill')?.style.width ?? '0')}))""")


def interval(value, low, high):
    return {"value": value, "low": low, "high": high}


# What the server could say: figures that are easily seen to be right.
GIVEN = {
    "ticks": 1000, "tick_s": 10, "tick_end_s": 1767225600, "now_s": 1767225605, "span_s": 10, "quality": "measured",
    "power_w": interval(20, 19.5, 20.5), "today_co2e_g": interval(12.34, 0.99, 123.4),
    "today_energy_j": interval(36000, 35000, 37000), "today_since_s": 1767225600 - 3600 * 5,
    "intensity_g_per_kwh": interval(342.1, 229.1, 515), "zone": "DE", "intensity_type": "average", "version": "0",
    "consumers": [{"name": HOSTILE, "more": "more <b>of</b> it", "power_w": 10, "cpus": 1.5},
                  {"name": "second", "more": None, "power_w": 4, "cpus": 0.25}],
    "others_w": 2, "others_cpus": 0.1, "idle_w": 3, "unattributed_w": 1, "self_w": 0.01, "self_cpus": 0.001,
}
NOTHING = interval(None, None, None)
MISSING = GIVEN | {
    "ticks": 1001, "power_w": NOTHING, "today_co2e_g": NOTHING, "today_energy_j": NOTHING, "quality": "missing",
    "consumers": [{"name": "busy", "more": None, "power_w": None, "cpus": 2}], "others_w": None, "idle_w": None,
    "unattributed_w": None, "self_w": None}

page = Browser()
page.size(1280, 900)
page.scheme("light")
page.call("Page.navigate", url=origin)
page.wait("document.body && document.body.dataset.ticks && document.querySelectorAll('#rows tr').length > 3")
first = page.evaluate("Number(document.body.dataset.ticks)")
page.wait(f"Number(document.body.dataset.ticks) >= {first} + 3")
check("it shows power with its range", text("power").endswith("W") and " to " in text("power-interval"), text("power"))
check("and today's carbon with its range", text("carbon").endswith("CO₂e") and " to " in text("carbon-interval"))
check("since when that is", text("today").startswith("since "), text("today"))
check("and what the grid gives", text("grid").endswith(" g/kWh") and text("zone").startswith("DE"))
check("and its course", page.evaluate("document.querySelectorAll('#trace polyline, #trace polygon').length >= 2"))
got = rows()
check("it says where it goes", [r["kind"] for r in got[-4:]] == ["rest", "idle", "nobody", "host"], got)
bars = sum(r["bar"] for r in got)
check("the bars make up the host", abs(bars - 100) < 0.01, bars)
page.shot(f"{folder}/live-1280.png")
page.scheme("dark")
page.shot(f"{folder}/live-dark.png")
page.size(360, 1400)
fits = "document.documentElement.scrollWidth <= innerWidth"
check("it fits 360 pixels", page.evaluate(fits))
page.scheme("light")
page.shot(f"{folder}/live-360.png")

# --- what it makes of figures; its own round goes on and would replace them ---
page.evaluate("ask = () => {}; for (let i = 0; i < 100000; i++) clearTimeout(i)")
page.evaluate(f"show({json.dumps(GIVEN)})")
got = rows()
check("names are text", got[0]["cells"][0] == HOSTILE + "more <b>of</b> it", got[0])
check("and nothing of them is run", page.evaluate("document.querySelectorAll('img, b').length === 0 && document.title")
      == "jouletrail")
check("power, share and CPUs", got[0]["cells"][2:] == ["10.0 W", "50.0 %", "1.50"], got[0])
check("shares of each", [r["cells"][3] for r in got] == [f"{n}.0 %" for n in (50, 20, 10, 15, 5, 100)], got)
check("and the bars", [r["bar"] for r in got] == [50, 20, 10, 15, 5, 0], got)
check("a headline", (text("power"), text("power-interval")) == ("20.0 W", "19.5 to 20.5 W"), text("power-interval"))
check("carbon in one unit", (text("carbon"), text("carbon-interval")) == ("12.3 g CO₂e", "0.99 to 123 g CO₂e"),
      text("carbon-interval"))
check("energy of the day", "of 10.0 Wh" in text("today"), text("today"))
check("the hostile name fits, too", page.evaluate(fits))
page.evaluate(f"show({json.dumps(MISSING)})")
got = rows()
check("what is missing is said to be", text("power") == "missing" and text("carbon") == "missing")
check("and why", text("power-interval") != "" and text("carbon-interval") != "")
check("of consumers, too", got[0]["cells"][2:] == ["missing", "", "2.00"] and got[0]["bar"] == 0, got[0])
check("and nothing is 0", all(r["cells"][2] == "missing" for r in got), got)
page.evaluate(f"show({json.dumps(GIVEN | {'now_s': 1767225700, 'ticks': 1002})})")
check("old figures are said to be old", text("state").startswith("no new figures for 100 s") or
      text("state").startswith("no new figures for 2 min"), text("state"))

check("nothing of it is wrong", not page.wrong, page.wrong)
check("nothing is asked of anybody else", all(u.startswith(origin) or u == "about:blank" for u in page.urls), page.urls)
with urllib.request.urlopen(origin) as answer:
    policy = answer.headers["Content-Security-Policy"]
check("nothing else may be", policy.startswith("default-src 'none';") and "unsafe" not in policy, policy)
page.end()
