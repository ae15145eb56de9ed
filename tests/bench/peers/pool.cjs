// nodemailer's pool, composing one letter for each name: node pool.cjs PORT SESSIONS COUNT LETTER.json
const fs = require("node:fs");
const nodemailer = require("nodemailer");

const [port, sessions, count] = process.argv.slice(2, 5).map(Number);
const letter = JSON.parse(fs.readFileSync(process.argv[5], "utf8"));
const pool = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port, secure: false, ignoreTLS: true,
  maxConnections: sessions, maxMessages: Infinity,
});

function mail(number) {
  const name = `Reader ${number % 997}`;
  const filled = (text) => text.replaceAll(letter.name, name);
  return {
    from: letter.from, to: `reader${number}@readers.example`, subject: filled(letter.subject),
    text: filled(letter.text), html: filled(letter.html), headers: letter.headers,
  };
}

async function main() {
  let next = 0, sent = 0;
  // As many at once as there are sessions, twice over: the pool is never without work, and never holds the whole list.
  await Promise.all(Array.from({ length: sessions * 2 }, async () => {
    while (next < count) {
      await pool.sendMail(mail(next++));
      sent += 1;
    }
  }));
  pool.close();
  console.log(sent);
}

console.log("ready");
process.stdin.once("data", () => main().then(() => process.exit(0)));
