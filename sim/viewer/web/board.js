"use strict";
// A run without a map: sheets of rows and curves, as of the tick shown.

const board = run.board;
const COLOURS = ["#0072b2", "#d55e00", "#2e2438", "#b3589a", "#c98a00", "#3f9bd0", "#00785a", "#7d6a45"]; // told apart without red and green
const DASHES = ["", "7 3", "2 3"];
const SVG = "http://www.w3.org/2000/svg";
const NOBODY = -1;
const boardBox = document.getElementById("board");
const sheetOf = new Map(); // key -> the part of a sheet that changes
const headBox = document.getElementById("head");

const colourOf = (number) => COLOURS[number % COLOURS.length];
const dashOf = (number) => DASHES[Math.floor(number / 4) % DASHES.length]; // two with one colour have not one dash
const numberOf = new Map();

/** What a sheet says at a tick; null before it says anything. */
function sheetAt(key, tick) {
  const track = board.sheets[key] || [], n = upTo(track, tick);
  return n < 0 ? null : track[n][1];
}

/** The curves of each chart at a tick, by number; that of NOBODY is grey. */
function curvesAt(tick) {
  const found = board.charts.map(() => new Map());
  for (let n = 0, last = upTo(board.points, tick); n <= last; n++) {
    const [, chart, number, from, values] = board.points[n];
    if (!found[chart].has(number)) found[chart].set(number, []);
    const curve = found[chart].get(number);
    if (from < 0) { curve.shift(); curve.push(...values); } else curve.splice(from, Infinity, ...values);
  }
  return found;
}

function buildBoard() {
  if (!board) return;
  document.body.classList.add("board");
  document.getElementById("hint").textContent = "space: play; , . or ← →: step; click a name: what it did and why" + (run.marks.length ? "; n b: next, previous mark" : "");
  panel.setAttribute("aria-label", "Who is looked at");
  for (const track of Object.values(board.sheets)) for (const [, rows] of track) if (Array.isArray(rows)) {
    for (const row of rows) if (Array.isArray(row) && row[0] >= 0) numberOf.set(row[1], row[0]);
  }
  boardBox.hidden = false;
  boardBox.replaceChildren(...board.columns.map((column) => made("div", { class: "column" }, ...column.map(([type, key, title, order]) => {
    const body = type === "log" ? logList : made(type === "rows" ? "ul" : "div", { class: "body" });
    const note = key === "offers" ? made("p", { class: "note", id: "choice" }) : null;
    const head = made("h2", {}, title);
    sheetOf.set(type === "chart" ? "chart " + key : key, { type, body, head, note });
    return made("section", { class: `sheet ${type}`, id: `sheet-${type === "chart" ? "chart-" : ""}${key}`, style: `order:${order}` }, type === "lot" ? null : head, body, note);
  }))));
  new ResizeObserver(() => { showBoard(now.tick, true); logList.scrollTop = logList.scrollHeight; }).observe(boardBox);
}

/** Somebody's row; a click looks at who it is. */
function rowOf([number, name, said, below, aside, share, marked]) {
  const inside = [
    made("span", { class: "line" }, number < 0 ? null : made("i", { class: "disc", style: `--c:${colourOf(number)}` }, String(number + 1)), made("b", {}, name), made("span", { class: "said" }, said)),
    share === null ? null : made("span", { class: "bar", style: `--v:${share};--c:${number < 0 ? "var(--dim)" : colourOf(number)}` }),
    below || aside ? made("span", { class: "soft" }, made("span", {}, below), made("span", {}, aside)) : null];
  const kind = (marked ? "marked " : "") + (name === now.selected ? "chosen " : "") + (number < 0 ? "plain" : "");
  if (!run.minds[name]) return made("li", { class: kind }, made("div", { class: "row" }, ...inside));
  return made("li", { class: kind }, made("button", { class: "row", "data-name": name, title: `Look at ${name}`, "aria-pressed": String(name === now.selected), onclick: () => select(name === now.selected ? null : name) }, ...inside));
}

let boardShown = null;
function showBoard(tick, anew = false) {
  if (!board) return;
  const shown = `${Math.floor(tick)} ${now.selected}`;
  if (!anew && shown === boardShown) return;
  boardShown = shown;
  headBox.textContent = sheetAt("head", tick) || "It has not begun";
  const held = document.activeElement && document.activeElement.dataset.name ? [document.activeElement.closest(".sheet"), document.activeElement.dataset.name] : null;
  const curves = curvesAt(tick), titles = sheetAt("titles", tick) || [];
  for (const [key, { type, body, head, note }] of sheetOf) {
    if (type === "rows") {
      const rows = sheetAt(key, tick) || [];
      body.replaceChildren(...(rows.length ? rows.map(rowOf) : [made("li", { class: "none" }, "nothing yet")]));
      if (note) note.textContent = sheetAt(key + " note", tick) || "";
    } else if (type === "lot") {
      const [item, price, said, round] = sheetAt("lot", tick) || ["The sale has not begun", "", "", ""];
      body.replaceChildren(made("h2", {}, item), made("p", {}, made("strong", {}, price), made("span", {}, said)), made("p", { class: "round" }, round));
    } else if (type === "chart") {
      const number = Number(key.slice(6));
      head.textContent = titles[number] || "";
      chart(body, board.charts[number], curves[number], titles[number] || "");
    }
  }
  if (held && held[0]) {
    const again = [...held[0].querySelectorAll("button.row")].find((one) => one.dataset.name === held[1]);
    if (again) again.focus({ preventScroll: true });
  }
}

