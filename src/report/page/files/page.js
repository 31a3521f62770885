"use strict";
(() => {
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  const root = document.documentElement;

  // Light or dark: as the reader's system is, until the button says otherwise.
  const button = document.getElementById("theme");
  const show = theme => {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
  };
  show(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  button.hidden = false;
  button.addEventListener("click", () => show(root.dataset.theme === "dark" ? "light" : "dark"));
  let before = root.dataset.theme;
  addEventListener("beforeprint", () => { before = root.dataset.theme; show("light"); });
  addEventListener("afterprint", () => show(before));

  // A link into something closed opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Tables are sorted by a button in each head: figures by their values, the rest by their words.
  const sortable = table => {
    const heads = all("thead tr > *", table);
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return;
      const sort = document.createElement("button");
      sort.type = "button";
      sort.className = "sort";
      sort.textContent = "↕";
      sort.setAttribute("aria-label", "Sort by " + head.textContent.trim());
      head.append(sort);
      sort.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(other => {
          other.removeAttribute("aria-sort");
          if (other.querySelector(".sort")) other.querySelector(".sort").textContent = "↕";
        });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort.textContent = down ? "▼" : "▲";
        const by = row => row.children[column].dataset.by;
        const words = row => row.children[column].textContent.trim();
        const compare = (a, b) => {
          const [x, y] = [by(a), by(b)];
          if (x === undefined && y === undefined) return words(a).localeCompare(words(b), "en") * (down ? -1 : 1);
          // What has no figure stands last, either way.
          if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
          return (x - y) * (down ? -1 : 1);
        };
        body.append(...[...body.rows].sort(compare));
      });
    });
  };
  all("table.compared").forEach(sortable);

  // One cursor for all strips of a scenario, at one moment.
  const bent = (t, bend) => bend && Math.abs(t) > bend ? Math.sign(t) * bend * (1 + Math.log10(Math.abs(t) / bend)) : t;
  const straight = (x, bend) => bend && Math.abs(x) > bend ? Math.sign(x) * bend * 10 ** (Math.abs(x) / bend - 1) : x;
  const clock = t => {
    const size = Math.abs(t), sign = t < 0 ? "−" : "";
    if (size >= 7200) return sign + Math.floor(size / 3600) + " h " + Math.round(size % 3600 / 60) + " min";
    if (size >= 120) return sign + Math.floor(size / 60) + " min " + Math.round(size % 60) + " s";
    return sign + Number(size.toPrecision(3)) + " s";
  };
  const bin = (edges, t) => {
    if (!edges.length || t < edges[0] || t > edges[edges.length - 1]) return -1;
    let low = 0, high = edges.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= t) low = middle; else high = middle;
    }
    return low;
  };
  for (const charts of all(".charts")) {
    const figures = all("figure.strips", charts).map(figure => {
      const plot = figure.querySelector(".plot");
      const cursor = document.createElement("div");
      cursor.className = "cursor";
      cursor.hidden = true;
      cursor.append(document.createElement("b"));
      plot.append(cursor);
      const reads = JSON.parse(figure.querySelector(".reads").textContent);
      return { plot, cursor, reads, strips: all(".strip", plot) };
    });
    let moment = null;
    const point = t => {
      moment = t;
      for (const { plot, cursor, reads, strips } of figures) {
        const [low, high] = [bent(reads.low, reads.bend), bent(reads.high, reads.bend)];
        const inside = t !== null && t >= reads.low && t <= reads.high;
        cursor.hidden = !inside;
        plot.classList.toggle("pointed", inside);
        if (!inside) continue;
        cursor.style.left = (bent(t, reads.bend) - low) / (high - low) * 100 + "%";
        cursor.firstChild.textContent = clock(t);
        strips.forEach((strip, place) => {
          const { edges, layers } = reads.strips[place];
          const at = bin(edges, t);
          const known = layers.filter(({ values }) => values[at]).map(({ name, unit, values }) => values[at].toLocaleString("en") + unit + " " + name);
          strip.querySelector(".read").textContent = known.join(", ") || "nothing";
        });
      }
    };
    for (const { plot, reads } of figures) {
      const [low, high] = [bent(reads.low, reads.bend), bent(reads.high, reads.bend)];
      const moved = event => {
        const box = plot.getBoundingClientRect();
        const share = (event.clientX - box.left) / box.width;
        point(share < 0 || share > 1 ? null : straight(low + share * (high - low), reads.bend));
      };
      plot.addEventListener("pointermove", moved);
      plot.addEventListener("pointerdown", moved);
      plot.addEventListener("pointerleave", event => event.pointerType === "mouse" && point(null));
      plot.addEventListener("blur", () => point(null));
      plot.addEventListener("keydown", event => {
        const step = { ArrowLeft: -0.005, ArrowRight: 0.005 }[event.key];
        if (event.key === "Escape") point(null);
        if (!step) return;
        event.preventDefault();
        const now = bent(moment === null ? 0 : moment, reads.bend) + step * (high - low);
        point(straight(Math.min(Math.max(now, low), high), reads.bend));
      });
    }

    // Strategies are left out and brought back by buttons.
    const names = new Map();
    for (const strip of all(".strip", charts)) names.set(strip.dataset.who, strip.querySelector(".line a").textContent);
    if (names.size < 2) continue;
    const toggles = document.createElement("div");
    toggles.className = "tabs toggles";
    toggles.setAttribute("role", "group");
    toggles.setAttribute("aria-label", "Strategies shown");
    for (const [who, name] of names) {
      const toggle = document.createElement("button");
      toggle.type = "button";
      toggle.textContent = name;
      toggle.setAttribute("aria-pressed", "true");
      toggle.addEventListener("click", () => {
        const shown = toggle.getAttribute("aria-pressed") !== "true";
        toggle.setAttribute("aria-pressed", shown);
        all(".strip", charts).filter(strip => strip.dataset.who === who).forEach(strip => strip.classList.toggle("off", !shown));
      });
      toggles.append(toggle);
    }
    charts.querySelector(".tabs").after(toggles);
  }
})();
