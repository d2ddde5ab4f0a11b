// Keys, live updates, marks, and telling what went wrong. Everything works without it but the keys and the updates.
"use strict";
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const typing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "") && document.activeElement.type !== "checkbox";

function tell(text) {
  const told = $("#told");
  told.textContent = text;
  setTimeout(() => { if (told.textContent === text) told.textContent = ""; }, 6000);
}

// -- keys -------------------------------------------------------------------------------------------------------

const hereRow = () => document.activeElement?.closest("#rows tr[id]");

function step(by) {
  const rows = $$("#rows tr[id]");
  const at = rows.indexOf(hereRow());
  const link = $("a", rows[Math.max(0, Math.min(rows.length - 1, at + by))] ?? document.createElement("p"));
  link?.focus();
}

// What was pressed a moment ago is done before the page is left, whatever else comes back meanwhile.
function afterwards(go) {
  if ($(".htmx-request")) document.addEventListener("htmx:afterRequest", () => afterwards(go), { once: true }); else go();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  g: () => afterwards(() => $("a.home")?.click()),
  x: () => { const box = hereRow() && $("[name=number]", hereRow()); if (box) { box.checked = !box.checked; count(); } },
  w: () => { const why = $("td.why details", hereRow() ?? document.createElement("p")); if (why) why.open = !why.open; },
};

// With Caps Lock on, "n" would come as "N", which is another command.
function pressed(event) {
  if (!event.getModifierState("CapsLock") || event.key.length > 1) return event.key;
  return event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { document.activeElement?.form?.requestSubmit(); return; }
  const picks = document.activeElement?.dataset.picks;
  if (event.key === "Enter" && picks) { event.preventDefault(); $(`#${picks} button`)?.click(); return; }
  if (event.key === "Escape") { document.activeElement?.blur(); return; }
  if (typing() || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  const key = pressed(event);
  const wanted = $$("[data-key]").filter((one) => one.dataset.key === key && !one.closest("[hidden]")).pop();
  if (!wanted && !Object.hasOwn(keys, key)) return;
  event.preventDefault();
  if (!wanted) { keys[key](); return; }
  if (wanted.matches("button, a, summary")) wanted.click();
  if (!wanted.matches("button, a")) wanted.focus();
});

document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-opens]")?.dataset.opens;
  if (opens) document.getElementById(opens).showModal();
  const fills = event.target.closest("[data-fills]");
  if (fills) { fill(fills.dataset.fills); fills.closest(".offered")?.replaceChildren(); }
});

// A text that is chosen goes to where the agent writes, behind what she wrote; she reads it before she sends it.
function fill(text) {
  const area = $("textarea[name=text]");
  area.value = area.value.trim() ? `${area.value.trimEnd()}\n\n${text}` : text;
  area.focus();
}

// -- times ------------------------------------------------------------------------------------------------------

// The server writes them in UTC; here they are in the zone of who reads them.
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
const local = () => $$("time[datetime]").forEach((one) => { one.textContent = clock.format(new Date(one.dateTime)); });
document.addEventListener("DOMContentLoaded", local);
document.addEventListener("htmx:afterSettle", local);

// -- marks ------------------------------------------------------------------------------------------------------

const marks = () => $$("#rows [name=number]:checked");

function count() {
  const bar = $("#marked");
  if (!bar) return;
  bar.hidden = !marks().length;
  $("[data-count]", bar).textContent = marks().length;
}

document.addEventListener("change", (event) => {
  if (event.target.id === "mark-all") $$("#rows [name=number]").forEach((box) => { box.checked = event.target.checked; });
  count();
});

// The view that is saved is the address of the page.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "save") event.detail.parameters.set?.("query", location.search) ?? (event.detail.parameters.query = location.search);
});

// -- live updates -----------------------------------------------------------------------------------------------

// Why nothing came of what she did stays until she does something else: news comes by itself, and she may not have read it.
function refusals(part) {
  const said = $$("[role=alert]", part).map((one) => [one.parentElement.closest("[id]").id, one]);
  return () => said.forEach(([id, one]) => document.getElementById(id)?.prepend(one));
}

