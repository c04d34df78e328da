"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;
  all(".needs-script").forEach((one) => { one.hidden = false; });

  // light and dark: the reader's choice beats the system's
  const theme = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("bofcheck-theme"); } catch { return null; } };
  const keep = (name) => { try { localStorage.setItem("bofcheck-theme", name); } catch { /* not allowed here */ } };
  const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; keep(root.dataset.theme); name(); });
  system.addEventListener("change", name);
  name();

  // filters: any of the pressed values of a group, in all groups that have one
  const claims = all(".claim");
  const buttons = all("#filters [data-group]");
  const find = byId("find");
  const text = new Map(claims.map((one) => [one, one.textContent.toLowerCase()]));
  const filter = (keep = true) => {
    const wanted = {};
    buttons.filter((one) => one.getAttribute("aria-pressed") === "true")
      .forEach((one) => { (wanted[one.dataset.group] ??= []).push(one.dataset.value); });
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    claims.forEach((one) => {
      const fits = Object.entries(wanted).every(([group, values]) => values.includes(one.dataset[group]))
        && words.every((word) => text.get(one).includes(word));
      one.hidden = !fits;
      count += fits;
    });
    all(".regime").forEach((one) => { one.hidden = !one.querySelector(".claim:not([hidden])"); });
    byId("none").hidden = count > 0;
    byId("shown").textContent = `${count} of ${claims.length} shown`;
    if (!keep) return;
    const query = Object.entries(wanted).map(([group, values]) =>
      `${group}=${values.map(encodeURIComponent).join(",")}`);
    if (words.length) query.push(`find=${encodeURIComponent(find.value.trim())}`);
    if (query.length || location.hash.includes("=")) history.replaceState(null, "", `#${query.join("&")}`);
  };
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));
  buttons.forEach((one) => one.addEventListener("click", () => {
    press(one, one.getAttribute("aria-pressed") !== "true");
    filter();
  }));
  find.addEventListener("input", () => filter());
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  const reset = () => { buttons.forEach((one) => press(one, false)); find.value = ""; filter(); };
  byId("reset").addEventListener("click", reset);
  byId("open-all").addEventListener("click", () => claims.forEach((one) => { if (!one.hidden) one.open = true; }));
  byId("close-all").addEventListener("click", () => claims.forEach((one) => { one.open = false; }));

  // a claim shows its figures once it is opened; each picture is in the page only once
  const show = (claim) => {
    const place = claim.querySelector(".copies");
    if (!claim.open || place.childElementCount) return;
    all(".see", claim).forEach((link) => {
      const picture = byId(link.dataset.figure)?.querySelector("img");
      if (!picture) return;
      const copy = picture.cloneNode();
      copy.removeAttribute("loading");
      place.append(copy);
    });
  };
  claims.forEach((one) => one.addEventListener("toggle", () => show(one)));

  // #verdict=VIOLATED,ERODES&regime=harmful presses the filters; #B4 is the first claim of that id
  const filtered = (hash) => {
    const wanted = new Map(hash.split("&").map((part) => {
      const [group, values = ""] = part.split("=");
      return [group, values.split(",").map(decodeURIComponent)];
    }));
    buttons.forEach((one) => press(one, (wanted.get(one.dataset.group) ?? []).includes(one.dataset.value)));
    find.value = wanted.get("find")?.join(",") ?? "";
    filter(false);
    byId("claims").scrollIntoView({ behavior: "instant" });
  };
  // a link to a claim or a cell opens what hides it
  const reveal = () => {
    const hash = location.hash.slice(1);
    if (/^\w+=/.test(hash)) { filtered(hash); return; }
    const name = decodeURIComponent(hash);
    const target = hash && (byId(name)
      ?? claims.find((one) => one.dataset.id.toLowerCase() === name.toLowerCase()));
    if (!target) return;
    if (!target.closest("#figures") && (target.hidden || target.closest("[hidden]"))) reset();
    if (target.closest("#figures figure")) chosen(target.id);
    for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    target.scrollIntoView({ behavior: "instant" });
  };

  // one figure at a time, or all
  const choose = byId("choose");
  const chosen = (anchor) => {
    if (!choose) return;
    choose.value = anchor;
    all("#figures figure").forEach((one) => { one.hidden = anchor !== "" && one.id !== anchor; });
  };
  choose?.addEventListener("change", () => chosen(choose.value));
  if (choose) chosen(choose.options[1].value);

  addEventListener("hashchange", reveal);
  reveal();

  all(".link").forEach((button) => button.addEventListener("click", async () => {
    const address = `${location.href.split("#")[0]}#${button.dataset.anchor}`;
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(address);
      button.textContent = "Copied";
    } catch {
      location.hash = button.dataset.anchor;
      button.textContent = "In the address bar";
    }
    setTimeout(() => { button.textContent = before; }, 1500);
  }));

  all(".copy").forEach((button) => button.addEventListener("click", async () => {
    const source = byId(button.dataset.copy);
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = before; }, 1500);
  }));
})();
