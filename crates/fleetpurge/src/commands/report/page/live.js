"use strict";
// Keeps a served page up to date: the totals as they change, the list of devices when it is asked for, or when a run ends.
(() => {
  const id = (name) => document.getElementById(name);
  // The address has the token; what is asked for lies beside the page.
  const here = location.pathname.replace(/\/*$/, "/");
  // What changes with every look at the plan, and what is read anew with the list.
  const MOMENT = ["verdict", "meta", "now", "totals", "whys", "runs", "attempts"];
  const ALL = [...MOMENT, "requests", "anomalies", "verifications", "rows", "words"];
  const link = id("link"), stale = id("stale");

  const tell = (text) => {
    if (link.textContent !== text) link.textContent = text;
    link.hidden = text === "";
  };
  // A document made so runs no script. Its texts were escaped by the templates that made the page.
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
  const take = (from, names) => {
    for (const name of names) {
      const fresh = from.getElementById(name), old = id(name);
      if (fresh && old && !fresh.isEqualNode(old)) old.replaceWith(document.adoptNode(fresh));
    }
  };
  const seen = () => id("now").dataset.seen;
  const isUnderWay = () => id("now").dataset.state === "under-way";

  const at = () => id("now").dataset.at;

  // The list, the requests and the anomalies are of this moment.
  let listed = seen(), listedAt = at();
  // Whether it is being read again, and whether it changed meanwhile.
  let asking = false, again = false;
  const compare = () => {
    const isStale = seen() !== listed;
    if (isStale && stale.hidden) {
      id("since").textContent = "The plan has changed since " + listedAt + ", when this list was read, with the requests and the anomalies below it.";
    }
    stale.hidden = !isStale;
  };

  async function refresh() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    again = false;
    try {
      const reply = await fetch(here, { cache: "no-store" });
      const fresh = parsed(await reply.text());
      if (!reply.ok || fresh.getElementById("rows") === null) {
        const why = fresh.querySelector(".loud");
        tell(why ? why.textContent : "The list could not be read again.");
        return;
      }
      const focused = document.activeElement && document.activeElement.dataset.outcome;
      const had = document.activeElement === id("refresh");
      take(fresh, ALL);
      document.querySelector(".filters").replaceChildren(...fresh.querySelector(".filters").children);
      document.dispatchEvent(new Event("rows"));
      listed = seen();
      listedAt = at();
      compare();
      const filter = focused && document.querySelector('.filter[data-outcome="' + focused + '"]');
      if (filter) filter.focus({ preventScroll: true });
      // The button is gone: the keyboard goes on at the list that it was for.
      if (had && stale.hidden) id("view").focus({ preventScroll: true });
    } catch {
      tell("The list could not be read again: fleetpurge serve does not answer.");
    } finally {
      asking = false;
      if (again) refresh();
    }
  }
  id("refresh").addEventListener("click", refresh);

  const events = new EventSource(here + "events");
  events.addEventListener("message", (event) => {
    tell("");
    take(parsed(event.data), MOMENT);
    compare();
    // Before a run and after it little changes, and the list is the report.
    if (!isUnderWay() && seen() !== listed) refresh();
  });
  // The plan's file is not where it was.
  events.addEventListener("absent", (event) => tell(event.data));
  events.addEventListener("end", (event) => {
    events.close();
    tell(event.data);
  });
  events.addEventListener("error", () => {
    tell("The connection to fleetpurge serve is lost. What this page shows is of the time that stands under Now.");
  });
})();
