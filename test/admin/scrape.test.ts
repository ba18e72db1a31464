import { expect, test } from "bun:test";
import { limitScrapes } from "../../src/admin/scrape.ts";

const OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";

/** Scrapes that take `costMs` each; what is made is numbered. */
function scraper(costMs: number) {
  let nowMs = 1000;
  let made = 0;
  const scrape = (accept: string) => {
    nowMs += costMs;
    return { contentType: accept, body: `${++made}` };
  };
  const limited = limitScrapes(scrape, () => nowMs);
  return (afterMs: number, accept = "text/plain") => {
    nowMs += afterMs;
    return limited(accept);
  };
}

test("metrics are made at most a tenth of the time, and repeated in between", async () => {
  const scrape = scraper(20);
  const made = await Promise.all([0, 0, 199, 1, 0, 100, 99, 1].map((afterMs) => scrape(afterMs)));
  expect(made.map(({ body }) => body)).toEqual(["1", "1", "1", "2", "2", "2", "2", "3"]);
});

test("what costs nothing is always fresh", async () => {
  const scrape = scraper(0);
  expect([(await scrape(0)).body, (await scrape(0)).body]).toEqual(["1", "2"]);
});

test("where others have to be asked, nobody asks them twice at a time, nor soon after", async () => {
  let nowMs = 1000;
  const asked: ((body: string) => void)[] = [];
  const scrape = () => new Promise<string>((resolve) => asked.push(resolve));
  const limited = limitScrapes(
    async () => ({ contentType: "", body: await scrape() }),
    () => nowMs,
  );
  const both = [limited(""), limited("")];
  nowMs += 20;
  asked[0]!("1");
  expect((await Promise.all(both)).map(({ body }) => body)).toEqual(["1", "1"]);
  nowMs += 199;
  await limited("");
  expect(asked).toHaveLength(1);
  nowMs += 1;
  void limited("");
  expect(asked).toHaveLength(2);
});

test("both formats are kept apart", () => {
  const scrape = scraper(20);
  expect(scrape(0, OPEN_METRICS)).toEqual({ contentType: OPEN_METRICS, body: "1" });
  expect(scrape(0)).toEqual({ contentType: "text/plain", body: "2" });
  expect(scrape(0, OPEN_METRICS)).toEqual({ contentType: OPEN_METRICS, body: "1" });
});
