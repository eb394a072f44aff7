"use strict";
// The villager's panel, the log, the sale: what is read beside the picture.

const panel = document.getElementById("panel");
const logList = document.getElementById("log");
const saleBox = document.getElementById("sale");
const sought = { text: "", kind: "" };
const KINDS = ["observation", "speech", "whisper", "reflection", "plan"];

/** An element with text and children; texts are never read as HTML. */
function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function showPanel(name, tick) {
  panel.hidden = !name;
  if (!name) return;
  const state = byName.has(name) ? personAt(byName.get(name), tick) : null;
  const top = panel.scrollTop;
  const doing = state ? (state.asleep ? "asleep" : state.walking && state.goal ? "on the way: " + state.goal : state.activity || (state.goal ? "on the way: " + state.goal : "nothing in particular")) : "";
  const why = lastOf(name, "decided", tick);
  const focused = document.activeElement && document.activeElement.id === "seek";
  panel.replaceChildren(
    made("button", { class: "close", title: "Close (Esc)", "aria-label": "Close", onclick: () => select(null) }, "×"),
    made("h2", {}, name),
    ...(board ? standingOf(name, tick) : [made("p", {}, doing), why ? made("p", {}, made("small", {}, "because " + why[1])) : null].filter(Boolean)),
    ...purse(name, tick), ...(board ? [] : mindOf(name, tick)));
  panel.scrollTop = top;
  if (focused) { const seek = document.getElementById("seek"); seek.focus(); seek.setSelectionRange(seek.value.length, seek.value.length); }
}

function mindOf(name, tick) {
  return [...plans(name, tick), ...recalled(name, tick), ...insights(name, tick), ...memories(name, tick)];
}

function purse(name, tick) {
  const row = lastOf(name, "purses", tick);
  if (!row) return [];
  const things = row[2].map(([good, many]) => made("li", {}, many === 1 ? good : `${many} x ${good}`));
  return [made("h3", {}, "Purse and things"), made("p", { id: "purse" }, run.map ? `${row[1]} coins` : String(row[1])),
    things.length ? made("ul", {}, ...things) : null].filter(Boolean);
}

function isNow(entry, tick) {
  const [day, start, minutes] = entry;
  const [hour, minute] = start.split(":").map(Number);
  const from = (day - 1) * 1440 + hour * 60 + minute;
  const date = dateAt(tick);
  const now = (dayAt(tick) - 1) * 1440 + date.getUTCHours() * 60 + date.getUTCMinutes();
  return from <= now && now < from + minutes;
}

/** The one of a plan's entries that one is at: an appointment goes before the stroke in which it falls. */
function current(entries, tick) {
  const running = entries.filter((entry) => isNow(entry, tick));
  return running.filter((entry) => entry[5]).pop() || running.pop();
}

function plans(name, tick) {
  const day = lastOf(name, "plans", tick, (row) => row[1] !== "hour");
  const hour = lastOf(name, "plans", tick, (row) => row[1] === "hour");
  const list = (rows, now = current(rows, tick)) => made("ul", {}, ...rows.map((entry) => made("li", { class: entry === now ? "now" : null }, made("small", {}, entry[1] + " "), `${entry[4]} `, made("small", {}, entry[3]))));
  const found = [];
  if (day && day[2].length) found.push(made("h3", {}, "Plan"), list(day[2]));
  if (hour && hour[2].some((entry) => isNow(entry, tick))) found.push(made("h3", {}, "This hour"), list(hour[2]));
  return found;
}

function recalled(name, tick) {
  const row = lastOf(name, "retrieved", tick);
  if (!row || !row[2].length) return [];
  const texts = new Map(memoriesAt(name, tick).map((memory) => [memory.id, memory.text]));
  const bar = (label, value) => [made("span", {}, label), made("i", { style: `--v:${Math.max(0, Math.min(1, value))}` }), made("span", {}, value.toFixed(2))];
  return [made("h3", {}, "Last came to mind"), made("p", {}, made("small", {}, `asked: ${row[1]}`)),
    ...row[2].slice(0, 4).flatMap(([id, recency, importance, relevance]) => [
      made("p", {}, texts.get(id) || id),
      made("div", { class: "bars" }, ...bar("recency", recency), ...bar("importance", importance), ...bar("relevance", relevance))])];
}

