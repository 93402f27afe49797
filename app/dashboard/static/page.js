// Theme, local times, live pages and the keys of grids. Every page works without this file.
const PERIOD = 15_000;
const root = document.documentElement;
const main = () => document.querySelector("main");

function theme() {
  const button = document.querySelector("#theme");
  const wanted = localStorage.getItem("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const tell = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  if (wanted === "dark" || wanted === "light") root.dataset.theme = wanted;
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    tell();
  });
  dark.addEventListener("change", tell);
  tell();
}

function localTimes(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    time.title = `${new Date(time.dateTime).toLocaleString()} (your time)`;
  }
}

const PLACES = "td[id], thead a, tbody th a";

function rove(table, stop) {
  for (const other of table.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
  stop.tabIndex = 0;
}

// One tab stop; arrows, Home and End move, also to the links of the heads; Enter follows them, or
// the cell's row and column.
function grid(table) {
  // the links of the heads are the first row and column; in the corner there is none
  const heads = [...table.tHead.rows].at(-1);
  const rows = [heads, ...table.tBodies[0].rows].map((row) => [...row.querySelectorAll(PLACES)]);
  rows[0].unshift(null);
  if (rows.length < 2 || rows[1].length < 2) return;
  for (const link of table.querySelectorAll("a")) link.tabIndex = -1;
  rove(table, table.querySelector("td.in[id]") ?? rows[1].at(-1));
  const title = (cell) => {
    const column = heads.cells[cell.cellIndex].querySelector("a");
    const row = cell.parentElement.cells[0];
    cell.title ||= `${row.innerText.trim()}, ${column.title}: ${cell.textContent.trim()}`;
  };
  const place = (cell) => [rows.findIndex((row) => row.includes(cell)), rows.find((row) => row.includes(cell))?.indexOf(cell)];
  const go = (y, x) => {
    const cell = rows[Math.max(0, Math.min(rows.length - 1, y))].at(Math.max(0, Math.min(rows[1].length - 1, x)));
    if (!cell) return;
    rove(table, cell);
    cell.focus();
  };
  const open = (cell) => {
    const column = table.tHead.rows[table.tHead.rows.length - 1].cells[cell.cellIndex].querySelector("a");
    const row = cell.parentElement.cells[0].querySelector("a");
    if (!column || !row) return;
    const url = new URL(column.href);
    url.searchParams.set("feature", new URL(row.href).searchParams.get("feature") ?? "");
    visit(url);
  };
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest(PLACES);
    if (!cell || event.altKey || event.metaKey) return;
    const [y, x] = place(cell);
    const moves = {
      ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1],
      Home: [event.ctrlKey ? 1 : y, 1], End: [event.ctrlKey ? rows.length - 1 : y, rows[1].length - 1],
    };
    if (event.key in moves) { go(...moves[event.key]); event.preventDefault(); }
    if (event.key === "Enter" && cell.matches("td")) { open(cell); event.preventDefault(); }
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td[id]");
    if (cell) open(cell);
  });
  for (const kind of ["pointerover", "focusin"]) {
    table.addEventListener(kind, (event) => {
      const cell = event.target.closest("td[id]");
      if (cell) title(cell);
    });
  }
}

// What is chosen is to be seen where a chart or grid is wider than its place.
function center(chosen) {
  const box = chosen?.closest(".scroll");
  if (!box) return;
  const [own, around] = [chosen.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollLeft += own.left - around.left - box.clientWidth / 2;
}

function prepare(first) {
  localTimes(main());
  if (first) for (const what of ["td.in[id]", ".timeline .here", ".rates .newest"]) center(main().querySelector(what));
  for (const table of main().querySelectorAll("table[role=grid]")) grid(table);
  for (const list of main().querySelectorAll("form[data-at-once] select")) {
    list.addEventListener("change", () => list.form.requestSubmit());
  }
}

let shown = main().outerHTML;
let asking = null;

function put(text, focused) {
  const next = new DOMParser().parseFromString(text, "text/html");
  const found = next.querySelector("main");
  if (!found || found.outerHTML === shown) return;
  const opened = [...main().querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
  const scrolled = [...main().querySelectorAll(".scroll[id]")].map((one) => [one.id, one.scrollLeft]);
  const said = main().querySelector("[data-verdict]")?.textContent.trim();
  shown = found.outerHTML;
  document.title = next.title;
  main().replaceWith(found);
  for (const [id, open] of opened) document.getElementById(id)?.toggleAttribute("open", open);
  for (const [id, left] of scrolled) document.getElementById(id)?.scrollTo({ left, behavior: "instant" });
  prepare(false);
  const again = focused && document.getElementById(focused);
  if (again) {
    const table = again.closest("table[role=grid]");
    if (table) rove(table, again);
    again.focus({ preventScroll: true });
  }
  const says = found.querySelector("[data-verdict]")?.textContent.trim();
  if (says && says !== said) document.querySelector("#said").textContent = says;
}

let seen = new Date();

function fresh() {
  seen = new Date();
  document.querySelector("#stale").hidden = true;
  light("on", `live, looked at ${seen.toLocaleTimeString()}`);
}

function stale(why) {
  const told = `This page is as of ${seen.toLocaleString()}. ${why} It looks again by itself.`;
  const banner = document.querySelector("#stale");
  // said once: who listens need not hear it every fifteen seconds
  if (banner.textContent !== told) banner.textContent = told;
  banner.hidden = false;
  light("lost", `not live since ${seen.toLocaleTimeString()}`);
}

function light(state, text) {
  const live = document.querySelector("#live");
  live.dataset.state = state;
  live.textContent = text;
}

// What the service says of itself, or of a key, takes nothing away from what is shown.
const failed = (answer) => answer.status >= 500 || [401, 403, 408, 429].includes(answer.status);

async function load(url) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(url, { cache: "no-cache", signal: asking.signal, headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (failed(answer)) return answer.status;
  put(text, main().contains(document.activeElement) ? document.activeElement.id : "");
  fresh();
  return 0;
}

async function visit(url) {
  try {
    if (await load(url)) location.assign(url);
    else history.pushState(null, "", url);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

async function look() {
  // a page that could not be made is asked for again by the browser
  if (document.hidden || main().querySelector("form :focus, [data-again]")) return;
  try {
    const status = await load(location.href);
    if (status) stale(`The service answers with an error (${status}).`);
  } catch (error) {
    if (error.name !== "AbortError") stale("The service does not answer.");
  }
}

theme();
prepare(true);
light("on", "live");
addEventListener("popstate", () => load(location.href).then((status) => status && location.reload(), () => location.reload()));
document.addEventListener("visibilitychange", look);
setInterval(look, Number(root.dataset.period) || PERIOD);
