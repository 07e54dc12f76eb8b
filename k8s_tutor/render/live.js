// The live picture's front end. Python sends whole pictures; here only what differs is touched: cards are known by
// their data-id and lines by their data-edge, so that a card that moves is seen moving and a focused one stays focused.

const MOVE = { duration: 450, easing: "ease-in-out" };
const FADE = { duration: 350, easing: "ease-out" };

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function parsed(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  root.querySelector(":scope > title")?.remove(); // else it hovers over the whole picture; the label says it
  return document.importNode(root, true);
}

function keyed(group, key) {
  const found = new Map();
  for (const child of group.children) {
    if (!child.dataset.leaving) found.set(child.getAttribute(key), child);
  }
  return found;
}

function place(element) {
  const [x, y] = (element.getAttribute("transform") || "translate(0,0)").slice(10, -1).split(",").map(Number);
  return { x, y };
}

function copyAttributes(from, to) {
  for (const { name } of [...to.attributes]) if (!from.hasAttribute(name)) to.removeAttribute(name);
  for (const { name, value } of from.attributes) if (to.getAttribute(name) !== value) to.setAttribute(name, value);
}

function leave(element) {
  if (still()) return element.remove();
  element.dataset.leaving = "true";
  element.setAttribute("aria-hidden", "true");
  element.removeAttribute("tabindex");
  element.animate([{ opacity: 1 }, { opacity: 0 }], FADE).finished.finally(() => element.remove());
}

function enter(element) {
  if (!still()) element.animate([{ opacity: 0 }, { opacity: 1 }], FADE);
}

function change(old, fresh, moves) {
  const before = place(old);
  const after = place(fresh);
  copyAttributes(fresh, old);
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  if (!moves || still() || (before.x === after.x && before.y === after.y)) return;
  const at = ({ x, y }) => ({ transform: `translate(${x}px, ${y}px)` });
  old.animate([at(before), at(after)], MOVE);
}

function merge(group, fresh, key, moves) {
  const old = keyed(group, key);
  for (const element of [...fresh.children]) {
    const known = old.get(element.getAttribute(key));
    if (known) {
      old.delete(element.getAttribute(key));
      change(known, element, moves);
    } else {
      group.append(element);
      enter(element);
    }
  }
  for (const element of old.values()) leave(element);
}

function redraw(stage, text) {
  const fresh = parsed(text);
  const svg = stage.querySelector("svg");
  if (!svg) return stage.replaceChildren(fresh);
  copyAttributes(fresh, svg);
  for (const name of [":scope > desc", ":scope > .page", ":scope > .lanes"]) {
    const element = fresh.querySelector(name);
    if (element) svg.querySelector(name)?.replaceWith(element);
  }
  svg.querySelectorAll(":scope > .note").forEach((note) => note.remove());
  svg.append(...fresh.querySelectorAll(":scope > .note"));
  merge(svg.querySelector(":scope > .edges"), fresh.querySelector(":scope > .edges"), "data-edge", false);
  merge(svg.querySelector(":scope > .nodes"), fresh.querySelector(":scope > .nodes"), "data-id", true);
}

// Arrow keys go to the nearest card in that direction.
function walk(event) {
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const step = steps[event.key];
  const here = event.target.closest?.(".node");
  if (!step || !here) return;
  event.preventDefault();
  const from = place(here);
  let best = null;
  for (const node of here.parentNode.children) {
    const { x, y } = place(node);
    const ahead = (x - from.x) * step[0] + (y - from.y) * step[1];
    const aside = Math.abs((x - from.x) * step[1]) + Math.abs((y - from.y) * step[0]);
    if (node !== here && !node.dataset.leaving && ahead > 0 && (!best || ahead + 2 * aside < best.cost)) {
      best = { node, cost: ahead + 2 * aside };
    }
  }
  best?.node.focus();
}

function element(tag, className, properties = {}) {
  return Object.assign(document.createElement(tag), { className, ...properties });
}

function render({ model, el }) {
  const words = model.get("words");
  const root = element("div", "k8s-tutor-live");
  const stage = element("div", "stage");
  const bar = element("div", "bar");
  const button = element("button", "toggle", { type: "button" });
  const state = element("span", "state");
  const news = element("span", "news");
  const told = element("pre", "twin");
  const details = element("details", "");
  details.append(element("summary", "", { textContent: words.words }), told);
  news.setAttribute("role", "log");
  news.setAttribute("aria-live", "polite");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", words.region);
  bar.append(button, element("span", "pulse"), state, news);
  root.append(stage, bar, details);
  el.replaceChildren(root);

  let paused = false;
  let shown = -1;

  function update() {
    const frame = model.get("frame");
    if (!paused && frame.count !== shown) {
      redraw(stage, frame.svg);
      told.textContent = frame.twin;
      const latest = frame.news[frame.news.length - 1] || "";
      if (latest) news.replaceChildren(element("b", "", { textContent: latest }));
      news.title = frame.news.join("\n");
      shown = frame.count;
    }
    const waiting = frame.count - shown;
    button.textContent = paused ? words.play : words.pause;
    button.setAttribute("aria-pressed", String(paused));
    state.textContent = paused ? `${words.paused}${waiting ? ` (+${waiting})` : ""}` : words.following;
    root.classList.toggle("paused", paused);
  }

  function toggle() {
    paused = !paused;
    update();
  }

  button.addEventListener("click", toggle);
  stage.addEventListener("keydown", walk);
  model.on("change:frame", update);
  update();
  return () => {
    model.off("change:frame", update);
    el.replaceChildren();
  };
}

export default { render };
