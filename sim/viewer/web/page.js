"use strict";
// Time, keys and mouse.

const slider = document.getElementById("tick");
const clockBox = document.getElementById("clock");
const playButton = document.getElementById("play");
const speedBox = document.getElementById("speed");
const whoBox = document.getElementById("who");
const marksBox = document.getElementById("marks");
const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 30, 60];
const now = { tick: run.first, playing: false, selected: null, there: [] };

const perTick = run.tickSeconds / 60; // game minutes
const choices = run.map ? SPEEDS : [0.5, 1, 2, 4, 8, 16].map((ticks) => ticks * perTick);
const speeds = choices.some((speed) => Math.abs(speed - run.speed) < 1e-9 * speed) ? choices : [...choices, run.speed].sort((a, b) => a - b);
for (const speed of speeds) speedBox.append(new Option(run.map ? `${speed} min/s` : `${+(speed / perTick).toFixed(2)} ${board && board.kind === "exchange" ? "periods" : "ticks"}/s`, speed));
speedBox.selectedIndex = speeds.findIndex((speed) => Math.abs(speed - run.speed) < 1e-9 * speed);
if (!run.map) speedBox.title = "How fast it plays";
for (const name of new Set([...people.map((person) => person.name), ...Object.keys(run.minds)])) whoBox.append(new Option(name, name));
slider.min = run.first;
slider.max = run.last;
document.getElementById("hint").hidden = !run.map && !board;

function seek(tick) {
  now.tick = Math.max(run.first, Math.min(run.last, tick));
  const there = people.map((person) => personAt(person, now.tick)).filter(Boolean);
  if (!camera.follow && there.length && !there.some(inSight)) busiest(now.tick);
  refresh();
}

function select(name) {
  now.selected = name;
  camera.follow = name;
  whoBox.value = name || "";
  refresh();
}

function play(on = !now.playing) {
  if (on && now.tick >= run.last) now.tick = run.first;
  now.playing = on;
  playButton.textContent = on ? "Pause" : "Play";
  document.getElementById("hint").classList.add("gone");
}

function toMark(forward) {
  const ticks = run.marks.map((mark) => mark[0]);
  const next = forward ? ticks.find((tick) => tick > now.tick) : ticks.filter((tick) => tick < Math.floor(now.tick)).pop();
  if (next !== undefined) seek(next);
}

/** What is beside the picture; the picture itself is drawn with each frame. */
function refresh() {
  slider.value = Math.round(now.tick);
  const day = run.last - run.first > 86400 / run.tickSeconds || dayAt(run.last) > 1 ? `day ${dayAt(now.tick)}  ` : "";
  clockBox.textContent = day + timeText(now.tick);
  slider.setAttribute("aria-valuetext", clockBox.textContent);
  showPanel(now.selected, now.tick);
  showSale(now.tick);
  showBoard(now.tick);
  showLog(now.tick);
}

function paintMarks() {
  const ratio = window.devicePixelRatio || 1, box = marksBox.getBoundingClientRect();
  marksBox.width = box.width * ratio;
  marksBox.height = box.height * ratio;
  const brush = marksBox.getContext("2d"), span = Math.max(1, run.last - run.first), slots = Math.max(1, Math.floor(box.width / 4));
  const counts = new Array(slots).fill(0);
  const slot = (tick) => Math.min(slots - 1, Math.floor((tick - run.first) / span * slots));
  for (const [tick] of run.captions) if (tick >= run.first) counts[slot(tick)]++;
  const most = Math.max(1, ...counts);
  brush.fillStyle = "#c9b48a80";
  counts.forEach((count, n) => brush.fillRect(n * marksBox.width / slots, marksBox.height * (0.62 - 0.6 * count / most), marksBox.width / slots - 1, marksBox.height * 0.6 * count / most));
  const rows = { speech: ["#d9952b", 0.1], plan: ["#7a4f9a", 0.26], reflection: ["#2f6f9f", 0.42], sale: ["#2e2438", 0.02] };
  for (const [tick, kind] of run.marks) {
    if (tick < run.first || !rows[kind]) continue;
    brush.fillStyle = rows[kind][0];
    brush.fillRect((tick - run.first) / span * (marksBox.width - 2), marksBox.height * rows[kind][1], 2 * ratio, marksBox.height * 0.16);
  }
}

