// Opens pages from disk as readers do: sorts, points, toggles, prints, on a desk and on a phone, in light and in dark, with
// a script and without. node check.mjs PAGE...
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const MOST = { many: 12e6, default: 2e6 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// A page that must not say anything on the console, nor ask the network for anything.
async function open(file, options) {
  const context = await browser.newContext({ viewport: DESK, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.on("console", message => assert.fail(`the console says: ${message.text()}`));
  page.on("pageerror", error => assert.fail(`the script fails: ${error.stack}`));
  page.on("request", request => assert.equal(request.url().split("#")[0], url, "nothing is fetched"));
  await page.goto(url);
  return { page, done: () => context.close() };
}

// Policies forbid scripts from elsewhere, so axe comes by way of the debugger.
async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa"], resultTypes: ["violations"] }));
  const told = found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0].html}`);
  assert.deepEqual(told, [], `axe, ${what}`);
}

// No label covers another, and nothing is wider than the page.
async function tidy(page, what) {
  const found = await page.evaluate(() => {
    const root = document.documentElement;
    const problems = root.scrollWidth > innerWidth ? [`the page is ${root.scrollWidth} wide in ${innerWidth}`] : [];
    const groups = [...document.querySelectorAll(".axis, .values, .weighed svg")];
    for (const group of groups) {
      const labels = [...group.querySelectorAll("span, text")].map(label => [label.textContent.trim(), label.getBoundingClientRect()]);
      const seen = labels.filter(([, box]) => box.width > 0);
      seen.forEach(([name, a], at) => {
        for (const [other, b] of seen.slice(at + 1)) {
          const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
          if (over) problems.push(`"${name}" over "${other}" in ${group.className.baseVal ?? group.className}`);
        }
      });
    }
    return problems;
  });
  assert.deepEqual(found, [], what);
}

async function sorts(page) {
  const table = page.locator("table.compared").first();
  if (await table.locator("tbody tr").count() < 2) return;
  const by = () => table.evaluate(table => [...table.tBodies[0].rows].map(row => row.children[row.children.length - 1].dataset.by).filter(x => x).map(Number));
  const before = await by();
  const button = table.locator("thead button").last();
  await button.click();
  assert.deepEqual(await by(), before.toSorted((a, b) => a - b), "sorted upwards");
  assert.equal(await table.locator("thead [aria-sort]").getAttribute("aria-sort"), "ascending");
  await button.click();
  assert.deepEqual(await by(), before.toSorted((a, b) => b - a), "sorted downwards");
}

// The cursor stands in every strip, reads what lies beneath it, and goes on to the next chart.
async function points(page) {
  const plot = page.locator(".plot").first();
  const strip = plot.locator(".band").first();
  await strip.scrollIntoViewIfNeeded();
  const box = await strip.boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
  assert.ok(await plot.locator(".cursor").isVisible(), "a cursor");
  const at = await plot.locator(".cursor b").textContent();
  assert.match(at, /^−?[0-9.]+ (s|min|h)/, "it tells its time");
  const reads = await plot.locator(".strip .read").allTextContents();
  assert.ok(reads.length && reads.every(text => text.length > 0), "every strip is read");
  const wanted = await page.evaluate(() => {
    const figure = document.querySelector("figure.strips");
    const reads = JSON.parse(figure.querySelector(".reads").textContent);
    const share = parseFloat(figure.querySelector(".cursor").style.left) / 100;
    const bend = reads.bend ?? Infinity;
    const way = t => Math.abs(t) > bend ? Math.sign(t) * bend * (1 + Math.log10(Math.abs(t) / bend)) : t;
    return reads.strips.map(({ edges, layers }) => {
      const place = way(reads.low) + share * (way(reads.high) - way(reads.low));
      const bin = edges.findLastIndex(edge => way(edge) <= place + 1e-9);
      return layers.filter(({ values }) => values[bin]).map(({ name, unit, values }) => values[bin].toLocaleString("en") + unit + " " + name).join(", ") || "nothing";
    });
  });
  assert.deepEqual(reads, wanted, "it reads the figures");
  await page.mouse.move(2, 2);
  assert.ok(!await plot.locator(".cursor").isVisible(), "it leaves with the pointer");
  await plot.focus();
  await page.keyboard.press("ArrowRight");
  assert.ok(await plot.locator(".cursor").isVisible(), "the keyboard moves it too");
  await page.keyboard.press("Escape");
}

async function toggles(page) {
  const toggle = page.locator(".toggles button").first();
  if (await toggle.count()) {
    const name = await toggle.textContent();
    const strip = page.locator("figure.strips").first().locator(".strip", { has: page.getByRole("link", { name, exact: true }) });
    await toggle.click();
    assert.ok(!await strip.first().isVisible(), "a strategy is left out");
    await toggle.click();
    assert.ok(await strip.first().isVisible(), "and comes back");
  }
  for (const tab of await page.locator(".charts").first().locator("input[type=radio]").all()) {
    await tab.check();
    assert.equal(await page.locator(".charts").first().locator("figure:visible").count(), 1, "one chart at a time");
  }
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const before = await theme();
  await page.locator("#theme").click();
  assert.notEqual(await theme(), before, "the other theme");
  await page.locator("#theme").click();
}

// Each of a reviewer's questions is answered two clicks away at most.
async function answers(page) {
  for (const link of await page.locator(".asks").first().locator("a").all()) {
    await link.click();
    assert.ok(await page.locator(":target").first().isVisible(), `${await link.textContent()} leads somewhere`);
  }
  const strategy = page.locator("table.compared tbody th a").first();
  const id = (await strategy.getAttribute("href")).slice(1);
  await strategy.click();
  assert.ok(await page.locator(`[id="${id}"]`).evaluate(details => details.open), "a strategy's details open");
  const metric = page.locator(`[id="${id}"] a.metric`).first();
  if (await metric.count() && await metric.isVisible()) {
    await metric.click();
    assert.ok(await page.locator("dt:target").isVisible(), "a figure leads to its definition");
  }
}

async function without(file) {
  const { page, done } = await open(file, { javaScriptEnabled: false });
  for (const seen of ["h1, h2", "table.compared", "figure.strips .drawing", ".command"]) {
    assert.ok(await page.locator(seen).first().isVisible(), `${seen} without a script`);
  }
  await page.locator("details.strategy > summary").first().click();
  assert.ok(await page.locator("details.strategy > p").first().isVisible(), "details open without a script");
  await done();
}

for (const file of process.argv.slice(2)) {
  const name = file.split("/").at(-2);
  const size = statSync(file).size;
  assert.ok(size < (MOST[name] ?? MOST.default), `${name}: ${size} bytes`);
  const started = performance.now();
  const first = await open(file, {});
  const opened = Math.round(performance.now() - started);
  await tidy(first.page, `${name} on a desk`);
  await sorts(first.page);
  await points(first.page);
  await toggles(first.page);
  await answers(first.page);
  const pdf = await first.page.pdf({ format: "A4" });
  assert.ok(pdf.subarray(0, 4).toString() === "%PDF" && pdf.length > 10_000, `${name}: prints`);
  await first.done();
  for (const colorScheme of ["light", "dark"]) {
    const { page, done } = await open(file, { colorScheme });
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme);
    await accessible(page, `${name}, ${colorScheme}`);
    await page.setViewportSize(PHONE);
    await tidy(page, `${name} on a phone, ${colorScheme}`);
    await done();
  }
  await without(file);
  console.log(`${name}: ${size} bytes, open after ${opened} ms`);
}
await browser.close();
