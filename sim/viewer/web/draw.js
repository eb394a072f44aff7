"use strict";
// Draws the town at a tick: ground, things and people from north to south, roofs, light, words.

const TILE = 16, WIDE = 16, HIGH = 24, STEPS = 3;
const canvas = document.getElementById("town");
const pen = canvas.getContext("2d");
const dark = document.createElement("canvas");
const darkPen = dark.getContext("2d");
const camera = { x: 0, y: 0, zoom: 2, follow: null };
let pointer = null;

const art = {};
async function loadArt() {
  if (!run.art) return;
  await Promise.all(["ground", "strips", "roofs", "folk", "stuff"].map(async (name) => {
    const image = new Image();
    image.src = run.art[name];
    await image.decode();
    art[name] = image;
  }));
}

const housesOf = run.art ? run.art.houses.map(([x, y, w, h, left, top, width, height, at, row]) => (
  { x, y, w, h, left, top, width, height, at, row, shut: 1 })) : [];
const stripOf = new Map(run.art ? run.art.stripRows.map((row) => [row[0], row]) : []);
const holds = (house, x, y) => x >= house.x && x < house.x + house.w && y >= house.y && y < house.y + house.h;

function fit() {
  const ratio = window.devicePixelRatio || 1;
  for (const one of [canvas, dark]) { one.width = Math.max(1, canvas.clientWidth * ratio); one.height = Math.max(1, canvas.clientHeight * ratio); }
  camera.scale = ratio;
}
const zoomPx = () => camera.zoom * camera.scale;
const toMap = (sx, sy) => ({ x: camera.x + (sx * camera.scale - canvas.width / 2) / zoomPx() / TILE, y: camera.y + (sy * camera.scale - canvas.height / 2) / zoomPx() / TILE });
const toScreen = (x, y) => ({ x: (x - camera.x) * TILE * zoomPx() + canvas.width / 2, y: (y - camera.y) * TILE * zoomPx() + canvas.height / 2 });

function wholeTown() {
  if (!run.map) return;
  camera.follow = null;
  camera.zoom = Math.min(canvas.clientWidth / run.map[0], canvas.clientHeight / run.map[1]) / TILE;
  camera.x = run.map[0] / 2;
  camera.y = run.map[1] / 2;
}

/** Keeps what lies beyond the town out of the picture, as far as it is large enough. */
function keepOn() {
  for (const [axis, tiles, pixels] of [["x", run.map[0], canvas.width], ["y", run.map[1], canvas.height]]) {
    const half = pixels / zoomPx() / TILE / 2;
    camera[axis] = 2 * half >= tiles ? tiles / 2 : Math.max(half, Math.min(tiles - half, camera[axis]));
  }
}

function inSight(one) {
  const at = toScreen(one.x + 0.5, one.y + 0.5);
  return at.x > 0 && at.y > 0 && at.x < canvas.width && at.y < canvas.height;
}

/** Points at where most people are. */
function busiest(tick) {
  if (!run.map) return;
  const there = people.map((person) => personAt(person, tick)).filter(Boolean);
  camera.zoom = Math.max(1.5, Math.min(3, canvas.clientWidth / 40 / TILE));
  let best = -1;
  for (const one of there) {
    const near = there.filter((other) => Math.abs(other.x - one.x) < 14 && Math.abs(other.y - one.y) < 9);
    if (near.length > best) {
      best = near.length;
      const xs = near.map((other) => other.x), ys = near.map((other) => other.y);
      camera.x = (Math.min(...xs) + Math.max(...xs)) / 2;
      camera.y = (Math.min(...ys) + Math.max(...ys)) / 2;
    }
  }
}

