"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  let rows, words, lowered;
  function load() {
    rows = JSON.parse(id("rows").textContent);
    words = JSON.parse(id("words").textContent);
    lowered = new Array(rows.length);
  }
  load();
  // The places in a row, in a reason and in an attempt.
  const ROW = 0, UID = 1, NAME = 2, OUTCOME = 3, REASON = 4, ATTEMPT = 5, SOURCE = 6, SIGHTING = 7,
    LINE = 8, PLACE = 9;
  const DETAIL = 0, CODE = 1;
  const BATCH = 0, TRIES = 1, REQUEST = 2, TRACE = 3, AT = 4;
  // More rows than this are not printed: nobody reads so much paper.
  const MOST_PRINTED = 2000;
  // Rows that are drawn beyond both ends of the view.
  const BEYOND = 8;

  const view = id("view"), body = id("body"), search = id("search"), file = id("file"), clear = id("clear");
  const hasRequests = document.querySelector("thead .c-request") !== null;
  const number = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u00a0");

  // Which rows are chosen, by their place in `rows`.
  let chosen = rows.map((_, at) => at);
  const outcomes = new Set();

  const textOf = (at) => {
    if (lowered[at] === undefined) {
      lowered[at] = (rows[at][UID] + "\n" + rows[at][NAME]).toLowerCase();
    }
    return lowered[at];
  };
  const holds = (text, query) => text.toLowerCase().includes(query);

  function choose() {
    const query = search.value.trim().toLowerCase();
    const source = file && file.selectedIndex > 0 ? file.value : null;
    // What many rows share is searched once.
    const reasons = words.reasons.map((reason) => query !== "" && reason.some((text) => holds(text, query)));
    const attempts = words.attempts.map(
      (attempt) => query !== "" && (holds(attempt[REQUEST], query) || holds(attempt[TRACE], query)),
    );
    const sightings = words.sightings.map((text) => query !== "" && holds(text, query));
    chosen = [];
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at];
      if (outcomes.size > 0 && !outcomes.has(row[OUTCOME])) continue;
      if (source !== null && words.sources[row[SOURCE]] !== source) continue;
      if (query === "" || textOf(at).includes(query) || reasons[row[REASON]] || attempts[row[ATTEMPT]] ||
          sightings[row[SIGHTING]] || String(row[ROW]) === query) {
        chosen.push(at);
      }
    }
    const all = chosen.length === rows.length;
    id("found").textContent = all
      ? number(rows.length) + (rows.length === 1 ? " row" : " rows")
      : number(chosen.length) + " of " + number(rows.length) + " rows";
    clear.hidden = query === "" && outcomes.size === 0 && source === null;
    drawn = null;
  }

  function chooseAnew() {
    choose();
    view.scrollTop = 0;
    draw();
  }

  const element = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const outcome = (row) => {
    const word = words.outcomes[row[OUTCOME]];
    const cell = element("td", "c-outcome");
    cell.append(element("i", "swatch o-" + word), word);
    return cell;
  };

  // `place` is the row's place among the chosen.
  function tableRow(place) {
    const row = rows[chosen[place]];
    const reason = words.reasons[row[REASON]];
    const line = element("tr");
    line.setAttribute("aria-rowindex", String(place + 2));
    const name = element("td", "c-name");
    const open = element("button", row[NAME].trim() === "" ? "open blank" : "open", row[NAME].trim() === "" ? "no name" : row[NAME]);
    open.type = "button";
    open.dataset.place = String(place);
    open.title = row[NAME];
    name.append(open, element("span", "sub", row[UID]));
    const uid = element("td", "c-uid", row[UID]);
    uid.title = row[UID];
    const why = element("td", "c-reason", reason[CODE] === "" ? reason[DETAIL] : reason[DETAIL] + " (" + reason[CODE] + ")");
    const seen = words.sightings[row[SIGHTING]];
    if (seen !== "") why.append(why.textContent === "" ? seen : "; " + seen);
    why.title = why.textContent;
    line.append(element("td", "c-row number", number(row[ROW])), name, uid, outcome(row), why);
    if (hasRequests) line.append(element("td", "c-request", words.attempts[row[ATTEMPT]][REQUEST]));
    return line;
  }

  // How many columns there are: a narrow window has fewer.
  const columns = () => [...id("list").tHead.rows[0].cells].filter((cell) => cell.getClientRects().length > 0).length;

  function pad(height) {
    const line = element("tr", "pad");
    line.setAttribute("aria-hidden", "true");
    const cell = element("td");
    cell.colSpan = columns();
    cell.style.height = height + "px";
    line.append(cell);
    return line;
  }

  // The height of a row: all have the same.
  let height = 36;
  // The first and the last place that are drawn.
  let drawn = null;

  function draw() {
    if (chosen.length === 0) {
      const line = element("tr", "nothing");
      const cell = element("td", "", rows.length === 0 ? "There are no rows." : "No row matches.");
      cell.colSpan = columns();
      line.append(cell);
      body.replaceChildren(line);
      id("list").setAttribute("aria-rowcount", "1");
      return;
    }
    const first = Math.max(0, Math.floor(view.scrollTop / height) - BEYOND);
    const last = Math.min(chosen.length, Math.ceil((view.scrollTop + view.clientHeight) / height) + BEYOND);
    if (drawn !== null && drawn[0] === first && drawn[1] === last) return;
    drawn = [first, last];
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.place : undefined;
    // If what has the keyboard is removed, Chromium lays out a list without rows, and scrolls it to its top.
    if (focused !== undefined) view.focus({ preventScroll: true });
    const top = view.scrollTop;
    const lines = document.createDocumentFragment();
    lines.append(pad(first * height));
    for (let place = first; place < last; place += 1) lines.append(tableRow(place));
    lines.append(pad((chosen.length - last) * height));
    body.replaceChildren(lines);
    if (view.scrollTop !== top) view.scrollTop = top;
    id("list").setAttribute("aria-rowcount", String(chosen.length + 1));
    // If it was scrolled out of view, the keyboard stays with the list.
    const again = focused === undefined ? null : button(Number(focused));
    if (again) again.focus({ preventScroll: true });
    measure();
  }

  const button = (place) => body.querySelector('button[data-place="' + place + '"]');

  function measure() {
    const line = body.querySelector("tr:not(.pad)");
    const found = line ? line.getBoundingClientRect().height : 0;
    if (found > 0 && Math.abs(found - height) > 0.01) {
      height = found;
      drawn = null;
      draw();
    }
  }

  // Brings a place into view and the keyboard to it.
  function go(place) {
    const to = Math.min(Math.max(place, 0), chosen.length - 1);
    const head = id("list").tHead.getBoundingClientRect().height;
    const top = to * height;
    if (top < view.scrollTop) view.scrollTop = top;
    const bottom = top + height + head;
    if (bottom > view.scrollTop + view.clientHeight) view.scrollTop = bottom - view.clientHeight;
    draw();
    const target = button(to);
    if (target) target.focus({ preventScroll: true });
  }

  function show(place) {
    const row = rows[chosen[place]];
    const reason = words.reasons[row[REASON]], attempt = words.attempts[row[ATTEMPT]];
    id("device-title").textContent = row[NAME].trim() === "" ? "Row " + number(row[ROW]) : row[NAME];
    const facts = [
      ["Row", number(row[ROW])],
      ["File", words.sources[row[SOURCE]]],
      ["In the file", words.places[row[PLACE]][0] + row[LINE] + words.places[row[PLACE]][1]],
      [hasRequests ? "UID" : "Id", row[UID], "code"],
      ["Outcome", words.outcomes[row[OUTCOME]]],
      ["Reason", reason[DETAIL]],
      ["Code", reason[CODE], "code"],
      ["Known since", attempt[AT]],
      ["Verified", words.sightings[row[SIGHTING]]],
      ["Sent", attempt[TRIES] === 1 ? "once" : number(attempt[TRIES]) + " times"],
      ["Batch", attempt[BATCH] === null ? "" : number(attempt[BATCH])],
      ["Request id", attempt[REQUEST], "code"],
      ["Trace id", attempt[TRACE], "code"],
    ];
    const list = document.createDocumentFragment();
    for (const [label, text, kind] of facts) {
      if (text !== "") list.append(element("dt", "", label), element("dd", kind || "", text));
    }
    id("facts").replaceChildren(list);
    id("device").showModal();
  }

  body.addEventListener("click", (event) => {
    const open = event.target.closest("button.open");
    if (open) show(Number(open.dataset.place));
  });
  view.addEventListener("keydown", (event) => {
    if (chosen.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = document.activeElement.dataset.place;
    const page = Math.max(1, Math.floor(view.clientHeight / height) - 2);
    const from = at === undefined ? Math.floor(view.scrollTop / height) - 1 : Number(at);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, PageDown: from + page, PageUp: from - page, Home: 0, End: chosen.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  let waiting = false;
  view.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  }, { passive: true });
  window.addEventListener("resize", () => {
    drawn = null;
    draw();
  });

  search.addEventListener("input", chooseAnew);
  if (file) file.addEventListener("change", chooseAnew);
  const filters = () => document.querySelectorAll("button.filter");
  document.querySelector(".filters").addEventListener("click", (event) => {
    const filter = event.target.closest("button.filter");
    if (filter === null) return;
    const which = Number(filter.dataset.outcome);
    const on = !outcomes.delete(which);
    if (on) outcomes.add(which);
    filter.setAttribute("aria-pressed", String(on));
    chooseAnew();
  });
  clear.addEventListener("click", () => {
    search.value = "";
    if (file) file.selectedIndex = 0;
    outcomes.clear();
    for (const filter of filters()) filter.setAttribute("aria-pressed", "false");
    chooseAnew();
    search.focus();
  });

  // A served page has read its rows again: what is chosen and where the list stands remain.
  document.addEventListener("rows", () => {
    load();
    const there = new Set();
    for (const filter of filters()) {
      const which = Number(filter.dataset.outcome);
      there.add(which);
      filter.setAttribute("aria-pressed", String(outcomes.has(which)));
    }
    for (const which of [...outcomes]) {
      if (!there.has(which)) outcomes.delete(which);
    }
    choose();
    draw();
  });

  // On paper the list stands last, and has all rows that are chosen, if they are not too many.
  const devices = id("devices");
  let following = null;
  window.addEventListener("beforeprint", () => {
    const lines = document.createDocumentFragment();
    const most = Math.min(chosen.length, MOST_PRINTED);
    for (let place = 0; place < most; place += 1) lines.append(tableRow(place));
    body.replaceChildren(lines);
    const cut = id("cut");
    cut.hidden = most === chosen.length;
    cut.textContent = "The first " + number(most) + " of " + number(chosen.length) +
      " rows. The CSV report has all of them.";
    following = devices.nextElementSibling;
    devices.parentElement.append(devices);
  });
  window.addEventListener("afterprint", () => {
    id("cut").hidden = true;
    devices.parentElement.insertBefore(devices, following);
    drawn = null;
    draw();
  });

  document.querySelector(".tools").hidden = false;
  view.hidden = false;
  chooseAnew();
})();