function insights(name, tick) {
  const held = memoriesAt(name, tick), byId = new Map(held.map((memory) => [memory.id, memory]));
  const found = held.filter((memory) => memory.kind === "reflection");
  if (!found.length) return [];
  const branch = (memory, depth) => made("li", { class: memory.kind }, memory.text + " ", made("small", {}, timeText(memory.at)),
    memory.evidence.length && depth < 4 ? made("ul", {}, ...memory.evidence.map((id) => byId.get(id)).filter(Boolean).map((one) => branch(one, depth + 1))) : null);
  const under = new Set(found.flatMap((memory) => memory.evidence));
  return [made("h3", {}, "Insights, and what they rest on"), made("ul", { id: "insights" }, ...found.filter((memory) => !under.has(memory.id)).reverse().map((memory) => branch(memory, 0)))];
}

function memories(name, tick) {
  const held = memoriesAt(name, tick).reverse();
  const wanted = held.filter((memory) => (!sought.kind || memory.kind === sought.kind) && memory.text.toLowerCase().includes(sought.text.toLowerCase()));
  return [made("h3", {}, `Memories (${held.length})`),
    made("div", { class: "filter" },
      made("input", { id: "seek", type: "search", placeholder: "search", value: sought.text, "aria-label": "Search memories", oninput: (event) => { sought.text = event.target.value; refresh(); } }),
      made("select", { "aria-label": "Kind of memory", onchange: (event) => { sought.kind = event.target.value; refresh(); } },
        made("option", { value: "" }, "all"), ...KINDS.map((kind) => made("option", { value: kind, selected: kind === sought.kind ? "" : null }, kind)))),
    made("ul", { id: "memories" }, ...wanted.slice(0, 200).map((memory) => made("li", { class: memory.kind },
      memory.text + " ", made("small", {}, `${timeText(memory.at)} · ${memory.importance.toFixed(1)}${memory.from ? " · from " + memory.from : ""}`)))),
    wanted.length > 200 ? made("p", {}, made("small", {}, `and ${wanted.length - 200} more`)) : null].filter(Boolean);
}

let logged = -2;
function showLog(tick) {
  const last = upTo(run.captions, tick);
  if (last === logged) return;
  logged = last;
  logList.replaceChildren(...run.captions.slice(Math.max(0, last - 60), last + 1).map(([at, agent, text]) => (
    made("li", { tabindex: "0", onclick: () => { if (agent && byName.has(agent)) select(agent); seek(at); }, onkeydown: (event) => { if (event.key === "Enter") seek(at); } }, made("time", {}, timeText(at)), text))));
  logList.scrollTop = logList.scrollHeight;
}

let saleShown = -2;
function showSale(tick) {
  const n = upTo(run.sales, tick);
  if (n === saleShown) return;
  saleShown = n;
  const sale = n < 0 ? null : run.sales[n][1];
  saleBox.hidden = !sale || sale.ended;
  if (!sale) return;
  const table = (head, rows) => made("table", {}, made("tr", {}, ...head.map(([text, number]) => made("th", { class: number ? "n" : null }, text))),
    ...rows.map((row) => made("tr", {}, ...row.map((cell, k) => made("td", { class: head[k][1] ? "n" : null }, cell === null ? "" : String(cell))))));
  const parts = [
    made("h2", {}, sale.lot ? `${sale.lot} (lot ${sale.number} of ${sale.lots})` : sale.format),
    sale.price === null ? null : made("p", { class: "price" }, `${sale.price}${sale.leader ? " · " + sale.leader : ""}`),
    sale.bids.length ? table([["bidder"], ["said"], ["price", 1]], sale.bids.slice(-6).reverse()) : null,
    sale.buys.length + sale.asks.length ? table([["bids", 1], ["", 1], ["asks", 1], ["", 1]], Array.from({ length: Math.max(sale.buys.length, sale.asks.length) }, (_, k) => [...(sale.buys[k] || ["", ""]), ...(sale.asks[k] || ["", ""])])) : null,
    table([["purse"], ["coins", 1], ["goods", 1], ["profit", 1]], sale.purses)];
  saleBox.replaceChildren(...parts.filter(Boolean));
}
