// fastify with `pg` on the same PostgreSQL: a signed token (HMAC), the same 20 tasks as JSON.
// argv: port, database URL, secret, official's id, agency's id.
const crypto = require("node:crypto");
const fastify = require("fastify")();
const { Pool } = require("pg");

const [port, connectionString, secret] = process.argv.slice(2);
const pool = new Pool({ connectionString, max: 10 });
const SOON = 3 * 24 * 3600 * 1000;
const text = { type: "string" };
const properties = {
  id: text, document_id: text, assigner_id: text, content: text, deadline: text, state: text,
  bucket: text, part: { type: ["string", "null"] }, version: { type: "integer" },
};
const schema = { response: { 200: { type: "array", items: { type: "object", properties } } } };
const tasks = `
  SELECT task.id, task.document_id, task.assigner_id, task.content, task.deadline, task.state,
         task_part.part, task.version
  FROM task LEFT JOIN task_part ON task_part.task_id = task.id AND task_part.official_id = $1
  WHERE task.agency_id = $2
    AND (task.assigner_id = $1
         OR task.id IN (SELECT task_id FROM task_part WHERE official_id = $1))
    AND task.state NOT IN ('completed', 'declined', 'cancelled')
  ORDER BY task.deadline, task.id LIMIT 20`;

function claims(request) {
  const [head, body, signature] = request.headers.authorization.slice(7).split(".");
  const made = crypto.createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url");
  if (made !== signature) throw Object.assign(new Error("unauthorized"), { statusCode: 401 });
  return JSON.parse(Buffer.from(body, "base64url"));
}

function shown(row) {
  const left = row.deadline - Date.now();
  const bucket = left < 0 ? "overdue" : left <= SOON ? "due_soon" : "on_time";
  return { ...row, deadline: row.deadline.toISOString(), bucket };
}

fastify.get("/tasks", { schema }, async (request) => {
  const { sub, agency } = claims(request);
  const found = await pool.query({ name: "tasks", text: tasks, values: [sub, agency] });
  return found.rows.map(shown);
});
fastify.get("/", async () => ({ ok: true }));
fastify.listen({ port: Number(port), host: "127.0.0.1" });
