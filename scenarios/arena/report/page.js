"use strict";
(async () => {
  const byId = (id) => document.getElementById(id);
  const rows = byId("rows"), story = byId("story"), who = byId("who"), order = byId("order"), more = byId("more");
  const STEP = 200;
  let shown = STEP, listed = [], open = "";

  const raw = Uint8Array.from(atob(byId("data").textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { games, texts } = await new Response(stream).json();
  // One line a contestant's seat; a game without one was not played to its end.
  const all = games.flatMap((game) =>
    (game.seats.length ? game.seats : [[game.key.split(".").slice(2).join("."), "", null, null, 0, 0, 0, 0, []]])
      .map(([strategy, seat, profit, benchmark, tokens, calls, invalid, seconds, goals]) =>
        ({ game, strategy, seat, profit, benchmark, tokens, calls, invalid, seconds, goals })));

  const element = (tag, text = "", kind = "") => {
    const made = document.createElement(tag);
    if (text !== "") made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const number = (value) => (value === null ? "" : Math.round(value * 100) / 100).toLocaleString("en");
  const ORDERS = {
    play: () => 0,
    worst: (a, b) => (a.profit ?? Infinity) - (b.profit ?? Infinity),
    best: (a, b) => (b.profit ?? -Infinity) - (a.profit ?? -Infinity),
    tokens: (a, b) => b.tokens - a.tokens,
  };

  function list() {
    listed = all.filter((one) => !who.value || one.strategy === who.value).sort(ORDERS[order.value]);
    rows.replaceChildren(...listed.slice(0, shown).map(row));
    more.hidden = listed.length <= shown;
    byId("count").textContent = `${listed.length.toLocaleString("en")} of ${all.length.toLocaleString("en")}`;
  }

  function row(one) {
    const made = element("tr", "", one.game.key === open ? "open" : "");
    made.tabIndex = 0;
    made.dataset.key = one.game.key;
    const name = element("td");
    const patch = element("i");
    patch.style.background = COLOURS[one.strategy] ?? "#8b94a0";
    name.append(patch, one.strategy);
    const figures = [one.seat, one.game.fault ? "fault" : number(one.profit)];
    if (HAS_BENCHMARK) figures.push(number(one.benchmark));
    if (HAS_TOKENS) figures.push(number(one.tokens));
    made.append(element("td", one.game.key.split(".").slice(0, 2).join(".")), name, ...figures.map((said) => element("td", String(said))));
    made.addEventListener("click", () => show(one.game.key));
    made.addEventListener("keydown", (event) => { if (event.key === "Enter") show(one.game.key); });
    return made;
  }

  function show(key) {
    const game = games.find((one) => one.key === key);
    if (!game) return;
    open = key;
    history.replaceState(null, "", `#game=${encodeURIComponent(key)}`);
    for (const line of rows.children) line.classList.toggle("open", line.dataset.key === key);
    const seats = all.filter((one) => one.game === game && one.seat !== "");
    const head = [element("h3", `Game ${key.split(".").slice(0, 2).join(".")}`)];
    for (const one of seats) {
      const beside = one.benchmark === null ? "" : `, the benchmark ${number(one.benchmark)}`;
      const cost = one.calls ? `; ${one.calls} calls, ${number(one.tokens)} tokens, ${number(one.seconds)} s` : "";
      const goals = one.goals.length ? `; ${one.goals.join(", ")}` : "";
      head.push(element("p", `${one.strategy} as ${one.seat} made ${number(one.profit)}${beside}${cost}${goals}.`, "made"));
    }
    let when = "";
    const steps = game.story.map((one) => { const made = step(one, one[0] !== when); when = one[0]; return made; });
    story.replaceChildren(...head, ...steps);
    story.scrollTop = 0;
  }

  function step([when, kind, text, shared], isNew) {
    const made = element("div", "", `step ${kind}`);
    const body = element("div");
    if (shared >= 0) {
      const before = element("details");
      before.append(element("summary", "the shared part before it"), element("pre", texts[shared]));
      body.append(before);
    }
    body.append(element("pre", text));
    const said = element("b", kind);
    if (when && isNew) said.append(element("time", when));
    made.append(said, body);
    return made;
  }

  who.addEventListener("change", () => { shown = STEP; list(); });
  order.addEventListener("change", () => { shown = STEP; list(); });
  more.addEventListener("click", () => { shown += STEP; list(); });
  list();
  if (location.hash.startsWith("#game=")) show(decodeURIComponent(location.hash.slice(6)));
  document.documentElement.dataset.ready = "yes";
})();