function draw(tick, selected) {
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = "#1d1826";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  if (!run.map || !art.ground) return { there: [] };
  const there = people.map((person) => personAt(person, tick)).filter(Boolean);
  const chosen = there.find((one) => one.name === selected);
  if (camera.follow && chosen) { camera.x = chosen.x + 0.5; camera.y = chosen.y + 0.5; }
  keepOn();
  const corner = toScreen(0, 0), zoom = zoomPx();
  pen.setTransform(zoom, 0, 0, zoom, Math.round(corner.x), Math.round(corner.y));
  pen.imageSmoothingEnabled = zoom < 1;
  pen.drawImage(art.ground, 0, 0);
  const voices = bubblesAt(tick).map((voice) => ({ ...voice, at: there.find((one) => one.name === voice.over) })).filter((voice) => voice.at);
  openRoofs([chosen, ...voices.map((voice) => voice.at)].filter(Boolean));
  const things = thingsAt(tick);
  const hidden = (x, y) => housesOf.some((house) => house.shut > 0.5 && holds(house, Math.floor(x), Math.floor(y)));
  const beds = new Map(things.filter((thing) => thing.kind === "bed").map((bed) => [bed.x + "," + bed.y, bed]));
  const rows = [
    ...things.map((thing) => ({ y: thing.y, rank: 0, thing })),
    ...there.map((one) => ({ y: one.y, rank: 1, one })),
    ...housesOf.filter((house) => house.shut > 0).map((house) => ({ y: house.row, rank: 2, house })),
  ].sort((a, b) => a.y - b.y || a.rank - b.rank);
  for (const { thing, one, house } of rows) {
    if (house) drawRoof(house);
    else if (thing) drawThing(thing);
    else if (!hidden(one.x, one.y)) drawPerson(one, beds, one.name === selected);
  }
  shine(tick, things);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  const seen = there.filter((one) => !hidden(one.x, one.y));
  names(seen, selected);
  words(voices);
  return { there: seen };
}

/** Of houses that are pointed at, or in which somebody is who is looked at or talks. */
function openRoofs(shown) {
  for (const house of housesOf) {
    const looked = pointer && holds(house, Math.floor(pointer.x), Math.floor(pointer.y));
    const inside = shown.some((one) => holds(house, Math.floor(one.x), Math.floor(one.y)));
    const goal = looked || inside ? 0 : 1;
    house.shut += Math.max(-0.12, Math.min(0.12, goal - house.shut));
  }
}

/** Draws over a box, in pixels of the map, what stands south of a row. */
function cover(left, top, width, height, y) {
  const overhang = run.art.overhang;
  for (let row = Math.floor(y) + 1; row <= Math.floor(y) + overhang / TILE; row++) {
    const strip = stripOf.get(row);
    if (!strip) continue;
    const [, bx, by, bw, bh, at] = strip;
    const sy = row * TILE - overhang + by;
    const x0 = Math.max(left, bx), x1 = Math.min(left + width, bx + bw);
    const y0 = Math.max(top, sy), y1 = Math.min(top + height, sy + bh);
    if (x1 > x0 && y1 > y0) pen.drawImage(art.strips, x0 - bx, at + y0 - sy, x1 - x0, y1 - y0, x0, y0, x1 - x0, y1 - y0);
  }
}

const LIT = new Set(["hot", "warm", "burning", "glowing", "lit", "being lit", "candles lit"]);

function drawThing(thing) {
  const name = LIT.has(thing.state) ? "lit" : "";
  const [left, width, height] = run.art.stuffBoxes[thing.kind + "/" + name] || [0, 0, 0];
  if (!width) return;
  const x = thing.x * TILE + (TILE - width) / 2, y = (thing.y + 1) * TILE - height;
  pen.drawImage(art.stuff, left, 0, width, height, x, y, width, height);
  cover(x, y, width, height, thing.y);
}