function drawn(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Curves with what stands beside and under them, as large as there is room; at its end each has its number. */
function chart(box, { percent, below }, curves, title) {
  const width = box.clientWidth, height = box.clientHeight;
  const known = [...curves.values()].flat().filter((value) => value !== null);
  if (!known.length || width < 80 || height < 40) { box.replaceChildren(made("p", { class: "none" }, "nothing yet")); return; }
  const picture = drawn("svg", { width, height, role: "img", "aria-label": title });
  const low = below.length ? Math.min(0, ...known) : Math.min(...known), top = Math.max(...known, below.length ? 0 : -Infinity), high = top > low ? top : low + 1;
  const longest = Math.max(...[...curves.values()].map((curve) => curve.length)), of = Math.max(below.length || longest, 1);
  const said = (value) => percent ? `${Math.round(value * 100)}%` : Math.round(value).toLocaleString("en");
  const shares = top > low ? [0, 0.5, 1] : [0];
  const left = 8 + 7 * Math.max(...shares.map((share) => said(low + (high - low) * share).length)), right = width - 20, foot = height - (below.length ? 18 : 6), roof = 8;
  const x = (n) => left + (right - left) * (of > 1 || below.length ? (n + 1) / of : 1), y = (value) => foot - (foot - roof) * (value - low) / (high - low);
  for (const share of shares) {
    const value = low + (high - low) * share;
    picture.append(drawn("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "grid" }));
    picture.append(drawn("text", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, said(value)));
  }
  below.forEach((text, n) => {
    if (!text) return;
    picture.append(drawn("line", { x1: x(n), x2: x(n), y1: foot, y2: foot + 3, class: "grid" }));
    picture.append(drawn("text", { x: Math.min(x(n), width - 3.5 * text.length), y: foot + 15, "text-anchor": "middle" }, text));
  });
  const looked = numberOf.get(now.selected);
  const ends = [];
  for (const [number, curve] of [...curves].sort((a, b) => (a[0] === looked) - (b[0] === looked) || a[0] - b[0])) {
    const colour = number === NOBODY ? "#6d5f72" : colourOf(number);
    const faint = looked !== undefined && number !== looked && number !== NOBODY;
    const style = { stroke: colour, "stroke-width": number === looked || number === NOBODY ? 3 : 1.8, "stroke-dasharray": number === NOBODY ? "" : dashOf(number), opacity: faint ? 0.25 : 1, fill: "none", "data-curve": number };
    let piece = [], last = null;
    const close = () => {
      if (piece.length === 1) picture.append(drawn("circle", { ...style, cx: piece[0][0], cy: piece[0][1], r: 2, fill: colour }));
      else if (piece.length) picture.append(drawn("polyline", { ...style, points: piece.map((at) => at.map((one) => one.toFixed(1)).join(",")).join(" ") }));
      piece = [];
    };
    curve.forEach((value, n) => { if (value === null) close(); else { last = [x(n), y(value)]; piece.push(last); } });
    close();
    if (number !== NOBODY && last) ends.push({ number, colour, at: last, faint });
  }
  const taken = []; // where numbers stand: each beside its curve's end, or as near to it as there is room
  ends.forEach((end) => {
    const free = (line) => line >= roof && line <= foot && !taken.some(([x0, y0]) => Math.abs(x0 - end.at[0]) < 10 && Math.abs(y0 - line) < 11);
    const beside = Array.from({ length: 2 * height }, (_, n) => end.at[1] + (n % 2 ? -1 : 1) * Math.ceil(n / 2)).find(free);
    end.line = beside === undefined ? end.at[1] : beside;
    taken.push([end.at[0], end.line]);
    picture.append(drawn("text", { x: end.at[0] + 4, y: end.line + 4, fill: end.colour, class: "end", opacity: end.faint ? 0.3 : 1 }, String(end.number + 1)));
  });
  box.replaceChildren(picture);
}

/** Of somebody the rows on the sheets, and what was decided so far. */
function standingOf(name, tick) {
  const found = [];
  for (const [type, key, title] of board.columns.flat()) {
    if (type !== "rows" || key === "bids" || key === "trades") continue;
    const row = (sheetAt(key, tick) || []).find((one) => one[1] === name);
    if (row) found.push(made("h3", {}, title), made("ul", { class: "mine" }, made("li", {}, made("p", {}, row[2]), row[3] || row[4] ? made("small", {}, [row[3], row[4]].filter(Boolean).join(" · ")) : null)));
  }
  const rows = (run.minds[name] || {}).decided || [], done = rows.slice(0, upTo(rows, tick) + 1).reverse();
  if (done.length) found.push(made("h3", {}, `Decided (${done.length}), the latest on top`), made("ul", { id: "decided" }, ...done.slice(0, 100).map(([at, why, answer]) => (
    made("li", {}, answer || "nothing", made("br"), made("small", {}, `${timeText(at)} · ${why}`))))));
  return found;
}