// The first row that is seen stays where it is, whatever came above it; so do focus, marks and what is open.
function place(part) {
  const rows = $$("tr[id]", part);
  const seen = rows.filter((row) => row.getBoundingClientRect().bottom > 0);
  const tops = new Map(seen.map((row) => [row.id, row.getBoundingClientRect().top]));
  const marked = new Set(marks().map((box) => box.value));
  const open = $$("details[open]", part).map((one) => one.closest("tr")?.id);
  const focused = hereRow()?.id;
  const refused = refusals(part);
  return () => {
    refused();
    $$("[name=number]", part).forEach((box) => { box.checked = marked.has(box.value); });
    open.forEach((id) => { const one = id && $(`#${id} details`, part); if (one) one.open = true; });
    if (focused) $(`#${focused} a`, part)?.focus({ preventScroll: true });
    const stays = window.scrollY > 0 && [...tops].find(([id]) => document.getElementById(id));
    if (stays) window.scrollBy(0, document.getElementById(stays[0]).getBoundingClientRect().top - stays[1]);
    count();
  };
}

function address(part) {
  if (!("keepsFilters" in part.dataset)) return part.dataset.refresh;
  const query = new URLSearchParams(location.search);
  query.delete("after");
  query.set("count", $$("tr[id]", part).length);
  return `${part.dataset.refresh}?${query}`;
}

// A page that is typed into is not replaced under the agent's hands: what she types would become keys. She is told, and
// sees the news when she has left the field empty, or sends.
let stale = false;
let acted = 0;
const acts = (event) => event.detail.requestConfig.verb === "post" && event.detail.target.id !== "others";
document.addEventListener("htmx:beforeRequest", (event) => { if (acts(event)) $$("[data-refresh] [role=alert]").forEach((one) => one.remove()); });
document.addEventListener("htmx:afterRequest", (event) => { if (acts(event)) acted = Date.now(); });
document.addEventListener("focusout", () => { if (stale) soon(); });

const busy = (part) => $$("textarea", part).some((area) => area.value.trim()) || (typing() && part.contains(document.activeElement));

// What was asked for before she wrote, or took an answer back, comes too late. The place is noted when the new rows are
// there, not when they are asked for: what she marks or opens in between counts.
let restore = () => {};
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (event.detail.requestConfig.verb !== "get") return;
  if (!part.matches("[data-refresh]")) restore = refusals(part);
  else if (busy(part)) { event.detail.shouldSwap = false; stale = true; } else restore = place(part);
});
document.addEventListener("htmx:afterSwap", (event) => {
  restore();
  restore = () => {};
  // Why nothing came of it stands on top of the case, and she may be at its end.
  if (event.detail.requestConfig.verb === "post") $("[role=alert]", event.detail.target)?.scrollIntoView({ block: "center" });
});

function refresh() {
  const part = $("[data-refresh]");
  if (!part) return;
  stale = busy(part);
  if (stale) { if (Date.now() - acted > 2000) tell(document.body.dataset.news); return; }
  htmx.ajax("GET", address(part), { target: part, swap: "innerHTML" });
}

let waiting = 0;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 150); };
document.addEventListener("changed", soon);

function look() {
  const others = $("[data-looking]");
  if (!others || document.hidden) return;
  const writing = $$("textarea").some((area) => area.value.trim());
  htmx.ajax("POST", others.dataset.looking, { target: others, swap: "innerHTML", values: { writing } });
}

document.addEventListener("DOMContentLoaded", () => {
  count();
  if (!document.body.dataset.live) return;
  new EventSource(document.body.dataset.live).addEventListener("changed", soon);
  look();
  setInterval(look, 10_000);
});

// -- what went wrong --------------------------------------------------------------------------------------------

document.addEventListener("htmx:responseError", (event) => {
  let said = "";
  try { const answer = JSON.parse(event.detail.xhr.responseText); said = answer.title ?? answer.detail; } catch { said = document.body.dataset[event.detail.xhr.status === 413 ? "long" : "fault"]; }
  tell(said);
});
document.addEventListener("htmx:sendError", () => tell(document.body.dataset.silent));