function drawPerson(one, beds, chosen) {
  if (one.asleep) {
    for (const [dx, dy] of [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]]) {
      const bed = beds.get((one.x + dx) + "," + (one.y + dy));
      if (bed) {
        const x = bed.x * TILE, y = (bed.y + 1) * TILE - HIGH;
        pen.drawImage(art.folk, STEPS * 4 * WIDE, one.row * HIGH, WIDE, 14, x, y, WIDE, 14);
        return;
      }
    }
  }
  const step = one.walking ? [0, 1, 0, 2][Math.floor((one.x + one.y) * 2) & 3] : 0;
  const column = one.asleep ? STEPS * 4 : one.facing * STEPS + step;
  const x = Math.round(one.x * TILE), y = Math.round((one.y + 1) * TILE) - 1 - HIGH;
  pen.fillStyle = chosen ? "#ffd98a" : "#1d182660";
  pen.beginPath();
  pen.ellipse(x + 8, y + HIGH - 1, chosen ? 9 : 7, chosen ? 4 : 3, 0, 0, 7);
  pen.fill();
  pen.drawImage(art.folk, column * WIDE, one.row * HIGH, WIDE, HIGH, x, y, WIDE, HIGH);
  cover(x, y, WIDE, HIGH, one.y);
}

function drawRoof(house) {
  pen.globalAlpha = house.shut;
  pen.drawImage(art.roofs, 0, house.at, house.width, house.height, house.left, house.top, house.width, house.height);
  pen.globalAlpha = 1;
  if (house.shut >= 1) cover(house.left, house.top, house.width, house.height, house.row);
}

/** Multiplies the picture by the light: the sky's, and that of lamps, fires and windows. */
function shine(tick, things) {
  const light = lightAt(tick);
  if (light.lamps <= 0 && Math.min(light.r, light.g, light.b) === 255) return;
  darkPen.setTransform(1, 0, 0, 1, 0, 0);
  darkPen.globalCompositeOperation = "source-over";
  darkPen.fillStyle = `rgb(${light.r},${light.g},${light.b})`;
  darkPen.fillRect(0, 0, dark.width, dark.height);
  darkPen.setTransform(pen.getTransform());
  darkPen.globalCompositeOperation = "lighter";
  if (light.lamps > 0) {
    const shut = (x, y) => housesOf.some((house) => house.shut > 0.5 && holds(house, x, y));
    for (const thing of things) {
      const radius = run.art.glows[thing.kind];
      if (radius && (thing.kind === "lantern" || LIT.has(thing.state)) && !shut(thing.x, thing.y)) glow(thing.x * TILE + 8, thing.y * TILE, radius, light.lamps);
    }
    for (const [x, y, w, h] of run.art.panes) glow(x + w / 2, y + h + 4, 26, light.lamps * 0.5);
  }
  pen.save();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.globalCompositeOperation = "multiply";
  pen.drawImage(dark, 0, 0);
  pen.restore();
}

function glow(x, y, radius, strength) {
  const shade = darkPen.createRadialGradient(x, y, 1, x, y, radius);
  shade.addColorStop(0, `rgba(255,196,120,${0.85 * strength})`);
  shade.addColorStop(1, "rgba(255,196,120,0)");
  darkPen.fillStyle = shade;
  darkPen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
}

const FONT = 'system-ui, "Noto Sans", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';

function names(there, selected) {
  const size = 12 * camera.scale;
  pen.font = `600 ${size}px ${FONT}`;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  pen.lineJoin = "round";
  for (const one of there) {
    if (camera.zoom < 1.2 && one.name !== selected) continue;
    const at = toScreen(one.x + 0.5, one.y + 1);
    pen.lineWidth = 3 * camera.scale;
    pen.strokeStyle = "#1d1826d0";
    pen.strokeText(one.name, at.x, at.y + 2);
    pen.fillStyle = one.name === selected ? "#ffd98a" : "#fff";
    pen.fillText(one.name, at.x, at.y + 2);
  }
}

const LATIN = /[\u0000-\u2E7F]/;
const NO_START = "、。，．！？：；…—·～％）］｝〕〉》」』】〗”’々ー!?,.:;)]}%"; // begin no line
const NO_END = "（［｛〔〈《「『【〖“‘([{"; // end no line

