// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// page.js - asks /live and shows it. Names are strangers': they are text, never markup.
"use strict";

const MAX_POINTS = 360;
const points = []; // {value, low, high} of each tick since the page was opened
let lastTick = null;

const at = (id) => document.getElementById(id);

// Three digits and a unit with its prefix: the same for all of an interval.
function scaleOf(value) {
	const steps = [[1e-9, "n"], [1e-6, "µ"], [1e-3, "m"], [1, ""], [1e3, "k"], [1e6, "M"]];
	let scale = steps[0];
	for (const step of steps)
		if (Math.abs(value) >= step[0])
			scale = step;
	return value ? scale : [1, ""];
}

function digits(value) {
	const size = Math.abs(value);
	return value.toFixed(size >= 99.95 || size === 0 ? 0 : size >= 9.995 ? 1 : 2);
}

function amount(value, unit) {
	const [step, prefix] = scaleOf(value);
	return `${digits(value / step)} ${prefix}${unit}`;
}

function range(interval, unit) {
	const [step, prefix] = scaleOf(interval.value);
	return `${digits(interval.low / step)} to ${digits(interval.high / step)} ${prefix}${unit}`;
}

function duration(s) {
	if (s < 90)
		return `${Math.round(s)} s`;
	return s < 5400 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
}

function put(id, text, missing) {
	at(id).textContent = text;
	at(id).classList.toggle("missing", Boolean(missing));
}

// An interval's value as a headline, and its bounds below it.
function putInterval(id, interval, unit, why) {
	const known = interval.value !== null;
	put(id, known ? amount(interval.value, unit) : "missing", !known);
	if (!known)
		put(`${id}-interval`, why);
	else if (interval.low === null || interval.high === null)
		put(`${id}-interval`, "its range comes with the next tick");
	else
		put(`${id}-interval`, range(interval, unit));
}

function cell(row, className, text) {
	const td = document.createElement("td");
	td.className = className;
	td.textContent = text;
	row.append(td);
	return td;
}

// A line of the table. share: of the host's power; null = not known.
function addRow(body, r, hostW) {
	const tr = document.createElement("tr");
	const name = cell(tr, "name", "");
	const bar = cell(tr, "bar", "");
	const known = r.power_w !== null && r.power_w !== undefined;
	const share = known && hostW > 0 ? r.power_w / hostW : null;
	const text = document.createElement("bdi");

	tr.className = r.kind;
	text.textContent = r.name;
	name.append(text);
	if (r.more) {
		const small = document.createElement("small");
		const more = document.createElement("bdi");
		more.textContent = r.more;
		small.append(more);
		name.append(small);
	}
	if (share > 0 && r.kind !== "host") {
		const fill = document.createElement("div");
		fill.className = "fill";
		fill.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
		bar.append(fill);
	}
	cell(tr, known ? "" : "missing", known ? amount(r.power_w, "W") : "missing");
	cell(tr, "", share === null ? "" : `${(share * 100).toFixed(1)} %`);
	cell(tr, "cpu", r.cpus === null || r.cpus === undefined ? "" : r.cpus.toFixed(2));
	body.append(tr);
}

function showRows(d) {
	const hostW = d.power_w.value;
	const body = document.createDocumentFragment();
	const total = document.createDocumentFragment();

	if (!d.consumers) {
		at("rows").replaceChildren();
		at("total").replaceChildren();
		put("span", "comes with the next tick");
		return;
	}
	for (const c of d.consumers)
		addRow(body, { kind: "consumer", ...c }, hostW);
	addRow(body, { kind: "rest", name: "all others", power_w: d.others_w ?? (hostW === null ? null : 0),
		       cpus: d.others_cpus }, hostW);
	addRow(body, { kind: "idle", name: "idle", power_w: d.idle_w }, hostW);
	addRow(body, { kind: "nobody", name: "not attributed", power_w: d.unattributed_w }, hostW);
	addRow(total, { kind: "host", name: "the host", power_w: hostW }, hostW);
	at("rows").replaceChildren(body);
	at("total").replaceChildren(total);
	put("span", `mean of ${duration(d.span_s)}`);
}

function line(name, list) {
	const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
	shape.setAttribute("points", list.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" "));
	return shape;
}

