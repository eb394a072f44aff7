"use strict";
// What the run holds at a tick: everything here is a question to the data, nothing is drawn.

const run = JSON.parse(document.getElementById("run").textContent);
const FACINGS = ["down", "right", "up", "left"];
const START = Date.parse(run.start + "Z");

/** The index of the last row whose first number is at most the tick; -1 for none. */
function upTo(rows, tick) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] <= tick) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** The columns of differences as rows. */
function rowsOf(columns) {
  const sums = columns.map(() => 0);
  return columns[0].map((_, n) => columns.map((column, k) => (sums[k] += column[n])));
}

const people = run.people.map((person, row) => ({ name: person.name, row, track: rowsOf(person.track) }));
const byName = new Map(people.map((person) => [person.name, person]));

function dateAt(tick) { return new Date(START + tick * run.tickSeconds * 1000); }

function timeText(tick) {
  const date = dateAt(tick);
  return date.toISOString().slice(11, 16);
}

function dayAt(tick) {
  const day = 86400000;
  return Math.floor(dateAt(tick) / day) - Math.floor(START / day) + 1;
}

/** Where somebody is and how, between two ticks too; null before they are there. */
function personAt(person, tick) {
  const n = upTo(person.track, tick);
  if (n < 0) return null;
  const [, x, y, facing, word, asleep, goal] = person.track[n];
  const state = { name: person.name, row: person.row, x, y, facing, activity: run.words[word], asleep: !!asleep, goal: run.words[goal], walking: false };
  const next = person.track[n + 1];
  if (next && next[0] - tick <= 1) {
    const dx = next[1] - x, dy = next[2] - y;
    if ((dx || dy) && Math.abs(dx) + Math.abs(dy) <= 2) {
      const part = Math.max(0, tick - (next[0] - 1));
      Object.assign(state, { x: x + dx * part, y: y + dy * part, facing: next[3], walking: true, asleep: false });
    }
  }
  return state;
}

/** Each thing with its state at a tick. */
const thingRows = new Map();
for (const row of run.things) {
  if (!thingRows.has(row[1])) thingRows.set(row[1], []);
  thingRows.get(row[1]).push(row);
}
function thingsAt(tick) {
  const found = [];
  for (const rows of thingRows.values()) {
    const n = upTo(rows, tick);
    if (n >= 0) { const [, path, kind, x, y, state] = rows[n]; found.push({ path, kind, x, y, state }); }
  }
  return found;
}

const LONGEST = run.said.reduce((most, said) => Math.max(most, said[5]), 0);

/** What hangs in the air: of each person the last words, as long as they show. */
function bubblesAt(tick) {
  const shown = new Map();
  for (let n = upTo(run.said, tick); n >= 0 && tick - run.said[n][0] < LONGEST; n--) {
    const [at, over, speaker, to, words, life] = run.said[n];
    if (tick - at < life && !shown.has(over)) shown.set(over, { over, speaker, to, words, age: (tick - at) / life });
  }
  return [...shown.values()].reverse();
}

/** What white looks like, and how much lamps show, at a tick. */
function lightAt(tick) {
  const date = dateAt(tick);
  const hour = date.getUTCHours() + date.getUTCMinutes() / 60 + date.getUTCSeconds() / 3600;
  for (let n = 1; n < run.hours.length; n++) {
    const before = run.hours[n - 1], after = run.hours[n];
    if (hour <= after[0]) {
      const part = (hour - before[0]) / (after[0] - before[0]);
      const [r, g, b, lamps] = [1, 2, 3, 4].map((k) => before[k] + (after[k] - before[k]) * part);
      return { r: Math.round(r), g: Math.round(g), b: Math.round(b), lamps };
    }
  }
  return { r: 255, g: 255, b: 255, lamps: 0 };
}

/** The last of a mind's rows of a kind that fits; null for none. */
function lastOf(name, kind, tick, fits = () => true) {
  const rows = (run.minds[name] || {})[kind] || [];
  for (let n = upTo(rows, tick); n >= 0; n--) if (fits(rows[n])) return rows[n];
  return null;
}

function memoriesAt(name, tick) {
  const rows = (run.minds[name] || {}).memories || [];
  return rows.slice(0, upTo(rows, tick) + 1).map(([at, id, kind, text, importance, from, evidence]) => (
    { at, id, kind, text, importance, from, evidence }));
}