/** Between the pieces a line may break: after blanks and beside letters that are not Latin, but not before what begins no line. */
function pieces(text) {
  const found = [];
  let last = " ";
  for (const char of text.trim().replace(/\s+/g, " ")) {
    const free = !(LATIN.test(last) && LATIN.test(char)) && !NO_START.includes(char) && !NO_END.includes(last);
    if (!found.length || (char !== " " && (last === " " || free))) found.push(char);
    else found[found.length - 1] += char;
    last = char;
  }
  return found;
}

/** Lines of at most so many pixels. */
function wrapped(text, width) {
  const lines = [];
  let line = "";
  for (const piece of pieces(text)) {
    if (line && pen.measureText((line + piece).trimEnd()).width > width) { lines.push(line.trimEnd()); line = ""; }
    line += piece;
  }
  if (line.trim()) lines.push(line.trimEnd());
  return lines;
}

/** Bubbles, none over another; their tails lie below all of them. */
function words(voices) {
  const scale = camera.scale, size = 13 * scale, pad = 7 * scale, gap = 17 * scale;
  const taken = [];
  voices.sort((a, b) => b.at.y - a.at.y);
  for (const voice of voices) {
    pen.font = `${size}px ${FONT}`;
    const lines = wrapped(voice.words, 230 * scale);
    const head = `${voice.speaker}${voice.to ? " to " + voice.to : ""}`;
    pen.font = `600 ${size * 0.82}px ${FONT}`;
    const headWidth = pen.measureText(head).width;
    pen.font = `${size}px ${FONT}`;
    const width = Math.max(headWidth, ...lines.map((line) => pen.measureText(line).width)) + 2 * pad;
    const height = gap * (lines.length + 1) + pad;
    const foot = toScreen(voice.at.x + 0.5, voice.at.y - 0.6);
    if (foot.x < -40 || foot.y < -40 || foot.x > canvas.width + 40 || foot.y > canvas.height + 40) continue;
    const box = { x: Math.max(4, Math.min(canvas.width - width - 4, foot.x - width / 2)), y: foot.y - height - 10 * scale, width, height };
    for (let tries = 0; tries < 40; tries++) {
      const other = taken.find((one) => box.x < one.x + one.width && one.x < box.x + box.width && box.y < one.y + one.height && one.y < box.y + box.height);
      if (!other) break;
      box.y = other.y - height - 4 * scale;
    }
    box.y = Math.max(4, box.y);
    taken.push({ ...box, foot, head, lines, age: voice.age });
  }
  for (const { x, y, width, height, foot, age } of taken) {
    const root = Math.max(x + 12, Math.min(x + width - 12, foot.x));
    bubblePen(age, scale);
    pen.beginPath();
    pen.moveTo(root - 6 * scale, y + height);
    pen.lineTo(foot.x, foot.y);
    pen.lineTo(root + 6 * scale, y + height);
    pen.stroke();
    pen.fill();
  }
  for (const { x, y, width, height, head, lines, age } of taken) {
    bubblePen(age, scale);
    pen.beginPath();
    pen.roundRect(x, y, width, height, 6 * scale);
    pen.fill();
    pen.stroke();
    pen.textAlign = "left";
    pen.textBaseline = "top";
    pen.fillStyle = "#6d5f72";
    pen.font = `600 ${size * 0.82}px ${FONT}`;
    pen.fillText(head, x + pad, y + pad * 0.7);
    pen.fillStyle = "#2e2438";
    pen.font = `${size}px ${FONT}`;
    lines.forEach((line, n) => pen.fillText(line, x + pad, y + pad * 0.5 + gap * (n + 1)));
  }
  pen.globalAlpha = 1;
}

function bubblePen(age, scale) {
  pen.globalAlpha = Math.min(1, (1 - age) * 5);
  pen.fillStyle = "#fffaf0";
  pen.strokeStyle = "#2e2438";
  pen.lineWidth = 1.5 * scale;
}