let before = performance.now(), told = 0;
function frame(at) {
  const seconds = Math.min(0.1, (at - before) / 1000);
  before = at;
  if (now.playing) {
    now.tick = Math.min(run.last, now.tick + seconds * Number(speedBox.value) * 60 / run.tickSeconds);
    if (now.tick >= run.last) play(false);
    if (at - told > 200) { told = at; refresh(); }
  }
  now.there = draw(now.tick, now.selected).there;
  requestAnimationFrame(frame);
}

playButton.addEventListener("click", () => play());
slider.addEventListener("input", () => seek(Number(slider.value)));
whoBox.addEventListener("change", () => select(whoBox.value || null));
window.addEventListener("resize", () => { fit(); paintMarks(); });
new ResizeObserver(fit).observe(canvas);

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=search], select")) { if (event.key === "Escape") event.target.blur(); return; }
  const keys = {
    " ": () => play(), ".": () => seek(Math.floor(now.tick) + 1), ",": () => seek(Math.ceil(now.tick) - 1),
    n: () => toMark(true), b: () => toMark(false), Home: () => seek(run.first), End: () => seek(run.last), "0": wholeTown,
    "+": () => (camera.zoom = Math.min(6, camera.zoom * 1.2)), "-": () => (camera.zoom = Math.max(0.3, camera.zoom / 1.2)),
    f: () => (camera.follow = camera.follow ? null : now.selected), Escape: () => select(null),
    ...(run.map ? { ArrowLeft: () => pan(3, 0), ArrowRight: () => pan(-3, 0), ArrowUp: () => pan(0, 3), ArrowDown: () => pan(0, -3) } : {}),
  };
  if (!run.map) Object.assign(keys, { ArrowLeft: keys[","], ArrowRight: keys["."] });
  if (event.target === slider && event.key.startsWith("Arrow")) return;
  if (event.target.matches("button") && event.key === " ") return;
  if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) { keys[event.key](); event.preventDefault(); }
});

function pan(dx, dy) { camera.follow = null; camera.x -= dx; camera.y -= dy; }

let pressed = null;
canvas.addEventListener("pointerdown", (event) => { pressed = { x: event.offsetX, y: event.offsetY, moved: false }; canvas.setPointerCapture(event.pointerId); });
canvas.addEventListener("pointermove", (event) => {
  pointer = run.map ? toMap(event.offsetX, event.offsetY) : null;
  if (!pressed) return;
  const dx = event.offsetX - pressed.x, dy = event.offsetY - pressed.y;
  if (pressed.moved || Math.abs(dx) + Math.abs(dy) > 4) {
    pan(dx / camera.zoom / TILE, dy / camera.zoom / TILE);
    pressed = { x: event.offsetX, y: event.offsetY, moved: true };
  }
});
canvas.addEventListener("pointerup", (event) => {
  if (pressed && !pressed.moved && run.map) {
    const at = toMap(event.offsetX, event.offsetY);
    const hit = now.there.filter((one) => one.x - 0.2 <= at.x && at.x <= one.x + 1.2 && one.y - 0.7 <= at.y && at.y <= one.y + 1.2).sort((a, b) => b.y - a.y)[0];
    select(hit ? hit.name : null);
  }
  pressed = null;
});
canvas.addEventListener("pointerleave", () => { pointer = null; });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  if (!run.map) return;
  const at = toMap(event.offsetX, event.offsetY);
  camera.zoom = Math.max(0.3, Math.min(6, camera.zoom * Math.exp(-event.deltaY / 500)));
  const then = toMap(event.offsetX, event.offsetY);
  camera.x += at.x - then.x;
  camera.y += at.y - then.y;
}, { passive: false });

buildBoard();
fit();
loadArt().then(() => {
  busiest(now.tick);
  if (run.follow) select(run.follow);
  paintMarks();
  refresh();
  document.body.dataset.ready = "yes";
  requestAnimationFrame(frame);
});