// Ticks without a figure are a gap in the line.
function showTrace(tickS) {
	const known = points.filter((p) => p.value !== null);
	const top = Math.max(...known.map((p) => p.high ?? p.value), 0) * 1.05;
	const x = (i) => points.length > 1 ? i / (points.length - 1) * 600 : 300;
	const y = (v) => 100 - v / top * 100;
	const shapes = [];
	let run = [];
	const end = () => {
		const bounded = run.filter(([, p]) => p.low !== null && p.high !== null);
		if (bounded.length > 1)
			shapes.push(line("polygon", [...bounded.map(([i, p]) => [x(i), y(p.high)]),
						     ...bounded.reverse().map(([i, p]) => [x(i), y(p.low)])]));
		const course = run.map(([i, p]) => [x(i), y(p.value)]);
		if (course.length === 1) // a point is a dash, to be seen
			course.splice(0, 1, [course[0][0] - 3, course[0][1]], [course[0][0] + 3, course[0][1]]);
		shapes.push(line("polyline", course));
		run = [];
	};

	if (top > 0) {
		points.forEach((p, i) => {
			if (p.value !== null)
				run.push([i, p]);
			else if (run.length)
				end();
		});
		if (run.length)
			end();
	}
	at("trace").replaceChildren(...shapes);
	put("trace-top", top > 0 ? amount(top, "W") : "");
	put("trace-note", points.length < 2 ? "a point for each tick; the band is the range"
		: `${points.length} ticks of ${duration(tickS)}; the band is the range`);
}

function show(d) {
	const since = d.today_since_s === null ? null : new Date(d.today_since_s * 1000);
	const midnight = since && since.getHours() === 0 && since.getMinutes() === 0;
	const age = d.now_s - d.tick_end_s;
	const late = age > 3 * d.tick_s + 2;

	put("host", `on ${location.host}`);
	put("state", late ? `no new figures for ${duration(age)}`
		: `live: a tick is ${duration(d.tick_s)}, energy is ${d.quality}`);
	at("state").classList.toggle("trouble", late);
	putInterval("power", d.power_w, "W", "no meter and no model knows it");
	putInterval("carbon", d.today_co2e_g, "g CO₂e", "no energy is known today");
	putInterval("grid", { ...d.intensity_g_per_kwh }, "g/kWh", "no intensity is known");
	if (d.intensity_g_per_kwh.value !== null) // grams stay grams here
		put("grid", `${digits(d.intensity_g_per_kwh.value)} g/kWh`);
	if (d.intensity_g_per_kwh.value !== null && d.intensity_g_per_kwh.low !== null)
		put("grid-interval", `${digits(d.intensity_g_per_kwh.low)} to ${digits(d.intensity_g_per_kwh.high)} g/kWh`);
	put("zone", [d.zone, d.intensity_type].filter(Boolean).join(", "));
	put("today", (since ? `since ${midnight ? "midnight" : since.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}` : "")
		+ (d.today_energy_j.value === null ? "" : `, of ${amount(d.today_energy_j.value / 3600, "Wh")}`));
	if (d.ticks !== lastTick) {
		points.push({ ...d.power_w });
		if (points.length > MAX_POINTS)
			points.shift();
		lastTick = d.ticks;
	}
	showTrace(d.tick_s);
	showRows(d);
	put("about", `jouletrail ${d.version ?? ""}`
		+ (d.self_w !== undefined && d.self_w !== null ? `, which takes ${amount(d.self_w, "W")} itself` : ""));
	document.body.dataset.ticks = d.ticks;
}

async function ask() {
	let waitS = 2;

	try {
		const answer = await fetch("live", { cache: "no-store" });
		if (answer.ok) {
			const d = await answer.json();
			if (d.ticks)
				show(d);
			else
				put("state", "the first tick is still to come");
			waitS = Math.min(Math.max((d.tick_s ?? 0) / 4, 1), 5);
		} else {
			put("state", (await answer.text()).trim());
			at("state").classList.add("trouble");
		}
	} catch {
		put("state", "nobody answers: these figures are old");
		at("state").classList.add("trouble");
	}
	setTimeout(ask, waitS * 1000);
}

ask();
