# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a Prometheus on a port made of the metrics: PORT, once it has scraped; a check per line."""
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}/api/v1/"


def check(name, good, detail=""):
    print("ok" if good else "bad", name, detail if not good else "", flush=True)


def api(path, **query):
    url = base + path + ("?" + urllib.parse.urlencode(query) if query else "")
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        return {"error": error.read().decode()}
    except OSError:
        return None


def ask(expression):
    answer = api("query", query=expression) or {}
    return answer.get("result", []), answer.get("error", "")


def wait_for(expression, n=1):
    """Until the expression has n results; the suite's guard against hangs says where it has none."""
    while len(ask(expression)[0]) < n:
        time.sleep(0.1)


wait_for("jouletrail_ticks_total > 5")
target = api("targets")["activeTargets"][0]
check("a real Prometheus scrapes it", target["health"] == "up", target["lastError"])
check("in OpenMetrics, whose types it knows",
      api("targets/metadata", metric="jouletrail_energy_joules")[0]["type"] == "counter")
wait_for("rate(jouletrail_host_energy_joules_total[1m]) > 0")
result, _ = ask("sum without (kind, consumer, user, id) (jouletrail_energy_joules_total)"
                " + on (instance, job) jouletrail_evicted_energy_joules_total"
                " - on (instance, job) jouletrail_host_energy_joules_total")
check("what it stored adds up", len(result) == 1 and abs(float(result[0]["value"][1])) < 1e-6, result)

with open("tools/dist/grafana-dashboard.json", encoding="utf-8") as f:
    dashboard = json.load(f)
for panel in dashboard["panels"]:
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", "1m").replace("$__range", "1m")
        expression = expression.replace("$job", ".*").replace("$instance", ".*")
        result, error = ask(expression)
        check(f"dashboard: {panel['title']} {target['refId']}", result, error or expression)
places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in dashboard["panels"]]
check("dashboard: no two panels at one place", len(set(places)) == len(places))

while any(r["health"] == "unknown" for g in api("rules")["groups"] for r in g["rules"]):
    time.sleep(0.1)
for rule in (r for g in api("rules")["groups"] for r in g["rules"]):
    check(f"rule: {rule['name']}", rule["health"] == "ok", rule.get("lastError", ""))
    # No rule may speak of a family that is not there.
    wrong = [w for w in re.findall(r"jouletrail_\w+", rule["query"]) if not ask(w)[0]]
    check(f"rule: {rule['name']}: of families that are there", not wrong, wrong)
firing = {a["labels"]["alertname"] for a in api("alerts")["alerts"] if a["state"] == "firing"}
check("nothing is on fire", not firing, firing)
